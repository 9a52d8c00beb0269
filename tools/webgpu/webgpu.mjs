// `npm run gpu`: the WebGPU engine, for a GPU of any make: Dawn, Chromium's WebGPU, as the npm
// package `webgpu`, and tfjs's kernels for it. Both go into webgpu/ (git-ignored), never among the
// course's own packages. Versions and checksums are pinned (./pins.json). Of Dawn's five compiled
// libraries only this platform's is kept. The folder is made beside its place and moved there when
// whole, so that a run that is cut short leaves none.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import { build } from "../build.mjs";
import * as commands from "../commands.mjs";
import { NETWORK, npmCommand } from "../environment.mjs";
import { isMain, reportAndExit, root, runQuietly, SetupError, step } from "../kit.mjs";

const { about: _, ...packages } = JSON.parse(
  readFileSync(new URL("./pins.json", import.meta.url), "utf8"),
);
const LATER = "Without it the course runs on the wasm engine, which needs no set-up.";

/** The folder of a platform's library inside the package `webgpu`. */
export const libraryOf = (platform = process.platform, arch = process.arch) =>
  `${platform}-${platform === "darwin" ? "universal" : arch}`;

/** Where it is, or would be, and whether it is whole. */
export const webGpuFolder = (base = root) => join(base, "webgpu");
export const hasWebGpu = (base = root) =>
  existsSync(join(webGpuFolder(base), "node_modules", "webgpu", "dist", libraryOf(), "dawn.node"));

const lastLines = (output) => output.trim().split("\n").slice(-5).join("\n");

/** Keeps one platform's library. @throws SetupError where there is none for this one */
export function keepOne(folder, wanted = libraryOf()) {
  const dist = join(folder, "node_modules", "webgpu", "dist");
  const there = readdirSync(dist);
  if (!there.includes(wanted))
    throw new SetupError(
      `WebGPU is compiled for ${there.join(", ")}, and this machine is ${wanted}.`,
      LATER,
    );
  for (const name of there)
    if (name !== wanted) rmSync(join(dist, name), { recursive: true, force: true });
}

/** @throws SetupError where a package is another one than the pinned */
export function checkPins(folder, pins = packages) {
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  for (const [name, { integrity }] of Object.entries(pins))
    if (lock.packages[`node_modules/${name}`]?.integrity !== integrity)
      throw new SetupError(
        `The downloaded package ${name} has another checksum than the pinned one.`,
        `It was thrown away. ${LATER}`,
      );
}

async function install(part) {
  const { command, args } = npmCommand();
  const wanted = Object.entries(packages).map(([name, { version }]) => `${name}@${version}`);
  // The course has tfjs-core; a second one beside it would have engines of its own.
  const how = ["--legacy-peer-deps", "--ignore-scripts", "--no-audit", "--no-fund"];
  const place = ["--prefix", part, "--workspaces=false"];
  const done = await runQuietly(command, [...args, "install", ...place, ...how, ...wanted], {
    cwd: part,
  });
  if (done.status !== 0)
    throw new SetupError(
      NETWORK.test(done.output)
        ? "WebGPU could not be downloaded: npm reached no registry."
        : `WebGPU could not be installed: ${lastLines(done.output)}`,
      `Run the command again later. ${LATER}`,
    );
  checkPins(part);
  keepOne(part);
}

/** What the engine says of itself, or why it does not start. */
async function tryEngine() {
  build({ quiet: true });
  const code =
    "require('llm/engine').useEngine({ prefer: 'webgpu' })" +
    ".then(({ name, reasons }) => { if (name !== 'webgpu') console.log(reasons[0]); });";
  const { output } = await runQuietly(process.execPath, ["-e", code], { timeout: 120_000 });
  return output.trim().split("\n").pop();
}

async function main() {
  commandLine(commands.gpu);
  const place = webGpuFolder();
  if (!hasWebGpu()) {
    const part = `${place}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part);
    try {
      writeFileSync(join(part, "package.json"), '{ "private": true }\n');
      await step(`installing WebGPU (${Object.keys(packages).join(", ")})`, () => install(part));
      rmSync(place, { recursive: true, force: true });
      renameSync(part, place);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  }
  console.log(`WebGPU is in webgpu/. ${await tryEngine()}`);
  console.log("Which engine is for whom: docs/engines.md");
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
