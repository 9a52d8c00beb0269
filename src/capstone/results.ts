// What the steps of a project leave in `results/` for each other.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../files";
import type { Usage } from "../languageModel";
import type { ServiceRecord } from "./monitor";
import type { Project } from "./project";
import type { Outcome } from "./questions";

/** 0.5 → " 50 %", for columns. */
export const percent = (share: number) => `${(100 * share).toFixed(0).padStart(3)} %`;
/** Keeps a result in `results/`. */
export const save = (project: Project, name: string, result: object) =>
  writeAtomically(join(project.folder, "results", `${name}.json`), [
    `${JSON.stringify(result, null, 1)}\n`,
  ]);

/** A saved result. @throws with the command that makes it */
export function resultOf<T>({ folder, choices }: Project, name: string): T {
  const file = join(folder, "results", `${name}.json`);
  if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8"));
  throw new Error(
    `resultOf: expected results/${name}.json: npm run capstone ${choices.name} ${name}`,
  );
}

/** What an evaluation leaves. */
export interface EvaluationResult {
  application: string;
  questions: number;
  good: { value: number; low: number; high: number };
  shares: Record<Outcome, number>;
  topics: [string, Record<string, number>][];
  faults: string[][];
  cpu: number;
  usage: Usage;
  records: ServiceRecord[];
}
