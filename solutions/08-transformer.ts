// Lesson 08 (the Transformer), reference answers. Letters: B batch, S source tokens, T target
// tokens, C channels, F channels inside the feed-forward network, H heads.

import { multiHead } from "llm/attention";
import { tf } from "llm/engine";
import { linear } from "llm/ops";

export function layerNorm(x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    // Along the last axis only: a token is normalised by its own numbers, so that neither the batch
    // nor the length of the text matters. `true` keeps that axis, and the results broadcast.
    const mean = tf.mean(x, -1, true);
    const centred = tf.sub(x, mean);
    const variance = tf.mean(tf.square(centred), -1, true); // divided by C, as in every framework
    // ε belongs under the root: a vector of equal numbers then gives 0/√ε and not 0/0.
    const standard = tf.div(centred, tf.sqrt(tf.add(variance, 1e-5)));
    return tf.add(tf.mul(standard, gain), bias);
  });
}

export function swigluNetwork(
  x: tf.Tensor,
  { gate, up, down }: { gate: tf.Tensor; up: tf.Tensor; down: tf.Tensor },
): tf.Tensor {
  return tf.tidy(() => {
    const z = linear(x, gate as tf.Tensor2D); // (B, T, F)
    const open = tf.mul(z, tf.sigmoid(z)); // silu, on the gate alone
    const passed = tf.mul(open, linear(x, up as tf.Tensor2D));
    return linear(passed, down as tf.Tensor2D); // (B, T, C)
  });
}

export function paddingMask(ids: tf.Tensor, padId: number): tf.Tensor {
  const [B, S] = ids.shape;
  // (B, 1, 1, S): the same for every head and for every position that looks, but another for each
  // sentence. True means "may be seen", as in maskedSoftmax of lesson 06 (attention).
  return tf.tidy(() => tf.reshape(tf.notEqual(ids, padId), [B, 1, 1, S]));
}

export function crossAttention(
  x: tf.Tensor,
  context: tf.Tensor,
  {
    weights,
    nHead,
    mask,
  }: {
    weights: { q: tf.Tensor; k: tf.Tensor; v: tf.Tensor; o: tf.Tensor };
    nHead: number;
    mask?: tf.Tensor;
  },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const project = (h: tf.Tensor, w: tf.Tensor) => linear(h, w as tf.Tensor2D);
    const queries = project(x, weights.q); // (B, T, C): only the queries come from the decoder
    const [keys, values] = [project(context, weights.k), project(context, weights.v)]; // (B, S, C)
    const found = multiHead(queries, keys, values, { nHead, mask });
    return { output: project(found.output, weights.o), weights: found.weights };
  });
}

export function teacherForcing(
  targets: number[][],
  { begin, end, pad }: { begin: number; end: number; pad: number },
): { given: number[][]; wanted: number[][]; counts: number[][] } {
  const length = Math.max(0, ...targets.map((target) => target.length)) + 1; // one for begin or end
  const filled = (row: number[], filler: number) => [
    ...row,
    ...new Array<number>(length - row.length).fill(filler),
  ];
  return {
    // The two rows hold the same tokens; the begin token shifts one of them, so that at place t the
    // decoder has seen everything before wanted[t] and nothing of it.
    given: targets.map((target) => filled([begin, ...target], pad)),
    wanted: targets.map((target) => filled([...target, end], pad)),
    // The end counts: a model that never learns to stop is of no use.
    counts: targets.map((target) => filled(new Array(target.length + 1).fill(1), 0)),
  };
}

export function beamStep(
  beams: { ids: number[]; logProbability: number }[],
  logProbabilities: number[][],
  { width, end }: { width: number; end: number },
): { ids: number[]; logProbability: number }[] {
  const candidates = beams.flatMap(({ ids, logProbability }, b) => {
    if (ids[ids.length - 1] === end) return [{ ids: [...ids], logProbability }];
    // Logarithms are added where probabilities are multiplied.
    return logProbabilities[b].map((ln, token) => ({
      ids: [...ids, token],
      logProbability: logProbability + ln,
    }));
  });
  // All beams compete: the best two may both go on from the same one. Sorting is stable, so equal
  // ones stay in order.
  return candidates.sort((x, y) => y.logProbability - x.logProbability).slice(0, width);
}
