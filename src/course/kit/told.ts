// What a learner reads when an exercise fails: a told sentence as it is, a crash with its line and
// its usual cause.

import { readFileSync } from "node:fs";
import { pathInCourse } from "../paths";
import { isThrownByAnswer } from "./guard";
import { describe } from "./words";

/** A message without colours and without the names that vite gives to imports. */
export function plainMessage(message: string): string {
  return (
    message
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of an assertion message
      .replace(/\u001b\[\d+m/g, "")
      .replace(/\(0 ?, ?__vi_import_\d+__\.([\w$.]+)\)/g, "$1")
      .replace(/__vi_import_\d+__\./g, "")
      .replace(/__vite_ssr_(?:import|export)\w*__\.?/g, "")
      // The learner's own file, by its full path: the line that follows says it better.
      .replace(/ imported from \S.*$/gm, "")
  );
}

/** The failure in words. `file` is the learner's file, whose lines are named. */
export function inWords(error: unknown, exercise: string, file: string): string {
  if (!(error instanceof Error)) return `${exercise} threw ${describe(error)}.`;
  if (error.name === "Told") return error.message;
  const said = plainMessage(error.message);
  if (/process\.exit unexpectedly called/.test(said))
    return (
      `${exercise} called process.exit(), which would end the whole notebook: ` +
      "return the answer instead."
    );
  if (!isThrownByAnswer(error) && error.name === "AssertionError") return said;
  // What stands for the learner's file says itself where an error arose.
  const where = (error as { place?: string }).place ?? placeOf(error, file);
  if (!isThrownByAnswer(error) && !where)
    return `The test of ${exercise} could not go on with what it returned: ${said}`;
  const kind = error.name === "Error" ? "an error" : error.name;
  const { when, why } = error as { when?: string; why?: string };
  const lines = [when, `${exercise} stopped with ${kind}: ${said}${where}`];
  const cause = usualCause(error, said);
  // The diagnosis may say of the sweep what has just been said of the test's own question.
  const again = `it stops: ${said.split("\n")[0]}${cause ? ` ${cause}` : ""}`;
  const rest = why?.includes(again) ? withoutSentence(why, again) : why;
  return [...lines, cause, rest].filter(Boolean).join("\n");
}

/** A text without the sentence "With … it stops: …" that ends so. */
function withoutSentence(text: string, end: string): string {
  const at = text.indexOf(end);
  const begin = Math.max(0, text.lastIndexOf("With ", at));
  return (text.slice(0, begin) + text.slice(at + end.length)).trim();
}

/** What an error of JavaScript or tfjs usually means, in a sentence; "" where that is not known. */
const causes: [pattern: RegExp, cause: string][] = [
  [/call stack/, "It calls itself without end: is there a case that returns before the call?"],
  [
    /Cannot read propert\w+ of (undefined|null)/,
    "Something that was expected to hold a value is empty: an index past the end, an option that was " +
      "left out, or a forgotten `return`?",
  ],
  [/is not a function/, "A misspelt name, or a value where a function was expected."],
  [
    /is not defined|before initialization/,
    "A name that is not there: misspelt, or used too early?",
  ],
  [/Assignment to constant/, "What is declared with `const` cannot be set again: `let` can."],
  [/is not iterable/, "Something is taken apart or walked through that is no array."],
  [/Invalid (typed )?array length|allocation failed/i, "A size is far too large or negative."],
  [
    /inner shapes/,
    "A matrix product does not fit: the columns of the first must be the rows of the second. Is one to " +
      "be transposed? tf.matMul(a, b, false, true) transposes the second.",
  ],
  [
    /[Ss]ize\(\d+\) must match|same number of elements|must match the product of shape/,
    "A reshape keeps the number of elements: are all axes named, and are they those of this tensor? " +
      "An axis more or less than in the example, or sizes taken from another tensor?",
  ],
  [
    /could not be broadcast|incompatible|Incompatible/,
    "Two tensors do not fit each other: sizes must be equal, or 1. Is an axis lost (keepDims), or " +
      "one too many?",
  ],
  [/must match length of perm/, "This order of axes fits tensors of one number of axes only."],
  [/Tensor is disposed|is disposed/, "A tensor is used after a tidy() or dispose() has freed it."],
  [
    /must be a? ?(\w+) tensor, but got (\w+)|must be of dtype|dtype/,
    "A tensor of another type is expected here: tf.cast(x, …) changes it.",
  ],
  [
    /must be a Tensor or TensorLike, but got 'undefined'|but got 'undefined'|but got undefined/,
    "An operation was given nothing: an option that may be left out, or a misspelt name?",
  ],
  [
    /must evenly divide/,
    "The axis that is cut is not a multiple of the number of pieces: which axis is it?",
  ],
  [
    /Slice|slice.*(end|begin|out of bounds)|start \+ count|begin.*size/i,
    "A slice reaches past the end.",
  ],
  [/JSON/, "A text was expected that is valid JSON."],
];

export function usualCause(error: Error, said: string): string {
  if (!(error instanceof Error)) return "";
  const shapes = /broadcast together with shapes ([\d,]+) and ([\d,]+)/.exec(said);
  const [one, other] = shapes?.slice(1).map((list) => list.split(",")) ?? [];
  if (one?.length === 2 && one.toReversed().join() === other.join())
    return (
      "The two matrices would fit if one of them were transposed: tf.transpose(x), or a product with " +
      "its factors in the other order, since (A B)ᵀ = Bᵀ Aᵀ."
    );
  return causes.find(([pattern]) => pattern.test(said))?.[1] ?? "";
}

/** The innermost line of the learner's file in a stack. */
function placeOf(error: Error, file: string): string {
  const name = file.replace(/.*[\\/]/, "");
  for (const frame of error.stack?.split("\n") ?? []) {
    const at = frame.lastIndexOf(`${name}:`);
    const line = at < 0 ? 0 : Number.parseInt(frame.slice(at + name.length + 1), 10);
    if (!line) continue;
    const code = readFileSync(file, "utf8").split(/\r?\n/)[line - 1]?.trim();
    return `\n  ${pathInCourse(file)}, line ${line}${code ? `:  ${code}` : ""}`;
  }
  return "";
}
