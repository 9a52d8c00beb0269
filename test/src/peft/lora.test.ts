// LoRA against Hugging Face's peft (test/fixtures/peft.json): what the adapted models compute, their
// gradients, merging, combining, files in both directions; and that nothing is worked out for a
// frozen matrix.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decodeSafetensors } from "llm/checkpoint";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, gptLoss, initGPT } from "llm/gpt";
import { cloneParams, disposeParams, freezeParams, lossAndGrads, type Params } from "llm/params";
import {
  adapted,
  combineLoras,
  disposeAddition,
  initLora,
  type Lora,
  loadLora,
  loraDelta,
  mergeLora,
  saveLora,
  unmergeLora,
} from "llm/peft";
import { loadPretrained, type Pretrained } from "llm/pretrained";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, engines, fixture, type Recorded, tensor } from "../reference";

interface Known {
  logits: Recorded;
  mergedLogits: Recorded;
  loss: number;
  grads: Record<string, Recorded>;
  trainable: number;
}
const recorded = fixture<{
  ids: Recorded;
  targets: Recorded;
  loras: Record<string, Known>;
  combined: { weights: number[]; linear: Recorded; cat: Recorded };
}>("peft");
const fixtures = fileURLToPath(new URL("../../fixtures", import.meta.url));
const folderOf = (name: string) => join(fixtures, "peft", name);
const ids = () => tensor<tf.Tensor2D>(recorded.ids, "int32");
const targets = () => tensor<tf.Tensor2D>(recorded.targets, "int32");
const scratch = mkdtempSync(join(tmpdir(), "llm-peft-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** A tiny model of transformers, and a LoRA that peft wrote for it. */
function opened(name: string): Pretrained & { lora: Lora; all: Params } {
  const model = loadPretrained(join(fixtures, "pretrained", name.split("-")[0]));
  const lora = loadLora(folderOf(name), model.params);
  return { ...model, lora, all: adapted(model.params, lora) };
}

function free({ params, lora }: { params: Params; lora: Lora }) {
  disposeParams(params);
  disposeAddition(lora);
}

describe.each(engines)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
  });

  describe.each(["llama-1", "llama-2", "gpt2-3"])("peft's %s", (name) => {
    const known = recorded.loras[name];

    test("gives its logits", () => {
      const model = opened(name);
      tf.tidy(() => {
        const logits = gptLogits(model.all, model.config, ids());
        expect(difference(logits, known.logits)).toBeLessThan(1e-5);
        const without = gptLogits(model.params, model.config, ids());
        expect(difference(without, known.logits)).toBeGreaterThan(0.1);
      });
      free(model);
    });

    test("gives its loss and gradients, of the frozen model too", () => {
      const model = opened(name);
      for (const frozen of [false, true]) {
        freezeParams(model.params, frozen);
        const { loss, grads } = lossAndGrads(model.lora.params, () =>
          gptLoss(model.all, model.config, ids(), targets()),
        );
        expect(loss.dataSync()[0]).toBeCloseTo(known.loss, 5);
        expect(Object.keys(grads).sort()).toEqual(Object.keys(known.grads).sort());
        for (const [key, gradient] of Object.entries(grads))
          expect(difference(gradient, known.grads[key]), key).toBeLessThan(1e-5);
        tf.dispose([loss, grads]);
      }
      free(model);
    });

    test("is merged as peft merges, and taken out again to 1e-6", () => {
      const model = opened(name);
      const before = cloneParams(model.params);
      mergeLora(model.params, model.lora);
      tf.tidy(() => {
        const logits = gptLogits(model.params, model.config, ids());
        expect(difference(logits, known.mergedLogits)).toBeLessThan(1e-5);
      });
      unmergeLora(model.params, model.lora);
      for (const key in before) {
        const apart = tf.tidy(() => tf.max(tf.abs(tf.sub(before[key], model.params[key]))));
        expect(apart.dataSync()[0], key).toBeLessThan(1e-6);
        apart.dispose();
      }
      disposeParams(before);
      free(model);
    });

    test("is written as it was read", async () => {
      const model = opened(name);
      const folder = join(scratch, `${engine}-${name}`);
      await saveLora(folder, model.lora, { base: model.params, baseName: "tiny" });
      const [ours, theirs] = [folder, folderOf(name)].map((place) => ({
        file: decodeSafetensors(readFileSync(join(place, "adapter_model.safetensors"))),
        config: JSON.parse(readFileSync(join(place, "adapter_config.json"), "utf8")),
      }));
      expect(Object.keys(ours.file.tensors).sort()).toEqual(
        Object.keys(theirs.file.tensors).sort(),
      );
      for (const [key, { data }] of Object.entries(theirs.file.tensors))
        expect(ours.file.tensors[key].data).toEqual(data);
      for (const [key, value] of Object.entries(ours.config))
        expect([key, theirs.config[key]]).toEqual([key, value]);
      free(model);
    });
  });

  test.each(["linear", "cat"] as const)("two are added as peft adds them: %s", (method) => {
    const [one, two] = ["llama-1", "llama-2"].map(opened);
    const both = combineLoras([one.lora, two.lora], recorded.combined.weights, method);
    tf.tidy(() => {
      const logits = gptLogits(adapted(one.params, both), one.config, ids());
      expect(difference(logits, recorded.combined[method])).toBeLessThan(1e-5);
    });
    disposeAddition(both);
    free(one);
    free(two);
  });

  test("a sum by cat is the sum of what they add to a matrix; linear is not", () => {
    const [one, two] = ["llama-1", "llama-2"].map(opened);
    const layer = one.lora.layers[0];
    tf.tidy(() => {
      const sum = tf.sub(
        tf.mul(loraDelta(one.lora, layer), 2),
        tf.mul(loraDelta(two.lora, layer), 3),
      );
      const apart = (method: "cat" | "linear") => {
        const both = combineLoras([one.lora, two.lora], [2, -3], method);
        return tf.max(tf.abs(tf.sub(loraDelta(both, layer), sum))).dataSync()[0];
      };
      expect(apart("cat")).toBeLessThan(1e-5);
      expect(apart("linear")).toBeGreaterThan(0.1);
    });
    free(one);
    free(two);
  });

  const tiny: Record<string, GPTConfig> = {
    llama: {
      ...{ family: "llama", vocabSize: 13, blockSize: 32, nLayer: 2, nHead: 4, nKvHead: 2 },
      ...{ nEmbd: 8, nInner: 20, dropout: 0, bias: false },
    },
    gpt2: { vocabSize: 13, blockSize: 32, nLayer: 2, nHead: 2, nEmbd: 8, dropout: 0, bias: true },
  };

  describe.each(Object.keys(tiny))("a fresh one of %s", (family) => {
    const config = tiny[family];

    test("begins as the model, with the first gradient in B alone", () => {
      const params = initGPT(config, { seed: 1 });
      const lora = initLora(params, { r: 3 }, { seed: 2 });
      const all = adapted(params, lora);
      const logits = tf.tidy(() =>
        [params, all].map((p) => gptLogits(p, config, ids()).dataSync()),
      );
      expect(logits[1]).toEqual(logits[0]);
      const { loss, grads } = lossAndGrads(lora.params, () =>
        gptLoss(all, config, ids(), targets()),
      );
      for (const [name, gradient] of Object.entries(grads)) {
        const largest = tf.tidy(() => tf.max(tf.abs(gradient)).dataSync()[0]);
        if (name.includes("lora_A")) expect(largest).toBe(0);
        else expect(largest).toBeGreaterThan(0);
      }
      tf.dispose([loss, grads]);
      disposeAddition(lora);
      disposeParams(params);
    });

    test("no gradient of a frozen matrix is worked out", async () => {
      const params = initGPT(config, { seed: 1 });
      const lora = initLora(params, { r: 3 }, { seed: 2 });
      const all = adapted(params, lora);
      const matrices = Object.values(params).filter(({ rank }) => rank === 2);
      const shapes = new Set(matrices.map(({ shape }) => `${shape}`));
      /** How many kernels of a step give something of the shape of a matrix of the model. */
      const count = async (trained: Params) => {
        const { kernels } = await tf.profile(() => {
          const step = lossAndGrads(trained, () => gptLoss(all, config, ids(), targets()));
          tf.dispose([step.loss, step.grads]);
          return tf.scalar(0);
        });
        const products = kernels.filter(({ name }) => /MatMul|SegmentSum/.test(name));
        const outputs = products.flatMap(({ outputShapes }) => outputShapes.map((s) => `${s}`));
        return outputs.filter((shape) => shapes.has(shape)).length;
      };
      expect(await count(params)).toBeGreaterThanOrEqual(matrices.length);
      freezeParams(params);
      expect(await count(lora.params)).toBe(0);
      disposeAddition(lora);
      disposeParams(params);
    });
  });

  describe("an error, and nothing lost:", () => {
    const model = () => loadPretrained(join(fixtures, "pretrained", "llama"));

    test.each<[what: string, said: RegExp, change: (folder: string) => void]>([
      [
        "no weights",
        /expected adapter_model.safetensors, got no such file/,
        (folder) => rmSync(join(folder, "adapter_model.safetensors")),
      ],
      [
        "half a file",
        /adapter_model.safetensors: .*not a whole/,
        (folder) => {
          const file = join(folder, "adapter_model.safetensors");
          writeFileSync(file, readFileSync(file).subarray(0, 300));
        },
      ],
      [
        "DoRA",
        /use_dora: expected none of that, got true/,
        (folder) => edit(folder, { use_dora: true }),
      ],
      [
        "IA³",
        /peft_type: expected "LORA", got "IA3"/,
        (folder) => edit(folder, { peft_type: "IA3" }),
      ],
      ["another rank", /expected the rank r = 4/, (folder) => edit(folder, { r: 4 })],
      [
        "no α",
        /lora_alpha: expected a number above 0, got null/,
        (folder) => edit(folder, { lora_alpha: null }),
      ],
      [
        "patterns",
        /rank_pattern: expected none/,
        (folder) => edit(folder, { rank_pattern: { q_proj: 4 } }),
      ],
    ])("%s", (_, said, change) => {
      const folder = mkdtempSync(join(scratch, "damaged-"));
      cpSync(folderOf("llama-1"), folder, { recursive: true });
      change(folder);
      const { params } = model();
      const before = tf.memory().numTensors;
      expect(() => loadLora(folder, params)).toThrow(said);
      expect(tf.memory().numTensors).toBe(before);
      disposeParams(params);
    });

    test("a LoRA of another family, of other widths, and of a model with other numbers", async () => {
      const { params, config } = model();
      expect(() => loadLora(folderOf("gpt2-3"), params)).toThrow(
        /expected a LoRA of this model, got one of transformer.h.0.attn.c_attn, which the model has not/,
      );
      const wide = initGPT({ ...config, nEmbd: 16, nInner: 24 }, { seed: 1 });
      expect(() => loadLora(folderOf("llama-1"), wide)).toThrow(
        /q_proj with A \[2,8\] and B \[8,2\] instead of \[r, 16\] and \[16, r\]/,
      );
      const lora = loadLora(folderOf("llama-1"), params);
      const folder = join(scratch, `${engine}-known`);
      await saveLora(folder, lora, { base: params });
      const other = initGPT(config, { seed: 1 });
      expect(() => loadLora(folder, other)).toThrow(/the same shapes with other numbers/);
      disposeAddition(loadLora(folder, other, { sameBase: false }));
      const kept = wide["model.layers.0.self_attn.q_proj.weight"].dataSync();
      expect(() => mergeLora(wide, lora)).toThrow(/mergeLora: expected a LoRA of this model/);
      expect(wide["model.layers.0.self_attn.q_proj.weight"].dataSync()).toEqual(kept);
      expect(() => adapted(adapted(params, lora), lora)).toThrow(/has it already/);
      for (const p of [params, wide, other]) disposeParams(p);
      disposeAddition(lora);
    });

    test("numbers that are not finite are not written", async () => {
      const { params } = model();
      const lora = loadLora(folderOf("llama-1"), params);
      const [first] = Object.values(lora.params);
      tf.tidy(() => first.assign(tf.fill(first.shape, Number.NaN)));
      const folder = join(scratch, `${engine}-nan`);
      await expect(saveLora(folder, lora, { base: params })).rejects.toThrow(
        "expected finite numbers",
      );
      expect(readdirSync(scratch)).not.toContain(`${engine}-nan`);
      disposeParams(params);
      disposeAddition(lora);
    });

    test("a rank of 0, an unknown target, weights that are not one for each", () => {
      const { params } = model();
      expect(() => initLora(params, { r: 0 }, { seed: 1 })).toThrow(/a rank r of 1 or more, got 0/);
      expect(() => initLora(params, { r: 1, targets: ["query"] }, { seed: 1 })).toThrow(
        /expected targets out of q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj, got query/,
      );
      const lora = initLora(params, { r: 1 }, { seed: 1 });
      expect(() => combineLoras([lora], [1, 2])).toThrow(/one weight for each LoRA, got 2 for 1/);
      const wider = initLora(params, { r: 2 }, { seed: 1 });
      expect(() => combineLoras([lora, wider], [1, 2], "linear")).toThrow(/one rank for linear/);
      for (const addition of [lora, wider]) disposeAddition(addition);
      disposeParams(params);
    });
  });
});

function edit(folder: string, change: object): void {
  const file = join(folder, "adapter_config.json");
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, "utf8")), ...change }));
}

const python = process.env.LLM_TRANSFORMERS_PYTHON;
if (!python)
  console.log(
    "what peft reads in our folders is skipped: LLM_TRANSFORMERS_PYTHON names no Python with peft",
  );
describe.skipIf(!python)("peft", () => {
  test("opens what we write, with our logits and without a warning", async () => {
    await useEngine({ prefer: engines[0], quiet: true });
    const places: string[] = [];
    const ours: Float32Array[] = [];
    for (const name of ["llama", "gpt2"]) {
      const { params, config } = loadPretrained(join(fixtures, "pretrained", name));
      const lora = initLora(params, { r: 3, alpha: 5 }, { seed: 4 });
      for (const tensor of Object.values(lora.params))
        tf.tidy(() => tensor.assign(tf.randomNormal(tensor.shape, 0, 0.3, "float32", 7)));
      const folder = join(scratch, `for-peft-${name}`);
      await saveLora(folder, lora, { base: params });
      places.push(`${name}=${folder}`);
      ours.push(
        tf.tidy(() => gptLogits(adapted(params, lora), config, ids()).dataSync() as Float32Array),
      );
      disposeParams(params);
      disposeAddition(lora);
    }
    const script = join(fixtures, "record", "peft.py");
    const { stdout, stderr, status } = spawnSync(python as string, [script, "--check", ...places], {
      encoding: "utf8",
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
    });
    expect(status, stderr).toBe(0);
    for (const [i, line] of stdout.trim().split("\n").entries()) {
      const { logits, warnings } = JSON.parse(line);
      expect(warnings).toEqual([]);
      expect(Math.max(...ours[i].map((x, j) => Math.abs(x - logits[j])))).toBeLessThan(1e-5);
    }
  }, 120_000);
});
