// The trained translator that comes with the course, and what is measured with it.
import { tf, useEngine } from "llm/engine";
import { Random } from "llm/random";
import {
  courseModel,
  courseSources,
  END,
  forcedAccuracy,
  loadTranslator,
  nameSource,
  nextLogProbabilities,
  recordedTranslations,
  saveTranslator,
  type Translator,
  translate,
  translateByBeam,
  translationTask,
} from "llm/translation";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

describe("the course's translator", () => {
  let model: Translator;
  beforeAll(async () => {
    await useEngine({ prefer: "wasm", quiet: true });
    model = loadTranslator();
  });
  afterAll(() => tf.dispose(Object.values(model.params)));

  it("translates held-out texts of every kind", () => {
    const rng = new Random(5);
    for (const source of courseSources) {
      const pairs = Array.from({ length: 25 }, () => source.draw(rng, "held out"));
      const written = translate(
        model,
        pairs.map((pair) => pair.source),
      );
      expect(written).toEqual(pairs.map(({ target }) => target));
      expect(forcedAccuracy(model, pairs)).toBe(1);
    }
  });

  it("forced accuracy counts pieces, and none of the padding", () => {
    const wrong = [{ source: "1 May 1990", target: "1990-05-02" }]; // the last digit of 11 pieces
    expect(forcedAccuracy(model, wrong)).toBeCloseTo(10 / 11, 5);
    const longer = { source: "two hundred and five", target: "二百零五" }; // 5 pieces, right
    expect(forcedAccuracy(model, [...wrong, longer])).toBeCloseTo(15 / 16, 5);
  });

  it("beginnings of several lengths are continued as each of them alone", async () => {
    const ids = model.vocabulary.encode("二百零五");
    const source = "two hundred and five";
    const all = nextLogProbabilities(model, source, [[], ids.slice(0, 2), ids]);
    for (const [i, row] of [[], ids.slice(0, 2), ids].entries()) {
      const [alone] = nextLogProbabilities(model, source, [row]);
      all[i].forEach((x, id) => {
        expect(x).toBeCloseTo(alone[id], 3);
      });
    }
    expect(all[2].indexOf(Math.max(...all[2]))).toBe(END);
    const [best] = await translateByBeam(model, source, { width: 2 });
    expect(best.text).toBe("二百零五");
  });

  it("is saved as it is", () => {
    const bytes = saveTranslator(model);
    expect(bytes.length).toBeLessThan(600_000);
    const name = "08-transformer/translator-half.safetensors";
    const half = loadTranslator(name);
    expect(Object.keys(half.params)).toEqual(Object.keys(model.params));
    tf.dispose(Object.values(half.params));
    expect(() => loadTranslator("06-attention/model.safetensors")).toThrow(
      "loadTranslator: expected",
    );
  });

  it("trains with a learner's own layer norm", () => {
    let calls = 0;
    const layerNorm = (x: tf.Tensor) => {
      calls++;
      return tf.mul(x, 1);
    };
    const options = { sources: courseSources, model: courseModel, batchSize: 3, seed: 1 };
    const [own, plain] = [
      translationTask({ ...options, ops: { layerNorm } }),
      translationTask(options),
    ];
    const batch = own.batch(0) as ReturnType<typeof own.vocabulary.batch>;
    const loss = (task: typeof own) => tf.tidy(() => task.loss(task.params, batch).dataSync()[0]);
    expect(loss(own)).not.toBeCloseTo(loss(plain), 3);
    expect(calls).toBe(2 * 2 + 2 * 3 + 2); // two and three norms a block, and the last ones
    tf.dispose(batch);
    own.dispose();
    plain.dispose();
  });

  it("comes with its measurements", () => {
    const { main, about } = recordedTranslations();
    expect(main.length).toBeGreaterThan(0);
    expect(about.main.machine).toBeTruthy();
    for (const { final } of main)
      expect(Object.keys(final)).toEqual(courseSources.map(({ name }) => name));
  });
});

describe("nameSource", () => {
  it("keeps to short names, and to its parts", () => {
    const source = nameSource("region", 12);
    const rng = new Random(1);
    const known = new Set(source.all.train.map((pair) => pair.source));
    for (let i = 0; i < 50; i++) {
      const pair = source.draw(rng, "train");
      expect(pair.source.length).toBeLessThanOrEqual(12);
      expect(known.has(pair.source)).toBe(true);
      expect(known.has(source.draw(rng, "held out").source)).toBe(false);
    }
  });
});
