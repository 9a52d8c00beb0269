// What flows through the pipeline: one text at a time, with the place it comes from. A step is an
// async generator that takes documents and gives documents. The next one is only read when the last
// one has gone all the way, so memory holds one document, however large the files are.

/** One text: a page, an article, a book, or a part of a text that is too long for one document. */
export interface Document {
  /** The file it comes from, as it was named. */
  source: string;
  /** Its number among the documents of that file, from 0. */
  record: number;
  /** Parts of one text have the number of the first part here; other documents have their own. */
  first: number;
  text: string;
}

/** Documents, however they come. */
export type Documents = AsyncIterable<Document> | Iterable<Document>;

/** Something that could not be read. The rest goes on. */
export interface Problem {
  source: string;
  /** "line 7", where only a part of the file is bad; the whole file was left out if undefined. */
  where?: string;
  why: string;
}

/** Told about what could not be read. */
export type OnProblem = (problem: Problem) => void;

/** Told about a document that a step leaves out: which rule, and what it found. */
export type OnDrop = (document: Document, rule: string, why: string) => void;

/**
 * A step that changes texts one by one, such as `normalise`.
 *
 *     for await (const document of mapped(collect(files), (text) => normalise(text))) …
 */
export async function* mapped(
  documents: Documents,
  change: (text: string) => string,
): AsyncGenerator<Document, void, void> {
  for await (const document of documents) yield { ...document, text: change(document.text) };
}
