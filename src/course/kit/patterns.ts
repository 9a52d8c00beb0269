// How a wrong array of numbers relates to the right one: turned round, moved by one, a factor too
// many, a function too few, right in its first rows only. Each pattern says everything that is true
// of one wrong call; what is true of all of them is told. Nothing here knows a lesson.

import { sameShape } from "./assert";
import { factorOf, offsetOf } from "./factors";
import { alike, largest, type Named, type Pair } from "./pairs";
import { tolerances } from "./values";
import { type Flat, indexOf, shapeText } from "./words";

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** The numbers of `flat` with its axes in another order. */
function transposed({ shape, data }: Flat, order: readonly number[]): Flat {
  const to = order.map((axis) => shape[axis]);
  const steps = shape.map((_, axis) => product(shape.slice(axis + 1)));
  const out = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const target = indexOf(to, i);
    let from = 0;
    for (let k = 0; k < order.length; k++) from += target[k] * steps[order[k]];
    out[i] = data[from];
  }
  return { shape: to, data: out };
}

function permutations(n: number): number[][] {
  if (n === 0) return [[]];
  return permutations(n - 1).flatMap((rest) =>
    Array.from({ length: n }, (_, at) => [...rest.slice(0, at), n - 1, ...rest.slice(at)]),
  );
}
/** All orders of n axes but the one that changes nothing. */
const orders = (n: number) =>
  n > 4 ? [] : permutations(n).filter((order) => order.some((axis, k) => axis !== k));

type Line = number[];
/** Calls `visit` with each line along an axis, and where its numbers are. */
function lines(
  { shape, data }: Flat,
  axis: number,
  visit: (line: Line, at: (k: number) => number) => void,
): void {
  const outer = product(shape.slice(0, axis));
  const inner = product(shape.slice(axis + 1));
  const n = shape[axis];
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++) {
      const at = (k: number) => (o * n + k) * inner + i;
      visit(
        Array.from({ length: n }, (_, k) => data[at(k)]),
        at,
      );
    }
}

/** One number for each line along an axis: their sum, mean, first, … */
function reduced(flat: Flat, axis: number, how: (line: Line) => number): Flat {
  const data: number[] = [];
  lines(flat, axis, (line) => {
    data.push(how(line));
  });
  return { shape: flat.shape.filter((_, k) => k !== axis), data };
}

/** The same array with each line along an axis replaced. */
function byLine(flat: Flat, axis: number, how: (line: Line) => Line): Float64Array {
  const out = new Float64Array(flat.data.length);
  lines(flat, axis, (line, at) => {
    how(line).forEach((x, k) => {
      out[at(k)] = x;
    });
  });
  return out;
}

const sum = (line: Line) => line.reduce((a, b) => a + b, 0);
const softmax = (line: Line) => {
  const top = Math.max(...line);
  const exps = line.map((x) => Math.exp(x - top));
  return exps.map((e) => e / sum(exps));
};
const normal = (line: Line) => line.map((v) => v / sum(line));
const running = (line: Line) => {
  let total = 0;
  return line.map((v) => {
    total += v;
    return total;
  });
};
const places = ["first", "second", "third", "fourth", "fifth"];
const along = (axis: number, rank: number) =>
  rank === 1
    ? ""
    : axis === rank - 1
      ? " along the rows"
      : rank === 2
        ? " down the columns"
        : ` along the ${places[axis]} axis`;

/** What is true of one pair. */
type Pattern = (pair: Pair) => string[];

const ways: [done: string, needed: string, how: (line: Line) => number][] = [
  ["added up", "be added up", sum],
  ["averaged", "be averaged", (line) => sum(line) / line.length],
  ["reduced to its first", "", (line) => line[0]],
  ["reduced to its last", "", (line) => line[line.length - 1]],
  ["reduced to its largest", "be reduced to the largest", (line) => Math.max(...line)],
];

/** Shapes that differ: axes in another order, one too few, a piece too short. */
const shapes: Pattern = ({ actual: a, expected: e, named }) => {
  if (sameShape(a.shape, e.shape)) return [];
  const found: string[] = [];
  const rank = e.shape.length;
  const instead = `${shapeText(a.shape)} for ${shapeText(e.shape)}`;
  if (a.shape.length === rank)
    for (const order of orders(rank)) {
      const turned = transposed(e, order);
      if (sameShape(turned.shape, a.shape) && alike(a.data, turned.data))
        found.push(
          rank === 2
            ? "Rows and columns have changed places: the result is transposed."
            : `The numbers are there, but the axes are in the order ${order.join(", ")} of what is ` +
                `expected: ${instead}.`,
        );
    }
  if (a.data.length === e.data.length && alike(a.data, e.data))
    found.push(
      `The numbers and their order are right, only the shape is not: ${instead} ` +
        "(reshape, expandDims, squeeze, keepDims).",
    );
  else if (a.data.length === e.data.length && a.data.length > 1)
    for (const order of orders(a.shape.length))
      if (alike(transposed(a, order).data, e.data))
        found.push(`The numbers are there, but in another shape and order: ${instead}.`);
  for (let axis = 0; axis < a.shape.length; axis++)
    for (const [, needed, how] of ways) {
      if (!needed || a.shape[axis] < 1 || a.data.length <= e.data.length) continue;
      const less = reduced(a, axis, how);
      if (less.data.length === e.data.length && alike(less.data, e.data))
        found.push(
          `The result still has to ${needed}${along(axis, a.shape.length)}: it has shape ${instead}.`,
        );
    }
  for (let axis = 0; axis < rank; axis++)
    for (const [done, , how] of ways) {
      const less = reduced(e, axis, how);
      if (less.data.length === a.data.length && alike(a.data, less.data))
        found.push(`An axis is missing: the right result is ${done}${along(axis, rank)}.`);
    }
  if (a.shape.length === rank) found.push(...lengths(a, e, named));
  return found;
};

/** Arrays that differ along one axis in their length. */
function lengths(a: Flat, e: Flat, named: Named): string[] {
  const rank = e.shape.length;
  const differing = e.shape.map((n, k) => (n === a.shape[k] ? -1 : k)).filter((k) => k >= 0);
  const found: string[] = [];
  for (const axis of differing) {
    const [n, m] = [e.shape[axis], a.shape[axis]];
    for (const is of namesOf(m, named))
      for (const wanted of namesOf(n, named))
        found.push(
          `Counted${along(axis, rank)} the result is as long as ${is} (${m}), ` +
            `and should be as long as ${wanted} (${n}).`,
        );
  }
  if (differing.length !== 1) return found;
  const [axis] = differing;
  const [n, m] = [e.shape[axis], a.shape[axis]];
  const order = [axis, ...e.shape.map((_, k) => k).filter((k) => k !== axis)];
  const front = (x: Flat, from: number, size: number) => {
    const turned = transposed(x, order);
    const step = turned.data.length / x.shape[axis];
    return Array.from({ length: step * size }, (_, i) => turned.data[from * step + i]);
  };
  const shared = Math.min(n, m);
  const off = Math.abs(n - m);
  if (shared === 0) return found;
  for (const [from, which] of [
    [0, "end"],
    [off, "beginning"],
  ] as const) {
    if (!alike(front(a, m > n ? from : 0, shared), front(e, n > m ? from : 0, shared))) continue;
    const many = off === 1 ? "one is" : `${off} are`;
    found.unshift(
      m < n
        ? `What is there is right, but ${many} missing at the ${which}${along(axis, rank)}.`
        : `What should be there is right, but ${many} too many at the ${which}${along(axis, rank)}.`,
    );
  }
  return found;
}

const namesOf = (n: number, named: Named): string[] =>
  [...named].filter(([, value]) => value === n).map(([name]) => name);

/** A right result that was then sent through a function, or was not. */
const functions: [name: string, f: (x: number) => number, inverts: boolean][] = [
  ["tanh", Math.tanh, true],
  ["a sigmoid", (x) => 1 / (1 + Math.exp(-x)), true],
  ["the exponential function", Math.exp, true],
  ["the logarithm", Math.log, true],
  ["the negative logarithm", (x) => -Math.log(x), true],
  ["a square root", Math.sqrt, true],
  ["a square", (x) => x * x, true],
  ["relu", (x) => Math.max(0, x), false],
  ["an absolute value", Math.abs, false],
  ["1 − x", (x) => 1 - x, true],
  ["1 / x", (x) => 1 / x, true],
  ["Math.round", Math.round, true],
  ["Math.floor", Math.floor, true],
  ["Math.ceil", Math.ceil, true],
  ["Math.trunc", Math.trunc, true],
  ["rounding to 4 digits", (x) => Math.round(x * 1e4) / 1e4, false],
  ["rounding to 3 digits", (x) => Math.round(x * 1e3) / 1e3, false],
  ["rounding to 2 digits", (x) => Math.round(x * 100) / 100, false],
  ["rounding to 1 digit", (x) => Math.round(x * 10) / 10, false],
  ["log(1 + x)", Math.log1p, true],
  ["a cut to the range from 0 to 1", (x) => Math.min(1, Math.max(0, x)), false],
  ["a cut to the range from −1 to 1", (x) => Math.min(1, Math.max(-1, x)), false],
  ["a cut to 32 bits (| 0)", (x) => x | 0, false],
  ["a cut to 8 bits", (x) => x & 0xff, false],
  ["a cut to 16 bits", (x) => x & 0xffff, false],
  ["a cut to 16 bits, with sign", (x) => (x << 16) >> 16, false],
  ["a cut to 8 bits, with sign", (x) => (x << 24) >> 24, false],
];

/**
 * Whether f leads from the one to the other. relu leaves positive numbers as they are, and rounding
 * hardly changes large ones: what does not tell the two apart counts only if it gives the very numbers.
 */
function leads(from: number[], f: (x: number) => number, to: number[]): boolean {
  const there = from.map(f);
  if (there.every((z, i) => Object.is(z, from[i]))) return false;
  return alike(from, to) ? there.every((z, i) => z === to[i]) : alike(to, there);
}

const applied: Pattern = ({ actual: a, expected: e }) => {
  if (!sameShape(a.shape, e.shape)) return [];
  const found: string[] = [];
  const [x, y] = [Array.from(a.data), Array.from(e.data)];
  for (const [name, f, inverts] of functions) {
    if (leads(y, f, x)) found.push(`The right result went through ${name} as well.`);
    // Nothing but zeros proves nothing: rounding, for one, makes them of any small numbers.
    if (inverts && y.some((n) => n !== 0) && leads(x, f, y))
      found.push(`At the end ${name} is missing: with it the result would be right.`);
  }
  for (let axis = 0; axis < e.shape.length; axis++) {
    const where = along(axis, e.shape.length);
    if (alike(x, byLine(e, axis, softmax)))
      found.push(`The right result went through a softmax${where} as well.`);
    if (alike(byLine(a, axis, softmax), y))
      found.push(`At the end a softmax${where} is missing: with it the result would be right.`);
    if (alike(byLine(a, axis, normal), y)) found.push(...proportions(a, axis, where));
    if (alike(x, byLine(e, axis, normal)))
      found.push(`The right numbers were divided by their sum${where} as well.`);
    if (e.shape[axis] > 1 && alike(x, byLine(e, axis, running)))
      found.push(`The right numbers were added up${where}, each with those before it.`);
    if (e.shape[axis] > 1 && alike(byLine(a, axis, running), y))
      found.push(`The numbers still have to be added up${where}, each with those before it.`);
    for (const [done, , how] of ways)
      if (
        e.shape[axis] > 1 &&
        alike(
          x,
          byLine(e, axis, (line) => line.map(() => how(line))),
        )
      )
        found.push(`The right result is ${done}${where}, and that stands at every place.`);
  }
  return found;
};

/** The last axis cut into named numbers of pieces, and put together again in another way. */
function regrouped({ actual: a, expected: e, named }: Pair): string[] {
  const width = e.shape.at(-1) ?? 1;
  const found: string[] = [];
  for (const [name, n] of named) {
    if (!Number.isInteger(n) || n < 2 || n >= width || width % n !== 0) continue;
    const rows = e.data.length / width;
    const shape = [rows, n, width / n];
    const pieces = { shape, data: e.data };
    if (
      alike(
        a.data,
        byLine(pieces, 1, (line) => [...line].reverse()),
      )
    )
      found.push(`The ${name} pieces of each row stand in reverse order.`);
    const mixed = transposed(pieces, [0, 2, 1]);
    if (
      alike(a.data, mixed.data) ||
      alike(transposed({ shape, data: a.data }, [0, 2, 1]).data, e.data)
    )
      found.push(
        `The ${name} pieces of each row are shuffled into each other, one number of each in turn, in ` +
          "place of standing side by side: the order of two axes before the last reshape.",
      );
  }
  return found;
}

/** Lines in the right proportions that do not add up to 1: what were they divided by? */
function proportions(a: Flat, axis: number, where: string): string[] {
  const every = (fits: (line: Line) => boolean) => {
    let all = true;
    lines(a, axis, (line) => {
      if (!fits(line)) all = false;
    });
    return all;
  };
  const near = (x: number, y: number) => Math.abs(x - y) < 1e-3;
  const found: string[] = [];
  if (every((line) => near(Math.max(...line), 1)))
    found.push(`The largest number${where} is 1: divide by the sum, not by the largest.`);
  if (every((line) => near(sum(line), line.length)))
    found.push(`The numbers${where} have the mean 1: divide by the sum, not by the mean.`);
  if (every((line) => near(sum(line.map((x) => x * x)), 1)))
    found.push(`The squares${where} add up to 1: divide by the sum, not by the length (norm).`);
  found.push(
    `The numbers${where} have the right proportions, but do not add up to 1: what they are divided ` +
      "by is not their own sum.",
  );
  return found;
}

const RESHAPED =
  "The right numbers are there, but in another order: a reshape stands where a transpose is needed, " +
  "or the other way round. A reshape moves nothing in memory, it only renames.";

/** The same numbers at other places. */
const moved: Pattern = (pair) => {
  const { actual: a, expected: e } = pair;
  if (!sameShape(a.shape, e.shape) || e.data.length < 2) return [];
  if (alike(a.data, e.data)) return []; // a little wrong, but where they belong
  const found: string[] = [];
  const rank = e.shape.length;
  for (const order of orders(rank)) {
    const turned = transposed(e, order);
    if (sameShape(turned.shape, a.shape) && alike(a.data, turned.data))
      found.push(
        rank === 2
          ? "Rows and columns have changed places: the result is transposed."
          : `The axes of the result have changed places (order ${order.join(", ")}).`,
      );
    const shape = order.map((axis) => e.shape[axis]);
    if (
      alike(a.data, turned.data) ||
      alike(transposed(a, order).data, e.data) ||
      alike(transposed({ shape, data: a.data }, order).data, e.data)
    )
      found.push(RESHAPED);
  }
  const scale = largest(e.data);
  for (let axis = 0; axis < rank; axis++) {
    const where = along(axis, rank);
    if (e.shape[axis] < 2) continue;
    if (
      alike(
        a.data,
        byLine(e, axis, (line) => [...line].reverse()),
      )
    )
      found.push(`The numbers stand in reverse order${where}.`);
    for (const by of [1, -1]) {
      const shifted = byLine(e, axis, (line) => line.map((_, k) => line[k - by] ?? Number.NaN));
      const places = [...shifted.keys()].filter((i) => !Number.isNaN(shifted[i]));
      if (places.length > 2 && places.every((i) => alike([a.data[i]], [shifted[i]], scale)))
        found.push(`Everything stands one place too far ${by > 0 ? "back" : "forward"}${where}.`);
    }
  }
  found.push(...regrouped(pair));
  const sorted = (x: ArrayLike<number>) => Array.from(x).sort((p, q) => p - q);
  if (new Set(Array.from(e.data)).size > 2 && alike(sorted(a.data), sorted(e.data)))
    found.push("The right numbers are there, but at other places.");
  return found;
};

/** One of the arguments, or another part of the result, as it is, or added. */
const taken: Pattern = ({ actual: a, expected: e, named, given, others }) => {
  const found: string[] = [];
  if (a.data.length === 1 && a.data[0] !== 0)
    for (const [name, value] of named)
      if (alike(a.data, [value])) found.push(`The result is \`${name}\` itself.`);
  if (sameShape(a.shape, e.shape) && a.data.length > 1) {
    const off = Array.from(a.data, (x, i) => x - e.data[i]);
    for (const [name, flat] of given) {
      if (flat.data.length !== off.length || largest(flat.data) < 1e-3) continue;
      if (alike(off, flat.data)) found.push(`\`${name}\` is added to the right result.`);
      if (
        alike(
          off,
          Array.from(flat.data, (x) => -x),
        )
      )
        found.push(`\`${name}\` is missing in a sum, or subtracted from the right result.`);
    }
  }
  for (const [name, flat] of given)
    if (flat.data.length > 1 && a.data.length === flat.data.length && alike(a.data, flat.data))
      found.push(`This is \`${name}\` as it came in: nothing was done with it.`);
  const width = a.shape.at(-1) ?? 1;
  if (a.shape.length > 1 && width > 1)
    for (const [name, flat] of given) {
      if (flat.shape.length < 2 || flat.shape.at(-1) !== width) continue;
      const rows = new Set<string>();
      lines(flat, flat.shape.length - 1, (line) => {
        rows.add(line.map((x) => x.toPrecision(5)).join());
      });
      let all = true;
      lines(a, a.shape.length - 1, (line) => {
        if (!rows.has(line.map((x) => x.toPrecision(5)).join())) all = false;
      });
      if (all) found.push(`Every row of the result is a row of \`${name}\`, as it came in.`);
    }
  for (const [name, flat] of others)
    if (sameShape(a.shape, flat.shape) && alike(a.data, flat.data))
      found.push(`This is what \`${name}\` should be: have the two changed places?`);
  return found;
};

/** One number everywhere, or in each row. */
const constant: Pattern = ({ actual: a, expected: e }) => {
  const uniform = (x: ArrayLike<number>) => Array.from(x).every((v) => Object.is(v, x[0]));
  if (a.data.length === 0) return [];
  if (Array.from(a.data).every(Number.isNaN))
    return [
      `It is NaN${a.data.length > 1 ? " everywhere" : ""}: somewhere 0 / 0, Infinity − Infinity, ` +
        "undefined in a sum, or an index past the end.",
    ];
  if (a.data.length < 2 || (uniform(e.data) && sameShape(a.shape, e.shape))) return [];
  if (uniform(a.data)) return ["The same number stands at every place, whatever comes in."];
  const found: string[] = [];
  for (let axis = 0; axis < a.shape.length; axis++) {
    if (a.shape[axis] < 2) continue;
    let same = true;
    lines(a, axis, (line) => {
      if (!alike(line, new Array<number>(line.length).fill(line[0]))) same = false;
    });
    if (same) found.push(`All numbers${along(axis, a.shape.length)} are equal, and should not be.`);
  }
  return found;
};

/**
 * Rows that share out 1: what was done to the scores before the softmax shows in their logarithms.
 */
const shares: Pattern = ({ actual: a, expected: e }) => {
  if (!sameShape(a.shape, e.shape) || e.shape.length === 0) return [];
  const axis = e.shape.length - 1;
  const found: string[] = [];
  let oneHot = true;
  let rowsOff = true;
  const rights: Line[] = [];
  lines(e, axis, (line) => {
    rights.push(line);
  });
  let at = 0;
  lines(a, axis, (line) => {
    const right = rights[at++];
    const top = right.indexOf(Math.max(...right));
    const tied = right.some((x, k) => k !== top && Math.abs(x - right[top]) < 1e-6);
    if (!tied && !line.every((x, k) => x === (k === top ? 1 : 0))) oneHot = false;
    if (Math.abs(sum(line) - sum(right)) < 1e-3) rowsOff = false;
  });
  const distributions = rights.every(
    (line) => Math.abs(sum(line) - 1) < 1e-3 && Math.min(...line) >= 0,
  );
  if (!distributions || e.shape[axis] < 2) return [];
  if (oneHot)
    found.push("All the weight of a row goes to its largest: that is a maximum, no softmax.");
  for (let other = 0; other < axis && rowsOff; other++) {
    let whole = e.shape[other] > 1;
    lines(a, other, (line) => {
      const total = sum(line);
      if (Math.abs(total - 1) > 1e-3 && Math.abs(total) > 1e-3) whole = false;
    });
    if (whole)
      found.push(
        `The numbers add up to 1${along(other, e.shape.length)}, and should along the rows: is the ` +
          "softmax taken over the right axis?",
      );
  }
  if (rowsOff)
    found.push(
      "The rows do not add up to 1: each has to be divided by its own sum, and by nothing else.",
    );
  return found;
};

/** Rows, columns that are right but for a factor of their own. */
const rowFactors: Pattern = ({ actual: a, expected: e }) => {
  if (!sameShape(a.shape, e.shape) || e.data.length < 4) return [];
  const found: string[] = [];
  for (let axis = e.shape.length - 1; axis >= 0; axis--) {
    if (e.shape[axis] < 2) continue;
    const rights: Line[] = [];
    lines(e, axis, (line) => {
      rights.push(line);
    });
    let at = 0;
    let fits = true;
    lines(a, axis, (line) => {
      const right = rights[at++];
      const top = right.indexOf(right.reduce((p, q) => (Math.abs(q) > Math.abs(p) ? q : p)));
      const ratio = line[top] / right[top];
      if (!Number.isFinite(ratio) && right[top] !== 0) fits = false;
      else if (
        right[top] !== 0 &&
        !alike(
          line,
          right.map((x) => x * ratio),
        )
      )
        fits = false;
    });
    if (fits)
      found.push(
        `Each line${along(axis, e.shape.length) || " of the result"} is right but for a factor of its own: ` +
          "what it is divided or multiplied by (a sum, a norm, a size) is not the right one.",
      );
  }
  return found;
};

/** Structure of zeros and triangles. */
const triangles: Pattern = ({ actual: a, expected: e }) => {
  const rank = a.shape.length;
  if (!sameShape(a.shape, e.shape) || rank < 2 || a.shape[rank - 1] < 2) return [];
  const found: string[] = [];
  let above = true;
  let some = false;
  for (let i = 0; i < a.data.length && above; i++) {
    const index = indexOf(a.shape, i);
    if (index[rank - 1] <= index[rank - 2]) continue;
    some = true;
    if (Math.abs(a.data[i]) > 1e-6 && a.data[i] > -1e4) above = false;
  }
  const whole = Array.from(e.data).some((x, i) => {
    const index = indexOf(e.shape, i);
    return index[rank - 1] > index[rank - 2] && Math.abs(x - a.data[i]) > 1e-6;
  });
  if (above && some && whole)
    found.push(
      "What lies above the diagonal is hidden, as by a causal mask: nobody asked for one here.",
    );
  return found;
};

/** Larger arrays are left out where there are smaller ones: they would take too long. */
const MOST = 5000;

/** A sentence without its numbers and shapes, which differ from call to call. */
const template = (text: string) => text.replace(/\([^()]*\d[^()]*\)|\d+/g, "#");

/** The first sentence that is true of every pair. */
function shared(pairs: readonly Pair[], which: readonly Pattern[]): string | undefined {
  const [first, ...rest] = pairs.map((pair) => which.flatMap((pattern) => pattern(pair)));
  const others = rest.map((list) => new Set(list.map(template)));
  return first.find((text) => others.every((list) => list.has(template(text))));
}

/** The calls that say most: not too large, with several numbers, misshapen if some are. */
function chosen(all: readonly Pair[]): { pairs: readonly Pair[]; finite: readonly Pair[] } {
  const small = all.filter(({ expected }) => expected.data.length <= MOST);
  let pairs = small.length > 0 ? small : all.slice(0, 1);
  // Where an axis has length 1, or there are three numbers, too much is true.
  const ample = pairs.filter(
    ({ expected: { shape, data } }) => data.length > 3 && shape.every((n) => n > 1),
  );
  if (ample.length > 1) pairs = ample;
  const misshapen = pairs.filter(
    ({ actual, expected }) => !sameShape(actual.shape, expected.shape),
  );
  if (misshapen.length > 0) pairs = misshapen;
  const finite = pairs.filter(
    ({ actual, expected }) =>
      Array.from(actual.data).every(Number.isFinite) && largest(expected.data) > 0,
  );
  return { pairs, finite };
}

/** What fits every pair, in words. */
export function patternOf(all: readonly Pair[]): string | undefined {
  const { pairs, finite } = chosen(all);
  const exact = finite.length === pairs.length;
  return (
    shared(pairs, [shapes, constant, taken, triangles, moved]) ??
    (exact ? (factorOf(finite) ?? offsetOf(finite)) : undefined) ??
    shared(pairs, tellsFunctions(pairs) ? [applied, shares] : [shares]) ??
    (finite.length ? (factorOf(finite) ?? offsetOf(finite) ?? scoresOf(finite)) : undefined)
  );
}

/**
 * Many functions make 1 of 0, or 0 of 1, and tanh and a cut make 1 of 16: where all results are 0,
 * 1 or −1, the right ones or the learner's, they tell none of them.
 */
function tellsFunctions(pairs: readonly Pair[]): boolean {
  const says = (data: number[]) => new Set(data).size !== 1 || ![-1, 0, 1].includes(data[0]);
  return (["expected", "actual"] as const).every((side) =>
    says(pairs.flatMap((pair) => Array.from(pair[side].data))),
  );
}

/** What fits every pair, and says less: which places are wrong, in which direction. */
export function tendencyOf(all: readonly Pair[]): string | undefined {
  const { pairs, finite } = chosen(all);
  return (
    shared(pairs, [regions]) ??
    (finite.length ? shared(finite, [rowFactors]) : undefined) ??
    shared(pairs, [tendencies])
  );
}

/** Rows that share out 1 as a softmax of scores that are a factor too large or too small. */
function scoresOf(pairs: readonly Pair[]): string | undefined {
  const logarithms: Pair[] = [];
  for (const { actual: a, expected: e, ...rest } of pairs) {
    if (!sameShape(a.shape, e.shape) || e.shape.length === 0 || e.shape.at(-1)! < 2)
      return undefined;
    const axis = e.shape.length - 1;
    // Where nothing is left of a weight, its logarithm says nothing.
    const [ours, theirs]: [number[], number[]] = [[], []];
    let share = true;
    const lineOf: Line[] = [];
    lines(a, axis, (line) => {
      lineOf.push(line);
    });
    let at = 0;
    lines(e, axis, (line) => {
      const other = lineOf[at++];
      const [right, got] = [sum(line), sum(other)];
      if (right === 0 && got === 0) return; // a row with nothing to share out
      if (Math.abs(right - 1) > 1e-3 || Math.abs(got - 1) > 1e-3) share = false;
      const top = line.indexOf(Math.max(...line));
      line.forEach((x, k) => {
        if (k === top || x < 1e-5 || other[k] < 1e-5 || other[top] < 1e-5) return;
        ours.push(Math.log(other[k] / other[top]));
        theirs.push(Math.log(x / line[top]));
      });
    });
    if (!share) return undefined;
    if (ours.length < 2) continue;
    logarithms.push({
      ...rest,
      actual: { shape: [ours.length], data: ours },
      expected: { shape: [theirs.length], data: theirs },
    });
  }
  if (logarithms.length === 0) return undefined;
  // A factor of 1: what is left on both sides is right, so the mistake is what was left.
  const isRight = logarithms.every(({ actual, expected }) =>
    Array.from(actual.data).every((x, i) => Math.abs(x - expected.data[i]) < 1e-4),
  );
  if (isRight) return othersLeft(pairs);
  const said = factorOf(logarithms)
    ?.replace(/^(Every number|The result) is/, "The scores that go into the softmax are")
    .replace("it should be", "they should be");
  // 2^s is e^(s·ln 2)
  return said?.replace(/ are ln 2 times .*/, "$& That is so where 2^score stands for e^score.");
}

/** Weights in the right proportion, but of other places than should be left. */
function othersLeft(pairs: readonly Pair[]): string | undefined {
  let [more, less] = [false, false];
  for (const { actual: a, expected: e } of pairs)
    for (let i = 0; i < e.data.length; i++) {
      if (a.data[i] > 1e-5 && e.data[i] === 0) more = true;
      if (a.data[i] === 0 && e.data[i] > 1e-5) less = true;
    }
  if (!more && !less) return undefined;
  const what =
    more && less
      ? "others are left than should be"
      : more
        ? "too many are left"
        : "too few are left";
  return `In proportion to each other, the numbers that are left are right, but ${what}.`;
}

/** Which places are wrong: a row, a triangle, everything after the first. */
const regions: Pattern = ({ actual: a, expected: e }) => {
  if (!sameShape(a.shape, e.shape) || e.data.length < 3) return [];
  const [atol, rtol] = tolerances(e);
  const wrong: number[][] = [];
  const right: number[][] = [];
  for (let i = 0; i < e.data.length; i++) {
    const [x, y] = [a.data[i], e.data[i]];
    const fits = Object.is(x, y) || Math.abs(x - y) <= 10 * (atol + rtol * Math.abs(y));
    (fits ? right : wrong).push(indexOf(e.shape, i));
  }
  if (right.length === 0 || wrong.length === 0) return [];
  const rank = e.shape.length;
  const found: string[] = [];
  const of = (axis: number) =>
    rank === 1
      ? "one"
      : axis === rank - 1
        ? "column"
        : rank === 2
          ? "row"
          : `of the ${places[axis]} axis`;
  const [above, on]: ((index: number[]) => boolean)[] = [
    (index) => index[rank - 1] > index[rank - 2],
    (index) => index[rank - 1] === index[rank - 2],
  ];
  // A list of pairs has no diagonal.
  const isPairs = e.shape[rank - 1] === 2 && e.shape[rank - 2] > 2;
  if (rank >= 2 && e.shape[rank - 1] > 1 && !isPairs) {
    const distance = (index: number[]) => Math.abs(index[rank - 1] - index[rank - 2]);
    const nearest = Math.min(...wrong.map(distance));
    const farthest = Math.max(...right.map(distance));
    if (
      nearest > 1 &&
      wrong.length > 0 &&
      Math.max(...right.filter((i) => !above(i)).map(distance)) < nearest
    )
      found.push(`Only what lies ${nearest} or more places from the diagonal is wrong.`);
    else if (nearest > 1 && farthest < nearest)
      found.push(`Only what lies ${nearest} or more places from the diagonal is wrong.`);
    if (wrong.every(on)) found.push("Only the diagonal is wrong.");
    if (wrong.every(above)) found.push("Only what lies above the diagonal is wrong.");
    if (wrong.every((index) => !above(index) && !on(index)))
      found.push("Only what lies below the diagonal is wrong.");
  }
  for (let axis = 0; axis < rank; axis++) {
    const last = e.shape[axis] - 1;
    if (last < 1) continue;
    const all = (list: number[][], fits: (n: number) => boolean) =>
      list.every((index) => fits(index[axis]));
    const name = of(axis);
    const taken = ": is what holds for it taken for all?";
    if (all(wrong, (n) => n === 0)) found.push(`Only the first ${name} is wrong.`);
    if (all(wrong, (n) => n === last)) found.push(`Only the last ${name} is wrong.`);
    if (all(right, (n) => n === 0) && all(wrong, (n) => n > 0))
      found.push(`Only the first ${name} is right${taken}`);
    if (all(right, (n) => n === last) && all(wrong, (n) => n < last))
      found.push(`Only the last ${name} is right${taken}`);
    if (all(wrong, (n) => n > 0) && right.some((index) => index[axis] > 0))
      found.push(`The first ${name} is right, and what is wrong comes after it.`);
  }
  const at = (index: number[]) => index.reduce((n, k, axis) => n * e.shape[axis] + k, 0);
  const expected = (index: number[]) => e.data[at(index)];
  const actual = (index: number[]) => a.data[at(index)];
  if (wrong.every((index) => Number.isNaN(actual(index))))
    found.push("Where it is wrong it is NaN: somewhere 0 / 0, or Infinity − Infinity.");
  if (
    wrong.every((index) => expected(index) === 0) &&
    right.every((index) => expected(index) !== 0)
  )
    found.push("It is wrong where it should be 0, and only there.");
  if (wrong.every((index) => expected(index) < 0) && right.every((index) => expected(index) >= 0))
    found.push("It is wrong where it should be negative, and only there.");
  return found;
};

/** Too large or too small, where nothing better can be said. */
const tendencies: Pattern = ({ actual: a, expected: e }) => {
  if (!sameShape(a.shape, e.shape)) return [];
  const [atol, rtol] = tolerances(e);
  const wrong = Array.from(e.data, (_, i) => i).filter((i) =>
    Number.isFinite(e.data[i])
      ? !(Math.abs(a.data[i] - e.data[i]) <= 10 * (atol + rtol * Math.abs(e.data[i])))
      : !Object.is(a.data[i], e.data[i]),
  );
  if (wrong.length === 0) return [];
  const found: string[] = [];
  if (wrong.every((i) => Number.isNaN(a.data[i]))) found.push("It is NaN.");
  if (wrong.every((i) => a.data[i] === 0)) found.push("Where it is wrong it is 0.");
  if (wrong.every((i) => a.data[i] > e.data[i])) found.push("Where it is wrong it is too large.");
  if (wrong.every((i) => a.data[i] < e.data[i])) found.push("Where it is wrong it is too small.");
  return found;
};
