// `npm run native`: TensorFlow itself as the tensor engine. tfjs-node-gpu's install script would download a library
// from a host that many networks block, so the addon is compiled here from the sources in its npm package, against
// TensorFlow 2.21 from its PyPI wheel, with the small addition of ./native-addon.mjs. Everything is kept in native/ (git-ignored), which `npm ci` leaves alone;
// `linkNative()` puts it back under node_modules in milliseconds. Nothing of it is fatal: without it the wasm engine runs.
// `npm run native -- --cuda` makes native/cuda beside native/cpu: TensorFlow's GPU wheel, and the CUDA 12 libraries that
// it opens when it sees a GPU, where it looks for them ($ORIGIN/../nvidia/*/lib). Versions and checksums: ./native.json.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createReadStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { ADDON, addonSources } from "./native-addon.mjs";
import { checkNode, findPython, packagesReady, root, step } from "./setup.mjs";

const pins = JSON.parse(readFileSync(new URL("./native.json", import.meta.url), "utf8"));
const marker = `${pins.tensorflow} addon ${ADDON}\n`;
const native = join(root, "native");
const tfjsNode = join(root, "node_modules", "@tensorflow", "tfjs-node-gpu");
/** The better one first: it works without a GPU too. */
const variants = ["cuda", "cpu"];
const homeOf = (variant) => join(native, variant);
const isThere = (variant) => existsSync(join(homeOf(variant), "OK"));

/** Why the native engine cannot be had here; one sentence, and what would change it. */
export class NativeUnavailable extends Error {}

const run = (command, args, options) => spawnSync(command, args, { encoding: "utf8", ...options });
const lastLines = (result) =>
  `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ?? ""}`.trim().split("\n").slice(-4).join("\n");

/** A quick look at what must be there before anything is downloaded. */
export function checkMachine(variant = "cpu") {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new NativeUnavailable(
      `TensorFlow's wheel is used on x86-64 Linux only so far, and this is ${process.platform} ${process.arch}.`,
    );
  }
  const { glibcVersionRuntime } = process.report.getReport().header;
  if (!glibcVersionRuntime)
    throw new NativeUnavailable(
      "this system's C library is not glibc (musl?), which TensorFlow's wheel needs.",
    );
  if (Number(glibcVersionRuntime.split(".")[1]) < 27)
    throw new NativeUnavailable(
      `TensorFlow's wheel needs glibc 2.27 or newer, and this is ${glibcVersionRuntime}.`,
    );
  if (run("g++", ["--version"]).status !== 0)
    throw new NativeUnavailable("no C++ compiler was found (on Debian and Ubuntu: sudo apt install g++).");
  const { needsGB } = pins[variant];
  const { bavail, bsize } = statfsSync(root);
  if (bavail * bsize < needsGB * 1e9)
    throw new NativeUnavailable(
      `it needs ${needsGB} GB of free disk, and ${((bavail * bsize) / 1e9).toFixed(1)} GB are left.`,
    );
}

/** Where node_api.h is: beside node itself, in Debian's place, or where $NODE_INCLUDE says. */
function nodeHeaders() {
  const places = [
    process.env.NODE_INCLUDE,
    join(dirname(process.execPath), "..", "include", "node"),
    "/usr/include/node",
    "/usr/local/include/node",
  ];
  const found = places.find((place) => place && existsSync(join(place, "node_api.h")));
  if (!found)
    throw new NativeUnavailable(
      "Node's headers (node_api.h) were not found; on Debian and Ubuntu: sudo apt install libnode-dev, or set NODE_INCLUDE.",
    );
  return found;
}

async function sha256(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** Platform tags that the pinned wheels carry; pip matches each exactly. */
const PLATFORMS = ["manylinux_2_27", "manylinux_2_17", "manylinux2014", "manylinux1"];

async function downloadWheel(folder, { package: name, version, sha256: pinned }) {
  const { command, args } = findPython();
  const wheelIn = () =>
    existsSync(folder) &&
    readdirSync(folder).find((file) => file.startsWith(`${name.replaceAll("-", "_")}-${version}-`));
  if (!wheelIn()) {
    mkdirSync(folder, { recursive: true });
    const platform = [
      "--no-deps",
      "--only-binary=:all:",
      "--implementation",
      "cp",
      "--python-version",
      "3.11",
    ];
    for (const tag of PLATFORMS) platform.push("--platform", `${tag}_x86_64`);
    const quiet = ["--quiet", "--disable-pip-version-check", "--no-cache-dir"];
    const pip = run(command, [
      ...args,
      "-m",
      "pip",
      "download",
      ...quiet,
      ...platform,
      "--dest",
      folder,
      `${name}==${version}`,
    ]);
    if (pip.status !== 0 || !wheelIn())
      throw new NativeUnavailable(
        /No space left/.test(pip.stderr ?? "")
          ? "the disk is full."
          : `the wheel ${name} ${version} could not be downloaded:\n${lastLines(pip)}`,
      );
  }
  const wheel = join(folder, wheelIn());
  if ((await sha256(wheel)) !== pinned) {
    rmSync(wheel, { force: true });
    throw new NativeUnavailable(
      `the downloaded wheel of ${name} has another SHA-256 than the pinned one; it was deleted. Run the command again.`,
    );
  }
  return wheel;
}

// Only the C headers that the addon includes and the libraries it links are taken out of the 1 GB in TensorFlow's wheel.
const UNPACK = `
import os, shutil, sys, zipfile
wheel, out, *take = sys.argv[1:]
headers = ("tensorflow/c/", "tensorflow/core/platform/ctstring", "tsl/platform/ctstring", "xla/tsl/c/")
libraries = ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        inner = name[len("tensorflow/include/"):] if name.startswith("tensorflow/include/") else None
        if inner and inner.startswith(headers) and inner.endswith(".h"):
            target = os.path.join(out, "include", inner)
        elif name.startswith("tensorflow/") and os.path.basename(name) in libraries and name.count("/") == 1:
            target = os.path.join(out, "lib", os.path.basename(name))
        elif name in take:
            take.remove(name)
            target = os.path.join(out, name)
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        if "/bin/" in name:
            os.chmod(target, 0o755)
if take:
    sys.exit("not in the wheel: " + ", ".join(take))
`;

function unpack(wheel, folder, take = []) {
  const { command, args } = findPython();
  const done = run(command, [...args, "-c", UNPACK, wheel, folder, ...take]);
  if (done.status !== 0)
    throw new NativeUnavailable(
      /No space left/.test(done.stderr ?? "")
        ? "the disk is full."
        : `the wheel could not be unpacked:\n${lastLines(done)}`,
    );
  if (take.length > 0) return;
  const lib = join(folder, "lib");
  for (const file of readdirSync(lib)) run("strip", ["--strip-unneeded", join(lib, file)]); // 1.1 GB → 0.6 GB; harmless if strip is missing
  symlinkSync("libtensorflow_cc.so.2", join(lib, "libtensorflow.so"));
  symlinkSync("libtensorflow_framework.so.2", join(lib, "libtensorflow_framework.so"));
}

function compile(folder) {
  const addon = join(folder, "addon");
  mkdirSync(addon, { recursive: true });
  const patched = join(folder, "sources");
  const sources = addonSources(join(tfjsNode, "binding"), patched);
  const include = [`-I${nodeHeaders()}`, `-I${join(folder, "include")}`];
  const link = [
    `-L${join(folder, "lib")}`,
    "-ltensorflow",
    "-ltensorflow_framework",
    "-Wl,-rpath,$ORIGIN/../lib",
  ];
  const flags = ["-O2", "-std=c++17", "-shared", "-fPIC", "-DNAPI_VERSION=8", "-DBUILDING_NODE_EXTENSION"];
  const done = run("g++", [
    ...flags,
    ...include,
    ...sources,
    ...link,
    "-o",
    join(addon, "tfjs_binding.node"),
  ]);
  if (done.status !== 0) throw new NativeUnavailable(`the addon does not compile here:\n${lastLines(done)}`);
  rmSync(patched, { recursive: true, force: true });
}

/** An addon that an older version of this file made: it works, but its additions are missing or other ones. */
const isOlder = (variant) => readFileSync(join(homeOf(variant), "OK"), "utf8") !== marker;

/** Compiles the addon again beside the libraries that are there; the old one stays until the new one is whole. */
async function refresh(variant) {
  checkMachine(variant);
  const home = homeOf(variant);
  const work = `${home}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const part of ["include", "lib"]) symlinkSync(join(home, part), join(work, part));
  await step("compiling the addon again", async () => compile(work));
  renameSync(join(work, "addon", "tfjs_binding.node"), join(home, "addon", "tfjs_binding.node"));
  rmSync(work, { recursive: true, force: true });
  writeFileSync(join(home, "OK"), marker);
}

function relink(link, target) {
  const there = lstatSync(link, { throwIfNoEntry: false });
  if (there) rmSync(link, { recursive: true, force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(target, link, "junction");
}

/**
 * Puts the compiled addon where tfjs-node-gpu looks for it, and lets the package name tfjs-node mean the same.
 * @param variant which one; the CUDA one where there are both
 * @returns the variant, undefined if there is none
 */
export function linkNative(variant = variants.find(isThere)) {
  if (!variant || !isThere(variant) || !existsSync(tfjsNode)) return undefined;
  relink(join(tfjsNode, "lib", "napi-v8"), join(homeOf(variant), "addon"));
  relink(join(root, "node_modules", "@tensorflow", "tfjs-node"), tfjsNode);
  return variant;
}

/** Whether `npm run native` would probably work here and has not been run: what `npm start` offers. */
export function couldInstallNative() {
  if (variants.some(isThere)) return false;
  try {
    checkMachine();
    nodeHeaders();
    return true;
  } catch {
    return false;
  }
}

/**
 * Loads the engine in a process of its own: a library that crashes must not take this one with it.
 * @returns libtensorflow's version, and why it does not use a GPU, if it does not
 */
function probe() {
  const script = `const { tf, useEngine } = require("llm/engine");
    useEngine({ quiet: true }).then(({ name, reasons }) => {
      if (!["cuda", "native"].includes(name)) throw new Error(reasons.join("; "));
      if (tf.matMul([[2]], [[3]]).dataSync()[0] !== 6) process.exit(3);
      console.log(JSON.stringify({ version: tf.backend().binding.TF_Version, gpu: name === "cuda", reason: reasons[0] }));
    });`;
  const result = run(process.execPath, ["-e", script], {
    cwd: root,
    timeout: 300_000,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3", LLM_ENGINE: "" },
  });
  if (result.status !== 0)
    throw new NativeUnavailable(`the addon was built but does not run:\n${lastLines(result)}`);
  return JSON.parse(result.stdout.trim().split("\n").pop());
}

/**
 * Makes the native engine if it is not there yet.
 * @param options.cuda the one that uses NVIDIA GPUs
 * @returns libtensorflow's version, whether a GPU is used or why not, and whether anything was made
 */
export async function installNative({ cuda = false } = {}) {
  checkNode();
  if (!packagesReady())
    throw new NativeUnavailable(
      "the npm packages are not installed yet: run `npm start` or `npm test` once first.",
    );
  const variant = cuda ? "cuda" : (variants.find(isThere) ?? "cpu");
  if (linkNative(variant)) {
    const older = isOlder(variant);
    if (older) await refresh(variant);
    return { ...probe(), made: older };
  }
  checkMachine(variant);
  nodeHeaders();
  const home = homeOf(variant);
  const work = `${home}.part`;
  const downloads = join(native, "wheel");
  rmSync(work, { recursive: true, force: true });
  for (const wheel of pins[variant].wheels) {
    // Unpacked and deleted one by one: all the CUDA wheels together would take 2.5 GB more.
    const file = await step(`downloading ${wheel.package} ${wheel.version}`, () =>
      downloadWheel(downloads, wheel),
    );
    await step(`unpacking ${wheel.package}`, async () => unpack(file, work, wheel.take));
    if (wheel.take) rmSync(file, { force: true });
  }
  await step("compiling the addon", async () => compile(work));
  rmSync(home, { recursive: true, force: true });
  renameSync(work, home);
  writeFileSync(join(home, "OK"), marker);
  linkNative(variant);
  try {
    const state = probe();
    rmSync(downloads, { recursive: true, force: true });
    return { ...state, made: true };
  } catch (error) {
    rmSync(join(home, "OK"), { force: true }); // an addon that does not run must not be taken by the next start
    rmSync(join(tfjsNode, "lib"), { recursive: true, force: true });
    linkNative(); // the other variant, if it is there
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const cuda = process.argv.includes("--cuda");
  try {
    const { version, made, gpu, reason } = await installNative({ cuda });
    console.log(
      `${made ? "Ready" : "Already there"}: libtensorflow ${version} in native/. useEngine() takes it from now on.`,
    );
    if (cuda && !gpu) console.log(`${reason}; it computes on the CPU.`);
  } catch (error) {
    if (!(error instanceof NativeUnavailable)) throw error;
    rmSync(`${homeOf(cuda ? "cuda" : "cpu")}.part`, { recursive: true, force: true }); // up to 4 GB
    const other = linkNative();
    console.log(
      `The ${cuda ? "CUDA" : "native"} engine is not available: ${error.message}\nThe course goes on with ${other ? "the native engine on the CPU" : "the wasm engine"}; nothing else changes.`,
    );
    if (process.argv.includes("--strict")) process.exit(1);
  }
}
