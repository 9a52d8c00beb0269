// `npm run hub`: JupyterHub on this machine, so that a teacher can see what a class will see before
// there is a server. JupyterHub and a JupyterLab for its users are in a Python of their own, its
// proxy among npm packages of its own, all in hub/ (git-ignored): nothing of it is in the course's
// .venv or node_modules. What is served is the folder in which it is run, best a release. Left out:
// other systems than Linux, real accounts, containers; ./jupyterhub_config.py has values for them.
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { findPython, npmCommand, requirements } from "../environment.mjs";
import { isMain, reportAndExit, root, runQuietly, SetupError, step } from "../kit.mjs";
import { writeHome } from "../setup/home.mjs";
import { setup } from "../setup/setup.mjs";
import { freePort } from "../setup/start.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const PROXY = "configurable-http-proxy@5.2.0";

/** JupyterHub and its proxy; LLM_HUB names another folder. Accounts and homes lie there as well. */
export const hubFolder = () => process.env.LLM_HUB ?? join(root, "hub");
/** Accounts and homes, where a test wants them elsewhere. */
const stateFolder = () => process.env.LLM_HUB_STATE ?? hubFolder();
const python = () => join(hubFolder(), "venv", "bin", "python");
const lists = [requirements, join(here, "requirements.txt")];

/** What the two installations were made from, and where: a venv cannot be moved. */
const stamp = () =>
  createHash("sha256")
    .update([hubFolder(), PROXY, ...lists.map((file) => readFileSync(file, "utf8"))].join("\0"))
    .digest("hex");
const stampFile = () => join(hubFolder(), ".stamp");

/** Whether JupyterHub is installed as this version of the course wants it. */
export const hubReady = () =>
  existsSync(stampFile()) && readFileSync(stampFile(), "utf8") === stamp();

async function run(what, command, args, options) {
  const done = await runQuietly(command, args, options);
  if (done.status === 0) return;
  const end = done.output.trim().split("\n").slice(-8).join("\n");
  throw new SetupError(`hub: ${what} failed.`, `${end}\nRun the command again when it is mended.`);
}

async function installJupyterHub() {
  const { command, args } = findPython();
  const venv = join(hubFolder(), "venv");
  rmSync(venv, { recursive: true, force: true });
  await run("making a Python environment", command, [...args, "-m", "venv", venv]);
  const files = lists.flatMap((file) => ["-r", file]);
  const pip = ["-m", "pip", "install", "--disable-pip-version-check", "-q", ...files];
  await run("installing JupyterHub", python(), pip);
}

async function installProxy() {
  const { command, args } = npmCommand();
  const folder = hubFolder();
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const how = ["--prefix", folder, "--workspaces=false", "--ignore-scripts", "--no-audit"];
  await run("installing its proxy", command, [...args, "install", ...how, PROXY], { cwd: folder });
}

/** Installs what is missing; cheap where nothing is. */
export async function installHub() {
  if (process.platform !== "linux")
    throw new SetupError(
      `hub: expected Linux, got ${process.platform}`,
      "On Windows, WSL 2 is one.",
    );
  if (hubReady()) return;
  mkdirSync(hubFolder(), { recursive: true });
  const steps = [step("JupyterHub in hub/", installJupyterHub), step("its proxy", installProxy)];
  const failed = (await Promise.allSettled(steps)).find(({ status }) => status === "rejected");
  if (failed) throw failed.reason;
  writeFileSync(stampFile(), stamp());
}

/** JupyterHub and its proxy run on this Node; the rest is what jupyterhub_config.py reads. */
const environment = (ports, password) => ({
  ...process.env,
  PATH: dirname(process.execPath) + delimiter + process.env.PATH,
  LLM_HUB: hubFolder(),
  LLM_HUB_PORTS: ports.join(","),
  LLM_HUB_PASSWORD: password,
});

/** Waits until it answers; false where it has ended instead. */
async function isServing(address, child) {
  while (child.exitCode === null) {
    const answer = await fetch(`${address}/hub/health`).catch(() => null);
    if (answer?.ok) return true;
    await new Promise((next) => setTimeout(next, 200));
  }
  return false;
}

async function main() {
  const { values } = commandLine(commands.hub);
  await setup({ again: "npm run hub" });
  writeHome();
  await installHub();
  if (values.install) return;
  const ports = [await freePort(values.port)];
  for (let i = 0; i < 2; i++) ports.push(await freePort(ports.at(-1) + 1));
  const password = process.env.LLM_HUB_PASSWORD || randomBytes(6).toString("hex");
  const args = ["-m", "jupyterhub", "-f", join(here, "jupyterhub_config.py")];
  const hub = spawn(python(), [...args, "--log-level=WARN"], {
    cwd: stateFolder(),
    stdio: "inherit",
    env: environment(ports, password),
  });
  // A terminal's Ctrl-C reaches JupyterHub by itself; it ends the learners' servers first.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => hub.kill("SIGTERM"));
  hub.on("exit", (code) => process.exit(code ?? 0));
  hub.on("error", reportAndExit);
  const address = `http://127.0.0.1:${ports[0]}`;
  if (await isServing(address, hub))
    console.log(
      `\nJupyterHub is ready: ${address}\n  Any name, the password ${password}\n` +
        `Homes are in ${join(stateFolder(), "homes")}. Stop it with Ctrl-C.`,
    );
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
