// A process of its own for one engine: it runs the cases that ./operations sends and answers with
// reports. An operation may end the process (TensorFlow aborts where it finds a fault of its own):
// ./operations sees which case that was.
import { compile, currentEngine, tf, useEngine } from "llm/engine/index.js";
import { draw } from "./cases.mjs";
import { catalogue } from "./catalogue/index.mjs";
import { Guards } from "./guards.mjs";
import { run } from "./run.mjs";

const [wanted] = process.argv.slice(2);
const prefer = wanted === "compiled" ? "native" : wanted;
await useEngine({ prefer: /** @type {"js"} */ (prefer), quiet: true });
const send = (/** @type {unknown} */ message) => process.send?.(message);
const guards = prefer === "wasm" ? new Guards(tf) : undefined;

process.on("message", async (/** @type {{ name: string, seeds: number[] }} */ { name, seeds }) => {
  for (const seed of seeds) {
    const entry = catalogue[name];
    const one = draw(name, entry, seed, name in tf.Tensor.prototype);
    const report = await run(tf, entry, one, {
      slopes: prefer === "js",
      compile: wanted === "compiled" ? (fn) => compile(fn, { name }) : undefined,
    });
    send({ name, seed, report, overwritten: guards?.check() ?? false });
  }
});
send({ ready: currentEngine().name === prefer ? wanted : currentEngine().name });
