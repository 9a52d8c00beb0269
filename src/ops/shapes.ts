// The shapes that an operation expects, written as its documentation writes them, and checked:
//
//     "x (…, Cin), weight (Cin, Cout), bias? (Cout)"
//     "table (V, C), ids (…) below V"
//
// A letter is one size, the same wherever it stands; 3C is three times C; "…" is any number of axes
// in front, the same wherever it stands. A tensor with a question mark may be null or left out.
// "below V": the values are int32, from 0 to V − 1.
import { tf } from "../engine";
import { checkIds } from "../engine/ids";

export interface ExpectedShape {
  name: string;
  optional: boolean;
  axes: string[];
  below?: string;
}

const SHAPE = /(\w+)(\??) \(([^)]*)\)(?: below (\w+))?/g;

export function parseShapes(text: string): ExpectedShape[] {
  return Array.from(text.matchAll(SHAPE), ([, name, optional, axes, below]) => ({
    name,
    optional: optional === "?",
    axes: axes.split(", "),
    below,
  }));
}

/**
 * Checks the first arguments of an operation.
 * @param caller the operation's name, for the message
 * @throws Error with all shapes where one does not fit, and where an id is out of range
 */
export function checkShapes(caller: string, expected: ExpectedShape[], args: unknown[]): void {
  const given = expected
    .map((shape, i) => ({ ...shape, x: args[i] as tf.Tensor }))
    .filter(({ optional, x }) => !optional || (x !== null && x !== undefined));
  const sizes = new Map<string, string>();
  if (!given.every(({ axes, x }) => x instanceof tf.Tensor && fits(axes, x.shape, sizes))) {
    const wanted = given.map(({ name, axes }) => `${name} (${axes.join(", ")})`);
    const got = given.map(({ name, x }) => `${name} ${x?.shape ? shapeText(x) : typeof x}`);
    throw new Error(`${caller}: expected ${list(wanted)}, got ${list(got)}`);
  }
  for (const { name, below, x } of given)
    if (below !== undefined) checkIds(x, Number(sizes.get(below)), caller, name);
}

/** Whether a shape fits; what its letters stand for is added to `sizes`. */
function fits(axes: string[], shape: number[], sizes: Map<string, string>): boolean {
  const isKnownAs = (letter: string, size: number | number[]) => {
    if (!sizes.has(letter)) sizes.set(letter, String(size));
    return sizes.get(letter) === String(size);
  };
  const letters = axes.filter((axis) => axis !== "…");
  const leading = shape.length - letters.length;
  if (letters.length === axes.length ? leading !== 0 : leading < 0) return false;
  if (letters.length < axes.length && !isKnownAs("…", shape.slice(0, leading))) return false;
  return letters.every((axis, i) => {
    const [, factor, letter] = axis.match(/^(\d*)(\w+)$/)!;
    const size = shape[leading + i] / (Number(factor) || 1);
    return Number.isInteger(size) && isKnownAs(letter, size);
  });
}

/** "(2, 3, 4)", for messages. */
export function shapeText({ shape }: { shape: number[] }): string {
  return `(${shape.join(", ")})`;
}

/** "a, b and c". */
const list = (items: string[]): string =>
  items.length < 2 ? items.join() : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
