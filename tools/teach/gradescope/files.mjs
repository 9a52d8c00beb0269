// What an autograder for Gradescope holds: of the course no more than grading these lessons takes.
// The tools and tests are found by following their imports, npm's packages by following the lock
// file. Of other lessons there is only the list of their exercises, which says what a file answers.
//
// The module `llm` comes compiled, from here: the image then needs no compiler, and grades with the
// same bytes as `npm run teach -- grade`.
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { filesUnder, llm, root } from "../../kit.mjs";
import { lessonPaths } from "../../register.mjs";
import { fixturesOf, manifestOf, stubsOf } from "../release/files.mjs";
import { inputsPath } from "./run.mjs";

/** What the tests and the grader stand on, beside what the module `llm` imports. */
const PACKAGES = ["@tslab/typescript-for-tslab", "vitest", "zod"];
/** Begun with: what the grader loads by name, not by an import. */
const MODULES = ["answers", "manifest", "paths", "release", "run", "source", "exercise"]
  .map((name) => `llm/course/${name}`)
  .concat("llm/display/output", "llm/display/xml", "llm/engine", "llm/files")
  .concat("llm/sandbox", "llm/zip");
/**
 * Whole: every file of the first two is in the key of a result, so that it is the one of
 * `teach grade`; the engine loads more than it imports.
 */
const FOLDERS = ["src/course", "tools/teach/grade", "dist/engine"];

const read = (path) => readFileSync(join(root, path), "utf8");
const isFile = (path) => statSync(join(root, path), { throwIfNoEntry: false })?.isFile() ?? false;

/** The file that an import means, as a path from the root; undefined for packages. */
function fileOf(name, from) {
  const own = /^llm\/(.+)$/.exec(name);
  if (!own && !name.startsWith(".")) return undefined;
  const inKit = own?.[1].startsWith("course/kit");
  const path = own ? join(inKit ? "src" : "dist", own[1]) : join(dirname(from), name);
  const ends = ["", ".ts", ".js", "/index.ts", "/index.js"];
  return ends.map((end) => path + end).find(isFile);
}

const importsIn = (path) =>
  [...read(path).matchAll(/\b(?:from|import|require)\b\s*\(?\s*"([^"\n]+)"/g)].map(
    ([, name]) => name,
  );

/** What these files need, by their imports: paths from the root. */
export function closure(paths) {
  const found = new Set();
  const visit = (path) => {
    if (path === undefined || found.has(path)) return;
    found.add(path);
    if (!/\.(c?js|mjs|ts)$/.test(path)) return;
    for (const name of importsIn(path)) visit(fileOf(name, path));
  };
  for (const path of paths) visit(path);
  return found;
}

/** npm's packages that these files import, of those in the lock file. */
function packagesOf(paths, lock) {
  const names = paths
    .flatMap(importsIn)
    .flatMap((name) => /^(@[\w.-]+\/)?[\w.-]+/.exec(name)?.[0] ?? [])
    .filter((name) => name !== "llm" && lock.packages[`node_modules/${name}`]);
  return [...new Set(names)].sort();
}

/** The lock file's entry of a package that another one needs, as Node would look for it. */
function entryOf(lock, from, name) {
  for (let at = from; ; at = at.replace(/(^|\/)node_modules\/(?!.*node_modules\/).*$/, "")) {
    const entry = `${at && `${at}/`}node_modules/${name}`;
    if (lock.packages[entry]) return entry;
    if (at === "") return undefined;
  }
}

/**
 * package.json and package-lock.json with these packages and what they need, at the versions of the
 * course's own lock file.
 * @returns { manifest, lock }
 */
export function pruned(names, manifest, lock) {
  const kept = new Set();
  const visit = (entry) => {
    if (entry === undefined || kept.has(entry)) return;
    kept.add(entry);
    const { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } =
      lock.packages[entry];
    const needed = { ...dependencies, ...optionalDependencies, ...peerDependencies };
    for (const name of Object.keys(needed))
      if (!peerDependenciesMeta?.[name]?.optional) visit(entryOf(lock, entry, name));
  };
  for (const name of names) visit(entryOf(lock, "", name));
  const versions = names.map((name) => [name, lock.packages[entryOf(lock, "", name)].version]);
  const dependencies = Object.fromEntries(versions);
  // The course's own module is a workspace: npm links it.
  for (const entry of ["dist", "node_modules/llm"]) kept.add(entry);
  const { name, version, license, engines, workspaces } = manifest;
  const top = { name, version, license, engines, workspaces, dependencies };
  // All are needed where the autograder runs, whatever they are to the course.
  const entries = [...kept].sort().map((entry) => {
    const { dev: _, devOptional: __, ...rest } = lock.packages[entry];
    return [entry, rest];
  });
  return {
    manifest: { ...top, private: true },
    lock: {
      ...{ name, version, lockfileVersion: lock.lockfileVersion, requires: true },
      packages: {
        "": top,
        ...Object.fromEntries(entries),
      },
    },
  };
}

const json = (data) => `${JSON.stringify(data, null, 2)}\n`;

/** The course's files, by their paths: of these lessons, and what grading them takes. */
function courseFiles(ids, inputs) {
  const own = ids.flatMap((id) => {
    const { test, calls, mutants, solutions } = lessonPaths(id);
    const files = [test, calls, mutants, solutions, ...fixturesOf(id)];
    return files.filter((path) => existsSync(join(root, path)));
  });
  const stubs = ids.map((id) => [lessonPaths(id).exercises, stubsOf(id)]);
  // The grader loads whatever a stub names, to know what answers may import.
  const named = [...stubs.map(([, text]) => text), ...inputs.values()].flatMap(
    (text) => text.match(/\bllm\/[a-z][\w/]*/g) ?? [],
  );
  const folders = FOLDERS.flatMap((folder) => filesUnder(join(root, folder)));
  const start = [
    ...["tools/teach/gradescope/run.mjs", "dist/package.json", ".npmrc", "LICENSE", ...own],
    ...folders.map((file) => relative(root, file)),
    ...[...MODULES, ...named].map((name) => fileOf(name, "")).filter(Boolean),
  ];
  const paths = [...closure(start)].filter((path) => !/\.(map|d\.c?ts)$/.test(path));
  const texts = paths.map((path) => [path, readFileSync(join(root, path))]);
  return new Map([...texts, ...stubs]);
}

/**
 * The files of an autograder: [{ path, contents, executable? }], in order.
 * @param lessons of the register
 * @param settings what run.mjs reads: { followOn, secret, cleared }
 * @param inputs the texts of the teacher's own inputs, by the lesson's number
 */
export function autograderFiles(lessons, { courseVersion, ...settings }, inputs = new Map()) {
  const ids = lessons.map(({ id }) => id);
  const course = courseFiles(ids, inputs);
  for (const [number, text] of inputs) course.set(inputsPath({ number }), text);
  for (const id of llm("llm/course/paths").lessonIds())
    if (!ids.includes(id)) course.set(`solutions/${id}.json`, json(manifestOf(id, courseVersion)));
  const [manifest, lock] = ["package.json", "package-lock.json"].map((path) =>
    JSON.parse(read(path)),
  );
  const compiled = [...course.keys()].filter((path) => /^dist\/.*\.js$/.test(path));
  const packages = pruned([...packagesOf(compiled, lock), ...PACKAGES], manifest, lock);
  course.set("package.json", json(packages.manifest));
  course.set("package-lock.json", json(packages.lock));
  // The version is told as in a release, because there is no git.
  const about = { schema: "llm-course/release/v1", courseVersion, lessons: ids };
  course.set("release.json", json(about));
  const all = { schema: "llm-course/autograder/v1", lessons: ids, ...settings };
  course.set("autograder.json", json(all));
  const scripts = ["setup.sh", "run_autograder"].map((path) => ({
    path,
    contents: readFileSync(new URL(path, import.meta.url)),
    executable: true,
  }));
  const files = [...course].map(([path, contents]) => ({
    path: `course/${path.replaceAll("\\", "/")}`,
    contents,
  }));
  return [...scripts, ...files.sort((a, b) => (a.path < b.path ? -1 : 1))];
}
