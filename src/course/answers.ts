// The learner's file as text: which exercises it holds, whether they are touched, what does not
// parse, and a fingerprint of each answer. A function that does not parse is cut out, so that it
// costs one exercise and not all.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { basename } from "node:path";
import { compileFunction } from "node:vm";
import {
  answersFile,
  CourseError,
  courseRoot,
  lessonFiles,
  lessonPaths,
  pathInCourse,
} from "./paths";
import { exercisesOf } from "./release";
import { type ExerciseSource, oneFileProgram, readFunctions, typescript } from "./source";

export interface Answers {
  id: string;
  file: string;
  text: string;
  /** The text with broken functions replaced by ones that throw; the same lines. */
  runnable: string;
  /** The lesson's exercises in order, with the facts of the stubs' tags. */
  exercises: ExerciseSource[];
  /** Exercises as they stand in the learner's file. */
  own: Map<string, ExerciseSource>;
  /** Exercise → what does not parse, in words. */
  broken: Map<string, string>;
}

interface Problem {
  line: number;
  column: number;
  message: string;
}

function syntaxProblems(text: string): Problem[] {
  const ts = typescript();
  const file = ts.createSourceFile("answer.ts", text, ts.ScriptTarget.ES2022, false);
  // The parser's own list; the public way to it (a program) would also load the standard library.
  const list = (file as unknown as { parseDiagnostics: { start: number; messageText: unknown }[] })
    .parseDiagnostics;
  return list.map(({ start, messageText }) => {
    const { line, character } = file.getLineAndCharacterOfPosition(Math.min(start, text.length));
    return {
      line,
      column: character,
      message: ts.flattenDiagnosticMessageText(messageText as string, " "),
    };
  });
}

/** What the parser accepts and no engine runs, by TypeScript's number, in words. */
const EARLY: Record<number, string> = {
  1100: "This name belongs to the language and cannot be set.",
  1102: "`delete` removes properties, not variables.",
  1103: "`for await` works only inside a function marked `async`.",
  1108: "`return` stands outside a function.",
  1113: "A `switch` has one `default` only.",
  1114: "Two labels have the same name.",
  1115: "`continue` names a label that is not there.",
  1116: "`break` names a label that is not there.",
  1121: "A number that begins with 0 is written 0o…, if it is octal.",
  1155: "What is declared with `const` needs a value at once.",
  1163: "`yield` works only inside a generator, `function*`.",
  1184: "Inside a function nothing is exported: `export` belongs to the outermost level of the file.",
  1232: "`import` belongs to the top of the file, outside all functions.",
  1233: "`export` belongs to the outermost level of the file.",
  1308: "`await` works only inside a function marked `async`.",
  2357: "Only a variable or a property can be counted up or down.",
  2364: "Only a variable or a property can stand on the left of `=`. Is `===` meant?",
};
/**
 * A jump that has no loop, or would leave a callback: the parser's two sentences for one mistake.
 */
const JUMPS = new Set([1104, 1105, 1107]);
const outside = (word: string) =>
  `\`${word}\` stands outside a loop. A callback, as forEach has one, is no loop: only \`for\` and ` +
  "`while` can be left or gone on with.";
/** The same name declared twice, in one of its shapes. */
const TWICE = new Set([2300, 2323, 2393, 2440, 2451, 2484]);

/**
 * Mistakes that parse and still keep the whole file from being loaded: `await` outside async, a
 * name declared twice, a stray `break`. The compiler's checker knows them; it gets this one file
 * and no library, so it takes milliseconds.
 */
function earlyProblems(text: string): Problem[] {
  const { file, program } = oneFileProgram(text);
  return program.getSemanticDiagnostics(file).flatMap(({ code, start = 0, length = 0 }) => {
    const what = text.slice(start, start + length);
    const message = TWICE.has(code)
      ? `\`${what}\` is declared twice.`
      : JUMPS.has(code)
        ? outside(what.replace(/\W.*/s, ""))
        : EARLY[code];
    if (message === undefined) return [];
    const { line, character } = file.getLineAndCharacterOfPosition(start);
    return [{ line, column: character, message }];
  });
}

/**
 * What the JavaScript engine itself refuses, for example a regular expression with an open bracket:
 * the net under the compiler's list. It compiles the file and runs nothing.
 */
function engineProblem(text: string): Problem | undefined {
  const ts = typescript();
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
    sourceMap: true,
  };
  const made = ts.transpileModule(text, { compilerOptions, fileName: "answer.ts" });
  try {
    compileFunction(made.outputText, ["exports", "require", "module"], { filename: "answer.js" });
    return undefined;
  } catch (error) {
    const { message, stack = "" } = error as Error;
    // Right in a module, which the check loads; here it is compiled as a function.
    if (/import\.meta|await is only valid/.test(message)) return undefined;
    const at = /^answer\.js:(\d+)\n.*\n( *)\^/.exec(stack);
    if (!at) return undefined;
    const map = new SourceMap(JSON.parse(made.sourceMapText!));
    const entry = map.findEntry(Number(at[1]) - 1, at[2].length);
    if (!("originalLine" in entry)) return undefined;
    return {
      line: entry.originalLine,
      column: entry.originalColumn,
      message: `${message.replace(/^Identifier '(.*)' has already been declared$/, "`$1` is declared twice")}.`,
    };
  }
}

/** Mistakes that parse; none where the file can be loaded. */
function loadProblems(text: string): Problem[] {
  const found = earlyProblems(text);
  return found.length > 0 ? found : [engineProblem(text)].filter((p) => p !== undefined);
}

interface Chunk {
  /** 0-based first line. */
  start: number;
  name: string;
  lines: string[];
}

/** Cuts a file at its top-level functions (column 0), each with the comment above it. */
function chunksOf(text: string): Chunk[] {
  const lines = text.split("\n");
  const chunks: Chunk[] = [{ start: 0, name: "", lines: [] }];
  const starts = new Map<number, string>();
  for (let i = 0; i < lines.length; i++) {
    const found = /^(?:export\s+)?(?:async\s+)?function\s*\*?\s*([\w$]+)/.exec(lines[i]);
    if (!found) continue;
    let start = i;
    if (/\*\/\s*$/.test(lines[i - 1] ?? "")) {
      let top = i - 1;
      while (top > 0 && !/^\s*\/\*/.test(lines[top])) top--;
      if (/^\s*\/\*/.test(lines[top])) start = top;
    }
    starts.set(start, found[1]);
  }
  lines.forEach((line, i) => {
    const name = starts.get(i);
    if (name !== undefined) chunks.push({ start: i, name, lines: [] });
    chunks.at(-1)!.lines.push(line);
  });
  return chunks;
}

const pointer = (file: string, text: string, { line, column, message }: Problem, from = 0) => {
  const lines = text.split(/\r?\n/);
  // "} expected" is found at the end of the text: the last line that says something is the one to
  // look at.
  let at = line + from;
  while (at > 0 && !(lines[at] ?? "").trim()) at--;
  const code = lines[at] ?? "";
  const indent = code.length - code.trimStart().length;
  const arrow = at === line + from ? `\n  ${" ".repeat(Math.max(0, column - indent))}^` : "";
  return `exercises/${basename(file)}, line ${at + 1}: ${message}\n  ${code.trim()}${arrow}`;
};

const usualCause = (message: string) =>
  /'}' expected|'\)' expected|'\]' expected/.test(message)
    ? "\nA bracket was opened and not closed."
    : "";

interface Repaired {
  runnable: string;
  /** Function → what is wrong with it, in words. */
  broken: Map<string, string>;
  /** What is wrong with the file, where no function can be blamed. */
  everything?: string;
}

/** Cuts out the functions that do not parse, then those that parse and cannot be loaded. */
function repair(file: string, text: string): Repaired {
  const chunks = chunksOf(text);
  const pieces = chunks.map((chunk) => chunk.lines.join("\n"));
  const broken = new Map<string, string>();
  const cut = (at: number, said: string): void => {
    const { name, lines, start } = chunks[at];
    broken.set(name, broken.get(name) ?? said);
    // Of a function that stands there twice the first stays, for the others to call.
    const twice = chunks.some((other) => other.name === name && other.start < start);
    const throws = `throw new Error(${JSON.stringify(`${name} cannot be loaded.`)});`;
    const stand = twice ? "" : `export function ${name}(..._: any[]): any { ${throws} }`;
    pieces[at] = stand + "\n".repeat(lines.length - 1);
  };
  const whole = syntaxProblems(text);
  if (whole.length > 0)
    chunks.forEach(({ name, start }, at) => {
      const problem = syntaxProblems(pieces[at])[0];
      if (!problem || !name) return;
      const where = pointer(file, text, problem, start);
      cut(at, `${name} does not parse: ${where}${usualCause(problem.message)}`);
    });
  let runnable = pieces.join("\n");
  if (whole.length > 0 && syntaxProblems(runnable).length > 0) {
    const said = `${pointer(file, text, whole[0])}${usualCause(whole[0].message)}`;
    return { runnable, broken, everything: `The file does not parse: ${said}` };
  }
  const settled = new Set<number>();
  for (;;) {
    const problems = loadProblems(runnable);
    if (problems.length === 0) return { runnable, broken };
    // The last one: of two declarations of a name the later is the one too many.
    const problem = problems[problems.length - 1];
    const where = pointer(file, text, problem);
    const at = chunks.findLastIndex(({ start }) => start <= problem.line);
    if (!chunks[at].name || settled.has(at))
      return { runnable, broken, everything: `The file cannot be loaded: ${where}` };
    settled.add(at);
    cut(at, `${chunks[at].name} cannot be loaded: ${where}`);
    runnable = pieces.join("\n");
  }
}

/** Whether a piece of code names something. */
export const mentions = (code: string, name: string): boolean =>
  new RegExp(`(?<![\\w$.])${name.replace(/\$/g, "\\$")}(?![\\w$])`).test(code);

/**
 * The stubs' tags, read from the text and not from parsed functions, which a syntax error may have
 * swallowed. A comment that the learner deleted is looked up in git.
 */
function tagReader(id: string, text: string): (name: string, tag: string) => number {
  const textsOf = (source: string) =>
    new Map(chunksOf(source).map((c) => [c.name, c.lines.join("\n")]));
  const value = (texts: Map<string, string>, name: string, tag: string) =>
    new RegExp(`@${tag}\\s+([\\d.]+)`).exec(texts.get(name) ?? "")?.[1];
  const mine = textsOf(text);
  let committed: Map<string, string> | undefined;
  return (name, tag) => {
    const here = value(mine, name, tag);
    if (here) return Number(here);
    committed ??= textsOf(committedText(id));
    return Number(value(committed, name, tag) ?? 1);
  };
}

/** A lesson's stubs as the last commit has them; "" where there is no git. */
export function committedText(id: string): string {
  const git = ["show", `HEAD:./${lessonPaths(id).exercises}`];
  const run = spawnSync("git", git, { cwd: courseRoot(), encoding: "utf8", timeout: 5000 });
  return run.status === 0 ? run.stdout : "";
}

/**
 * The exercise meant by a name, in any case.
 * @throws CourseError that lists the lesson's exercises
 */
export function findExercise(answers: Answers, name: string): string {
  const names = answers.exercises.map((e) => e.name);
  const wanted = name.trim().toLowerCase();
  const found = names.find((n) => n === name) ?? names.find((n) => n.toLowerCase() === wanted);
  if (found) return found;
  throw new CourseError(
    `Lesson ${answers.id} has no exercise "${name}". It has: ${names.join(", ")}.`,
  );
}

/** A learner's file as text. @throws CourseError where it is missing or cannot be read */
function readOwn(id: string): string {
  const file = answersFile(id);
  const path = pathInCourse(file);
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new CourseError(`${path} is missing. Bring it back with: git checkout ${path}`);
    const why =
      code === "EISDIR"
        ? "it is a folder"
        : code === "EACCES" || code === "EPERM"
          ? "no permission to read it"
          : (error as Error).message;
    throw new CourseError(`${path} cannot be read: ${why}.`);
  }
}

/**
 * Reads a lesson's exercises.
 * @throws CourseError where the file is missing or cannot be read
 */
export function readAnswers(id: string): Answers {
  const file = answersFile(id);
  const text = readOwn(id);
  const tags = tagReader(id, text);
  const answers = answersOf(id, file, text, exercisesOf(id));
  const exercises = answers.exercises.map((exercise) => {
    const { name } = exercise;
    const fact = (tag: "points" | "minutes" | "difficulty") =>
      Number.isFinite(exercise[tag]) ? exercise[tag] : tags(name, tag);
    const facts = {
      points: fact("points"),
      minutes: fact("minutes"),
      difficulty: fact("difficulty"),
    };
    return { ...exercise, ...facts, doc: answers.own.get(name)?.doc || exercise.doc };
  });
  return { ...answers, exercises };
}

/**
 * A text as answers to exercises that somebody else vouches for: nothing of the text says what they
 * are called, or what they bring.
 * @param file where the text lies, for messages
 * @param sources the lesson's exercises, such as a manifest lists them
 */
export function answersOf(
  id: string,
  file: string,
  text: string,
  sources: readonly ExerciseSource[],
): Answers {
  const { runnable, broken, everything } = repair(file, text);
  const own = new Map(readFunctions(runnable).map((f) => [f.name, f]));
  const exercises = sources.map((e) => ({ ...e, line: own.get(e.name)?.line ?? 0 }));
  for (const { name } of exercises) {
    if (everything && !broken.has(name)) broken.set(name, everything);
    for (const [helper, said] of [...broken]) {
      const code = own.get(name)?.code;
      const isHelper = !exercises.some((e) => e.name === helper);
      if (isHelper && code && !broken.has(name) && mentions(code, helper)) broken.set(name, said);
    }
  }
  return { id, file, text, runnable, exercises, own, broken };
}

/**
 * A stub that nobody touched: its whole body is `return notDoneYet(…)`. It need not be run to know
 * what it says.
 */
export function isUntouched(code: string): boolean {
  return /\{\s*return\s+notDoneYet\([^()]*\);?\s*\}$/.test(code);
}

/**
 * A fingerprint of everything an answer's result depends on: the function, the exercises it
 * mentions (and theirs), the rest of the file, the lesson's test and the notebooks' calls. An edit
 * of another exercise leaves it as it was.
 */
export function fingerprint(answers: Answers, name: string): string {
  const reached = new Set<string>();
  const visit = (current: string): void => {
    if (reached.has(current)) return;
    reached.add(current);
    const code = answers.own.get(current)?.code ?? "";
    for (const other of answers.own.keys())
      if (other !== current && mentions(code, other)) visit(other);
  };
  visit(name);
  let rest = answers.runnable;
  for (const { code } of answers.own.values()) rest = rest.replace(code, "");
  const { test, calls } = lessonFiles(answers.id);
  const hash = createHash("sha256");
  for (const used of [...reached].sort())
    hash.update(`${answers.broken.get(used) ?? answers.own.get(used)?.code ?? ""}\0`);
  hash.update(rest.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\s+/g, " "));
  for (const file of [test, calls]) if (existsSync(file)) hash.update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}
