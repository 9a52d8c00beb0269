// What a learner hands in: a zip of the file with the answers and submission.json, which says whose
// it is, when it was made and with which version of the course. The time and the name are the
// learner's own claim; a teacher trusts those of the learning platform more.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "../files";
import { writeZip } from "../zip";
import { isUntouched, readAnswers } from "./answers";
import { courseVersion } from "./manifest";
import { CourseError, courseRoot, findLesson, learnersRoot, pathInCourse } from "./paths";

export interface SubmissionNote {
  schema: "llm-course/submission/v1";
  student: string;
  lesson: string;
  /** Of the file's bytes. */
  sha256: string;
  /** When the zip was made, ISO 8601, by the learner's own clock. */
  time: string;
  courseVersion: string;
}

/** Where the learner's name is remembered. */
const nameFile = () => join(learnersRoot() ?? join(courseRoot(), "exercises"), "student.json");

/** The name given at the last submission, if there was one. */
export function rememberedStudent(): string | undefined {
  try {
    const { student } = JSON.parse(readFileSync(nameFile(), "utf8"));
    return typeof student === "string" && student.trim() ? student : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Makes the zip in the learner's folder and says what is in it.
 *
 * @param options.student as the teacher knows the learner; remembered for the next time
 * @param options.now the time that it carries
 * @returns the zip's path, and what the learner should know
 * @throws CourseError where the name makes no sense or there is nothing to hand in
 */
export function submit(
  lesson: string,
  { student, now = new Date() }: { student: string; now?: Date },
): { file: string; said: string[] } {
  const name = student.trim();
  if (!/^[^\p{Cc}\p{Cf}/\\]{1,80}$/u.test(name))
    throw new CourseError(
      "submit: expected the name, email or number your teacher knows you by, in one line, got " +
        JSON.stringify(student.slice(0, 60)),
    );
  const id = findLesson(lesson);
  const answers = readAnswers(id);
  const bytes = readFileSync(answers.file);
  const done = answers.exercises.filter((e) => !isUntouched(answers.own.get(e.name)?.code ?? ""));
  if (done.length === 0)
    throw new CourseError(
      `${pathInCourse(answers.file)} has no answer yet: every exercise is as it came. Write one, ` +
        `save, and run: npm run submit ${id.slice(0, 2)}`,
    );
  const note: SubmissionNote = {
    schema: "llm-course/submission/v1",
    student: name,
    lesson: id,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    time: now.toISOString(),
    courseVersion: courseVersion(),
  };
  const safe = name.replace(/[^\p{L}\p{N}._-]+/gu, "-").replace(/^[.-]+/, "");
  const zip = `${id}_${safe || "me"}.zip`;
  const made = writeZip([
    { path: `${id}.ts`, contents: bytes, modified: now },
    { path: "submission.json", contents: `${JSON.stringify(note, null, 2)}\n`, modified: now },
  ]);
  const file = join(learnersRoot() ?? courseRoot(), zip);
  writeAtomically(file, [made]);
  if (rememberedStudent() !== name)
    writeAtomically(nameFile(), [`${JSON.stringify({ student: name })}\n`]);
  const broken = [...answers.broken.keys()].filter((n) =>
    answers.exercises.some((e) => e.name === n),
  );
  const said = [
    `${pathInCourse(file)}: ${done.length} of ${answers.exercises.length} exercises have an answer.`,
    ...(broken.length > 0
      ? [
          `These cannot be read as they are: ${broken.join(", ")}. Check first: npm run check ${id.slice(0, 2)}`,
        ]
      : []),
    `It is handed in as ${name}, made ${now.toISOString()}. Upload the zip where your teacher asks for it.`,
  ];
  return { file, said };
}
