// Where the native engine's compiled library is, and how tfjs-node finds it. `npm run native` keeps
// it in native/cpu or native/cuda, outside node_modules, so that `npm ci` leaves it alone, while
// tfjs-node looks for its addon in its own package. A symbolic link joins the two. It is made here,
// again after every `npm ci`, by the first process that needs it. No tfjs is imported, because
// tools/native/native.mjs uses this file, too.
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

export type Variant = "cuda" | "cpu";

/** The better one first: it works without a GPU, too. */
const variants: readonly Variant[] = ["cuda", "cpu"];

/** The checkout: this file is in src/engine/native or dist/engine/native. */
const root = join(__dirname, "..", "..", "..");

/** The folder of a variant, and whether it is complete: OK is written last. */
export const homeOf = (variant: Variant, base = root): string => join(base, "native", variant);
export const isThere = (variant: Variant, base = root): boolean =>
  existsSync(join(homeOf(variant, base), "OK"));

/** The variant to use: the best that is there, undefined if there is none. */
export const available = (base = root): Variant | undefined =>
  variants.find((variant) => isThere(variant, base));

const packagesOf = (base: string) => join(base, "node_modules", "@tensorflow");

/**
 * Two functions of node:util that tfjs-node calls. Node 22 prints a warning about them in the
 * middle of a cell, and Node 23 does not have them.
 */
export const POLYFILL =
  "(function (util) { util.isNullOrUndefined = (x) => x === null || x === undefined; " +
  'util.isArray = Array.isArray; })(require("util")); // llm: polyfill\n';

/**
 * Makes the packages @tensorflow/tfjs-node-gpu and @tensorflow/tfjs-node use the native library,
 * also for code that imports them directly. Costs nothing where it has been done.
 * @param wanted which one; the best that is there by default
 * @returns the variant; undefined if it is not there, or the npm package is not
 * @throws Error of node:fs where node_modules cannot be written
 */
export function linkNative(wanted?: Variant, base = root): Variant | undefined {
  const variant = wanted ?? available(base);
  const gpu = join(packagesOf(base), "tfjs-node-gpu");
  if (!variant || !isThere(variant, base) || !existsSync(join(gpu, "package.json")))
    return undefined;
  link(join(gpu, "lib", "napi-v8"), join(homeOf(variant, base), "addon"));
  link(join(packagesOf(base), "tfjs-node"), gpu);
  polyfill(join(gpu, "dist", "index.js"));
  return variant;
}

/** Removes the link: without it tfjs-node finds no addon, and the wasm engine runs. */
export function unlinkNative(base = root): void {
  rmSync(join(packagesOf(base), "tfjs-node-gpu", "lib"), { recursive: true, force: true });
}

/**
 * The library may have been moved with its checkout, so it is not enough that the link is there:
 * its target is looked at.
 */
function link(place: string, target: string): void {
  const there = lstatSync(place, { throwIfNoEntry: false });
  if (there?.isSymbolicLink() && sameFile(place, target)) return;
  if (there) rmSync(place, { recursive: true, force: true });
  mkdirSync(dirname(place), { recursive: true });
  try {
    symlinkSync(target, place, "junction");
  } catch (error) {
    // Several processes may do this at once; the first one wins.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !sameFile(place, target)) throw error;
  }
}

function sameFile(a: string, b: string): boolean {
  const [one, other] = [a, b].map(fileBehind);
  return one !== undefined && one === other;
}

/** Device and number of the file behind a path; undefined where a link leads nowhere. */
function fileBehind(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev} ${ino}`;
  } catch {
    return undefined;
  }
}

/**
 * Writes another file and renames it: the package's own file may be shared with other checkouts
 * through hard links.
 */
function polyfill(main: string): void {
  const text = readFileSync(main, "utf8");
  if (text.includes(POLYFILL)) return;
  const clean = text.replace(/^.*\/\/ llm: .*\n/gm, ""); // an older one
  const temporary = `${main}.${process.pid}`;
  writeFileSync(
    temporary,
    clean.replace(/^("use strict";\n)?/, (directive) => directive + POLYFILL),
  );
  renameSync(temporary, main);
}
