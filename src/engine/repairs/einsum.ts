// tf.einsum by products of matrices, on every engine, with a gradient. tfjs has no kernel for it on
// wasm and no gradient anywhere, and its kernel on js is wrong where a letter of one factor alone
// is summed: "kc,c->c" of shapes (1, 3) and (3), or "ab,cd->" whose result has shape (1, 1).
// Memory: on js tfjs makes a tensor with an axis for every letter; here nothing is larger than
// factors and result.
import * as tf from "@tensorflow/tfjs-core";
import { type Attributes, type Inputs, sizeOf } from "./repair";

interface Equation {
  terms: string[];
  result: string;
}

/** @throws Error for what tf.einsum does not take */
function parse(equation: string, count: number): Equation {
  const [left, result, ...more] = equation.replace(/\s/g, "").split("->");
  const expected = (what: string) =>
    new Error(`einsum: expected ${what}, got ${JSON.stringify(equation)}`);
  if (result === undefined || more.length > 0) throw expected('an equation with one "->"');
  const terms = left.split(",");
  if (terms.length !== count) throw expected(`a term for each of ${count} tensors`);
  for (const term of [...terms, result]) {
    if (/[^A-Za-z]/.test(term)) throw expected("letters for axes");
    if (new Set(term).size < term.length) throw expected("every letter once in a term");
  }
  for (const letter of result)
    if (!left.includes(letter)) throw expected("letters of the factors in the result");
  return { terms, result };
}

/** @throws Error where a tensor does not fit to its term, or two letters to one size */
function checkSizes(equation: string, terms: string[], tensors: tf.Tensor[]): void {
  const sizes: Record<string, number> = {};
  terms.forEach((term, i) => {
    const { shape } = tensors[i];
    if (term.length !== shape.length)
      throw new Error(
        `einsum: expected ${term.length} axes for "${term}" in ${JSON.stringify(equation)}, ` +
          `got shape [${shape}]`,
      );
    [...term].forEach((letter, axis) => {
      sizes[letter] ??= shape[axis];
      if (sizes[letter] !== shape[axis])
        throw new Error(
          `einsum: expected one size for "${letter}" in ${JSON.stringify(equation)}, ` +
            `got ${sizes[letter]} and ${shape[axis]}`,
        );
    });
  });
}

/** A tensor and the letters of its axes. */
interface Factor {
  x: tf.Tensor;
  term: string;
}

/** x with the axes in another order. */
const ordered = (x: tf.Tensor, from: string, to: string): tf.Tensor =>
  from === to
    ? x
    : tf.transpose(
        x,
        [...to].map((letter) => from.indexOf(letter)),
      );

/** Summed over the letters that nobody needs. */
function summed({ x, term }: Factor, needed: string): Factor {
  const axes = [...term].flatMap((letter, i) => (needed.includes(letter) ? [] : [i]));
  if (axes.length === 0) return { x, term };
  return { x: tf.sum(x, axes), term: [...term].filter((l) => needed.includes(l)).join("") };
}

/** The product of two factors, in which each letter is in the result or in both. */
function pair(a: Factor, b: Factor, result: string): tf.Tensor {
  const sizes = Object.fromEntries(
    [a, b].flatMap(({ x, term }) => [...term].map((letter, i) => [letter, x.shape[i]])),
  );
  const letters = ({ term }: Factor, other: Factor, shared: boolean, kept: boolean) =>
    [...term]
      .filter((l) => other.term.includes(l) === shared && result.includes(l) === kept)
      .join("");
  const batch = letters(a, b, true, true);
  const inner = letters(a, b, true, false);
  const [rows, columns] = [letters(a, b, false, true), letters(b, a, false, true)];
  const shape = (of: string) => [...of].map((l) => sizes[l]);
  const size = (of: string) => sizeOf(shape(of));
  const matrices = ({ x, term }: Factor, m: string, n: string) =>
    tf.reshape(ordered(x, term, batch + m + n), [size(batch), size(m), size(n)]);
  let y: tf.Tensor;
  if (inner === "") y = tf.mul(matrices(a, rows, ""), matrices(b, "", columns));
  else if (rows === "" && columns === "")
    y = tf.sum(tf.mul(matrices(a, "", inner), matrices(b, "", inner)), -1);
  else y = tf.matMul(matrices(a, rows, inner), matrices(b, inner, columns));
  return ordered(tf.reshape(y, shape(batch + rows + columns)), batch + rows + columns, result);
}

/** The factors multiplied from left to right, each letter summed as soon as nobody needs it. */
function product(equation: string, tensors: tf.Tensor[]): tf.Tensor {
  const { terms, result } = parse(equation, tensors.length);
  checkSizes(equation, terms, tensors);
  const factors = tensors.map((x, i) => ({ x, term: terms[i] }));
  const needed = (by: Factor[]) => [result, ...by.map(({ term }) => term)].join("");
  let [left, ...rest] = factors;
  left = summed(left, needed(rest));
  while (rest.length > 0) {
    const [next, ...later] = rest;
    const kept = needed(later);
    const right = summed(next, kept + left.term);
    left = summed(left, kept + right.term);
    const term = [...new Set(left.term + right.term)].filter((l) => kept.includes(l)).join("");
    left = { x: pair(left, right, term), term };
    rest = later;
  }
  const y = ordered(left.x, left.term, result);
  return tensors.includes(y) ? tf.clone(y) : y; // a kernel's result is a tensor of its own
}

/** The repair of the kernel: always. */
export const einsum = (inputs: Inputs, { equation }: Attributes): tf.Tensor =>
  tf.tidy(() => product(equation, Object.values(inputs)));

/**
 * ∂ of each factor: the einsum of ∂y with the other factor, and what was summed over in this factor
 * alone is repeated.
 */
export function einsumGradient(
  dy: tf.Tensor,
  tensors: tf.Tensor[],
  { equation }: { equation: string },
): Record<string, () => tf.Tensor> {
  const { terms, result } = parse(equation, tensors.length);
  const gradient = (i: number): tf.Tensor => {
    const { shape } = tensors[i];
    const others = terms.filter((_, j) => j !== i);
    const known = [...terms[i]].filter((l) => [result, ...others].some((t) => t.includes(l)));
    const back = `${[result, ...others].join(",")}->${known.join("")}`;
    const g = product(back, [dy, ...tensors.filter((_, j) => j !== i)]);
    const narrow = shape.map((n, axis) => (known.includes(terms[i][axis]) ? n : 1));
    return tf.add(tf.reshape(g, narrow), tf.zeros(shape));
  };
  return Object.fromEntries(tensors.map((_, i) => [i, () => gradient(i)]));
}
