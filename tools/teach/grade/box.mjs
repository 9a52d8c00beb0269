// The sandbox: bubblewrap around a Node that may read the course's compiled module and one file of
// answers, and nothing else. No network, no home, no other submission, nothing to write to. Inside
// it Node's own permissions hold as well: no child processes, no threads, no addons.
//
// bubblewrap needs user namespaces. Where the machine does not allow them (AppArmor on Ubuntu
// 24.04), and on macOS and Windows, there is no sandbox, and grading is refused unless the teacher
// trusts the class.
import { spawnSync } from "node:child_process";
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "../../kit.mjs";

const inside = join(dirname(fileURLToPath(import.meta.url)), "inside");

/** Everything that `wrap` gives to all sandboxes alike. */
const NOTHING = ["--unshare-all", "--die-with-parent", "--new-session", "--clearenv"].concat(
  ["--cap-drop", "ALL", "--uid", "65534", "--gid", "65534", "--hostname", "box"],
  ["--ro-bind", "/usr", "/usr"],
  ["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
  ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"],
  ["--size", "1048576", "--tmpfs", "/tmp"],
);

const REFUSALS = [
  [
    /Creating new namespace failed|setting up uid map: Permission denied|No permissions to create/i,
    "This machine does not let a user make namespaces. On Ubuntu 24.04: sudo sysctl -w " +
      "kernel.apparmor_restrict_unprivileged_userns=0, or grade in a virtual machine.",
  ],
];

/**
 * Whether there is a sandbox here.
 * @param command for tests: another name for bubblewrap
 * @returns undefined where there is, or { why, mend }
 */
export function sandboxTrouble(command = "bwrap", platform = process.platform) {
  if (platform !== "linux")
    return {
      why: `there is no sandbox on ${platform === "darwin" ? "macOS" : platform}`,
      mend: "Grade on Linux, or in WSL 2 on Windows.",
    };
  const { status, error, stderr } = spawnSync(command, [...NOTHING, "/usr/bin/true"], {
    encoding: "utf8",
    timeout: 20_000,
  });
  if (status === 0) return undefined;
  if (error?.code === "ENOENT")
    return { why: "bubblewrap is not installed", mend: "sudo apt-get install bubblewrap" };
  const said = (stderr || error?.message || `exit code ${status}`).trim().split("\n")[0];
  const mend = REFUSALS.find(([pattern]) => pattern.test(said))?.[1];
  return {
    why: `bubblewrap does not work here (${said})`,
    mend: mend ?? "`bwrap --unshare-all --ro-bind / / true` tries it.",
  };
}

/** Node's own restrictions, under the name that this version gives them. */
function nodeArguments(course, megabytes) {
  const flag = process.allowedNodeEnvironmentFlags.has("--permission")
    ? "--permission"
    : "--experimental-permission";
  const readable = [`${course}/`, "/inside/", "/in/"].map((path) => `--allow-fs-read=${path}*`);
  // Above the limit that is watched from outside, so that the watch is the one to speak.
  return [flag, ...readable, "--no-warnings", `--max-old-space-size=${megabytes + 512}`];
}

/**
 * The files of the compiled module that these modules need, by following their imports: the others
 * hold reference code, and the sandbox has none of it.
 * @param modules such as "llm/engine"
 * @returns paths from the course's folder
 */
export function closureOf(modules) {
  const dist = join(root, "dist");
  const found = new Set();
  const locate = (base) => [base, `${base}.js`, join(base, "index.js")].find(isFile);
  const visit = (file) => {
    if (file === undefined || found.has(file)) return;
    found.add(file);
    if (!/\.c?js$/.test(file)) return;
    for (const [, name] of readFileSync(file, "utf8").matchAll(/require\("(\.{1,2}\/[^"]*)"\)/g))
      visit(locate(join(dirname(file), name)));
  };
  for (const name of modules) visit(locate(join(dist, name.slice("llm/".length))));
  return [...found].map((file) => relative(root, file).replaceAll("\\", "/")).sort();
}

const isFile = (path) => statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;

/**
 * The command that runs answers in a sandbox of their own.
 * @param answers the folder with answers.cjs and settings.json
 * @param modules which of `llm/…` they may import
 * @param megabytes that the watch allows
 * @param command another name for bubblewrap, for tests
 */
export function boxed({ answers, modules, megabytes, command = "bwrap" }) {
  const course = "/course";
  const bind = (from, to) => ["--ro-bind", from, to];
  const node = realpathSync(process.execPath);
  const args = [
    ...NOTHING,
    ...bind(node, "/node"),
    ...bind(join(root, "package.json"), `${course}/package.json`),
    ...bind(join(root, "dist", "package.json"), `${course}/dist/package.json`),
    // The engine's folder as a whole: what it loads beside its imports, such as wasm.
    ...bind(join(root, "dist", "engine"), `${course}/dist/engine`),
    ...closureOf(["llm/course/exercise", "llm/engine", ...modules])
      .filter((path) => !path.startsWith("dist/engine/"))
      .flatMap((path) => bind(join(root, path), `${course}/${path}`)),
    ...bind(realpathSync(join(root, "node_modules")), `${course}/node_modules`),
    ...bind(inside, "/inside"),
    ...bind(answers, "/in"),
    ...["--remount-ro", "/", "--chdir", "/"],
    "/node",
    ...nodeArguments(course, megabytes),
    ...["/inside/host.cjs", course, "/in/answers.cjs", "/in/settings.json"],
  ];
  return { command, args };
}
