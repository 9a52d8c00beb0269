// A wrong answer seen from all sides: the calls of the sweep, each with what came out and what
// should have. ./diagnose looks for one explanation that fits every one of them.

import type { ExerciseSource } from "../source";
import type { AnyFunction } from "./guard";
import {
  type Copy,
  type Difference,
  differenceOf,
  type Path,
  type Tolerance,
  walk,
} from "./values";
import { isRecord, isTensor, isTyped } from "./words";

/** One call: its kind of input, what came out (or was thrown), and what should have. */
export interface Observation {
  kind: string;
  args: unknown[];
  expected: Copy;
  actual?: Copy;
  error?: Error;
  /** Unset where the result is right. */
  difference?: Difference;
}

export interface Observed {
  all: Observation[];
  wrong: Observation[];
  right: Observation[];
  source: ExerciseSource;
  reference: AnyFunction;
  tolerance?: Tolerance;
}

/** A step into arguments: the index of the argument, then keys. */
export type Leaf = { path: Path; name: string; value: unknown };

/** "scores", "options.mask" as "mask", "w.bias_ih_l0": how the learner's file calls an argument. */
export function leafName(path: Path, { parameters }: ExerciseSource): string {
  const [index, ...rest] = path;
  const head = parameters[index as number];
  const steps = [head, ...rest].filter((step) => step !== "" && step !== undefined);
  return steps
    .map((step, i) => (typeof step === "number" ? `[${step}]` : i === 0 ? step : `.${step}`))
    .join("");
}

/** The values of arguments that a function computes with: tensors, numbers, texts, arrays, maps. */
export function leavesOf(args: readonly unknown[], source: ExerciseSource): Leaf[] {
  const leaves: Leaf[] = [];
  const add = (value: unknown, path: Path) =>
    leaves.push({ path, name: leafName(path, source), value });
  const visit = (value: unknown, path: Path): void => {
    if (isRecord(value))
      for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
    else if (Array.isArray(value) && value.some((item) => isTensor(item) || isRecord(item)))
      for (const [i, item] of value.entries()) visit(item, [...path, i]);
    else if (typeof value !== "function") add(value, path);
  };
  for (const [i, arg] of args.entries()) visit(arg, [i]);
  return leaves;
}

/** The value at a path of arguments, or undefined. */
export function valueAt(args: unknown, path: Path): unknown {
  let value = args;
  for (const step of path) {
    if (value === undefined || value === null) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}

/** The arguments with another value at a path; containers on the way are copied. */
export function withValue(args: readonly unknown[], path: Path, value: unknown): unknown[] {
  const put = (container: unknown, steps: Path): unknown => {
    if (steps.length === 0) return value;
    const [step, ...rest] = steps;
    if (Array.isArray(container)) {
      const copy = [...container];
      copy[step as number] = put(container[step as number], rest);
      return copy;
    }
    const record = (container ?? {}) as Record<string, unknown>;
    return { ...record, [step]: put(record[step], rest) };
  };
  return put(args, path) as unknown[];
}

/** The parts of a result that are compared as one: numbers, texts. */
export function partsOf(copy: Copy, path: Path = []): Map<string, Copy> {
  if (copy.kind !== "parts") return new Map([[path.join("."), copy]]);
  const found = new Map<string, Copy>();
  for (const [key, part] of copy.parts)
    for (const [at, leaf] of partsOf(part, [...path, key])) found.set(at, leaf);
  return found;
}

/** The names of the parts that are wrong in some observation. */
export function wrongParts({ wrong, tolerance }: Observed): string[] {
  const names = new Set<string>();
  for (const { actual, expected } of wrong) {
    if (!actual) continue;
    const got = partsOf(actual);
    for (const [name, part] of partsOf(expected)) {
      const other = got.get(name);
      if (!other || differenceOf(other, part, tolerance)) names.add(name);
    }
  }
  return [...names];
}

/** Whether a value holds numbers only, at any depth. */
export function isNumeric(value: unknown): value is number[] | number[][] {
  if (!Array.isArray(value) || value.length === 0) return false;
  let numeric = true;
  walk(value, (x) => {
    if (typeof x !== "number" && !Array.isArray(x) && !isTyped(x)) numeric = false;
  });
  return numeric;
}
