// "The result is what comes out when …": ways of reading the arguments wrongly, tried on the
// reference. A hypothesis changes the arguments of a call; it explains a wrong answer if the
// reference, called so, gives the answer's results in every observed call. Nothing here knows a
// lesson.

import type { tf as TF } from "llm/engine";
import { engineIfAny } from "./assert";
import { isNumeric, type Leaf, leavesOf, type Observed, valueAt, withValue } from "./observe";
import type { Path } from "./values";
import { isTensor, isTyped } from "./words";

export interface Hypothesis {
  /** Completes "The result is what comes out when …". */
  when: string;
  /** What to look for; empty where `when` says it all. */
  look: string;
  /** The changed arguments, or undefined where this call has nothing to change. */
  apply: (args: unknown[]) => unknown[] | undefined;
}

type Change = [when: string, look: string, change: (value: unknown) => unknown];
const NOTHING = Symbol("nothing to change");

/** Everything that might be wrong with one argument, by its kind. */
function changesOf(
  { name, value, path }: Leaf,
  { optional, whole }: { optional: boolean; whole: boolean },
): Change[] {
  const x = `\`${name}\``;
  const changes: Change[] = [];
  const isOption = path.length > 1;
  if (optional) changes.push([`${x} is left out`, `is ${x} used?`, () => undefined]);
  if (typeof value === "number") {
    // What comes as whole numbers stays so: half a head is nobody's mistake.
    const number =
      (change: (n: number) => number) =>
      (n: unknown): unknown => {
        if (typeof n !== "number") return NOTHING;
        const changed = change(n);
        return whole && !Number.isInteger(changed) ? NOTHING : changed;
      };
    const fixed = isOption ? "a number written out in its place" : `is ${x} used?`;
    changes.push(
      [`${x} is 0`, `is ${x} used?`, number(() => 0)],
      [`${x} is 1`, `is ${x} used?`, number(() => 1)],
      [`${x} has the other sign`, "a plus or minus too many?", number((n) => -n)],
      [`${x} is one larger`, "one step too many?", number((n) => n + 1)],
      [`${x} is one smaller`, "one step too few?", number((n) => n - 1)],
      [`${x} is twice as large`, "", number((n) => 2 * n)],
      [`${x} is half as large`, "", number((n) => n / 2)],
      [`${x} is its square`, "", number((n) => n * n)],
      [`${x} is its square root`, "", number((n) => Math.sqrt(n))],
      [`1 − ${x} stands for ${x}`, "are the two shares the right way round?", number((n) => 1 - n)],
      [
        `1 / ${x} stands for ${x}`,
        "multiplied where a division is asked for?",
        number((n) => 1 / n),
      ],
    );
    for (const constant of [
      2, 0.5, 0.1, 0.01, 0.001, 0.9, 0.99, 0.999, 1e-8, 1e-6, 1e-5, 10, 4, 8, 3,
    ])
      changes.push([`${x} is always ${constant}`, fixed, number(() => constant)]);
  }
  if (isTensor(value)) changes.push(...tensorChanges(x));
  if (isNumeric(value)) changes.push(...arrayChanges(x, Array.isArray(value[0])));
  if (isTyped(value)) changes.push(...typedChanges(x));
  if (typeof value === "string")
    changes.push(
      [`${x} is in lower case`, "", (s) => String(s).toLowerCase()],
      [`${x} is in upper case`, "", (s) => String(s).toUpperCase()],
      [`${x} has no spaces at its ends`, "", (s) => String(s).trim()],
      [`${x} is read backwards`, "", (s) => [...String(s)].reverse().join("")],
    );
  if (value instanceof Map)
    changes.push(
      [`${x} is empty`, `is ${x} used?`, () => new Map()],
      [
        `${x} is read the other way round`,
        "which side is looked up, which is given?",
        (map) => new Map([...(map as Map<unknown, unknown>)].map(([k, v]) => [v, k])),
      ],
    );
  return changes;
}

/** Along which axis something is taken for all: the first sentence's, the last row's. */
const AXES = [0, 1, 2, 3];
const axisWords = ["first", "second", "third", "fourth"];

function tensorChanges(x: string): Change[] {
  const tf = engineIfAny();
  if (!tf) return [];
  const floats =
    (change: (t: TF.Tensor) => TF.Tensor) =>
    (value: unknown): unknown =>
      isTensor(value) && value.dtype === "float32" ? change(value) : NOTHING;
  const any =
    (applies: (t: TF.Tensor) => boolean, change: (t: TF.Tensor) => TF.Tensor) =>
    (value: unknown): unknown =>
      isTensor(value) && applies(value) ? change(value) : NOTHING;
  const axes = (t: TF.Tensor) => t.shape.map((_, i) => i);
  const swapped = (t: TF.Tensor, i: number, j: number) => {
    const order = axes(t);
    [order[i], order[j]] = [order[j], order[i]];
    return tf.transpose(t, order);
  };
  const changes: Change[] = [
    [`${x} is 0 everywhere`, `is ${x} used?`, floats((t) => tf.zerosLike(t))],
    [`${x} is 1 everywhere`, `is ${x} used?`, floats((t) => tf.onesLike(t))],
    [`${x} has the other sign`, "a plus or minus too many?", floats((t) => tf.neg(t))],
    [`${x} is squared`, "", floats((t) => tf.square(t))],
    [`${x} is one larger everywhere`, "", floats((t) => tf.add(t, 1))],
    [`${x} is one smaller everywhere`, "", floats((t) => tf.sub(t, 1))],
    [`${x} is half as large`, "", floats((t) => tf.div(t, 2))],
    [`${x} is twice as large`, "", floats((t) => tf.mul(t, 2))],
    [`${x} went through tanh first`, "", floats((t) => tf.tanh(t))],
    [`${x} went through a sigmoid first`, "", floats((t) => tf.sigmoid(t))],
    [`${x} went through an exponential first`, "", floats((t) => tf.exp(t))],
    [`${x} went through relu first`, "", floats((t) => tf.relu(t))],
    [
      `${x} went through a softmax first`,
      "is the softmax taken twice?",
      any(
        (t) => t.dtype === "float32" && t.rank > 0,
        (t) => tf.softmax(t),
      ),
    ],
    [
      `${x} is divided by the root of its last size first`,
      "",
      any(
        (t) => t.dtype === "float32" && t.rank > 0,
        (t) => tf.div(t, Math.sqrt(t.shape[t.rank - 1])),
      ),
    ],
    [
      `every row of ${x} is divided by its length first`,
      "nobody asked for normalised rows.",
      any(
        (t) => t.dtype === "float32" && t.rank > 0,
        (t) => tf.div(t, tf.add(tf.norm(t, 2, -1, true), 1e-12)),
      ),
    ],
    [`${x} is cut to the range from −1 to 1 first`, "", floats((t) => tf.clipByValue(t, -1, 1))],
    [`${x} is without its sign`, "", floats((t) => tf.abs(t))],
    [
      `the last two axes of ${x} change places`,
      `is ${x} to be transposed, or was it once too often?`,
      any(
        (t) => t.rank >= 2,
        (t) => swapped(t, t.rank - 2, t.rank - 1),
      ),
    ],
    [
      `the first two axes of ${x} change places`,
      "",
      any(
        (t) => t.rank >= 3,
        (t) => swapped(t, 0, 1),
      ),
    ],
    [
      `the axes of ${x} are turned round, all of them`,
      "tf.transpose(t) without an order does that.",
      any(
        (t) => t.rank >= 3,
        (t) => tf.transpose(t),
      ),
    ],
    [
      `${x} is the other way round (true for false)`,
      "what does true stand for?",
      any(
        (t) => t.dtype === "bool",
        (t) => tf.logicalNot(t),
      ),
    ],
    [
      `${x} is true everywhere`,
      `is ${x} used?`,
      any(
        (t) => t.dtype === "bool",
        (t) => tf.onesLike(t),
      ),
    ],
    [
      `of ${x} only the lower triangle is true`,
      "a causal mask is not for this function to add.",
      any(
        (t) => t.dtype === "bool" && t.rank >= 2,
        (t) => tf.cast(tf.linalg.bandPart(tf.onesLike(tf.cast(t, "float32")), -1, 0), "bool"),
      ),
    ],
    [
      `a causal mask is laid over ${x}`,
      "a causal mask is not for this function to add.",
      any(
        (t) => t.dtype === "bool" && t.rank >= 2,
        (t) => tf.cast(tf.linalg.bandPart(tf.cast(t, "float32"), -1, 0), "bool"),
      ),
    ],
    [
      `the ids in ${x} are cut to 8 bits`,
      "a Uint8Array holds nothing above 255.",
      any(
        (t) => t.dtype === "int32",
        (t) => tf.mod(t, tf.scalar(256, "int32")),
      ),
    ],
    [
      `${x} is one larger everywhere`,
      "",
      any(
        (t) => t.dtype === "int32",
        (t) => tf.add(t, tf.scalar(1, "int32")),
      ),
    ],
  ];
  for (const axis of AXES) {
    const along = axisWords[axis];
    const long = (t: TF.Tensor) => t.rank > axis && t.shape[axis] > 1;
    const part = (t: TF.Tensor, at: number, size = 1) => {
      const begin = t.shape.map((_, i) => (i === axis ? at : 0));
      const sizes = t.shape.map((n, i) => (i === axis ? size : n));
      return tf.slice(t, begin, sizes);
    };
    const forAll = (t: TF.Tensor, one: TF.Tensor) =>
      tf.tile(
        one,
        t.shape.map((n, i) => (i === axis ? n : 1)),
      );
    const float = (t: TF.Tensor) => tf.cast(t, "float32");
    changes.push(
      [
        `everything takes what ${x} has at 0 of its ${along} axis`,
        `is a [0] or a squeeze on the ${along} axis left over?`,
        any(long, (t) => forAll(t, part(t, 0))),
      ],
      [
        `everything takes what ${x} has last on its ${along} axis`,
        `is only the last of the ${along} axis looked at?`,
        any(long, (t) => forAll(t, part(t, t.shape[axis] - 1))),
      ],
      [
        `${x} is averaged over its ${along} axis`,
        "",
        any(
          (t) => long(t) && t.dtype === "float32",
          (t) => forAll(t, tf.mean(t, axis, true)),
        ),
      ],
      [
        `${x} is read backwards along its ${along} axis`,
        "",
        any(long, (t) => tf.cast(tf.reverse(float(t), axis), t.dtype)),
      ],
      [
        `${x} is moved on by one along its ${along} axis`,
        "one place too far?",
        any(long, (t) =>
          tf.concat([part(t, t.shape[axis] - 1), part(t, 0, t.shape[axis] - 1)], axis),
        ),
      ],
      [
        `${x} is moved back by one along its ${along} axis`,
        "one place too far?",
        any(long, (t) => tf.concat([part(t, 1, t.shape[axis] - 1), part(t, 0)], axis)),
      ],
    );
  }
  return changes;
}

function arrayChanges(x: string, nested: boolean): Change[] {
  type Row = number[];
  const array = (change: (a: number[]) => unknown) => (value: unknown) =>
    Array.isArray(value) && value.length > 0 ? change([...value] as number[]) : NOTHING;
  const each = (change: (n: number) => number) =>
    array((a) => a.map((n) => (Array.isArray(n) ? (n as Row).map(change) : change(n))));
  const changes: Change[] = [
    [`${x} is read backwards`, "from which end is it walked?", array((a) => a.reverse())],
    [`the first of ${x} is left out`, "where does the loop begin?", array((a) => a.slice(1))],
    [`the last of ${x} is left out`, "where does the loop end?", array((a) => a.slice(0, -1))],
    [
      `only the first of ${x} is read`,
      "is there a return inside the loop?",
      array((a) => a.slice(0, 1)),
    ],
    [`only the last of ${x} is read`, "is = written for +=?", array((a) => a.slice(-1))],
    [`everything takes the first of ${x}`, "", array((a) => a.map(() => a[0]))],
    [`everything takes the last of ${x}`, "", array((a) => a.map(() => a[a.length - 1]))],
    [`${x} is 0 everywhere`, `is ${x} used?`, each(() => 0)],
    [`${x} has the other sign`, "largest and smallest mixed up?", each((n) => -n)],
    [`${x} is without its sign`, "", each(Math.abs)],
  ];
  if (!nested)
    changes.push(
      [`${x} is sorted`, "", array((a) => a.sort((p, q) => p - q))],
      [`${x} is sorted, largest first`, "", array((a) => a.sort((p, q) => q - p))],
      [`${x} is one larger everywhere`, "one place too far?", each((n) => n + 1)],
      [`${x} is one smaller everywhere`, "one place too far?", each((n) => n - 1)],
      [`what comes twice in ${x} counts once`, "", array((a) => [...new Set(a)])],
      [`the axes of length 1 in ${x} are left out`, "", array((a) => a.filter((n) => n !== 1))],
    );
  else
    changes.push(
      [
        `rows and columns of ${x} change places`,
        `which index of ${x} comes first?`,
        array((rows) => {
          const table = rows as unknown as Row[];
          const width = Math.max(...table.map((row) => row.length));
          return Array.from({ length: width }, (_, j) => table.map((row) => row[j] ?? 0));
        }),
      ],
      [
        `the rows of ${x} are read backwards`,
        "",
        array((rows) => (rows as unknown as Row[]).map((row) => [...row].reverse())),
      ],
      [
        `the last column of ${x} is left out`,
        "where does the loop end?",
        array((rows) => (rows as unknown as Row[]).map((row) => row.slice(0, -1))),
      ],
      [
        `the first column of ${x} is left out`,
        "where does the loop begin?",
        array((rows) => (rows as unknown as Row[]).map((row) => row.slice(1))),
      ],
      [
        `every row of ${x} is as the first`,
        "",
        array((rows) => rows.map(() => [...(rows as unknown as Row[])[0]])),
      ],
      [
        `the empty ones in ${x} are left out`,
        "what does an empty one stand for?",
        array((rows) => (rows as unknown as Row[]).filter((row) => row.length > 0)),
      ],
    );
  return changes;
}

function typedChanges(x: string): Change[] {
  const ids = (change: (n: number, i: number, all: number[]) => number) => (value: unknown) =>
    isTyped(value)
      ? Reflect.construct(value.constructor as typeof Int32Array, [
          Array.from(value as ArrayLike<number>, (n, i) => change(n, i, Array.from(value))),
        ])
      : NOTHING;
  return [
    [`${x} is cut to 8 bits`, "a Uint8Array holds nothing above 255.", ids((n) => n & 0xff)],
    [`${x} is cut to 16 bits`, "a Uint16Array holds nothing above 65,535.", ids((n) => n & 0xffff)],
    [`${x} is read backwards`, "", ids((_, i, all) => all[all.length - 1 - i])],
    [`${x} is moved on by one`, "one place too far?", ids((_, i, all) => all[Math.max(0, i - 1)])],
    [
      `${x} is moved back by one`,
      "one place too far?",
      ids((_, i, all) => all[Math.min(all.length - 1, i + 1)]),
    ],
    [`${x} is 0 everywhere`, `is ${x} used?`, ids(() => 0)],
  ];
}

/** Every hypothesis about one argument, or about two that are taken for each other. */
export function hypothesesOf(observed: Observed): Hypothesis[] {
  const { all, source } = observed;
  const leaves = new Map<string, Leaf>();
  for (const { args } of all)
    for (const leaf of leavesOf(args, source))
      if (!leaves.has(leaf.name) || leaves.get(leaf.name)!.value === undefined)
        leaves.set(leaf.name, leaf);
  const isOptional = ({ path }: Leaf) =>
    all.some(({ args }) => valueAt(args, path) === undefined) &&
    all.some(({ args }) => valueAt(args, path) !== undefined);
  const isWhole = ({ path }: Leaf) =>
    all.every(({ args }) => {
      const value = valueAt(args, path);
      return value === undefined || Number.isInteger(value);
    });
  const found: Hypothesis[] = [];
  for (const leaf of leaves.values())
    for (const [when, look, change] of changesOf(leaf, {
      optional: isOptional(leaf),
      whole: isWhole(leaf),
    }))
      found.push({
        when,
        look,
        apply: (args) => {
          const value = valueAt(args, leaf.path);
          if (value === undefined) return undefined;
          const changed = change(value);
          return changed === NOTHING ? undefined : withValue(args, leaf.path, changed);
        },
      });
  const list = [...leaves.values()].filter(({ value }) => value !== undefined);
  for (const [i, a] of list.entries())
    for (const b of list.slice(i + 1)) found.push(...pairsOf(a, b));
  return found;
}

const kindOf = (value: unknown) =>
  isTensor(value) ? "tensor" : Array.isArray(value) ? "array" : typeof value;

/** Two arguments taken for each other. */
function pairsOf(a: Leaf, b: Leaf): Hypothesis[] {
  if (kindOf(a.value) !== kindOf(b.value)) return [];
  const [x, y] = [`\`${a.name}\``, `\`${b.name}\``];
  const both: Hypothesis[] = [];
  if (isTensor(a.value) && isTensor(b.value)) {
    const tf = engineIfAny()!;
    const turn = (value: unknown) => {
      const t = value as TF.Tensor;
      const front = t.shape.map((_, i) => i).slice(0, -2);
      return tf.transpose(t, [...front, t.rank - 1, t.rank - 2]);
    };
    both.push({
      when: `the last two axes of ${x} change places, and those of ${y} too`,
      look: "which of the two is to be transposed?",
      apply: (args) => {
        const [first, second] = [valueAt(args, a.path), valueAt(args, b.path)];
        if (!isTensor(first) || !isTensor(second) || first.rank < 2 || second.rank < 2)
          return undefined;
        return withValue(withValue(args, a.path, turn(first)), b.path, turn(second));
      },
    });
  }
  const put = (from: Path, to: Path) => (args: unknown[]) => {
    const value = valueAt(args, from);
    return value === undefined || valueAt(args, to) === undefined
      ? undefined
      : withValue(args, to, value);
  };
  return [
    {
      when: `${x} and ${y} change places`,
      look: "",
      apply: (args) => {
        const [first, second] = [valueAt(args, a.path), valueAt(args, b.path)];
        if (first === undefined || second === undefined) return undefined;
        return withValue(withValue(args, a.path, second), b.path, first);
      },
    },
    { when: `${x} stands in the place of ${y}`, look: `is ${y} used?`, apply: put(a.path, b.path) },
    { when: `${y} stands in the place of ${x}`, look: `is ${x} used?`, apply: put(b.path, a.path) },
    ...both,
  ];
}
