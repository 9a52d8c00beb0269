// The recorded runs of lesson 17 (light fine-tuning): all there, and what they say of sizes is so.

import { loadBaseModel } from "llm/baseModel";
import { tf, useEngine } from "llm/engine";
import { disposeParams } from "llm/params";
import {
  disposeAddition,
  initAdapters,
  initLora,
  initPrefix,
  loadLora,
  recordedLightTuning,
  recordedLoraFolder,
  trainingCost,
} from "llm/peft";
import { expect, test } from "vitest";

test("the runs have their seeds in order, and scores from 0 to 1", () => {
  const { tunings, starts, merges, sameA } = recordedLightTuning();
  // Counted by the answers of the training set alone, so a right answer may be none of these.
  const later = ["lora space", "full space", "lora shuffled again", "embeddings"];
  const seeds = (runs: readonly { seed: number }[]) => runs.map(({ seed }) => seed);
  const named = Object.entries(tunings).filter(([name]) => !name.startsWith("rate "));
  expect(named.length).toBe(12 + later.length);
  for (const [name, runs] of named) {
    expect(seeds(runs), name).toEqual([1, 2, 3].slice(0, runs.length));
    for (const { score, formed, curve, steps } of runs) {
      expect(score).toBeGreaterThanOrEqual(0);
      // a right answer is one of its kind
      expect(score, name).toBeLessThanOrEqual(later.includes(name) ? 1 : formed);
      expect(curve.length).toBe(steps / 10);
    }
  }
  expect(seeds(starts)).toEqual([1, 2, 3]);
  expect(seeds(merges)).toEqual([1, 2, 3].slice(0, merges.length));
  expect(seeds(sameA)).toEqual([1, 2, 3]);
  // Trained again from the same seeds, the pair scores what it scored in the merge.
  for (const [i, { scores }] of sameA.entries())
    expect(scores["cat 1 1"]).toEqual(merges[i].scores["cat 1 1, same A"]);
});

test("the recorded sizes are those of the methods, and the LoRA in the file fits the model", async () => {
  await useEngine({ quiet: true });
  const { tunings } = recordedLightTuning();
  const base = loadBaseModel();
  const targets = ["q_proj", "v_proj"];
  const made = {
    lora: initLora(base.params, { r: 8 }, { seed: 1 }),
    "lora r=1": initLora(base.params, { r: 1 }, { seed: 1 }),
    "lora qv": initLora(base.params, { r: 8, targets }, { seed: 1 }),
    adapters: initAdapters(base.config, { width: 37 }, { seed: 1 }),
    prefix: initPrefix(base.params, base.config, { ids: Array(16).fill(1) }),
  };
  for (const [name, addition] of Object.entries(made)) {
    const { trained } = trainingCost(base.params, addition.params);
    expect(tunings[name][0].trained, name).toBe(trained);
    disposeAddition(addition);
  }
  const lora = loadLora(recordedLoraFolder("base"), base.params);
  expect([lora.alpha, lora.layers.length]).toEqual([16, 42]);
  disposeAddition(lora);
  disposeParams(base.params);
  expect(tf.memory().numTensors).toBe(0);
});
