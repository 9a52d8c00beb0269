// npm run solution 06 causalMask: the reference answer, its task and its reasons. Asks first in a
// terminal.

import { createInterface } from "node:readline/promises";
import { readAnswers } from "../course/answers";
import { solutionText } from "../course/hints";
import { CourseError, findLesson } from "../course/paths";
import { command } from "../course/terminal";

command(async ([lesson = "", exercise, ...flags]) => {
  const id = findLesson(lesson);
  if (!exercise) {
    const names = readAnswers(id).exercises.map((e) => e.name);
    throw new CourseError(`Which exercise? Lesson ${id} has: ${names.join(", ")}.`);
  }
  if (process.stdin.isTTY && !flags.includes("--yes")) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(
      `Show the answer to ${exercise}? A hint may be enough: npm run hint ${id.slice(0, 2)} ${exercise}  [y/N] `,
    );
    terminal.close();
    if (!/^y/i.test(answer.trim())) return 0;
  }
  console.log(solutionText(id, exercise));
  return 0;
});
