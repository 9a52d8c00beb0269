// `npm run llamacpp`: the real llama.cpp, ready compiled: the npm package node-llama-cpp with the
// one package of programs that this platform needs. It goes into llamacpp/ (git-ignored), never
// among the course's own packages. Versions and checksums are pinned (./pins.json). The folder is
// made beside its place and moved there when llama.cpp has started once, so that a run that is cut
// short leaves none. Left out: programs for GPUs, and platforms other than Linux on x64.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { NETWORK, npmCommand } from "../environment.mjs";
import { isMain, reportAndExit, root, runQuietly, SetupError, step } from "../kit.mjs";

const { about: _, ...packages } = JSON.parse(
  readFileSync(new URL("./pins.json", import.meta.url), "utf8"),
);
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

const lastLines = (output) => output.trim().split("\n").slice(-5).join("\n");

async function install(part) {
  const { command, args } = npmCommand();
  const wanted = Object.entries(packages).map(([name, { version }]) => `${name}@${version}`);
  const how = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund"];
  const place = ["--prefix", part, "--workspaces=false"];
  const done = await runQuietly(command, [...args, "install", ...place, ...how, ...wanted], {
    cwd: part,
  });
  if (done.status !== 0)
    throw new SetupError(
      NETWORK.test(done.output)
        ? "llama.cpp could not be downloaded: npm reached no registry."
        : `llama.cpp could not be installed: ${lastLines(done.output)}`,
      `Run the command again later. ${LATER}`,
    );
  const lock = JSON.parse(readFileSync(join(part, "package-lock.json"), "utf8"));
  for (const [name, { integrity }] of Object.entries(packages))
    if (lock.packages[`node_modules/${name}`]?.integrity !== integrity)
      throw new SetupError(
        `The downloaded package ${name} has another checksum than the pinned one.`,
        `It was thrown away. ${LATER}`,
      );
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
    const part = `${place}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part);
    try {
      writeFileSync(join(part, "package.json"), '{ "private": true }\n');
      await step(`installing llama.cpp (${Object.keys(packages).join(", ")})`, () => install(part));
      rmSync(place, { recursive: true, force: true });
      renameSync(part, place);
    } finally {
      rmSync(part, { recursive: true, force: true });
    }
  }
  console.log("llama.cpp is in llamacpp/. What it is for: docs/models.md");
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
