// Text out of a PDF, by Mozilla's pdf.js in the package unpdf. A PDF says which characters stand
// where on a page, not what they mean: headings, columns and tables are lost, and a file whose
// letters are pictures, or whose fonts do not say which character a shape is, has no text at all.
// Left out: reading pictures.

/** The text of a PDF, page by page. */
export interface PdfText {
  pages: string[];
  /** The same with a heading before each page, "# Page 3", so that what is found can be looked up. */
  text: string;
}

/**
 * Reads a PDF.
 * @param bytes the file
 * @throws if it is no PDF, or has no text in it
 */
export async function readPdf(bytes: Uint8Array): Promise<PdfText> {
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
  const text = pages.map((page, i) => `# Page ${i + 1}\n\n${page}`).join("\n\n");
  return { pages, text };
}
