// The memory of a decoder: keys and values of every token that was read, for B texts of one length.
//
// Later positions need only the keys and values of a position, and in a causal model these never
// change. So they are kept, and a new token needs one query per layer (Shazeer, 2019, "Fast
// Transformer Decoding", section 2.4; Pope et al., 2022, "Efficiently Scaling Transformer
// Inference"). To the model in llm/gpt the cache is another attention function; everything else
// stays as it is, in both families (grouped queries need K / H of the memory). Buffers have their
// full length from the start and the position is an input, so that the step has one shape and is
// compiled once (`compile` of llm/engine). The step only reads the buffers and returns the new rows,
// which are written afterwards: inside a compiled step, XLA would copy all buffers for every token.
// Left out: texts of different lengths in one step, and memory in pages (lesson 21, inference).
//
// Letters: B texts, H heads of queries, K of keys and values, D width of a head, S length of the
// buffers, C channels, V vocabulary.
import { type Compiled, compile, tf, writeRows } from "../engine";
import {
  type GPTConfig,
  type GPTOptions,
  gptHead,
  gptHidden,
  groupedAttention,
  headsOf,
} from "../gpt";
import type { Params } from "../params";
import { cachedAttention, hiddenScores } from "./cachedAttention";

/**
 * The logits (B, V) of the next token, and the keys and values (B·K·n, D) of the n tokens read,
 * layer by layer.
 */
interface Read {
  logits: tf.Tensor2D;
  keys: tf.Tensor[];
  values: tf.Tensor[];
}

/** Reads one token of every text at a position, with what is kept of those before it. */
type Step = (ids: tf.Tensor2D, position: tf.Tensor1D) => Read;

export interface KVCacheOptions {
  /** B: how many texts are read at once, 1 if absent. */
  rows?: number;
  /** S: how many tokens of each are kept, blockSize if absent. */
  length?: number;
  /** Whether the step of one token is compiled on the native engine when it is first used. */
  compiled?: boolean;
}

/** A GPT that reads B texts side by side and keeps the keys and values of what it has read. */
export class KVCache {
  /** B. */
  readonly rows: number;
  /** S. */
  readonly length: number;
  /** For each layer (B·K·S, D): row (b·K + k)·S + t is what position t of text b has in head k. */
  private readonly keys: tf.Variable[];
  private readonly values: tf.Variable[];
  private readonly step: Step;
  private readonly program?: Compiled;

  constructor(
    private readonly params: Params,
    private readonly config: GPTConfig,
    { rows = 1, length = config.blockSize, compiled = false }: KVCacheOptions = {},
  ) {
    for (const [name, value] of Object.entries({ rows, length }))
      if (!Number.isInteger(value) || value < 1)
        throw new Error(`KVCache: expected ${name} of 1 or more, got ${value}`);
    for (const key of ["shortConv", "embeddingConv"] as const)
      if (config[key])
        throw new Error(
          "KVCache: expected a model without short convolutions, which need more of the earlier " +
            `tokens than keys and values, got ${key} ${config[key]}`,
        );
    if (config.ropeScaling?.type === "dynamic")
      throw new Error(
        "KVCache: expected angles that do not depend on the length of the text, as keys are kept " +
          "turned, got ropeScaling dynamic",
      );
    this.rows = rows;
    this.length = length;
    const { K, D } = headsOf(config);
    const buffers = () =>
      Array.from({ length: config.nLayer }, () =>
        tf.tidy(() => tf.variable(tf.zeros([rows * K * length, D]), false)),
      );
    this.keys = buffers();
    this.values = buffers();
    const step: Step = (ids, position) => this.readNew(ids, position);
    if (compiled) this.step = this.program = compile(step, { name: "decoding step" });
    else this.step = step;
  }

  /**
   * The beginning of all texts, in one pass; what was kept of older texts is forgotten. To be called
   * again after the parameters have changed.
   * @param ids (B, n) int32, n ≤ S
   * @returns the logits (B, V) after the last of them; the caller disposes them
   */
  readFirst(ids: tf.Tensor2D): tf.Tensor2D {
    this.checkIds(ids, 0);
    const { window } = this.config;
    return this.remember(0, ids.shape[1], () =>
      this.read(ids, undefined, (_, q, k, v, prefix) => groupedAttention(q, k, v, window, prefix)),
    );
  }

  /**
   * The next n tokens of every text, after `position` tokens that have been read.
   * @param ids (B, n) int32, position + n ≤ S
   * @returns the logits (B, V) after the last of them; the caller disposes them
   */
  readNext(ids: tf.Tensor2D, position: number): tf.Tensor2D {
    this.checkIds(ids, position);
    return this.remember(position, ids.shape[1], () => {
      const start = tf.tensor1d([position], "int32");
      return ids.shape[1] === 1 ? this.step(ids, start) : this.readNew(ids, start);
    });
  }

  /** Frees the buffers. */
  dispose(): void {
    this.program?.dispose();
    tf.dispose([this.keys, this.values]);
  }

  private checkIds({ shape: [B, n] }: tf.Tensor2D, position: number): void {
    if (B !== this.rows || position + n > this.length)
      throw new Error(
        `KVCache: expected ids of shape [${this.rows}, at most ${this.length - position}], ` +
          `got [${B}, ${n}]`,
      );
  }

  /** One pass over new tokens (B, n), the first of them at `position` (1). */
  private readNew(ids: tf.Tensor2D, position: tf.Tensor1D): Read {
    const { H, K, D } = headsOf(this.config);
    const { rows: B, length: S } = this;
    const [, n] = ids.shape;
    const { window } = this.config;
    const hidden = hiddenScores(n, S, position, { groups: H / K, window });
    const positions = n === 1 ? position : tf.add(tf.range(0, n, 1, "int32"), position);
    return this.read(ids, positions as tf.Tensor1D, (layer, q, k, v, prefix) => {
      const [keys, values] = [this.keys, this.values].map(
        (buffers) => tf.reshape(buffers[layer], [B, K, S, D]) as tf.Tensor4D,
      );
      return cachedAttention(q, k, v, { keys, values, prefix }, hidden);
    });
  }

  /** Runs the model with another attention. Keys and values are part of the result. */
  private read(
    ids: tf.Tensor2D,
    positions: tf.Tensor1D | undefined,
    attend: NonNullable<GPTOptions["mixHeads"]>,
  ): Read {
    const { params, config } = this;
    const { D } = headsOf(config);
    const [keys, values]: [tf.Tensor[], tf.Tensor[]] = [[], []];
    const mixHeads: typeof attend = (layer, q, k, v, prefix) => {
      // Kept, or the model's own tidy would dispose them.
      keys.push(tf.keep(tf.reshape(k, [-1, D])));
      values.push(tf.keep(tf.reshape(v, [-1, D])));
      return attend(layer, q, k, v, prefix);
    };
    try {
      const hidden = gptHidden(params, config, ids, { positions, mixHeads });
      return { logits: lastLogits(params, hidden, config), keys, values };
    } catch (error) {
      tf.dispose([keys, values]);
      throw error;
    }
  }

  /**
   * Writes the keys and values of n tokens of every text, from `position` on, into the buffers.
   * @returns the logits
   */
  private remember(position: number, n: number, read: () => Read): tf.Tensor2D {
    const { K } = headsOf(this.config);
    return tf.tidy(() => {
      const { logits, keys, values } = read();
      const rows = Array.from(
        { length: this.rows * K * n },
        (_, i) => Math.floor(i / n) * this.length + position + (i % n),
      );
      writeRows([...this.keys, ...this.values], rows, [...keys, ...values]);
      tf.dispose([keys, values]);
      return logits;
    });
  }
}

/** The logits (B, V) after the last position of hidden states (B, n, C). */
export function lastLogits(params: Params, hidden: tf.Tensor3D, config: GPTConfig): tf.Tensor2D {
  const [B, n, C] = hidden.shape;
  return gptHead(params, tf.slice(hidden, [0, n - 1, 0], [B, 1, C]), config);
}

/** A tensor's numbers; the tensor is disposed. */
export async function numbersOf(x: tf.Tensor): Promise<Float32Array> {
  try {
    return (await x.data()) as Float32Array;
  } finally {
    x.dispose();
  }
}
