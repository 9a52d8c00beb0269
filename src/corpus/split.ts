// Which documents a model learns from, and which it is measured on. Documents that repeat each other
// and parts of one text are a group, and a group is on one side: a model that has learned the
// near copy of a test text by heart would score well for the wrong reason.

import { hashOf } from "./minHash";

/** Groups of documents, joined pair by pair (Tarjan, 1975: union by the smaller root, halved paths). */
export class Groups {
  private readonly parent: Uint32Array;

  /** @param count documents 0 … count − 1, each a group of its own */
  constructor(count: number) {
    this.parent = Uint32Array.from({ length: count }, (_, i) => i);
  }

  /** The first document of the group that `document` is in. */
  firstOf(document: number): number {
    const { parent } = this;
    while (parent[document] !== document) {
      parent[document] = parent[parent[document]];
      document = parent[document];
    }
    return document;
  }

  /** Makes one group of the groups of two documents. */
  join(a: number, b: number): void {
    const [one, other] = [this.firstOf(a), this.firstOf(b)];
    this.parent[Math.max(one, other)] = Math.min(one, other);
  }
}

/** The two sides. */
export type Side = "train" | "val";

/**
 * The side of a group, by a hash of what identifies it: the choice looks random, and is the same
 * again when documents are added later or the files come in another order.
 *
 * @param key of the group: its first document's digest, in words
 * @param val which share of the groups is held out, from 0 to 1
 */
export function sideOf(key: string, { val, seed }: { val: number; seed: number }): Side {
  if (!(val >= 0 && val < 1))
    throw new Error(`sideOf: expected a share of at least 0 and below 1, got ${val}`);
  return hashOf(`${seed}:${key}`) / 2 ** 32 < val ? "val" : "train";
}
