// Answers from documents: retrieval-augmented generation (Lewis et al., 2020). The passages that were
// found stand in the prompt with numbers, and the model is told to answer from them, to name them,
// and to say so where they do not hold the answer. Where nothing was found that fits, it is not
// even asked.
import { type LanguageModel, noUsage, type TextOptions, type Usage, write } from "../languageModel";
import { chunkText, sentenceSpans } from "./chunks";
import { type CheckedSentence, checkCitations } from "./citations";
import type { FoundChunk } from "./searchIndex";
import { searchTerms } from "./terms";

/** What is said where the passages do not hold the answer. */
export const UNKNOWN = "I do not know.";

export interface GroundedOptions extends TextOptions {
  /** Below this score of the best passage nothing is asked, and the answer is UNKNOWN; 0. */
  leastScore?: number;
  /** At most so many characters of passages are shown; 3,000. */
  room?: number;
}

/** An answer and what it stands on. */
export interface GroundedAnswer {
  text: string;
  /** The passages that the model was shown, in the order of their numbers from 1. */
  passages: FoundChunk[];
  /** The answer's sentences with their citations checked. */
  sentences: CheckedSentence[];
  usage: Usage;
}

/** The prompt: the passages with their numbers, and the question behind them. */
export function groundedPrompt(question: string, passages: readonly FoundChunk[]): string {
  const shown = passages.map((passage, i) => `[${i + 1}] ${chunkText(passage)}`);
  return (
    "Answer the question from the passages, in one or two sentences. Put the number of the passage " +
    `behind each sentence, like [1]. If they do not hold the answer, say: ${UNKNOWN}\n\n` +
    `${shown.join("\n\n")}\n\nQuestion: ${question}`
  );
}

/**
 * Answers a question from passages.
 * @param passages as a search gave them, the best first
 */
export async function groundedAnswer(
  model: LanguageModel,
  question: string,
  passages: readonly FoundChunk[],
  { leastScore = 0, room = 3000, ...options }: GroundedOptions = {},
): Promise<GroundedAnswer> {
  const shown = withinRoom(passages, room);
  if (shown.length === 0 || shown[0].score < leastScore)
    return { text: UNKNOWN, passages: [], sentences: [], usage: noUsage() };
  const content = groundedPrompt(question, shown);
  const { text, usage } = await write(model, { messages: [{ role: "user", content }], ...options });
  const sentences = checkCitations(text, shown.map(chunkText));
  return { text: text.trim(), passages: shown, sentences, usage };
}

/** The first passages that fit; the first one is shortened if it alone does not. */
function withinRoom(passages: readonly FoundChunk[], room: number): FoundChunk[] {
  const shown: FoundChunk[] = [];
  let left = room;
  for (const passage of passages) {
    const { length } = chunkText(passage);
    if (length > left && shown.length > 0) break;
    shown.push(length > left ? { ...passage, text: passage.text.slice(0, left) } : passage);
    left -= length;
    if (left <= 0) break;
  }
  return shown;
}

/**
 * The sentence of the passages that shares most words with the question: an answer that surely stands in
 * the text, in any language, without a model. Long sentences share words by chance, so what is shared
 * is divided by the root of a sentence's number of words.
 * @returns undefined if no sentence shares a word with the question
 */
export function extractedAnswer(
  question: string,
  passages: readonly { text: string }[],
): string | undefined {
  const wanted = [...new Set(searchTerms(question))];
  let best: { text: string; score: number } | undefined;
  for (const { text } of passages)
    for (const { start, end } of sentenceSpans(text)) {
      const sentence = text.slice(start, end).trim();
      const terms = new Set(searchTerms(sentence));
      const shared = wanted.filter((term) => terms.has(term)).length;
      const score = shared / Math.sqrt(terms.size || 1);
      if (score > (best?.score ?? 0)) best = { text: sentence, score };
    }
  return best?.text;
}
