// Names in sentences as one tag for each word (Ramshaw and Marcus, 1995): B-PER begins a person,
// I-PER goes on with it, O is none. Scores count whole names, as the CoNLL-2003 shared task does
// (Tjong Kim Sang and De Meulder, 2003): half a name is wrong. An I- that follows nothing of its kind
// begins a name, as in conlleval and seqeval's default mode.
import type { Tokenizer } from "../tokenizer";

/** A name: words `from` … `to` − 1. */
export interface EntitySpan {
  kind: string;
  from: number;
  to: number;
}

/** The names that tags speak of. @throws for a tag that is none of O, B-… and I-… */
export function spansOf(tags: readonly string[]): EntitySpan[] {
  const spans: EntitySpan[] = [];
  let open: EntitySpan | undefined;
  tags.forEach((tag, i) => {
    const found = /^([BI])-(.+)$/.exec(tag);
    if (!found && tag !== "O")
      throw new Error(`spansOf: expected O, B-… or I-…, got ${JSON.stringify(tag)}`);
    const [, place, kind] = found ?? [];
    if (found && place === "I" && open?.kind === kind) open.to = i + 1;
    else {
      open = found ? { kind, from: i, to: i + 1 } : undefined;
      if (open) spans.push(open);
    }
  });
  return spans;
}

/** The tags of names. @throws if two of them share a word, or one lies outside the sentence */
export function tagsOf(spans: readonly EntitySpan[], words: number): string[] {
  const tags = new Array<string>(words).fill("O");
  for (const { kind, from, to } of spans) {
    if (!(from >= 0 && from < to && to <= words))
      throw new Error(`tagsOf: expected a name within ${words} words, got ${from} to ${to}`);
    for (let i = from; i < to; i++) {
      if (tags[i] !== "O") throw new Error(`tagsOf: expected names side by side, got two at ${i}`);
      tags[i] = `${i === from ? "B" : "I"}-${kind}`;
    }
  }
  return tags;
}

/** Precision, recall and F1 of whole names, over all sentences together; 0 where nothing is. */
export function entityScores(
  actual: readonly (readonly string[])[],
  predicted: readonly (readonly string[])[],
): { precision: number; recall: number; f1: number; support: number } {
  if (actual.length !== predicted.length)
    throw new Error(
      `entityScores: expected ${actual.length} sentences that are tagged, got ${predicted.length}`,
    );
  let [right, found, support] = [0, 0, 0];
  actual.forEach((tags, i) => {
    if (tags.length !== predicted[i].length)
      throw new Error(
        `entityScores: expected ${tags.length} tags in sentence ${i}, got ${predicted[i].length}`,
      );
    const key = ({ kind, from, to }: EntitySpan) => `${kind} ${from} ${to}`;
    const there = new Set(spansOf(tags).map(key));
    const said = spansOf(predicted[i]).map(key);
    support += there.size;
    found += said.length;
    right += said.filter((span) => there.has(span)).length;
  });
  const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);
  const [precision, recall] = [ratio(right, found), ratio(right, support)];
  return { precision, recall, f1: ratio(2 * precision * recall, precision + recall), support };
}

/**
 * Words as the ids of one text, and the token at which each word's tag is read: its last one, which
 * under a causal mask is the only one that has seen the whole word, or its first one, as in BERT.
 * @throws for a word that is empty, or has a space in it
 * @example wordTokens(tokenizer, ["red", "apples"]) // { ids: [12, 40, 7], at: [0, 2] }
 */
export function wordTokens(
  tokenizer: Pick<Tokenizer, "encode">,
  words: readonly string[],
  read: "last" | "first" = "last",
): { ids: number[]; at: number[] } {
  const ids: number[] = [];
  const at = words.map((word, i) => {
    if (word === "" || /\s/.test(word))
      throw new Error(`wordTokens: expected a word without spaces, got ${JSON.stringify(word)}`);
    const begin = ids.length;
    ids.push(...tokenizer.encode(i === 0 ? word : ` ${word}`));
    return read === "last" ? ids.length - 1 : begin;
  });
  return { ids, at };
}
