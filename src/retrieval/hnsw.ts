/**
 * HNSW, hierarchical navigable small worlds (Malkov & Yashunin, 2016/2018, "Efficient and robust
 * approximate nearest neighbor search using Hierarchical Navigable Small World graphs"): every vector is
 * a node with links to a few near ones; a search walks from node to node, always towards the query.
 * Few nodes also stand in upper layers, where links are long, so that the walk begins with large steps.
 *
 * Algorithms 1, 2, 4 and 5 of the paper: insertion, the search in a layer with a list of `ef`
 * candidates, the choice of neighbours that are not all in one direction. A removed node stays as a
 * way for others and is no longer given. Left out: giving its memory back, and several threads.
 */
import { Random } from "../random";
import type { Hit } from "./bm25";
import { checkVector, dot, normalised, type VectorIndex } from "./vectors";

export interface HnswOptions {
  /** M: links of a node in each layer, twice as many in the lowest; 16. */
  links?: number;
  /** efConstruction: candidates while inserting; 200. */
  build?: number;
  /** ef: candidates while searching; more find more and take longer; 64. */
  ef?: number;
  seed?: number;
}

interface Node {
  id: string;
  vector: Float32Array;
  /** Neighbours by layer, from the lowest. */
  links: number[][];
  removed: boolean;
}

/** A node, and how similar it is to what is looked for. */
type Near = { node: number; score: number };

/** Approximate nearest neighbours by cosine. */
export class Hnsw implements VectorIndex {
  /** How many similarities have been computed: what a search costs. */
  compared = 0;
  ef: number;
  private readonly nodes: Node[] = [];
  private readonly byId = new Map<string, number>();
  private readonly rng: Random;
  private readonly links: number;
  private readonly build: number;
  /** Where every walk begins: a node of the topmost layer. */
  private entry = -1;

  /** @throws if an option makes no sense */
  constructor(
    readonly dimensions: number,
    { links = 16, build = 200, ef = 64, seed = 0 }: HnswOptions = {},
  ) {
    for (const [name, value] of Object.entries({ links, build, ef }))
      if (!(Number.isInteger(value) && value >= (name === "links" ? 2 : 1)))
        throw new Error(`Hnsw: expected ${name} of 1 or more (links of 2), got ${value}`);
    this.links = links;
    this.build = build;
    this.ef = ef;
    this.rng = new Random(seed);
  }

  get size(): number {
    return this.byId.size;
  }

  /** How many layers there are. */
  get layers(): number {
    return this.entry < 0 ? 0 : this.nodes[this.entry].links.length;
  }

  add(id: string, vector: ArrayLike<number>): void {
    checkVector("Hnsw.add", vector, this.dimensions);
    if (this.byId.has(id)) throw new Error(`Hnsw.add: expected a new id, got ${id} again`);
    // the layer is drawn: each has 1/M of the nodes of the one below
    const top = Math.floor(-Math.log(1 - this.rng.uniform()) / Math.log(this.links));
    const links = Array.from({ length: top + 1 }, () => [] as number[]);
    const node = this.nodes.length;
    this.nodes.push({ id, vector: normalised(vector), links, removed: false });
    this.byId.set(id, node);
    if (this.entry < 0) {
      this.entry = node;
      return;
    }
    const { vector: wanted } = this.nodes[node];
    let start = this.descend(wanted, top);
    for (let layer = Math.min(top, this.layers - 1); layer >= 0; layer--) {
      const found = this.searchLayer(wanted, start, { ef: this.build, layer });
      for (const near of this.chosen(found, this.links)) this.connect(node, near.node, layer);
      start = found.map((near) => near.node);
    }
    if (top >= this.layers) this.entry = node;
  }

  remove(id: string): void {
    const node = this.byId.get(id);
    if (node === undefined) throw new Error(`Hnsw.remove: expected a known id, got ${id}`);
    this.byId.delete(id);
    this.nodes[node].removed = true;
  }

  search(query: ArrayLike<number>, k = 10): Hit[] {
    checkVector("Hnsw.search", query, this.dimensions);
    if (this.entry < 0) return [];
    const wanted = normalised(query);
    const start = this.descend(wanted, 0);
    const found = this.searchLayer(wanted, start, { ef: Math.max(this.ef, k), layer: 0 });
    return found
      .filter(({ node }) => !this.nodes[node].removed)
      .slice(0, k)
      .map(({ node, score }) => ({ id: this.nodes[node].id, score }));
  }

  /** Walks down to above a layer, each time to the most similar node. */
  private descend(wanted: Float32Array, to: number): number[] {
    let start = [this.entry];
    for (let layer = this.layers - 1; layer > to; layer--)
      start = [this.searchLayer(wanted, start, { ef: 1, layer })[0].node];
    return start;
  }

  /**
   * The `ef` most similar nodes of a layer that a walk finds, the most similar first. It goes on
   * from the best node that it has not been at, and ends when that is worse than the worst that it
   * keeps. Removed nodes do not use up the places of others.
   */
  private searchLayer(
    wanted: Float32Array,
    start: readonly number[],
    { ef, layer }: { ef: number; layer: number },
  ): Near[] {
    const seen = new Set(start);
    const scored = (node: number): Near => {
      this.compared++;
      return { node, score: dot(wanted, this.nodes[node].vector) };
    };
    const open = start.map(scored).sort(byScore);
    const found = [...open].slice(0, ef);
    let living = found.filter(({ node }) => !this.nodes[node].removed).length;
    while (open.length > 0) {
      const best = open.shift() as Near;
      if (living >= ef && best.score < found[found.length - 1].score) break;
      for (const node of this.nodes[best.node].links[layer] ?? []) {
        if (seen.has(node)) continue;
        seen.add(node);
        const near = scored(node);
        if (living >= ef && near.score <= found[found.length - 1].score) continue;
        insert(open, near);
        insert(found, near);
        if (!this.nodes[node].removed) living++;
        while (living > ef) {
          const { node: worst } = found.pop() as Near;
          if (!this.nodes[worst].removed) living--;
        }
      }
    }
    return found;
  }

  /**
   * The neighbours that a node is linked to: the nearest first, but none that is nearer to one chosen
   * before than to the node itself, so that links lead in different directions (algorithm 4).
   */
  private chosen(candidates: readonly Near[], most: number): Near[] {
    const kept: Near[] = [];
    for (const candidate of candidates) {
      if (kept.length === most) break;
      const { vector } = this.nodes[candidate.node];
      const isNew = kept.every(({ node }) => {
        this.compared++;
        return dot(vector, this.nodes[node].vector) <= candidate.score;
      });
      if (isNew) kept.push(candidate);
    }
    for (const candidate of candidates) // what is left fills the places
      if (kept.length < most && !kept.includes(candidate)) kept.push(candidate);
    return kept;
  }

  /** Links two nodes; one that has too many links keeps a choice of them. */
  private connect(a: number, b: number, layer: number): void {
    const most = layer === 0 ? 2 * this.links : this.links;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      const list = this.nodes[from].links[layer];
      list.push(to);
      if (list.length <= most) continue;
      const { vector } = this.nodes[from];
      const near = list.map((node) => ({ node, score: dot(vector, this.nodes[node].vector) }));
      this.compared += near.length;
      this.nodes[from].links[layer] = this.chosen(near.sort(byScore), most).map(({ node }) => node);
    }
  }
}

const byScore = (a: Near, b: Near) => b.score - a.score;

/** Puts one into a list that is in order, behind its equals. */
function insert(list: Near[], near: Near): void {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle].score >= near.score) low = middle + 1;
    else high = middle;
  }
  list.splice(low, 0, near);
}
