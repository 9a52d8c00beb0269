import { tf } from "llm/engine";

const sum = (xs: number[]): number => (xs.length === 0 ? 0 : xs[0] + sum(xs.slice(1)));
const zipWith = <A, B, C>(f: (a: A, b: B) => C, as: A[], bs: B[]): C[] =>
  as.length === 0 || bs.length === 0
    ? []
    : [f(as[0], bs[0]), ...zipWith(f, as.slice(1), bs.slice(1))];
const inner = (a: number[], b: number[]) => sum(zipWith((x: number, y: number) => x * y, a, b));
const scale = (c: number, xs: number[]) => xs.map((x) => c * x);
const plus = (a: number[], b: number[]) => zipWith((x: number, y: number) => x + y, a, b);

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  if (queries.length === 0) return { weights: [], output: [] };
  const [first, ...rest] = queries;
  const others = attentionByLoops(rest, keys, values);

  const scores = keys.map((key) => inner(first, key));
  const largest = scores.reduce((a, b) => (a > b ? a : b));
  const powers = scores.map((s) => Math.exp(s - largest));
  const weights = scale(1 / sum(powers), powers);
  const output = zipWith(scale, weights, values).reduce(plus);

  return { weights: [weights, ...others.weights], output: [output, ...others.output] };
}

const lastOf = (shape: number[]) => shape[shape.length - 1];

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => tf.div(tf.matMul(q, k, false, true), Math.sqrt(lastOf(q.shape))));
}

export function causalMask(T: number): tf.Tensor2D {
  const row = (i: number) => Array.from({ length: T }, (_, j) => j <= i);
  return tf.tensor2d(
    Array.from({ length: T }, (_, i) => row(i)),
    [T, T],
    "bool",
  );
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  if (mask === undefined) return tf.softmax(scores);
  return tf.tidy(() => {
    const sees = tf.cast(mask, "float32");
    const forbidden = tf.sub(1, sees);
    const logits = tf.sub(scores, tf.mul(forbidden, 1e9));
    return tf.mul(tf.softmax(logits), sees);
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() =>
    tf.concat(
      tf.split(x, nHead, 2).map((head) => tf.expandDims(head, 1)),
      1,
    ),
  ) as tf.Tensor4D;
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const heads = (x: tf.Tensor) => splitHeads(x, nHead);
    const weights = maskedSoftmax(scaledScores(heads(q), heads(k)), mask);
    const output = tf
      .unstack(tf.matMul(weights, heads(v)), 1)
      .reduce((left, right) => tf.concat([left, right], -1));
    return { output, weights };
  });
}
