// `npm run native`: TensorFlow itself as the tensor engine. tfjs-node-gpu's install script would download a library
// from a host that many networks block, so the addon is compiled here from the sources in its npm package, against
// TensorFlow 2.21 from its PyPI wheel, with the small addition of ./native-addon.mjs. Everything is kept in native/ (git-ignored), which `npm ci` leaves alone;
// `linkNative()` puts it back under node_modules in milliseconds. Nothing of it is fatal: without it the wasm engine runs.
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

const TENSORFLOW = "2.21.0";
const WHEEL = {
  package: "tensorflow-cpu",
  sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
  needs: 1.6, // GB while it is unpacked
};
const marker = `${TENSORFLOW} addon ${ADDON}\n`;
const home = join(root, "native", "cpu");
const _addonFile = join(home, "addon", "tfjs_binding.node");
const tfjsNode = join(root, "node_modules", "@tensorflow", "tfjs-node-gpu");

/** Why the native engine cannot be had here; one sentence, and what would change it. */
export class NativeUnavailable extends Error {}

const run = (command, args, options) => spawnSync(command, args, { encoding: "utf8", ...options });
const lastLines = (result) =>
  `${result.stdout ?? ""}${result.stderr ?? ""}${result.error ?? ""}`.trim().split("\n").slice(-4).join("\n");

/** A quick look at what must be there before anything is downloaded. */
function checkMachine() {
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
  const { bavail, bsize } = statfsSync(root);
  if (bavail * bsize < WHEEL.needs * 1e9)
    throw new NativeUnavailable(
      `it needs ${WHEEL.needs} GB of free disk, and ${((bavail * bsize) / 1e9).toFixed(1)} GB are left.`,
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

async function downloadWheel(folder) {
  const { command, args } = findPython();
  const kept = existsSync(folder) && readdirSync(folder).find((file) => file.endsWith(".whl"));
  if (!kept) {
    mkdirSync(folder, { recursive: true });
    const platform = [
      "--no-deps",
      "--only-binary=:all:",
      "--implementation",
      "cp",
      "--python-version",
      "3.11",
      "--platform",
      "manylinux_2_27_x86_64",
    ];
    const pip = run(command, [
      ...args,
      "-m",
      "pip",
      "download",
      "--quiet",
      "--disable-pip-version-check",
      ...platform,
      "--dest",
      folder,
      `${WHEEL.package}==${TENSORFLOW}`,
    ]);
    if (pip.status !== 0)
      throw new NativeUnavailable(
        `the wheel ${WHEEL.package} ${TENSORFLOW} could not be downloaded:\n${lastLines(pip)}`,
      );
  }
  const wheel = join(
    folder,
    readdirSync(folder).find((file) => file.endsWith(".whl")),
  );
  if ((await sha256(wheel)) !== WHEEL.sha256) {
    rmSync(folder, { recursive: true, force: true });
    throw new NativeUnavailable(
      "the downloaded wheel has another SHA-256 than the pinned one; it was deleted. Run `npm run native` again.",
    );
  }
  return wheel;
}

// Only the C headers that the addon includes and the two libraries it links are taken out of the 1 GB in the wheel.
const UNPACK = `
import os, shutil, sys, zipfile
wheel, out = sys.argv[1:]
headers = ("tensorflow/c/", "tensorflow/core/platform/ctstring", "tsl/platform/ctstring", "xla/tsl/c/")
libraries = ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        inner = name[len("tensorflow/include/"):] if name.startswith("tensorflow/include/") else None
        if inner and inner.startswith(headers) and inner.endswith(".h"):
            target = os.path.join(out, "include", inner)
        elif name.startswith("tensorflow/") and os.path.basename(name) in libraries and name.count("/") == 1:
            target = os.path.join(out, "lib", os.path.basename(name))
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
`;

function unpack(wheel, folder) {
  const { command, args } = findPython();
  const done = run(command, [...args, "-c", UNPACK, wheel, folder]);
  if (done.status !== 0) throw new NativeUnavailable(`the wheel could not be unpacked:\n${lastLines(done)}`);
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

/** An addon that an older version of this file made: it works, but its `compile` is missing or another one. */
const isOlder = () => readFileSync(join(home, "OK"), "utf8") !== marker;

/** Compiles the addon again beside the libraries that are there; the old one stays until the new one is whole. */
async function refresh() {
  checkMachine();
  const work = `${home}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  for (const part of ["include", "lib"]) symlinkSync(join(home, part), join(work, part));
  await step("compiling the addon again", async () => compile(work));
  renameSync(join(work, "addon", "tfjs_binding.node"), addonFile);
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
 * @returns whether there is an addon
 */
export function linkNative() {
  if (!existsSync(join(home, "OK")) || !existsSync(tfjsNode)) return false;
  relink(join(tfjsNode, "lib", "napi-v8"), join(home, "addon"));
  relink(join(root, "node_modules", "@tensorflow", "tfjs-node"), tfjsNode);
  return true;
}

/** Loads the engine in a process of its own: a library that crashes must not take this one with it. */
function probe() {
  const script = `const { tf, useEngine } = require("llm/engine");
    useEngine({ prefer: "native", quiet: true }).then(({ name }) => {
      if (name !== "native" || tf.matMul([[2]], [[3]]).dataSync()[0] !== 6) process.exit(3);
      console.log(tf.backend().binding.TF_Version);
    });`;
  const result = run(process.execPath, ["-e", script], {
    cwd: root,
    timeout: 120_000,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
  });
  if (result.status !== 0)
    throw new NativeUnavailable(`the addon was built but does not run:\n${lastLines(result)}`);
  return result.stdout.trim().split("\n").pop();
}

/** Makes the native engine if it is not there yet. @returns libtensorflow's version */
export async function installNative() {
  checkNode();
  if (!packagesReady())
    throw new NativeUnavailable(
      "the npm packages are not installed yet: run `npm start` or `npm test` once first.",
    );
  if (linkNative()) {
    const older = isOlder();
    if (older) await refresh();
    return { version: probe(), made: older };
  }
  checkMachine();
  nodeHeaders();
  const work = `${home}.part`;
  rmSync(work, { recursive: true, force: true });
  const wheel = await step(`downloading ${WHEEL.package} ${TENSORFLOW}`, () =>
    downloadWheel(join(root, "native", "wheel")),
  );
  await step("unpacking the libraries", async () => unpack(wheel, work));
  await step("compiling the addon", async () => compile(work));
  rmSync(home, { recursive: true, force: true });
  renameSync(work, home);
  writeFileSync(join(home, "OK"), marker);
  linkNative();
  try {
    const version = probe();
    rmSync(join(root, "native", "wheel"), { recursive: true, force: true });
    return { version, made: true };
  } catch (error) {
    rmSync(join(home, "OK"), { force: true }); // an addon that does not run must not be taken by the next start
    rmSync(join(tfjsNode, "lib"), { recursive: true, force: true });
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { version, made } = await installNative();
    console.log(
      `${made ? "Ready" : "Already there"}: libtensorflow ${version} in native/. useEngine() takes it from now on.`,
    );
  } catch (error) {
    if (!(error instanceof NativeUnavailable)) throw error;
    console.log(
      `The native engine is not available: ${error.message}\nThe course goes on with the wasm engine; nothing else changes.`,
    );
    if (process.argv.includes("--strict")) process.exit(1);
  }
}
