// A second, slower look at what a fast search has found. A passage's vector is a mean over all that it
// says, so one sentence with the answer may drown in it. Two ways to look closer: the best single
// sentence of a passage by an embedder, and how likely a language model finds the question after
// the passage (Sachan et al., 2022, "Improving Passage Retrieval with Zero-Shot Question
// Generation").
import { type Embedder, type LanguageModel, writeAll } from "../languageModel";
import { sentenceSpans } from "./chunks";
import type { FoundChunk } from "./searchIndex";
import { dot } from "./vectors";

const byScore = (found: FoundChunk[]) => found.sort((a, b) => b.score - a.score);

/** The passages in the order of their best sentence: the largest cosine with the question. */
export async function rerankBySentences(
  embedder: Embedder,
  question: string,
  found: readonly FoundChunk[],
): Promise<FoundChunk[]> {
  const [{ vector: wanted }] = await embedder.embed([question]);
  const scored = found.map(async (chunk) => {
    const spans = sentenceSpans(chunk.text).map(({ start, end }) => chunk.text.slice(start, end));
    const sentences = spans.filter((sentence) => /[\p{L}\p{N}]/u.test(sentence));
    const vectors = await embedder.embed(sentences);
    return { ...chunk, score: Math.max(-1, ...vectors.map(({ vector }) => dot(wanted, vector))) };
  });
  return byScore(await Promise.all(scored));
}

/**
 * The passages in the order in which they make the question likely: the mean of ln p of its tokens.
 * @param room so many characters of each passage are read; 1,200
 */
export async function rerankByLikelihood(
  model: LanguageModel,
  question: string,
  found: readonly FoundChunk[],
  { room = 1200 }: { room?: number } = {},
): Promise<FoundChunk[]> {
  const requests = found.map(({ text }) => {
    const lead = `Passage: ${text.slice(0, room)}\nA question that this passage answers:`;
    return { lead, prompt: `${lead} ${question}`, promptLogprobs: true, maxTokens: 1 };
  });
  const written = await writeAll(
    model,
    requests.map(({ lead: _, ...request }) => ({ ...request, logprobs: 0 })),
  );
  return byScore(
    found.map((chunk, i) => {
      const read = model.countTokens(requests[i].lead);
      const own = written[i].promptTokens.slice(read).map(({ logprob = 0 }) => logprob);
      return { ...chunk, score: own.reduce((sum, x) => sum + x, 0) / Math.max(1, own.length) };
    }),
  );
}
