// Vectors and their nearest neighbours, looked for exactly: every one is compared. For ten thousand
// vectors of 384 numbers that is four million multiplications, a few milliseconds.
import type { Hit } from "./bm25";

/** A vector of length 1 in the same direction; zeros stay zeros. */
export function normalised(vector: ArrayLike<number>): Float32Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i] ** 2;
  const scale = sum > 0 ? 1 / Math.sqrt(sum) : 0;
  return Float32Array.from(vector, (x) => x * scale);
}

/** What finds neighbours: exactly (`VectorStore`), or nearly always (`Hnsw`). */
export interface VectorIndex {
  readonly dimensions: number;
  readonly size: number;
  /** @throws for another number of dimensions, a number that is none, or an id that is there */
  add(id: string, vector: ArrayLike<number>): void;
  /** @throws for an id that is not there */
  remove(id: string): void;
  /** The k most similar by cosine, the most similar first. */
  search(query: ArrayLike<number>, k?: number): Hit[];
}

/** @throws unless it has so many numbers, all of them finite */
export function checkVector(where: string, vector: ArrayLike<number>, dimensions: number): void {
  if (vector.length !== dimensions)
    throw new Error(`${where}: expected ${dimensions} numbers, got ${vector.length}`);
  for (let i = 0; i < dimensions; i++)
    if (!Number.isFinite(vector[i]))
      throw new Error(`${where}: expected numbers, got ${vector[i]} at place ${i}`);
}

/** All vectors, compared one by one. */
export class VectorStore implements VectorIndex {
  private readonly vectors = new Map<string, Float32Array>();

  constructor(readonly dimensions: number) {}

  get size(): number {
    return this.vectors.size;
  }

  add(id: string, vector: ArrayLike<number>): void {
    checkVector("VectorStore.add", vector, this.dimensions);
    if (this.vectors.has(id))
      throw new Error(`VectorStore.add: expected a new id, got ${id} again`);
    this.vectors.set(id, normalised(vector));
  }

  remove(id: string): void {
    if (!this.vectors.delete(id))
      throw new Error(`VectorStore.remove: expected a known id, got ${id}`);
  }

  search(query: ArrayLike<number>, k = 10): Hit[] {
    checkVector("VectorStore.search", query, this.dimensions);
    const wanted = normalised(query);
    const best: Hit[] = []; // sorting all of them would take several times as long as comparing them
    for (const [id, vector] of this.vectors) {
      const score = dot(wanted, vector);
      if (best.length >= k && !(score > (best.at(-1)?.score ?? Number.POSITIVE_INFINITY))) continue;
      let at = best.length;
      while (at > 0 && best[at - 1].score < score) at--; // behind its equals, which came before it
      best.splice(at, 0, { id, score });
      if (best.length > k) best.pop();
    }
    return best;
  }
}

/** Of two vectors of one length. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
