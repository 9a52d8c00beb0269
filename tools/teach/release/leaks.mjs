// Whether a release gives the reference answers away: no run of WINDOW characters of a reference's
// code, with comments left out and white space evened, may stand in any of its files. It is asked
// each time before a release is written, so that a page which quotes an answer is found by us.
//
// The module llm (src/) is left out of the question, and so are notebooks: there lies code that
// does the same as some answers, because the lessons are about it. docs/teaching.md says so.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { llm, root } from "../../kit.mjs";
import { lessonPaths } from "../../register.mjs";

/** About two lines of code: a single line such as `return tf.softmax(scores);` proves nothing. */
export const WINDOW = 90;
const STEP = 15;

const even = (text) => text.replace(/\s+/g, " ");
const withoutComments = (code) =>
  code.replace(/\/\*[\s\S]*?\*\//g, " ").replace(/(^|\s)\/\/.*$/gm, " ");

/** The pieces of a lesson's answers that must not be found, signatures left out. */
export function piecesOf(id) {
  const { readFunctions } = llm("llm/course/source");
  const text = readFileSync(join(root, lessonPaths(id).solutions), "utf8");
  return readFunctions(text).flatMap(({ name, code, signature }) => {
    const body = even(withoutComments(code)).slice(even(signature).length).trim();
    const pieces = [];
    for (let at = 0; at + WINDOW <= body.length; at += STEP)
      pieces.push({ id, name, piece: body.slice(at, at + WINDOW) });
    return pieces;
  });
}

const TEXT = /\.(m?[jt]s|c[jt]s|json|md|mjs|ipynb|py|html|css|txt)$/;

/**
 * @param files [{ path, contents }]
 * @param ids the lessons whose answers are kept back
 * @returns [{ path, id, name, piece }], one for each file and exercise
 */
export function leaks(files, ids) {
  const pieces = ids.flatMap(piecesOf);
  const found = new Map();
  for (const { path, contents } of files) {
    if (!TEXT.test(path) || /^(src|notebooks|datasets)\//.test(path)) continue;
    // In JSON a line end is two characters, and a quote has a backslash.
    const raw = contents.toString().replaceAll('\\"', '"').replaceAll("\\n", "\n");
    const text = even(raw);
    const bare = even(withoutComments(raw));
    for (const one of pieces)
      if (text.includes(one.piece) || bare.includes(one.piece))
        found.set(`${path} ${one.id} ${one.name}`, { path, ...one });
  }
  return [...found.values()];
}
