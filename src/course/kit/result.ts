// The declared type of a result, checked in words before any assertion reads it.

import type { ExerciseSource } from "../source";
import { fail } from "./assert";
import { describe, isTensor, isTyped } from "./words";

function checkType(value: unknown, declared: string, what: string): void {
  if (/^(void|undefined|any|unknown|never)?$/.test(declared)) return;
  if (value === undefined || value === null) {
    if (new RegExp(`\\b(${value}|void)\\b`).test(declared)) return;
    // A learner who sees this may well have a `return`, and have forgotten the edge.
    const edge = /\bnull\b/.test(declared) ? " Where there is nothing to return, return null." : "";
    fail(
      `${what} returned nothing (${value}): is there a \`return\` in front of the answer?${edge}`,
    );
  }
  if (value instanceof Promise) {
    if (declared.startsWith("Promise")) return;
    fail(
      `${what} returned a Promise, expected ${declared}: leave out \`async\`, ` +
        "or `await` before you return.",
    );
  }
  if (/^Promise\b/.test(declared)) return;
  if (/^tf\.(Tensor(\d+D)?|Scalar|Variable)\b[^|]*$/.test(declared) && !/\[\]$/.test(declared)) {
    const way =
      typeof value === "number"
        ? " Wrap it: tf.scalar(…)."
        : Array.isArray(value)
          ? " Make one of it: tf.tensor(…)."
          : "";
    if (!isTensor(value)) fail(`${what} returned ${describe(value)}, expected a tensor.${way}`);
    if (value.isDisposed)
      fail(
        `${what} returned a tensor that has been disposed: a tidy() or dispose() freed it too early.`,
      );
  } else if (declared === "number" && typeof value !== "number") {
    const way = isTensor(value) ? " Take the number out: .dataSync()[0]." : "";
    fail(`${what} returned ${describe(value)}, expected a number.${way}`);
  } else if ((declared === "string" || declared === "boolean") && typeof value !== declared) {
    fail(`${what} returned ${describe(value)}, expected a ${declared}.`);
  } else if (
    /\[\]$/.test(declared) &&
    !/[|&]/.test(declared) &&
    !Array.isArray(value) &&
    !isTyped(value)
  ) {
    const way = isTensor(value) ? " Turn it into one: .arraySync()." : "";
    fail(`${what} returned ${describe(value)}, expected an array (${declared}).${way}`);
  } else if (Array.isArray(value)) checkItems(value, declared, what);
}

/** Texts and numbers in a list are told apart, and from records; what is undefined is told later. */
function checkItems(value: readonly unknown[], declared: string, what: string): void {
  const expected = /^(?:readonly )?(string|number)\[\]$/.exec(declared)?.[1];
  if (!expected) return;
  const at = value.findIndex(
    (item) => item !== undefined && item !== null && typeof item !== expected,
  );
  if (at >= 0)
    fail(
      `${what} returned a list whose [${at}] is ${describe(value[at])}, expected a ${expected} ` +
        `(${declared}).`,
    );
}

/** Fails in a sentence unless the result is of the declared type, its fields included. */
export function checkResult(
  value: unknown,
  source: ExerciseSource,
  declared = source.returns,
): void {
  checkType(value, declared, source.name);
  if (!source.fields || declared.startsWith("Promise")) return;
  if (typeof value !== "object" || isTensor(value))
    fail(
      `${source.name} returned ${describe(value)}, expected an object with the fields ` +
        `${Object.keys(source.fields).join(", ")}.`,
    );
  for (const [field, type] of Object.entries(source.fields)) {
    if (!(field in (value as object)))
      fail(`${source.name} returned ${describe(value)}, and the field ${field} is missing.`);
    const part = (value as Record<string, unknown>)[field];
    checkType(part, type, `The field ${field} of what ${source.name}`);
  }
}
