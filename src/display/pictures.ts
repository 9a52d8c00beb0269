// Small colour pictures side by side, enlarged so that every pixel can be seen, each with its words.
import { count, sentence } from "./label";
import { show } from "./output";
import { rgbPng } from "./png";
import { captionHtml, escapeHtml, inLine } from "./xml";

/** A picture of width · height pixels. */
export interface Picture {
  /** Red, green, blue of each pixel, 0 to 1, row by row; what is outside is cut off. */
  pixels: ArrayLike<number>;
  /** Stands under it, and is its alternative text; "" leaves only its number as such a text. */
  label: string;
}

export interface PicturesOptions {
  /** Pixels in a row; pictures are square if absent. */
  width?: number;
  /** How large one pixel is drawn; 5 if absent. */
  scale?: number;
  /** How many stand in a row at the most; as many as there is room for if absent. */
  columns?: number;
  caption?: string;
}

/** Labels need some room. */
const NARROWEST = 110;
const GAP = 10;
const MOST = 60;

/**
 * Shows pictures.
 * @throws if a picture's numbers do not make whole rows, or there are none or too many pictures
 */
export function pictures(
  list: readonly Picture[],
  { width, scale = 5, columns, caption }: PicturesOptions = {},
): void {
  if (list.length === 0 || list.length > MOST)
    throw new Error(`pictures: expected 1 to ${MOST} pictures, got ${list.length}`);
  let widest = 0;
  const figures = list.map(({ pixels, label }, i) => {
    const across = width ?? Math.sqrt(pixels.length / 3);
    const down = pixels.length / 3 / across;
    if (!Number.isInteger(across) || !Number.isInteger(down) || down < 1)
      throw new Error(
        `pictures: expected whole rows of red, green and blue, got ${pixels.length} numbers`,
      );
    const bytes = Uint8Array.from(pixels, (x) => Math.round(255 * Math.min(Math.max(x, 0), 1)));
    const words = escapeHtml(sentence(label));
    const room = Math.max(across * scale, label === "" ? 0 : NARROWEST);
    widest = Math.max(widest, room);
    const below = `<figcaption style="font-size:12px;line-height:1.25">${words}</figcaption>`;
    return (
      `<figure style="margin:0 ${GAP}px 8px 0;width:${room}px">` +
      `<img alt="${words || `picture ${i + 1}`}" src="${rgbPng(bytes, across, down)}" width="${across * scale}" ` +
      `height="${down * scale}" style="image-rendering:pixelated">` +
      `${label === "" ? "" : below}</figure>`
    );
  });
  const below = caption === undefined ? "" : captionHtml(sentence(caption));
  const limit = columns === undefined ? "" : `;max-width:${columns * (widest + GAP)}px`;
  const markup = `<div style="display:flex;flex-wrap:wrap${limit}">${figures.join("")}</div>${below}`;
  const plain = list
    .filter(({ label }) => label !== "")
    .map(({ label }) => `[picture: ${sentence(label)}]`)
    .join("\n");
  show({
    "text/html": inLine(markup),
    "text/plain": `${count(list.length, "picture")}\n${plain}${caption ? `\n${caption}` : ""}`,
  });
}
