// `const mine = await learner("06-attention")`: the learner's functions where their checks pass,
// the reference where they do not, so that being stuck never blocks. The file is read anew at each
// call: an edit needs no restart.

import { existsSync } from "node:fs";
import { createRequire, SourceMap } from "node:module";
import { dirname } from "node:path";
import { compileFunction } from "node:vm";
import { escapeHtml, show } from "../display/output";
import { type Answers, fingerprint, isUntouched, readAnswers } from "./answers";
import type { Lessons } from "./lessons";
import {
  answersFile,
  CourseError,
  findLesson,
  lessonFiles,
  lessonIds,
  pathInCourse,
} from "./paths";
import { readProgress, recordsOf } from "./progress";
import { parts } from "./register";
import { runLesson } from "./run";
import { typescript } from "./source";

// biome-ignore lint/suspicious/noExplicitAny: any function is an exercise, whatever it takes
type Functions = Record<string, (...args: any[]) => any>;

/**
 * The learner's file as a module of this process: `llm/…` is the module the notebook uses, so
 * tensors are shared.
 */
function loadOwn(answers: Answers): Functions {
  const ts = typescript();
  const compilerOptions = {
    module: ts.ModuleKind.CommonJS,
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
    sourceMap: true,
  };
  const { outputText, sourceMapText } = ts.transpileModule(answers.runnable, {
    compilerOptions,
    fileName: answers.file,
  });
  const near = createRequire(answers.file);
  const here = createRequire(__filename);
  const load = (name: string): unknown => {
    if (!name.startsWith("llm/")) return near(name);
    // This file is dist/course/learner.js, and `llm/x` is dist/x.
    return here(`../${name.slice(4)}`);
  };
  const module = { exports: {} as Functions };
  const code = outputText.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
  const parameters = ["exports", "require", "module", "__filename", "__dirname"];
  const run = compileFunction(code, parameters, { filename: answers.file });
  loaded.set(answers.file, {
    map: new SourceMap(JSON.parse(sourceMapText!)),
    lines: answers.text.split("\n"),
  });
  run(module.exports, load, module, answers.file, dirname(answers.file));
  return module.exports;
}

/**
 * The learners' files that are loaded: what runs is JavaScript made from them, with other line
 * numbers.
 */
const loaded = new Map<string, { map: SourceMap; lines: string[] }>();

/**
 * "exercises/06-attention.ts, line 12: return …" for a place in what runs, or null where that is no
 * learner's file.
 */
function ownLine(file: string, line: number, column: number): string | null {
  const entry = loaded.get(file)?.map.findEntry(line - 1, column - 1);
  if (entry === undefined || !("originalLine" in entry)) return null;
  const text = loaded.get(file)!.lines[entry.originalLine] ?? "";
  return `${pathInCourse(file)}, line ${entry.originalLine + 1}: ${text.trim()}`;
}
// The kernel's tracebacks and llm/engine's CompileError, which know nothing of the course, ask for
// it by this name.
(globalThis as Record<symbol, unknown>)[Symbol.for("llm.ownLine")] = ownLine;

/** The innermost line of a learner's file in a stack. */
function ownLineOf(error: Error): string | null {
  for (const [, file, line, column] of (error.stack ?? "").matchAll(
    /(?:\(|at )(?:file:\/\/)?(\S[^()\n]*):(\d+):(\d+)\)?$/gm,
  )) {
    const found = ownLine(file, Number(line), Number(column));
    if (found) return found;
  }
  return null;
}

/** Says whose function it was, when one that passed its checks throws later. */
function named(
  fn: (...args: unknown[]) => unknown,
  name: string,
  lesson: string,
): (...args: unknown[]) => unknown {
  const explain = (error: unknown): never => {
    if (error instanceof Error && !error.message.includes("exercises/"))
      error.message = `${error.message} (in your ${name}, ${ownLineOf(error) ?? pathInCourse(answersFile(lesson))})`;
    throw error;
  };
  const wrapped = (...args: unknown[]): unknown => {
    try {
      const result = fn(...args);
      return result instanceof Promise ? result.catch(explain) : result;
    } catch (error) {
      return explain(error);
    }
  };
  return Object.defineProperty(wrapped, "name", { value: name });
}

async function passing(answers: Answers): Promise<Set<string>> {
  const records = recordsOf(readProgress(), answers.id);
  const known = new Map<string, boolean>();
  for (const { name } of answers.exercises) {
    if (isUntouched(answers.own.get(name)?.code ?? "")) known.set(name, false);
    else if (records[name]?.content === fingerprint(answers, name))
      known.set(name, records[name].state === "passed");
  }
  const unknown = answers.exercises.map((e) => e.name).filter((name) => !known.has(name));
  if (unknown.length > 0)
    for (const { name, state } of await runLesson(answers.id, { only: unknown }))
      known.set(name, state === "passed");
  return new Set([...known].filter(([, passed]) => passed).map(([name]) => name));
}

const inWords = (names: string[]) =>
  names.join(", ").replace(/, ([^,]*)$/, names.length > 2 ? ", and $1" : " and $1");

/** Whose functions a lesson's cells call, as a sentence. */
function sayWhose(id: string, yours: string[], others: string[]): string {
  const listed = parts.flatMap(({ lessons }) => lessons).find((lesson) => lesson.id === id);
  const title = listed?.title ?? id.slice(3).replaceAll("-", " ");
  // "A neural network by hand" → "a neural network by hand"; "GPT" stays.
  const name = /^[A-Z]([^A-Z]|$)/.test(title) ? title[0].toLowerCase() + title.slice(1) : title;
  const lesson = `${id.slice(0, 2)} (${name})`;
  if (others.length === 0) return `Lesson ${lesson} uses your own ${inWords(yours)}.`;
  const theirs = `the reference answers for ${inWords(others)}`;
  return yours.length === 0
    ? `Until yours pass, lesson ${lesson} uses ${theirs}.`
    : `Lesson ${lesson} uses your own ${inWords(yours)} and, until yours pass, ${theirs}.`;
}

/**
 * The functions of a lesson: yours where they pass, the reference's where they do not, and one line
 * saying which.
 * @param lesson the id: "06-attention"
 */
export async function learner<L extends keyof Lessons & string>(lesson: L): Promise<Lessons[L]> {
  // A release for a class has the reference of lessons that it does not hold.
  const elsewhere = existsSync(lessonFiles(lesson).compiled) && !lessonIds().includes(lesson);
  const id = elsewhere ? lesson : findLesson(lesson);
  const { compiled } = lessonFiles(id);
  if (!existsSync(compiled))
    throw new CourseError(
      `learner: the reference answers of ${id} are not built yet. Run: npm run build`,
    );
  const reference = createRequire(__filename)(compiled) as Functions;
  const functions: Functions = { ...reference };
  let yours: string[] = [];
  let trouble = "";
  try {
    const answers = elsewhere ? undefined : readAnswers(id);
    const passed = answers ? await passing(answers) : new Set<string>();
    if (answers && passed.size > 0) {
      const own = loadOwn(answers);
      yours = answers.exercises
        .map((e) => e.name)
        .filter((name) => passed.has(name) && typeof own[name] === "function");
      for (const name of yours) functions[name] = named(own[name], name, id);
    }
  } catch (error) {
    // A file that cannot be loaded here must not keep the lesson from going on.
    yours = [];
    Object.assign(functions, reference);
    trouble = ` (${error instanceof Error ? error.message.split("\n")[0] : String(error)})`;
  }
  const others = Object.keys(reference).filter(
    (n) => typeof reference[n] === "function" && !yours.includes(n),
  );
  const line = `${sayWhose(id, yours, others)}${trouble}`;
  show({ "text/html": `<small>${escapeHtml(line)}</small>`, "text/plain": line });
  // `mine = await learner(…)` as a cell's last line needs no echo: the line above has said what
  // there is.
  return Object.defineProperty(functions, Symbol.for("llm.silent"), {
    value: true,
  }) as unknown as Lessons[L];
}
