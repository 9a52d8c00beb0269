// `npm run gpu`: the WebGPU engine, for a GPU of any make: Dawn, Chromium's WebGPU, as the npm
// package `webgpu`, and tfjs's kernels for it. Both go into webgpu/ (git-ignored), never among the
// course's own packages (../optIn.mjs). Of Dawn's five compiled libraries only this platform's is
// kept.
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import { build } from "../build.mjs";
import * as commands from "../commands.mjs";
import { isMain, reportAndExit, root, runQuietly, SetupError } from "../kit.mjs";
import { checkPins as checkAll, installOptIn, pinsIn } from "../optIn.mjs";

const packages = pinsIn(new URL("./pins.json", import.meta.url));
const LATER = "Without it the course runs on the wasm engine, which needs no set-up.";

/** The folder of a platform's library inside the package `webgpu`. */
export const libraryOf = (platform = process.platform, arch = process.arch) =>
  `${platform}-${platform === "darwin" ? "universal" : arch}`;

/** Where it is, or would be, and whether it is whole. */
export const webGpuFolder = (base = root) => join(base, "webgpu");
export const hasWebGpu = (base = root) =>
  existsSync(join(webGpuFolder(base), "node_modules", "webgpu", "dist", libraryOf(), "dawn.node"));

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
export const checkPins = (folder, pins = packages) => checkAll(folder, pins, LATER);

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
  if (!hasWebGpu())
    await installOptIn(place, {
      ...{ name: "WebGPU", packages, later: LATER, finish: (folder) => keepOne(folder) },
      // The course has tfjs-core; a second one beside it would have engines of its own.
      flag: "--legacy-peer-deps",
    });
  console.log(`WebGPU is in webgpu/. ${await tryEngine()}`);
  console.log("Which engine is for whom: docs/engines.md");
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
