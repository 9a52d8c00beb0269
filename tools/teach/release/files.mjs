// Which files of the course a release for a class holds, and which of them are made otherwise: the
// stubs as they were committed, hints without their answers, and in place of the reference answers
// what check and `learner()` need of them. Everything is an allow-list: what is new in the course
// is not given out until somebody puts it here.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { filesUnder, llm, root, SetupError } from "../../kit.mjs";
import { lessonPaths } from "../../register.mjs";

/** Whole folders, as they are. */
const FOLDERS = ["src", "datasets", "recipes", "jupyter", "tools"];
/** Tools that serve the course's authors or its teachers. */
const NOT_TOOLS = /^tools\/(teach|bench|operations|gpu|llamacpp|architecture\.mjs)(\/|$)/;
const PAGES = /^docs\/(engines|compile|models|figures|gpu)\.md$|^docs\/[\w-]+\.png$/;
const FILES = [
  ...[".npmrc", "LICENSE", "dist/package.json", "package-lock.json", "tsconfig.json"],
  ...["vitest.config.mts", "solutions/tsconfig.json", "docs/Dockerfile", ".dockerignore"],
];

/** Every file that git knows of, or, in a downloaded copy, every file that is no product. */
function allFiles() {
  const git = spawnSync("git", ["ls-files", "-z"], { cwd: root, encoding: "utf8" });
  if (git.status === 0 && git.stdout) return git.stdout.split("\0").filter(Boolean);
  const folders = [...FOLDERS, "docs", "solutions"];
  return [...FILES, ...folders.flatMap((name) => filesUnder(join(root, name)))]
    .map((file) => (file.startsWith(root) ? relative(root, file) : file).replaceAll("\\", "/"))
    .filter((path) => !/(^|\/)(node_modules|state|__pycache__|\.\w+_checkpoints)\//.test(path));
}

const read = (path) => readFileSync(join(root, path), "utf8");

/** The stubs of a lesson, never a teacher's own answers. */
export function stubsOf(id) {
  const { committedText } = llm("llm/course/answers");
  const { readFunctions } = llm("llm/course/source");
  const path = lessonPaths(id).exercises;
  const areStubs = (text) => readFunctions(text).every(({ code }) => /\bnotDoneYet\(/.test(code));
  const found = [read(path), committedText(id)].find((text) => text !== "" && areStubs(text));
  if (found) return found;
  throw new SetupError(
    `release: expected stubs in ${path}, got answers, and none are committed`,
    `Bring them back: git checkout ${path}`,
  );
}

/** A hints file without the parts that are the answers. */
export const withoutAnswers = (markdown) =>
  markdown.replace(/^### Answer\n[\s\S]*?(?=^## |(?![\s\S]))/gm, "");

/** What a lesson's test reads beside it: recorded by a reference library. */
export const fixturesOf = (id) =>
  [...read(lessonPaths(id).test).matchAll(/"\.\.\/(fixtures\/[^"]+)"/g)].map(
    ([, path]) => `test/${path}`,
  );

/** Compiled, on one line, with short names and without comments. */
export async function packed(id) {
  const { minifySync } = await import("vite");
  const code = readFileSync(join(root, lessonPaths(id).compiled), "utf8");
  const made = minifySync(`${id}.cjs`, code.replace(/^\/\/# sourceMappingURL.*$/gm, ""), {
    module: false,
    compress: true,
    mangle: { toplevel: true },
  });
  if (made.errors?.length > 0)
    throw new Error(`release: ${id} could not be packed: ${made.errors[0].message}`);
  return `${made.code}\n`;
}

/** The types of a lesson's functions, without what their comments say. */
export function typesOf(id) {
  const file = join(root, lessonPaths(id).compiled.replace(/\.js$/, ".d.ts"));
  return readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/^\s*\n/gm, "");
}

/** The exercises' facts, without any code. */
export function manifestOf(id, courseVersion, answersFrom) {
  const { manifestOf: factsOf } = llm("llm/course/manifest");
  const exercises = factsOf(id).exercises.map((one) => ({ ...one, code: "", line: 0 }));
  const schema = "llm-course/manifest/v1";
  return { schema, lesson: id, courseVersion, ...(answersFrom && { answersFrom }), exercises };
}

const beside = (name) => readFileSync(new URL(name, import.meta.url), "utf8");

/** For learners who keep the release as a repository: their own work is what it is for. */
const ignored = () =>
  read(".gitignore")
    .split("\n")
    .filter((line) => !/^\/(my-course|runs|capstone)\/$/.test(line))
    .join("\n");

const noMutants = (id) =>
  "// A release for a class holds none of the wrong answers that the course is tested with.\n\n" +
  `import type { Mutants } from "llm/course/kit";\n\n` +
  `export const mutants = {} as Mutants<typeof import("../../solutions/${id}")>;\n`;

/** package.json without the commands whose tools are left out. */
function packageText(known) {
  const data = JSON.parse(read("package.json"));
  for (const [name, command] of Object.entries(data.scripts)) {
    const tool = /tools\/\S+\.mjs$/.exec(command)?.[0];
    if (tool && !known.has(tool)) delete data.scripts[name];
  }
  return `${JSON.stringify(data, null, 2)}\n`;
}

function readme(lessons, title) {
  const list = lessons.map(
    ({ id, number, title: name }) => `- [${number} ${name}](notebooks/${id}.ipynb)`,
  );
  return `# ${title}

These lessons of "LLM from Scratch in TypeScript" are for your class:

${list.join("\n")}

You need [Node](https://nodejs.org) 20.19 or newer and Python 3.10 or newer.

\`\`\`sh
npm start                      # sets up whatever is missing, then opens JupyterLab
npm run check ${lessons[0].number}               # what is right in your answers, and what is not
npm run hint ${lessons[0].number} NAME           # one hint; run it again for the next one
npm run submit ${lessons[0].number} YOUR-NAME    # the zip that you hand in
\`\`\`

You work on copies in the folder \`my-course\`. A newer release is unzipped over this folder: your
copies stay as they are. The reference answers are not in here; \`learner(…)\` in a notebook uses
them where yours do not pass yet, so that being stuck never stops you.
`;
}

/**
 * The files of a release: [{ path, contents }], in order.
 * @param lessons of the register
 * @param answersFrom a day in words by lesson id
 */
export async function releaseFiles(lessons, { courseVersion, answersFrom = {}, title }) {
  const ids = lessons.map(({ id }) => id);
  const found = allFiles();
  const taken = found.filter((path) => {
    if (NOT_TOOLS.test(path)) return false;
    return (
      FILES.includes(path) ||
      PAGES.test(path) ||
      FOLDERS.some((folder) => path.startsWith(`${folder}/`))
    );
  });
  const files = new Map();
  for (const path of taken) files.set(path, readFileSync(join(root, path)));
  for (const id of ids) {
    const paths = lessonPaths(id);
    for (const kind of ["notebook", "test", "calls"])
      if (existsSync(join(root, paths[kind])))
        files.set(paths[kind], readFileSync(join(root, paths[kind])));
    for (const path of fixturesOf(id)) files.set(path, readFileSync(join(root, path)));
    files.set(paths.exercises, stubsOf(id));
    if (existsSync(join(root, paths.hints)))
      files.set(paths.hints, withoutAnswers(read(paths.hints)));
    files.set(paths.mutants, noMutants(id));
    const facts = manifestOf(id, courseVersion, answersFrom[id]);
    files.set(`solutions/${id}.json`, `${JSON.stringify(facts, null, 2)}\n`);
  }
  // All references, not only of these lessons: a notebook may ask for an earlier lesson's.
  for (const id of llm("llm/course/paths").lessonIds()) {
    files.set(`solutions/${id}.cjs`, await packed(id));
    files.set(`solutions/${id}.d.ts`, typesOf(id));
  }
  files.set("package.json", packageText(new Set(files.keys())));
  files.set("AGENTS.md", beside("agents.md"));
  files.set(".github/workflows/check.yml", beside("check.yml"));
  files.set(".gitignore", ignored());
  files.set("README.md", readme(lessons, title || "LLM from Scratch in TypeScript"));
  const about = { schema: "llm-course/release/v1", courseVersion, lessons: ids };
  files.set("release.json", `${JSON.stringify(about, null, 2)}\n`);
  return [...files]
    .map(([path, contents]) => ({ path, contents }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** What is added when the answers are given out: [{ path, contents }]. */
export function solutionFiles(lessons) {
  return lessons.flatMap(({ id }) => {
    const paths = lessonPaths(id);
    return ["solutions", "hints", "mutants"]
      .map((kind) => paths[kind])
      .filter((path) => existsSync(join(root, path)))
      .map((path) => ({ path, contents: readFileSync(join(root, path)) }));
  });
}
