// What every tool stands on: where the course is, how a command is run quietly, how a step shows
// its time, and how an error is told. It imports only Node's own modules and no other tool, so that
// the tools form no circle.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

// The course's Python is its own .venv: modules of another place would come before its packages.
delete process.env.PYTHONPATH;
delete process.env.PYTHONHOME;

const here = fileURLToPath(import.meta.url);
/**
 * The checkout's folder. On a hub `LLM_ROOT` names a learner's own, where what is theirs lies
 * beside links to the course (tools/hub/home.mjs).
 */
export const root = resolve(process.env.LLM_ROOT || join(here, "../.."));

/** Loads the compiled module or a package of the course, where they are: `llm("llm/files")`. */
export const llm = createRequire(join(root, "package.json"));

export const windows = process.platform === "win32";

export const venv = join(root, ".venv");
/** The Python that JupyterLab runs in. */
export const venvPython = join(venv, windows ? "Scripts/python.exe" : "bin/python");

/**
 * Whether Node was started with this file. Real paths are compared, because a checkout may be
 * reached through a link or a mapped drive.
 */
export const isMain = (url) =>
  process.argv[1] !== undefined &&
  realpathSync(process.argv[1]) === realpathSync(fileURLToPath(url));

/**
 * The paths of all files in a folder and in the folders inside it; none where there is no such
 * folder.
 */
export const filesUnder = (folder) =>
  existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        return entry.isDirectory() ? filesUnder(path) : [path];
      })
    : [];

/** A problem the user can mend: shown as one sentence and a command, without a stack. */
export class SetupError extends Error {
  constructor(message, mend) {
    super(message);
    this.mend = mend;
  }
}

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

const running = new Map(); // label → when it began
let ticker;

function drawRunning() {
  const parts = [...running].map(
    ([label, start]) => `${label} … ${((performance.now() - start) / 1000).toFixed(0)} s`,
  );
  process.stdout.write(`\r\x1b[K${parts.join(" · ")}`);
}

/**
 * Runs one step of the set-up; shows what is under way in a terminal, and a line with its time when
 * it is done.
 */
export async function step(label, work) {
  const start = performance.now();
  const live = process.stdout.isTTY;
  running.set(label, start);
  if (live) ticker ??= setInterval(drawRunning, 500);
  const say = (text) =>
    console.log(
      `${live ? "\r\x1b[K" : ""}${label}: ${text} ` +
        `${((performance.now() - start) / 1000).toFixed(0)} s`,
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

/** What the file system says, in words; anything else stays as it is. */
function inWords(error) {
  if (error?.code === "ENOSPC" || error?.code === "EDQUOT")
    return new SetupError(
      "The disk is full (the course needs about 2 GB).",
      "Free some space, then run the command again.",
    );
  if (["EROFS", "EACCES", "EPERM"].includes(error?.code) && error.path)
    return new SetupError(
      `This checkout cannot be written to (${error.code}: ${error.path}), and something in ` +
        "it has still to be set up.",
      "Whoever owns it can run `npm run setup` once; or clone it into a folder of your own.",
    );
  return error;
}

/**
 * Prints a SetupError as a sentence and its remedy; anything else with its stack, for a bug report.
 */
export function reportAndExit(thrown) {
  const error = inWords(thrown);
  if (error instanceof SetupError)
    console.error(`\n✗ ${error.message}\n  ${error.mend.replaceAll("\n", "\n  ")}`);
  else console.error(error);
  process.exit(1);
}
