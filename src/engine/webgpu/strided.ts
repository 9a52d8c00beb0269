// Kernels that compute every element from one element of each input, found by strides: an input may
// be broadcast (stride 0), transposed, reversed (a negative stride) or cut. One shader for any
// number of axes; neighbouring axes that no input distinguishes become one, so that most calls have
// one. tfjs's kernels have at most 4 or 6 axes and pass integers through float32, which has 24
// bits.
import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../repairs/repair";
import type { Commands } from "./backend";
import { eachElement, groupsFor, runOwn, wordOf } from "./kernels";

/** An input: element (i₀, i₁, …) of the result needs its element offset + Σ iₖ · strides[k]. */
export interface View {
  x: tf.TensorInfo;
  strides: number[];
  offset: number;
}

const NAMES = ["a", "b", "c"];

export const stridesOf = (shape: number[]): number[] =>
  shape.map((_, i) => sizeOf(shape.slice(i + 1)));

/** x broadcast to a shape. */
export function broadcast(x: tf.TensorInfo, shape: number[]): View {
  const lead = shape.length - x.shape.length;
  const strides = stridesOf(x.shape);
  return {
    x,
    offset: 0,
    strides: shape.map((_, i) => (i < lead || x.shape[i - lead] === 1 ? 0 : strides[i - lead])),
  };
}

/** Axes of size 1 are left out, and those joined that are one in all views. */
function joined(shape: number[], views: View[]): { sizes: number[]; strides: number[][] } {
  const sizes: number[] = [];
  const strides: number[][] = views.map(() => []);
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = sizes.length - 1;
    const one = last >= 0 && views.every((v, k) => strides[k][last] === n * v.strides[axis]);
    if (one) sizes[last] *= n;
    else sizes.push(n);
    views.forEach((v, k) => {
      strides[k][one ? last : last + 1] = v.strides[axis];
    });
  });
  if (sizes.length === 0) {
    sizes.push(1);
    for (const list of strides) list.push(0);
  }
  return { sizes, strides };
}

/**
 * y[i] = expression(a, b, c)
 * @param name of the expression: calls with the same name have the same expression
 * @param expression in WGSL, of the values `a`, `b`, `c` and of parameters `Q(0)`, `Q(1)`, …
 * @param extra these parameters
 * @param library functions that the expression calls
 */
export function strided(
  commands: Commands,
  call: {
    name: string;
    expression: string;
    views: View[];
    shape: number[];
    dtype: tf.DataType;
    extra?: number[];
    library?: string;
  },
): tf.TensorInfo {
  const { name, expression, views, shape, dtype, extra = [], library = "" } = call;
  const { sizes, strides } = joined(shape, views);
  const n = sizeOf(shape);
  const rank = sizes.length;
  const code = () => {
    const names = views.map((_, k) => NAMES[k]);
    const at = (k: number) => 1 + rank + k * (rank + 1);
    const start = names.map((x, k) => `var ${x}At = P(${at(k)});`);
    const steps = sizes.map((_, i) => {
      const axis = rank - 1 - i;
      const moves = names.map((x, k) => `${x}At += place * P(${at(k) + 1 + axis});`).join(" ");
      return `{ let place = rest % P(${1 + axis}); rest /= P(${1 + axis}); ${moves} }`;
    });
    const values = names.map((x) => `let ${x}V = ${x}[${x}At];`);
    const types = views.map(({ x }) => wordOf(x.dtype));
    const formals = names.map((x, k) => `${x}: ${types[k]}`).join(", ");
    return `
fn Q(i: i32) -> i32 { return P(${at(views.length)} + i); }
fn QF(i: i32) -> f32 { return bitcast<f32>(Q(i)); }
${library}
fn expression(${formals}) -> ${wordOf(dtype)} { ${expression} }
${eachElement(`
  var rest = i;
  ${[...start, ...steps, ...values].join("\n  ")}
  y[i] = expression(${names.map((x) => `${x}V`).join(", ")});`)}`;
  };
  const parameters = [
    n,
    ...sizes,
    ...views.flatMap(({ offset }, k) => [offset, ...strides[k]]),
    ...extra,
  ];
  const key = `${name} ${rank} ${views.length}`;
  const inputs = views.map(({ x }) => x);
  const outputs = [{ shape, dtype }];
  return runOwn(commands, { key, code, inputs, outputs, parameters, groups: groupsFor(n) })[0];
}

/** Elements of x in another arrangement, as they are. */
export const moved = (commands: Commands, view: View, shape: number[]): tf.TensorInfo =>
  strided(commands, {
    name: "move",
    expression: "return a;",
    views: [view],
    shape,
    dtype: view.x.dtype,
  });

/** The shape of several that are broadcast. */
export const commonShape = (...tensors: tf.TensorInfo[]): number[] =>
  tensors.map((x) => x.shape).reduce((a, b) => tf.broadcast_util.assertAndGetBroadcastShape(a, b));
