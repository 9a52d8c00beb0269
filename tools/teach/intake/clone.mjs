// When a file of a git clone was committed. The clone is a learner's, and its .git/config may name
// programs that git would run (gpg.program, core.fsmonitor, a remote's helper). So git never sees
// that folder: it works in an empty repository of our own and reads only the clone's objects; where
// HEAD points to is read here, as text.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const HASH = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** A small plain file inside .git, or undefined: no link is followed. */
function read(file) {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found?.isFile() || found.size > 5e6) return undefined;
  return readFileSync(file, "utf8");
}

/** The commit that HEAD names, or undefined. */
function headOf(gitFolder) {
  const head = read(join(gitFolder, "HEAD"))?.trim() ?? "";
  if (HASH.test(head)) return head;
  const name = /^ref: (refs\/[\w./-]+)$/.exec(head)?.[1];
  if (!name || name.includes("..")) return undefined;
  const loose = read(join(gitFolder, name))?.trim();
  if (loose && HASH.test(loose)) return loose;
  const packed = read(join(gitFolder, "packed-refs")) ?? "";
  return packed
    .split("\n")
    .map((line) => line.split(" "))
    .find(([hash, ref]) => ref === name && HASH.test(hash))?.[0];
}

/**
 * A reader of one clone; `close` it afterwards.
 * @returns { commitOf(path, bytes), close } or undefined where it is no clone, or git is missing
 */
export function openClone(folder) {
  const gitFolder = join(folder, ".git");
  const objects = join(gitFolder, "objects");
  if (!lstatSync(objects, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const head = headOf(gitFolder);
  if (!head || existsSync(join(objects, "info", "alternates"))) return undefined;
  const own = mkdtempSync(join(tmpdir(), "llm-clone-"));
  const env = {
    PATH: process.env.PATH,
    HOME: own,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: process.platform === "win32" ? "NUL" : "/dev/null",
    GIT_NO_LAZY_FETCH: "1",
    GIT_NO_REPLACE_OBJECTS: "1",
    LC_ALL: "C",
  };
  const git = (args, input) => {
    const run = spawnSync("git", args, { cwd: own, env, input, encoding: "utf8", timeout: 20_000 });
    return run.status === 0 ? run.stdout.trim() : undefined;
  };
  const close = () => rmSync(own, { recursive: true, force: true });
  const format = head.length === 64 ? "sha256" : "sha1";
  if (git(["init", "-q", "--bare", `--object-format=${format}`, own]) === undefined) {
    close();
    return undefined;
  }
  Object.assign(env, { GIT_DIR: own, GIT_OBJECT_DIRECTORY: objects });
  /**
   * When the contents that lie there were committed, as ISO; undefined where the file is not as
   * committed.
   */
  const commitOf = (path, bytes) => {
    const committed = git(["rev-parse", "--verify", "-q", `${head}:${path}`]);
    const here = git(["hash-object", "--stdin"], bytes);
    if (committed === undefined || committed !== here) return undefined;
    const time = git(["log", "-1", "--format=%cI", head, "--", path]);
    const date = new Date(time ?? "");
    return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
  };
  return { commitOf, close };
}
