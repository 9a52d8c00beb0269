// Speculative decoding: the distribution of whole texts is the model's own, whatever the draft is.
import { clearInterrupt, requestInterrupt } from "llm/engine";
import {
  acceptOrReplace,
  BlockPool,
  BlockTable,
  type Draft,
  LookupDraft,
  ModelDraft,
  readText,
  type SpeculateOptions,
  speculate,
} from "llm/inference";
import { Random } from "llm/random";
import { type DecodingOptions, decodingProbabilities } from "llm/sampling";
import { afterEach, describe, expect, test } from "vitest";
import { FakeModel, type FakeSizes, logitsAlone, writtenAlone } from "./fakeModel";

afterEach(() => clearInterrupt());

/** Pearson's χ² of counts against probabilities, rare ones together: at most mean + 5 deviations. */
function expectDrawnFrom(probabilities: number[], counts: number[]): void {
  const draws = counts.reduce((a, b) => a + b, 0);
  let [chi, bins, rareExpected, rareCount] = [0, -1, 0, 0];
  for (const [i, p] of probabilities.entries()) {
    if (p === 0) expect(counts[i], `outcome ${i} is impossible`).toBe(0);
    else if (p * draws < 8) {
      rareExpected += p * draws;
      rareCount += counts[i];
    } else {
      chi += (counts[i] - p * draws) ** 2 / (p * draws);
      bins++;
    }
  }
  if (rareExpected >= 8) {
    chi += (rareCount - rareExpected) ** 2 / rareExpected;
    bins++;
  }
  expect(chi).toBeLessThanOrEqual(bins + 5 * Math.sqrt(2 * bins) + 1e-9);
}

const V = 4;
const small: FakeSizes = { blocks: 8, blockTokens: 3, vocabSize: V, spread: 3 };
const prompt = [1, 2, 1];

/** The probability of every continuation by three tokens, worked out from the model alone. */
function joint(options: DecodingOptions): number[] {
  const next = (ids: number[]) =>
    decodingProbabilities(logitsAlone(ids, small)[ids.length - 1], { ...options, previous: ids });
  return Array.from({ length: V ** 3 }, (_, code) => {
    const ids = [Math.floor(code / V / V), Math.floor(code / V) % V, code % V];
    return ids.reduce((p, id, i) => p * next([...prompt, ...ids.slice(0, i)])[id], 1);
  });
}

/** Proposes tokens from a distribution that has nothing to do with the text. */
const constantDraft = (weights: number[]): Draft => ({
  propose: (_text, k, { rng }) => {
    const q = Float64Array.from(weights, (w) => w / weights.reduce((a, b) => a + b, 0));
    const ids = Array.from({ length: k }, () => rng.categorical(q));
    return { ids, probabilities: ids.map(() => q) };
  },
});
const certain: Draft = { propose: (_text, k) => ({ ids: new Array(k).fill(2) }) };

const drafts: [string, () => Draft][] = [
  ["the model itself", () => new ModelDraft(new FakeModel(small))],
  ["another model", () => new ModelDraft(new FakeModel({ ...small, seed: 9 }))],
  ["a draft that nearly always says the same", () => constantDraft([1, 20, 1, 1])],
  ["a draft without two of the tokens", () => constantDraft([0, 1, 0, 3])],
  ["a draft that is certain, and mostly wrong", () => certain],
  ["prompt look-up", () => new LookupDraft()],
];
const decodings: [string, DecodingOptions][] = [
  ["plain", {}],
  ["bold, the likeliest three", { temperature: 0.6, topK: 3 }],
  ["with a repetition penalty", { repetitionPenalty: 1.8, minP: 0.05 }],
];

describe.each(drafts)("the draft is %s", (_, draftOf) => {
  test.each(decodings)("texts come as often as from the model alone: %s", async (_, options) => {
    const [model, rng, draft] = [new FakeModel(small), new Random(21), draftOf()];
    const counts = new Array(V ** 3).fill(0);
    const pool = new BlockPool(model);
    model.pool = pool;
    for (let i = 0; i < 2500; i++) {
      const { ids } = await speculate(model, prompt, {
        ...{ ...options, draft, draftTokens: 2, maxNewTokens: 3, rng, pool },
      });
      counts[ids[3] * V * V + ids[4] * V + ids[5]]++;
    }
    expectDrawnFrom(joint(options), counts);
    expect(pool.stats().used).toBe(0);
  });
});

const sizes: FakeSizes = { blocks: 30, blockTokens: 4 };
const options = { maxNewTokens: 40, temperature: 0 };

describe.each([
  ["everything in sight", sizes],
  ["a window", { ...sizes, window: 6, blocks: 6 }],
])("greedy texts: %s", (_, sizes) => {
  test.each([
    ["the model itself", () => new ModelDraft(new FakeModel(sizes))],
    ["another model", () => new ModelDraft(new FakeModel({ ...sizes, seed: 5 }))],
    ["prompt look-up", () => new LookupDraft()],
    ["none", (): Draft => ({ propose: () => ({ ids: [] }) })],
  ])("are the model's own; the draft is %s", async (name, draftOf) => {
    for (const k of [0, 1, 3, 7]) {
      const [model, rng] = [new FakeModel(sizes), new Random(1)];
      const pool = new BlockPool(model);
      model.pool = pool;
      const draft = draftOf();
      for (const ids of [[1, 2, 3, 1, 2], [5], [1, 2, 3, 4]]) {
        const text = await speculate(model, ids, { ...options, draft, draftTokens: k, rng, pool });
        expect(text.ids).toEqual(writtenAlone({ ...options, ids }, sizes).ids);
        expect(text.passes + text.accepted).toBe(40);
        if (name === "the model itself") expect(text.passes).toBe(Math.ceil(40 / (k + 1)));
        if (name === "none" || k === 0) expect(text).toMatchObject({ passes: 40, proposed: 0 });
      }
      expect(pool.stats().used).toBe(0);
    }
  });
});

test("with a draft that is certain, sampled texts are those without a draft, to the number", async () => {
  for (const seed of [1, 2, 3]) {
    const model = new FakeModel(sizes);
    const text = await speculate(model, [3, 1, 3], {
      ...{ draft: new LookupDraft({ longest: 1 }), draftTokens: 3, maxNewTokens: 60 },
      ...{ rng: new Random(seed), topK: 5 },
    });
    const request = { ids: [3, 1, 3], maxNewTokens: 60, topK: 5, seed };
    expect(text.ids).toEqual(writtenAlone(request, sizes).ids);
    expect(text.accepted).toBeGreaterThan(0);
    expect(text.proposed).toBeGreaterThan(text.accepted);
  }
});

test("acceptOrReplace gives p, and accepts with Σ min(p, q)", () => {
  const [p, q] = [Float64Array.of(0.5, 0.2, 0.3, 0), Float64Array.of(0.1, 0.5, 0.2, 0.2)];
  const rng = new Random(4);
  const counts = [0, 0, 0, 0];
  let kept = 0;
  for (let i = 0; i < 20_000; i++) {
    const id = rng.categorical(q);
    const got = acceptOrReplace(p, { id, q, rng });
    counts[got]++;
    if (got === id) kept++;
  }
  expectDrawnFrom([...p], counts);
  expectDrawnFrom([0.5, 0.5], [kept, 20_000 - kept]); // 0.1 + 0.2 + 0.2 + 0
  expect(acceptOrReplace(q, { id: 3, q, rng })).toBe(3);
});

describe("drafts", () => {
  const rng = new Random(1);
  const propose = (draft: LookupDraft, text: number[], k = 3) => draft.propose(text, k).ids;

  test("look-up: the longest match counts, of equal ones the latest", () => {
    const draft = new LookupDraft({ longest: 2 });
    expect(propose(draft, [1, 2, 7, 1, 2, 8, 5, 2, 9, 1, 2])).toEqual([8, 5, 2]);
    expect(propose(draft, [5, 2, 9, 1, 2])).toEqual([9, 1, 2]); // one token matches
    expect(propose(draft, [4, 4])).toEqual([4]);
    expect(propose(draft, [1, 2, 3])).toEqual([]);
    expect(propose(new LookupDraft({ shortest: 2 }), [5, 2, 9, 1, 2])).toEqual([]);
    expect(propose(draft, [1])).toEqual([]);
    expect(() => new LookupDraft({ longest: 1, shortest: 2 })).toThrow(
      "LookupDraft: expected longest of 2 or more, got 1",
    );
    expect(() => new LookupDraft({ shortest: 0 })).toThrow("LookupDraft: expected whole numbers");
  });

  test("a model reads only what it has not read, and proposes within its positions", () => {
    const model = new FakeModel({ ...sizes, maxLength: 12 });
    const draft = new ModelDraft(model);
    const text = [1, 2, 3, 4, 5];
    const { ids, probabilities } = draft.propose(text, 3, { rng });
    expect([ids.length, probabilities!.length, model.read]).toEqual([3, 3, 5 + 2]);
    expect(probabilities![0]).toEqual(decodingProbabilities(logitsAlone(text, sizes)[4]));
    draft.propose([...text, ids[0], (ids[1] + 1) % 23], 1, { rng });
    expect(model.read).toBe(7 + 1); // the second of its own tokens was rejected
    const long = [...text, 6, 7, 8, 9, 10, 11];
    expect(draft.propose(long, 4, { rng }).ids).toHaveLength(2); // it reads 12 at most
    expect(draft.propose([...long, 12, 13], 4, { rng }).ids).toEqual([]);
    draft.release();
    expect(draft.propose(text, 1, { rng }).probabilities![0]).toEqual(probabilities![0]);
  });
});

describe("a text", () => {
  const make = (more: Partial<SpeculateOptions> = {}, ids = [1, 2, 3]) => {
    const draft = new ModelDraft(new FakeModel(sizes));
    const rng = new Random(2);
    const model = new FakeModel({ ...sizes, maxLength: 50 });
    return speculate(model, ids, { ...options, draft, rng, ...more });
  };

  test("ends where it should, also in the middle of what was guessed", async () => {
    const all = (await make()).ids;
    const seen: number[] = [];
    const stopped = await make({ stop: (ids) => ids.length === 9, onToken: (id) => seen.push(id) });
    expect(stopped.ids).toEqual(all.slice(0, 9));
    expect(seen).toEqual(all.slice(3, 9));
    const constraint = () => {
      let left = 6;
      return {
        mask: (z: ArrayLike<number>) => Float32Array.from(z, (x, i) => (i % 2 ? -Infinity : x)),
        accept: () => left--,
        get done() {
          return left === 0;
        },
      };
    };
    const even = await make({ constraint: constraint() });
    const request = { ...options, ids: [1, 2, 3], constraint };
    expect(even.ids).toEqual(writtenAlone(request, sizes).ids);
    expect(even.ids.slice(3).every((id) => id % 2 === 0)).toBe(true);
    expect((await make({ maxNewTokens: 0 })).ids).toEqual([1, 2, 3]);
    const interruptedAt5 = await make({
      onToken: () => requestInterrupt(),
      draft: { propose: () => ({ ids: [] }) },
    });
    expect(interruptedAt5.ids).toHaveLength(4);
  });

  test("keeps no block for what was rejected", async () => {
    const pool = new BlockPool(new FakeModel(sizes));
    const used: number[] = [];
    const draft: Draft = {
      propose: (text, k) => {
        used.push(pool.stats().used - Math.ceil((text.length - 1) / 4));
        return { ids: new Array(k).fill(2) };
      },
    };
    await make({ draft, draftTokens: 9, pool });
    expect(new Set(used.slice(1))).toEqual(new Set([0]));
  });

  test("a long prompt is read in pieces, and from the cache if it is there", async () => {
    const ids = Array.from({ length: 150 }, (_, i) => (i * 5) % 23);
    const model = new FakeModel({ ...sizes, blocks: 50 });
    const pool = new BlockPool(model);
    const rest = { ...options, maxNewTokens: 5, draft: certain, rng: new Random(1), pool };
    const first = await speculate(model, ids, rest);
    expect(first.ids).toEqual(writtenAlone({ ids, maxNewTokens: 5, temperature: 0 }, sizes).ids);
    expect(model.steps).toBe(3 + first.passes); // 64 + 64 + 21, then the last token and guesses
    const before = model.read;
    expect((await speculate(model, ids, rest)).ids).toEqual(first.ids);
    expect(model.read - before).toBeLessThan(40);
    const table = new BlockTable(pool);
    table.adopt(table.match(ids));
    expect(() => readText(model, table, ids.slice(0, 100), 2)).toThrow(
      "readText: expected at most 98 tokens in the table, got 148",
    );
    table.release();
    pool.take();
    await expect(speculate(model, new Array(200).fill(1), rest)).rejects.toThrow(
      "readText: expected blocks for",
    );
    expect(pool.stats().used).toBe(1);
  });

  test.each<[string, Partial<SpeculateOptions>, number[]?]>([
    ["speculate: expected at least one token id to begin with, got none", {}, []],
    ["speculate: expected ids from 0 to 22, got 99", {}, [99]],
    ["speculate: expected maxNewTokens of 0 or more, got -1", { maxNewTokens: -1 }],
    ["speculate: expected draftTokens of 0 or more, got 0.5", { draftTokens: 0.5 }],
    ["speculate: expected a prompt and its new tokens within 50", { maxNewTokens: 48 }],
    ["speculate: expected topP above 0, up to 1, got 0", { topP: 0 }],
    ["at most 4 proposed tokens, got 9", { draft: { propose: () => ({ ids: new Array(9) }) } }],
    ["proposed tokens from 0 to 22, got 23", { draft: { propose: () => ({ ids: [23] }) } }],
    [
      "expected 1 distributions, got 0",
      { draft: { propose: () => ({ ids: [1], probabilities: [] }) } },
    ],
    [
      "expected 23 probabilities of the draft, got 2",
      { draft: { propose: () => ({ ids: [1], probabilities: [Float64Array.of(0, 1)] }) } },
    ],
    [
      "expected proposed tokens of a probability above 0, got 0",
      { draft: { propose: () => ({ ids: [1], probabilities: [new Float64Array(23)] }) } },
    ],
  ])("%s", async (message, wrong, ids) => {
    await expect(make(wrong, ids)).rejects.toThrow(message);
  });
});
