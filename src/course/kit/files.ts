// That a lesson's files fit together: every function has its stub (same signature, tags), three
// hints, two mutants, a test and a sweep that asks enough.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe as group, test } from "vitest";
import { courseRoot, type LessonFiles, lessonPaths } from "../paths";
import { readFunctions, readHints } from "../source";

/** Every function has its stub (same signature, tags), three hints, two mutants and a test. */
export function defineCompleteness(
  id: string,
  tested: string[],
  mutants: Record<string, unknown[]>,
  file: LessonFiles,
  shipped: Stubs,
): void {
  const paths = lessonPaths(id);
  group("the lesson's files fit together", () => {
    const solutions = readFunctions(readFileSync(file.solutions, "utf8"));
    const stubs = readFunctions(shipped.text);
    const hints = existsSync(file.hints) ? readHints(readFileSync(file.hints, "utf8")) : {};
    test("every test and every stub has a solution, in the same order", (context) => {
      if (shipped.reason) context.skip(shipped.reason);
      const names = solutions.map((s) => s.name).join(", ");
      const order = (list: string[]) => list.join(", ");
      if (order(tested) !== names)
        throw new Error(`tests: ${order(tested)}\n${paths.solutions}: ${names}`);
      if (order(stubs.map((s) => s.name)) !== names)
        throw new Error(
          `${paths.exercises}: ${order(stubs.map((s) => s.name))}\n${paths.solutions}: ${names}`,
        );
      if (solutions.length === 0) throw new Error(`${paths.solutions} exports no function.`);
    });
    for (const solution of solutions) {
      test(`${solution.name}: stub, tags, hints, mutants`, (context) => {
        if (shipped.reason) context.skip(shipped.reason);
        const problems: string[] = [];
        const stub = stubs.find((s) => s.name === solution.name);
        if (!stub) problems.push(`${paths.exercises} has no stub of it`);
        else {
          if (stub.signature !== solution.signature)
            problems.push(
              `signatures differ:\n    stub      ${stub.signature}\n    solution  ${solution.signature}`,
            );
          if (!stub.returns) problems.push("the signature names no result type");
          if (!(stub.points > 0))
            problems.push("the stub's doc comment needs @points, a positive number");
          if (!(stub.minutes > 0))
            problems.push("the stub's doc comment needs @minutes, a positive number");
          if (![1, 2, 3, 4, 5].includes(stub.difficulty))
            problems.push("the stub's doc comment needs @difficulty, 1 to 5");
          if (stub.doc.length < 30)
            problems.push("the stub's doc comment is the whole task; this one says nearly nothing");
        }
        const tiers = hints[solution.name]?.map((h) => h.title).join(", ");
        if (tiers !== "Idea, Pseudocode, Answer")
          problems.push(
            `${paths.hints} should have "## ${solution.name}" with ### Idea, ### Pseudocode, ### Answer; it has: ${tiers ?? "nothing"}`,
          );
        for (const hint of hints[solution.name] ?? [])
          if (!hint.text) problems.push(`the hint "${hint.title}" is empty`);
        const count = mutants[solution.name]?.length ?? 0;
        if (count < 2) problems.push(`it needs two mutants or more, and has ${count}`);
        if (problems.length > 0) throw new Error(`${solution.name}:\n  ${problems.join("\n  ")}`);
      });
    }
  });
}

export interface Stubs {
  text: string;
  /**
   * Where the text lies; unset if it is the committed one, which the learner's file has replaced.
   */
  path?: string;
  /** Why there are none to judge. */
  reason?: string;
}

/** The stubs as the course ships them: the learner's own edits are not what `npm test` judges. */
export function shippedStubs(id: string, path: string): Stubs {
  const now = existsSync(path) ? readFileSync(path, "utf8") : "";
  const areStubs = (text: string) =>
    readFunctions(text).every((f) => /\bnotDoneYet\(/.test(f.code));
  // An author's new stubs are judged as they are, before they are committed.
  if (areStubs(now)) return { text: now, path };
  let committed = now;
  try {
    const git = ["show", `HEAD:./${lessonPaths(id).exercises}`];
    committed = execFileSync("git", git, {
      cwd: courseRoot(),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {}
  if (committed !== now && areStubs(committed)) return { text: committed };
  if (process.env.CI) return { text: now, path };
  return {
    text: now,
    reason: `${lessonPaths(id).exercises} has answers in it, and there are no committed stubs to judge instead`,
  };
}

/** The stubs as a module, or undefined where there are none to judge. */
export async function loadStubs<M>(
  id: string,
  stubs: Stubs,
  load: (path: string) => Promise<M>,
): Promise<M | undefined> {
  if (stubs.reason) return undefined;
  if (stubs.path) return load(stubs.path);
  const folder = mkdtempSync(join(tmpdir(), "llm-stubs-"));
  try {
    const copy = join(folder, `${id}.ts`);
    writeFileSync(copy, stubs.text);
    return await load(copy);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
