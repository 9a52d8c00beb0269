// How far a learner is with a lesson, from the records and the file as it is now.

import { fingerprint, readAnswers } from "./answers";
import { readProgress, recordsOf } from "./progress";

export interface LessonProgress {
  id: string;
  done: number;
  count: number;
  points: number;
  total: number;
  /** The next exercise that is not done. */
  next?: { name: string; minutes: number; state: "failed" | "todo" | "edited" };
}

/**
 * How far a lesson is, from the records; an answer edited since its check does not count until it
 * is checked again.
 */
export function lessonProgress(id: string): LessonProgress {
  const records = recordsOf(readProgress(), id);
  const answers = readAnswers(id);
  const result: LessonProgress = {
    id,
    done: 0,
    count: answers.exercises.length,
    points: 0,
    total: 0,
  };
  for (const { name, points, minutes } of answers.exercises) {
    result.total += points;
    const record = records[name];
    const current = record?.content === fingerprint(answers, name);
    if (record?.state === "passed" && current) {
      result.done++;
      result.points += points;
    } else if (!result.next) {
      const state = record?.state === undefined ? "todo" : current ? "failed" : "edited";
      result.next = { name, minutes, state: record?.state === "todo" && current ? "todo" : state };
    }
  }
  return result;
}
