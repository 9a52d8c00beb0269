// npm run hint 06 causalMask: the next of three hints; which ones were shown is remembered.

import { readAnswers } from "../course/answers";
import { nextHint } from "../course/hints";
import { CourseError, findLesson } from "../course/paths";
import { command } from "../course/terminal";

command(([lesson = "", exercise]) => {
  const id = findLesson(lesson);
  if (!exercise) {
    const names = readAnswers(id).exercises.map((e) => e.name);
    throw new CourseError(`Which exercise? Lesson ${id} has: ${names.join(", ")}.`);
  }
  console.log(
    nextHint(id, exercise).replace(/^\*\*(Hint .*)\*\*$/gm, (_, title: string) =>
      title.replace(/`/g, ""),
    ),
  );
  return 0;
});
