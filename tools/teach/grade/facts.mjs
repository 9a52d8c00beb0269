// What the grader knows of a lesson: its exercises and points, what answers may import, which
// mistakes have names, and a digest of everything that a verdict depends on.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { filesUnder, llm, root } from "../../kit.mjs";
import { lessonFiles } from "../../register.mjs";

/** Of these an answer may import everything: they hold nothing that an exercise asks for. */
const WHOLE = ["llm/engine", "llm/course/exercise"];

/**
 * What answers may import: the modules that the stubs name, and of these what the stubs name too,
 * in an import or in a task ("use `linear(x, w)` of llm/ops"), unless it is itself an exercise.
 * @param stubs the text of exercises/NN-name.ts
 * @returns { modules, names: Map(module → names) }; a module without names is allowed whole
 */
export function allowedImports(stubs, exercises) {
  const named = [...new Set(stubs.match(/\bllm\/[a-z][\w/]*/g) ?? [])];
  const modules = [...new Set([...WHOLE, ...named])].filter((m) => m !== "llm/course");
  const words = new Set(stubs.match(/[A-Za-z_$][\w$]*/g) ?? []);
  const names = new Map();
  for (const module of modules) {
    if (WHOLE.includes(module)) continue;
    const exported = Object.keys(llm(module));
    names.set(
      module,
      exported.filter((name) => words.has(name) && !exercises.includes(name)),
    );
  }
  return { modules, names };
}

/**
 * The lesson's known mistakes, as its mutants list them: for each exercise { name, told? }. Read
 * from the source: `told` is the pattern of what the mistake's author is told.
 */
export function namedMistakes(code) {
  const ts = llm("llm/course/source").typescript();
  const tree = ts.createSourceFile("mutants.ts", code, ts.ScriptTarget.ES2022, true);
  const found = {};
  const readMutant = (node) => {
    const fields = new Map(
      node.properties.filter(ts.isPropertyAssignment).map((p) => [p.name.text, p.initializer]),
    );
    const name = fields.get("name");
    if (!name || !ts.isStringLiteralLike(name)) return [];
    const told = fields.get("told");
    const [, pattern, marks] =
      (told?.kind === ts.SyntaxKind.RegularExpressionLiteral &&
        /^\/(.*)\/([a-z]*)$/s.exec(told.text)) ||
      [];
    return [{ name: name.text, told: pattern && new RegExp(pattern, marks) }];
  };
  const visit = (node) => {
    const isTable = ts.isVariableDeclaration(node) && node.name.getText(tree) === "mutants";
    if (!isTable || !node.initializer || !ts.isObjectLiteralExpression(node.initializer))
      return ts.forEachChild(node, visit);
    for (const exercise of node.initializer.properties) {
      if (!ts.isPropertyAssignment(exercise)) continue;
      const list = exercise.initializer;
      const items = ts.isArrayLiteralExpression(list) ? list.elements : [];
      found[exercise.name.text] = items.filter(ts.isObjectLiteralExpression).flatMap(readMutant);
    }
  };
  visit(tree);
  return found;
}

/** The known mistake that a sentence tells of, or undefined. */
export function mistakeIn(sentence, mistakes = []) {
  const known = /This looks like a known mistake: (.*)\./.exec(sentence)?.[1];
  if (known) return mistakes.find(({ name }) => name === known)?.name;
  return mistakes.find(({ told }) => told?.test(sentence))?.name;
}

/** Which exercises of the lesson each one's reference answer calls: its helpers. */
function helpersOf(solutions, names) {
  const { mentions } = llm("llm/course/answers");
  const { readFunctions } = llm("llm/course/source");
  const entries = readFunctions(solutions).map(({ name, code }) => [
    name,
    names.filter((other) => other !== name && mentions(code, other)),
  ]);
  return Object.fromEntries(entries);
}

/** Every file of the kit and the grader: another kit gives other verdicts. */
function machinery() {
  const folders = [join(root, "src", "course"), join(root, "tools", "teach", "grade")];
  return folders.flatMap((folder) => filesUnder(folder)).sort();
}

/**
 * The teacher's own kinds of inputs in a file (../private.mjs).
 * @returns { file, digest }, or undefined where there is no such file
 */
export function inputsIn(file) {
  if (!existsSync(file)) return undefined;
  return { file, digest: createHash("sha256").update(readFileSync(file)).digest("hex") };
}

const known = new Map();

/**
 * The facts of a lesson.
 * @returns { id, exercises, names, allowed, mistakes, helpers, tensors, reference, digest,
 *   courseVersion }
 */
export function factsOf(id) {
  if (known.has(id)) return known.get(id);
  const files = lessonFiles(id);
  const { manifestOf } = llm("llm/course/manifest");
  const { committedText } = llm("llm/course/answers");
  const { exercises, courseVersion } = manifestOf(id);
  const names = exercises.map(({ name }) => name);
  const read = (file) => readFileSync(file, "utf8");
  const stubs = committedText(id) || read(files.exercises);
  const hash = createHash("sha256").update(JSON.stringify(exercises));
  const parts = [files.test, files.calls, files.solutions, files.mutants, ...machinery()];
  for (const file of parts)
    hash.update(`\0${relative(root, file).replaceAll("\\", "/")}\0`).update(readFileSync(file));
  const facts = {
    id,
    exercises: exercises.map((e) => ({ ...e, code: "", line: 0 })),
    names,
    courseVersion,
    allowed: allowedImports(stubs, names),
    mistakes: namedMistakes(read(files.mutants)),
    helpers: helpersOf(read(files.solutions), names),
    tensors: !/\btensors: false\b/.test(read(files.test)),
    reference: files.solutions,
    digest: hash.digest("hex"),
  };
  known.set(id, facts);
  return facts;
}
