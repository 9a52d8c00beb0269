// Lesson 11 (GPT), reference answers. Letters: B batch, T time, C channels, H heads of queries, K
// heads of keys and values, D width of a head, F width inside the feed-forward network, E experts, N
// tokens.

import { tf } from "llm/engine";

export function repeatHeads(x: tf.Tensor4D, times: number): tf.Tensor4D {
  const [B, K, T, D] = x.shape;
  // The new axis stands behind K, so that the copies of a head become neighbours. Tiling the axis K
  // itself would give a b a b, and queries would meet the wrong keys.
  return tf.tidy(() => {
    const copies = tf.tile(tf.reshape(x, [B, K, 1, T, D]), [1, 1, times, 1, 1]);
    return tf.reshape(copies, [B, K * times, T, D]);
  });
}

export function cacheBytes(
  { nLayer, nKvHead, headWidth }: { nLayer: number; nKvHead: number; headWidth: number },
  { tokens, bytes }: { tokens: number; bytes: number },
): number {
  // 2: a key and a value. Queries are not kept, so their number of heads does not matter.
  return 2 * nLayer * nKvHead * headWidth * tokens * bytes;
}

export function countLlama(model: {
  vocabSize: number;
  nEmbd: number;
  nLayer: number;
  nHead: number;
  nKvHead: number;
  nInner: number;
  tied: boolean;
  experts?: { count: number; perToken: number };
}): { total: number; active: number } {
  const { vocabSize: V, nEmbd: C, nLayer, nHead, nKvHead, nInner: F, tied, experts } = model;
  const D = C / nHead;
  const attention = 2 * C * nHead * D + 2 * C * nKvHead * D; // q and output, k and v
  const network = 3 * C * F; // gate, up and down
  const router = experts ? experts.count * C : 0;
  const shared = (tied ? 1 : 2) * V * C + nLayer * (attention + router + 2 * C) + C;
  // The router reads every token, so all of it is active: only the networks are left out.
  return {
    total: shared + nLayer * (experts?.count ?? 1) * network,
    active: shared + nLayer * (experts?.perToken ?? 1) * network,
  };
}

export function routeTokens(
  scores: number[][],
  k: number,
): { probabilities: number[][]; chosen: number[][]; weights: number[][] } {
  const probabilities = scores.map((row) => {
    const largest = Math.max(...row);
    const exps = row.map((s) => Math.exp(s - largest));
    const total = exps.reduce((a, b) => a + b, 0);
    return exps.map((e) => e / total);
  });
  // Sorting keeps equal ones in their order, and it sorts a new list: the rows stay as they are.
  const chosen = probabilities.map((p) =>
    p
      .map((_, e) => e)
      .sort((a, b) => p[b] - p[a])
      .slice(0, k),
  );
  const weights = chosen.map((experts, n) => {
    const total = experts.reduce((sum, e) => sum + probabilities[n][e], 0);
    return experts.map((e) => probabilities[n][e] / total); // so that the output keeps its size
  });
  return { probabilities, chosen, weights };
}

export function balanceLoss(probabilities: number[][], chosen: number[][]): number {
  const N = probabilities.length;
  const E = probabilities[0].length;
  let sum = 0;
  for (let e = 0; e < E; e++) {
    // f is a count and has no gradient; P has one. Their product pushes down the probabilities of
    // those experts that are chosen often.
    const f = chosen.filter((experts) => experts.includes(e)).length / N;
    const P = probabilities.reduce((total, p) => total + p[e], 0) / N;
    sum += f * P;
  }
  return E * sum;
}

export function separateProjections(weight: tf.Tensor2D): {
  q: tf.Tensor2D;
  k: tf.Tensor2D;
  v: tf.Tensor2D;
} {
  return tf.tidy(() => {
    // Columns are what comes out, so the cut goes between columns; transposed, they are rows.
    const [q, k, v] = tf.split(weight, 3, 1).map((part) => tf.transpose(part) as tf.Tensor2D);
    return { q, k, v };
  });
}
