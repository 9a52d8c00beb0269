// The learner's file as text: which exercises it holds, whether they are touched, what does not parse, and a
// fingerprint of each answer. A function that does not parse is cut out, so that it costs one exercise and not all.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { CourseError, courseRoot, lessonFiles, lessonPaths } from "./paths";
import { type ExerciseSource, readFunctions, typescript } from "./source";

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
  // «} expected» is found at the end of the text: the last line that says something is the one to look at.
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

function repair(
  file: string,
  text: string,
): { runnable: string; broken: Map<string, string>; everything?: string } {
  const broken = new Map<string, string>();
  const whole = syntaxProblems(text);
  if (whole.length === 0) return { runnable: text, broken };
  const pieces = chunksOf(text).map((chunk) => {
    const code = chunk.lines.join("\n");
    const problem = syntaxProblems(code)[0];
    if (!problem || !chunk.name) return code;
    broken.set(
      chunk.name,
      `${chunk.name} does not parse: ${pointer(file, text, problem, chunk.start)}${usualCause(problem.message)}`,
    );
    const stand = `export function ${chunk.name}(..._: any[]): any { throw new Error(${JSON.stringify(`${chunk.name} does not parse.`)}); }`;
    return stand + "\n".repeat(chunk.lines.length - 1);
  });
  const runnable = pieces.join("\n");
  const left = syntaxProblems(runnable);
  const said = `The file does not parse: ${pointer(file, text, whole[0])}${usualCause(whole[0].message)}`;
  return left.length === 0 ? { runnable, broken } : { runnable, broken, everything: said };
}

const mentions = (code: string, name: string) =>
  new RegExp(`(?<![\\w$.])${name.replace(/\$/g, "\\$")}(?![\\w$])`).test(code);

/**
 * The stubs' tags, read from the text and not from parsed functions, which a syntax error may have swallowed. A comment
 * that the learner deleted is looked up in git.
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

function committedText(id: string): string {
  const git = ["show", `HEAD:./${lessonPaths(id).exercises}`];
  const run = spawnSync("git", git, { cwd: courseRoot(), encoding: "utf8", timeout: 5000 });
  return run.status === 0 ? run.stdout : "";
}

/**
 * Reads a lesson's exercises.
 * @throws CourseError where the file is missing
 */
export function readAnswers(id: string): Answers {
  const { exercises: file, solutions } = lessonFiles(id);
  if (!existsSync(file))
    throw new CourseError(
      `${lessonPaths(id).exercises} is missing. Bring it back with: git checkout ${lessonPaths(id).exercises}`,
    );
  const text = readFileSync(file, "utf8");
  const { runnable, broken, everything } = repair(file, text);
  const own = new Map(readFunctions(runnable).map((f) => [f.name, f]));
  const tags = tagReader(id, text);
  const exercises = readFunctions(readFileSync(solutions, "utf8")).map(
    (solution): ExerciseSource => {
      const { name } = solution;
      const facts = {
        points: tags(name, "points"),
        minutes: tags(name, "minutes"),
        difficulty: tags(name, "difficulty"),
      };
      return {
        ...solution,
        ...facts,
        doc: own.get(name)?.doc || solution.doc,
        line: own.get(name)?.line ?? 0,
      };
    },
  );
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

/** A stub that nobody touched: its whole body is `return notDoneYet(…)`. It need not be run to know what it says. */
export function isUntouched(code: string): boolean {
  return /\{\s*return\s+notDoneYet\([^()]*\);?\s*\}$/.test(code);
}

/**
 * A fingerprint of everything an answer's result depends on: the function, the exercises it mentions (and theirs), the
 * rest of the file, and the lesson's test. An edit of another exercise leaves it as it was.
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
  const { test } = lessonFiles(answers.id);
  const hash = createHash("sha256");
  for (const used of [...reached].sort())
    hash.update(`${answers.broken.get(used) ?? answers.own.get(used)?.code ?? ""}\0`);
  hash.update(rest.replace(/\/\*[\s\S]*?\*\//g, "").replace(/\s+/g, " "));
  if (existsSync(test)) hash.update(readFileSync(test));
  return hash.digest("hex").slice(0, 16);
}
