// Documents in pieces that can be found: an answer stands in a few sentences, and a vector or a model's
// context has room for a few hundred words. Three ways to cut: every so many characters, with an
// overlap; whole sentences; and along the document's own structure, its headings. Left out: cutting
// where the meaning changes, and chunks of several sizes at once.

/** A piece of a document. */
export interface Chunk {
  /** "document#3": the document's name and the number of the piece. */
  id: string;
  document: string;
  /** The headings above it, from the outermost, if it was cut along them. */
  headings: string[];
  text: string;
  /** Where it stands in the document: characters start to end − 1. */
  start: number;
  end: number;
}

export interface ChunkOptions {
  /** The longest piece in characters; 800. */
  size?: number;
  /** So many characters of a piece stand in the next one again; 0. */
  overlap?: number;
}

type Span = { start: number; end: number; headings?: string[] };

/** @throws unless 0 ≤ overlap < size */
function checked({ size = 800, overlap = 0 }: ChunkOptions): Required<ChunkOptions> {
  if (!(Number.isInteger(size) && size >= 1))
    throw new Error(`chunks: expected a size of 1 or more, got ${size}`);
  if (!(Number.isInteger(overlap) && overlap >= 0 && overlap < size))
    throw new Error(`chunks: expected an overlap from 0 to ${size - 1}, got ${overlap}`);
  return { size, overlap };
}

/** Pieces without the white space around them; empty ones are left out. */
function piecesOf(document: string, text: string, spans: readonly Span[]): Chunk[] {
  const trimmed = spans.flatMap(({ start, end, headings = [] }) => {
    const piece = text.slice(start, end);
    const [from, to] = [
      start + piece.length - piece.trimStart().length,
      start + piece.trimEnd().length,
    ];
    return from < to ? [{ start: from, end: to, headings }] : [];
  });
  return trimmed.map(({ start, end, headings }, i) => ({
    ...{ id: `${document}#${i}`, document, headings, text: text.slice(start, end), start, end },
  }));
}

/**
 * Pieces of `size` characters, each beginning `size − overlap` after the one before. Words may be cut,
 * characters of two units (emoji) are not.
 */
export function fixedChunks(document: string, text: string, options: ChunkOptions = {}): Chunk[] {
  const { size, overlap } = checked(options);
  const spans: Span[] = [];
  for (let start = 0; start < text.length; start += size - overlap) {
    const end = Math.min(start + size, text.length);
    spans.push({ start: inCharacter(text, start), end: inCharacter(text, end) });
    if (end === text.length) break;
  }
  return piecesOf(document, text, spans);
}

/** A place that is not between the halves of a character. */
const inCharacter = (text: string, at: number): number =>
  /[\udc00-\udfff]/.test(text[at] ?? "") && /[\ud800-\udbff]/.test(text[at - 1] ?? "")
    ? at - 1
    : at;

const sentences = new Intl.Segmenter("en", { granularity: "sentence" });

/** Where the sentences of a part of a text are; empty lines end one, too. */
export function sentenceSpans(text: string, from = 0, to = text.length): Span[] {
  const spans: Span[] = [];
  for (const { segment, index } of sentences.segment(text.slice(from, to))) {
    let start = from + index;
    for (const part of segment.split(/(?<=\n\s*\n)/)) {
      spans.push({ start, end: start + part.length });
      start += part.length;
    }
  }
  return spans;
}

/**
 * Whole sentences, as many as fit into `size` characters; a longer sentence is cut. With an overlap, a
 * piece begins with the last sentences of the one before, as many as fit into it.
 */
export const sentenceChunks = (
  document: string,
  text: string,
  options: ChunkOptions = {},
): Chunk[] => {
  const sizes = checked(options);
  return piecesOf(document, text, packed(sentenceSpans(text).flatMap(cutTo(sizes)), sizes));
};

/** Long spans in pieces of the greatest length. */
const cutTo =
  ({ size }: Required<ChunkOptions>) =>
  ({ start, end }: Span): Span[] =>
    Array.from({ length: Math.ceil((end - start) / size) }, (_, i) => ({
      start: start + i * size,
      end: Math.min(end, start + (i + 1) * size),
    }));

/** Neighbouring spans put together until they are as long as they may be. */
function packed(parts: readonly Span[], { size, overlap }: Required<ChunkOptions>): Span[] {
  const spans: Span[] = [];
  let [first, i] = [0, 0];
  while (i < parts.length) {
    while (i < parts.length && parts[i].end - parts[first].start <= size) i++;
    spans.push({ start: parts[first].start, end: parts[i - 1].end });
    if (i === parts.length) break;
    // the next one begins with what of this one fits into the overlap, and must get further than this
    let next = i;
    while (next - 1 > first && parts[i - 1].end - parts[next - 1].start <= overlap) next--;
    while (next < i && parts[i].end - parts[next].start > size) next++;
    first = next;
  }
  return spans;
}

/**
 * Pieces along the headings of Markdown: a section belongs together, with the headings above it; where
 * it is longer than `size`, it is cut into whole sentences. Headings within code blocks are none.
 */
export function structureChunks(
  document: string,
  text: string,
  options: ChunkOptions = {},
): Chunk[] {
  const sizes = checked(options);
  const spans = sections(text).flatMap(({ start, end, headings }) => {
    const parts = sentenceSpans(text, start, end).flatMap(cutTo(sizes));
    return packed(parts, sizes).map((span) => ({ ...span, headings }));
  });
  return piecesOf(document, text, spans);
}

/** What stands between two headings, without them. */
function sections(text: string): Required<Span>[] {
  const all: Required<Span>[] = [];
  let headings: { level: number; title: string }[] = [];
  let [start, at, isCode] = [0, 0, false];
  const close = (end: number) =>
    all.push({ start, end, headings: headings.map(({ title }) => title) });
  for (const line of text.split(/(?<=\n)/)) {
    if (/^\s*(```|~~~)/.test(line)) isCode = !isCode;
    const found = isCode ? undefined : /^(#{1,6})\s+(.+?)\s*#*\s*$/.exec(line);
    if (found) {
      close(at);
      const level = found[1].length;
      headings = [...headings.filter((one) => one.level < level), { level, title: found[2] }];
      start = at + line.length;
    }
    at += line.length;
  }
  close(text.length);
  return all;
}

/** A piece as it is read by a model: its headings above it, so that it says what it is about. */
export const chunkText = ({ headings, text }: Chunk): string =>
  headings.length > 0 ? `${headings.join(" › ")}\n${text}` : text;
