// What the generator knows: for every function of tfjs that a learner could call, how its arguments
// are drawn. A name that is neither here nor in ./excluded fails a test.
import { elementwise } from "./elementwise.mjs";
import { images } from "./images.mjs";
import { indexed } from "./indexed.mjs";
import { layers } from "./layers.mjs";
import { losses } from "./losses.mjs";
import { makers } from "./makers.mjs";
import { matrices } from "./matrices.mjs";
import { moves } from "./moves.mjs";
import { others } from "./others.mjs";
import { reductions } from "./reductions.mjs";

/** @type {Record<string, import("../cases.mjs").Entry>} */
export const catalogue = {
  ...elementwise,
  ...reductions,
  ...moves,
  ...indexed,
  ...matrices,
  ...layers,
  ...makers,
  ...images,
  ...losses,
  ...others,
};
