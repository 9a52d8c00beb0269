// The room of lesson 28 (interpretability): each function against a slow one, or where the answer is
// known.
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, gptLoss, initGPT } from "llm/gpt";
import * as I from "llm/interpret";
import { disposeParams, type Params } from "llm/params";
import { Random, randomNormal } from "llm/random";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { difference, engines } from "../reference";

const config: GPTConfig = {
  ...{ vocabSize: 9, blockSize: 8, nLayer: 2, nHead: 2, nEmbd: 8, dropout: 0, bias: false },
  initStd: { embeddings: 0.5, matrices: 0.4 },
};
const rows = [
  [1, 2, 3, 4, 1, 2, 3, 4],
  [5, 6, 7, 8, 5, 6, 7, 8],
  [0, 3, 1, 7, 0, 3, 1, 7],
];
const close = (a: number, b: number, by = 1e-4) => expect(Math.abs(a - b)).toBeLessThan(by);

describe.each(engines)("interpret on %s", (engine) => {
  let params: Params;
  let model: I.Model;
  let ids: tf.Tensor2D;
  let before: number;
  beforeAll(async () => {
    await useEngine({ prefer: engine, quiet: true });
    params = initGPT(config, { seed: 3 });
    model = { params, config };
    ids = I.tensorOf(rows);
    before = tf.memory().numTensors;
  });
  afterAll(() => {
    expect(tf.memory().numTensors).toBe(before); // nothing is left behind by any test
    disposeParams(params);
    ids.dispose();
  });

  test("runWithCache keeps what is asked for, and the logits are the model's", () => {
    const { logits, cache } = I.runWithCache(model, ids, (name) => name.endsWith("resid_post"));
    expect(Object.keys(cache)).toEqual(["blocks.0.hook_resid_post", "blocks.1.hook_resid_post"]);
    const plain = gptLogits(params, config, ids);
    expect(logits.dataSync()).toEqual(plain.dataSync());
    tf.dispose([logits, cache, plain]);
    expect(() => I.runWithCache(model, ids, ["blocks.7.hook_mlp_out"])).toThrow("got blocks.7");
  });

  test("lossAt is the model's loss at the places", () => {
    tf.tidy(() => {
      const read = tf.slice(ids, [0, 0], [3, 7]);
      const next = tf.slice(ids, [0, 1], [3, 7]);
      const loss = gptLoss(params, config, read as tf.Tensor2D, next as tf.Tensor2D);
      const logits = gptLogits(params, config, ids);
      close(I.lossAt(logits, rows, [0, 1, 2, 3, 4, 5, 6]), loss.dataSync()[0]);
      expect(() => I.lossAt(logits, rows, [7])).toThrow("expected places from 0 to 6, got 7");
    });
  });

  test("lookingBack averages the weights at one distance", () => {
    tf.tidy(() => {
      const pattern = randomNormal([3, 2, 5, 5], { rng: new Random(1) }) as tf.Tensor4D;
      const values = pattern.arraySync();
      const expected = [0, 1].map((h) => {
        const found = values.flatMap((row) => [3, 4].map((t) => row[h][t][t - 2]));
        return found.reduce((a, b) => a + b) / found.length;
      });
      const scores = I.lookingBack(pattern, 2, 3).dataSync();
      for (const h of [0, 1]) close(scores[h], expected[h], 1e-5);
      expect(() => I.lookingBack(pattern, 3, 2)).toThrow("expected 0 ≤ back ≤ from < 5");
    });
  });

  test("ablatedHead changes one head, in each of the three ways", () => {
    tf.tidy(() => {
      const z = randomNormal([3, 2, 4, 5], { rng: new Random(2) }) as tf.Tensor4D;
      const values = z.arraySync();
      for (const instead of ["zero", "mean", "resample"] as const) {
        const cut = I.ablatedHead(z, 1, instead).arraySync();
        const all = (d: number) => values.flatMap((row) => row[1].map((v) => v[d]));
        for (let b = 0; b < 3; b++)
          for (let t = 0; t < 4; t++)
            for (let d = 0; d < 5; d++) {
              expect(cut[b][0][t][d]).toBe(values[b][0][t][d]);
              const expected = {
                zero: 0,
                mean: all(d).reduce((x, y) => x + y) / 12,
                resample: values[(b + 2) % 3][1][t][d],
              }[instead];
              close(cut[b][1][t][d], expected, 1e-5);
            }
      }
      expect(() => I.ablatedHead(z, 2, "zero")).toThrow("expected a head from 0 to 1, got 2");
    });
  });

  test("a head cut by zeros writes what its results say", () => {
    tf.tidy(() => {
      const loss = I.secondHalfLoss(model, rows, I.withoutHeads([{ layer: 1, head: 0 }], "zero"));
      const removed = {
        "blocks.1.attn.hook_result": (x: tf.Tensor) => tf.mul(x, tf.tensor4d([0, 1], [1, 2, 1, 1])),
      };
      close(loss, I.secondHalfLoss(model, rows, removed), 1e-5);
      expect(Math.abs(loss - I.secondHalfLoss(model, rows))).toBeGreaterThan(1e-3);
    });
  });

  test("copyingScore is large for a head that copies", () => {
    const copies = initGPT(config, { seed: 3 });
    tf.tidy(() => {
      const [qkv, out] = ["c_attn", "c_proj"].map((n) => `transformer.h.0.attn.${n}.weight`);
      const eye = tf.eye(8);
      copies[qkv].assign(tf.concat([tf.zeros([8, 16]), eye], 1));
      copies[out].assign(eye);
    });
    const head = { layer: 0, head: 1 };
    const score = I.copyingScore({ params: copies, config }, head);
    expect(score).toBeGreaterThan(0.8);
    tf.tidy(() => copies["transformer.h.0.attn.c_proj.weight"].assign(tf.mul(tf.eye(8), -1)));
    close(I.copyingScore({ params: copies, config }, head), -score);
    // two reversals one after the other copy again: the second layer reads what the first has written
    tf.tidy(() => {
      copies["transformer.h.1.attn.c_attn.weight"].assign(
        copies["transformer.h.0.attn.c_attn.weight"],
      );
      copies["transformer.h.1.attn.c_proj.weight"].assign(tf.mul(tf.eye(8), -1));
    });
    const second = { layer: 1, head: 1 };
    close(I.copyingScore({ params: copies, config }, second), -score);
    close(I.copyingScore({ params: copies, config }, second, [head]), score);
    disposeParams(copies);
  });

  test("copyingOnActivations is the slow sum over queries and keys", () => {
    const names = ["blocks.1.attn.hook_result", "blocks.1.attn.hook_pattern"];
    const { cache, logits } = I.runWithCache(model, ids, names);
    const [result, pattern] = names.map((name) => cache[name].arraySync() as number[][][][]);
    tf.dispose([cache, logits]);
    const E = params["transformer.wte.weight"].arraySync() as number[][];
    const gain = params["transformer.ln_f.weight"].arraySync() as number[];
    const mean = (x: number[]) => x.reduce((a, b) => a + b, 0) / x.length;
    for (const head of [0, 1]) {
      const all: number[] = [];
      for (let b = 0; b < 3; b++)
        for (let t = 4; t < 8; t++) {
          const wrote = result[b][head][t];
          const normed = wrote.map((x, c) => (x - mean(wrote)) * gain[c]);
          const says = E.map((e) => e.reduce((sum, x, c) => sum + x * normed[c], 0));
          const spread = Math.sqrt(mean(says.map((x) => (x - mean(says)) ** 2)));
          let sum = 0;
          for (let k = 0; k <= t; k++)
            sum += (pattern[b][head][t][k] * (says[rows[b][k]] - mean(says))) / spread;
          all.push(sum);
        }
      close(I.copyingOnActivations(model, rows, 4)[1][head], mean(all), 1e-3);
    }
  });

  test("patching everything brings the other pass; one place changes nothing before it", () => {
    tf.tidy(() => {
      const other = I.tensorOf([rows[1], rows[2], rows[0]]);
      const name = "blocks.1.hook_resid_pre";
      const { cache, logits } = I.runWithCache(model, other, [name]);
      const all = I.runWithHooks(model, ids, { [name]: I.patchFrom(cache[name]) });
      expect(tf.max(tf.abs(tf.sub(all, logits))).dataSync()[0]).toBeLessThan(1e-5);
      const one = I.runWithHooks(model, ids, { [name]: I.patchFrom(cache[name], { place: 4 }) });
      const off = tf.max(tf.abs(tf.sub(one, gptLogits(params, config, ids))), [0, 2]).dataSync();
      expect([...off.slice(0, 4)].every((x) => x < 1e-6)).toBe(true);
      expect(off[4]).toBeGreaterThan(1e-3);
      cache[name].dispose();
    });
  });

  test("pathPatch is what changing the receiver's input by hand is", () => {
    const sender = { layer: 0, head: 1 };
    const receiver = { layer: 1, head: 0 };
    tf.tidy(() => {
      const other = I.tensorOf([rows[1], rows[2], rows[0]]);
      for (const input of ["q", "k", "v"] as const) {
        const z = "blocks.0.attn.hook_z";
        const heard = `blocks.1.attn.hook_${input}`;
        // by numbers: the sender's output from the other pass, everything else from this one
        const { cache } = I.runWithCache(model, other, [z]);
        const theirs = cache[z].arraySync() as number[][][][];
        cache[z].dispose(); // the cache is kept beyond the tidy
        let changed: number[][][][] = [];
        I.runWithHooks(model, ids, {
          [z]: (x) => {
            const own = x.arraySync() as number[][][][];
            return tf.tensor4d(own.map((row, b) => [row[0], theirs[b][1]]));
          },
          [heard]: (x) => {
            changed = x.arraySync() as number[][][][];
          },
        });
        const expected = I.runWithHooks(model, ids, {
          [heard]: (x) => {
            const own = x.arraySync() as number[][][][];
            return tf.tensor4d(own.map((row, b) => [changed[b][0], row[1]]));
          },
        });
        const found = I.pathPatch(model, ids, other, { sender, receiver, input });
        expect(tf.max(tf.abs(tf.sub(found, expected))).dataSync()[0]).toBeLessThan(1e-5);
        const plain = gptLogits(params, config, ids);
        expect(tf.max(tf.abs(tf.sub(found, plain))).dataSync()[0]).toBeGreaterThan(1e-4);
      }
    });
    const wrong = { sender: receiver, receiver: sender, input: "k" as const };
    expect(() => I.pathPatch(model, ids, ids, wrong)).toThrow(
      "expected a receiver after the sender",
    );
    close(I.recovered(2, { clean: 1, corrupted: 3 }), 0.5);
  });

  test("the lens ends with the model's own logits, and its first layer is the embeddings'", () => {
    const layers = I.lensLayers(model, ids);
    const plain = gptLogits(params, config, ids);
    expect(layers).toHaveLength(3);
    expect(tf.tidy(() => tf.max(tf.abs(tf.sub(layers[2], plain))).dataSync()[0])).toBeLessThan(
      1e-5,
    );
    const shifts = I.lensShifts(model, ids);
    tf.tidy(() => {
      const { cache } = I.runWithCache(model, ids, I.streamNames(model));
      const [first, , last] = Object.values(cache);
      const moved = tf.add(first, shifts[0]);
      const off = tf.sub(tf.mean(moved, [0, 1]), tf.mean(last, [0, 1]));
      expect(tf.max(tf.abs(off)).dataSync()[0]).toBeLessThan(1e-5);
      tf.dispose(cache);
    });
    tf.dispose([layers, plain, shifts]);
  });

  test("the parts of a logit add up to it", () => {
    const targets = rows.map((row) => row.map((_, t) => (t < 7 ? row[t + 1] : -1)));
    const parts = I.logitAttribution(model, ids, targets);
    const total = parts.reduce((sum, { value }) => sum + value, 0);
    const logits = tf.tidy(() => gptLogits(params, config, ids).arraySync());
    const wanted = rows.flatMap((row, b) =>
      row.slice(0, 7).map((_, t) => {
        const at = logits[b][t];
        return at[row[t + 1]] - at.reduce((x, y) => x + y) / at.length;
      }),
    );
    close(total, wanted.reduce((x, y) => x + y) / wanted.length);
    expect(parts.map(({ part }) => part)).toEqual(
      "embeddings,head 0.0,head 0.1,network 0,head 1.0,head 1.1,network 1".split(","),
    );
  });

  test("integrated gradients: exact for a product, complete for the model", () => {
    tf.tidy(() => {
      // f = a · b with a and b in two tokens: from (0, 0) to (3, 5) each gets half of 15
      const f: I.ScoreFn = (x) => tf.prod(tf.squeeze(x, [2]), 1) as tf.Tensor1D;
      const x = tf.tensor3d([3, 5], [1, 2, 1]);
      const zero = tf.zeros([1]) as tf.Tensor1D;
      const parts = I.integratedGradients(I.gradientsOnLine(f, x, zero, 50), x, zero).dataSync();
      close(parts[0], 7.5);
      close(parts[1], 7.5);
      expect([...I.gradientTimesInput(f, x).dataSync()]).toEqual([15, 15]);
      const score = I.lastLogit(model, rows, [1, 5, 0]);
      const E = params["transformer.wte.weight"];
      const read = tf.gather(E, ids) as tf.Tensor3D;
      const base = tf.mean(E, 0) as tf.Tensor1D;
      const tokens = I.integratedGradients(I.gradientsOnLine(score, read, base, 200), read, base);
      const change = tf.sub(score(read), score(tf.add(tf.zerosLike(read), base) as tf.Tensor3D));
      expect(
        difference(tf.sum(tokens, 1), { shape: [3], values: [...change.dataSync()] }),
      ).toBeLessThan(0.02);
      const order = (tokens.arraySync() as number[][]).map(I.byImportance);
      const curve = I.deletionCurve(score, read, base, order, 8);
      close(curve[0], tf.mean(score(read)).dataSync()[0]);
      close(
        curve[8],
        tf.mean(score(tf.add(tf.zerosLike(read), base) as tf.Tensor3D)).dataSync()[0],
      );
    });
    expect(I.byImportance([1, 3, 2])).toEqual([1, 2, 0]);
  });

  test("steering adds the vector; a random one is as long", () => {
    tf.tidy(() => {
      const name = "blocks.0.hook_resid_post";
      const from = I.tensorOf([rows[1]]);
      const to = I.tensorOf([rows[2]]);
      const vector = I.meanDifference(model, { to, from }, name);
      const { cache } = I.runWithCache(model, to, [name]);
      const { cache: other } = I.runWithCache(model, from, [name]);
      const expected = tf.sub(tf.mean(cache[name], [0, 1]), tf.mean(other[name], [0, 1]));
      expect(tf.max(tf.abs(tf.sub(vector, expected))).dataSync()[0]).toBeLessThan(1e-5);
      const like = I.randomLike(vector, new Random(1));
      close(tf.norm(like).dataSync()[0], tf.norm(vector).dataSync()[0]);
      const hooks = I.steer(name, vector, 2);
      const moved = hooks[name](cache[name]) as tf.Tensor;
      const off = tf.sub(moved, tf.add(cache[name], tf.mul(expected, 2)));
      expect(tf.max(tf.abs(off)).dataSync()[0]).toBeLessThan(1e-5);
      tf.dispose([cache, other]);
    });
  });

  test("streamAtEnd gives each text its own vectors, whatever its length", () => {
    const texts = [[1, 2, 3], [4], [5, 6, 7], [8, 0]];
    const layers = I.streamAtEnd(model, texts);
    expect(layers.map((rows) => rows.length)).toEqual([4, 4, 4]);
    const alone = I.streamAtEnd(model, [texts[2]]);
    for (const l of [0, 1, 2])
      for (let c = 0; c < 8; c++) close(layers[l][2][c], alone[l][0][c], 1e-5);
  });
});

describe("without a model", () => {
  // Not on the clear engine: training and autoencoders take half a minute there.
  beforeAll(async () => {
    await useEngine({ prefer: engines[0], quiet: true });
  });

  beforeAll(() => useEngine({ quiet: true }));

  test("repeated rows repeat, with different tokens in a stretch and periods in the range", () => {
    const made = I.repeatedRows(new Random(1), {
      vocabSize: 9,
      rows: 40,
      length: 20,
      period: [3, 6],
    });
    const periods = made.map((row) => row.indexOf(row[0], 1));
    expect(new Set(periods)).toEqual(new Set([3, 4, 5, 6]));
    for (const [i, row] of made.entries()) {
      expect(new Set(row.slice(0, periods[i])).size).toBe(periods[i]);
      for (let t = periods[i]; t < 20; t++) expect(row[t]).toBe(row[t - periods[i]]);
    }
    expect(() =>
      I.repeatedRows(new Random(1), { vocabSize: 4, rows: 1, length: 8, period: 5 }),
    ).toThrow("expected a period from 1 to 4");
  });

  test("control labels belong to types and have the shares of the real ones", () => {
    const words = ["a", "b", "a", "c", "d"];
    expect(I.controlLabels(words, [1, 0, 1, 0, 0], [0.3, 0.5, 0.39, 0.41])).toEqual([
      1, 0, 1, 1, 0,
    ]);
  });

  test("a probe finds what is there, and nothing in noise", () => {
    const rng = new Random(5);
    const labels = Array.from({ length: 300 }, () => (rng.uniform() < 0.5 ? 1 : 0) as 0 | 1);
    const noise = labels.map(() => [rng.normal(), rng.normal()]);
    const isTest = (i: number) => i % 3 === 0;
    const clear = noise.map((row, i) => [row[0], row[1] + 4 * labels[i]]);
    expect(I.probeOn(clear, labels, isTest)).toBeGreaterThan(0.95);
    expect(I.probeOn(noise, labels, isTest)).toBeLessThan(0.65);
  });

  test("the texts of the probes are balanced, and the last noun says nothing", () => {
    const words = I.nounOrVerb();
    expect(words.filter(({ label }) => label).length * 2).toBe(words.length);
    const made = I.subjectNumber(new Random(1), 400);
    const same = made.filter(({ text, label }) => Number(/(s|men)$/.test(text)) === label).length;
    expect(Math.abs(same / 400 - 0.5)).toBeLessThan(0.1);
  });

  test("superposition: sparse features share the plane", () => {
    expect(
      I.represented([
        [1, 0, 0.2],
        [0, 1, 0.1],
      ]),
    ).toBe(2);
    expect(I.represented(I.trainToy({ seed: 1, p: 0.05, steps: 700 }))).toBeGreaterThan(2);
  });

  test("an autoencoder finds known directions that PCA and chance do not", () => {
    const rng = new Random(4);
    const truth = I.randomDirections(rng, 12, 8);
    const before = tf.memory().numTensors;
    const h = tf.tidy(() =>
      tf.matMul<tf.Tensor2D>(I.sparseFeatures(rng, 2048, 12, 0.08), tf.tensor2d(truth)),
    );
    const found = I.sparseAutoencoder(h, { seed: 1, latents: 24, k: 2, steps: 400 });
    expect(I.recoveredDirections(truth, found).mean).toBeGreaterThan(0.9);
    const pca = I.principalDirections(h.arraySync(), rng);
    expect(I.recoveredDirections(truth, pca).found).toBeLessThan(0.3);
    const dot = pca[0].reduce((s, v, i) => s + v * pca[1][i], 0);
    close(dot, 0, 1e-3);
    h.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("largest keeps the k largest of each row", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([
        [3, 1, 2],
        [0, 5, 4],
      ]);
      expect(I.largest(x, 2).arraySync()).toEqual([
        [3, 0, 2],
        [0, 5, 4],
      ]);
    });
  });

  test("the small model learns: a few steps lower the loss", async () => {
    const model = I.createRepeater({ seed: 1 });
    const losses: number[] = [];
    await I.trainRepeater(model, {
      seed: 1,
      steps: 4,
      onStep: (_, loss) => void losses.push(loss),
    });
    expect(losses).toHaveLength(4);
    expect(losses[3]).toBeLessThan(losses[0]);
    disposeParams(model.params);
  });
});
