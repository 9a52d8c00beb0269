// Text out of a PDF, by Mozilla's pdf.js in the package unpdf. A PDF says which characters stand
// where on a page, not what they mean: headings, columns and tables are lost, and a file whose
// letters are pictures, or whose fonts do not say which character a shape is, has no text at all.
// Left out: reading pictures, and joining words that are hyphenated at the end of a line.

/** The text of a PDF, page by page. */
export interface PdfText {
  pages: string[];
  /** The same with a heading before each page, "# Page 3", so that what is found can be looked up. */
  text: string;
}

const CJK = "[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]";
/** A line break within Chinese or Japanese stands where a space never would. */
const brokenLine = new RegExp(`(?<=${CJK})\\n(?=${CJK})`, "gu");

export interface PdfOptions {
  /** Takes out the line breaks within Chinese and Japanese, which cut words in two; true. */
  joinLines?: boolean;
}

/**
 * Pages put together. A line of a page that begins with #, such as a comment of a program, gets a space
 * before it, or it would be taken for a heading and hide that of the page.
 * @example pagesText(["自然\n语言", "# x"]).text // "# Page 1\n\n自然语言\n\n# Page 2\n\n # x"
 */
export function pagesText(
  printed: readonly string[],
  { joinLines = true }: PdfOptions = {},
): PdfText {
  const pages = printed.map((page) => (joinLines ? page.replace(brokenLine, "") : page));
  const shown = pages.map((page) => page.replace(/^(?=#{1,6}\s)/gm, " "));
  return { pages, text: shown.map((page, i) => `# Page ${i + 1}\n\n${page}`).join("\n\n") };
}

/**
 * Reads a PDF.
 * @param bytes the file
 * @throws if it is no PDF, or has no text in it
 */
export async function readPdf(bytes: Uint8Array, options: PdfOptions = {}): Promise<PdfText> {
  const { extractText, getDocumentProxy } = await import("unpdf");
  // pdf.js takes the buffer away, so it gets a copy
  const file = await getDocumentProxy(Uint8Array.from(bytes)).catch((error: Error) => {
    throw new Error(`readPdf: expected a PDF, got ${error.message}`);
  });
  const { text: pages } = await extractText(file, { mergePages: false });
  const letters = pages.join("").match(/[\p{L}\p{N}]/gu)?.length ?? 0;
  if (letters < 20 * pages.length)
    throw new Error(
      `readPdf: expected text, got ${letters} letters on ${pages.length} pages; the pages may be ` +
        "pictures, or their fonts may not say which letters they show",
    );
  return pagesText(pages, options);
}
