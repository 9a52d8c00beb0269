// What an inference engine (./engine) is asked for, and what it keeps of a text while it is written.
import { checkIdValues } from "../engine/ids";
import { Random } from "../random";
import {
  checkSampling,
  type DecodingOptions,
  sampleFromLogits,
  type TokenConstraint,
} from "../sampling";
import type { BlockTable } from "./blockTable";
import type { Generation, GenerationTimings } from "./generation";
import { blocksFor, type Sequence } from "./scheduler";

/** A prompt to be continued. */
export interface GenerationRequest extends DecodingOptions {
  /** The prompt, at least one token id. */
  ids: ArrayLike<number>;
  /** At most so many tokens are added. */
  maxNewTokens: number;
  /** Of the random numbers; 0 if absent. */
  seed?: number;
  /** Tokens that end the text; they are its last. */
  stopIds?: readonly number[];
  /** Asked after each token, with all ids so far; true ends the text. */
  stop?: (ids: readonly number[]) => boolean;
  /** Makes what the new tokens must obey, such as a grammar; one for each text. */
  constraint?: () => TokenConstraint;
  /**
   * Sees each new token with the scores it was drawn from, before temperature, cuts and constraint.
   * With `promptLogits` it sees the prompt's tokens as well, from the second on.
   */
  onLogits?: (logits: Float32Array, token: ScoredToken) => void;
  /**
   * Whether the scores of the prompt's own tokens are wanted: all of it is read then, and nothing
   * comes from the prefix cache.
   */
  promptLogits?: boolean;
}

/** A token of a text whose scores are looked at. */
export interface ScoredToken {
  id: number;
  /** Its place in the text, whose first token is at 0. */
  position: number;
  /** Which of the samples of one prompt the text is; 0 for the first, which reads the prompt. */
  sample: number;
}

/** What the engine checks a request against. */
interface Limits {
  vocabSize: number;
  maxLength: number;
  pool: { size: number; blockTokens: number; window: number };
}

/** @throws if a request makes no sense, or its text could not be kept even if it were alone */
export function checkRequest(request: GenerationRequest, limits: Limits): void {
  const { ids, maxNewTokens, stopIds = [] } = request;
  const { vocabSize, maxLength, pool } = limits;
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 0)
    throw new Error(`submit: expected maxNewTokens of 0 or more, got ${maxNewTokens}`);
  if (ids.length === 0) throw new Error("submit: expected at least one token id, got none");
  checkIdValues(ids, vocabSize, "submit", "ids");
  checkIdValues(stopIds, vocabSize, "submit", "stopIds");
  checkSampling("submit", request);
  const length = ids.length + maxNewTokens;
  if (length > maxLength)
    throw new Error(
      `submit: expected a prompt and its new tokens within ${maxLength} positions, ` +
        `got ${ids.length} + ${maxNewTokens}`,
    );
  const blocks = blocksFor(length - 1, pool); // the last token is not read
  if (blocks > pool.size)
    throw new Error(
      `submit: expected a text that the cache can hold, ${pool.size} blocks of ` +
        `${pool.blockTokens} tokens, got ${ids.length} + ${maxNewTokens} tokens: ${blocks} blocks`,
    );
}

interface SequenceOptions {
  sample: number;
  siblings: WritingSequence[];
  table: BlockTable;
  generation: Generation;
}

/** A text while it is being written. It survives preemption; its blocks do not. */
export class WritingSequence implements Sequence {
  readonly ids: number[];
  readonly generation: Generation;
  /**
   * The samples of the same prompt that are not running yet. All samples share this list; the one
   * that is not in it reads the prompt for all.
   */
  readonly siblings: WritingSequence[];
  table: BlockTable;
  cachedTokens = 0;
  private readonly constraint?: TokenConstraint;
  private readonly rng: Random;
  private readonly submitted = performance.now();
  private started?: number;
  private first?: number;
  private last?: number;
  private readonly sample: number;
  /** The scores of all tokens before this position have been shown. */
  private shown = 1;

  /**
   * @param options `sample`: which of the samples of one prompt; the first draws from `Random(seed)`,
   *   as a text alone does, the others from forks of it
   */
  constructor(
    readonly request: GenerationRequest,
    { sample, siblings, table, generation }: SequenceOptions,
  ) {
    this.ids = Array.from(request.ids);
    this.generation = generation;
    this.siblings = siblings;
    this.table = table;
    this.sample = sample;
    this.constraint = request.constraint?.();
    const rng = new Random(request.seed ?? 0);
    this.rng = sample === 0 ? rng : rng.fork("sample", sample);
  }

  /** Whether nothing is to be written at all, and why. */
  get endsAtOnce(): "stop" | "length" | undefined {
    if (this.constraint?.done) return "stop";
    return this.request.maxNewTokens === 0 && !this.readsAll ? "length" : undefined;
  }

  /** Whether the scores of the prompt's own tokens are still wanted. */
  get readsAll(): boolean {
    return this.request.promptLogits === true && this.shown < this.request.ids.length;
  }

  begin(cachedTokens: number): void {
    if (this.started !== undefined) return; // it comes back after preemption
    this.started = performance.now();
    this.cachedTokens = cachedTokens;
  }

  /** Goes on where another text of the same prompt is. */
  follow(other: WritingSequence, table: BlockTable): void {
    this.table = table;
    this.started = other.started;
    this.shown = other.shown;
    this.cachedTokens = other.cachedTokens;
  }

  /**
   * Shows the scores of the prompt's own tokens, those that have not been shown.
   * @param logits of the tokens that follow positions start, start + 1 …: (n, V)
   */
  showPrompt(start: number, logits: Float32Array, vocabSize: number): void {
    const { ids, request, sample } = this;
    const end = Math.min(start + logits.length / vocabSize + 1, request.ids.length);
    for (let position = Math.max(this.shown, start + 1); position < end; position++) {
      const row = position - start - 1;
      const scores = logits.subarray(row * vocabSize, (row + 1) * vocabSize);
      request.onLogits?.(scores, { id: ids[position], position, sample });
      this.shown = position + 1;
    }
  }

  /**
   * Draws the next token.
   * @returns why the text ends with it, if it does
   * @throws if there is no token to draw, or the constraint or `stop` throws
   */
  draw(logits: Float32Array): "stop" | "length" | undefined {
    const { ids, constraint, request, generation } = this;
    const { maxNewTokens, stopIds, stop } = request;
    if (maxNewTokens === 0) return "length"; // only the prompt's scores were wanted
    const possible = constraint?.mask(logits) ?? logits;
    const { temperature, topK, topP, minP, repetitionPenalty } = request;
    const options = { temperature, topK, topP, minP, repetitionPenalty };
    const id = sampleFromLogits(possible, { ...options, rng: this.rng, previous: ids });
    request.onLogits?.(logits, { id, position: ids.length, sample: this.sample });
    ids.push(id);
    this.last = performance.now();
    this.first ??= this.last;
    generation.add(id);
    constraint?.accept(id);
    if (stopIds?.includes(id) || stop?.(ids) || constraint?.done) return "stop";
    return generation.newIds.length >= maxNewTokens ? "length" : undefined;
  }

  /** How long it took, if it ends now. */
  timings(): GenerationTimings {
    const { submitted, started, first, last } = this;
    const now = performance.now();
    const timings = { queued: (started ?? now) - submitted, total: now - submitted };
    if (first === undefined || last === undefined) return timings;
    const firstToken = first - submitted;
    const later = this.generation.newIds.length - 1;
    return { ...timings, firstToken, perToken: later > 0 ? (last - first) / later : undefined };
  }
}
