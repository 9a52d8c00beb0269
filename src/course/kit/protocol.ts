// What passes between a check (../run.ts) and the child process that runs a lesson's tests on the
// learner's file: settings on the way in, notes on the way out. Both are files in a folder of the
// check's own; the child learns their place from one environment variable.

import { readFileSync } from "node:fs";
import type { ExerciseSource } from "../source";

/** Names the learner's file where a note is about no single exercise: its loading. */
export const FILE = "(the file)";
/** The environment variable that holds the path of the settings. */
export const SETTINGS = "LLM_CHECK";

/** What the child is asked to do. */
export interface Settings {
  /** The learner's file. */
  file: string;
  /** A repaired text of that file, used in its place where a function does not parse. */
  text?: string;
  /** The exercises to run, in this order. */
  only: string[];
  /** All exercises of the lesson, as the course declares them. */
  sources: ExerciseSource[];
  /**
   * Many answers, each in a file of its own; `only` names them. For a trial (tools/lesson/trial.mjs)
   * and for grading (tools/teach/grade).
   */
  answers?: Trial[];
  /** Where the notes go. */
  notes: string;
  /** For one exercise. */
  milliseconds: number;
  megabytes: number;
}

/** One answer of many. */
export interface Trial {
  /** Names the answer in the notes. */
  name: string;
  exercise: string;
  file: string;
  /** `file` is no learner's file, but stands for one (../run.ts): its code tells nothing. */
  standsIn?: boolean;
  /** Seeds inputs for a second look at the numbers. */
  newInputs?: number;
  /**
   * The teacher's own kinds of inputs for that look: a module whose `inputs` has, by exercise, what a
   * lesson's test declares as its sweep.
   */
  inputs?: string;
}

interface Ended {
  exercise: string;
  ms: number;
  message?: string;
  /** The beginning of what the answer printed. */
  printed?: string;
}

/** One line of the notes. */
export type Note =
  | { type: "loaded" }
  | { type: "start"; exercise: string }
  | ({ type: "pass" | "todo" } & Ended)
  | ({ type: "fail" } & Ended & {
        message: string;
        /** Everything is right but for inputs that were drawn anew. */
        anew?: boolean;
      })
  | { type: "dead"; exercise: string; reason: "time" | "memory" };

export const noteLine = (note: Note): string => `${JSON.stringify(note)}\n`;

/** The notes written so far; a line that is not finished, or is no note, is left out. */
export function readNotes(text: string): Note[] {
  return text.split("\n").flatMap((line) => {
    try {
      const note = JSON.parse(line) as Note | null;
      return note !== null && typeof note === "object" && typeof note.type === "string"
        ? [note]
        : [];
    } catch {
      return [];
    }
  });
}

/** The settings of this process, or undefined where it is no check of a learner's file. */
export function readSettings(): Settings | undefined {
  const path = process.env[SETTINGS];
  return path ? (JSON.parse(readFileSync(path, "utf8")) as Settings) : undefined;
}
