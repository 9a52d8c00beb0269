// `npm run native`: TensorFlow itself as the tensor engine; then ./kernels. tfjs-node-gpu's
// install script would download a library from a host that many networks block, so the addon is
// compiled here from the sources in its npm package, against TensorFlow 2.21 from its PyPI wheel,
// with the small addition of ./addon.mjs. Everything is kept in native/ (git-ignored), which `npm
// ci` leaves alone. Nothing of it is fatal: without it the wasm engine runs. `npm run native --
// --cuda` makes native/cuda beside native/cpu: TensorFlow's GPU wheel, and the CUDA 12 libraries
// that it opens when it sees a GPU, where it looks for them ($ORIGIN/../nvidia/*/lib). Versions
// and checksums: ./pins.json. A variant is made in native/VARIANT.part, loaded once in a process
// of its own, renamed, and only then marked with a file OK: a run that is killed anywhere leaves
// no engine or a whole one, and the next run begins again.
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import { build } from "../build.mjs";
import * as commands from "../commands.mjs";
import { checkNode, packagesReady } from "../environment.mjs";
import { isMain, reportAndExit, root, runQuietly, step } from "../kit.mjs";
import { ADDON, addonSources } from "./addon.mjs";
import { installKernels } from "./kernels.mjs";
import {
  asUnavailable,
  checkMachine,
  failed,
  findCompiler,
  NativeUnavailable,
  native,
  pins,
} from "./machine.mjs";
import { isTried, platformOf, wheelsFor } from "./platforms.mjs";
import {
  downloadWheel,
  forgetDownloads,
  nodeHeaders,
  pythonWithPip,
  unpackWheel,
} from "./wheel.mjs";

/** What is written into OK: of which wheels, then with which addon. */
const wheelsOf = (variant) =>
  `${pins.tensorflow}${pins[variant].revision ? ` wheels ${pins[variant].revision}` : ""}`;
const markerOf = (variant) => `${wheelsOf(variant)} addon ${ADDON}\n`;
const tfjsNode = join(root, "node_modules", "@tensorflow", "tfjs-node-gpu");
const require = createRequire(import.meta.url);

/**
 * Where the library is and how tfjs-node finds it is known to the engine, which may be asked before
 * it is compiled.
 */
function engine() {
  build({ quiet: true });
  return require(join(root, "dist/engine/native/link.js"));
}

/**
 * For `npm start`: puts an engine that is there back into node_modules after `npm ci`, and never
 * fails.
 */
export function linkQuietly() {
  try {
    return engine().linkNative();
  } catch {
    return undefined; // useEngine tries again, and says why not
  }
}

/** Why `npm run native` would not work here, as one sentence; undefined where it probably would. */
export function whyNotNative(variant) {
  try {
    checkMachine(variant);
    return undefined;
  } catch (error) {
    return asUnavailable(error).message;
  }
}

/**
 * What `npm start` says about the engine, if there is anything to say: `once` where it need not be
 * said again.
 */
export function offer() {
  const { available, homeOf } = engine();
  const variant = available();
  if (variant)
    return isOlder(variant, homeOf(variant))
      ? {
          line:
            "The native engine here was made by an older version of the course: npm run " +
            `native${variant === "cuda" ? " -- --cuda" : ""} (half a minute) renews it.`,
        }
      : undefined;
  if (whyNotNative()) return undefined;
  const gpu = existsSync("/dev/nvidiactl") && !whyNotNative("cuda");
  const command = gpu
    ? `npm run native -- --cuda (an NVIDIA GPU is here; ${pins.cuda.needsGB} GB of disk)`
    : `npm run native (optional, a minute, ${pins.cpu.needsGB} GB of disk while it is made` +
      `${isTried() ? "" : "; nobody has tried it on this kind of machine"})`;
  return { line: `Faster training: ${command}`, once: true };
}

async function compile(folder) {
  const addon = join(folder, "addon");
  mkdirSync(addon, { recursive: true });
  const patched = join(folder, "sources");
  const sources = addonSources(join(tfjsNode, "binding"), patched);
  const flags = [
    "-O2",
    "-std=c++17",
    "-shared",
    "-fPIC",
    "-DNAPI_VERSION=8",
    "-DBUILDING_NODE_EXTENSION",
  ];
  const include = [`-I${await nodeHeaders()}`, `-I${join(folder, "include")}`];
  const libraries = [`-L${join(folder, "lib")}`, "-ltensorflow", "-ltensorflow_framework"];
  const out = [...platformOf().link, "-o", join(addon, "tfjs_binding.node")];
  const done = await runQuietly(findCompiler(), [
    ...flags,
    ...include,
    ...sources,
    ...libraries,
    ...out,
  ]);
  if (done.status !== 0) throw failed("the addon does not compile here", done.output);
  rmSync(patched, { recursive: true, force: true });
}

/** In a process of its own, so that a library that crashes takes nothing with it. */
async function inChild(script, args = []) {
  const child = await runQuietly(process.execPath, ["-e", script, ...args], {
    env: { TF_CPP_MIN_LOG_LEVEL: "3", LLM_ENGINE: "", NODE_OPTIONS: "" },
    timeout: 300_000,
  });
  if (child.status !== 0)
    throw failed(
      "the addon was built but does not run",
      child.output || `ended by ${child.signal ?? child.status}`,
    );
  return child.output;
}

const load = (addon) => inChild("require(process.argv[1])", [addon]);

/** @returns libtensorflow's version, and why it does not use a GPU, if it does not */
async function probe() {
  const output = await inChild(`const { tf, useEngine } = require("llm/engine");
    useEngine({ quiet: true }).then(({ name, reasons }) => {
      if (!["cuda", "native"].includes(name)) throw new Error(reasons.join("; "));
      if (tf.matMul([[2]], [[3]]).dataSync()[0] !== 6) throw new Error("2 · 3 is not 6");
      const version = tf.backend().binding.TF_Version;
      console.log(JSON.stringify({ version, gpu: name === "cuda", reason: reasons[0] }));
    });`);
  const line = output.split("\n").find((text) => text.startsWith('{"version"'));
  if (!line) throw failed("the addon was built but does not run", output);
  return JSON.parse(line);
}

const okOf = (home) => readFileSync(join(home, "OK"), "utf8");
/**
 * An addon that an older version of this file made: it works, but its additions are missing or
 * other ones.
 */
const isOlder = (variant, home) => okOf(home) !== markerOf(variant);

/**
 * Compiles the addon again beside the libraries that are there; the old one stays until the new one
 * is whole.
 */
async function refresh(home) {
  const work = `${home}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const part of ["include", "lib"]) symlinkSync(join(home, part), join(work, part));
  await step("compiling the addon again", async () => {
    await compile(work);
    await load(join(work, "addon", "tfjs_binding.node"));
  });
  renameSync(join(work, "addon", "tfjs_binding.node"), join(home, "addon", "tfjs_binding.node"));
  rmSync(work, { recursive: true, force: true });
}

/** From nothing to a folder that loads. */
async function make(variant, home) {
  await nodeHeaders();
  pythonWithPip();
  const work = `${home}.part`;
  rmSync(work, { recursive: true, force: true });
  for (const wheel of wheelsFor(pins[variant].wheels)) {
    // Unpacked and deleted one by one: all the CUDA wheels together would take 2.5 GB more.
    const file = await step(`downloading ${wheel.package} ${wheel.version}`, () =>
      downloadWheel(wheel),
    );
    await step(`unpacking ${wheel.package}`, () => unpackWheel(file, work, wheel.take));
    if (wheel.take) rmSync(file, { force: true });
  }
  await step("compiling the addon", async () => {
    await compile(work);
    await load(join(work, "addon", "tfjs_binding.node"));
  });
  rmSync(home, { recursive: true, force: true });
  renameSync(work, home);
}

/** One at a time: two would take each other's half-made files away. */
async function alone(work) {
  mkdirSync(native, { recursive: true });
  const lock = join(native, "lock");
  try {
    closeSync(openSync(lock, "wx"));
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const other = Number(readFileSync(lock, "utf8"));
    if (isRunning(other))
      throw new NativeUnavailable(
        `it is being made by process ${other} already (if not, delete ${lock} and run the ` +
          "command again).",
      );
  }
  writeFileSync(lock, String(process.pid));
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function isRunning(id) {
  if (!id || id === process.pid) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/**
 * Makes the native engine if it is not there yet.
 * @param options.cuda the one that uses NVIDIA GPUs
 * @returns libtensorflow's version, whether a GPU is used or why not, and whether anything was made
 * @throws NativeUnavailable with the one sentence why not
 */
async function installNative({ cuda = false } = {}) {
  const { available, homeOf, isThere, linkNative, unlinkNative } = engine();
  const variant = cuda ? "cuda" : (available() ?? "cpu");
  const home = homeOf(variant);
  if (isThere(variant) && !isOlder(variant, home)) {
    linkNative(variant);
    try {
      return { ...(await probe()), made: false };
    } catch (error) {
      if (!(error instanceof NativeUnavailable)) throw error;
      console.log("The engine that is there does not run: making it again.");
      rmSync(join(home, "OK"));
    }
  }
  checkMachine(variant);
  return alone(async () => {
    try {
      const sameWheels = isThere(variant) && okOf(home).startsWith(`${wheelsOf(variant)} addon`);
      await (sameWheels ? refresh(home) : make(variant, home));
    } catch (error) {
      rmSync(`${home}.part`, { recursive: true, force: true }); // up to 4 GB
      // Otherwise they are kept: the next run has them.
      if (/disk/.test(asUnavailable(error).message)) forgetDownloads();
      throw error;
    }
    writeFileSync(join(home, "OK"), markerOf(variant));
    linkNative(variant);
    try {
      const state = await probe();
      forgetDownloads();
      return { ...state, made: true };
    } catch (error) {
      rmSync(join(home, "OK"));
      rmSync(home, { recursive: true, force: true });
      unlinkNative();
      linkNative(); // the other variant, if it is there
      throw error;
    }
  });
}

/**
 * The kernels for inference, which need a compiler only.
 * @param quiet where a sentence has been said already
 */
async function withKernels({ quiet }) {
  try {
    await installKernels({ quiet });
  } catch (error) {
    if (!(asUnavailable(error) instanceof NativeUnavailable)) throw error;
    if (!quiet) console.log(`Without the native kernels: ${asUnavailable(error).message}`);
  }
}

async function main() {
  const { cuda, strict } = commandLine(commands.native).values;
  checkNode();
  try {
    if (!packagesReady())
      throw new NativeUnavailable(
        "the npm packages are not installed yet: run `npm start` or `npm test` once first.",
      );
    const { version, made, gpu, reason } = await installNative({ cuda });
    console.log(
      `${made ? "Ready" : "Already there"}: libtensorflow ${version} in native/. ` +
        "useEngine() takes it from now on.",
    );
    if (cuda && !gpu) console.log(`${reason}; it computes on the CPU.`);
    await withKernels({ quiet: false });
  } catch (thrown) {
    const error = asUnavailable(thrown);
    if (!(error instanceof NativeUnavailable)) throw error;
    const other = packagesReady() && linkQuietly();
    console.log(
      `The ${cuda ? "CUDA" : "native"} engine is not available: ${error.message}\nThe ` +
        `course goes on with ${other ? "the native engine on the CPU" : "the wasm engine"}; ` +
        "nothing else changes.",
    );
    // where TensorFlow never can be, the kernels may be possible all the same
    if (packagesReady() && whyNotNative()) await withKernels({ quiet: true });
    if (strict) process.exit(1);
  }
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
