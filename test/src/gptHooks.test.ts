// Hooks of the GPT against Hugging Face's recorded hidden states and attentions, and against a slow
// specification with a replacement at each name.
import { tf, useEngine } from "llm/engine";
import {
  type GPTConfig,
  gptHidden,
  gptLogits,
  gptLoss,
  gptShapes,
  type Hook,
  hookNames,
  initGPT,
} from "llm/gpt";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, engines, fixture, type Recorded, tensor, variables } from "./reference";
import { slowGPT, type Value } from "./slowGPT";

interface Model {
  params: Record<string, Recorded>;
  hiddenStates: Recorded[];
  attentions: Recorded[];
}
const gpt2 = fixture<Model & { config: GPTConfig; ids: Recorded }>("gpt");
const llamas = fixture<{ ids: Recorded; models: Record<string, Model> }>("llamaModels");
const sizes: GPTConfig = {
  ...{ family: "llama", vocabSize: 13, blockSize: 32, nLayer: 2, nHead: 4, nKvHead: 2, nEmbd: 8 },
  ...{ nInner: 12, dropout: 0, bias: false, normEps: 1e-6, tied: false },
};
const models: Record<string, { config: GPTConfig; model: Model; ids: Recorded }> = {
  gpt2: { config: gpt2.config, model: gpt2, ids: gpt2.ids },
  llama: { config: { ...sizes, tied: true }, model: llamas.models.llama, ids: llamas.ids },
  mistral: { config: { ...sizes, window: 3 }, model: llamas.models.mistral, ids: llamas.ids },
};

const everyHook = (config: GPTConfig, hook: (name: string) => Hook) =>
  Object.fromEntries(hookNames(config).map((name) => [name, hook(name)]));

describe.each(engines)("on %s", (engine) => {
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
  });

  describe.each(Object.keys(models))("%s", (which) => {
    const { config, model, ids: recordedIds } = models[which];
    let params: Params;
    let ids: tf.Tensor2D;
    beforeAll(() => {
      params = variables(model.params);
      ids = tensor(recordedIds, "int32");
    });
    afterAll(() => tf.dispose([params, ids]));

    test("hooks that only read are called once each, in order, and change no bit", () => {
      const before = tf.memory().numTensors;
      tf.tidy(() => {
        const called: string[] = [];
        const hooks = everyHook(config, (name) => () => void called.push(name));
        const looked = gptLogits(params, config, ids, { hooks }).dataSync();
        expect(called).toEqual(hookNames(config));
        expect(looked).toEqual(gptLogits(params, config, ids).dataSync());
      });
      expect(tf.memory().numTensors).toBe(before);
    });

    test("pattern and the residual stream are Hugging Face's", () => {
      const seen: Record<string, number> = {};
      const compare = (expected: Recorded, name: string) => (x: tf.Tensor) => {
        seen[name] = difference(x, expected);
      };
      const hooks: Record<string, Hook> = {};
      for (let i = 0; i < config.nLayer; i++) {
        const [pattern, post] = [`blocks.${i}.attn.hook_pattern`, `blocks.${i}.hook_resid_post`];
        hooks[pattern] = compare(model.attentions[i], pattern);
        if (i < config.nLayer - 1) hooks[post] = compare(model.hiddenStates[i + 1], post);
      }
      hooks["blocks.0.hook_resid_pre"] = compare(model.hiddenStates[0], "first");
      hooks["ln_final.hook_normalized"] = compare(model.hiddenStates[config.nLayer], "last");
      gptHidden(params, config, ids, { hooks }).dispose();
      expect(Object.keys(seen)).toHaveLength(2 * config.nLayer + 1);
      for (const [name, worst] of Object.entries(seen)) expect(worst, name).toBeLessThan(1e-5);
    });

    test("what every hook sees, and what follows from a replacement, is the slow model's", () => {
      const text = (ids.arraySync() as number[][])[1];
      const scaled = (x: Value): Value =>
        JSON.parse(JSON.stringify(x), (_, v) =>
          typeof v === "number" ? 0.5 * v + 0.1 : v,
        ) as Value;
      for (const name of hookNames(config)) {
        let theirs: Value = [];
        const expected = slowGPT(model.params, config, text, (at, value) => {
          if (at !== name) return value;
          theirs = value;
          return scaled(value);
        });
        tf.tidy(() => {
          const [V, T] = [config.vocabSize, text.length];
          const hook: Hook = (x) => {
            const own = tf.slice(x, [1, 0], [1, -1]);
            expect(own.shape.slice(1), name).toEqual(tf.tensor(theirs as number[][]).shape);
            const off = tf.sub(own, tf.tensor(theirs as number[][]));
            expect(tf.max(tf.abs(off)).dataSync()[0], name).toBeLessThan(1e-5);
            return tf.add(tf.mul(x, 0.5), 0.1);
          };
          const logits = gptLogits(params, config, ids, { hooks: { [name]: hook } });
          const own = tf.reshape(tf.slice(logits, [1, 0, 0], [1, T, V]), [T, V]);
          const off = tf.max(tf.abs(tf.sub(own, tf.tensor2d(expected)))).dataSync()[0];
          expect(off, name).toBeLessThan(2e-5);
        });
      }
    });

    test("gradients flow through every replacement", () => {
      const targets = tf.zerosLike(ids) as tf.Tensor2D;
      const factor = tf.variable(tf.scalar(1));
      const lossAt = (name: string) =>
        gptLoss(params, config, ids, targets, {
          hooks: { [name]: (x) => tf.mul(x, factor) },
        });
      for (const name of hookNames(config)) {
        const { value, grads } = tf.variableGrads(() => lossAt(name), [factor]);
        const slope = grads[factor.name].dataSync()[0];
        const [up, down] = [1.003, 0.997].map((s) => {
          factor.assign(tf.scalar(s));
          return tf.tidy(() => lossAt(name).dataSync()[0]);
        });
        factor.assign(tf.scalar(1));
        const measured = (up - down) / 0.006;
        expect(Math.abs(slope - measured), name).toBeLessThan(2e-3 * Math.abs(measured) + 5e-4);
        tf.dispose([value, grads]);
      }
      tf.dispose([targets, factor]);
    });
  });
});

describe("names", () => {
  beforeAll(() => useEngine({ quiet: true }));
  const small: GPTConfig = {
    ...{ vocabSize: 11, blockSize: 8, nLayer: 2, nHead: 2, nEmbd: 8, dropout: 0, bias: true },
  };
  const designs: Record<string, Partial<GPTConfig>> = {
    "GPT-2": {},
    "rotary positions, normalised queries": { position: "rope", qkNorm: true },
    "a bias of the scores": { position: "alibi" },
    "waves, norms after the sum": { position: "sinusoidal", normPlacement: "post" },
    "SwiGLU, RMS norms": { activation: "swiglu", norm: "rmsNorm" },
    "every part added": {
      ...{ shortConv: 3, embeddingNorm: true, embeddingSkip: true, embeddingConv: 2 },
      ...{ valueResidual: true, logitCap: 15 },
    },
    LLaMA: { ...sizes, vocabSize: 11 },
    "biases and normed queries": { ...sizes, vocabSize: 11, qkNorm: true, attentionBias: "qkv" },
    experts: { ...sizes, vocabSize: 11, experts: { count: 3, perToken: 2 } },
  };
  test.each(Object.keys(designs))(
    "are complete and in order, and reading changes nothing: %s",
    (d) => {
      const config = { ...small, ...designs[d] };
      const params = initGPT(config, { seed: 1 });
      expect(Object.keys(params)).toEqual(Object.keys(gptShapes(config)));
      tf.tidy(() => {
        const ids = tf.tensor2d([1, 2, 3, 4, 5, 6, 7, 8], [2, 4], "int32");
        for (const dropoutRate of [0, 0.5]) {
          const called: string[] = [];
          const hooks = everyHook(config, (name) => () => void called.push(name));
          const run = (options: object) => {
            const dropoutRng = dropoutRate > 0 ? new Random(3) : undefined;
            const dropping = { ...config, dropout: dropoutRate };
            return gptLogits(params, dropping, ids, { ...options, dropoutRng }).dataSync();
          };
          expect(run({ hooks })).toEqual(run({}));
          expect(called).toEqual(hookNames(config));
        }
        for (const name of hookNames(config)) {
          const hooks = { [name]: (x: tf.Tensor) => tf.mul(x, 0) };
          const changed = gptLogits(params, config, ids, { hooks });
          expect(changed.dataSync(), name).not.toEqual(gptLogits(params, config, ids).dataSync());
        }
      });
      disposeParams(params);
    },
  );

  test("listeners see what hooks have left", () => {
    const params = initGPT(small, { seed: 1 });
    tf.tidy(() => {
      const ids = tf.tensor2d([1, 2, 3], [1, 3], "int32");
      let largest = -1;
      gptLogits(params, small, ids, {
        hooks: { "blocks.1.attn.hook_pattern": (x) => tf.mul(x, 0) },
        onAttention: (layer, weights) => {
          if (layer === 1) largest = tf.max(weights).dataSync()[0];
        },
      });
      expect(largest).toBe(0);
    });
    disposeParams(params);
  });

  test("unknown names and other shapes are refused", () => {
    const params = initGPT(small, { seed: 1 });
    const ids = tf.tensor2d([1, 2, 3], [1, 3], "int32");
    const run = (name: string, hook: Hook) => () =>
      gptLogits(params, small, ids, { hooks: { [name]: hook } });
    expect(run("blocks.2.hook_resid_pre", () => {})).toThrow("got blocks.2.hook_resid_pre");
    expect(run("blocks.1.attn.hook_z", (x) => tf.sum(x, 0))).toThrow(
      "expected attn.hook_z to be replaced by (1,2,3,4), got (2,3,4)",
    );
    tf.dispose([params, ids]);
  });
});
