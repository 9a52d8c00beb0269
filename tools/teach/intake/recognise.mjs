// Which lesson a file answers: the one whose exercises it names, whatever the file is called. A
// notebook, or a text that names none of them, is told in a sentence what is expected instead.
import { llm } from "../../kit.mjs";
import { decode } from "./decode.mjs";

let known;
/** The exercises of every lesson: id → names. */
function exercises() {
  const { lessonIds } = llm("llm/course/paths");
  const { exercisesOf } = llm("llm/course/release");
  known ??= new Map(lessonIds().map((id) => [id, exercisesOf(id).map(({ name }) => name)]));
  return known;
}

/** What no answer is, though it may quote one. */
const OTHER = /\.(md|html?|json|csv|xml|css|svg|yml|yaml)$/i;
/** A whole copy of the course holds other files with the same functions. */
const COURSE = /(^|\/)(solutions|test|src|dist|tools|notebooks|docs|jupyter|datasets)\//;

/**
 * The functions that a text declares at its outermost level, exported or not: whoever removed an
 * `export` still answers that lesson, and the check says what is missing.
 */
function declared(text) {
  const names = new Set();
  const one =
    /^[ \t]*(?:export\s+)?(?:default\s+)?(?:async\s+)?(?:function\*?|const|let|var)\s+(\w+)/gm;
  for (const [, name] of text.matchAll(one)) names.add(name);
  for (const [, list] of text.matchAll(/^export\s*\{([^}]*)\}/gm))
    for (const part of list.split(","))
      names.add(
        part
          .trim()
          .split(/\s+as\s+/)
          .at(-1),
      );
  return names;
}

/** How many exercises a text has done: those whose body is not the stub's. */
const doneIn = (text, names) =>
  names.filter((name) => !new RegExp(`notDoneYet\\(\\s*["']${name}["']`).test(text)).length;

/**
 * @param path whose ending and folders say what it cannot be
 * @param lesson the lesson that is expected: it wins where two are as likely
 * @returns { text, encoding, done } or { reason }
 */
export function recognise(path, bytes, lesson) {
  const expected = `expected a file with the functions of exercises/${lesson.id}.ts`;
  if (bytes.length === 0) return { reason: `is empty; ${expected}` };
  const { text, encoding, reason } = decode(bytes);
  if (/\.ipynb$/i.test(path) || (text && /^\s*\{/.test(text) && /"nbformat"\s*:/.test(text)))
    return {
      reason:
        `is a notebook, which is not graded; ${expected}, where the learner wrote the answers ` +
        `(my-course/exercises/${lesson.id}.ts)`,
    };
  if (reason) return { reason: `${reason}; ${expected}` };
  if (OTHER.test(path)) return { reason: `is no file of answers; ${expected}` };
  if (COURSE.test(path))
    return { reason: "is a part of the course, not an answer", isCourse: true };
  const names = declared(text);
  const counts = [...exercises()].map(([id, list]) => ({
    id,
    list,
    n: list.filter((name) => names.has(name)).length,
  }));
  const best = Math.max(...counts.map(({ n }) => n));
  // A file that only passes something on still says which lesson it means.
  if (best === 0 && (path.includes(lesson.id) || text.includes(lesson.id)))
    return { text, encoding, done: 0 };
  if (best === 0) return { reason: `holds none of the lesson's functions; ${expected}` };
  const likely = counts.filter(({ n }) => n === best);
  const here = likely.find(({ id }) => id === lesson.id);
  if (!here)
    return {
      reason: `holds the functions of lesson ${likely[0].id}; ${expected}`,
      otherLesson: likely[0].id,
    };
  return { text, encoding, done: doneIn(text, here.list) };
}
