// The weights of a GPT, packed layer by layer in a kernels' memory (./packing): out of parameters, or
// out of a GGUF file as they lie there. What reads the same numbers is one matrix: queries, keys and
// values; gate and up. Both families, and of what the design of a block leaves open, what the course's
// own models are made of; the rest is refused by name.
import type { KernelMemory } from "../engine";
import { type GPTConfig, gptShapes, headsOf } from "../gpt";
import type { Params } from "../params";
import type { OpenedGguf } from "../pretrained";
import {
  columnsOf,
  formatOf,
  type PackedMatrix,
  packMatrix,
  paddedRows,
  rowsOf,
  type WeightFormat,
  type WeightRow,
} from "./packing";

/** A norm over a row: its gain and bias in memory. */
export interface PackedNorm {
  kind: "layerNorm" | "rmsNorm" | "none";
  gain: number;
  /** 0 in an RMS norm. */
  bias: number;
  eps: number;
}

/** A matrix and where its bias lies, 0 where there is none. */
export interface PackedLinear {
  matrix: PackedMatrix;
  bias: number;
}

/** One block. */
export interface PackedLayer {
  norm1: PackedNorm;
  /** (H + 2G) · D outputs: queries, keys, values. */
  qkv: PackedLinear;
  /** Norms over each head's queries and keys. */
  headNorms?: { q: PackedNorm; k: PackedNorm };
  out: PackedLinear;
  norm2: PackedNorm;
  /** F outputs, or with a gate 2F: gate, then up. */
  wide: PackedLinear;
  narrow: PackedLinear;
}

/** All of a model. */
export interface PackedWeights {
  config: GPTConfig;
  /** F */
  inner: number;
  gated: boolean;
  tokens: PackedMatrix;
  /** Vectors that are added to the tokens' by position, as a matrix of floats. */
  places?: PackedMatrix;
  embeddingNorm?: PackedNorm;
  layers: PackedLayer[];
  norm: PackedNorm;
  head: PackedMatrix;
}

/** A matrix or vector by its name, as rows of outputs. */
interface Source {
  has: (name: string) => boolean;
  vector: (name: string) => Float32Array;
  /** @param format of the matrix if the caller does not choose one */
  matrix: (name: string) => { rows: WeightRow[]; columns: number; format: WeightFormat };
}

/** Parameters in tensors. GPT-2's linear layers are stored (in, out), all others (out, in). */
export function paramsSource(params: Params, config: GPTConfig): Source {
  const get = (name: string) => {
    const tensor = params[name];
    if (!tensor) throw new Error(`PagedGPT: expected the parameter ${name}, got none`);
    return tensor;
  };
  const isTurned = (name: string) =>
    config.family !== "llama" && /\.(attn|mlp)\.c_\w+\.weight$/.test(name);
  return {
    has: (name) => name in params,
    vector: (name) => get(name).dataSync() as Float32Array,
    matrix: (name) => {
      const tensor = get(name);
      const numbers = tensor.dataSync() as Float32Array;
      const [a, b] = tensor.shape;
      const rows = isTurned(name) ? columnsOf(numbers, b) : rowsOf(numbers, b);
      return { rows, columns: isTurned(name) ? a : b, format: "float32" };
    },
  };
}

/** The weights of a GGUF file, whose blocks are packed as they are. */
export function ggufSource({ weights, config }: OpenedGguf): Source {
  const shapes = gptShapes(config);
  return {
    has: (name) => name in shapes,
    vector: (name) => weights(name).floats(),
    matrix: (name) => {
      const { type, shape, row, floats } = weights(name);
      const [N, columns] = shape;
      const format = formatOf(type);
      if (format === "float32") return { rows: rowsOf(floats(), columns), columns, format };
      let all: Float32Array | undefined;
      const numbers = (n: number) => {
        all ??= floats();
        return all.subarray(n * columns, (n + 1) * columns);
      };
      const rows = Array.from({ length: N }, (_, n) => ({
        floats: () => numbers(n),
        blocks: { type, bytes: row(n) },
      }));
      return { rows, columns, format };
    },
  };
}

/** What a model must be made of. */
export function checkDesign(config: GPTConfig): void {
  const refuse = (what: string, got: unknown): never => {
    throw new Error(`PagedGPT: expected a model ${what}, got ${JSON.stringify(got)}`);
  };
  if (config.experts) refuse("without experts", config.experts);
  if (config.shortConv) refuse("without short convolutions", config.shortConv);
  if (config.embeddingConv) refuse("without short convolutions", config.embeddingConv);
  if (config.valueResidual) refuse("whose layers have values of their own", "valueResidual");
  if (config.embeddingSkip) refuse("without skips from the embeddings", "embeddingSkip");
  if (config.normPlacement === "post") refuse("with norms before the sublayers", "post");
  if (config.residual === false) refuse("with residuals", false);
  const { position = config.family === "llama" ? "rope" : "learned" } = config;
  if (!["rope", "learned", "none"].includes(position))
    refuse("with rotary positions, learned ones or none", position);
  const { D } = headsOf(config);
  if (position === "rope" && D % 2 !== 0) refuse("with heads of an even width", D);
}

/** Packs everything. @param format of all matrices; that of the source if absent */
export function packWeights(
  memory: KernelMemory,
  config: GPTConfig,
  source: Source,
  format?: WeightFormat,
): PackedWeights {
  checkDesign(config);
  const pack = new Packing(memory, source, format);
  return config.family === "llama" ? packLlama(pack, config) : packGpt2(pack, config);
}

/** What packs one part after the other. */
class Packing {
  constructor(
    private readonly memory: KernelMemory,
    readonly source: Source,
    private readonly format?: WeightFormat,
  ) {}

  /** Numbers somewhere in memory, filled up with zeros. */
  floats(numbers: Float32Array): number {
    const at = this.memory.alloc(4 * paddedRows(numbers.length), "a vector");
    this.memory.f32(at, numbers.length).set(numbers);
    return at;
  }

  /** The rows of several matrices under each other; a matrix of floats with `exact`. */
  matrix(names: string[], exact = false): PackedMatrix {
    const parts = names.map((name) => this.source.matrix(name));
    const [{ columns, format }] = parts;
    const mixed = parts.some((part) => part.format !== format) ? "float32" : format;
    const wanted = exact ? "float32" : (this.format ?? mixed);
    const rows = parts.flatMap((part) => part.rows);
    return packMatrix(this.memory, wanted, columns, rows);
  }

  /** The same with biases, where the source has any. @param layers names without ".weight" */
  linear(layers: string[]): PackedLinear {
    const matrix = this.matrix(layers.map((name) => `${name}.weight`));
    const biases = layers.filter((name) => this.source.has(`${name}.bias`));
    if (biases.length === 0) return { matrix, bias: 0 }; // several have them together, or none
    const numbers = biases.flatMap((name) => Array.from(this.source.vector(`${name}.bias`)));
    return { matrix, bias: this.floats(Float32Array.from(numbers)) };
  }

  /** A norm; without a gain it is a gain of ones, and a layer norm without a bias has one of zeros. */
  norm(kind: PackedNorm["kind"], name: string, width: number, eps: number): PackedNorm {
    if (kind === "none") return { kind, gain: 0, bias: 0, eps };
    const numbers = (part: string, otherwise: number) =>
      this.source.has(`${name}.${part}`)
        ? this.source.vector(`${name}.${part}`)
        : new Float32Array(width).fill(otherwise);
    const bias = kind === "layerNorm" ? this.floats(numbers("bias", 0)) : 0;
    return { kind, gain: this.floats(numbers("weight", 1)), bias, eps };
  }
}

const GPT2_EPS = 1e-5;

function packGpt2(pack: Packing, config: GPTConfig): PackedWeights {
  const { nEmbd: C, norm = "layerNorm", activation = "gelu", qkNorm, embeddingNorm } = config;
  const { D } = headsOf(config);
  const normOf = (name: string) => pack.norm(norm, name, C, GPT2_EPS);
  const gated = activation === "swiglu";
  const layers = Array.from({ length: config.nLayer }, (_, i): PackedLayer => {
    const at = `transformer.h.${i}.`;
    const head = (name: string) => pack.norm("rmsNorm", `${at}attn.${name}_norm`, D, GPT2_EPS);
    const wide = gated ? ["c_gate", "c_fc"] : ["c_fc"];
    return {
      norm1: normOf(`${at}ln_1`),
      qkv: pack.linear([`${at}attn.c_attn`]),
      ...(qkNorm ? { headNorms: { q: head("q"), k: head("k") } } : {}),
      out: pack.linear([`${at}attn.c_proj`]),
      norm2: normOf(`${at}ln_2`),
      wide: pack.linear(wide.map((name) => `${at}mlp.${name}`)),
      narrow: pack.linear([`${at}mlp.c_proj`]),
    };
  });
  const tokens = pack.matrix(["transformer.wte.weight"]);
  return {
    config,
    inner: layers[0].narrow.matrix.columns,
    gated,
    tokens,
    ...((config.position ?? "learned") === "learned"
      ? { places: pack.matrix(["transformer.wpe.weight"], true) }
      : {}),
    ...(embeddingNorm ? { embeddingNorm: pack.norm("rmsNorm", "", C, GPT2_EPS) } : {}),
    layers,
    norm: normOf("transformer.ln_f"),
    head: pack.source.has("lm_head.weight") ? pack.matrix(["lm_head.weight"]) : tokens,
  };
}

function packLlama(pack: Packing, config: GPTConfig): PackedWeights {
  const { nEmbd: C, normEps = 1e-5, qkNorm } = config;
  const { D } = headsOf(config);
  const norm = (name: string, width = C) => pack.norm("rmsNorm", name, width, normEps);
  const layers = Array.from({ length: config.nLayer }, (_, i): PackedLayer => {
    const at = `model.layers.${i}.`;
    const attention = (...names: string[]) => names.map((name) => `${at}self_attn.${name}_proj`);
    const head = (name: string) => norm(`${at}self_attn.${name}_norm`, D);
    return {
      norm1: norm(`${at}input_layernorm`),
      qkv: pack.linear(attention("q", "k", "v")),
      ...(qkNorm ? { headNorms: { q: head("q"), k: head("k") } } : {}),
      out: pack.linear(attention("o")),
      norm2: norm(`${at}post_attention_layernorm`),
      wide: pack.linear(["gate", "up"].map((name) => `${at}mlp.${name}_proj`)),
      narrow: pack.linear([`${at}mlp.down_proj`]),
    };
  });
  const tokens = pack.matrix(["model.embed_tokens.weight"]);
  return {
    config,
    inner: layers[0].narrow.matrix.columns,
    gated: true,
    tokens,
    layers,
    norm: norm("model.norm"),
    head: pack.source.has("lm_head.weight") ? pack.matrix(["lm_head.weight"]) : tokens,
  };
}
