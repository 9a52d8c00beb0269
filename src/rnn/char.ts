// A character-level recurrent language model, after Karpathy's min-char-rnn (2015) and Mikolov et al. (2010): one-hot
// characters, one recurrent layer, a linear read-out, truncated backpropagation through time (Williams & Peng 1990).
// Left out: several layers, dropout.

import { interrupted, nextFrame, tf } from "../engine";
import { Random, randomUniform } from "../random";
import { sampleFromLogits } from "../sample";
import { adamwInit, adamwStep } from "../train/adamw";
import { clipByGlobalNorm } from "../train/clip";
import type { CellKind, RnnState, RnnWeights } from "./cells";
import { lossAndGrads } from "./models";
import { initRnn, runRnn, zeroState } from "./run";

/** A recurrent layer as a function: inputs (B, T, I) and the state before them → outputs (B, T, H), state after them. */
export type Layer = (x: tf.Tensor3D, state: RnnState) => { outputs: tf.Tensor3D; state: RnnState };
/** The read-out from H numbers to V characters, as torch.nn.Linear: weight (V, H), bias (V). */
export interface Decoder {
  weight: tf.Tensor;
  bias: tf.Tensor;
}
export type CharLoss = (
  layer: Layer,
  decoder: Decoder,
  ids: tf.Tensor2D,
  state: RnnState,
) => { loss: tf.Scalar; state: RnnState };

/**
 * Mean cross-entropy (nats a character) of predicting every next character: the inputs are ids[:, 0…T−1], the targets the
 * same ids one place on, ids[:, 1…T].
 *
 * @param ids (B, T + 1) int32
 * @param state the layer's state before the first of them
 * @returns the loss, and the state from which the next piece of text goes on
 */
export function charLoss(
  layer: Layer,
  decoder: Decoder,
  ids: tf.Tensor2D,
  state: RnnState,
): { loss: tf.Scalar; state: RnnState } {
  return tf.tidy(() => {
    const [B, T] = [ids.shape[0], ids.shape[1] - 1];
    const V = decoder.bias.size;
    const inputs = tf.oneHot(tf.slice(ids, [0, 0], [B, T]), V).toFloat() as tf.Tensor3D;
    const targets = tf.oneHot(tf.slice(ids, [0, 1], [B, T]).reshape<tf.Tensor1D>([B * T]), V);
    const after = layer(inputs, state);
    const logits = readOut(decoder, after.outputs);
    const loss = tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), targets), 1))) as tf.Scalar;
    return { loss, state: after.state };
  });
}

const readOut = (decoder: Decoder, outputs: tf.Tensor3D) =>
  tf
    .matMul(outputs.reshape<tf.Tensor2D>([-1, outputs.shape[2]]), decoder.weight as tf.Tensor2D, false, true)
    .add<tf.Tensor2D>(decoder.bias);

export interface CharRnnOptions {
  kind?: CellKind;
  trainIds: Int32Array;
  valIds: Int32Array;
  vocabSize: number;
  hiddenSize?: number;
  /** streams of text read side by side */
  batchSize?: number;
  /** characters between two weight updates: how far the gradient goes back */
  chunk?: number;
  steps: number;
  lr?: number;
  clip?: number;
  seed: number;
  loss?: CharLoss;
  clipByGlobalNorm?: typeof clipByGlobalNorm;
  onStep?: (step: number, loss: number) => void;
}

export class CharRnn {
  readonly params: Record<string, tf.Variable>;
  readonly kind: CellKind;
  readonly vocabSize: number;
  readonly hiddenSize: number;

  constructor(o: { kind: CellKind; vocabSize: number; hiddenSize: number; rng: Random }) {
    this.kind = o.kind;
    this.vocabSize = o.vocabSize;
    this.hiddenSize = o.hiddenSize;
    const bound = 1 / Math.sqrt(o.hiddenSize);
    const forgetBias = o.kind === "rnn" ? undefined : 1;
    const weight = randomUniform([o.vocabSize, o.hiddenSize], { rng: o.rng, min: -bound, max: bound });
    const bias = tf.zeros([o.vocabSize]);
    this.params = {
      ...initRnn(o.kind, { inputSize: o.vocabSize, hiddenSize: o.hiddenSize, rng: o.rng, forgetBias }),
      "decoder.weight": tf.variable(weight),
      "decoder.bias": tf.variable(bias),
    };
    tf.dispose([weight, bias]);
  }

  layer: Layer = (x, state) => runRnn(this.kind, this.params as unknown as RnnWeights, x, { state });

  get decoder(): Decoder {
    return { weight: this.params["decoder.weight"], bias: this.params["decoder.bias"] };
  }

  /** A state of zeros; the caller disposes it. */
  start(batch: number): RnnState {
    return zeroState(this.kind, batch, this.hiddenSize);
  }

  /** Mean loss over a text read once from a state of zeros, in nats a character. */
  evaluate(ids: Int32Array, piece = 512): number {
    let state = this.start(1);
    let total = 0;
    for (let at = 0; at + 1 < ids.length; at += piece) {
      const n = Math.min(piece, ids.length - 1 - at);
      const next = tf.tidy(() => {
        const { loss, state: after } = charLoss(
          this.layer,
          this.decoder,
          tf.tensor2d(ids.subarray(at, at + n + 1), [1, n + 1], "int32"),
          state,
        );
        total += loss.dataSync()[0] * n;
        return after;
      });
      tf.dispose(state);
      state = next;
    }
    tf.dispose(state);
    return total / (ids.length - 1);
  }

  /** Continues a text: the state carries everything that was read, so one step costs the same however long it is. */
  sample(prompt: number[], o: { length: number; temperature?: number; rng: Random }): number[] {
    if (prompt.length === 0)
      throw new Error("CharRnn.sample: expected a prompt of at least one character, got none");
    const out: number[] = [];
    let state = this.start(1);
    let read = prompt;
    while (out.length < o.length) {
      const next = tf.tidy(() => {
        const x = tf
          .oneHot(tf.tensor2d(read, [1, read.length], "int32"), this.vocabSize)
          .toFloat() as tf.Tensor3D;
        const after = this.layer(x, state);
        const logits = readOut(
          this.decoder,
          tf.slice(after.outputs, [0, read.length - 1, 0], [1, 1, -1]),
        ).dataSync();
        read = [sampleFromLogits(logits, { temperature: o.temperature, rng: o.rng })];
        return after.state;
      });
      tf.dispose(state);
      state = next;
      out.push(read[0]);
    }
    tf.dispose(state);
    return out;
  }

  dispose(): void {
    tf.dispose(Object.values(this.params));
  }
}

/**
 * Trains a character model by truncated backpropagation through time. The text is cut into `batchSize` long streams; every
 * step reads the next `chunk` characters of each. The state goes from one step to the next as numbers: the model remembers
 * across the cut, but the gradient stops there.
 *
 * @returns the model, and the training loss of every step
 */
export async function trainCharRnn(
  o: CharRnnOptions,
): Promise<{ model: CharRnn; losses: number[]; val: number; seconds: number }> {
  const {
    kind = "lstm",
    trainIds,
    valIds,
    vocabSize,
    hiddenSize = 64,
    batchSize = 16,
    chunk = 32,
    steps,
    lr = 5e-3,
    clip = 1,
    seed,
  } = o;
  const { loss: lossOf = charLoss, clipByGlobalNorm: clipper = clipByGlobalNorm } = o;
  const streamLength = Math.floor(trainIds.length / batchSize);
  if (streamLength <= chunk)
    throw new Error(
      `trainCharRnn: expected more than ${batchSize} × ${chunk} characters, got ${trainIds.length}`,
    );
  const model = new CharRnn({ kind, vocabSize, hiddenSize, rng: new Random(seed) });
  const optimizer = adamwInit(model.params);
  const losses: number[] = [];
  const begin = performance.now();
  let state = model.start(batchSize);
  let at = 0;
  for (let step = 1; step <= steps && !interrupted(); step++) {
    if (at + chunk + 1 > streamLength) {
      at = 0; // the streams begin anew, and so does the memory
      tf.dispose(state);
      state = model.start(batchSize);
    }
    const next = tf.tidy(() => {
      const ids = new Int32Array(batchSize * (chunk + 1));
      for (let b = 0; b < batchSize; b++)
        ids.set(trainIds.subarray(b * streamLength + at, b * streamLength + at + chunk + 1), b * (chunk + 1));
      let after: RnnState = [];
      const { loss, grads } = lossAndGrads(model.params, () => {
        const result = lossOf(
          model.layer,
          model.decoder,
          tf.tensor2d(ids, [batchSize, chunk + 1], "int32"),
          state,
        );
        after = result.state.map((s) => tf.keep(s)); // outlives the gradient's own clean-up
        return result.loss;
      });
      adamwStep(model.params, clipper(grads, clip).grads as never, optimizer, { lr, weightDecay: 0 });
      losses.push(loss.dataSync()[0]);
      return after;
    });
    tf.dispose(state);
    state = next;
    at += chunk;
    o.onStep?.(step, losses[step - 1]);
    if (step % 10 === 0) await nextFrame();
  }
  tf.dispose([state, optimizer as never]);
  return { model, losses, val: model.evaluate(valIds), seconds: (performance.now() - begin) / 1000 };
}
