// Folders of transformers (test/fixtures/pretrained): read, computed, written again and read again;
// and what is said of those that are damaged or of another kind.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors, type TensorData } from "llm/checkpoint";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { disposeParams } from "llm/params";
import { loadPretrained, modelTypes, type Pretrained, savePretrained } from "llm/pretrained";
import { WordTokenizer } from "llm/tokenizer";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { difference, fixture, type Recorded, tensor } from "../reference";

const recorded = fixture<{ ids: Recorded; logits: Record<string, Recorded> }>("pretrained");
const fixtures = new URL("../../fixtures/pretrained", import.meta.url).pathname;
const folders = mkdtempSync(join(tmpdir(), "pretrained-"));
afterAll(() => rmSync(folders, { recursive: true }));
beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(folders, "model-"));
});
const copy = (name: string) => cpSync(join(fixtures, name), folder, { recursive: true });

const farOff = (model: Pretrained, expected: Recorded) =>
  tf.tidy(() => {
    const ids = tensor<tf.Tensor2D>(recorded.ids, "int32");
    return difference(gptLogits(model.params, model.config, ids), expected);
  });

const edit = (name: string, change: (text: string) => string) =>
  writeFileSync(join(folder, name), change(readFileSync(join(folder, name), "utf8")));
const editConfig = (change: object) =>
  edit("config.json", (text) => JSON.stringify({ ...JSON.parse(text), ...change }));
type Tensors = Record<string, TensorData>;
const editWeights = (change: (tensors: Tensors) => Tensors) => {
  const file = join(folder, "model.safetensors");
  const { tensors } = decodeSafetensors(readFileSync(file));
  writeFileSync(file, Buffer.concat(encodeSafetensors(change(tensors))));
};
const renamed = (tensors: Tensors, name: (given: string) => string) =>
  Object.fromEntries(Object.entries(tensors).map(([given, t]) => [name(given), t]));
const bitsOf = (model: Pretrained) =>
  Object.fromEntries(
    Object.entries(model.params).map(([name, p]) => [
      name,
      Buffer.from((p.dataSync() as Float32Array).slice().buffer).toString("hex"),
    ]),
  );

describe.each(modelTypes)("%s of transformers", (name) => {
  it("is read, and has its logits", () => {
    const model = loadPretrained(join(fixtures, name));
    expect(model.modelType).toBe(name);
    expect(farOff(model, recorded.logits[name])).toBeLessThan(1e-4);
    expect(model.generation.eos_token_id).toBe(name === "gpt2" ? 0 : 2);
    disposeParams(model.params);
  });

  it("is written and read again, bit for bit", async () => {
    const before = tf.memory().numTensors;
    const model = loadPretrained(join(fixtures, name));
    await savePretrained(folder, model);
    const { params, tokenizer, ...again } = loadPretrained(folder);
    const { params: _, tokenizer: given, ...first } = model;
    expect(again).toEqual(first);
    expect(bitsOf({ ...again, params })).toEqual(bitsOf(model));
    expect(tokenizer?.toJSON()).toEqual(given?.toJSON());
    disposeParams(params);
    disposeParams(model.params);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe("loadPretrained", () => {
  it("gives configuration, tokenizer and chat template", () => {
    const { config, tokenizer, chatTemplate, params } = loadPretrained(join(fixtures, "llama"));
    expect(config).toEqual({
      ...{ family: "llama", vocabSize: 13, blockSize: 32, nLayer: 2, nHead: 4, nKvHead: 2 },
      ...{ nEmbd: 8, nInner: 12, dropout: 0, bias: false, normEps: 1e-6, ropeBase: 500 },
      ...{ attentionBias: "all", tied: true },
    });
    expect(tokenizer?.encode("abab cab<|im_start|>")).toEqual([11, 11, 10, 4, 11, 1]);
    expect(chatTemplate).toMatch(/^{% for m in messages %}/);
    disposeParams(params);
  });

  it("reads names without a prefix, masks, and a head that is there twice", () => {
    copy("gpt2");
    editWeights((tensors) => ({
      ...renamed(tensors, (name) => name.replace("transformer.", "")),
      "h.0.attn.bias": { shape: [1, 1, 2, 2], data: new Float32Array(4) },
      "h.0.attn.masked_bias": { shape: [], data: new Float32Array(1) },
      "lm_head.weight": tensors["transformer.wte.weight"],
    }));
    const model = loadPretrained(folder);
    expect(farOff(model, recorded.logits.gpt2)).toBeLessThan(1e-4);
    disposeParams(model.params);
  });

  it("reads the older form of the rotary base, and LLaMA without a prefix", () => {
    copy("llama");
    editConfig({ rope_parameters: undefined, rope_theta: 500, rope_scaling: null });
    editWeights((tensors) => renamed(tensors, (name) => name.replace("model.", "")));
    const model = loadPretrained(folder, { tokenizer: false });
    expect(model.tokenizer).toBeUndefined();
    expect(farOff(model, recorded.logits.llama)).toBeLessThan(1e-4);
    disposeParams(model.params);
  });

  it("fills in transformers' defaults", () => {
    copy("llama");
    const gone = ["rope_parameters", "rms_norm_eps", "tie_word_embeddings", "hidden_act"];
    editConfig(Object.fromEntries(gone.map((key) => [key, undefined])));
    editWeights((tensors) => ({
      ...tensors,
      "lm_head.weight": tensors["model.embed_tokens.weight"],
    }));
    const { config, params } = loadPretrained(folder);
    expect(config).toMatchObject({ ropeBase: 10000, normEps: 1e-6, tied: false });
    disposeParams(params);
  });

  it("reads a window that all layers of a Qwen have, and none that no layer has", () => {
    copy("qwen3");
    const windowOf = () => {
      const { config, params } = loadPretrained(folder);
      disposeParams(params);
      return config.window;
    };
    const layers = (kind: string) => ({ layer_types: [kind, kind] });
    editConfig({ use_sliding_window: true, sliding_window: 3, ...layers("sliding_attention") });
    expect(windowOf()).toBe(3);
    editConfig(layers("full_attention"));
    expect(windowOf()).toBeUndefined();
    editConfig({ layer_types: undefined, max_window_layers: 0 });
    expect(windowOf()).toBe(3);
    editConfig({ max_window_layers: 1 });
    expect(windowOf).toThrow("layer_types: expected");
    editConfig({ use_sliding_window: false });
    expect(windowOf()).toBeUndefined();
  });

  it("finds the chat template in tokenizer_config.json, of several the default", () => {
    copy("llama");
    rmSync(join(folder, "chat_template.jinja"));
    const templateWith = (chat_template: unknown) => {
      writeFileSync(join(folder, "tokenizer_config.json"), JSON.stringify({ chat_template }));
      const { chatTemplate, params } = loadPretrained(folder);
      disposeParams(params);
      return chatTemplate;
    };
    expect(templateWith("a")).toBe("a");
    const named = (name: string, template: string) => ({ name, template });
    expect(templateWith([named("tool_use", "a"), named("default", "b")])).toBe("b");
    expect(templateWith(undefined)).toBeUndefined();
  });

  it.each<[string, object, string]>([
    ["another model", { model_type: "gemma" }, 'model_type: expected "gpt2" or "llama" or'],
    ["another activation", { hidden_act: "gelu" }, 'hidden_act: expected "silu", got "gelu"'],
    ["biases elsewhere", { mlp_bias: true }, "mlp_bias: expected false, got true"],
    [
      "scaled positions",
      { rope_parameters: { rope_type: "longrope", factor: 4 } },
      'rope_type: expected "default" or "linear" or "dynamic" or "llama3" or "yarn", got "longrope"',
    ],
    ["so, older", { rope_parameters: undefined, rope_scaling: { type: "su" } }, '"su"'],
    ["half-turned heads", { partial_rotary_factor: 0.5 }, "partial_rotary_factor: expected 1"],
    [
      "quantized weights",
      { quantization_config: { bits: 4 } },
      "quantization_config: expected none",
    ],
    ["no size", { hidden_size: undefined }, "config.json: expected nEmbd a whole number"],
    ["fewer tokens", { vocab_size: 9 }, "a tokenizer of at most 9 tokens by the model, got 12"],
  ])("refuses a LLaMA with %s", (_, change, message) => {
    copy("llama");
    editConfig(change);
    expect(() => loadPretrained(folder)).toThrow(message);
  });

  it.each<[string, object, string]>([
    ["another activation", { activation_function: "silu" }, "activation_function: expected"],
    ["a wider inside", { n_inner: 12 }, "n_inner: expected null or 32, got 12"],
    ["other scores", { scale_attn_by_inverse_layer_idx: true }, "expected false, got true"],
    ["a head of its own", { tie_word_embeddings: false }, "tie_word_embeddings: expected true"],
    ["another ε", { layer_norm_epsilon: 1e-6 }, "layer_norm_epsilon: expected 0.00001"],
  ])("refuses a GPT-2 with %s", (_, change, message) => {
    copy("gpt2");
    editConfig(change);
    expect(() => loadPretrained(folder)).toThrow(message);
  });

  it("lists all tensors that are missing, of another shape, or left over, in one error", () => {
    copy("gpt2");
    editWeights(({ "transformer.wpe.weight": _, "transformer.h.1.ln_2.bias": __, ...others }) => ({
      ...others,
      "transformer.ln_f.bias": { shape: [4], data: new Float32Array(4) },
      "transformer.h.2.ln_1.bias": { shape: [8], data: new Float32Array(8) },
    }));
    expect(() => loadPretrained(folder)).toThrow(
      "expected the model's 28 tensors, got 27: " +
        "2 missing (transformer.wpe.weight, transformer.h.1.ln_2.bias); " +
        "1 of another shape (transformer.ln_f.bias [4] instead of [8]); " +
        "1 not used (transformer.h.2.ln_1.bias)",
    );
    editConfig({ n_layer: 9 });
    expect(() => loadPretrained(folder)).toThrow(/85 missing \(.*, and 73 more\)/);
  });

  it("refuses integers by name, a second head, and files that are not there", () => {
    copy("gpt2");
    const file = join(folder, "model.safetensors");
    const bytes = readFileSync(file);
    const text = bytes.toString("latin1");
    writeFileSync(file, Buffer.from(text.replace('"F32"', '"I32"'), "latin1"));
    expect(() => loadPretrained(folder)).toThrow(/model.safetensors.*F32.*got I32/);
    writeFileSync(file, bytes.subarray(0, 5000));
    expect(() => loadPretrained(folder)).toThrow("not a whole safetensors file");
    writeFileSync(file, bytes);
    editWeights((tensors) => ({
      ...tensors,
      "lm_head.weight": { shape: [13, 8], data: new Float32Array(104) },
    }));
    expect(() => loadPretrained(folder)).toThrow("expected the numbers of transformer.wte.weight");
    rmSync(file);
    expect(() => loadPretrained(folder)).toThrow("expected model.safetensors, got no such file");
    writeFileSync(join(folder, "pytorch_model.bin"), "");
    expect(() => loadPretrained(folder)).toThrow("got pytorch_model.bin: let transformers read it");
    rmSync(join(folder, "config.json"));
    expect(() => loadPretrained(folder)).toThrow("expected config.json, got no such file");
    expect(() => loadPretrained(`${folder}x`)).toThrow("no such folder");
  });

  it("refuses an index that its files do not follow", () => {
    copy("qwen2");
    const index = "model.safetensors.index.json";
    const whole = readFileSync(join(folder, index), "utf8");
    const refused = (from: string | RegExp, to: string, message: string) => {
      edit(index, (text) => text.replace(from, to));
      expect(() => loadPretrained(folder)).toThrow(message);
      writeFileSync(join(folder, index), whole);
    };
    refused(/model-00001-of/, "../x-00001-of", "expected a safetensors file of the folder for");
    refused("model-00003-of-00003", "model-00009-of-00003", "expected model-00009-of-00003");
    refused("lm_head.weight", "head.weight", "expected head.weight in model-0000");
    refused("weight_map", "weight_mop", "expected a weight_map, got none");
    refused("{", "[", "expected JSON");
    cpSync(
      join(folder, "model-00001-of-00003.safetensors"),
      join(folder, "model-00002-of-00003.safetensors"),
    );
    expect(() => loadPretrained(folder)).toThrow(/in two files|got none/);
  });

  it("says how a model is read whose tokenizer cannot be", () => {
    copy("llama");
    edit("tokenizer.json", (text) => text.replace('"type": "BPE"', '"type": "Other"'));
    expect(() => loadPretrained(folder)).toThrow(/Other.*{ tokenizer: false }/);
  });
});

describe("savePretrained", () => {
  const config: GPTConfig = {
    ...{ vocabSize: 13, blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0.1, bias: false },
  };
  const fresh = (change: Partial<GPTConfig> = {}) => {
    const own = { ...config, ...change };
    return { config: own, params: initGPT(own, { seed: 4 }) };
  };

  it("writes a GPT-2 without biases with biases of 0, which computes the same", async () => {
    const model = fresh();
    await savePretrained(folder, model);
    const again = loadPretrained(folder);
    expect(again.config).toEqual({ ...config, bias: true });
    const ids = tf.tensor2d([1, 2, 3, 4], [1, 4], "int32");
    const logits = [model, again].map((m) => [...gptLogits(m.params, m.config, ids).dataSync()]);
    expect(logits[0]).toEqual(logits[1]);
  });

  it("writes 16 bits, and several files with an index", async () => {
    const model = loadPretrained(join(fixtures, "mixtral"));
    for (const type of ["F16", "BF16"] as const) {
      await savePretrained(folder, model, { type, shardBytes: 1000, overwrite: true });
      const files = readdirSync(folder).sort();
      expect(files).toContain("model-00001-of-00006.safetensors");
      expect(files).toContain("model.safetensors.index.json");
      expect(files).not.toContain("model.safetensors");
      const again = loadPretrained(folder);
      const apart = farOff(again, recorded.logits.mixtral);
      expect(apart).toBeLessThan(0.1);
      expect(apart).toBeGreaterThan(1e-5);
      disposeParams(again.params);
    }
  });

  it("replaces a folder only where it is told to, and leaves nothing beside it", async () => {
    const model = fresh();
    const place = join(folder, "model");
    await savePretrained(place, model);
    writeFileSync(join(place, "notes.txt"), "mine");
    await expect(savePretrained(place, model)).rejects.toThrow("expected a new or empty folder");
    expect(readFileSync(join(place, "notes.txt"), "utf8")).toBe("mine");
    await savePretrained(place, model, { overwrite: true });
    expect(readdirSync(folder)).toEqual(["model"]);
    expect(readdirSync(place).sort()).toEqual([
      ...["config.json", "generation_config.json", "model.safetensors"],
    ]);
  });

  it("clears up what a run that was cut short has left", async () => {
    mkdirSync(join(folder, ".model.part"));
    writeFileSync(join(folder, ".model.part", "config.json"), "{");
    await savePretrained(join(folder, "model"), fresh());
    expect(readdirSync(folder)).toEqual(["model"]);
  });

  it.each<[string, Partial<GPTConfig>, string]>([
    ["rope in GPT-2", { position: "rope" }, "got a GPT-2 with position rope"],
    ["another norm", { norm: "rmsNorm" }, "got a GPT-2 with norm rmsNorm"],
    ["another activation", { activation: "swiglu" }, "got a GPT-2 with activation swiglu"],
    [
      "Qwen3's norm with Qwen2's biases",
      { family: "llama", qkNorm: true, attentionBias: "qkv" },
      "got one with qkNorm, qkvBias",
    ],
  ])("refuses what transformers does not have: %s", async (_, change, message) => {
    await expect(savePretrained(folder, fresh(change))).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses another kind than it is, missing tensors, NaN, and a tokenizer without a form", async () => {
    const model = fresh({ family: "llama" });
    await expect(savePretrained(folder, { ...model, modelType: "qwen2" })).rejects.toThrow(
      "got one with none of them to be saved as qwen2",
    );
    const { "model.norm.weight": norm, ...others } = model.params;
    await expect(savePretrained(folder, { ...model, params: others })).rejects.toThrow(
      "1 missing (model.norm.weight)",
    );
    const large = tf.variable(tf.fill([8], 70_000));
    const params = { ...model.params, "model.norm.weight": large };
    await expect(savePretrained(folder, { ...model, params }, { type: "F16" })).rejects.toThrow(
      "model.norm.weight: expected finite numbers as F16",
    );
    norm.assign(tf.fill([8], Number.NaN));
    await expect(savePretrained(folder, model)).rejects.toThrow("expected finite numbers as F32");
    const tokenizer = WordTokenizer.train("a b");
    await expect(savePretrained(folder, { ...fresh(), tokenizer })).rejects.toThrow(
      "expected byte-level BPE, WordPiece, Unigram or characters",
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

const python = process.env.LLM_TRANSFORMERS_PYTHON;
if (!python)
  console.log(
    "what transformers reads in our folders is skipped: LLM_TRANSFORMERS_PYTHON names no Python " +
      "with torch and transformers",
  );
describe.skipIf(!python)("transformers", () => {
  it("opens what we write without a map, with its logits", async () => {
    const places = modelTypes.map((name) => join(folder, name));
    for (const [i, name] of modelTypes.entries()) {
      const model = loadPretrained(join(fixtures, name));
      const options = name === "qwen3" ? { shardBytes: 1000 } : {};
      await savePretrained(places[i], model, options);
    }
    const script = new URL("../../fixtures/record/pretrained.py", import.meta.url).pathname;
    const { stdout, stderr, status } = spawnSync(python as string, [script, "--check", ...places], {
      encoding: "utf8",
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
    });
    expect(status, stderr).toBe(0);
    const seen = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    for (const [i, name] of modelTypes.entries()) {
      const { class: found, problems, logits } = seen[i];
      expect(found.toLowerCase()).toMatch(new RegExp(`^${name}(lmheadmodel|forcausallm)$`));
      expect(problems).toEqual({});
      const { values } = recorded.logits[name];
      const apart = Math.max(...values.map((x, j) => Math.abs(x - logits[j])));
      expect(apart, name).toBeLessThan(1e-5);
    }
    expect(seen[1].ids).toEqual([11, 11, 10, 4, 11, 1]);
    expect(seen[1].chat).toMatch(/^{% for m in messages %}/);
    expect(existsSync(places[1])).toBe(true);
  }, 120_000);
});
