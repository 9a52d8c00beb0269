// Checking an answer against documents: the passages that fit question and answer best are looked up
// (lesson 25, retrieval), and the answer counts as supported if its words stand in one of them.
// Thorne et al. (2018, FEVER) made it a task. It says that the words are there, not that they are
// meant so, and a true answer that no document holds is "not supported". Left out: claims that a
// passage contradicts.
import { chunkText, type FoundChunk, type SearchIndex, searchTerms } from "../retrieval";

export interface FactCheck {
  supported: boolean;
  /** The passage that holds the answer, if there is one. */
  passage?: FoundChunk;
}

/** Whether the terms of an answer stand in a row in a text. */
export function holdsAnswer(text: string, answer: string): boolean {
  const [terms, wanted] = [searchTerms(text), searchTerms(answer)];
  if (wanted.length === 0) return false;
  return terms.some((_, at) => wanted.every((term, i) => terms[at + i] === term));
}

/**
 * Looks an answer up.
 * @param options `k`: in how many passages; 3. `by`: what is searched for; "question" keeps an answer
 *   from finding its own words anywhere, "both" finds more
 */
export async function checkFact(
  index: SearchIndex,
  { question, answer }: { question: string; answer: string },
  { k = 3, by = "question" }: { k?: number; by?: "question" | "both" } = {},
): Promise<FactCheck> {
  const query = by === "question" ? question : `${question} ${answer}`;
  const found = await index.search(query, { k, method: "words" });
  const passage = found.find((chunk) => holdsAnswer(chunkText(chunk), answer));
  return { supported: passage !== undefined, passage };
}
