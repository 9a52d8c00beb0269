// Everything a fresh clone needs before JupyterLab or the tests can run: npm packages, a .venv with
// JupyterLab, the compiled module, the Plotly extension. Each step leaves a stamp with a digest of
// what it was made from: a second run skips it, a half-finished one is simply done again. Only
// Node's own modules are used here.
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import { build } from "../build.mjs";
import * as commands from "../commands.mjs";
import {
  checkNode,
  findPython,
  NETWORK,
  npmCommand,
  npmStamp,
  npmStampFile,
  packagesReady,
  pythonReady,
  pythonStamp,
  requirements,
  venvStampFile,
  whyNoPackages,
} from "../environment.mjs";
import {
  isMain,
  reportAndExit,
  root,
  runQuietly,
  SetupError,
  step,
  venv,
  venvPython,
} from "../kit.mjs";
import { linkQuietly } from "../native/native.mjs";
import { renewAndSay } from "./copies.mjs";
import { readableDiffs } from "./git.mjs";
import { writeHome } from "./home.mjs";
import { installKernelspec } from "./kernelspec.mjs";
import { installPlotly } from "./plotly.mjs";

const DISK = /ENOSPC|No space left on device/i;

function explain(what, output, again) {
  const tail = output.trim().split("\n").slice(-12).join("\n");
  if (DISK.test(output))
    return new SetupError(
      `${what} failed: the disk is full (the course needs about 2 GB).`,
      "Free some space, then run the command again.",
    );
  if (NETWORK.test(output)) {
    return new SetupError(
      `${what} failed: the package registry could not be reached. The first set-up needs ` +
        "the network once; after that everything works offline.",
      `Check the connection (or the proxy settings of npm and pip), then run \`${again}\` ` +
        `again.\n${tail}`,
    );
  }
  return new SetupError(
    `${what} failed.`,
    `${tail}\n\nMend that, then run \`${again}\` again: it goes on where it stopped.`,
  );
}

async function installPackages(again) {
  const why = whyNoPackages();
  if (why === undefined) return false;
  if (/another machine/.test(why)) console.log(`${why}: installing them anew.`);
  const { command, args } = npmCommand();
  // Tools that the lessons need are "dev" to npm, which leaves them out where NODE_ENV=production.
  const wanted = ["--include=dev", "--include=optional", "--no-audit", "--no-fund"];
  const result = await runQuietly(command, [...args, "ci", ...wanted]);
  if (result.status !== 0) throw explain("Installing the npm packages", result.output, again);
  writeFileSync(npmStampFile, npmStamp());
  const still = whyNoPackages();
  if (still !== undefined)
    throw new SetupError(
      `npm said that it installed the packages, but they are not all there (${still}).`,
      "Is there a setting of npm that leaves some out (npm config list)? Remove it, then run " +
        `\`${again}\` again.`,
    );
}

async function installJupyter(again) {
  if (pythonReady()) return false;
  const { command, args } = findPython();
  rmSync(venv, { recursive: true, force: true, maxRetries: 3 });
  const made = await runQuietly(command, [...args, "-m", "venv", venv]);
  if (made.status !== 0) {
    if (/ensurepip|No module named venv/.test(made.output)) {
      throw new SetupError(
        `${command} has no working \`venv\` module.`,
        "On Debian and Ubuntu: sudo apt install python3-venv. Elsewhere: install Python " +
          "from python.org. Then run the command again.",
      );
    }
    throw explain("Making the Python environment .venv", made.output, again);
  }
  const pip = await runQuietly(venvPython, [
    "-m",
    "pip",
    "install",
    "--disable-pip-version-check",
    "-q",
    "-r",
    requirements,
  ]);
  if (pip.status !== 0) throw explain("Installing JupyterLab", pip.output, again);
  writeFileSync(venvStampFile, pythonStamp());
}

/**
 * Brings the checkout into working order. Cheap when nothing is to be done (a few digests).
 * @param again the command to name in error messages
 */
export async function setup({ again = "npm start" } = {}) {
  checkNode();
  const fresh = !packagesReady() || !pythonReady();
  if (fresh) {
    findPython(); // before minutes of downloads, not after
    console.log("Setting up the course (once; npm packages and JupyterLab, about 1.2 GB on disk).");
  }
  // The two installers wait for the network most of the time: side by side they take as long as the
  // slower one.
  const results = await Promise.allSettled([
    step("npm packages", () => installPackages(again)),
    step("JupyterLab in .venv", () => installJupyter(again)),
  ]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  await step("compiling the module llm", async () => build({ quiet: true }));
  // The native engine lives outside node_modules, which npm may have made anew.
  if (existsSync(join(root, "native"))) linkQuietly();
  await step("Plotly for JupyterLab", async () => installPlotly());
  await step("the kernel for VS Code", async () => installKernelspec());
  readableDiffs();
}

// `npm run setup`: all that `npm start` does before it opens JupyterLab.
if (isMain(import.meta.url)) {
  commandLine(commands.setup);
  setup({ again: "npm run setup" }).then(writeHome).then(renewAndSay).catch(reportAndExit);
}
