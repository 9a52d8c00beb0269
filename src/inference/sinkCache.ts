/**
 * Reading without end in bounded memory: the cache keeps the first few positions (attention sinks)
 * and the last ones (a window), and forgets what lies between (StreamingLLM: Xiao et al., 2023,
 * "Efficient Streaming Language Models with Attention Sinks", arXiv:2309.17453, section 3.2).
 * Positions are those INSIDE the cache: with s sinks and a window of w, the newest token stands at
 * most at s + w − 1, however long the text is, so that no pair of RoPE turns further than in
 * training. For that, keys are kept before they are turned, and turned anew for every token.
 *
 *     text   0 1 2 3 | 4 … 90 | 91 92 93 94 95        s = 4, w = 5
 *     cache  0 1 2 3 |        |  4  5  6  7  8
 *
 * `SinkCache` reads token by token, as one would use it; `sinkAttention` does the same for a whole
 * text in one pass, to measure it. The two agree in a test. Left out: a fast kernel (an engine would
 * move the sinks only, which is less work), sinks that are trained.
 *
 * Letters: B texts, n new tokens, H heads of queries, K of keys and values, D width of a head.
 */
import { maskedSoftmax, mergeHeads, scaledScores } from "../attention";
import { tf } from "../engine";
import { type GPTConfig, type GPTOptions, gptHidden, repeatHeads } from "../gpt";
import { rope } from "../ops";
import type { Params } from "../params";
import { lastLogits } from "./kvCache";

/** How much is kept. */
export interface SinkOptions {
  /** s: how many positions at the beginning of the text are kept for good; 4 if absent. */
  sinks?: number;
  /** w: how many of the last positions are kept, the newest one included. */
  window: number;
}

/**
 * Which of the n positions in a cache stay, oldest first: the first s and the last w.
 * @returns numbers from 0 to n − 1, all of them as long as n ≤ s + w
 */
export function keptPositions(n: number, { sinks = 4, window }: SinkOptions): number[] {
  return Array.from({ length: n }, (_, i) => i).filter((i) => i < sinks || i >= n - window);
}

/** @throws where positions are not RoPE's, or scaled in a way that looks at the text's length */
function turnOf(config: GPTConfig, caller: string) {
  const { family, position, ropeBase: base, ropeScaling: scaling } = config;
  if (family !== "llama" && position !== "rope")
    throw new Error(`${caller}: expected rotary positions, got ${position ?? "learned"}`);
  if (scaling?.type === "yarn" || scaling?.type === "dynamic")
    throw new Error(`${caller}: expected angles that are only turned, got ${scaling.type} scaling`);
  return (x: tf.Tensor4D, positions: tf.Tensor1D) => rope(x, { base, scaling, positions });
}

/** A GPT that reads B texts token by token and never keeps more than s + w positions of each. */
export class SinkCache {
  /** Layer by layer, (B, K, n, D) each, keys not turned. */
  private kept: { keys: tf.Tensor4D; values: tf.Tensor4D }[] = [];
  private readonly turn: ReturnType<typeof turnOf>;

  constructor(
    private readonly params: Params,
    private readonly config: GPTConfig,
    private readonly options: SinkOptions,
  ) {
    const { sinks = 4, window } = options;
    if (!(Number.isInteger(sinks) && sinks >= 0 && window >= 1))
      throw new Error(
        `SinkCache: expected sinks of 0 or more and a window of 1 or more, got ${sinks} and ${window}`,
      );
    this.turn = turnOf(config, "SinkCache");
  }

  /** How many positions of each text are kept now. */
  get length(): number {
    return this.kept[0]?.keys.shape[2] ?? 0;
  }

  /**
   * The next token of every text.
   * @param ids (B, 1) int32
   * @returns the logits (B, V) of the token after it; the caller disposes them
   */
  read(ids: tf.Tensor2D): tf.Tensor2D {
    const before = this.kept;
    const stay = keptPositions(this.length + 1, this.options);
    const logits = tf.tidy(() => {
      const now: typeof before = [];
      const zero = tf.tensor1d([0], "int32"); // the model's own turn is none
      const hidden = gptHidden(this.params, this.config, ids, {
        positions: zero,
        mixHeads: (layer, q, k, v) => {
          const join = (old: tf.Tensor4D | undefined, x: tf.Tensor4D) => {
            const all = old ? tf.concat([old, x], 2) : x;
            return tf.keep(tf.gather(all, tf.tensor1d(stay, "int32"), 2)) as tf.Tensor4D;
          };
          const keys = join(before[layer]?.keys, k); // (B, K, n, D)
          const values = join(before[layer]?.values, v);
          now.push({ keys, values });
          return this.attend(q, keys, values);
        },
      });
      this.kept = now;
      return lastLogits(this.params, hidden, this.config);
    });
    for (const { keys, values } of before) tf.dispose([keys, values]);
    return logits;
  }

  /** The newest query, at the last place of the cache, against all that is there. */
  private attend(q: tf.Tensor4D, keys: tf.Tensor4D, values: tf.Tensor4D): tf.Tensor3D {
    const n = keys.shape[2];
    const times = q.shape[1] / keys.shape[1];
    const asked = this.turn(keys, tf.range(0, n, 1, "int32"));
    const asks = this.turn(q, tf.tensor1d([n - 1], "int32"));
    const weights = tf.softmax(scaledScores(asks, repeatHeads(asked, times)));
    return mergeHeads(tf.matMul(weights as tf.Tensor4D, repeatHeads(values, times))) as tf.Tensor3D;
  }

  /** Frees what is kept. */
  dispose(): void {
    for (const { keys, values } of this.kept) tf.dispose([keys, values]);
    this.kept = [];
  }
}

/**
 * What a text of T tokens is to a model with a `SinkCache`, all at once. The scores of the sinks are
 * those of a query at place min(i, s + w − 1), all others those of the places in the text: only the
 * distance counts, and within the window it is the same.
 * @param T tokens of a text
 * @returns options for `gptHidden` and `gptLogits`
 */
export function sinkAttention(
  config: GPTConfig,
  T: number,
  { sinks = 4, window }: SinkOptions,
): Pick<GPTOptions, "positions" | "mixHeads"> {
  const turn = turnOf(config, "sinkAttention");
  const places = Array.from({ length: T }, (_, i) => i);
  const s = Math.min(sinks, T);
  const visible = places.map((i) => places.map((j) => j <= i && (j < s || j > i - window)));
  return {
    positions: tf.zeros([T], "int32"),
    mixHeads: (_, q, k, v) =>
      tf.tidy(() => {
        const all = tf.tensor1d(places, "int32");
        const last = tf.scalar(sinks + window - 1, "int32");
        const bounded = tf.minimum(all, last) as tf.Tensor1D;
        const keys = repeatHeads(turn(k, all), q.shape[1] / k.shape[1]);
        const near = scaledScores(turn(q, all), keys); // (B, H, T, T)
        const far = scaledScores(turn(q, bounded), tf.slice(keys, [0, 0, 0, 0], [-1, -1, s, -1]));
        const scores = tf.concat([far, tf.slice(near, [0, 0, 0, s], [-1, -1, -1, -1])], -1);
        const weights = maskedSoftmax(scores, tf.tensor2d(visible, [T, T], "bool"));
        const values = repeatHeads(v, q.shape[1] / v.shape[1]);
        return mergeHeads(tf.matMul(weights as tf.Tensor4D, values)) as tf.Tensor3D;
      }),
  };
}
