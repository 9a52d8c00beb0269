// How the kit names values in its sentences: numbers, shapes, tables, places.

import type { tf as TF } from "../../engine";

export type Numbers = TF.Tensor | ArrayLike<number> | NestedNumbers | number;
export type NestedNumbers = readonly (number | NestedNumbers)[];

/** Numbers of any form, as a shape and flat data. */
export interface Flat {
  shape: number[];
  data: ArrayLike<number>;
}

export function isTensor(x: unknown): x is TF.Tensor {
  const t = x as Partial<TF.Tensor> | null;
  return (
    typeof x === "object" &&
    t !== null &&
    Array.isArray(t.shape) &&
    typeof t.dataSync === "function"
  );
}

/** A typed array of numbers. */
export function isTyped(x: unknown): x is Float32Array {
  return ArrayBuffer.isView(x) && !(x instanceof DataView);
}

/** An object made with `{ … }`, or with no prototype. */
export function isRecord(x: unknown): x is Record<string, unknown> {
  if (typeof x !== "object" || x === null || isTensor(x)) return false;
  const prototype = Object.getPrototypeOf(x);
  // By name: a learner's file or a test may come from another realm.
  return prototype === null || prototype.constructor?.name === "Object";
}

/** "a tensor of shape (2, 3)", "the number 0.5", "nothing (undefined)", … */
export function describe(x: unknown): string {
  if (x === undefined) return "nothing (undefined)";
  if (x === null) return "null";
  if (isTensor(x))
    return x.isDisposed
      ? "a tensor that has been disposed"
      : `a tensor of shape ${shapeText(x.shape)}`;
  if (x instanceof Promise) return "a Promise";
  if (Array.isArray(x)) return `an array of length ${x.length}`;
  if (isTyped(x)) return `a ${(x as object).constructor.name} of length ${x.length}`;
  if (typeof x === "number") return `the number ${numberText(x)}`;
  if (typeof x === "string")
    return `the text ${JSON.stringify(x.length > 60 ? x.slice(0, 57) + "…" : x)}`;
  if (typeof x === "function") return "a function";
  if (typeof x === "object")
    return `an object with ${Object.keys(x).slice(0, 6).join(", ") || "no fields"}`;
  return `the ${typeof x} ${String(x)}`;
}

export const shapeText = (shape: readonly number[]): string =>
  shape.length === 0
    ? "() (a single number)"
    : shape.length === 1
      ? `(${shape[0]},)`
      : `(${shape.join(", ")})`;

export function numberText(x: number): string {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "Infinity" : "-Infinity";
  if (Number.isInteger(x) && Math.abs(x) < 1e12) return String(x);
  const size = Math.abs(x);
  return size >= 1e-3 && size < 1e5 ? String(Number(x.toPrecision(4))) : x.toExponential(2);
}

/** A value as it would be written in code, cut short: [0.5, -1, …], "text", Map { … }. */
export function valueText(x: unknown, most = 12): string {
  if (typeof x === "number") return numberText(x);
  if (typeof x === "string") return JSON.stringify(x.length > 80 ? x.slice(0, 77) + "…" : x);
  if (typeof x === "function") return "a function";
  if (isTensor(x)) {
    if (x.isDisposed) return describe(x);
    if (x.size > most) return `${shapeText(x.shape)}`;
    return x.rank === 0
      ? `a scalar ${numberText(Number(x.dataSync()[0]))}`
      : valueText(x.arraySync(), most);
  }
  if (x instanceof Map)
    return `{ ${[...x]
      .slice(0, 6)
      .map(([k, v]) => `${k} → ${valueText(v)}`)
      .join(", ")} }`;
  if (Array.isArray(x) || isTyped(x)) {
    const items = Array.from(x as ArrayLike<unknown>).slice(0, most);
    const inner = items.map((item) => valueText(item, Math.max(2, most / 2)));
    return `[${inner.join(", ")}${x.length > items.length ? ", …" : ""}]`;
  }
  if (isRecord(x))
    return `{ ${Object.entries(x)
      .slice(0, 8)
      .map(([k, v]) => `${k}: ${valueText(v, most)}`)
      .join(", ")} }`;
  return describe(x);
}

/** The index of each axis for a place in flat data. */
export function indexOf(shape: readonly number[], flat: number): number[] {
  const index: number[] = [];
  for (let d = shape.length - 1; d >= 0; d--) {
    index.unshift(flat % shape[d]);
    flat = Math.floor(flat / shape[d]);
  }
  return index;
}

/** " at [1, 2]", or nothing for a single number. */
export const placeText = (shape: readonly number[], flat: number): string =>
  shape.length === 0 ? "" : ` at [${indexOf(shape, flat).join(", ")}]`;

/** The matrix of the last two axes that holds the place `flat`. */
export function matrixAt({ shape, data }: Flat, flat = 0): { flat: Flat; where: string } {
  if (shape.length <= 2) return { flat: { shape, data }, where: "" };
  const last = shape.slice(-2);
  const size = last[0] * last[1];
  const start = size === 0 ? 0 : Math.floor(flat / size) * size;
  const lead = indexOf(shape, start).slice(0, -2);
  const part = Array.from({ length: size }, (_, i) => data[start + i]);
  return { flat: { shape: last, data: part }, where: `[${lead.join(", ")}]` };
}

/** A matrix as lines of right-aligned numbers; larger arrays are cut at 6 rows of 8. */
function picture({ shape, data }: Flat): string[] {
  const columns = shape.at(-1) ?? 1;
  const rows = columns === 0 ? 0 : data.length / columns;
  const texts: string[][] = [];
  for (let r = 0; r < Math.min(rows, 6); r++) {
    const row: string[] = [];
    for (let c = 0; c < Math.min(columns, 8); c++) row.push(numberText(data[r * columns + c]));
    if (columns > 8) row.push("…");
    texts.push(row);
  }
  const width = Math.max(1, ...texts.flat().map((t) => t.length));
  const lines = texts.map((row) => row.map((t) => t.padStart(width)).join("  "));
  if (rows > 6) lines.push("…");
  return lines;
}

/** Two arrays side by side, or under each other where they are wide. */
export function sideBySide(actual: Flat, expected: Flat): string {
  const left = picture(actual);
  const right = picture(expected);
  const width = Math.max(4, ...left.map((l) => l.length));
  if (width > 48)
    return ["got", ...left.map((l) => "  " + l), "expected", ...right.map((l) => "  " + l)].join(
      "\n",
    );
  const lines = [`  ${"got".padEnd(width)}    expected`];
  for (let i = 0; i < Math.max(left.length, right.length); i++)
    lines.push(`  ${(left[i] ?? "").padEnd(width)}    ${right[i] ?? ""}`.trimEnd());
  return lines.join("\n");
}
