// The recorded results of longer runs, in datasets/runs: JSON files, each made by a script beside it.

import { readFileSync } from "node:fs";
import { datasetPath } from "./text";

/**
 * The contents of a recorded run. Notebooks read them in this way too, because a learner's copy of a
 * notebook lies in another folder.
 *
 * @param name folder and file in datasets/runs, such as "06-attention/runs.json"
 * @throws if there is no such file
 */
export function recordedRun<T>(name: string): T {
  return JSON.parse(readFileSync(courseFile(`runs/${name}`), "utf8"));
}

/**
 * A recorded run that is kept line by line, one JSON object per line.
 *
 * @param name folder and file in datasets/runs, such as "18-rlhf/runs.jsonl"
 * @throws if there is no such file
 */
export const recordedLines = <T>(name: string): T[] =>
  readFileSync(courseFile(`runs/${name}`), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

/**
 * The lines of one kind, which is the `run` of a line, in the order in which they were made.
 *
 * @param name as for `recordedLines`
 * @throws if there is none
 */
export function recordedKind<T>(name: string, run: string): T[] {
  const found = recordedLines<T & { run: string }>(name).filter((line) => line.run === run);
  if (found.length > 0) return found;
  throw new Error(`recordedKind: expected runs of "${run}" in ${name}, found none`);
}

/**
 * The path of a file that comes with the course, in `datasets/` or in the folder that LLM_DATASETS
 * names.
 * @throws if it is not there; the message says how to get it back
 */
export function courseFile(name: string): string {
  const path = datasetPath(name);
  if (path === null)
    throw new Error(
      `courseFile: expected ${name} in datasets/, got no such file; it comes with the course, and ` +
        "`git checkout -- datasets` restores it",
    );
  return path;
}
