// Speculative decoding: a draft (./drafts) guesses the next k tokens, the model reads them all in one
// pass, and as many of them stay as an exact rule allows (Leviathan et al., 2023, "Fast Inference from
// Transformers via Speculative Decoding", algorithm 1; Chen et al., 2023, "Accelerating Large Language
// Model Decoding with Speculative Sampling"). The text has exactly the distribution that the model
// alone would give it, whatever the draft is; only the speed depends on the draft.
//
// It is a generator of its own, not an option of the engine: it makes use of the time that a pass over
// a single token wastes on loading weights, and when an engine reads many texts at once that time is
// used already. Left out: trees of drafts, and drafts that are trained for it (Medusa, EAGLE).
import { interrupted, nextFrame } from "../engine";
import { checkIdValues } from "../engine/ids";
import type { Random } from "../random";
import {
  checkSampling,
  decodingProbabilities,
  type SamplingOptions,
  sampleFromLogits,
} from "../sampling";
import { BlockPool } from "./blocks";
import { BlockTable } from "./blockTable";
import type { Draft, Proposal } from "./drafts";
import type { GenerateOptions } from "./generate";
import type { PagedModel } from "./pagedModel";
import { readText } from "./readText";

export interface SpeculateOptions extends Omit<GenerateOptions, "model" | "keep"> {
  draft: Draft;
  /** k: how many tokens are guessed at a time, 4 if absent. */
  draftTokens?: number;
  /** The blocks of the model, where others use them too; if absent, all of them. */
  pool?: BlockPool;
}

export interface SpeculatedText {
  /** The prompt, followed by the new ids. */
  ids: number[];
  /** How many passes of the model wrote them; without a draft there is one for each new token. */
  passes: number;
  /** How many tokens were guessed and read, and how many of them stayed. */
  proposed: number;
  accepted: number;
}

/**
 * Continues `ids` as `generate` does, with a draft. With a draft that is certain of its tokens, such
 * as `LookupDraft`, the text is also the same as without one for the same random numbers. Jupyter's
 * stop button and Ctrl-C end the text early.
 * @param ids the prompt, at least one token id
 * @throws if the prompt is empty, has an id outside the vocabulary or no room for its new tokens, an
 *   option makes no sense, or the draft proposes what no draft can
 */
export async function speculate(
  model: PagedModel,
  ids: ArrayLike<number>,
  options: SpeculateOptions,
): Promise<SpeculatedText> {
  checkOptions(model, ids, options);
  const { maxNewTokens, draft, draftTokens = 4, pool = new BlockPool(model) } = options;
  const text = Array.from(ids);
  const result = { ids: text, passes: 0, proposed: 0, accepted: 0 };
  const end = text.length + maxNewTokens;
  const table = new BlockTable(pool);
  table.adopt(table.match(text));
  try {
    while (text.length < end && !options.constraint?.done && !interrupted()) {
      const before = text.length;
      const k = Math.min(draftTokens, end - before - 1); // one more token comes with every pass
      const proposal = k > 0 ? draft.propose(text, k, options) : { ids: [] };
      checkProposal(proposal, k, model.vocabSize);
      const { length } = proposal.ids;
      const logits = readText(model, table, [...text, ...proposal.ids], length + 1);
      result.passes++;
      result.proposed += length;
      const { accepted, ended } = takeTokens(text, proposal, logits, options);
      result.accepted += accepted;
      table.advance(text.length - 1, text); // the last token is not read yet, rejected ones are cut off
      table.truncate(table.length);
      table.slide();
      if (ended) break;
      await nextFrame();
    }
  } finally {
    table.release();
  }
  return result;
}

/**
 * Adds to the text the proposed tokens that the model accepts and one more: in place of the first
 * that is rejected, or after all of them.
 * @param logits (n + 1, V): after the text, and after each of the n proposed tokens
 * @returns how many were accepted, and whether the text ends with the last
 */
function takeTokens(
  text: number[],
  { ids, probabilities }: Proposal,
  logits: Float32Array,
  { constraint, stop, onToken, ...options }: SpeculateOptions,
): { accepted: number; ended: boolean } {
  const V = logits.length / (ids.length + 1);
  for (let i = 0; ; i++) {
    const row = logits.subarray(i * V, (i + 1) * V);
    const possible = constraint?.mask(row) ?? row;
    const guess = i < ids.length ? { id: ids[i], q: probabilities?.[i] } : undefined;
    const id = guess?.q
      ? acceptOrReplace(decodingProbabilities(possible, { ...options, previous: text }), {
          ...{ id: guess.id, q: guess.q, rng: options.rng },
        })
      : sampleFromLogits(possible, { ...options, previous: text });
    text.push(id);
    constraint?.accept(id);
    onToken?.(id);
    const isAccepted = guess?.id === id;
    const ended = stop?.(text) === true || constraint?.done === true;
    if (ended || !isAccepted) return { accepted: i + (isAccepted ? 1 : 0), ended };
  }
}

/**
 * The rule that makes a token from q one from p: it stays with probability min(1, p/q); otherwise
 * another is drawn from what p has more than q, max(0, p − q) normalised. Together token x comes with
 * min(p, q) + max(0, p − q) = p. (A token that is certain has q = 1: drawing from p and comparing is
 * the same.)
 * @param p the model's distribution, V probabilities
 * @param guess `id` drawn from `q`, V probabilities
 */
export function acceptOrReplace(
  p: Float64Array,
  { id, q, rng }: { id: number; q: Float64Array; rng: Random },
): number {
  if (rng.uniform() * q[id] < p[id]) return id;
  const residual = p.map((x, i) => Math.max(0, x - q[i]));
  const isEmpty = residual.every((x) => x === 0); // p and q differ by rounding alone
  return rng.categorical(isEmpty ? p : residual);
}

/** @throws unless the text can be continued */
function checkOptions(
  { vocabSize, maxLength }: PagedModel,
  ids: ArrayLike<number>,
  { maxNewTokens, draftTokens = 4, ...sampling }: SpeculateOptions & SamplingOptions,
): void {
  for (const [name, value] of Object.entries({ maxNewTokens, draftTokens }))
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`speculate: expected ${name} of 0 or more, got ${value}`);
  if (ids.length === 0)
    throw new Error("speculate: expected at least one token id to begin with, got none");
  checkIdValues(ids, vocabSize, "speculate", "ids");
  checkSampling("speculate", sampling);
  if (ids.length + maxNewTokens > maxLength)
    throw new Error(
      `speculate: expected a prompt and its new tokens within ${maxLength} positions, ` +
        `got ${ids.length} + ${maxNewTokens}`,
    );
}

/** @throws if a draft of another vocabulary or with impossible distributions made it */
function checkProposal({ ids, probabilities }: Proposal, k: number, V: number): void {
  if (ids.length > k)
    throw new Error(`speculate: expected at most ${k} proposed tokens, got ${ids.length}`);
  checkIdValues(ids, V, "speculate", "proposed tokens");
  if (!probabilities) return;
  if (probabilities.length !== ids.length)
    throw new Error(`speculate: expected ${ids.length} distributions, got ${probabilities.length}`);
  for (const [i, q] of probabilities.entries()) {
    if (q.length !== V)
      throw new Error(`speculate: expected ${V} probabilities of the draft, got ${q.length}`);
    if (!(q[ids[i]] > 0))
      throw new Error(
        `speculate: expected proposed tokens of a probability above 0, got ${q[ids[i]]}`,
      );
  }
}
