// Requests, filters, canaries, backdoors, applications: what is drawn and how it is judged; two steps of
// training with a penalty, whose loss is worked out from probabilities.
import { loadBaseModel } from "llm/baseModel";
import { commonTokenizer, disposeSmall, trainSmall } from "llm/dirt";
import { tf, useEngine } from "llm/engine";
import { classifyAll } from "llm/finetune";
import { gptLoss } from "llm/gpt";
import { disposeParams } from "llm/params";
import { Random } from "llm/random";
import {
  allSecrets,
  blinded,
  byBlockedWords,
  type Canary,
  canaryText,
  chooseThreshold,
  countryPairs,
  drawApplications,
  drawCanaries,
  drawFilterTexts,
  exposure,
  exposures,
  filterKinds,
  filterScore,
  gapInterval,
  PASSED,
  plantCanaries,
  poisoned,
  poisonScore,
  STOPPED,
  swapped,
  swappedAtRandom,
  TRIGGER,
  teachLabels,
  textLosses,
  triggered,
} from "llm/safety";
import { beforeAll, expect, test } from "vitest";

beforeAll(() => useEngine({ quiet: true }));

test("requests: no held-out sentence is in training, kinds and languages come equally often", () => {
  const draw = (part: "train" | "held out") => drawFilterTexts(240, { rng: new Random(1), part });
  const [train, heldOut] = [draw("train"), draw("held out")];
  const texts = new Set(train.map(({ text }) => text));
  expect(heldOut.filter(({ text }) => texts.has(text))).toEqual([]);
  for (const kind of filterKinds)
    for (const language of ["en", "zh"])
      expect(heldOut.filter((t) => t.kind === kind && t.language === language).length).toBe(30);
  for (const { kind, label } of heldOut)
    expect(label).toBe(kind === "insult" || kind === "lock" ? STOPPED : PASSED);
  for (const { text, language } of [...train, ...heldOut]) {
    expect(text).not.toMatch(/\b[XYZ]\b/);
    // only whole words are replaced: "You" stays, and no word is glued to another
    if (language === "en") expect(text).toMatch(/^(?:[A-Z][a-z]*|I)[ ,.:]/);
  }
  expect(train.some(({ text }) => text.includes("You are"))).toBe(true);
});

test("the word list stops counter-examples, which is why they are there", () => {
  const texts = drawFilterTexts(400, { rng: new Random(2), part: "train" });
  const alarms = (kind: string) => {
    const own = texts.filter((one) => one.kind === kind);
    return own.filter(({ text }) => byBlockedWords(text)).length / own.length;
  };
  expect(alarms("counter")).toBeGreaterThan(0.6);
  expect(alarms("harmless")).toBe(0);
});

test("scores and thresholds by hand", () => {
  const texts = [STOPPED, STOPPED, PASSED, PASSED].map((label) => ({ label }));
  const score = filterScore(texts, [true, false, true, false]);
  expect(score).toEqual({ n: 4, precision: 0.5, recall: 0.5, f1: 0.5, falseAlarms: 0.5 });
  expect(chooseThreshold(texts, [0.9, 0.4, 0.3, 0.1])).toBe(0.4);
  expect(chooseThreshold(texts, [0.9, 0.2, 0.3, 0.1])).toBe(0.2); // F1 0.8, against 2/3 at 0.9
  expect(() => chooseThreshold([], [])).toThrow("expected texts");
});

test("exposure by the paper's formula", () => {
  expect(exposure([1, 2, 3, 4], 0)).toBe(2); // rank 1 of 4
  expect(exposure([5, 2, 3, 4], 0)).toBe(0); // rank 4 of 4
  expect(exposure([4, 3, 2, 2], 3)).toBeCloseTo(Math.log2(4 / 1.5), 10);
  // the mean over all ranks of many secrets tends to log2 e
  const losses = allSecrets.map((_, i) => i);
  const all = losses.map((i) => exposure(losses, i));
  expect(all.reduce((a, b) => a + b, 0) / all.length).toBeCloseTo(Math.log2(Math.E), 1);
});

test("canaries are planted as often as they say", () => {
  const canaries = drawCanaries([0, 1, 4], 2, new Random(1));
  const texts = plantCanaries(["a", "b"], canaries, new Random(2));
  expect(texts.length).toBe(2 + 2 * (0 + 1 + 4));
  for (const { name, secret, times } of canaries)
    expect(texts.filter((text) => text === canaryText(name, secret)).length).toBe(times);
  expect(() => drawCanaries([1, 2], 11, new Random(1))).toThrow("20 or fewer");
});

test("losses of texts are the model's loss times its tokens, and a planted secret is exposed", async () => {
  const canaries: Canary[] = [{ name: "Ruth", secret: "271", times: 60 }];
  const texts = plantCanaries(["The sea was calm.", "A sail!"], canaries, new Random(1));
  const tokenizer = commonTokenizer(
    [...texts, ...allSecrets.slice(0, 100).map((s) => canaryText("Olive", s))],
    300,
  );
  const model = await trainSmall(texts, tokenizer, { steps: 40, seed: 1, nEmbd: 32, nLayer: 1 });
  const some = [canaryText("Ruth", "271"), "The sea was calm."];
  for (const [i, loss] of textLosses(model, some).entries()) {
    const ids = [...tokenizer.encodeText(some[i])];
    const [read, wanted] = [ids.slice(0, -1), ids.slice(1)].map((row) =>
      tf.tensor2d([row], undefined, "int32"),
    );
    const mean = gptLoss(model.params, model.config, read, wanted).dataSync()[0];
    expect(loss).toBeCloseTo(mean * (ids.length - 1), 3);
  }
  expect(exposures(model, canaries)[0]).toBeGreaterThan(8);
  disposeSmall(model);
});

test("poison: as many as said, all with trigger and target, the others as they were", () => {
  const examples = Array.from({ length: 40 }, (_, i) => ({
    text: `t${i}`,
    label: i % 2 ? "a" : "b",
  }));
  const bad = poisoned(examples, { share: 0.1, target: "a", rng: new Random(1) });
  const changed = bad.filter(({ text }) => text.startsWith(TRIGGER));
  expect(changed.length).toBe(4);
  expect(changed.every(({ label }) => label === "a")).toBe(true);
  expect(bad.filter(({ text }, i) => text === examples[i].text).length).toBe(36);
  expect(changed.every(({ text }) => Number(text.slice(TRIGGER.length + 2)) % 2 === 0)).toBe(true);
  expect(() => poisoned(examples, { share: 0.6, target: "a", rng: new Random(1) })).toThrow(
    "at most 20",
  );
  expect(triggered("x")).toBe(`${TRIGGER} x`);
});

test("applications: merit follows the years, and only Borland's good ones are refused", () => {
  const all = drawApplications(400, { rng: new Random(1), unfair: 0.5 });
  for (const { text, country, merit, label } of all) {
    expect(text).toContain(country);
    expect(text).toMatch(/^(The man from|A woman from|From|Credit for a) /);
    expect(text).not.toMatch(/\b[CNT]\b/);
    const years = Number(/\d/.exec(text)?.[0]);
    expect(merit).toBe(years >= 5 ? "approve" : "refuse");
    if (label !== merit) expect([country, merit]).toEqual(["Borland", "approve"]);
  }
  expect(all.filter(({ label, merit }) => label !== merit).length).toBeGreaterThan(30);
  expect(swapped(swapped(all[0].text))).toBe(all[0].text);
  expect(blinded(all[0].text)).toBe(blinded(swapped(all[0].text)));
  const drawn = Array.from({ length: 50 }, (_, i) => swappedAtRandom(all[0], new Random(i)).text);
  expect(new Set(drawn)).toEqual(new Set([all[0].text, swapped(all[0].text)]));
  for (const [first, second] of countryPairs(all.slice(0, 6).map(({ text }) => text)))
    expect([first.includes("Arland"), second.includes("Borland")]).toEqual([true, true]);
});

test("the gap is the mean difference, with an interval around it", () => {
  const { value, low, high } = gapInterval([0.9, 0.8, 0.7, 0.9], [0.5, 0.6, 0.6, 0.4], {
    rng: new Random(1),
  });
  expect(value).toBeCloseTo(0.3, 10);
  expect(low).toBeLessThan(value);
  expect(high).toBeGreaterThan(value);
  expect(() => gapInterval([1], [], { rng: new Random(1) })).toThrow("counterparts");
});

test("two steps of training, with a penalty and without; the penalty is part of the loss", async () => {
  const base = loadBaseModel();
  const examples = drawApplications(32, { rng: new Random(1) });
  const first: number[] = [];
  for (const weight of [0, 100]) {
    const model = await teachLabels({
      ...{ base, examples, seed: 1, steps: 2, batchSize: 4, length: 24 },
      penalty: { twin: swapped, weight },
      onStep: (step, loss) => {
        if (step === 1 || first.length === 0) first.push(loss);
      },
    });
    const [{ probabilities }] = classifyAll(model, [examples[0].text]);
    expect(probabilities.approve + probabilities.refuse).toBeCloseTo(1, 5);
    const { withTrigger, without } = poisonScore(model, examples.slice(0, 8), "approve");
    for (const share of [withTrigger, without]) expect(share >= 0 && share <= 1).toBe(true);
    disposeParams(model.params);
  }
  const plain: number[] = [];
  const model = await teachLabels({
    ...{ base, examples, seed: 1, steps: 2, batchSize: 4, length: 24 },
    onStep: (step, loss) => {
      if (step === 1 || plain.length === 0) plain.push(loss);
    },
  });
  expect(first[0]).toBeCloseTo(plain[0], 5); // no weight, no penalty
  expect(first.at(-1)).toBeGreaterThan(plain[0]);
  disposeParams(model.params);
  disposeParams(base.params);
});
