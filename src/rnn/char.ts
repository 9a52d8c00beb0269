// A character-level recurrent language model, after Karpathy's min-char-rnn (2015) and Mikolov et
// al. (2010): one-hot characters, one recurrent layer, a linear read-out, truncated backpropagation
// through time (Williams & Peng 1990). Left out: several layers, dropout.

import { tf } from "../engine";
import { disposeParams, type Params } from "../params";
import { type Random, randomUniform } from "../random";
import { sampleFromLogits } from "../sampling";
import type { CellKind, RnnState, RnnWeights } from "./cells";
import { initRnn, runRnn, zeroState } from "./run";

/**
 * A recurrent layer as a function: inputs (B, T, I) and the state before them → outputs (B, T, H),
 * state after them.
 */
export type Layer = (x: tf.Tensor3D, state: RnnState) => { outputs: tf.Tensor3D; state: RnnState };
/** The read-out from H numbers to V characters, as torch.nn.Linear: weight (V, H), bias (V). */
export interface ReadOut {
  weight: tf.Tensor;
  bias: tf.Tensor;
}
/** The loss of pieces of text; see charLoss. */
export type CharLoss = (
  layer: Layer,
  readOut: ReadOut,
  ids: tf.Tensor2D,
  state: RnnState,
) => { loss: tf.Scalar; state: RnnState };

/**
 * Mean cross-entropy (nats per character) of predicting every next character: the inputs are ids[:,
 * 0…T−1], the targets the same ids one place on, ids[:, 1…T].
 *
 * @param ids (B, T + 1) int32
 * @param state the layer's state before the first of them
 * @returns the loss, and the state from which the next piece of text goes on
 */
export function charLoss(
  layer: Layer,
  readOut: ReadOut,
  ids: tf.Tensor2D,
  state: RnnState,
): { loss: tf.Scalar; state: RnnState } {
  return tf.tidy(() => {
    const [B, T] = [ids.shape[0], ids.shape[1] - 1];
    const V = readOut.bias.size;
    const inputs = tf.oneHot(tf.slice(ids, [0, 0], [B, T]), V).toFloat() as tf.Tensor3D;
    const targets = tf.oneHot(tf.slice(ids, [0, 1], [B, T]).reshape<tf.Tensor1D>([B * T]), V);
    const after = layer(inputs, state);
    const logits = logitsOf(readOut, after.outputs);
    const loss = tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), targets), 1))) as tf.Scalar;
    return { loss, state: after.state };
  });
}

const logitsOf = (readOut: ReadOut, outputs: tf.Tensor3D) =>
  tf
    .matMul(
      outputs.reshape<tf.Tensor2D>([-1, outputs.shape[2]]),
      readOut.weight as tf.Tensor2D,
      false,
      true,
    )
    .add<tf.Tensor2D>(readOut.bias);

/** A recurrent layer that reads one-hot characters, and a read-out that scores the next one. */
export class CharRnn {
  readonly params: Params;
  readonly kind: CellKind;
  readonly vocabSize: number;
  readonly hiddenSize: number;

  constructor(o: { kind: CellKind; vocabSize: number; hiddenSize: number; rng: Random }) {
    this.kind = o.kind;
    this.vocabSize = o.vocabSize;
    this.hiddenSize = o.hiddenSize;
    const bound = 1 / Math.sqrt(o.hiddenSize);
    const forgetBias = o.kind === "rnn" ? undefined : 1;
    const weight = randomUniform([o.vocabSize, o.hiddenSize], {
      rng: o.rng,
      min: -bound,
      max: bound,
    });
    const bias = tf.zeros([o.vocabSize]);
    this.params = {
      ...initRnn(o.kind, {
        inputSize: o.vocabSize,
        hiddenSize: o.hiddenSize,
        rng: o.rng,
        forgetBias,
      }),
      "readout.weight": tf.variable(weight),
      "readout.bias": tf.variable(bias),
    };
    tf.dispose([weight, bias]);
  }

  layer: Layer = (x, state) =>
    runRnn(this.kind, this.params as unknown as RnnWeights, x, { state });

  get readOut(): ReadOut {
    return { weight: this.params["readout.weight"], bias: this.params["readout.bias"] };
  }

  /** A state of zeros; the caller disposes it. */
  start(batch: number): RnnState {
    return zeroState(this.kind, batch, this.hiddenSize);
  }

  /** Mean loss over a text read once from a state of zeros, in nats per character. */
  evaluate(ids: Int32Array, piece = 512): number {
    let state = this.start(1);
    let total = 0;
    for (let at = 0; at + 1 < ids.length; at += piece) {
      const n = Math.min(piece, ids.length - 1 - at);
      const next = tf.tidy(() => {
        const { loss, state: after } = charLoss(
          this.layer,
          this.readOut,
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

  /**
   * Reads a text from a state of zeros and says, after every character, how likely each one is to
   * come next.
   *
   * @param ids T characters, at least one
   * @returns T arrays of V log-probabilities, in nats; the one at t is about what follows ids[t]
   */
  logProbabilities(ids: ArrayLike<number>): Float32Array[] {
    const T = ids.length;
    if (T === 0)
      throw new Error("CharRnn.logProbabilities: expected at least one character, got none");
    return tf.tidy(() => {
      const x = tf.oneHot(tf.tensor2d(Int32Array.from(ids), [1, T], "int32"), this.vocabSize);
      const { outputs } = this.layer(x.toFloat() as tf.Tensor3D, this.start(1));
      const logs = tf.logSoftmax(logitsOf(this.readOut, outputs)).dataSync() as Float32Array;
      return Array.from({ length: T }, (_, t) =>
        logs.slice(t * this.vocabSize, (t + 1) * this.vocabSize),
      );
    });
  }

  /**
   * Continues a text: the state carries everything that was read, so one step costs the same
   * however long it is.
   */
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
        const logits = logitsOf(
          this.readOut,
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
    disposeParams(this.params);
  }
}

/** What a character model is trained on, and how. */
export interface CharTaskOptions {
  model: CharRnn;
  trainIds: Int32Array;
  valIds: Int32Array;
  /** Streams of text read side by side; 16. */
  batchSize?: number;
  /** Characters between two weight updates, which is how far the gradient goes back; 32. */
  chunk?: number;
  /** The learner's own loss, say. */
  loss?: CharLoss;
}

/**
 * A piece of every stream, and whether the memory of the piece before is carried on (1) or not (0).
 */
export type CharBatch = { ids: tf.Tensor2D; carry: tf.Scalar };

/**
 * Truncated backpropagation through time as a task of the trainer (llm/train). The text is cut into
 * `batchSize` long streams; every step reads the next `chunk` characters of each. The state goes
 * from one step to the next as numbers: the model remembers across the cut, but the gradient stops
 * there. At the end of the streams they begin anew, and so does the memory.
 *
 * The state is part of a checkpoint, so a run can be resumed in the middle of the text. The model
 * stays the caller's.
 * @throws when the text is too short for one chunk of every stream
 */
export function charTask({
  model,
  trainIds,
  valIds,
  batchSize = 16,
  chunk = 32,
  loss: lossOf = charLoss,
}: CharTaskOptions) {
  const streamLength = Math.floor(trainIds.length / batchSize);
  if (streamLength <= chunk)
    throw new Error(
      `charTask: expected more than ${batchSize} × ${chunk} characters, got ${trainIds.length}`,
    );
  const chunks = Math.floor((streamLength - 1) / chunk);
  const memory = tf.tidy(() =>
    model.start(batchSize).map((part) => tf.keep(tf.variable(part, false))),
  );

  function batch(index: number): CharBatch {
    const at = (index % chunks) * chunk;
    const ids = new Int32Array(batchSize * (chunk + 1));
    for (let b = 0; b < batchSize; b++)
      ids.set(
        trainIds.subarray(b * streamLength + at, b * streamLength + at + chunk + 1),
        b * (chunk + 1),
      );
    return {
      ids: tf.tensor2d(ids, [batchSize, chunk + 1], "int32"),
      carry: tf.scalar(at === 0 ? 0 : 1),
    };
  }

  /** Goes on from the state that the step before left behind, and leaves its own. */
  function loss(_: Params, { ids, carry }: CharBatch): tf.Scalar {
    const before = memory.map((part) => tf.mul<tf.Tensor2D>(part, carry));
    const { loss, state } = lossOf(model.layer, model.readOut, ids, before);
    memory.forEach((part, i) => {
      part.assign(state[i]);
    });
    return loss;
  }

  return {
    params: model.params,
    primary: { name: "val", better: "lower" as const, unit: "nats per character", isLoss: true },
    batch,
    loss,
    evaluate: async (limit: number) => ({
      val: model.evaluate(valIds.subarray(0, Math.min(limit + 1, valIds.length))),
    }),
    state: () => Object.fromEntries(memory.map((part, i) => [["h", "c"][i], part])),
    describe: () => {
      const { kind, vocabSize, hiddenSize } = model;
      return { kind: "char-rnn", model: { kind, vocabSize, hiddenSize } };
    },
    dispose: () => tf.dispose(memory),
  };
}
