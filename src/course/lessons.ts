// What `learner(lesson)` returns. tools/build.mjs writes the exact types over
// dist/course/lessons.d.ts, from the compiled solutions; in source, where those do not exist, any
// lesson has any functions.

export interface Lessons {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  [lesson: string]: Record<string, (...args: any[]) => any>;
}
