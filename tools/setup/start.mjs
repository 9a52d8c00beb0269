// `npm start`: sets up what is missing, then opens JupyterLab on the course home, in the folder of
// the learner's own copies. `npm start -- --originals` opens the course's own files, for authors.
// Other arguments go on to JupyterLab: `npm start -- --no-browser --port 9999`.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, dirname, join } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { isMain, reportAndExit, root, venvPython } from "../kit.mjs";
import { offer } from "../native/native.mjs";
import { learnersFolder } from "../register.mjs";
import { renewAndSay } from "./copies.mjs";
import { writeHome } from "./home.mjs";
import { setup } from "./setup.mjs";

const HOST = "127.0.0.1";

const isFree = (port) =>
  new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, HOST, () => server.close(() => done(true)));
  });

export async function freePort(wanted) {
  for (let port = wanted; port < Math.min(wanted + 50, 65536); port++) {
    if (!(await isFree(port))) continue;
    if (port !== wanted)
      console.log(`Port ${wanted} is taken (perhaps by an earlier start): using ${port}.`);
    return port;
  }
  console.error(
    `✗ Ports ${wanted} to ${wanted + 49} are all taken. Choose another: npm start -- --port 9000`,
  );
  process.exit(1);
}

/**
 * The environment in which JupyterLab finds the course's kernel, extension and settings, and none
 * of ours leak out.
 */
export function jupyterEnvironment() {
  const state = stateFolder();
  const prepend = (ours, theirs) => (theirs ? ours + delimiter + theirs : ours);
  return {
    ...process.env,
    // The kernel runs on this Node, whichever comes first on the PATH.
    PATH: prepend(dirname(process.execPath), process.env.PATH),
    JUPYTER_PATH: prepend(join(root, "jupyter"), process.env.JUPYTER_PATH),
    JUPYTER_CONFIG_PATH: prepend(join(root, "jupyter", "config"), process.env.JUPYTER_CONFIG_PATH),
    ...(state && {
      JUPYTERLAB_WORKSPACES_DIR: state,
      JUPYTERLAB_SETTINGS_DIR: join(state, "settings"),
    }),
  };
}

async function waitUntilServing(port, child) {
  for (let tries = 0; tries < 600 && child.exitCode === null; tries++) {
    const answer = await fetch(`http://${HOST}:${port}/api`).catch(() => null);
    if (answer?.ok) return true;
    await new Promise((next) => setTimeout(next, 100));
  }
  return false;
}

/**
 * JupyterLab's own files: the checkout's, so that it can be deleted whole; undefined where it
 * cannot be written to.
 */
function stateFolder() {
  const folder = join(root, "jupyter", "state");
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return undefined;
  }
}

/** The folder to work in: the learner's, or the course's own for authors. */
function chooseFolder(originals) {
  if (!originals && !process.env.LLM_ORIGINALS)
    return renewAndSay() ? join(root, learnersFolder()) : root;
  process.env.LLM_ORIGINALS = "1"; // for the checks in the notebooks
  return root;
}

/** Says once, on machines where it would work, that there is a faster engine. */
function offerNative() {
  const said = join(root, "jupyter", "state", "native-offered");
  const { line, once } = offer() ?? {};
  if (!line || (once && existsSync(said)) || !stateFolder()) return;
  console.log(line);
  if (once) writeFileSync(said, "");
}

/**
 * What JupyterLab is told; an option that the user gives as well is the user's, because it takes
 * none twice.
 * @param folder the top of its file browser
 */
export function labArguments(port, args, folder = root) {
  const ours = [
    `--ServerApp.ip=${HOST}`,
    `--ServerApp.port=${port}`,
    "--ServerApp.port_retries=0",
    `--ServerApp.root_dir=${folder}`,
    // A person's own Jupyter settings may put the server elsewhere or behind a certificate: then
    // the address below would lead nowhere.
    "--ServerApp.base_url=/",
    "--ServerApp.certfile=",
    "--ServerApp.keyfile=",
    "--LabApp.default_url=/lab",
    "--Application.log_level=WARN",
    // In a container one is often root; the server listens on this machine only and asks for its
    // token.
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
  ];
  const short = { "--ip": "--ServerApp.ip", "--notebook-dir": "--ServerApp.root_dir" };
  const given = new Set(args.map((arg) => arg.split("=")[0]).map((name) => short[name] ?? name));
  return [...ours.filter((arg) => !given.has(arg.split("=")[0])), ...args];
}

async function main() {
  const started = performance.now();
  // JupyterLab's own name for it means the same.
  const line = process.argv.slice(2).map((arg) => arg.replace(/^--ServerApp\.port\b/, "--port"));
  const { values, passed: args } = commandLine(commands.start, line);
  const wanted = values.port;
  await setup({ again: "npm start" });
  const folder = chooseFolder(values.originals);
  writeHome();
  const port = await freePort(wanted);
  const token = process.env.JUPYTER_TOKEN || randomBytes(24).toString("hex");
  offerNative();
  const child = spawn(venvPython, ["-m", "jupyterlab", ...labArguments(port, args, folder)], {
    cwd: root,
    stdio: "inherit",
    env: { ...jupyterEnvironment(), JUPYTER_TOKEN: token },
  });
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  // A terminal's Ctrl-C reaches JupyterLab by itself, and it asks before it stops.
  process.on("SIGINT", () => {});
  child.on("exit", (code) => process.exit(code ?? 0));
  child.on("error", reportAndExit);
  if (await waitUntilServing(port, child)) {
    console.log(
      `\nJupyterLab is ready after ${((performance.now() - started) / 1000).toFixed(1)} s:\n` +
        `  http://${HOST}:${port}/lab?token=${token}\nStop it with ` +
        "Ctrl-C (twice).",
    );
  } else if (child.exitCode === null)
    console.error(
      `\n✗ JupyterLab runs, but does not answer at http://${HOST}:${port}/api after a minute.\n` +
        "  Does a setting of your own stand in the way? `.venv/bin/python -m jupyter --paths` " +
        "shows where they may be.",
    );
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
