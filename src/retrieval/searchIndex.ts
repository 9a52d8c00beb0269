// Documents that can be searched: cut into chunks, found by words (BM25), by vectors, or by both. A
// document can be put in, replaced and taken out, and the whole lies in one file, which is written
// whole or not at all. Left out: several processes that write one index, and documents too many for
// memory.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { writeAtomically } from "../files";
import type { Embedder } from "../languageModel";
import { Bm25, type Hit } from "./bm25";
import { type Chunk, chunkText, structureChunks } from "./chunks";
import { reciprocalRankFusion } from "./fusion";
import { searchTerms } from "./terms";
import { type VectorIndex, VectorStore } from "./vectors";

/** By words, by vectors, or by both lists fused. */
export type SearchMethod = "words" | "vectors" | "hybrid";

export interface SearchIndexOptions {
  /** Makes vectors; without one, texts are found by words alone. */
  embedder?: Embedder;
  /** How documents are cut; along their headings if absent. */
  chunk?: (document: string, text: string) => Chunk[];
  /** What finds vectors: exactly (`VectorStore`) if absent. */
  vectors?: (dimensions: number) => VectorIndex;
}

export interface SearchOptions {
  /** At most so many; 5. */
  k?: number;
  /** "hybrid" where there is an embedder, else "words". */
  method?: SearchMethod;
}

/** A piece that was found. */
export interface FoundChunk extends Chunk {
  score: number;
}

/** How many of each list are fused. */
const DEPTH = 50;
const FORMAT = "llm-from-scratch-ts search index 1";

interface Kept {
  digest: string;
  chunks: Chunk[];
  vectors?: Float32Array[];
}

/** Searchable documents. */
export class SearchIndex {
  private readonly documents = new Map<string, Kept>();
  private readonly chunks = new Map<string, Chunk>();
  private readonly words = new Bm25();
  private readonly vectors?: VectorIndex;

  constructor(private readonly options: SearchIndexOptions = {}) {
    const { embedder, vectors = (n) => new VectorStore(n) } = options;
    if (embedder) this.vectors = vectors(embedder.dimensions);
  }

  /** The names of the documents, in the order in which they came. */
  get names(): string[] {
    return [...this.documents.keys()];
  }

  /** How many pieces can be found. */
  get size(): number {
    return this.chunks.size;
  }

  /** A piece by its id. */
  chunk(id: string): Chunk | undefined {
    return this.chunks.get(id);
  }

  /**
   * Puts a document in, in place of the one of this name if there is one. If its text is the one that is
   * there, nothing is done.
   * @returns how many pieces are new
   * @throws if the embedder fails; then the index is as it was
   */
  async put(document: string, text: string): Promise<number> {
    const digest = createHash("sha256").update(text).digest("hex");
    if (this.documents.get(document)?.digest === digest) return 0;
    const { chunk = structureChunks, embedder } = this.options;
    const chunks = chunk(document, text);
    const embeddings = await embedder?.embed(chunks.map(chunkText));
    // nothing has been changed until here, so that a failure leaves the index whole
    if (this.documents.has(document)) this.remove(document);
    this.take(document, { digest, chunks, vectors: embeddings?.map(({ vector }) => vector) });
    return chunks.length;
  }

  /** Takes a document out. @throws if there is none of this name */
  remove(document: string): void {
    const kept = this.documents.get(document);
    if (!kept) throw new Error(`SearchIndex.remove: expected a known document, got ${document}`);
    this.documents.delete(document);
    for (const chunk of kept.chunks) {
      this.chunks.delete(chunk.id);
      this.words.remove(chunk.id, searchTerms(chunkText(chunk)));
      this.vectors?.remove(chunk.id);
    }
  }

  /**
   * The pieces that fit a question best.
   * @throws for vectors where there is no embedder
   */
  async search(question: string, { k = 5, method }: SearchOptions = {}): Promise<FoundChunk[]> {
    const wanted = method ?? (this.options.embedder ? "hybrid" : "words");
    const hits =
      wanted === "words"
        ? this.byWords(question, k)
        : wanted === "vectors"
          ? await this.byVectors(question, k)
          : reciprocalRankFusion([
              this.byWords(question, DEPTH),
              await this.byVectors(question, DEPTH),
            ]).slice(0, k);
    return hits.map(({ id, score }) => ({ ...(this.chunks.get(id) as Chunk), score }));
  }

  /** Writes everything into one file. @throws if it cannot be written; an older one stays then */
  save(file: string): void {
    const documents = [...this.documents].map(([name, { digest, chunks, vectors }]) => ({
      ...{ name, digest, chunks },
      vectors: vectors?.map((vector) => base64Of(vector)),
    }));
    const { embedder } = this.options;
    const about = { format: FORMAT, embedder: embedder?.name, dimensions: embedder?.dimensions };
    writeAtomically(file, [JSON.stringify({ ...about, documents })]);
  }

  /**
   * Reads what `save` wrote.
   * @param options the same as when it was made
   * @throws if the file is damaged, or its vectors are another embedder's
   */
  static load(file: string, options: SearchIndexOptions = {}): SearchIndex {
    const index = new SearchIndex(options);
    const { format, embedder, documents } = parsed(file);
    if (format !== FORMAT) throw new Error(`SearchIndex.load: ${file}: expected a search index`);
    if (embedder !== options.embedder?.name)
      throw new Error(
        `SearchIndex.load: ${file}: expected vectors of ${options.embedder?.name ?? "no embedder"}, ` +
          `got those of ${embedder ?? "none"}`,
      );
    for (const { name, digest, chunks, vectors } of documents)
      index.take(name, { digest, chunks, vectors: vectors?.map(vectorOf) });
    return index;
  }

  private take(document: string, kept: Kept): void {
    this.documents.set(document, kept);
    for (const [i, chunk] of kept.chunks.entries()) {
      this.chunks.set(chunk.id, chunk);
      this.words.add(chunk.id, searchTerms(chunkText(chunk)));
      const vector = kept.vectors?.[i];
      if (vector) this.vectors?.add(chunk.id, vector);
    }
  }

  private byWords(question: string, k: number): Hit[] {
    return this.words.search(searchTerms(question), k);
  }

  private async byVectors(question: string, k: number): Promise<Hit[]> {
    const { embedder } = this.options;
    if (!embedder || !this.vectors)
      throw new Error("SearchIndex.search: expected an embedder for a search by vectors, got none");
    const [{ vector }] = await embedder.embed([question]);
    return this.vectors.search(vector, k);
  }
}

interface Saved {
  format: string;
  embedder?: string;
  documents: { name: string; digest: string; chunks: Chunk[]; vectors?: string[] }[];
}

function parsed(file: string): Saved {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Saved;
  } catch (error) {
    throw new Error(`SearchIndex.load: ${file}: ${(error as Error).message}`);
  }
}

const base64Of = (vector: Float32Array) =>
  Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");

function vectorOf(text: string): Float32Array {
  const bytes = Buffer.from(text, "base64");
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}
