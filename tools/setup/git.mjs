// Lets `git diff` show notebooks as text in this clone. .gitattributes marks them with
// `diff=notebook`; what that means is a setting of the clone, because git runs no program that a
// repository brings along. Without the setting, or where the script is missing (an older commit is
// checked out), git shows the file as it is.
import { spawnSync } from "node:child_process";
import { root } from "../kit.mjs";

const git = (...args) => {
  const { status, stdout } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? stdout.trimEnd() : undefined;
};

/**
 * What git is told. The text conversion is run by a shell at the top of the work tree, with the
 * file as its argument.
 */
const settings = (prefix) => ({
  "diff.notebook.textconv":
    `f() { node "${prefix}tools/lesson/textconv.mjs" "$1" 2>/dev/null ` + '|| cat "$1"; }; f',
  "diff.notebook.xfuncname": "^%% .*", // a hunk's heading names the cell
});

/**
 * Writes the settings that are missing or other ones.
 * @returns whether something was written; never fails: there may be no git, or nothing that may be
 *   written
 */
export function readableDiffs() {
  // A downloaded archive inside somebody's own repository is not to change that one's settings.
  if (git("ls-files", "--error-unmatch", "tools/setup/git.mjs") === undefined) return false;
  const wanted = Object.entries(settings(git("rev-parse", "--show-prefix") ?? ""));
  const missing = wanted.filter(
    ([name, value]) => git("config", "--local", "--get", name) !== value,
  );
  const written = missing.filter(
    ([name, value]) => git("config", "--local", name, value) !== undefined,
  );
  return written.length > 0;
}
