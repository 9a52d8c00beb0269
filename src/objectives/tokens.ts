// The vocabulary of a model that fills blanks: the tokens of a text, and after them the special
// ones that stand for what is hidden, and say where a blank begins and ends.
import type { Tokenizer } from "../tokenizer";
import { MOST_SPANS } from "./spans";

/** Ids of the special tokens, all behind those of the text. */
export interface BlankTokens {
  /** Number of tokens of the text: ids below it are text. */
  textSize: number;
  /** Number of all tokens. */
  vocabSize: number;
  /** Stands for what is hidden: BERT's, GLM's and the diffusion model's [MASK]. */
  mask: number;
  /** Stands before the tokens of a blank: GLM's [START]. */
  start: number;
  /** Stands after them: GLM's [END]. */
  end: number;
  /** Fills a row up to the length of the others in its batch; nothing sees it. */
  pad: number;
  /** T5's sentinels, one for each blank of a row and one more for the end of the last. */
  sentinels: number[];
}

/** One for each span of a row, and one for the end. */
const SENTINELS = MOST_SPANS + 1;

/** The special tokens of a text with `textSize` different tokens. */
export function blankTokens(textSize: number): BlankTokens {
  if (!Number.isInteger(textSize) || textSize < 1)
    throw new Error(`blankTokens: expected a textSize of 1 or more, got ${textSize}`);
  const sentinels = Array.from({ length: SENTINELS }, (_, i) => textSize + 4 + i);
  return {
    ...{ textSize, vocabSize: textSize + 4 + SENTINELS },
    ...{ mask: textSize, start: textSize + 1, end: textSize + 2, pad: textSize + 3, sentinels },
  };
}

/** What a special token is shown as; nothing for a token of the text. */
export function specialName(id: number, tokens: BlankTokens): string | undefined {
  if (id < tokens.textSize) return undefined;
  if (id === tokens.mask) return "[M]";
  if (id === tokens.start) return "[S]";
  if (id === tokens.end) return "[E]";
  if (id === tokens.pad) return "[P]";
  const n = tokens.sentinels.indexOf(id);
  if (n >= 0) return `<${n}>`;
  throw new Error(`specialName: expected an id below ${tokens.vocabSize}, got ${id}`);
}

/** The tokens one by one, to be shown: text as text, special tokens by their names. */
export function showTokens(
  ids: ArrayLike<number>,
  tokenizer: Pick<Tokenizer, "decode">,
  tokens: BlankTokens,
): string[] {
  return Array.from(ids, (id) => specialName(id, tokens) ?? tokenizer.decode([id]));
}
