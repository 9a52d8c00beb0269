// The speedrun board: recipes that are refused, runs that are kept, ranks that need intervals apart.
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  type BoardRun,
  boardHtml,
  boardRows,
  checkRecipe,
  compare,
  interval,
  rank,
  readRecipes,
  recipeParts,
  runBoard,
  timeTo,
} from "llm/board";
import { mobyDick } from "llm/data";
import { tf, useEngine } from "llm/engine";
import { countParameters } from "llm/gpt";
import { presets } from "llm/pretrain";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await useEngine({ quiet: true });
});

const folder = resolve(__dirname, "../../../recipes");
const files = readdirSync(folder).map((file) => join(folder, file));

describe("recipes", () => {
  it("those of the course can be read, have a size of at most 820,000, and make a trainer's parts", () => {
    const recipes = readRecipes(files);
    expect(Object.keys(recipes)).toContain("nanogpt");
    for (const [name, recipe] of Object.entries(recipes)) {
      const { settings, optimizer } = recipeParts(recipe, presets.laptop);
      const { total } = countParameters({ ...settings.model, vocabSize: 65 });
      expect(total, name).toBeLessThanOrEqual(820_000);
      expect(optimizer.compiles).toBe(true);
      expect(settings.steps).toBe(2000);
      expect(settings.batchSize).toBe(12);
    }
  });

  it("an empty recipe is the board's own settings", () => {
    const { settings, schedule } = recipeParts({ about: "nothing new" }, presets.laptop);
    expect(settings).toEqual(presets.laptop);
    expect(schedule(2000, { ...settings, totalSteps: 2000 })).toBe(settings.minLr);
  });

  it.each([
    [{ about: "" }, "expected a sentence in about"],
    [{ about: "x", settings: { steps: 9000 } }, "got steps: size, steps and data are the same"],
    [{ about: "x", model: { nEmbd: 512 } }, "got nEmbd: size, steps"],
    [{ about: "x", schedule: "sine" }, "expected schedule cosine, linear or {stable}, got sine"],
    [{ about: "x", muon: { lr: 0 } }, "expected muon with a rate lr above 0, got 0"],
    [{ about: "x", batch: 1 }, "expected a recipe with some of about"],
  ])("refuses %j", (recipe, message) => {
    expect(() => checkRecipe(recipe as never)).toThrow(message);
  });

  it("names the file that is no recipe", () => {
    const file = join(mkdtempSync(join(tmpdir(), "board-")), "odd.json");
    writeFileSync(file, "{");
    expect(() => readRecipes([file])).toThrow(`readRecipes: ${file}: `);
  });
});

describe("ranking", () => {
  const run = (recipe: string, seed: number, val: number, cpu = 100): BoardRun => ({
    ...{ recipe, seed, val, parameters: 1000, fingerprint: "" },
    curve: [
      { step: 0, val: 4, cpu: 0 },
      { step: 10, val: val + 0.2, cpu: cpu / 2 },
      { step: 20, val, cpu },
    ],
  });

  it("intervals are Student's: 1, 2, 3 → 2 ± 4.303 · 1/√3", () => {
    const { mean, low, high } = interval([1, 2, 3]);
    expect(mean).toBe(2);
    expect(high - 2).toBeCloseTo(4.303 / Math.sqrt(3), 3);
    expect(2 - low).toBeCloseTo(high - 2, 10);
    expect(interval([1]).high).toBe(Number.POSITIVE_INFINITY);
    expect(() => interval([])).toThrow("expected at least one value");
  });

  it("better only where intervals do not touch", () => {
    const [a, b, c] = [
      [1, 1.01, 1.02],
      [1.1, 1.11, 1.12],
      [1.0, 1.1, 1.2],
    ].map(interval);
    expect(compare(a, b)).toBe("better");
    expect(compare(b, a)).toBe("worse");
    expect(compare(a, c)).toBe("not distinguishable");
  });

  it("recipes that cannot be told apart share a place; times are multiples of the baseline's", () => {
    const vals = { base: [1.9, 1.91, 1.92], same: [1.89, 1.91, 1.93], good: [1.5, 1.51, 1.52] };
    const runs = Object.entries(vals).flatMap(([name, all]) =>
      all.map((val, seed) => run(name, seed, val, name === "good" ? 50 : 100)),
    );
    const rows = rank({ runs }, "base");
    expect(rows.map(({ recipe }) => recipe)).toEqual(["good", "base", "same"]);
    expect(rows.map(({ place }) => place)).toEqual([1, 2, 2]);
    expect(rows.map(({ verdict }) => verdict)).toEqual([
      "better",
      "not distinguishable",
      "not distinguishable",
    ]);
    expect(rows[0].cost).toBeCloseTo(0.5, 10);
    expect(rows[0].time!.mean).toBeLessThan(0.25); // the goal, 1.92, is passed before half its steps
    expect(rows[2].time).toBeNull(); // one of its seeds ends at 1.93
  });

  it("time to a loss lies on the straight line between evaluations", () => {
    expect(timeTo(1.6, run("a", 1, 1.5))).toBeCloseTo(75, 10);
    expect(timeTo(1.4, run("a", 1, 1.5))).toBeNull();
    expect(timeTo(5, run("a", 1, 1.5))).toBe(0);
  });
});

describe("runBoard", () => {
  const model = { ...presets.smoke.model, nLayer: 1, nEmbd: 16, blockSize: 8 };
  const base = { ...presets.smoke, model, steps: 20, batchSize: 4, evalEvery: 10, warmupSteps: 2 };
  const all = readRecipes(files);
  const { nanogpt, muon } = all;
  const options = (more = {}) => ({
    ...{ recipes: { nanogpt, muon }, seeds: [1, 2], base, name: "a part of Moby-Dick" },
    ...{ text: mobyDick().slice(0, 4000), ...more },
  });

  it("keeps what is finished and does again what has changed", async () => {
    const tensors = tf.memory().numTensors;
    const file = join(mkdtempSync(join(tmpdir(), "board-")), "board.json");
    const seen: string[] = [];
    const onRun = ({ recipe, seed }: BoardRun, isKept: boolean) => {
      seen.push(`${recipe} ${seed}${isKept ? " kept" : ""}`);
    };
    const board = await runBoard(options({ file, onRun, seeds: [1] }));
    expect(board.runs.every(({ val, curve }) => val < curve[0].val)).toBe(true);
    const changed = { ...muon, muon: { lr: 0.01 } };
    await runBoard(options({ file, onRun, recipes: { nanogpt, muon: changed } }));
    expect(seen).toEqual(
      ["nanogpt 1", "muon 1"].concat(["nanogpt 1 kept", "muon 1", "nanogpt 2", "muon 2"]),
    );
    expect(JSON.parse(readFileSync(file, "utf8")).runs).toHaveLength(4);
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("a new wording of `about` changes nothing; a larger model is refused", async () => {
    const file = join(mkdtempSync(join(tmpdir(), "board-")), "board.json");
    await runBoard(options({ file, seeds: [1], recipes: { nanogpt } }));
    let kept = false;
    const renamed = { ...nanogpt, about: "another sentence" };
    await runBoard(
      options({
        ...{ file, seeds: [1], recipes: { nanogpt: renamed } },
        onRun: (_: BoardRun, isKept: boolean) => {
          kept = isKept;
        },
      }),
    );
    expect(kept).toBe(true);
    const large = { about: "a head of its own", model: { tied: false } };
    const tensors = tf.memory().numTensors;
    await expect(
      runBoard(options({ seeds: [1], recipes: { large }, mostParameters: 4500 })),
    ).rejects.toThrow("expected at most 4500 parameters, got");
    expect(tf.memory().numTensors).toBe(tensors);
  });

  it("the page shows every recipe, text escaped", async () => {
    const board = await runBoard(options());
    board.recipes.muon = { ...board.recipes.muon, about: "<script>" };
    const page = boardHtml(board, "nanogpt");
    expect(page).toContain("&lt;script&gt;");
    expect(page.match(/<svg/g)).toHaveLength(3);
    expect(boardRows(board, "nanogpt")).toHaveLength(2);
  });
});
