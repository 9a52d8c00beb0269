// Captions as ids: a vocabulary of fourteen words is enough for what ./shapes says.
import { colours, shapes } from "./shapes";

/** "." ends a caption and fills up shorter ones. */
export const words = [".", "<image>", "a", "and", ...colours, ...shapes] as const;
/** "a red circle and a blue square ." */
export const CAPTION = 8;
export const END = 0;
/** Stands before the first word: what the writer reads when the picture is over. */
export const BEGIN = 1;

/**
 * A caption as exactly `CAPTION` ids.
 * @throws for a word that is not in the vocabulary, and for more than CAPTION − 1 words
 */
export function captionIds(caption: string): number[] {
  const ids = caption.split(" ").map((word) => {
    const id = (words as readonly string[]).indexOf(word);
    if (id < 2) throw new Error(`captionIds: expected words of captions, got ${word}`);
    return id;
  });
  if (ids.length >= CAPTION)
    throw new Error(`captionIds: expected at most ${CAPTION - 1} words, got ${ids.length}`);
  return [...ids, ...new Array(CAPTION - ids.length).fill(END)];
}

/** Ids as a caption, up to the first ".". */
export function captionText(ids: readonly number[]): string {
  const end = ids.indexOf(END);
  return ids
    .slice(0, end < 0 ? undefined : end)
    .map((id) => words[id])
    .join(" ");
}
