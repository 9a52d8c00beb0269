// Everything a fresh clone needs before JupyterLab or the tests can run: npm packages, a .venv with JupyterLab,
// the compiled module, the Plotly extension. Each step leaves a stamp with a digest of what it was made from:
// a second run skips it, a half-finished one is simply done again. Only Node's own modules are used here.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, isMain, root } from "./build.mjs";

export { root };
export const windows = process.platform === "win32";
const venv = join(root, ".venv");
export const venvPython = join(venv, windows ? "Scripts/python.exe" : "bin/python");
const requirements = join(root, "jupyter", "requirements.txt");
const MINIMUM_NODE = [20, 19];
const MINIMUM_PYTHON = [3, 10];

/** A problem the user can mend: shown as one sentence and a command, without a stack. */
export class SetupError extends Error {
  constructor(message, mend) {
    super(message);
    this.mend = mend;
  }
}

const digest = (...texts) => createHash("sha256").update(texts.join("\0")).digest("hex");
const read = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");
const older = (version, minimum) =>
  version[0] < minimum[0] || (version[0] === minimum[0] && version[1] < minimum[1]);

export function checkNode() {
  const version = process.versions.node.split(".").map(Number);
  if (older(version, MINIMUM_NODE)) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: the course needs Node ${MINIMUM_NODE.join(".")} or newer.`,
      "Install the current LTS release of Node (nodejs.org, or your package manager), then run the command again.",
    );
  }
}

/** The first Python ≥ 3.10 among $LLM_PYTHON, python3.13 … python3, python and Windows' launcher. */
export function findPython() {
  const named = process.env.LLM_PYTHON ? [[process.env.LLM_PYTHON]] : [];
  const candidates = [
    ...named,
    ["python3"],
    ["python"],
    ["python3.13"],
    ["python3.12"],
    ["python3.11"],
    ["python3.10"],
    ...(windows ? [["py", "-3"]] : []),
  ];
  let tooOld;
  for (const [command, ...args] of candidates) {
    const probe = spawnSync(command, [...args, "-c", "import sys; print(*sys.version_info[:3])"], {
      encoding: "utf8",
    });
    if (probe.status !== 0) continue;
    const version = probe.stdout.trim().split(" ").map(Number);
    if (!older(version, MINIMUM_PYTHON)) return { command, args, version: version.join(".") };
    tooOld ??= `${command} is ${version.join(".")}`;
  }
  throw new SetupError(
    tooOld
      ? `Python is too old (${tooOld}): JupyterLab needs Python ${MINIMUM_PYTHON.join(".")} or newer.`
      : "No Python was found: JupyterLab needs Python 3.10 or newer.",
    "Install Python (python.org, or your package manager); if it has another name, set LLM_PYTHON to it.",
  );
}

export const NETWORK =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|network is unreachable|Failed to establish a new connection|Temporary failure in name resolution|No matching distribution found|Could not find a version|Max retries exceeded|ENETUNREACH|request to .* failed/i;
const DISK = /ENOSPC|No space left on device/i;

/** Runs a command without a shell; its output is kept and shown only if it fails. */
export function runQuietly(command, args, { env, cwd = root, timeout } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd,
      timeout,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("error", (error) => done({ status: -1, output: String(error) }));
    child.on("close", (status, signal) => done({ status, signal, output }));
  });
}

function explain(what, output, again) {
  const tail = output.trim().split("\n").slice(-12).join("\n");
  if (DISK.test(output))
    return new SetupError(
      `${what} failed: the disk is full (the course needs about 2 GB).`,
      "Free some space, then run the command again.",
    );
  if (NETWORK.test(output)) {
    return new SetupError(
      `${what} failed: the package registry could not be reached. The first set-up needs the network once; after that everything works offline.`,
      `Check the connection (or the proxy settings of npm and pip), then run \`${again}\` again.\n${tail}`,
    );
  }
  return new SetupError(
    `${what} failed.`,
    `${tail}\n\nMend that, then run \`${again}\` again: it goes on where it stopped.`,
  );
}

const running = new Map(); // label → when it began
let ticker;

function drawRunning() {
  const parts = [...running].map(
    ([label, start]) => `${label} … ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  process.stdout.write(`\r\x1b[K${parts.join(" · ")}`);
}

/** Runs one step of the set-up; shows what is under way in a terminal, and a line with its time when it is done. */
export async function step(label, work) {
  const start = performance.now();
  const live = process.stdout.isTTY;
  running.set(label, start);
  if (live) ticker ??= setInterval(drawRunning, 500);
  const say = (text) =>
    console.log(
      `${live ? "\r\x1b[K" : ""}${label}: ${text} ${((performance.now() - start) / 1000).toFixed(0)} s`,
    );
  try {
    const did = await work();
    if (did !== false) say("done in");
    return did;
  } catch (error) {
    say("failed after");
    throw error;
  } finally {
    running.delete(label);
    if (running.size === 0) {
      clearInterval(ticker);
      ticker = undefined;
    }
  }
}

export function npmCommand() {
  // npm tells its children where it is; started by hand, `npm` is looked up (a .cmd file on Windows, hence node + cli).
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.[cm]?js$/.test(cli)) return { command: process.execPath, args: [cli] };
  const beside = join(
    process.execPath,
    "..",
    windows ? "node_modules" : "../lib/node_modules",
    "npm",
    "bin",
    "npm-cli.js",
  );
  return existsSync(beside) ? { command: process.execPath, args: [beside] } : { command: "npm", args: [] };
}

export function npmStamp() {
  return digest(
    read(join(root, "package-lock.json")),
    read(join(root, ".npmrc")),
    process.platform,
    process.arch,
  );
}
const npmStampFile = join(root, "node_modules", ".llm-stamp");
export const packagesReady = () => read(npmStampFile) === npmStamp();

async function installPackages(again) {
  if (packagesReady()) return false;
  const { command, args } = npmCommand();
  const result = await runQuietly(command, [...args, "ci", "--no-audit", "--no-fund"]);
  if (result.status !== 0) throw explain("Installing the npm packages", result.output, again);
  writeFileSync(npmStampFile, npmStamp());
}

/** A venv cannot be moved: its stamp holds the place where it was made. */
export const pythonStamp = () => digest(read(requirements), existsSync(venv) ? realpathSync(venv) : venv);
const venvStampFile = join(venv, ".llm-stamp");
export const pythonReady = () => existsSync(venvPython) && read(venvStampFile) === pythonStamp();

async function installJupyter(again) {
  if (pythonReady()) return false;
  const { command, args } = findPython();
  rmSync(venv, { recursive: true, force: true, maxRetries: 3 });
  const made = await runQuietly(command, [...args, "-m", "venv", venv]);
  if (made.status !== 0) {
    if (/ensurepip|No module named venv/.test(made.output)) {
      throw new SetupError(
        `${command} has no working \`venv\` module.`,
        "On Debian and Ubuntu: sudo apt install python3-venv. Elsewhere: install Python from python.org. Then run the command again.",
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
  // The two installers wait for the network most of the time: side by side they take as long as the slower one.
  const results = await Promise.allSettled([
    step("npm packages", () => installPackages(again)),
    step("JupyterLab in .venv", () => installJupyter(again)),
  ]);
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  await step("compiling the module llm", async () => build({ quiet: true }));
  // The native engine lives outside node_modules, which npm may have made anew.
  if (existsSync(join(root, "native"))) (await import("./native.mjs")).linkQuietly();
  const installer = pathToFileURL(join(root, "jupyter", "install-plotly.mjs")).href;
  const { installPlotly } = await import(installer);
  await step("Plotly for JupyterLab", async () => installPlotly());
}

/** What the file system says, in words; anything else stays as it is. */
function inWords(error) {
  if (error?.code === "ENOSPC" || error?.code === "EDQUOT")
    return new SetupError(
      "The disk is full (the course needs about 2 GB).",
      "Free some space, then run the command again.",
    );
  if (["EROFS", "EACCES", "EPERM"].includes(error?.code) && error.path)
    return new SetupError(
      `This checkout cannot be written to (${error.code}: ${error.path}), and something in it has still to be set up.`,
      "Whoever owns it can run `npm run setup` once; or clone it into a folder of your own.",
    );
  return error;
}

/** Prints a SetupError as a sentence and its remedy; anything else with its stack, for a bug report. */
export function reportAndExit(thrown) {
  const error = inWords(thrown);
  if (error instanceof SetupError)
    console.error(`\n✗ ${error.message}\n  ${error.mend.replaceAll("\n", "\n  ")}`);
  else console.error(error);
  process.exit(1);
}

// `npm run setup`: all that `npm start` does before it opens JupyterLab.
if (isMain(import.meta.url)) setup({ again: "npm run setup" }).catch(reportAndExit);
