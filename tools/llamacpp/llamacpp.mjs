// `npm run llamacpp`: the real llama.cpp, ready compiled: the npm package node-llama-cpp with the
// one package of programs that this platform needs. It goes into llamacpp/ (git-ignored), never
// among the course's own packages (../optIn.mjs), once llama.cpp has started there. Left out:
// programs for GPUs, and platforms other than Linux on x64.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { isMain, reportAndExit, root, runQuietly, SetupError } from "../kit.mjs";
import { installOptIn, pinsIn } from "../optIn.mjs";

const packages = pinsIn(new URL("./pins.json", import.meta.url));
const LATER = "No lesson needs llama.cpp: it judges what the course writes for it.";

/** Where it is, or would be; LLM_LLAMACPP names another checkout's folder. */
export const llamaCppFolder = () => process.env.LLM_LLAMACPP ?? join(root, "llamacpp");

/** The module's entry in a folder; undefined where it has not been installed. */
export function llamaCppEntry(folder = llamaCppFolder()) {
  const file = join(folder, "node_modules", "node-llama-cpp", "dist", "index.js");
  return existsSync(file) ? pathToFileURL(file).href : undefined;
}

/** What a fresh process does with it before it counts as installed. */
const START = fileURLToPath(new URL("./start.mjs", import.meta.url));

/** @throws SetupError where it does not start */
async function tryStart(part) {
  const entry = llamaCppEntry(part);
  const started = entry
    ? await runQuietly(process.execPath, [START, entry], {
        timeout: 120_000,
      })
    : { status: 1, output: "its module is missing" };
  if (started.status !== 0)
    throw new SetupError(
      `llama.cpp does not start on this machine: ${started.output.trim().slice(0, 400)}`,
      LATER,
    );
}

async function main() {
  commandLine(commands.llamacpp);
  const place = join(root, "llamacpp");
  if (!llamaCppEntry(place)) {
    const platform = `${process.platform}-${process.arch}`;
    if (platform !== "linux-x64")
      throw new SetupError(
        `llama.cpp is set up here for linux-x64 only, and this machine is ${platform}.`,
        LATER,
      );
    await installOptIn(place, {
      ...{ name: "llama.cpp", packages, later: LATER, finish: tryStart },
      flag: "--omit=optional",
    });
  }
  console.log("llama.cpp is in llamacpp/. What it is for: docs/models.md");
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
