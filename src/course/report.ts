// A check's results for the eye: a compact table in a notebook, the same as text in a terminal.
// Messages come from tests and from learners' code, so everything is escaped.

import { inspect } from "node:util";
import type { ExerciseResult } from "./run";

/** What `check` returns. In a notebook its echo is one line. */
export class CheckResult {
  readonly lesson: string;
  readonly exercises: ExerciseResult[];
  readonly seconds: number;

  constructor(lesson: string, exercises: ExerciseResult[], seconds: number) {
    this.lesson = lesson;
    this.exercises = exercises;
    this.seconds = seconds;
  }
  get passed(): boolean {
    return this.exercises.every((e) => e.state === "passed");
  }
  get points(): number {
    return this.exercises.filter((e) => e.state === "passed").reduce((sum, e) => sum + e.points, 0);
  }
  get total(): number {
    return this.exercises.reduce((sum, e) => sum + e.points, 0);
  }
  toString(): string {
    const done = this.exercises.filter((e) => e.state === "passed").length;
    return `${this.lesson}: ${done} of ${this.exercises.length} exercises, ${this.points} of ${this.total} points`;
  }
  [inspect.custom](): string {
    return this.toString();
  }
}

export const stateWords = { passed: "✓", failed: "✗", todo: "not done yet" } as const;

export const escapeHtml = (text: string) =>
  text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;");

/** The notes under an exercise: message, types, printed text. What all have in common is said once. */
function notes(result: ExerciseResult, all: ExerciseResult[]): string[] {
  const first = all.find((e) => e.message === result.message);
  const said = result.message ? [first === result ? result.message : `As ${first?.name}.`] : [];
  const types = result.types?.slice(0, 3).map((t) => `TypeScript, ${t}`) ?? [];
  const printed = result.printed?.trimEnd();
  return [...said, ...types, ...(printed ? [`It printed:\n${printed.replace(/^/gm, "  ")}`] : [])];
}

const stuck = (result: ExerciseResult) =>
  result.state === "failed" || (result.state === "todo" && result.message);

export function toText(check: CheckResult, hintCommand: (exercise: string) => string): string {
  const width = Math.max(8, ...check.exercises.map((e) => e.name.length));
  const lines: string[] = [];
  for (const result of check.exercises) {
    const points = `${result.points} point${result.points === 1 ? "" : "s"}`;
    lines.push(`  ${result.name.padEnd(width)}  ${points.padStart(9)}  ${stateWords[result.state]}`);
    for (const note of notes(result, check.exercises)) lines.push(note.replace(/^/gm, "      "));
    if (stuck(result)) lines.push(`      next hint: ${hintCommand(result.name)}`);
  }
  const sum = `${check.points} of ${check.total}`;
  lines.push(`  ${"".padEnd(width)}  ${sum} points, checked in ${check.seconds.toFixed(1)} s`);
  return [check.lesson, ...lines].join("\n");
}

export function toHtml(check: CheckResult, hintCommand: (exercise: string) => string): string {
  const cell = 'style="text-align:left;vertical-align:top;padding:2px 14px 2px 0"';
  const wide = 'style="text-align:left;vertical-align:top;padding:2px 0 6px 1.5em;white-space:pre-wrap"';
  const colour = { passed: "#0072B2", failed: "#D55E00", todo: "inherit" };
  const rows = check.exercises.map((result) => {
    const state = `<span style="color:${colour[result.state]};font-weight:${result.state === "todo" ? 400 : 600}">${stateWords[result.state]}</span>`;
    const head = `<tr><td ${cell}><code>${escapeHtml(result.name)}</code></td><td ${cell}>${result.points}</td><td ${cell}>${state}</td></tr>`;
    const under = notes(result, check.exercises).map((note) => {
      // Lines that begin with spaces are numbers or code, and stand in columns.
      const html = note
        .split("\n")
        .map((line) =>
          /^ {2}/.test(line) ? `<code style="white-space:pre">${escapeHtml(line)}</code>` : escapeHtml(line),
        );
      return `<tr><td colspan="3" ${wide}>${html.join("\n")}</td></tr>`;
    });
    if (stuck(result))
      under.push(
        `<tr><td colspan="3" ${wide}>next hint: <code>${escapeHtml(hintCommand(result.name))}</code></td></tr>`,
      );
    return head + under.join("");
  });
  const title = `<tr><th ${cell}>exercise</th><th ${cell}>points</th><th ${cell}>result</th></tr>`;
  const sum = `<tr><td ${cell}></td><td ${cell} colspan="2"><b>${check.points} of ${check.total} points</b></td></tr>`;
  return `<table class="llm-check" style="border-collapse:collapse;margin:0">${title}${rows.join("")}${sum}</table>`;
}
