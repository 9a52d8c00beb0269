// A tiny LLaMA in a GGUF file, written as llama.cpp's converter does: its logits are those of
// transformers.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tf, useEngine } from "llm/engine";
import { gptLogits } from "llm/gpt";
import { disposeParams } from "llm/params";
import { loadGguf, loadPretrained, savePretrained } from "llm/pretrained";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { difference, fixture, type Recorded, tensor } from "../reference";

const { ids, logits } = fixture<{ ids: Recorded; logits: Recorded }>("gguf");
const original = new URL("../../fixtures/gguf/model.gguf", import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), "gguf-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

describe("loadGguf", () => {
  it("gives the model with its tokenizer and chat template", () => {
    const { params, tokenizer, ...model } = loadGguf(original);
    expect(model).toEqual({
      modelType: "llama",
      config: {
        ...{ family: "llama", vocabSize: 13, blockSize: 32, nLayer: 2, nHead: 2, nKvHead: 1 },
        ...{ nEmbd: 16, nInner: 20, dropout: 0, bias: false, normEps: Math.fround(1e-5) },
        ...{ ropeBase: 300, tied: true },
      },
      chatTemplate: "{{ messages[0].content }}",
      generation: { bos_token_id: 0, eos_token_id: 1 },
    });
    expect(tokenizer.encode("ab cd<|im_end|>")).toEqual([11, 10, 12, 1]);
    tf.tidy(() => {
      const x = tensor<tf.Tensor2D>(ids, "int32");
      expect(difference(gptLogits(params, model.config, x), logits)).toBeLessThan(1e-4);
    });
    disposeParams(params);
  });

  it("becomes a folder of Hugging Face's and back", async () => {
    const model = loadGguf(original);
    await savePretrained(join(folder, "hf"), model);
    const { params, config, chatTemplate, generation } = loadPretrained(join(folder, "hf"));
    expect({ config, chatTemplate, generation }).toEqual({
      ...{ config: model.config, chatTemplate: model.chatTemplate, generation: model.generation },
    });
    for (const name in params)
      expect(params[name].dataSync()).toEqual(model.params[name].dataSync());
    disposeParams(params);
    disposeParams(model.params);
  });

  const changed = (from: string, to: string, at = 0) => {
    const copy = readFileSync(original);
    const place = copy.indexOf(from, 0, "latin1");
    expect(place).toBeGreaterThan(0);
    copy.write(to, place + at, "latin1");
    const file = join(folder, "changed.gguf");
    writeFileSync(file, copy);
    return file;
  };
  it.each<[string, string, string, string]>([
    [
      "another architecture",
      "llama\x11",
      "gemma\x11",
      "general.architecture: expected llama or qwen3, got",
    ],
    [
      "no number of layers",
      "llama.block_count",
      "llama.block_caunt",
      "llama.block_count: expected",
    ],
    [
      "a tensor of another name",
      "ffn_up",
      "ffn_ap",
      "1 missing (model.layers.0.mlp.up_proj.weight)",
    ],
    [
      "another shape",
      "feed_forward_length\x04\0\0\0\x14",
      "feed_forward_length\x04\0\0\0\x16",
      "[22,16]",
    ],
  ])("refuses a file with %s", (_, from, to, message) => {
    expect(() => loadGguf(changed(from, to))).toThrow(message);
  });
});
