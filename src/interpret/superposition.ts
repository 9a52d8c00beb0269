// More features than dimensions: a toy model of superposition (Elhage et al., 2022, "Toy Models of
// Superposition"), and a sparse autoencoder that finds the features again (Bricken et al., 2023; top-k:
// Makhzani & Frey, 2013; Gao et al., 2024). In a toy the true directions are known, so what is found
// can be compared with them, and with what PCA and chance find. Left out: dead latents and how they
// are revived, and everything that a real model's activations make hard.
//
// Letters: N samples, F features, D dimensions, K latents.
import { tf } from "../engine";
import { adamw } from "../optim";
import { disposeParams, lossAndGrads, type Params } from "../params";
import { Random } from "../random";

/** N samples of F features: each is there with probability p, with a size drawn from 0 … 1. */
export function sparseFeatures(rng: Random, N: number, F: number, p: number): tf.Tensor2D {
  const values = Array.from({ length: N * F }, () => (rng.uniform() < p ? rng.uniform() : 0));
  return tf.tensor2d(values, [N, F]);
}

/** Steps of AdamW on a loss that changes from step to step. */
function descend(params: Params, steps: number, lr: number, loss: (step: number) => tf.Scalar) {
  const optimizer = adamw({ beta1: 0.9, beta2: 0.999 });
  const state = optimizer.init(params);
  for (let step = 0; step < steps; step++) {
    const { loss: value, grads } = lossAndGrads(params, () => loss(step));
    optimizer.step(params, grads, state, lr * (1 - step / steps));
    tf.dispose([value, grads]);
  }
  disposeParams(state);
}

const drawn = (rng: Random, rows: number, columns: number, std: number) =>
  Array.from({ length: rows * columns }, () => std * rng.normal());

/**
 * Elhage's toy: x̂ = ReLU(Wᵀ W x + b) with W of (D, F), trained to give back sparse x; earlier features
 * matter more, feature i by `decay`ⁱ.
 * @param p how often a feature is there
 * @returns W as D rows of F numbers: column i is the direction of feature i
 */
export function trainToy({
  seed,
  p,
  features: F = 5,
  dimensions: D = 2,
  decay = 0.9,
  steps = 1500,
}: {
  seed: number;
  p: number;
  features?: number;
  dimensions?: number;
  decay?: number;
  steps?: number;
}): number[][] {
  const rng = new Random(seed);
  // tidy frees the tensors that the variables are copies of; variables stay.
  const params: Params = tf.tidy(() => ({
    W: tf.variable(tf.tensor2d(drawn(rng, D, F, 0.3), [D, F])),
    b: tf.variable(tf.zeros([F])),
  }));
  const importance = tf.tensor1d(Array.from({ length: F }, (_, i) => decay ** i));
  descend(params, steps, 0.01, () =>
    tf.tidy(() => {
      const x = sparseFeatures(rng, 256, F, p);
      const hidden = tf.matMul(x, params.W as tf.Tensor2D, false, true); // (N, D)
      const back = tf.relu(tf.add(tf.matMul(hidden, params.W as tf.Tensor2D), params.b));
      return tf.mean(tf.mul(importance, tf.square(tf.sub(x, back)))) as tf.Scalar;
    }),
  );
  const W = params.W.arraySync() as number[][];
  tf.dispose([importance, params]);
  return W;
}

/** How many features have a direction of at least half the longest one's length. */
export function represented(W: readonly (readonly number[])[]): number {
  const norms = W[0].map((_, i) => Math.hypot(...W.map((row) => row[i])));
  return norms.filter((n) => n > 0.5 * Math.max(...norms)).length;
}

/** F random directions of length 1 in D dimensions: F rows. */
export function randomDirections(rng: Random, F: number, D: number): number[][] {
  return Array.from({ length: F }, () => {
    const row = Array.from({ length: D }, () => rng.normal());
    return row.map((v) => v / Math.hypot(...row));
  });
}

export interface AutoencoderOptions {
  seed: number;
  /** K */
  latents: number;
  /** How many latents of a sample are kept (top-k); if absent all of them, with `l1`. */
  k?: number;
  /** λ of λ · Σ|latent| / N. */
  l1?: number;
  steps?: number;
}

/**
 * A sparse autoencoder: latents = ReLU(W_e (h − b)), of which the k largest are kept, and
 * ĥ = W_d · latents + b, with rows of W_d of length 1.
 * @param activations (N, D)
 * @returns the K directions of the decoder, K rows of D numbers
 */
export function sparseAutoencoder(
  activations: tf.Tensor2D,
  { seed, latents: K, k, l1 = 0, steps = 800 }: AutoencoderOptions,
): number[][] {
  const [N, D] = activations.shape;
  const rng = new Random(seed);
  const params: Params = tf.tidy(() => {
    const start = tf.tensor2d(drawn(rng, K, D, 1 / Math.sqrt(D)), [K, D]);
    return {
      encoder: tf.variable(tf.transpose(start)), // (D, K)
      decoder: tf.variable(start), // (K, D)
      bias: tf.variable(tf.zeros([D])),
      threshold: tf.variable(tf.zeros([K])),
    };
  });
  const unit = () => tf.div(params.decoder, tf.norm(params.decoder, 2, 1, true)); // (K, D)
  const rows = Math.min(N, 512);
  descend(params, steps, 0.01, (step) =>
    tf.tidy(() => {
      const h = tf.slice(activations, [(step * rows) % (N - rows + 1), 0], [rows, D]);
      const read = tf.matMul(tf.sub(h, params.bias) as tf.Tensor2D, params.encoder as tf.Tensor2D);
      const open = tf.relu(tf.add(read, params.threshold)) as tf.Tensor2D;
      const kept = k === undefined ? open : largest(open, k);
      const back = tf.add(tf.matMul(kept, unit() as tf.Tensor2D), params.bias);
      const error = tf.mean(tf.sum(tf.square(tf.sub(h, back)), 1));
      return tf.add(error, tf.mul(l1, tf.mean(tf.sum(kept, 1)))) as tf.Scalar;
    }),
  );
  const directions = tf.tidy(() => unit().arraySync() as number[][]);
  tf.dispose(params);
  return directions;
}

/** Everything but each row's k largest values set to 0; the gradient reaches those alone. */
export function largest(x: tf.Tensor2D, k: number): tf.Tensor2D {
  const choose = tf.customGrad((x, save) => {
    const { values } = tf.topk(x as tf.Tensor2D, k);
    const least = tf.slice(values, [0, k - 1], [-1, 1]); // (N, 1)
    const mask = tf.cast(tf.greaterEqual(x as tf.Tensor, least), "float32");
    (save as tf.GradSaveFunc)([mask]);
    return {
      value: tf.mul(x as tf.Tensor, mask),
      gradFunc: (dy: tf.Tensor, [mask]: tf.Tensor[]) => [tf.mul(dy, mask)],
    };
  });
  return choose(x) as tf.Tensor2D;
}

/**
 * How well directions are found again: for each true direction the largest |cosine| with any found
 * one.
 * @returns `mean` over the true directions, and `found`: the share of them above 0.9
 */
export function recoveredDirections(
  truth: readonly (readonly number[])[],
  found: readonly (readonly number[])[],
): { mean: number; found: number } {
  const best = truth.map((t) =>
    Math.max(
      ...found.map((f) => {
        const dot = t.reduce((sum, v, d) => sum + v * f[d], 0);
        return Math.abs(dot) / (Math.hypot(...t) * Math.hypot(...f));
      }),
    ),
  );
  return {
    mean: best.reduce((a, b) => a + b) / best.length,
    found: best.filter((c) => c > 0.9).length / best.length,
  };
}

/** The principal directions of the activations by power iteration with deflation: D rows. */
export function principalDirections(activations: number[][], rng: Random): number[][] {
  const [N, D] = [activations.length, activations[0].length];
  const mean = Array.from({ length: D }, (_, d) => activations.reduce((s, a) => s + a[d] / N, 0));
  const C = Array.from({ length: D }, (_, i) =>
    Array.from({ length: D }, (_, j) =>
      activations.reduce((s, a) => s + ((a[i] - mean[i]) * (a[j] - mean[j])) / N, 0),
    ),
  );
  return Array.from({ length: D }, () => {
    let v = Array.from({ length: D }, () => rng.normal());
    let value = 0;
    for (let step = 0; step < 300; step++) {
      const next = C.map((row) => row.reduce((s, c, j) => s + c * v[j], 0));
      value = Math.hypot(...next);
      v = next.map((x) => x / (value || 1));
    }
    for (let i = 0; i < D; i++) for (let j = 0; j < D; j++) C[i][j] -= value * v[i] * v[j];
    return v;
  });
}
