// A question to ask a pretrained model, made from the book itself: is this somebody speaking, or the
// narrator? Between quotation marks somebody speaks. The marks are not part of the pieces.

/** A piece of the book, and whether somebody speaks: 1, or the narrator: 0. */
export interface SpeechPiece {
  text: string;
  label: 0 | 1;
}

/** Beginnings give speech away (a capital letter, "said he"): so much of each stretch is left out. */
const SKIP = 12;

/**
 * Pieces of one length, side by side, from the stretches of a text inside and outside quotation
 * marks. Both labels are equally frequent: of the commoner one, evenly spread pieces are kept.
 * @param text paragraphs on one line each, with straight quotation marks; one that is not closed
 *   ends with its paragraph
 * @param length of a piece in characters
 */
export function speechPieces(text: string, length: number): SpeechPiece[] {
  const pieces: SpeechPiece[] = [];
  for (const paragraph of text.split("\n"))
    paragraph.split('"').forEach((stretch, k) => {
      const label = k % 2 === 1 ? 1 : 0;
      const first = stretch.indexOf(" ", SKIP) + 1;
      if (first === 0) return;
      for (let at = first; at + length <= stretch.length; at += length)
        pieces.push({ text: stretch.slice(at, at + length), label });
    });
  const count = Math.min(...[0, 1].map((label) => pieces.filter((p) => p.label === label).length));
  const spread = (label: 0 | 1) => {
    const all = pieces.filter((piece) => piece.label === label);
    return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]);
  };
  const [narrated, spoken] = [spread(0), spread(1)];
  return narrated.flatMap((piece, i) => [piece, spoken[i]]);
}
