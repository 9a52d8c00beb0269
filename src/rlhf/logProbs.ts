// What a model thinks of a text: the log-probability of each token, given all before it.
//
// Letters: B texts, T places, V vocabulary, N = B·T.
import { type Compiled, compile, tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden, tokenLogProbs } from "../gpt";
import type { Params } from "../params";
import { ofAnswers, type Text, type TokenRows, textRows } from "./rows";

/**
 * ln p of every target of the rows, prompts and padding included: `mask` says which count.
 * @returns (B, T); the caller disposes it
 */
export function rowLogProbs(
  params: Params,
  config: GPTConfig,
  { ids, targets }: Pick<TokenRows, "ids" | "targets">,
  options: { temperature?: number } = {},
): tf.Tensor2D {
  return tf.tidy(() => {
    const hidden = gptHidden(params, config, ids);
    const logits = gptHead(params, hidden, config); // (B·T, V)
    return tf.reshape(tokenLogProbs(logits, tf.reshape(targets, [-1]), options), ids.shape);
  });
}

/** Σ over the answer: ln p(answer | prompt) of each row, (B). */
export const sumOfRows = (values: tf.Tensor2D, mask: tf.Tensor2D): tf.Tensor1D =>
  tf.tidy(() => tf.sum<tf.Tensor1D>(tf.mul(values, mask), 1));

/** Reads texts with a model whose parameters do not change while it reads. */
export class TextReader {
  private readonly program: ((ids: tf.Tensor2D, targets: tf.Tensor2D) => tf.Tensor2D) & Compiled;

  /**
   * @param params the model's; the caller keeps them
   * @param options.rows B, and `length` T: of one shape, so that it is compiled once
   */
  constructor(
    params: Params,
    config: GPTConfig,
    private readonly options: {
      rows: number;
      length: number;
      temperature?: number;
      compiled?: boolean;
    },
  ) {
    const read = (ids: tf.Tensor2D, targets: tf.Tensor2D) =>
      rowLogProbs(params, config, { ids, targets }, options);
    this.program = options.compiled
      ? compile(read, { name: "reading texts" })
      : Object.assign(read, { dispose: () => {}, programs: [] });
  }

  /** ln p of each id of each answer. */
  async logProbs(texts: readonly Text[]): Promise<number[][]> {
    const { rows, length } = this.options;
    return inChunks(texts, rows, async (chunk) => {
      const tensors = textRows(chunk, length);
      const values = tf.tidy(() => this.program(tensors.ids, tensors.targets));
      const all = await values.data();
      tf.dispose([values, tensors]);
      return ofAnswers(chunk, all, length);
    });
  }

  /** Frees the program. */
  dispose(): void {
    this.program.dispose();
  }
}

/**
 * Does something with many items, always `size` of them at a time: the last chunk is filled up with
 * its first item, and what comes of that is dropped.
 */
export async function inChunks<T, R>(
  items: readonly T[],
  size: number,
  work: (chunk: T[], start: number) => Promise<R[]>,
): Promise<R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += size) {
    const own = items.slice(start, start + size);
    const fill = Array.from({ length: size - own.length }, () => own[0]);
    results.push(...(await work([...own, ...fill], start)).slice(0, own.length));
  }
  return results;
}
