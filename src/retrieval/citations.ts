// Citations that can be checked. An answer from documents says behind each sentence where it
// stands: "[2]". A model writes such numbers whether they are right or not, so they are compared
// with the passages: how many of the sentence's words stand there. That finds sentences that have
// nothing to do with their passage; it does not find one that says the opposite in the same words.
import { sentenceSpans } from "./chunks";
import { searchTerms } from "./terms";

/** A sentence of an answer, and what became of its citations. */
export interface CheckedSentence {
  text: string;
  /** The numbers of the passages that it names, from 1. */
  cited: number[];
  /** The share of its words that stand in one of them; 0 without a citation. */
  support: number;
  /** "supported" · "unsupported" · "uncited" · "unknown": names a passage that there is not. */
  verdict: "supported" | "unsupported" | "uncited" | "unknown";
}

/** Words that stand in every text and support nothing. */
const COMMON = new Set(
  (
    "a an and are as at be been by can could did do does for from had has have he her his how i if in is it its " +
    "may more most no not of on one or our she should so than that the their them there they this to was we were " +
    "what when where which who will with would you your"
  ).split(" "),
);

/**
 * Checks every sentence of an answer.
 * @param passages in the order of their numbers
 * @param options `least`: this share of a sentence's words must stand in a passage; 0.5
 * @example checkCitations("Debian is free [1].", ["Debian is a free system."])[0].verdict // "supported"
 */
export function checkCitations(
  answer: string,
  passages: readonly string[],
  { least = 0.5 }: { least?: number } = {},
): CheckedSentence[] {
  const known = passages.map((passage) => new Set(searchTerms(passage)));
  return sentencesWithCitations(answer).map((text) => {
    const cited = [...text.matchAll(/\[(\d{1,3})\]/g)].map(([, number]) => Number(number));
    const all = searchTerms(text.replace(/\[\d{1,3}\]/g, " "));
    const terms = [...new Set(all)].filter((term) => !COMMON.has(term));
    const share = (words: Set<string> | undefined) =>
      words && terms.length > 0 ? terms.filter((term) => words.has(term)).length / terms.length : 0;
    const support = Math.max(0, ...cited.map((number) => share(known[number - 1])));
    const isUnknown = cited.some((number) => known[number - 1] === undefined);
    const verdict =
      cited.length === 0
        ? "uncited"
        : isUnknown
          ? "unknown"
          : support >= least
            ? "supported"
            : "unsupported";
    return { text, cited, support, verdict };
  });
}

/** The sentences; a citation behind the full stop belongs to the sentence before it. */
function sentencesWithCitations(answer: string): string[] {
  const sentences: string[] = [];
  for (const { start, end } of sentenceSpans(answer)) {
    const text = answer.slice(start, end).trim();
    const [lead = ""] = /^(\s*\[\d{1,3}\])+/.exec(text) ?? [];
    if (lead && sentences.length > 0) sentences[sentences.length - 1] += ` ${lead.trim()}`;
    const rest = text.slice(lead && sentences.length > 0 ? lead.length : 0).trim();
    if (/[\p{L}\p{N}]/u.test(rest.replace(/\[\d{1,3}\]/g, ""))) sentences.push(rest);
  }
  return sentences;
}
