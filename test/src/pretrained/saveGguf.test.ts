// Models written as GGUF files: read back bit for bit, and read by the Python package `gguf` where
// LLM_ORACLE_PYTHON names a Python that has it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tf, useEngine } from "llm/engine";
import { encodeGguf, readGguf, readGgufMetadata, readGgufTensor } from "llm/gguf";
import { type GPTConfig, initGPT } from "llm/gpt";
import { disposeParams, type Params } from "llm/params";
import { loadGguf, saveGguf } from "llm/pretrained";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const original = new URL("../../fixtures/gguf/model.gguf", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "save-gguf-"));
const file = join(folder, "model.gguf");
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

const numbers = (params: Params) =>
  Object.fromEntries(Object.entries(params).map(([name, p]) => [name, [...p.dataSync()]]));

/** Every setting that a file of llama.cpp's architecture can have, and odd sizes. */
const config: GPTConfig = {
  ...{ family: "llama", vocabSize: 13, blockSize: 24, nLayer: 2, nHead: 3, nKvHead: 1 },
  ...{ nEmbd: 9, headWidth: 6, nInner: 11, dropout: 0, bias: false, attentionBias: "all" },
  ...{ normEps: Math.fround(1e-6), ropeBase: 5000, tied: false },
};

describe("saveGguf", () => {
  it("writes what the converter of llama.cpp wrote, tensor by tensor", () => {
    const { params, ...model } = loadGguf(original);
    saveGguf(file, { params, ...model }, { tokenizerFrom: original });
    const [theirs, ours] = [readGguf(original), readGguf(file)];
    expect([...ours.tensors.keys()].sort()).toEqual([...theirs.tensors.keys()].sort());
    for (const name of theirs.tensors.keys())
      expect(readGgufTensor(ours, name)).toEqual(readGgufTensor(theirs, name));
    for (const [key, value] of theirs.metadata)
      if (!key.startsWith("general.")) expect([key, ours.metadata.get(key)]).toEqual([key, value]);
    for (const { begin } of ours.tensors.values()) expect(begin % 32).toBe(0);
    disposeParams(params);
  });

  it("is read back bit for bit, with biases, a head of its own and wide heads", () => {
    const params = initGPT(config, { seed: 4 });
    for (const p of Object.values(params)) // biases are 0 and norms 1 at first
      tf.tidy(() => p.assign(tf.randomNormal(p.shape, 0, 1, "float32", p.size)));
    const chatTemplate = "{{ messages[1].content }} – 你好";
    saveGguf(file, { params, config, chatTemplate }, { tokenizerFrom: original, name: "ours" });
    const back = loadGguf(file);
    expect(back.config).toEqual(config);
    expect(back.chatTemplate).toBe(chatTemplate);
    expect(back.generation).toEqual({ bos_token_id: 0, eos_token_id: 1 });
    expect(back.tokenizer.encode("ab cd<|im_end|>")).toEqual([11, 10, 12, 1]);
    expect(numbers(back.params)).toEqual(numbers(params));
    expect(readGgufMetadata(file).get("general.name")).toBe("ours");
    disposeParams(params);
    disposeParams(back.params);
  });

  const blocks: GPTConfig = {
    ...{ family: "llama", vocabSize: 13, blockSize: 24, nLayer: 1, nHead: 2, nKvHead: 1 },
    ...{ nEmbd: 32, nInner: 64, dropout: 0, bias: false, tied: false },
  };
  it.each([
    ["F16", 1, 2 ** -10],
    ["Q8_0", 7, 0.005],
    ["Q4_0", 2, 0.13],
  ] as const)("writes matrices as %s, norms as F32", (type, fileType, loss) => {
    const params = initGPT(blocks, { seed: 4 });
    saveGguf(file, { params, config: blocks }, { tokenizerFrom: original, type });
    const gguf = readGguf(file);
    expect(gguf.metadata.get("general.file_type")).toBe(fileType);
    const back = loadGguf(file);
    for (const [name, p] of Object.entries(params)) {
      const [a, b] = [p.dataSync(), back.params[name].dataSync()];
      const largest = Math.max(...a.map(Math.abs));
      const worst = Math.max(...a.map((x, i) => Math.abs(x - b[i])));
      if (p.shape.length === 1) expect([name, worst]).toEqual([name, 0]);
      else {
        expect(worst).toBeGreaterThan(0);
        expect(worst).toBeLessThan(loss * largest);
      }
    }
    disposeParams(params);
    disposeParams(back.params);
  });

  it("refuses rows that are no whole blocks", () => {
    const params = initGPT(config, { seed: 4 });
    expect(() =>
      saveGguf(file, { params, config }, { tokenizerFrom: original, type: "Q8_0" }),
    ).toThrow(/rows of whole blocks of 32 numbers as Q8_0, got rows of 9/);
    disposeParams(params);
  });

  const python = process.env.LLM_ORACLE_PYTHON ?? "/tmp/oracle-venv/bin/python";
  const READ = `
import sys, json, gguf
r = gguf.GGUFReader(sys.argv[1])
kinds = {k: [t.name for t in f.types] for k, f in r.fields.items()}
print(json.dumps({"kinds": kinds, "sums": {t.name: [t.tensor_type.name, t.shape.tolist(),
  t.data_offset % 32, float(t.data.astype("float64").sum())] for t in r.tensors}}))`;
  const seen = existsSync(python) ? spawnSync(python, ["-c", "import gguf"]).status === 0 : false;
  if (!seen) console.log(`no Python with the package gguf at ${python}: one test skipped`);
  it.skipIf(!seen)("is read by the Python package gguf", () => {
    const { params, ...model } = loadGguf(original);
    saveGguf(file, { params, ...model }, { tokenizerFrom: original });
    const { stdout, stderr } = spawnSync(python, ["-c", READ, file], { encoding: "utf8" });
    expect(stderr).toBe("");
    const { kinds, sums } = JSON.parse(stdout);
    const of = (key: string) => kinds[key];
    expect(of("llama.rope.freq_base")).toEqual(["FLOAT32"]);
    expect(of("llama.block_count")).toEqual(["UINT32"]);
    expect(of("tokenizer.ggml.tokens")).toEqual(["ARRAY", "STRING"]);
    expect(of("tokenizer.ggml.token_type")).toEqual(["ARRAY", "INT32"]);
    expect(of("tokenizer.ggml.eos_token_id")).toEqual(["UINT32"]);
    for (const [name, { shape }] of readGguf(file).tensors) {
      const [type, axes, off, sum] = sums[name];
      expect([type, axes, off]).toEqual(["F32", [...shape].reverse(), 0]);
      const { data } = readGgufTensor(readGguf(file), name);
      expect(sum).toBeCloseTo(
        data.reduce((a, x) => a + x, 0),
        3,
      );
    }
    disposeParams(params);
  });

  it("refuses what the file cannot say, and leaves the old file as it was", () => {
    const { params, ...model } = loadGguf(original);
    saveGguf(file, { params, ...model }, { tokenizerFrom: original });
    const before = readFileSync(file);
    const refuses = (change: Partial<GPTConfig>, message: string) =>
      expect(() =>
        saveGguf(
          file,
          { params, config: { ...model.config, ...change } },
          { tokenizerFrom: original },
        ),
      ).toThrow(message);
    refuses({ qkNorm: true, attentionBias: "all" }, "attentionBias: expected none beside qkNorm");
    refuses({ window: 8 }, "window: expected none, got 8");
    refuses({ experts: { count: 2, perToken: 1 } }, "experts: expected none");
    refuses({ dropout: 0.1 }, "dropout: expected 0");
    refuses({ nLayer: 3 }, "missing (model.layers.2.");
    const more = initGPT({ ...model.config, vocabSize: 14 }, { seed: 1 });
    const gpt2 = { vocabSize: 13, blockSize: 8, nLayer: 1, nHead: 1, nEmbd: 2, dropout: 0 };
    expect(() =>
      saveGguf(file, { params, config: { ...gpt2, bias: true } }, { tokenizerFrom: original }),
    ).toThrow('family: expected "llama", got "gpt2"');
    const wider = { params: more, config: { ...model.config, vocabSize: 14 } };
    expect(() => saveGguf(file, wider, { tokenizerFrom: original })).toThrow(
      "model.gguf: expected 14 tokens, got 13",
    );
    const norm = params["model.norm.weight"];
    tf.tidy(() => norm.assign(tf.fill(norm.shape, Number.NaN)));
    expect(() => saveGguf(file, { params, ...model }, { tokenizerFrom: original })).toThrow(
      `saveGguf: ${file}: output_norm.weight: expected finite numbers`,
    );
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(["model.gguf"]);
    disposeParams(params);
    disposeParams(more);
  });
});

describe("encodeGguf", () => {
  it("refuses a tensor of another size", () => {
    const tensors = [{ name: "x", shape: [2, 2], data: () => new Float32Array(3) }];
    expect(() => [...encodeGguf([], tensors)]).toThrow("encodeGguf: x: expected 4 numbers, got 3");
  });
});
