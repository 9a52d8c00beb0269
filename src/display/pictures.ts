// Small colour pictures side by side, enlarged so that every pixel can be seen, each with its words.
import { count, sentence } from "./label";
import { show } from "./output";
import { rgbPng } from "./png";
import { captionHtml, escapeHtml, inLine } from "./xml";

/** A picture of width · height pixels. */
export interface Picture {
  /** Red, green, blue of each pixel, 0 to 1, row by row; what is outside is cut off. */
  pixels: ArrayLike<number>;
  /** Stands under it, and is its alternative text. */
  label: string;
}

export interface PicturesOptions {
  /** Pixels in a row; pictures are square if absent. */
  width?: number;
  /** How large one pixel is drawn; 5 if absent. */
  scale?: number;
  caption?: string;
}

const MOST = 60;

/**
 * Shows pictures.
 * @throws if a picture's numbers do not make whole rows, or there are none or too many pictures
 */
export function pictures(
  list: readonly Picture[],
  { width, scale = 5, caption }: PicturesOptions = {},
): void {
  if (list.length === 0 || list.length > MOST)
    throw new Error(`pictures: expected 1 to ${MOST} pictures, got ${list.length}`);
  const figures = list.map(({ pixels, label }) => {
    const across = width ?? Math.sqrt(pixels.length / 3);
    const down = pixels.length / 3 / across;
    if (!Number.isInteger(across) || !Number.isInteger(down) || down < 1)
      throw new Error(
        `pictures: expected whole rows of red, green and blue, got ${pixels.length} numbers`,
      );
    const bytes = Uint8Array.from(pixels, (x) => Math.round(255 * Math.min(Math.max(x, 0), 1)));
    const words = escapeHtml(sentence(label));
    return (
      `<figure style="margin:0 10px 8px 0;width:${Math.max(across * scale, 110)}px">` +
      `<img alt="${words}" src="${rgbPng(bytes, across, down)}" width="${across * scale}" ` +
      `height="${down * scale}" style="image-rendering:pixelated">` +
      `<figcaption style="font-size:12px;line-height:1.25">${words}</figcaption></figure>`
    );
  });
  const below = caption === undefined ? "" : captionHtml(sentence(caption));
  const markup = `<div style="display:flex;flex-wrap:wrap">${figures.join("")}</div>${below}`;
  const plain = list.map(({ label }) => `[picture: ${sentence(label)}]`).join("\n");
  show({
    "text/html": inLine(markup),
    "text/plain": `${count(list.length, "picture")}\n${plain}${caption ? `\n${caption}` : ""}`,
  });
}
