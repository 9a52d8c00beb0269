// What a learner reads when an exercise fails: a told sentence as it is, a crash with its line and its
// usual cause.

import { readFileSync } from "node:fs";
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
  const where = placeOf(error, file);
  if (!isThrownByAnswer(error) && !where)
    return `The test of ${exercise} could not go on with what it returned: ${said}`;
  const kind = error.name === "Error" ? "an error" : error.name;
  const when = (error as { when?: string }).when;
  return (
    (when ? `${when}\n` : "") +
    `${exercise} stopped with ${kind}: ${said}${where}${usualCause(error, said)}`
  );
}

function usualCause(error: Error, said: string): string {
  if (error instanceof RangeError && /call stack/.test(said))
    return "\nIt calls itself without end: is there a case that returns before the call?";
  if (/Cannot read propert\w+ of (undefined|null)/.test(said))
    return (
      "\nSomething that was expected to hold a value is empty: an index past the end, " +
      "or a forgotten `return`?"
    );
  if (/is not a function/.test(said))
    return "\nA misspelt name, or a value where a function was expected.";
  if (/Invalid (typed )?array length|allocation failed/i.test(said))
    return "\nA size is far too large or negative.";
  return "";
}

/** The innermost line of the learner's file in a stack. */
function placeOf(error: Error, file: string): string {
  const name = file.replace(/.*[\\/]/, "");
  for (const frame of error.stack?.split("\n") ?? []) {
    const at = frame.lastIndexOf(`${name}:`);
    const line = at < 0 ? 0 : Number.parseInt(frame.slice(at + name.length + 1), 10);
    if (!line) continue;
    const code = readFileSync(file, "utf8").split(/\r?\n/)[line - 1]?.trim();
    return `\n  exercises/${name}, line ${line}${code ? `:  ${code}` : ""}`;
  }
  return "";
}
