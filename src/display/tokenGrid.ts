// A short text in rows of letters, coloured by the tokens that they belong to: a figure like any
// other, so that it can stand behind a slider (frames) where `tokens` cannot.
import type { Figure } from "./figure";
import { heatmap } from "./heatmap";

export interface TokenGridOptions {
  /** Letters in a row. */
  columns?: number;
  caption: string;
}

/**
 * The darker a letter, the longer its token; of two neighbouring tokens of one length, the second is
 * a little darker. Spaces are shown as ␣.
 *
 * @param pieces the text of each token, in order
 */
export function tokenGrid(
  pieces: readonly string[],
  { columns = 30, caption }: TokenGridOptions,
): Figure {
  const letters = pieces.flatMap((piece, i) =>
    [...piece].map((letter, _, { length }) => ({ letter, value: length + 0.45 * (i % 2) })),
  );
  const rows = Math.max(1, Math.ceil(letters.length / columns));
  const grid = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, (_, c) => letters[r * columns + c]),
  );
  return heatmap({
    caption,
    z: grid.map((row) => row.map((cell) => cell?.value ?? null)),
    cells: grid.map((row) => row.map((cell) => (cell?.letter ?? "").replace(/\s/u, "␣"))),
    xLabels: Array(columns).fill(""),
    yLabels: Array(rows).fill(""),
    x: { title: "" },
    y: { title: "" },
    colorbar: { title: "length" },
    min: 0,
    max: 9,
  });
}
