// Folders of Hugging Face as they come: other names, missing parts, other architectures.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { disposeBert, embedTexts, type LoadedBert, loadBert } from "llm/bert";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "llm/checkpoint";
import { useEngine } from "llm/engine";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const original = new URL("../../fixtures/bert", import.meta.url).pathname;
const folders = mkdtempSync(join(tmpdir(), "bert-"));
afterAll(() => rmSync(folders, { recursive: true }));
beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(folders, "model-"));
  cpSync(original, folder, { recursive: true });
});

const edit = (name: string, change: (text: string) => string) =>
  writeFileSync(join(folder, name), change(readFileSync(join(folder, name), "utf8")));
const editJson = (name: string, change: object) =>
  edit(name, (text) => JSON.stringify({ ...JSON.parse(text), ...change }));
const addJson = (name: string, content: object) =>
  writeFileSync(join(folder, name), JSON.stringify(content));
const editWeights = (
  change: (tensors: Record<string, TensorData>) => Record<string, TensorData>,
  type: "F32" | "F16" = "F32",
) => {
  const file = join(folder, "model.safetensors");
  const { tensors } = decodeSafetensors(readFileSync(file));
  writeFileSync(file, Buffer.concat(encodeSafetensors(change(tensors), {}, type)));
};
const renamed = (tensors: Record<string, TensorData>, name: (given: string) => string) =>
  Object.fromEntries(Object.entries(tensors).map(([given, tensor]) => [name(given), tensor]));

const texts = ["The cat sat by the bank.", "dogs", "a river walking by the bank, slept on"];
const embed = async (bert: LoadedBert, options = {}) => {
  const vectors = await embedTexts(bert, texts, options);
  disposeBert(bert);
  return vectors.map((vector) => [...vector]);
};
const near = (actual: number[][], expected: number[][], tolerance: number) => {
  const apart = actual.flatMap((row, i) => row.map((x, c) => Math.abs(x - expected[i][c])));
  expect(apart.length).toBe(24);
  expect(Math.max(...apart)).toBeLessThan(tolerance);
};

describe("loadBert", () => {
  it("reads a folder that transformers wrote", () => {
    const bert = loadBert(folder);
    expect(bert.config).toEqual({
      ...{ vocabSize: 26, blockSize: 16, nLayer: 2, nHead: 2, nEmbd: 8, nInner: 20, nTypes: 2 },
      ...{ dropout: 0.1, eps: 1e-12, activation: "gelu", padId: 0, pooler: true, head: true },
    });
    expect(bert.ignored).toEqual(["cls.seq_relationship.bias", "cls.seq_relationship.weight"]);
    expect([bert.maxTokens, bert.pooling, bert.normalise]).toEqual([16, "mean", true]);
    disposeBert(bert);
  });

  it("reads BertModel alone, TensorFlow's names, vocab.txt, 16 bits", async () => {
    const expected = await embed(loadBert(original));
    editWeights((tensors) => {
      const bare = Object.entries(tensors).filter(([name]) => name.startsWith("bert."));
      return renamed(Object.fromEntries(bare), (name) =>
        name
          .slice("bert.".length)
          .replace("LayerNorm.weight", "LayerNorm.gamma")
          .replace("LayerNorm.bias", "LayerNorm.beta"),
      );
    });
    const { vocab } = JSON.parse(readFileSync(join(folder, "tokenizer.json"), "utf8")).model;
    rmSync(join(folder, "tokenizer.json"));
    writeFileSync(join(folder, "vocab.txt"), `${Object.keys(vocab).join("\n")}\n`);
    const bert = loadBert(folder);
    expect([bert.config.head, bert.config.pooler]).toEqual([false, true]);
    near(await embed(bert), expected, 1e-9);
    editWeights((tensors) => tensors, "F16");
    near(await embed(loadBert(folder)), expected, 5e-3);
  });

  it("ignores tensors of other parts, whatever their type", () => {
    const file = join(folder, "model.safetensors");
    const bytes = readFileSync(file);
    const length = Number(bytes.readBigUInt64LE());
    const header = JSON.parse(bytes.subarray(8, 8 + length).toString());
    const end = bytes.length - 8 - length;
    header["bert.embeddings.position_ids"] = {
      ...{ dtype: "I64", shape: [1, 2], data_offsets: [end, end + 16] },
    };
    const text = Buffer.from(JSON.stringify(header));
    const size = Buffer.alloc(8);
    size.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(file, Buffer.concat([size, text, bytes.subarray(8 + length), Buffer.alloc(16)]));
    const bert = loadBert(folder);
    expect(bert.ignored).toContain("bert.embeddings.position_ids");
    disposeBert(bert);
  });

  it("reads what sentence-transformers adds", async () => {
    const mean = await embed(loadBert(folder));
    addJson("sentence_bert_config.json", { max_seq_length: 6 });
    addJson("modules.json", [{ type: "a.Transformer" }, { type: "a.Pooling" }]);
    const bert = loadBert(folder);
    expect([bert.maxTokens, bert.normalise]).toEqual([6, false]);
    const cut = await embed(bert);
    expect(Math.hypot(...cut[0])).not.toBeCloseTo(1, 2);
    expect(Math.hypot(...mean[0])).toBeCloseTo(1, 5);
    const direction = (row: number[]) => row.map((x) => x / Math.hypot(...row));
    for (const [c, x] of direction(cut[1]).entries()) expect(x).toBeCloseTo(mean[1][c], 5);
    expect(direction(cut[2])).not.toEqual(mean[2]);
  });

  const missing = (name: string) => () => rmSync(join(folder, name));
  it.each<[string, () => void, string]>([
    ["no config.json", missing("config.json"), "got no config.json"],
    ["a config.json of something else", () => addJson("config.json", []), "model_type"],
    ["a broken config.json", () => edit("config.json", (s) => s.slice(9)), "expected JSON, got"],
    [
      "another architecture",
      () => editJson("config.json", { model_type: "roberta" }),
      'model_type in config.json: expected "bert", got "roberta"',
    ],
    [
      "relative positions",
      () => editJson("config.json", { position_embedding_type: "relative_key" }),
      'expected "absolute", got "relative_key"',
    ],
    ["a decoder", () => editJson("config.json", { is_decoder: true }), "is_decoder"],
    [
      "another activation",
      () => editJson("config.json", { hidden_act: "silu" }),
      "activation to be one of gelu, gelu_new, relu, got silu",
    ],
    ["no sizes", () => editJson("config.json", { hidden_size: undefined }), "nEmbd a whole number"],
    ["no weights", missing("model.safetensors"), "model.safetensors, got no such file"],
    [
      "pickled weights alone",
      () => {
        rmSync(join(folder, "model.safetensors"));
        writeFileSync(join(folder, "pytorch_model.bin"), "");
      },
      "got pytorch_model.bin: let transformers read it",
    ],
    ["damaged weights", () => edit("model.safetensors", (s) => s.slice(0, 999)), "not a whole"],
    [
      "a missing tensor",
      () => editWeights(({ "bert.encoder.layer.1.output.dense.bias": _, ...others }) => others),
      "1 missing (bert.encoder.layer.1.output.dense.bias)",
    ],
    [
      "another shape",
      () => editJson("config.json", { intermediate_size: 16 }),
      "bert.encoder.layer.0.intermediate.dense.weight [20,8] instead of [16,8]",
    ],
    [
      "a head that is not tied",
      () =>
        editWeights((tensors) => ({
          ...tensors,
          "cls.predictions.decoder.weight": { shape: [26, 8], data: new Float32Array(208) },
        })),
      "cls.predictions.decoder.weight: expected the numbers of bert.embeddings.word_embeddings",
    ],
    ["no tokenizer", missing("tokenizer.json"), "tokenizer.json or vocab.txt, got neither"],
    [
      "a tokenizer of more tokens",
      () => {
        const words = Array.from({ length: 27 }, (_, i) => (i === 0 ? "[UNK]" : `w${i}`));
        rmSync(join(folder, "tokenizer.json"));
        writeFileSync(join(folder, "vocab.txt"), words.join("\n"));
      },
      "at most 26 tokens by config.json, got 27",
    ],
    [
      "another pooling",
      () => {
        mkdirSync(join(folder, "1_Pooling"));
        addJson("1_Pooling/config.json", { pooling_mode_max_tokens: true });
      },
      "expected mean or cls alone, got pooling_mode_max_tokens",
    ],
    [
      "one more module",
      () => addJson("modules.json", [{ type: "a.b.Dense" }]),
      "Transformer, Pooling and Normalize, got Dense",
    ],
  ])("refuses a folder with %s", (_, change, message) => {
    change();
    expect(() => loadBert(folder)).toThrow(message);
  });
  it("refuses a folder that is not there", () => {
    expect(existsSync(`${folder}x`)).toBe(false);
    expect(() => loadBert(`${folder}x`)).toThrow("no such folder");
  });
});

describe("embedTexts", () => {
  it("gives the same vectors whatever the batch, in the order of the texts", async () => {
    const all = await embed(loadBert(folder));
    near(await embed(loadBert(folder), { batchTokens: 1 }), all, 1e-6);
    near(await embed(loadBert(folder), { batchTokens: 16 }), all, 1e-6);
    const bert = loadBert(folder);
    expect(await embedTexts(bert, [])).toEqual([]);
    await expect(embedTexts(bert, texts, { batchTokens: 0 })).rejects.toThrow("batchTokens");
    disposeBert(bert);
  });
  it.each([{ pooling_mode_cls_token: true }, { pooling_mode: "cls" }])(
    "takes [CLS] where the folder says %o",
    async (config) => {
      mkdirSync(join(folder, "1_Pooling"));
      addJson("1_Pooling/config.json", config);
      const [mean, cls] = [await embed(loadBert(original)), await embed(loadBert(folder))];
      expect(cls[0]).not.toEqual(mean[0]);
      expect(Math.hypot(...cls[0])).toBeCloseTo(1, 5);
    },
  );
});
