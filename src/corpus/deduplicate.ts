// Documents that have been there before. Exact copies are found by a digest, near ones by MinHash
// and LSH; every candidate is then compared, shingle by shingle, so that what is called a near
// duplicate has a Jaccard similarity of at least the threshold. What can go wrong is only that a
// pair is never compared: at J = 0.8 that happens to 2 pairs in 1,000 (lsh.ts).

import { DigestMap, digestOf } from "./digests";
import type { Document, Documents, OnDrop } from "./document";
import { BANDS, type Bands, LshIndex } from "./lsh";
import { jaccardOfSorted, MinHasher, SHINGLE, shingleHashes } from "./minHash";

/** Options of Deduplicator. */
export interface DeduplicatorOptions {
  /** From this Jaccard similarity on, two documents are near duplicates; default 0.8. */
  threshold?: number;
  /** Words in a shingle; default 5. */
  shingle?: number;
  bands?: Bands;
  seed?: number;
  /**
   * The text of a document that was added. Unless given, the shingles of all documents are kept in
   * memory; with it they are made again for each comparison.
   */
  textOf?: (document: number) => string;
}

/** What is known of a text before it is added. */
export interface Examined {
  digest: Uint32Array;
  signature: Uint32Array;
  /** The document that is equal to it. */
  exact: number | undefined;
  /** Documents with at least the threshold's similarity, in ascending order. */
  near: { document: number; similarity: number }[];
}

/** Remembers documents by number and finds those that a text repeats. */
export class Deduplicator {
  readonly threshold: number;
  private readonly shingle: number;
  private readonly digests = new DigestMap();
  private readonly hasher: MinHasher;
  private readonly index: LshIndex;
  private readonly textOf: ((document: number) => string) | undefined;
  private readonly kept = new Map<number, Uint32Array>();

  constructor({
    threshold = 0.8,
    shingle = SHINGLE,
    bands = BANDS,
    seed = 1,
    textOf,
  }: DeduplicatorOptions = {}) {
    if (!(threshold > 0 && threshold <= 1))
      throw new Error(`Deduplicator: expected a threshold above 0, up to 1, got ${threshold}`);
    this.threshold = threshold;
    this.shingle = shingle;
    this.hasher = new MinHasher(bands.bands * bands.rows, seed);
    this.index = new LshIndex(bands);
    this.textOf = textOf;
  }

  /** Looks a text up; near duplicates are not looked for where there is an equal one. */
  examine(text: string): Examined {
    const digest = digestOf(text);
    const exact = this.digests.get(digest);
    const shingles = shingleHashes(text, this.shingle);
    const signature = this.hasher.signature(shingles);
    const near: Examined["near"] = [];
    if (exact === undefined)
      for (const document of this.index.candidates(signature)) {
        const similarity = jaccardOfSorted(shingles, this.shinglesOf(document));
        if (similarity >= this.threshold) near.push({ document, similarity });
      }
    return { digest, signature, exact, near };
  }

  /** Remembers a document; `text` may be left out where `textOf` gives it. */
  add(
    document: number,
    { digest, signature }: Pick<Examined, "digest" | "signature">,
    text?: string,
  ) {
    this.digests.add(digest, document);
    this.index.add(document, signature);
    if (this.textOf === undefined) this.kept.set(document, shingleHashes(text!, this.shingle));
  }

  private shinglesOf(document: number): Uint32Array {
    return this.kept.get(document) ?? shingleHashes(this.textOf!(document), this.shingle);
  }
}

/** A document that a step has examined. */
export interface ExaminedDocument extends Document {
  examined: Examined;
}

/** What is left out: copies, also near ones, or nothing. */
export type DuplicateMode = "near" | "exact" | "none";

/**
 * The step of the pipeline: of documents that repeat each other the first one stays. They are
 * numbered 0, 1, … in the order in which they leave this step.
 *
 * @param options.mode "exact" keeps near duplicates, "none" keeps all; they are still found, so that
 *   a split can keep them together
 * @param options.deduplicator with what it knows from earlier documents
 * @param options.next the number of the next document
 */
export async function* deduplicated(
  documents: Documents,
  {
    deduplicator = new Deduplicator(),
    mode = "near",
    next = 0,
    onDrop = () => {},
  }: {
    deduplicator?: Deduplicator;
    mode?: DuplicateMode;
    next?: number;
    onDrop?: OnDrop;
  } = {},
): AsyncGenerator<ExaminedDocument, void, void> {
  for await (const document of documents) {
    const examined = deduplicator.examine(document.text);
    const { exact, near } = examined;
    if (exact !== undefined && mode !== "none")
      onDrop(document, "exact duplicate", `equal to document ${exact}`);
    else if (near.length > 0 && mode === "near")
      onDrop(
        document,
        "near duplicate",
        `${near[0].similarity.toFixed(2)} of document ${near[0].document}`,
      );
    else {
      deduplicator.add(next++, examined, document.text);
      yield { ...document, examined };
    }
  }
}
