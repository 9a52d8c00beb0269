// Text that the base model has not read: the beginnings that it continues in lesson 20 (decoding),
// and how Melville and the scripts went on, which is what written text is compared with.
import { baseDocuments, END_OF_TEXT } from "../baseModel";
import { mobyDick } from "../data";
import type { Tokenizer } from "../tokenizer";

/**
 * The base model was trained on the first nine tenths of its tokens. Documents are of one mixture from
 * beginning to end, so a tenth of the tokens is about a tenth of the characters; what begins after
 * this share of the characters was held out with room to spare.
 */
const HELD_OUT_FROM = 0.91;

/** The documents of the base model's text: those it has read, and those it has not. */
export interface BaseParts {
  /** Passages of Moby-Dick. */
  book: { read: string[]; heldOut: string[] };
  /** Paragraphs made by script, in English and Chinese. */
  scripted: { heldOut: string[] };
}

/** The documents by what they are and whether the base model has read them. */
export function baseParts(): BaseParts {
  const documents = baseDocuments();
  const lengths = documents.map((text) => text.length + END_OF_TEXT.length);
  const whole = lengths.reduce((a, b) => a + b, 0);
  const whaling = mobyDick();
  const parts: BaseParts = { book: { read: [], heldOut: [] }, scripted: { heldOut: [] } };
  let start = 0;
  for (const [i, text] of documents.entries()) {
    const isHeldOut = start >= HELD_OUT_FROM * whole;
    const isRead = start + lengths[i] < 0.89 * whole;
    const isBook = whaling.includes(text.slice(0, 80));
    if (isBook && isRead) parts.book.read.push(text);
    if (isBook && isHeldOut) parts.book.heldOut.push(text);
    if (!isBook && isHeldOut && /[\da-z]/.test(text)) parts.scripted.heldOut.push(text);
    start += lengths[i];
  }
  return parts;
}

/** A beginning, and how the text really goes on. */
export interface Passage {
  prompt: number[];
  rest: number[];
}

/**
 * Held-out Moby-Dick in passages of equal length, side by side, without overlap.
 * @param options.prompt tokens of each beginning; `rest`, tokens of what follows
 */
export function bookPassages(
  { book }: Pick<BaseParts, "book">,
  tokenizer: Tokenizer,
  { prompt = 32, rest = 128 }: { prompt?: number; rest?: number } = {},
): Passage[] {
  const length = prompt + rest;
  return book.heldOut.flatMap((text) => {
    const ids = Array.from(tokenizer.encode(text));
    return Array.from({ length: Math.floor(ids.length / length) }, (_, k) => {
      const own = ids.slice(k * length, (k + 1) * length);
      return { prompt: own.slice(0, prompt), rest: own.slice(prompt) };
    });
  });
}
