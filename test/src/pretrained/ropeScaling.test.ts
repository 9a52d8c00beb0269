// Rotary positions slowed down for longer texts: transformers' frequencies and logits, from its
// folders and through GGUF files, with a KV cache, and what is refused.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { tf, useEngine } from "llm/engine";
import { readGguf, readGgufTensor } from "llm/gguf";
import { type GPTConfig, gptLogits, validateGPTConfig } from "llm/gpt";
import { CachedGPT } from "llm/inference";
import {
  clear,
  ntkBase,
  type RopeScaling,
  rope,
  ropeAttentionFactor,
  ropeFactors,
  ropeFrequencies,
} from "llm/ops";
import { disposeParams } from "llm/params";
import {
  loadGguf,
  loadPretrained,
  type Pretrained,
  readConfig,
  saveGguf,
  savePretrained,
} from "llm/pretrained";
import { PagedGPT } from "llm/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { difference, engines, fixture, type Recorded, tensor } from "../reference";

const tiny = ["llama3", "linear", "yarn", "dynamic"] as const;
type Tiny = (typeof tiny)[number];
interface Real {
  width: number;
  rope: Record<string, number>;
  frequencies: Recorded;
}
const recorded = fixture<{
  real: Real[];
  ids: Recorded;
  logits: Record<Tiny, Recorded>;
  yarn: (Real & { factor: number })[];
  dynamic: {
    width: number;
    factor: number;
    positions: number;
    length: number;
    frequencies: Recorded;
  }[];
}>("ropeScaling");
const fixtures = new URL("../../fixtures", import.meta.url).pathname;
const place = (name: string) => join(fixtures, "ropeScaling", name);
const folder = mkdtempSync(join(tmpdir(), "rope-scaling-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

type Llama3 = RopeScaling & { type: "llama3" };
const llama3: Llama3 = {
  type: "llama3",
  ...{ factor: 8, lowFreqFactor: 1, highFreqFactor: 4, originalBlockSize: 64 },
};
const expected = {
  llama3,
  linear: { type: "linear", factor: 4 },
  yarn: { type: "yarn", factor: 8, originalBlockSize: 32, betaFast: 4, betaSlow: 0.5 },
  dynamic: { type: "dynamic", factor: 4, originalBlockSize: 16 },
} as const satisfies Record<Tiny, RopeScaling>;
const farOff = ({ params, config }: Pretrained, logits: Recorded) =>
  tf.tidy(() => {
    const ids = tensor<tf.Tensor2D>(recorded.ids, "int32");
    return difference(gptLogits(params, config, ids), logits);
  });
const configOf = (rope: object, change: object = {}) => {
  const json = JSON.parse(readFileSync(join(place("linear"), "config.json"), "utf8"));
  return readConfig({ ...json, rope_parameters: rope, ...change }, "here").config;
};

describe("frequencies", () => {
  it.each(recorded.real)("are transformers' in heads of $width", ({ width, rope, frequencies }) => {
    const { ropeScaling, ropeBase } = configOf(rope);
    const ours = ropeFrequencies(width, ropeBase, ropeScaling);
    const off = ours.map((x, i) => Math.abs(x / frequencies.values[i] - 1));
    expect(ours).toHaveLength(frequencies.values.length);
    expect(Math.max(...off)).toBeLessThan(2e-6);
  });

  const offBy = (ours: number[], { values }: Recorded) =>
    Math.max(...ours.map((x, i) => Math.abs(x / values[i] - 1)));

  it.each(recorded.yarn)("are transformers' with YaRN: $width, $rope.factor", (real) => {
    const { ropeScaling, ropeBase } = configOf(real.rope);
    expect(ropeScaling?.type).toBe("yarn");
    const ours = ropeFrequencies(real.width, ropeBase, ropeScaling);
    expect(ours).toHaveLength(real.width / 2);
    expect(offBy(ours, real.frequencies)).toBeLessThan(2e-6);
    expect(ropeAttentionFactor(ropeScaling)).toBeCloseTo(real.factor, 7);
  });

  it.each(recorded.dynamic)("are transformers' with dynamic NTK at length $length", (real) => {
    const { width, factor, positions, length, frequencies } = real;
    const scaling = { type: "dynamic", factor, originalBlockSize: positions } as const;
    const ours = ropeFrequencies(width, 1e4, scaling, length);
    expect(offBy(ours, frequencies)).toBeLessThan(5e-6);
    expect(() => ropeFrequencies(width, 1e4, scaling)).toThrow("the length of the text");
  });

  it("of NTK keep the quickest pair and divide the slowest by the factor", () => {
    const [plain, larger] = [1e4, ntkBase(1e4, 32, 8)].map((base) => ropeFrequencies(32, base));
    expect(larger[0]).toBe(plain[0]);
    expect(plain[15] / larger[15]).toBeCloseTo(8, 6);
  });

  it("have all three bands in the tiny model", () => {
    const [fast, first, second, slow] = ropeFactors(8, 100, llama3);
    expect([fast, slow]).toEqual([1, 8]);
    for (const between of [first, second]) {
      expect(between).toBeGreaterThan(1);
      expect(between).toBeLessThan(8);
    }
  });

  it("grow with no pair, and are never slower than all divided by the factor", () => {
    const positive = (max: number) => fc.double({ min: 1, max, noNaN: true });
    fc.assert(
      fc.property(positive(64), positive(4), positive(8), positive(1e4), (factor, low, more, L) => {
        const scaling: Llama3 = {
          type: "llama3",
          ...{ factor, lowFreqFactor: low, highFreqFactor: low + more, originalBlockSize: L },
        };
        const factors = ropeFactors(16, 10000, scaling);
        for (const [i, x] of factors.entries()) {
          expect(x).toBeGreaterThanOrEqual((factors[i - 1] ?? 1) - 1e-9);
          expect(x).toBeLessThanOrEqual(factor + 1e-9);
        }
      }),
    );
  });
});

describe.each(engines)("rope on %s", (engine) => {
  beforeAll(() => useEngine({ prefer: engine, quiet: true }));

  it("is the same clear and fast, and its tables are not those of other scalings", () => {
    tf.tidy(() => {
      const x = tf.randomNormal<tf.Rank.R4>([1, 2, 9, 8], 0, 1, "float32", 3);
      const kinds = [undefined, llama3, expected.linear, expected.yarn];
      const results = kinds.map((scaling) => {
        const options = { base: 100, scaling };
        const fast = rope(x, options);
        expect(tf.max(tf.abs(tf.sub(fast, clear.rope(x, options)))).dataSync()[0]).toBeLessThan(
          1e-5,
        );
        return fast;
      });
      for (const [a, b] of [
        [0, 1],
        [0, 2],
        [1, 2],
        [0, 3],
        [2, 3],
      ])
        expect(tf.max(tf.abs(tf.sub(results[a], results[b]))).dataSync()[0]).toBeGreaterThan(0.1);
    });
  });
});

/** What a GGUF file can say. */
const divided = (name: Tiny) => name === "llama3" || name === "linear";

describe.each(tiny)("a LLaMA of transformers with %s", (name) => {
  it("has its logits, which it has not without the scaling", () => {
    const model = loadPretrained(place(name));
    expect(model.config).toMatchObject({ ropeBase: 100, ropeScaling: expected[name] });
    expect(farOff(model, recorded.logits[name])).toBeLessThan(1e-4);
    const { ropeScaling: _, ...unscaled } = model.config;
    expect(farOff({ ...model, config: unscaled }, recorded.logits[name])).toBeGreaterThan(0.1);
    disposeParams(model.params);
  });

  it("is written to a folder and read again", async () => {
    const model = loadPretrained(place(name));
    const file = JSON.parse(readFileSync(join(place(name), "config.json"), "utf8"));
    await savePretrained(join(folder, name), model);
    const written = JSON.parse(readFileSync(join(folder, name, "config.json"), "utf8"));
    expect(written.rope_parameters).toEqual(file.rope_parameters);
    const again = loadPretrained(join(folder, name));
    expect(again.config).toEqual(model.config);
    for (const { params } of [model, again]) disposeParams(params);
  });

  it.skipIf(!divided(name))("goes through a GGUF file", () => {
    const model = loadPretrained(place(name));
    const file = join(folder, `${name}.gguf`);
    saveGguf(file, model, { tokenizerFrom: join(fixtures, "gguf/model.gguf") });
    const again = loadGguf(file);
    expect(farOff(again, recorded.logits[name])).toBeLessThan(1e-4);
    const { tensors, metadata } = readGguf(file);
    if (name === "linear") {
      expect(again.config.ropeScaling).toEqual(expected.linear);
      expect(tensors.has("rope_freqs.weight")).toBe(false);
      expect(metadata.get("llama.rope.scaling.type")).toBe("linear");
    } else {
      const { data } = readGgufTensor(readGguf(file), "rope_freqs.weight");
      expect(Array.from(data)).toEqual(ropeFactors(8, 100, llama3).map(Math.fround));
      expect(again.config.ropeScaling).toEqual({ type: "pairs", factors: Array.from(data) });
    }
    saveGguf(`${file}.2`, again, { tokenizerFrom: file });
    expect(readFileSync(`${file}.2`)).toEqual(readFileSync(file));
    for (const { params } of [model, again]) disposeParams(params);
  });

  it.skipIf(divided(name))("is refused by a GGUF file, which has divisors only", () => {
    const model = loadPretrained(place(name));
    const save = () =>
      saveGguf(join(folder, "no"), model, { tokenizerFrom: join(fixtures, "gguf/model.gguf") });
    expect(save).toThrow(`ropeScaling: expected what divisors of each pair can say, got "${name}"`);
    disposeParams(model.params);
  });

  it.skipIf(name !== "dynamic")("is refused by a KV cache, whose keys stay turned", () => {
    const { params, config } = loadPretrained(place(name));
    expect(() => new CachedGPT(params, config)).toThrow("got ropeScaling dynamic");
    disposeParams(params);
  });

  it.skipIf(name === "dynamic")("decodes on plain memory what it computes at once", async () => {
    const { params, config } = loadPretrained(place(name));
    const model = await PagedGPT.fromParams(params, config, { cacheTokens: 64, blockTokens: 8 });
    const ids = recorded.ids.values.slice(0, 40);
    const table = [0, 1, 2, 3, 4];
    const logits = model.step([{ ids, start: 0, table, logits: "last" }]);
    const from = recorded.logits[name].values.slice(39 * 13, 40 * 13);
    expect(Math.max(...from.map((x, i) => Math.abs(x - logits[i])))).toBeLessThan(1e-4);
    model.close();
    disposeParams(params);
  });

  it.skipIf(name === "dynamic")("decodes with a KV cache what it computes at once", async () => {
    const { params, config } = loadPretrained(place(name));
    const ids = recorded.ids.values.slice(0, 40);
    const cached = new CachedGPT(params, config);
    let last = await cached.begin(ids.slice(0, 30));
    for (const id of ids.slice(30)) last = await cached.next(id);
    const from = recorded.logits[name].values.slice(39 * 13, 40 * 13);
    expect(Math.max(...from.map((x, i) => Math.abs(x - last[i])))).toBeLessThan(1e-4);
    cached.dispose();
    disposeParams(params);
  });
});

describe("other files", () => {
  it("may say it in the older form", () => {
    const scaling = { factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
    const older = { rope_theta: 100, rope_parameters: undefined };
    const given = { ...scaling, original_max_position_embeddings: 64, rope_type: "llama3" };
    const both = configOf({}, { ...older, rope_scaling: given });
    expect([both.ropeBase, both.ropeScaling]).toEqual([100, llama3]);
    const linear = configOf({}, { ...older, rope_scaling: { type: "linear", factor: 4 } });
    expect(linear.ropeScaling).toEqual(expected.linear);
  });

  it("without the length of the training before have the model's own", () => {
    const { originalBlockSize: _, ...rest } = llama3;
    const given = { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
    expect(configOf(given).ropeScaling).toEqual({ ...rest, originalBlockSize: 256 });
  });

  it.each<[string, object, string]>([
    ["no factor", { rope_type: "linear" }, "ropeScaling with factor above 0, got undefined"],
    ["a factor of 0", { rope_type: "linear", factor: 0 }, "factor above 0, got 0"],
    [
      "bands that are no bands",
      { rope_type: "llama3", factor: 8, low_freq_factor: 4, high_freq_factor: 4 },
      "highFreqFactor above lowFreqFactor, got 4 and 4",
    ],
    ["another scaling", { rope_type: "longrope", factor: 4 }, 'rope_type: expected "default" or'],
    ["YaRN between pairs", { rope_type: "yarn", factor: 4, truncate: false }, "truncate: expected"],
    [
      "YaRN's bands in the wrong order",
      { rope_type: "yarn", factor: 4, beta_fast: 1, beta_slow: 2 },
      "betaFast above betaSlow above 0, got 1 and 2",
    ],
  ])("with %s are refused", (_, rope, message) => {
    expect(() => configOf(rope)).toThrow(message);
  });
});

describe("a scaling pair by pair", () => {
  const config: GPTConfig = {
    ...{ family: "llama", vocabSize: 13, blockSize: 24, nLayer: 1, nHead: 2, nEmbd: 8 },
    ...{ dropout: 0, bias: false },
  };
  it.each<[number[], string]>([
    [[1, 2, 3], "ropeScaling with 2 factors, got 3"],
    [[1, Number.NaN], "factors that are numbers above 0, got [1,null]"],
  ])("is refused with %s", (factors, message) => {
    const scaling = { ...config, ropeScaling: { type: "pairs", factors } } as const;
    expect(() => validateGPTConfig(scaling)).toThrow(message);
  });

  it("has no place in transformers' files", async () => {
    const { params, ...model } = loadGguf(join(folder, "llama3.gguf"));
    await expect(savePretrained(join(folder, "none"), { params, ...model })).rejects.toThrow(
      "scaled pair by pair, as in a GGUF file",
    );
    disposeParams(params);
  });

  it("of a kind that is not known is refused", () => {
    const bytes = readFileSync(join(folder, "linear.gguf"));
    const at = bytes.indexOf("linear", bytes.indexOf("llama.rope.scaling.type"), "latin1");
    bytes.write("strang", at, "latin1");
    const file = join(folder, "strange.gguf");
    writeFileSync(file, bytes);
    expect(() => loadGguf(file)).toThrow(
      "llama.rope.scaling.type: expected none or linear, got strang",
    );
  });

  it("belongs to the family llama", () => {
    const gpt2 = { ...config, family: "gpt2", ropeScaling: expected.linear } as GPTConfig;
    expect(() => validateGPTConfig(gpt2)).toThrow("no ropeScaling in the family gpt2");
  });
});
