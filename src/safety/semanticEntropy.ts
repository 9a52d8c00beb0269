// Does a model know, or does it make something up? Ask it several times: where it knows, the answers
// mean the same; where it does not, they scatter. Entropy over meanings in place of texts is the
// semantic entropy of Kuhn et al. (2023) and Farquhar et al. (Nature, 2024):
//
//     H = −Σ p(c) ln p(c)        c: clusters of answers that mean the same
//
// There a model of entailment decides what means the same; here answers are one word or name, and equal
// after what is around it has been taken away. p(c) is the share of the answers (Farquhar's
// "discrete" variant). Left out: long answers, which are cut into claims first; errors that a model
// repeats each time, which no entropy can see.

/**
 * Answers in groups that mean the same.
 * @param meaning what an answer comes down to; equal texts are one meaning
 * @returns the groups, the largest first; equals in the order of their first answer
 */
export function clusters(
  answers: readonly string[],
  meaning: (answer: string) => string = (answer) => answer.trim().toLowerCase(),
): string[][] {
  const groups = new Map<string, string[]>();
  for (const answer of answers) {
    const key = meaning(answer);
    groups.set(key, [...(groups.get(key) ?? []), answer]);
  }
  return [...groups.values()].sort((a, b) => b.length - a.length);
}

/**
 * The entropy over the meanings of answers, in nats.
 * @throws if there is no answer
 */
export function semanticEntropy(
  answers: readonly string[],
  meaning?: (answer: string) => string,
): number {
  if (answers.length === 0)
    throw new Error("semanticEntropy: expected answers to one question, got none");
  return clusters(answers, meaning).reduce((sum, { length }) => {
    const p = length / answers.length;
    return sum - p * Math.log(p);
  }, 0);
}

/**
 * The name that an answer gives: its first words in capitals that are not in the question.
 * @example nameIn("The capital of France is Paris.", "What is the capital of France?") // "paris"
 */
export function nameIn(answer: string, question: string): string {
  const known = new Set(question.toLowerCase().match(/\p{L}+/gu) ?? []);
  const names = answer.match(/\p{Lu}[\p{L}'-]*(?: \p{Lu}[\p{L}'-]*)*/gu) ?? [];
  const words = (name: string) =>
    name
      .split(" ")
      .filter((word) => !known.has(word.toLowerCase()) && !/^(The|It|Its|A|In)$/.test(word));
  const found = names.map((name) => words(name).join(" ")).find((name) => name !== "");
  return (found ?? answer.trim()).toLowerCase();
}
