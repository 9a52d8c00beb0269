/**
 * A GPT that reads pieces of many texts in one step and keeps their keys and values in blocks: what an
 * inference engine (llm/inference) runs on. The same mathematics as llm/gpt, on plain memory in place of
 * tensors: weights are packed once (./weights), the cache is written where it lies, and a step is
 * about ten calls of kernels per layer.
 *
 * What a row gets depends on its own text alone, to the last bit: the kernels sum every number in one
 * order, whatever stands beside it and however the text was cut into pieces.
 *
 * Left out: experts, short convolutions, ALiBi and T5's positions, adapters that are not merged.
 * Letters: M rows (tokens) in a step, C channels, H heads of queries, G of keys and values, D width of a
 * head, F width inside the feed-forward network, B positions of a block, V vocabulary.
 */
import { KernelMemory, type KernelMemoryOptions, type RecordedCall } from "../engine";
import { type GPTConfig, headsOf, validateGPTConfig } from "../gpt";
import type { PagedModel, Piece } from "../inference";
import { ropeAttentionFactor, ropeFrequencies } from "../ops";
import type { Params } from "../params";
import { type OpenedGguf, openGguf } from "../pretrained";
import {
  multiply,
  type PackedMatrix,
  paddedRows,
  roundedBytes,
  unpackRow,
  type WeightFormat,
} from "./packing";
import {
  ggufSource,
  type PackedLayer,
  type PackedNorm,
  type PackedWeights,
  packWeights,
  paramsSource,
} from "./weights";

export interface PagedGPTOptions extends KernelMemoryOptions {
  /** How matrices are kept: that of the file, or floats, if absent. */
  format?: WeightFormat;
  /** B: positions of a block, 16 if absent. */
  blockTokens?: number;
  /** How many positions are kept in all blocks together; 8 windows if absent, but at most 4,096. */
  cacheTokens?: number;
  /** How many positions a text can have: the model's window if absent. */
  maxLength?: number;
  /** How many rows are computed at once, 64 if absent: longer steps are cut. */
  rowsAtOnce?: number;
}

/** How many rows of the head are computed at once. */
const HEAD_ROWS = 16;

/** Where everything is that changes in a step. */
interface Buffers {
  /** The residual stream (M, C), and the same after a norm. */
  x: number;
  normed: number;
  /** (M, (H + 2G) · D) */
  qkv: number;
  /** (M, H · D) */
  mixed: number;
  /** (M, F or 2F), and (M, F) behind a gate. */
  wide: number;
  bent: number;
  logits: number;
  /** Work space of products with whole numbers, and the scales of norms. */
  rounded: number;
  scales: number;
  /** Position and table address of each row, and the tables. */
  rows: number;
  tables: number;
}

/** A row of a step: which piece, and its number in it. */
interface Row {
  piece: Piece;
  i: number;
}

/** A step as calls of kernels, and byte offsets in their memory. */
export interface RecordedStep {
  calls: RecordedCall[];
  /** C floats: the token's vector. */
  x: number;
  /** Two whole numbers: position, and `tables`. */
  rows: number;
  tables: number;
  /** V floats. */
  logits: number;
}

/** A GPT with packed weights and a paged cache. */
export class PagedGPT implements PagedModel {
  readonly vocabSize: number;
  readonly maxLength: number;
  readonly blockTokens: number;
  readonly blocks: number;
  readonly window?: number;
  private readonly buffers: Buffers;
  /** Keys and values of each layer. */
  private readonly caches: { keys: number; values: number }[];
  private readonly rope?: { cos: number; sin: number };
  private readonly rowsAtOnce: number;
  private logits = new Float32Array(0);

  private constructor(
    /** The kernels' memory, for those who want to know how much there is. */
    readonly memory: KernelMemory,
    private readonly weights: PackedWeights,
    private readonly layers: readonly PackedLayer[],
    private readonly options: PagedGPTOptions,
  ) {
    const { config } = weights;
    const { blockTokens = 16, maxLength = config.blockSize, rowsAtOnce = 64 } = options;
    const { cacheTokens = Math.min(8 * config.blockSize, Math.max(4096, config.blockSize)) } =
      options;
    for (const [name, value] of Object.entries({ blockTokens, cacheTokens, maxLength, rowsAtOnce }))
      if (!Number.isInteger(value) || value < 1)
        throw new Error(`PagedGPT: expected ${name} of 1 or more, got ${value}`);
    if (weights.places && maxLength > config.blockSize)
      throw new Error(
        `PagedGPT: expected maxLength of at most ${config.blockSize}, for which there are learned ` +
          `positions, got ${maxLength}`,
      );
    this.vocabSize = config.vocabSize;
    this.maxLength = maxLength;
    this.blockTokens = blockTokens;
    this.blocks = Math.ceil(cacheTokens / blockTokens);
    this.window = config.window;
    this.rowsAtOnce = rowsAtOnce;
    this.caches = layers.map(() => this.newCache());
    this.rope = this.newRope();
    this.buffers = this.newBuffers();
  }

  /**
   * Packs parameters, which may be disposed of afterwards.
   * @throws where the model is made of parts that are not here, or memory is full
   */
  static async fromParams(
    params: Params,
    config: GPTConfig,
    options: PagedGPTOptions = {},
  ): Promise<PagedGPT> {
    validateGPTConfig(config);
    const memory = await KernelMemory.open(options);
    const weights = packWeights(memory, config, paramsSource(params, config), options.format);
    return new PagedGPT(memory, weights, weights.layers, options);
  }

  /**
   * Reads a GGUF file. Whole numbers of 4 and 8 bits stay what they are; other types become floats.
   * @param file its path, or what `openGguf` gave
   * @throws as `loadGguf` does, and as `fromParams`
   */
  static async fromGguf(
    file: string | OpenedGguf,
    options: PagedGPTOptions = {},
  ): Promise<PagedGPT> {
    const opened = typeof file === "string" ? openGguf(file) : file;
    const memory = await KernelMemory.open(options);
    const weights = packWeights(memory, opened.config, ggufSource(opened), options.format);
    return new PagedGPT(memory, weights, weights.layers, options);
  }

  /**
   * The model's first layers, with its last norm and its head: a faster, worse model with the same
   * vocabulary, as a draft for speculative decoding. It shares weights and memory, and has a cache of
   * its own.
   */
  firstLayers(count: number, options: Pick<PagedGPTOptions, "cacheTokens"> = {}): PagedGPT {
    if (!Number.isInteger(count) || count < 1 || count > this.layers.length)
      throw new Error(`firstLayers: expected 1 to ${this.layers.length} layers, got ${count}`);
    const { memory, weights, layers } = this;
    return new PagedGPT(memory, weights, layers.slice(0, count), { ...this.options, ...options });
  }

  /** The configuration of the model. */
  get config(): GPTConfig {
    return this.weights.config;
  }

  /** Bytes of all matrices, as they are packed. */
  get weightBytes(): number {
    const { tokens, head, places } = this.weights;
    const inLayers = this.layers.flatMap(({ qkv, out, wide, narrow }) => [qkv, out, wide, narrow]);
    const all = new Set([
      tokens,
      head,
      ...(places ? [places] : []),
      ...inLayers.map((l) => l.matrix),
    ]);
    return [...all].reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Bytes of keys and values of one block, all layers together. */
  get blockBytes(): number {
    const { K: G, D } = headsOf(this.config);
    return 2 * this.layers.length * this.blockTokens * G * D * 4;
  }

  step(pieces: readonly Piece[]): Float32Array {
    for (const piece of pieces) this.check(piece);
    const rows = pieces.flatMap((piece) => piece.ids.map((_, i): Row => ({ piece, i })));
    const wanted = rows.filter(isWanted).length;
    const V = this.vocabSize;
    if (this.logits.length < wanted * V) this.logits = new Float32Array(wanted * V);
    let done = 0;
    for (let from = 0; from < rows.length; from += this.rowsAtOnce)
      done += this.compute(rows.slice(from, from + this.rowsAtOnce), done);
    return this.logits.subarray(0, wanted * V);
  }

  copyBlock(from: number, to: number): void {
    for (const block of [from, to])
      if (!Number.isInteger(block) || block < 0 || block >= this.blocks)
        throw new Error(`copyBlock: expected a block from 0 to ${this.blocks - 1}, got ${block}`);
    const size = this.blockBytes / (2 * this.layers.length);
    for (const { keys, values } of this.caches)
      for (const at of [keys, values])
        this.memory.u8(at + to * size, size).set(this.memory.u8(at + from * size, size));
  }

  /**
   * The step of one token of one text, as calls of kernels that are the same at every position: before
   * them the token's vector is written at `x`, and its position at `rows`; after them the logits are
   * there. The text's table, in `tables`, says that block n is block n.
   * @throws where something is computed outside of the kernels: a cap of the logits, no norms
   */
  recordStep(): RecordedStep {
    const { memory, buffers, config, weights } = this;
    if (config.logitCap || config.norm === "none" || weights.embeddingNorm)
      throw new Error(
        "recordStep: expected a model without logitCap, with norms, and none over the embeddings",
      );
    const table = Array.from({ length: this.blocks }, (_, n) => n);
    const piece: Piece = { ids: [0], start: this.maxLength - 1, table, logits: "last" };
    this.check(piece);
    this.step([piece]); // work space is made now, so that nothing moves afterwards
    const calls = memory.recorded(() => this.compute([{ piece, i: 0 }], 0));
    // Only the last norm reads a copy, which no kernel makes: let it read x itself.
    const last = calls.findLast(([name]) => name === "rmsNorm" || name === "layerNorm");
    if (last) last[1] = buffers.x;
    return {
      calls,
      x: buffers.x,
      rows: buffers.rows,
      tables: buffers.tables,
      logits: buffers.logits,
    };
  }

  /** What a token's vector is at a position, before the first block: C numbers. */
  vectorOf(id: number, position: number): Float32Array {
    const { memory, weights, config } = this;
    const row = new Float32Array(config.nEmbd);
    unpackRow(memory, weights.tokens, id, row);
    if (!weights.places) return row;
    const place = new Float32Array(config.nEmbd);
    unpackRow(memory, weights.places, position, place);
    return row.map((x, c) => x + place[c]);
  }

  /** Ends the threads, if there are any. */
  close(): void {
    this.memory.close();
  }

  private newCache() {
    const { K: G, D } = headsOf(this.config);
    const bytes = this.blocks * this.blockTokens * G * D * 4;
    const alloc = () => this.memory.alloc(bytes, `keys or values of ${this.blocks} blocks`);
    return { keys: alloc(), values: alloc() };
  }

  /** Cosines and sines of every position. */
  private newRope() {
    const { family, position, ropeBase, ropeScaling } = this.config;
    if (family !== "llama" && position !== "rope") return undefined;
    const { D } = headsOf(this.config);
    if (ropeScaling?.type === "dynamic")
      throw new Error(
        "PagedGPT: expected angles that do not depend on the length of the text, as keys are kept " +
          "turned, got ropeScaling dynamic",
      );
    const frequencies = ropeFrequencies(D, ropeBase, ropeScaling);
    const factor = ropeAttentionFactor(ropeScaling);
    const h = D / 2;
    const [cos, sin] = ["cosines", "sines"].map((what) =>
      this.memory.alloc(4 * this.maxLength * h, `${what} of ${this.maxLength} positions`),
    );
    const [c, s] = [cos, sin].map((at) => this.memory.f32(at, this.maxLength * h));
    for (let p = 0; p < this.maxLength; p++)
      for (let i = 0; i < h; i++) {
        c[p * h + i] = factor * Math.cos(p * frequencies[i]);
        s[p * h + i] = factor * Math.sin(p * frequencies[i]);
      }
    return { cos, sin };
  }

  private newBuffers(): Buffers {
    const { config, inner: F, gated } = this.weights;
    const M = this.rowsAtOnce;
    const { H, D } = headsOf(config);
    const floats = (width: number, rows = M) =>
      this.memory.alloc(4 * rows * paddedRows(width), "the rows of a step");
    const widest = Math.max(config.nEmbd, F, H * D);
    return {
      x: floats(config.nEmbd),
      normed: floats(config.nEmbd),
      qkv: floats(this.widths.qkv),
      mixed: floats(H * D),
      wide: floats(gated ? 2 * F : F),
      bent: floats(F),
      logits: floats(config.vocabSize, HEAD_ROWS),
      rounded: this.memory.alloc(roundedBytes(M, widest), "rounded rows"),
      scales: floats(1, M * H),
      rows: this.memory.alloc(8 * M, "the rows of a step"),
      tables: this.memory.alloc(4 * M * Math.ceil(this.maxLength / this.blockTokens), "tables"),
    };
  }

  /** Distances between rows, in floats. */
  private get widths() {
    const { H, K: G, D } = headsOf(this.config);
    const { inner: F, gated } = this.weights;
    const C = paddedRows(this.config.nEmbd);
    return {
      C,
      qkv: paddedRows((H + 2 * G) * D),
      mixed: H * D,
      wide: paddedRows(gated ? 2 * F : F),
    };
  }

  private check({ ids, start, table, logits }: Piece): void {
    if (ids.length === 0) throw new Error("PagedGPT: expected at least one token, got none");
    const wrong = ids.find((id) => !Number.isInteger(id) || id < 0 || id >= this.vocabSize);
    if (wrong !== undefined)
      throw new Error(`PagedGPT: expected ids from 0 to ${this.vocabSize - 1}, got ${wrong}`);
    const end = start + ids.length;
    if (!Number.isInteger(start) || start < 0 || end > this.maxLength)
      throw new Error(
        `PagedGPT: expected positions from 0 to ${this.maxLength - 1}, got ${start} to ${end - 1}`,
      );
    const first = Math.max(0, start - (this.window ?? end) + 1);
    for (let n = Math.floor(first / this.blockTokens); n * this.blockTokens < end; n++)
      if (!(table[n] >= 0 && table[n] < this.blocks))
        throw new Error(
          `PagedGPT: expected a block for positions ${n * this.blockTokens} and following, ` +
            `got ${table[n]}`,
        );
    if (!["all", "last", "none"].includes(logits))
      throw new Error(`PagedGPT: expected logits all, last or none, got ${logits}`);
  }

  /** At most `rowsAtOnce` rows. @returns how many logits were written, from number `done` on */
  private compute(rows: readonly Row[], done: number): number {
    const { memory, buffers, widths, weights } = this;
    const M = rows.length;
    this.place(rows);
    this.embed(rows);
    const x = { at: buffers.x, stride: widths.C };
    const normed = { at: buffers.normed, stride: widths.C };
    const { rounded } = buffers;
    for (const [l, layer] of this.layers.entries()) {
      this.normalise(layer.norm1, M);
      const qkv = { at: buffers.qkv, stride: widths.qkv };
      multiply(memory, normed, M, layer.qkv.matrix, qkv, { bias: layer.qkv.bias, rounded });
      this.attend(l, layer, M);
      const mixed = { at: buffers.mixed, stride: widths.mixed };
      const { out, narrow } = layer;
      multiply(memory, mixed, M, out.matrix, x, { bias: out.bias, add: true, rounded });
      this.normalise(layer.norm2, M);
      const wide = { at: buffers.wide, stride: widths.wide };
      multiply(memory, normed, M, layer.wide.matrix, wide, { bias: layer.wide.bias, rounded });
      const bent = this.bend(M);
      multiply(memory, bent, M, narrow.matrix, x, { bias: narrow.bias, add: true, rounded });
    }
    return this.writeLogits(rows, weights.head, done);
  }

  /** Writes where each row stands: its position and its text's table. */
  private place(rows: readonly Row[]): void {
    const { memory, buffers } = this;
    const places = memory.i32(buffers.rows, 2 * rows.length);
    let [table, last] = [buffers.tables, undefined as Piece | undefined];
    let length = 0;
    for (const [r, { piece, i }] of rows.entries()) {
      if (piece !== last) {
        table += 4 * length;
        length = Math.ceil((piece.start + piece.ids.length) / this.blockTokens);
        memory.i32(table, length).set(piece.table.slice(0, length));
        last = piece;
      }
      places[2 * r] = piece.start + i;
      places[2 * r + 1] = table;
    }
  }

  private embed(rows: readonly Row[]): void {
    const { memory, buffers, weights, widths } = this;
    const C = this.config.nEmbd;
    const place = new Float32Array(C);
    for (const [r, { piece, i }] of rows.entries()) {
      const row = memory.f32(buffers.x + 4 * r * widths.C, C);
      unpackRow(memory, weights.tokens, piece.ids[i], row);
      if (weights.places) {
        unpackRow(memory, weights.places, piece.start + i, place);
        for (let c = 0; c < C; c++) row[c] += place[c];
      }
    }
    if (weights.embeddingNorm)
      this.normRows(weights.embeddingNorm, buffers.x, buffers.x, rows.length);
  }

  /** The residual stream through a norm. */
  private normalise(norm: PackedNorm, M: number): void {
    this.normRows(norm, this.buffers.x, this.buffers.normed, M);
  }

  private normRows({ kind, gain, bias, eps }: PackedNorm, x: number, y: number, M: number): void {
    const { memory, buffers, widths } = this;
    const C = this.config.nEmbd;
    if (kind === "none") {
      memory.f32(y, M * widths.C).set(memory.f32(x, M * widths.C));
      return;
    }
    for (let r = 0; r < M; r++) {
      const [from, to] = [x, y].map((at) => at + 4 * r * widths.C);
      if (kind === "rmsNorm") memory.call("rmsNorm", from, gain, to, buffers.scales, 1, C, eps);
      else memory.call("layerNorm", from, gain, bias, to, buffers.bent, buffers.scales, 1, C, eps);
    }
  }

  /** From queries, keys and values to what the heads have mixed. */
  private attend(l: number, { headNorms }: PackedLayer, M: number): void {
    const { memory, buffers, widths, blockTokens: B } = this;
    const { H, K: G, D } = headsOf(this.config);
    const { keys, values } = this.caches[l];
    const [q, k, v] = [0, H, H + G].map((head) => buffers.qkv + 4 * head * D);
    if (headNorms)
      for (let r = 0; r < M; r++)
        for (const [norm, at, heads] of [
          [headNorms.q, q, H],
          [headNorms.k, k, G],
        ] as const) {
          const row = at + 4 * r * widths.qkv;
          memory.call("rmsNorm", row, norm.gain, row, buffers.scales, heads, D, norm.eps);
        }
    if (this.rope)
      for (const [at, heads] of [
        [q, H],
        [k, G],
      ])
        memory.call(
          "ropeRows",
          at,
          widths.qkv,
          buffers.rows,
          M,
          heads,
          D,
          this.rope.cos,
          this.rope.sin,
        );
    memory.call("storeRows", k, v, widths.qkv, keys, values, buffers.rows, M, G, D, B);
    const window = this.window ?? this.maxLength;
    const scale = 1 / Math.sqrt(D);
    memory.share(
      "pagedAttention",
      M * G,
      (from, to) => [
        ...[q, widths.qkv, keys, values, buffers.rows, buffers.mixed, widths.mixed],
        ...[H, G, D, B, window, scale, from, to],
      ],
      4 * (B + 3),
    );
  }

  /** The activation. @returns where its rows are */
  private bend(M: number): { at: number; stride: number } {
    const { memory, buffers, widths, weights } = this;
    const { inner: F, gated } = weights;
    if (gated) {
      for (let r = 0; r < M; r++) {
        const gate = buffers.wide + 4 * r * widths.wide;
        memory.call("swiglu", gate, gate + 4 * F, buffers.bent + 4 * r * F, F);
      }
      return { at: buffers.bent, stride: F };
    }
    const { activation = "gelu" } = this.config;
    const n = M * widths.wide;
    if (activation === "gelu") memory.call("gelu", buffers.wide, buffers.wide, n);
    else memory.call("relu", buffers.wide, n, activation === "relu2" ? 1 : 0);
    return { at: buffers.wide, stride: widths.wide };
  }

  /** The last norm and the head, for the rows whose logits are wanted. */
  private writeLogits(rows: readonly Row[], head: PackedMatrix, done: number): number {
    const { memory, buffers, widths, vocabSize: V } = this;
    const wanted = rows.flatMap((row, r) => (isWanted(row) ? [r] : []));
    const stride = paddedRows(V);
    for (let from = 0; from < wanted.length; from += HEAD_ROWS) {
      const some = wanted.slice(from, from + HEAD_ROWS);
      for (const [i, r] of some.entries()) {
        const row = memory.f32(buffers.x + 4 * r * widths.C, widths.C);
        memory.f32(buffers.normed + 4 * i * widths.C, widths.C).set(row);
      }
      this.normRows(this.weights.norm, buffers.normed, buffers.normed, some.length);
      const x = { at: buffers.normed, stride: widths.C };
      const { rounded } = buffers;
      multiply(memory, x, some.length, head, { at: buffers.logits, stride }, { rounded });
      for (const [i] of some.entries())
        this.logits.set(memory.f32(buffers.logits + 4 * i * stride, V), (done + from + i) * V);
    }
    this.cap(done * V, (done + wanted.length) * V);
    return wanted.length;
  }

  /** c · tanh(logit / c), where the model has it. */
  private cap(from: number, to: number): void {
    const { logitCap: c } = this.config;
    if (c) for (let i = from; i < to; i++) this.logits[i] = c * Math.tanh(this.logits[i] / c);
  }
}

const isWanted = ({ piece: { ids, logits }, i }: Row): boolean =>
  logits === "all" || (logits === "last" && i === ids.length - 1);
