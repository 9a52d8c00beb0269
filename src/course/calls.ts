// The calls that notebooks make of the exercises' functions, kept in test/calls/<lesson>.json. The
// check replays them (./kit/notebook), so that an answer which passes its check also serves the
// cells that call it. They are recorded while a notebook runs (tools/lesson/calls.mjs) and written
// here in a form that fits a text file: values as JSON has them, numbers in bulk packed.
//
// Left out: values that are neither data nor a plain function (a tokenizer, a trainer). A call with
// one of those is not recorded.

import { existsSync, readFileSync } from "node:fs";
import { deflateSync, inflateSync } from "node:zlib";
import type { tf as TF } from "../engine";
import { mulberry32 } from "./kit/seeded";
import { isRecord, isTensor, isTyped } from "./kit/words";
import { lessonFiles } from "./paths";

/** One call that a cell makes. */
export interface Call {
  /** The notebook's id: "06-attention". */
  notebook: string;
  /** The id of the cell. */
  cell: string;
  exercise: string;
  args: Packed[];
}

/** test/calls/<lesson>.json: by notebook, because lesson 12 (training) also calls earlier ones. */
export interface CallsFile {
  about: string;
  notebooks: Record<string, { code: string; calls: Omit<Call, "notebook">[] }>;
}

/** A value as the file has it. */
export type Packed = null | boolean | number | string | Packed[] | { [key: string]: Packed };

/** What marks an object that stands for something JSON does not have. */
const MARK = "#";
/** So many numbers are written out, if they are short; others are packed. */
const WRITTEN = 16;
const SHORT = 7;

/** The forms in which numbers are packed, the smallest first. */
const arrays = { u1: Uint8Array, i4: Int32Array, f4: Float32Array, f8: Float64Array };
type Form = keyof typeof arrays;

/** The smallest form that loses nothing. */
function formOf(numbers: ArrayLike<number>): Form {
  const holds = (form: Form) => {
    const copy = arrays[form].from(numbers);
    for (let i = 0; i < copy.length; i++) if (!Object.is(copy[i], numbers[i])) return false;
    return true;
  };
  return (Object.keys(arrays) as Form[]).find(holds) ?? "f8";
}

/** Whether JSON can have the numbers as they are, and shortly. */
function isPlain(numbers: ArrayLike<number>): boolean {
  if (numbers.length > WRITTEN) return false;
  const list = Array.from(numbers);
  return (
    list.every((n) => Number.isFinite(n) && !Object.is(n, -0)) &&
    String(list).length <= SHORT * list.length
  );
}

/**
 * Numbers in bulk: written out, packed, or stood in for where there are more than `most`, by
 * `sample` of them from which as many are drawn.
 */
export function packNumbers(
  numbers: ArrayLike<number>,
  most = Number.POSITIVE_INFINITY,
  sample = 256,
): Packed {
  if (isPlain(numbers)) return Array.from(numbers);
  if (numbers.length > most) {
    const next = mulberry32(numbers.length);
    const some = Array.from({ length: sample }, () => numbers[Math.floor(next() * numbers.length)]);
    return { drawn: numbers.length, from: packNumbers(some) };
  }
  const form = formOf(numbers);
  const bytes = Buffer.from(arrays[form].from(numbers).buffer);
  return { [form]: deflateSync(bytes, { level: 9 }).toString("base64") };
}

/** The numbers again; those stood in for are drawn, the same each time. */
export function unpackNumbers(packed: Packed): ArrayLike<number> {
  if (Array.isArray(packed)) return packed as number[];
  const { drawn, length, pieces, fill, from, ...bulk } = packed as Record<string, Packed>;
  if (typeof drawn === "number") {
    const some = unpackNumbers(from);
    const next = mulberry32(drawn + 1);
    const numbers = new Float64Array(drawn);
    for (let i = 0; i < drawn; i++) numbers[i] = some[Math.floor(next() * some.length)];
    return numbers;
  }
  if (typeof length === "number") {
    const numbers = new Int32Array(length).fill(fill as number);
    for (const [at, piece] of pieces as [number, Packed][]) numbers.set(unpackNumbers(piece), at);
    return numbers;
  }
  const [form, text] = Object.entries(bulk)[0] as [Form, string];
  const bytes = inflateSync(Buffer.from(text, "base64"));
  return new arrays[form](Uint8Array.from(bytes).buffer);
}

/** The shape of nested arrays of numbers with rows of equal length, or undefined. */
function evenShape(value: unknown): number[] | undefined {
  if (typeof value === "number") return [];
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const inner = evenShape(value[0]);
  const same = inner && value.every((item) => `${evenShape(item)}` === `${inner}`);
  return same ? [value.length, ...inner] : undefined;
}

function nest(numbers: ArrayLike<number>, shape: readonly number[], from = 0): unknown {
  const [length, ...inner] = shape;
  const step = inner.reduce((a, b) => a * b, 1);
  return Array.from({ length }, (_, i) =>
    inner.length ? nest(numbers, inner, from + i * step) : numbers[from + i],
  );
}

/** A number, and the few that JSON does not know. */
const packNumber = (n: number): Packed =>
  Number.isFinite(n) && !Object.is(n, -0)
    ? n
    : { [MARK]: "number", is: Object.is(n, -0) ? "-0" : String(n) };

export interface PackOptions {
  /** Arrays of more numbers are stood in for, by so many of their own. */
  most?: number;
  sample?: number;
  /** What a function argument has returned, packed; without it functions cannot be packed. */
  resultsOf?: (fn: unknown) => Packed;
  /** Packs some arrays otherwise: of a long text only what was read is kept. */
  instead?: (numbers: unknown) => Packed | undefined;
}

/**
 * The arguments of a call as the file has them. An object that comes twice is kept as one.
 * @throws Error for a value that is neither data nor a function
 */
export function packArguments(args: readonly unknown[], options: PackOptions = {}): Packed[] {
  const { most, sample, resultsOf, instead } = options;
  const seen: unknown[] = [];
  const numbers = (list: ArrayLike<number>, of: unknown = list) =>
    instead?.(of) ?? packNumbers(list, most, sample);
  const pack = (value: unknown): Packed => {
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number") return packNumber(value);
    if (value === undefined) return { [MARK]: "undefined" };
    if (typeof value === "bigint") return { [MARK]: "bigint", is: String(value) };
    const before = seen.indexOf(value);
    if (before >= 0) return { [MARK]: "again", of: before };
    seen.push(value);
    if (typeof value === "function" && resultsOf)
      return { [MARK]: "function", gave: resultsOf(value) };
    if (isTensor(value)) {
      const packed = {
        [MARK]: "tensor",
        dtype: value.dtype,
        shape: value.shape,
        numbers: numbers(value.dataSync() as ArrayLike<number>, value),
      };
      return typeof (value as TF.Variable).assign === "function"
        ? { ...packed, variable: true }
        : packed;
    }
    if (isTyped(value))
      return { [MARK]: "typed", type: value.constructor.name, numbers: numbers(value) };
    if (Array.isArray(value)) {
      const shape = evenShape(value);
      const list = shape ? (value.flat(Number.POSITIVE_INFINITY) as number[]) : [];
      return shape && !isPlain(list)
        ? { [MARK]: "array", shape, numbers: numbers(list, value) }
        : value.map(pack);
    }
    if (value instanceof Map)
      return { [MARK]: "map", entries: [...value].map(([k, v]) => [pack(k), pack(v)]) };
    if (value instanceof Set) return { [MARK]: "set", items: [...value].map(pack) };
    if (isRecord(value) && !(MARK in value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, pack(item)]));
    throw new Error(
      `packArguments: expected data or a function, got ${(value as object).constructor?.name ?? typeof value}`,
    );
  };
  return args.map(pack);
}

/** What tensors are made of. */
const inTensors = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

const typedArrays: Record<string, new (list: ArrayLike<number>) => ArrayBufferView> = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
};

/** A number that changes with every float that a function is given. */
function fingerprintOf(args: readonly unknown[]): number {
  let sum = 0;
  let at = 0;
  const add = (list: ArrayLike<number>) => {
    for (let i = 0; i < list.length; i++) sum += list[i] * Math.cos(++at);
  };
  const visit = (value: unknown): void => {
    if (typeof value === "number") add([value]);
    else if (isTensor(value)) add(value.dataSync());
    else if (isTyped(value)) add(value);
    else if (Array.isArray(value)) value.forEach(visit);
    else if (isRecord(value)) Object.values(value).forEach(visit);
  };
  args.forEach(visit);
  return sum;
}

/**
 * Stands in for a function that a cell passed along: it gives what that one gave, in turn, and all
 * floats of it times a number that depends on what it is given.
 */
function standIn(
  gave: readonly Packed[],
  tf: typeof TF | undefined,
): (...args: unknown[]) => unknown {
  let calls = 0;
  const fn = (...args: unknown[]) => {
    const by = 1 + 0.1 * Math.sin(fingerprintOf(args));
    const moved = (value: unknown): unknown => {
      if (typeof value === "number") return Number.isInteger(value) ? value : value * by;
      if (isTensor(value)) return value.dtype === "float32" ? value.mul(by) : value;
      if (Array.isArray(value)) return value.map(moved);
      if (!isRecord(value)) return value;
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, moved(item)]));
    };
    const [result] = unpackArguments([gave[calls++ % gave.length]], tf);
    return tf ? tf.tidy(() => moved(result) as TF.Tensor) : moved(result);
  };
  return Object.assign(fn, { [GAVE]: gave });
}

/** What a function that stands in for another gives, packed. */
const GAVE = Symbol("gave");
export const resultsOf = (fn: unknown): readonly Packed[] =>
  (fn as { [GAVE]?: readonly Packed[] })[GAVE] ?? [];

/**
 * The arguments of a call, made anew. The variables among them, which no scope frees, are put into
 * `variables`.
 */
export function unpackArguments(
  args: readonly Packed[],
  tf: typeof TF | undefined,
  variables: TF.Variable[] = [],
): unknown[] {
  const seen: unknown[] = [];
  const unpack = (packed: Packed): unknown => {
    if (typeof packed !== "object" || packed === null) return packed;
    const place = seen.length;
    const made = <V>(value: V): V => {
      seen[place] = value;
      return value;
    };
    if (Array.isArray(packed)) {
      const list: unknown[] = made([]);
      for (const item of packed) list.push(unpack(item));
      return list;
    }
    switch (packed[MARK]) {
      case "number":
        return Number(packed.is);
      case "undefined":
        return undefined;
      case "bigint":
        return BigInt(packed.is as string);
      case "again":
        return seen[packed.of as number];
      case "function":
        return made(standIn(packed.gave as Packed[], tf));
      case "tensor": {
        if (!tf) throw new Error("unpackArguments: expected the engine, for a tensor, got none");
        const dtype = packed.dtype as "float32" | "int32" | "bool";
        const list = inTensors[dtype].from(unpackNumbers(packed.numbers));
        const x = tf.tensor(list, packed.shape as number[], dtype);
        if (packed.variable) variables.push(made(tf.variable(x)) as TF.Variable);
        else made(x);
        return seen[place];
      }
      case "typed":
        return made(new typedArrays[packed.type as string](unpackNumbers(packed.numbers)));
      case "array":
        return made(nest(unpackNumbers(packed.numbers), packed.shape as number[]));
      case "map": {
        const map = made(new Map<unknown, unknown>());
        for (const [key, value] of packed.entries as Packed[][])
          map.set(unpack(key), unpack(value));
        return map;
      }
      case "set": {
        const set = made(new Set<unknown>());
        for (const item of packed.items as Packed[]) set.add(unpack(item));
        return set;
      }
      default: {
        const record: Record<string, unknown> = made({});
        for (const [key, item] of Object.entries(packed)) record[key] = unpack(item);
        return record;
      }
    }
  };
  return args.map(unpack);
}

/** Whether numbers of the call are drawn ones, or a function stands in for another. */
export const standsIn = (args: readonly Packed[]): boolean =>
  /"drawn":|"#":"function"/.test(JSON.stringify(args));

/** The recorded calls of a lesson's exercises; none where the lesson has no such file. */
export function readCalls(lesson: string): Call[] {
  const { calls: file } = lessonFiles(lesson);
  if (!existsSync(file)) return [];
  const { notebooks } = JSON.parse(readFileSync(file, "utf8")) as CallsFile;
  return Object.entries(notebooks).flatMap(([notebook, { calls }]) =>
    calls.map((call) => ({ notebook, ...call })),
  );
}
