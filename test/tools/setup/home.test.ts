// What the course home is told: the exercises with the points and minutes of their stubs, the same
// as the check reads them; and how far a learner is, from the records.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readFunctions } from "llm/course/source";
import { describe, expect, test } from "vitest";

interface Task {
  name: string;
  points: number;
  minutes: number;
}
interface Lesson {
  id: string;
  written: boolean;
  exercises: string;
  tasks: Task[];
}

const load = (path: string) => import(pathToFileURL(path).href);
const { lessonsForHome } = (await load("tools/setup/home.mjs")) as {
  lessonsForHome(): { title: string; lessons: Lesson[] }[];
};
const { standingOf } = (await load(
  join("jupyter", "labextensions", "course-lab", "static", "lessons.js"),
)) as {
  standingOf(lesson: Lesson, state: object): Record<string, unknown>;
};
const lessons = lessonsForHome().flatMap((part) => part.lessons);

test("all lessons, and each exercise with the points and minutes of its stub", () => {
  expect(lessons.length).toBeGreaterThan(30);
  const written = lessons.filter((lesson) => lesson.written);
  expect(written.length).toBeGreaterThan(3);
  for (const { exercises, tasks } of written) {
    const stubs = readFunctions(readFileSync(exercises, "utf8"));
    const facts = stubs.map(({ name, points, minutes }) => ({ name, points, minutes }));
    expect(tasks).toEqual(facts);
  }
});

describe("how far a lesson is", () => {
  const exercises = "exercises/06-attention.ts";
  const tasks = [
    { name: "first", points: 2, minutes: 5 },
    { name: "second", points: 3, minutes: 10 },
  ];
  const lesson = { id: "06-attention", written: true, exercises, tasks };
  const checked = "2026-11-26T12:00:00Z";

  test("nothing is recorded", () => {
    expect(standingOf(lesson, { records: {}, edited: {} })).toEqual({
      ...{ done: 0, count: 2, points: 0, total: 5, minutes: 15 },
      ...{ next: "first", edited: false },
    });
  });

  test("what passed counts; a file saved after its last check is noticed", () => {
    const record = { first: { state: "passed", checked }, second: { state: "failed", checked } };
    const records = { "06-attention": record };
    const before = { records, edited: { [exercises]: "2026-11-26T11:00:00Z" } };
    const after = { records, edited: { [exercises]: "2026-11-26T13:00:00Z" } };
    expect(standingOf(lesson, before)).toMatchObject({
      ...{ done: 1, points: 2, next: "second", edited: false },
    });
    expect(standingOf(lesson, after)).toMatchObject({ done: 1, edited: true });
  });
});
