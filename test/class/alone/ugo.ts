import { tf } from "llm/engine";

export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  function* scoresOf(query: number[]): Generator<number> {
    for (const key of keys) {
      let match = 0;
      for (let d = 0; d < query.length; d++) match += query[d] * key[d];
      yield match;
    }
  }

  const weights = queries.map((query) => {
    const scores = [...scoresOf(query)];
    const ceiling = Math.max(...scores);
    const raised = scores.map((s) => Math.exp(s - ceiling));
    const all = raised.reduce((a, b) => a + b);
    return raised.map((r) => r / all);
  });

  const output = weights.map((ws) => {
    let mean: number[] = Array.from(values[0], () => 0);
    for (const [j, w] of ws.entries()) {
      mean = mean.map((m, c) => m + w * values[j][c]);
    }
    return mean;
  });

  return { weights, output };
}

export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const shape = q.shape;
    const d = shape[shape.length - 1];
    // half of the scale on each side
    const fourthRoot = d ** 0.25;
    return tf.matMul(q.div(fourthRoot), k.div(fourthRoot), false, true);
  });
}

export function causalMask(T: number): tf.Tensor2D {
  return tf.tidy(() => {
    const upper = tf.linalg.bandPart(tf.ones([T, T]), 0, -1);
    return tf.transpose(upper).toBool() as tf.Tensor2D;
  });
}

export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const weigh = (s: tf.Tensor) => tf.softmax(s, s.rank - 1);
    switch (mask) {
      case undefined:
        return weigh(scores);
      default: {
        const hidden = tf.logicalNot(mask);
        return tf.where(hidden, 0, weigh(tf.where(hidden, -1e9, scores)));
      }
    }
  });
}

export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const D = x.shape[2]! / nHead;
    const ids = Array.from({ length: nHead }, (_, h) =>
      Array.from({ length: D }, (_, d) => h * D + d),
    );
    // (B, T, H, D)
    const picked = tf.gather(x, tf.tensor2d(ids, [nHead, D], "int32"), 2);
    return tf.transpose(picked, [0, 2, 1, 3]) as tf.Tensor4D;
  });
}

export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const cut = { q: splitHeads(q, nHead), k: splitHeads(k, nHead), v: splitHeads(v, nHead) };
    const weights = maskedSoftmax(scaledScores(cut.q, cut.k), mask);
    const [B, H, T, D] = [...weights.shape.slice(0, 3), cut.v.shape[3]];
    const perPosition = tf.matMul(weights, cut.v).transpose([0, 2, 1, 3]);
    return { weights, output: perPosition.reshape([B, T, H * D]) };
  });
}
