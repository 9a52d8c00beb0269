// The sandbox: bubblewrap around a Node that may read the course's compiled module and one file of
// answers, and nothing else. No network, no home, no other submission, nothing to write to. Inside
// it Node's own permissions hold as well: no child processes, no threads, no addons.
//
// The empty box is that of llm/sandbox. Where there is none, grading is refused unless the teacher
// trusts the class.
import { readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { llm, root } from "../../kit.mjs";

export const inside = join(dirname(fileURLToPath(import.meta.url)), "inside");

const { emptyBox: NOTHING, permissionFlag, sandboxTrouble } = llm("llm/sandbox");

export { sandboxTrouble };

/**
 * Node's own restrictions, under the name that this version gives them.
 * @param folders that may be read
 */
export function nodeArguments(folders, megabytes) {
  const readable = folders.map((path) => `--allow-fs-read=${path}/*`);
  // Above the limit that is watched from outside, so that the watch is the one to speak.
  const limit = `--max-old-space-size=${megabytes + 512}`;
  return [permissionFlag(), ...readable, "--no-warnings", limit];
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

/** The files and folders of the course that a sandbox has, for answers that import `modules`. */
export const neededFor = (modules) => [
  ...["package.json", "dist/package.json"],
  // The engine's folder as a whole: what it loads beside its imports, such as wasm.
  "dist/engine",
  ...closureOf(["llm/course/exercise", "llm/engine", ...modules]).filter(
    (path) => !path.startsWith("dist/engine/"),
  ),
];

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
    ...neededFor(modules).flatMap((path) => bind(join(root, path), `${course}/${path}`)),
    ...bind(realpathSync(join(root, "node_modules")), `${course}/node_modules`),
    ...bind(inside, "/inside"),
    ...bind(answers, "/in"),
    ...["--remount-ro", "/", "--chdir", "/"],
    "/node",
    ...nodeArguments([course, "/inside", "/in"], megabytes),
    ...["/inside/host.cjs", course, "/in/answers.cjs", "/in/settings.json"],
  ];
  return { command, args };
}
