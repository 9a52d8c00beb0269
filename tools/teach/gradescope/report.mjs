// A grader's results as Gradescope shows them: results.json
// (https://gradescope-autograders.readthedocs.io/en/latest/specs/). Each exercise is a test with
// the check's sentences. A flag is a test that only instructors see, and it has no points: hidden
// tests with points would hide a learner's total.
import { writeCsv } from "../csv.mjs";
import { HELD, isHeld, STATUS } from "../result.mjs";
import { plain, points } from "../say.mjs";

const isRight = ({ status }) => status === "passed" || status === "follow-on";

/** The tests of a lesson that was graded. */
function testsOf({ lesson, result }, several) {
  const held = isHeld(result);
  return result.exercises.map(({ name, points: got, max, sentence, ...exercise }, i) => ({
    ...{ name, number: several ? `${lesson.number}.${i + 1}` : `${i + 1}` },
    ...{ score: held ? 0 : got, max_score: max },
    status: isRight(exercise) ? "passed" : "failed",
    output: [`${STATUS[exercise.status]}`, sentence].filter(Boolean).join("\n"),
    visibility: "visible",
  }));
}

/** What instructors see of a submission that somebody has to look at. */
function flagTest({ lesson, result }, student) {
  const open = result.flags.filter(({ cleared }) => !cleared);
  const kinds = [...new Set(open.map(({ kind }) => kind))].join(", ");
  const { sha256 } = result;
  const row = ({ kind, line, text }) => [student, result.lesson, sha256, kind, `${line}`, text, ""];
  const output = [
    `0 points until you have looked; ${points(result.earned)} of ${points(result.max)} if it is ` +
      "let pass:",
    ...result.exercises.map((e) => `  ${e.name}: ${points(e.points)} of ${points(e.max)}`),
    "What is not usual in an answer:",
    ...open.map(({ kind, line, text }) => `  line ${line}, ${kind}: ${plain(text)}`),
    "To let it pass, give the points on Gradescope. Or put these lines into teaching/cleared.csv,",
    "under the heads student,lesson,sha256,kind,line,text,comment, make and upload the autograder",
    "once more, and regrade:",
    writeCsv(open.map(row)).trimEnd(),
  ].join("\n");
  return {
    ...{ name: `Lesson ${lesson.number}: look at this (${kinds})`, output },
    ...{ score: 0, max_score: 0, status: "failed", visibility: "hidden" },
  };
}

/** A lesson for which nothing could be graded, and why: the learner can mend it. */
function refusedTest({ lesson, max, unmatched }) {
  const why = unmatched.map(({ path, reason }) => `${plain(path)} ${plain(reason)}`);
  const nothing = `expected a file with the functions of exercises/${lesson.id}.ts, got none`;
  return {
    ...{ name: `Lesson ${lesson.number} (${lesson.title})`, score: 0, max_score: max },
    ...{ status: "failed", visibility: "visible" },
    output: (why.length > 0 ? why : [nothing]).join("\n"),
  };
}

/**
 * results.json as an object.
 * @param parts [{ lesson, result } or { lesson, max, unmatched }], one for each lesson
 * @param about { student, seconds, unmatched, sandbox }: `unmatched` are the files that no lesson
 *   took, `student` names them for cleared.csv
 */
export function report(parts, { student = "", seconds, unmatched = [], sandbox }) {
  const graded = parts.filter(({ result }) => result);
  const held = graded.filter(({ result }) => isHeld(result));
  const isWhole = graded.length === parts.length;
  const notes = [
    ...(held.length > 0 ? [HELD] : []),
    ...(isWhole ? unmatched : []).map(
      ({ path, reason }) => `Not graded: ${plain(path)} ${plain(reason)}`,
    ),
  ];
  return {
    score: graded.reduce((sum, { result }) => sum + result.points, 0),
    ...(notes.length > 0 && { output: notes.join("\n"), output_format: "text" }),
    ...{ test_output_format: "text", test_name_format: "text" },
    ...{ visibility: "visible", stdout_visibility: "hidden" },
    execution_time: Math.round(seconds),
    tests: parts
      .flatMap((part) => (part.result ? testsOf(part, parts.length > 1) : [refusedTest(part)]))
      .concat(held.map((part) => flagTest(part, student))),
    extra_data: {
      sandbox,
      results: graded.map(({ result: { schema, lesson, key, sha256, earned, courseVersion } }) => ({
        ...{ schema, lesson, key, sha256, earned, courseVersion },
      })),
    },
  };
}
