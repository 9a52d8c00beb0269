// Costs against published runs, operations against the engine's own report, and what is made of the
// runs of a family.
import { tf, useEngine } from "llm/engine";
import { forwardFlops, type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import { disposeParams } from "llm/params";
import {
  bestOfEach,
  hardware,
  meanOfSeeds,
  measureFlops,
  sharpness,
  trainingCost,
  utilisationOf,
} from "llm/scaling";
import { describe, expect, it } from "vitest";
import { engines } from "../reference";

describe("trainingCost", () => {
  // Touvron et al. (2023), LLaMA, table 15: GPU hours of A100s at 400 W, a PUE of 1.1, and the
  // megawatt-hours that follow; sizes and tokens from their table 2.
  const llama = [
    { parameters: 6.7e9, tokens: 1e12, hours: 82_432, megawattHours: 36 },
    { parameters: 65.2e9, tokens: 1.4e12, hours: 1_022_362, megawattHours: 449 },
  ];
  it.each(llama)("LLaMA of $parameters parameters: $megawattHours MWh", (run) => {
    const flops = 6 * run.parameters * run.tokens;
    const utilisation = utilisationOf(flops, run.hours, hardware.a100);
    expect(utilisation).toBeGreaterThan(0.4);
    expect(utilisation).toBeLessThan(0.5);
    const cost = trainingCost(flops, hardware.a100, { utilisation, machines: 2048 });
    expect(cost.machineHours).toBeCloseTo(run.hours, 3);
    expect(Math.abs((cost.kilowattHours as number) / 1000 - run.megawattHours)).toBeLessThan(1);
    expect(cost.seconds).toBeCloseTo((run.hours * 3600) / 2048, 3);
    expect(cost.money).toBeUndefined();
  });

  it("has a price where one is known, and refuses what no machine does", () => {
    const priced = { ...hardware.a100, pricePerHour: 2 };
    const { machineHours, money } = trainingCost(1e18, priced, { utilisation: 0.5 });
    expect(money).toBe(2 * machineHours);
    expect(() => trainingCost(1, priced, { utilisation: 0 })).toThrow("in (0, 1], got 0");
    expect(() => trainingCost(1, priced, { utilisation: 40 })).toThrow("in (0, 1], got 40");
  });
});

describe("measureFlops", () => {
  it.each(engines)("%s: counted equals measured, for both families", async (prefer) => {
    await useEngine({ prefer, quiet: true });
    const sizes = { vocabSize: 19, blockSize: 12, nLayer: 2, nHead: 3, nEmbd: 12, dropout: 0 };
    const configs: GPTConfig[] = [
      { ...sizes, bias: true },
      { ...sizes, family: "llama", bias: false },
    ];
    for (const config of configs) {
      const params = initGPT(config, { seed: 1 });
      const ids = tf.zeros([2, 7], "int32") as tf.Tensor2D;
      const measured = await measureFlops(() => gptLogits(params, config, ids));
      expect(measured).toBe(forwardFlops(config, { B: 2, T: 7 }));
      ids.dispose();
      disposeParams(params);
    }
  });
});

describe("a family of runs", () => {
  const runs = [
    { width: 8, tokens: 10, seed: 1, loss: 3 },
    { width: 8, tokens: 10, seed: 2, loss: 3.5 },
    { width: 16, tokens: 10, seed: 1, loss: 2 },
    { width: 16, tokens: 20, seed: 1, loss: 2.5 },
  ];
  it("is averaged over its seeds", () => {
    const means = meanOfSeeds(runs, (run) => `${run.width} ${run.tokens}`);
    expect(means.map(({ loss, median, seeds, spread }) => [loss, median, seeds, spread])).toEqual([
      [3.25, 3.25, 2, 0.5],
      [2, 2, 1, 0],
      [2.5, 2.5, 1, 0],
    ]);
    const [all] = meanOfSeeds(
      [5, 1, 2].map((loss) => ({ loss })),
      () => "one group",
    );
    expect(all).toMatchObject({ median: 2, spread: 4, seeds: 3 });
  });
  it("has a best of each group", () => {
    expect(bestOfEach(runs, (run) => run.tokens).map((run) => run.loss)).toEqual([2, 2.5]);
  });
  it("changes evenly or in one jump", () => {
    expect(sharpness([0, 1, 2, 3])).toBeCloseTo(1 / 3);
    expect(sharpness([0, 0, 1, 1])).toBe(1);
    expect(sharpness([3, 2, 1])).toBe(0.5); // a measure that falls
    expect(() => sharpness([1, 2, 1])).toThrow("expected values that change, got 1, 2, 1");
  });
});
