// A weaker sandbox, for containers in which bubblewrap is not allowed, such as Gradescope's: the
// answers run as a user of their own, who owns nothing, in a folder of their own. Who may read and
// write what is Linux's own permissions for files, and Node's permissions hold as well, as they do
// in the box of ./box.mjs: no child processes, no threads, no addons, from Node 25 on no network.
//
// Weaker, because it stands on these two. Whoever gets around Node's permissions sees which
// processes run, reads what all users may read, and has the container's network. What must not be
// read (reference answers, tests, results) has to be closed to other users: `userTrouble` asks.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../../kit.mjs";
import { inside, neededFor, nodeArguments } from "./box.mjs";

const SETPRIV = "/usr/bin/setpriv";
/** Node and its engine have some twenty threads. */
const THREADS = 64;

/**
 * The arguments of setpriv that a command of this user begins with. It writes no file, not even
 * where all may, and ends with whoever started it.
 */
export const asUser = (uid) => [
  ...[`--reuid=${uid}`, `--regid=${uid}`, "--clear-groups", "--no-new-privs"],
  ...["--pdeathsig=KILL", "/usr/bin/prlimit", `--nproc=${THREADS}`, "--fsize=0", "--core=0"],
];

/** A user whom nobody has used: containers of one machine count the threads of a user together. */
export const someUser = () => 20_000 + Math.floor(Math.random() * 40_000);

/**
 * Whether there is this sandbox here.
 * @param uid the user's number; it need not have a name
 * @param closed files and folders that the user must neither read nor write
 * @returns undefined where there is, or why not and what to do about it
 */
export function userTrouble({ uid, closed }) {
  if (process.getuid?.() !== 0)
    return { why: "only root can start programs as another user", mend: "Run it as root." };
  const run = (...command) =>
    spawnSync(SETPRIV, [...asUser(uid), ...command], {
      encoding: "utf8",
      env: {},
      timeout: 20_000,
    });
  const { status, error, stderr } = run("/usr/bin/true");
  if (status !== 0) {
    const said = (stderr || error?.message || `exit code ${status}`).trim().split("\n")[0];
    return { why: `setpriv does not work here (${said})`, mend: "apt-get install util-linux" };
  }
  const open = closed.find((path) =>
    ["-r", "-w"].some((kind) => run("/usr/bin/test", kind, path).status === 0),
  );
  if (open !== undefined)
    return { why: `every user may read or write ${open}`, mend: `chmod go= ${open}` };
  return undefined;
}

/**
 * The sandbox: what `boxed` of ./box.mjs is, without bubblewrap.
 * @param user returns the user's number for a submission: two submissions at a time are two users
 * @param folder an empty one that the user can get to; whoever made it removes it
 */
export function boxedAs({ user, folder }) {
  const node = realpathSync(process.execPath);
  const packages = realpathSync(join(root, "node_modules"));
  return ({ answers, modules, megabytes }) => {
    const uid = user();
    const box = mkdtempSync(join(folder, "box-"));
    const at = (name) => join(box, name);
    for (const path of neededFor(modules)) {
      mkdirSync(dirname(join(at("course"), path)), { recursive: true });
      cpSync(join(root, path), join(at("course"), path), { recursive: true });
    }
    symlinkSync(packages, join(at("course"), "node_modules"));
    cpSync(inside, at("inside"), { recursive: true });
    cpSync(answers, at("in"), { recursive: true });
    // The course's own files may be closed to others; these are copies.
    spawnSync("/bin/chmod", ["-R", "u=rwX,go=rX", box]);
    const folders = [at("course"), at("inside"), at("in"), packages];
    const args = [
      ...asUser(uid),
      ...[node, ...nodeArguments(folders, megabytes)],
      ...[join(at("inside"), "host.cjs"), at("course"), join(at("in"), "answers.cjs")],
      join(at("in"), "settings.json"),
    ];
    return { command: SETPRIV, args };
  };
}

/** The processes that run as this user; what has ended and waits for its parent runs no more. */
export function runningAs(uid) {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    if (statSync(`/proc/${name}`, { throwIfNoEntry: false })?.uid !== uid) return false;
    try {
      return !/^State:\s*[ZX]/m.test(readFileSync(`/proc/${name}/status`, "utf8"));
    } catch {
      return false;
    }
  });
}

/** Ends whatever still runs as this user. */
export function endAll(uid) {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let turn = 0; turn < 200; turn++) {
    const running = runningAs(uid);
    if (running.length === 0) return;
    for (const pid of running)
      try {
        process.kill(Number(pid), "SIGKILL");
      } catch {}
    Atomics.wait(pause, 0, 0, 10);
  }
}
