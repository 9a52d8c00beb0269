// The policy writes, the reference reads: always the same number of texts at once, in rows of one
// length, so that both are compiled once.
import { canCompile, interrupted } from "../engine";
import { KVCache, type SampledText, sampleBatch } from "../inference";
import type { Params } from "../params";
import type { Random } from "../random";
import { Interrupted } from "../train";
import { inChunks, TextReader } from "./logProbs";
import { type StartModel, shown } from "./model";
import type { Text, WrittenText } from "./rows";

export interface WriterOptions {
  /** Where the policy starts, and the reference; it is not changed. */
  model: StartModel;
  /** The longest prompt, and the longest answer, in ids. */
  promptLength: number;
  maxNewTokens: number;
  stopIds: number[];
  /** 1 */
  temperature?: number;
  /** Whether writing and reading are compiled; where that is possible, if absent. */
  compiled?: boolean;
}

export class PolicyWriter {
  /** T: ids in a row. */
  readonly length: number;
  private cache: KVCache | undefined;
  private reader: TextReader | undefined;
  private readonly compiled: boolean;

  /**
   * @param params of the policy; the caller keeps them
   * @param rows N: how many texts at once
   * @throws if prompt and answer have no room in the model's blockSize
   */
  constructor(
    private readonly options: WriterOptions,
    private readonly params: Params,
    private readonly rows: number,
  ) {
    this.length = options.promptLength + options.maxNewTokens;
    this.compiled = options.compiled ?? canCompile();
    const { blockSize } = options.model.config;
    if (!(options.maxNewTokens >= 1 && this.length <= blockSize))
      throw new Error(
        `PolicyWriter: expected promptLength and maxNewTokens within blockSize = ${blockSize}, ` +
          `got ${options.promptLength} + ${options.maxNewTokens}`,
      );
  }

  /**
   * Answers to prompts; the i-th text depends on `rng.fork("text", i)` and its prompt alone.
   * @throws {Interrupted} when somebody asked to stop
   */
  async write(
    prompts: readonly number[][],
    rng: Random,
    { temperature = this.options.temperature }: { temperature?: number } = {},
  ): Promise<WrittenText[]> {
    const { model, promptLength, maxNewTokens, stopIds } = this.options;
    const long = prompts.find((prompt) => prompt.length > promptLength);
    if (long)
      throw new Error(
        `PolicyWriter: expected prompts of at most ${promptLength} ids, got ${long.length}: ` +
          shown(model, long),
      );
    const { rows, length, compiled } = this;
    this.cache ??= new KVCache(this.params, model.config, { rows, length, compiled });
    const { cache } = this;
    return inChunks(prompts, rows, async (chunk, start) => {
      const rngs = chunk.map((_, i) => rng.fork("text", start + i));
      const options = { maxNewTokens, stopIds, temperature, rngs, cache };
      const texts = await sampleBatch(this.params, model.config, chunk, options);
      if (interrupted()) throw new Interrupted("writing was stopped");
      return texts.map((text, i) => written(text, chunk[i]));
    });
  }

  /** ln π_ref of each id of each answer, at the temperature of the options. */
  async reference(texts: readonly Text[]): Promise<number[][]> {
    const { model, temperature } = this.options;
    const { rows, length, compiled } = this;
    const shape = { rows, length, compiled, temperature };
    this.reader ??= new TextReader(model.params, model.config, shape);
    return this.reader.logProbs(texts);
  }

  /** Frees the memory and the programs. */
  dispose(): void {
    this.cache?.dispose();
    this.reader?.dispose();
  }
}

const written = ({ ids, logProbs, stopped }: SampledText, prompt: number[]): WrittenText => ({
  ...{ prompt, answer: ids.slice(prompt.length), logProbs, stopped },
});
