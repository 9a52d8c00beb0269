// Results that are the right ones times a factor, or plus a number: which factor? It is looked for
// among the sizes and options of the calls, and told by a name that fits in every call.

import { sameShape } from "./assert";
import { alike, type Named, type Pair, someNumbers } from "./pairs";
import { numberText } from "./words";

const close = (x: number, y: number) => Math.abs(x - y) <= 2e-3 * Math.abs(y);

const constants: [name: string, value: number][] = [
  ["−1", -1],
  ["1/ln 2 (bits in place of nats)", 1 / Math.LN2],
  ["ln 2", Math.LN2],
  ["1/ln 10 (a logarithm to base 10)", 1 / Math.LN10],
  ["180/π (degrees for radians)", 180 / Math.PI],
  ["π", Math.PI],
  ["√2", Math.SQRT2],
  ["1/√2", Math.SQRT1_2],
  ["1/2", 0.5],
  ["1/3", 1 / 3],
];

/** A name as part of a formula. */
const p = (name: string) => (/^[\p{L}\d.[\]_]+$/u.test(name) ? name : `(${name})`);

type One = [text: (name: string) => string, value: (n: number) => number];
/** What a factor may be, made from one named number. */
const ofOne: One[] = [
  [(n) => n, (n) => n],
  [(n) => `1/${p(n)}`, (n) => 1 / n],
  [(n) => `√${p(n)}`, Math.sqrt],
  [(n) => `1/√${p(n)}`, (n) => 1 / Math.sqrt(n)],
  [(n) => `${p(n)}²`, (n) => n * n],
  [(n) => `1/${p(n)}²`, (n) => 1 / (n * n)],
  [(n) => `1/(${p(n)}·√${p(n)})`, (n) => n ** -1.5],
  [(n) => `${p(n)}·√${p(n)}`, (n) => n ** 1.5],
  [(n) => `(1 − ${n})`, (n) => 1 - n],
  [(n) => `1/(1 − ${n})`, (n) => 1 / (1 - n)],
  [(n) => `${p(n)}/(1 − ${n})`, (n) => n / (1 - n)],
  [(n) => `(1 − ${n})/${p(n)}`, (n) => (1 - n) / n],
  [(n) => `(${n} + 1)`, (n) => n + 1],
  [(n) => `(${n} − 1)`, (n) => n - 1],
  [(n) => `1/(${n} − 1)`, (n) => 1 / (n - 1)],
  [(n) => `1/(${n} + 1)`, (n) => 1 / (n + 1)],
  [(n) => `(${n} − 1)/${p(n)}`, (n) => (n - 1) / n],
  [(n) => `${p(n)}/(${n} − 1)`, (n) => n / (n - 1)],
  [(n) => `(${n} + 1)/${p(n)}`, (n) => (n + 1) / n],
  [(n) => `${p(n)}/(${n} + 1)`, (n) => n / (n + 1)],
  [(n) => `√((${n} + 1)/${p(n)})`, (n) => Math.sqrt((n + 1) / n)],
  [(n) => `√(${p(n)}/(${n} − 1))`, (n) => Math.sqrt(n / (n - 1))],
  [(n) => `√${p(n)}/ln${p(n)}`, (n) => Math.sqrt(n) / Math.log(n)],
  [(n) => `1/ln${p(n)}`, (n) => 1 / Math.log(n)],
  [(n) => `√${p(n)}/⌊√${p(n)}⌋`, (n) => Math.sqrt(n) / Math.floor(Math.sqrt(n))],
  [(n) => `√${p(n)}/⌈√${p(n)}⌉`, (n) => Math.sqrt(n) / Math.ceil(Math.sqrt(n))],
];

/**
 * Powers of a named number that leave a constant factor: "√D / 8, where 8 is a number written out".
 */
const powers: One[] = [
  [(n) => `√${p(n)}`, Math.sqrt],
  [(n) => n, (n) => n],
  [(n) => `1/${p(n)}`, (n) => 1 / n],
  [(n) => `1/√${p(n)}`, (n) => 1 / Math.sqrt(n)],
];

type Two = [text: (x: string, y: string) => string, value: (x: number, y: number) => number];
const ofTwo: Two[] = [
  [(x, y) => `(${x} · ${y})`, (x, y) => x * y],
  [(x, y) => `1/(${x} · ${y})`, (x, y) => 1 / (x * y)],
  [(x, y) => `${p(x)}/${p(y)}`, (x, y) => x / y],
  [(x, y) => `√(${p(x)}/${p(y)})`, (x, y) => Math.sqrt(x / y)],
  [(x, y) => `1/√(${x} · ${y})`, (x, y) => 1 / Math.sqrt(x * y)],
  [(x, y) => `√${p(x)}/${p(y)}`, (x, y) => Math.sqrt(x) / y],
  [(x, y) => `(1 − ${p(x)}^${p(y)})`, (x, y) => 1 - x ** y],
  [(x, y) => `1/(1 − ${p(x)}^${p(y)})`, (x, y) => 1 / (1 - x ** y)],
  [(x, y) => `${p(x)}/(${p(y)} + 1)`, (x, y) => x / (y + 1)],
  [(x, y) => `(${p(x)} + 1)/${p(y)}`, (x, y) => (x + 1) / y],
  [(x, y) => `${p(x)}/(${p(x)} + ${p(y)})`, (x, y) => x / (x + y)],
  [(x, y) => `(1 − ${p(x)} · ${p(y)})`, (x, y) => 1 - x * y],
];

type Three = [
  text: (x: string, y: string, z: string) => string,
  value: (x: number, y: number, z: number) => number,
];
const ofThree: Three[] = [
  [(x, y, z) => `√(${p(x)}/(${p(y)} · ${p(z)}))`, (x, y, z) => Math.sqrt(x / (y * z))],
  [(x, y, z) => `${p(x)}/(${p(y)} · ${p(z)})`, (x, y, z) => x / (y * z)],
  [(x, y, z) => `(${p(x)} · ${p(y)})/${p(z)}`, (x, y, z) => (x * y) / z],
];

/** A name for numbers that fits each of them with its own call's sizes and options. */
function nameOf(list: readonly number[], pairs: readonly Pair[]): string | undefined {
  for (const [name, value] of constants) if (list.every((r) => close(r, value))) return name;
  if (list.every((r) => close(r, list[0])))
    return list.length > 1 ? `always ${numberText(list[0])}` : undefined;
  const names = [...(pairs[0]?.named.keys() ?? [])].filter((name) =>
    pairs.every(({ named }) => named.has(name)),
  );
  const all = (value: (named: Named) => number) =>
    list.every((r, i) => {
      const v = value(pairs[i].named);
      return Number.isFinite(v) && close(r, v);
    });
  for (const sign of [1, -1])
    for (const [text, value] of ofOne)
      for (const name of names)
        if (all((named) => sign * value(named.get(name)!)))
          return `${sign < 0 ? "−" : ""}${text(name)}`;
  for (const [text, value] of powers)
    for (const name of names) {
      const left = list.map((r, i) => r / value(pairs[i].named.get(name)!));
      if (left.every((r) => close(r, left[0]) && Number.isFinite(r) && r !== 0))
        return `${text(name)} · ${numberText(left[0])} (is ${numberText(Math.abs(1 / left[0]))} written out where a size belongs?)`;
    }
  for (const [text, value] of ofTwo)
    for (const x of names)
      for (const y of names)
        if (x !== y && all((named) => value(named.get(x)!, named.get(y)!))) return text(x, y);
  const short = names.filter((name) => /^\p{L}$/u.test(name) || !/[.[]/.test(name));
  for (const [text, value] of ofThree)
    for (const x of short)
      for (const y of short)
        for (const z of short)
          if (
            new Set([x, y, z]).size === 3 &&
            all((named) => value(named.get(x)!, named.get(y)!, named.get(z)!))
          )
            return text(x, y, z);
  return undefined;
}

/** The factor between result and right result, or undefined where there is none. */
function ratioOf({ actual: a, expected: e }: Pair): number | undefined {
  if (!sameShape(a.shape, e.shape) || e.data.length === 0) return undefined;
  let at = 0;
  for (let i = 0; i < e.data.length; i++) if (Math.abs(e.data[i]) > Math.abs(e.data[at])) at = i;
  const ratio = a.data[at] / e.data[at];
  if (!Number.isFinite(ratio) || ratio === 0) return undefined;
  return alike(
    a.data,
    Array.from(e.data, (x) => x * ratio),
  )
    ? ratio
    : undefined;
}

/** Result and right result differ by one factor, which has a name in every call. */
export function factorOf(pairs: readonly Pair[]): string | undefined {
  const ratios = pairs.map(ratioOf);
  if (ratios.some((r) => r === undefined)) return undefined;
  const list = ratios as number[];
  if (list.every((ratio) => close(ratio, 1))) return undefined; // rounded, perhaps
  const name = nameOf(list, pairs);
  const what = pairs.every(({ expected }) => expected.data.length === 1)
    ? "The result is"
    : "Every number is";
  if (name) return `${what} ${name} times what it should be.`;
  // Single numbers always have a ratio: without a name it says nothing.
  const numbers = pairs.reduce((n, { expected }) => n + expected.data.length, 0);
  if (numbers <= 2 * pairs.length) return undefined;
  return `Every number is ${someNumbers(list)} times what it should be: one factor for all of a call.`;
}

/** Result minus right result is one number everywhere. */
export function offsetOf(pairs: readonly Pair[]): string | undefined {
  const offsets: number[] = [];
  for (const { actual: a, expected: e } of pairs) {
    if (!sameShape(a.shape, e.shape) || e.data.length === 0) return undefined;
    const offset = a.data[0] - e.data[0];
    const fits = alike(
      a.data,
      Array.from(e.data, (x) => x + offset),
    );
    if (!Number.isFinite(offset) || offset === 0 || !fits) return undefined;
    offsets.push(offset);
  }
  const what = pairs.every(({ expected }) => expected.data.length === 1)
    ? "The result is"
    : "Every number is";
  const side = offsets.every((x) => x > 0) ? "large" : offsets.every((x) => x < 0) ? "small" : "";
  if (side && pairs.length > 1 && offsets.every((x) => close(x, offsets[0])))
    return `${what} ${numberText(Math.abs(offsets[0]))} too ${side}.`;
  const name = side ? nameOf(offsets.map(Math.abs), pairs) : undefined;
  if (name) return `${what} too ${side} by ${name.replace(/^always /, "")}.`;
  return pairs.some(({ expected }) => expected.data.length > 2)
    ? "In each call every number is off by the same amount: something that is added once is missing or too much."
    : undefined;
}
