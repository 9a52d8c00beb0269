// What is there on this machine and in this checkout: Node, npm, Python, and whether the packages
// that the course needs are installed as its lock file and its requirements say. Looks only;
// setup/setup.mjs installs.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { root, SetupError, venv, venvPython, windows } from "./kit.mjs";

export const requirements = join(root, "jupyter", "requirements.txt");
const MINIMUM_NODE = [20, 19];
const MINIMUM_PYTHON = [3, 10];

const digest = (...texts) => createHash("sha256").update(texts.join("\0")).digest("hex");
const read = (file) => (existsSync(file) ? readFileSync(file, "utf8") : "");
const older = (version, minimum) =>
  version[0] < minimum[0] || (version[0] === minimum[0] && version[1] < minimum[1]);

export function checkNode() {
  const version = process.versions.node.split(".").map(Number);
  if (older(version, MINIMUM_NODE)) {
    throw new SetupError(
      `Node ${process.versions.node} is too old: the course needs Node ` +
        `${MINIMUM_NODE.join(".")} or newer.`,
      "Install the current LTS release of Node (nodejs.org, or your package manager), then " +
        "run the command again.",
    );
  }
}

/**
 * The first Python ≥ 3.10 among $LLM_PYTHON, python3.13 … python3, python and Windows' launcher.
 */
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
      ? `Python is too old (${tooOld}): JupyterLab needs Python ${MINIMUM_PYTHON.join(".")} ` +
          "or newer."
      : "No Python was found: JupyterLab needs Python 3.10 or newer.",
    "Install Python (python.org, or your package manager); if it has another name, set " +
      "LLM_PYTHON to it.",
  );
}

/** What npm and pip print when they reach no network. */
export const NETWORK = new RegExp(
  [
    "ENOTFOUND",
    "EAI_AGAIN",
    "ECONNREFUSED",
    "ECONNRESET",
    "ETIMEDOUT",
    "ENETUNREACH",
    "network is unreachable",
    "Failed to establish a new connection",
    "Temporary failure in name resolution",
    "No matching distribution found",
    "Could not find a version",
    "Max retries exceeded",
    "request to .* failed",
  ].join("|"),
  "i",
);

export function npmCommand() {
  // npm tells its children where it is; started by hand, `npm` is looked up (a .cmd file on
  // Windows, hence node + cli).
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
  return existsSync(beside)
    ? { command: process.execPath, args: [beside] }
    : { command: "npm", args: [] };
}

/** What some packages hold programs for. */
const thisPlatform = `${process.platform}-${process.arch}`;

/** What node_modules was made from, and on which platform. */
export const npmStamp = () =>
  `${digest(read(join(root, "package-lock.json")), read(join(root, ".npmrc")))} ${thisPlatform}`;
export const npmStampFile = join(root, "node_modules", ".llm-stamp");

/**
 * Why the npm packages are not ready, or undefined where they are. The stamp alone does not do: an
 * environment in which npm leaves packages out (NODE_ENV=production) would leave a stamp too.
 */
export function whyNoPackages() {
  const stamp = read(npmStampFile);
  const platform = stamp.split(" ")[1];
  if (platform !== undefined && platform !== thisPlatform)
    return `node_modules is of another machine (${platform}, this is ${thisPlatform})`;
  if (stamp !== npmStamp()) return "missing or out of date";
  const { dependencies, devDependencies } = JSON.parse(read(join(root, "package.json")));
  const missing = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !existsSync(join(root, "node_modules", name, "package.json")),
  );
  return missing.length === 0 ? undefined : `missing: ${missing.join(", ")}`;
}
export const packagesReady = () => whyNoPackages() === undefined;

/** A venv cannot be moved: its stamp holds the place where it was made. */
export const pythonStamp = () =>
  digest(read(requirements), existsSync(venv) ? realpathSync(venv) : venv);
export const venvStampFile = join(venv, ".llm-stamp");
export const pythonReady = () => existsSync(venvPython) && read(venvStampFile) === pythonStamp();
