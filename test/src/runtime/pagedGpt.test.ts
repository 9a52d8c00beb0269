// The paged GPT against the one on tensors, and what an engine relies on: pieces, tables, sharing.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import type { Piece } from "llm/inference";
import { disposeParams, type Params } from "llm/params";
import { loadGguf, saveGguf } from "llm/pretrained";
import { Random } from "llm/random";
import { PagedGPT, type PagedGPTOptions } from "llm/runtime";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { kernels, without } from "./kernels";

beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));
const folder = mkdtempSync(join(tmpdir(), "paged-"));
afterAll(() => rmSync(folder, { recursive: true }));
const open: PagedGPT[] = [];
afterEach(() => {
  for (const model of open.splice(0)) model.close();
});

const sizes = { vocabSize: 23, blockSize: 40, nLayer: 2, nHead: 4, nEmbd: 24, dropout: 0 };
const gpt2 = { ...sizes, bias: true };
const plain = { ...sizes, bias: false };
const designs: Record<string, GPTConfig> = {
  "GPT-2": gpt2,
  "GPT-2 without biases": plain,
  "RMS norm, ReLU², rotary, head norms, head of its own": {
    ...{ ...plain, norm: "rmsNorm", activation: "relu2", position: "rope", qkNorm: true },
    ...{ embeddingNorm: true, tied: false },
  },
  "SwiGLU, no gains, no positions, a cap": {
    ...{ ...plain, activation: "swiglu", normGain: false, position: "none", logitCap: 3 },
  },
  "ReLU, no norms": { ...plain, activation: "relu", norm: "none" },
  LLaMA: { ...plain, family: "llama" },
  "Qwen3: groups, head norms, wide heads": {
    ...{ ...plain, family: "llama", nKvHead: 2, qkNorm: true, headWidth: 10, nInner: 30 },
  },
  "Qwen2 with a window": {
    ...{ ...plain, family: "llama", nKvHead: 1, attentionBias: "qkv", window: 7 },
  },
  "LLaMA 3's slowed rotation": {
    ...{ ...plain, family: "llama", ropeBase: 500, attentionBias: "all" },
    ropeScaling: { type: "linear", factor: 2 },
  },
};

/** Parameters that are nowhere 0 or 1, so that a bias or a gain left out is seen. */
function paramsOf(config: GPTConfig): Params {
  const params = initGPT(config, { seed: 5 });
  const rng = new Random(6);
  for (const p of Object.values(params))
    tf.tidy(() =>
      p.assign(
        tf.add(
          tf.mul(p, 3),
          tf.tensor(
            Float32Array.from({ length: p.size }, () => 0.1 * rng.normal()),
            p.shape,
          ),
        ),
      ),
    );
  return params;
}

const T = 30;
const ids = Array.from({ length: T }, (_, i) => (i * 7 + 3) % 23);
const others = ids.map((id) => (id + 5) % 23);
const options: PagedGPTOptions = { blockTokens: 4, cacheTokens: 96, rowsAtOnce: 7 };
/** Tables of eight blocks that lie anywhere and do not meet. */
const tables = [0, 1, 2].map((n) =>
  Array.from({ length: 8 }, (_, i) => (3 * ((5 * i) % 8) + n) % 24),
);
const piece = (from: number, to: number, more: Partial<Piece> = {}): Piece => ({
  ...{ ids: ids.slice(from, to), start: from, table: tables[0], logits: "all", ...more },
});

function reference(params: Params, config: GPTConfig, text = ids): Float32Array {
  return tf
    .tidy(() => gptLogits(params, config, tf.tensor2d([text], undefined, "int32")))
    .dataSync() as Float32Array;
}

async function modelOf(params: Params, config: GPTConfig, more: PagedGPTOptions = {}) {
  const model = await PagedGPT.fromParams(params, config, { ...options, ...more });
  open.push(model);
  return model;
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  expect(a.length).toBe(b.length);
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i])));
};

describe.each(kernels)("PagedGPT on %s", (_, kernel) => {
  it.each(Object.entries(designs))("%s: the logits of the model on tensors", async (_, config) => {
    const params = paramsOf(config);
    const model = await modelOf(params, config, kernel);
    const expected = reference(params, config);
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.5);
    expect(distance(model.step([piece(0, T)]), expected)).toBeLessThan(1e-4);
    disposeParams(params);
  });

  it("gives a text the same bits in pieces, beside other texts, and in other blocks", async () => {
    for (const format of ["float32", "int8", "int4"] as const) {
      const config = designs["Qwen2 with a window"];
      const params = paramsOf(config);
      const model = await modelOf(params, config, { ...kernel, format });
      const whole = model.step([piece(0, T)]).slice();
      const got: number[] = [];
      const cuts = [0, 1, 2, 9, 10, 26, T];
      for (const [n, from] of cuts.slice(0, -1).entries()) {
        const to = cuts[n + 1];
        const other = (table: number[], logits: Piece["logits"]) =>
          piece(from, to, { ids: others.slice(from, to), table, logits });
        const logits = model.step([
          other(tables[1], "none"),
          piece(from, to, { table: tables[2] }),
          other(tables[0], "last"),
        ]);
        expect(logits.length).toBe((to - from + 1) * 23);
        got.push(...logits.subarray(0, (to - from) * 23));
      }
      expect(got).toEqual([...whole]);
      disposeParams(params);
    }
  });
});

if (without !== undefined) it.skip(`PagedGPT on native kernels: ${without}`, () => {});

describe("PagedGPT", () => {
  const config = designs.LLaMA;
  const params = () => paramsOf(config);

  it("reads a beginning that another text has written", async () => {
    const model = await modelOf(params(), config);
    const whole = model.step([piece(0, T)]).slice();
    const forked = [...tables[0].slice(0, 3), ...tables[1].slice(3)];
    const rest = model.step([piece(12, T, { table: forked })]);
    expect([...rest]).toEqual([...whole.subarray(12 * 23)]);
  });

  it("copies a block, and what is written into the copy does not change the block", async () => {
    const model = await modelOf(params(), config);
    const whole = model.step([piece(0, T)]).slice();
    const table = [...tables[0]];
    table[3] = tables[1][3];
    model.copyBlock(tables[0][3], table[3]); // positions 12 to 15
    const rest = model.step([
      piece(14, T, { table: [...table.slice(0, 4), ...tables[1].slice(4)] }),
    ]);
    expect([...rest]).toEqual([...whole.subarray(14 * 23)]);
    model.step([piece(14, 16, { ids: [1, 1], table, logits: "none" })]);
    const again = model.step([piece(16, T)]);
    expect([...again]).toEqual([...whole.subarray(16 * 23)]);
  });

  it("needs no blocks that a window hides", async () => {
    const windowed = designs["Qwen2 with a window"]; // sees 7 positions
    const model = await modelOf(paramsOf(windowed), windowed);
    const whole = model.step([piece(0, T)]).slice();
    const table = tables[0].map((block, n) => (n < 5 ? -1 : block)); // positions 0 to 19
    const rest = model.step([piece(26, T, { table })]);
    expect([...rest]).toEqual([...whole.subarray(26 * 23)]);
    expect(() => model.step([piece(25, T, { table })])).toThrow(
      "expected a block for positions 16 and following, got -1",
    );
  });

  it("is, with its first layers only, a smaller model", async () => {
    const all = params();
    const model = await modelOf(all, config);
    const before = model.step([piece(0, T)]).slice();
    const first = model.firstLayers(1, { cacheTokens: 32 });
    expect(first.blocks).toBe(8);
    const table = Array.from({ length: 8 }, (_, i) => i);
    const expected = reference(all, { ...config, nLayer: 1 });
    expect(distance(first.step([piece(0, T, { table })]), expected)).toBeLessThan(1e-4);
    expect([...model.step([piece(12, T)])]).toEqual([...before.subarray(12 * 23)]);
    expect(() => model.firstLayers(3)).toThrow("expected 1 to 2 layers, got 3");
  });

  it("reads a GGUF file, whose whole numbers stay what they are", async () => {
    const wide: GPTConfig = { ...config, nEmbd: 32, nInner: 64, nKvHead: 2, vocabSize: 13 };
    const file = join(folder, "model.gguf");
    const original = new URL("../../fixtures/gguf/model.gguf", import.meta.url).pathname;
    const drawn = paramsOf(wide);
    const text = ids.map((id) => id % 13);
    for (const [type, format] of [
      ["F32", "float32"],
      ["Q8_0", "int8"],
      ["Q4_0", "int4"],
    ] as const) {
      saveGguf(file, { params: drawn, config: wide }, { tokenizerFrom: original, type });
      const unpacked = loadGguf(file);
      const expected = reference(unpacked.params, wide, text);
      for (const asked of [undefined, "float32"] as const) {
        const model = await PagedGPT.fromGguf(file, { ...options, format: asked });
        open.push(model);
        const got = model.step([piece(0, T, { ids: text })]);
        // with whole numbers the other factors are rounded to 8 bits, too
        const exact = asked === "float32" || format === "float32";
        expect(distance(got, expected)).toBeLessThan(exact ? 1e-4 : 0.3);
        if (!exact) expect(distance(got, expected)).toBeGreaterThan(1e-5);
        const bits = { float32: 32, int8: 9, int4: 6 }[asked ?? format];
        const parameters = 13 * 32 + 2 * (32 * (32 + 16 + 16) + 32 * 32 + 3 * 32 * 64);
        expect(model.weightBytes).toBeGreaterThanOrEqual((parameters * bits) / 8);
        expect(model.weightBytes).toBeLessThan((parameters * bits) / 8 + (3 * 32 * bits) / 8 + 1);
      }
      disposeParams(unpacked.params);
    }
    disposeParams(drawn);
  });

  it("says how large a block is", async () => {
    const model = await modelOf(params(), config);
    expect(model.blockBytes).toBe(2 * 2 * 4 * 24 * 4); // K and V, layers, positions, C, bytes
  });

  it("refuses what it cannot compute, by name", async () => {
    const refused = (more: Partial<GPTConfig>) =>
      PagedGPT.fromParams({}, { ...plain, ...more } as GPTConfig, options);
    await expect(refused({ position: "alibi" })).rejects.toThrow(
      'expected a model with rotary positions, learned ones or none, got "alibi"',
    );
    await expect(refused({ shortConv: 4 })).rejects.toThrow("without short convolutions, got 4");
    await expect(refused({ normPlacement: "post" })).rejects.toThrow("norms before the sublayers");
    await expect(refused({ family: "llama", experts: { count: 2, perToken: 1 } })).rejects.toThrow(
      "without experts",
    );
    await expect(refused({})).rejects.toThrow("expected the parameter transformer.");
    await expect(
      PagedGPT.fromParams(params(), config, { ...options, blockTokens: 0 }),
    ).rejects.toThrow("expected blockTokens of 1 or more, got 0");
    await expect(
      PagedGPT.fromParams(paramsOf(gpt2), gpt2, { ...options, maxLength: 41 }),
    ).rejects.toThrow("expected maxLength of at most 40, for which there are learned positions");
  });

  it("refuses pieces that make no sense, and changes nothing", async () => {
    const model = await modelOf(params(), config);
    const whole = model.step([piece(0, T)]).slice();
    const refused = (more: Partial<Piece>) => () => model.step([piece(0, 2), piece(28, T, more)]);
    expect(refused({ ids: [] })).toThrow("expected at least one token, got none");
    expect(refused({ ids: [23] })).toThrow("expected ids from 0 to 22, got 23");
    expect(refused({ start: 39 })).toThrow("expected positions from 0 to 39, got 39 to 40");
    expect(refused({ table: [0, 1] })).toThrow("expected a block for positions 8 and following");
    expect(refused({ table: [99, ...tables[0].slice(1)] })).toThrow("got 99");
    expect(refused({ logits: "some" as never })).toThrow("expected logits all, last or none");
    expect(() => model.copyBlock(0, 24)).toThrow("expected a block from 0 to 23, got 24");
    expect([...model.step([piece(12, T)])]).toEqual([...whole.subarray(12 * 23)]);
  });
});
