"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.unlinkNative = exports.linkNative = exports.POLYFILL = exports.available = exports.isThere = exports.homeOf = void 0;
// Where the native engine's compiled library is, and how tfjs-node finds it. `npm run native` keeps
// it in native/cpu or native/cuda, outside node_modules, so that `npm ci` leaves it alone, while
// tfjs-node looks for its addon in its own package. A symbolic link joins the two. It is made here,
// again after every `npm ci`, by the first process that needs it. No tfjs is imported, because
// tools/native/native.mjs uses this file, too.
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
/** The better one first: it works without a GPU, too. */
const variants = ["cuda", "cpu"];
/** The checkout: this file is in src/engine/native or dist/engine/native. */
const root = (0, node_path_1.join)(__dirname, "..", "..", "..");
/** The folder of a variant, and whether it is complete: OK is written last. */
const homeOf = (variant, base = root) => (0, node_path_1.join)(base, "native", variant);
exports.homeOf = homeOf;
const isThere = (variant, base = root) => (0, node_fs_1.existsSync)((0, node_path_1.join)((0, exports.homeOf)(variant, base), "OK"));
exports.isThere = isThere;
/** The variant to use: the best that is there, undefined if there is none. */
const available = (base = root) => variants.find((variant) => (0, exports.isThere)(variant, base));
exports.available = available;
const packagesOf = (base) => (0, node_path_1.join)(base, "node_modules", "@tensorflow");
/**
 * Two functions of node:util that tfjs-node calls. Node 22 prints a warning about them in the
 * middle of a cell, and Node 23 does not have them.
 */
exports.POLYFILL = "(function (util) { util.isNullOrUndefined = (x) => x === null || x === undefined; " +
    'util.isArray = Array.isArray; })(require("util")); // llm: polyfill\n';
/**
 * Makes the packages @tensorflow/tfjs-node-gpu and @tensorflow/tfjs-node use the native library,
 * also for code that imports them directly. Costs nothing where it has been done.
 * @param wanted which one; the best that is there by default
 * @returns the variant; undefined if it is not there, or the npm package is not
 * @throws Error of node:fs where node_modules cannot be written
 */
function linkNative(wanted, base = root) {
    const variant = wanted ?? (0, exports.available)(base);
    const gpu = (0, node_path_1.join)(packagesOf(base), "tfjs-node-gpu");
    if (!variant || !(0, exports.isThere)(variant, base) || !(0, node_fs_1.existsSync)((0, node_path_1.join)(gpu, "package.json")))
        return undefined;
    link((0, node_path_1.join)(gpu, "lib", "napi-v8"), (0, node_path_1.join)((0, exports.homeOf)(variant, base), "addon"));
    link((0, node_path_1.join)(packagesOf(base), "tfjs-node"), gpu);
    polyfill((0, node_path_1.join)(gpu, "dist", "index.js"));
    return variant;
}
exports.linkNative = linkNative;
/** Removes the link: without it tfjs-node finds no addon, and the wasm engine runs. */
function unlinkNative(base = root) {
    (0, node_fs_1.rmSync)((0, node_path_1.join)(packagesOf(base), "tfjs-node-gpu", "lib"), { recursive: true, force: true });
}
exports.unlinkNative = unlinkNative;
/**
 * The library may have been moved with its checkout, so it is not enough that the link is there:
 * its target is looked at.
 */
function link(place, target) {
    const there = (0, node_fs_1.lstatSync)(place, { throwIfNoEntry: false });
    if (there?.isSymbolicLink() && sameFile(place, target))
        return;
    if (there)
        (0, node_fs_1.rmSync)(place, { recursive: true, force: true });
    (0, node_fs_1.mkdirSync)((0, node_path_1.dirname)(place), { recursive: true });
    try {
        (0, node_fs_1.symlinkSync)(target, place, "junction");
    }
    catch (error) {
        // Several processes may do this at once; the first one wins.
        if (error.code !== "EEXIST" || !sameFile(place, target))
            throw error;
    }
}
function sameFile(a, b) {
    const [one, other] = [a, b].map(fileBehind);
    return one !== undefined && one === other;
}
/** Device and number of the file behind a path; undefined where a link leads nowhere. */
function fileBehind(path) {
    try {
        const { dev, ino } = (0, node_fs_1.statSync)(path);
        return `${dev} ${ino}`;
    }
    catch {
        return undefined;
    }
}
/**
 * Writes another file and renames it: the package's own file may be shared with other checkouts
 * through hard links.
 */
function polyfill(main) {
    const text = (0, node_fs_1.readFileSync)(main, "utf8");
    if (text.includes(exports.POLYFILL))
        return;
    const clean = text.replace(/^.*\/\/ llm: .*\n/gm, ""); // an older one
    const temporary = `${main}.${process.pid}`;
    (0, node_fs_1.writeFileSync)(temporary, clean.replace(/^("use strict";\n)?/, (directive) => directive + exports.POLYFILL));
    (0, node_fs_1.renameSync)(temporary, main);
}
