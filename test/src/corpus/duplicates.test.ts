// Duplicates: MinHash tells Jaccard's similarity, LSH finds the pairs, and planted copies are found.
import fc from "fast-check";
import {
  candidateProbability,
  Deduplicator,
  DigestMap,
  deduplicated,
  digestOf,
  estimatedJaccard,
  Groups,
  jaccard,
  jaccardOfSorted,
  LshIndex,
  MinHasher,
  SeenRuns,
  shingleHashes,
  shingles,
  sideOf,
} from "llm/corpus";
import { mobyDick } from "llm/data";
import { Random } from "llm/random";
import { describe, expect, it } from "vitest";

const word = fc.constantFrom("the", "whale", "swims", "猫", "a", "sea", "of", "Ahab's");
const textOf = fc.array(word, { maxLength: 40 }).map((words) => words.join(" "));

describe("shingles", () => {
  it("are runs of words", () => {
    expect([...shingles("To be, or not to be", 3)]).toEqual([
      "to be or",
      "be or not",
      "or not to",
      "not to be",
    ]);
    expect([...shingles("Two words")]).toEqual(["two words"]);
    expect(shingles("…").size).toBe(0);
    expect([...shingles("我爱自然语言", 5)]).toEqual(["我 爱 自 然 语", "爱 自 然 语 言"]);
  });

  it("hashed and sorted they have the same similarity", () => {
    expect(jaccard(new Set([1, 2, 3]), new Set([2, 3, 4]))).toBe(0.5);
    expect(jaccard(new Set(), new Set())).toBe(1);
    fc.assert(
      fc.property(textOf, textOf, fc.integer({ min: 1, max: 6 }), (a, b, size) => {
        expect(shingleHashes(a, size).length).toBe(shingles(a, size).size);
        expect(jaccardOfSorted(shingleHashes(a, size), shingleHashes(b, size))).toBe(
          jaccard(shingles(a, size), shingles(b, size)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("MinHash", () => {
  const numbers = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => from + i);

  it("agrees at a place with probability J", () => {
    const hasher = new MinHasher(4000, 7);
    for (const common of [10, 50, 80, 95]) {
      // 100 members in all, so J = common / 100
      const half = (100 - common) / 2;
      const a = numbers(0, common + half);
      const b = [...numbers(0, common), ...numbers(200, 200 + half)];
      const j = jaccard(new Set(a), new Set(b));
      const estimate = estimatedJaccard(hasher.signature(a), hasher.signature(b));
      expect(Math.abs(estimate - j)).toBeLessThan(4 * Math.sqrt((j * (1 - j)) / 4000));
    }
  });

  it("does not depend on the order, and depends on the seed", () => {
    const hasher = new MinHasher(120, 3);
    const members = numbers(0, 50);
    const signature = hasher.signature(members);
    expect(hasher.signature(members.toReversed())).toEqual(signature);
    expect(new MinHasher(120, 3).signature(members)).toEqual(signature);
    expect(estimatedJaccard(new MinHasher(120, 4).signature(members), signature)).toBe(0);
    expect(hasher.signature([])).toEqual(new Uint32Array(120).fill(0xffffffff));
    expect(() => new MinHasher(0)).toThrow(/at least one permutation, got 0/);
  });
});

describe("LSH", () => {
  it("compares pairs with the probability of its formula", () => {
    const bands = { bands: 5, rows: 3 };
    let found = 0;
    const trials = 2000;
    for (let trial = 0; trial < trials; trial++) {
      const hasher = new MinHasher(15, trial);
      const index = new LshIndex(bands);
      index.add(9, hasher.signature([1, 2, 3, 4, 5, 6]));
      found += index.candidates(hasher.signature([1, 2, 3, 4, 7, 8])).length; // J = 0.5
    }
    const p = candidateProbability(0.5, bands);
    expect(p).toBeCloseTo(1 - (1 - 1 / 8) ** 5, 10);
    expect(Math.abs(found / trials - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / trials));
    expect(candidateProbability(0.8)).toBeGreaterThan(0.997);
    expect(candidateProbability(0.2)).toBeLessThan(0.002);
  });

  it("finds exactly the documents that share a band", () => {
    const bands = { bands: 3, rows: 2 };
    const signature = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(signature, { maxLength: 60 }), signature, (all, asked) => {
        const index = new LshIndex(bands);
        for (const [i, one] of all.entries()) index.add(i, Uint32Array.from(one));
        const slow = all.flatMap((one, i) =>
          [0, 2, 4].some((at) => one[at] === asked[at] && one[at + 1] === asked[at + 1]) ? [i] : [],
        );
        expect(index.candidates(Uint32Array.from(asked))).toEqual(slow);
      }),
    );
    const index = new LshIndex();
    const hasher = new MinHasher(120);
    for (let i = 0; i < 3000; i++) index.add(i, hasher.signature([i, i + 1e6]));
    for (let i = 0; i < 3000; i += 97)
      expect(index.candidates(hasher.signature([i, i + 1e6]))).toContain(i);
    expect(() => index.add(1, new Uint32Array(3))).toThrow(/signature of 120 numbers, got 3/);
  });
});

describe("exact duplicates", () => {
  it("a map of digests is a map", () => {
    const map = new DigestMap();
    for (let i = 0; i < 5000; i++) map.add(digestOf(`text ${i % 4000}`), i);
    for (let i = 0; i < 4000; i++) expect(map.get(digestOf(`text ${i}`))).toBe(i);
    expect(map.get(digestOf("another"))).toBeUndefined();
  });
});

/** Passages of Moby-Dick, then copies of some with a share of their words changed. */
function planted(count: number, seed: number) {
  const rng = new Random(seed);
  const words = mobyDick().split(/\s+/);
  const passages = Array.from({ length: count }, (_, i) => words.slice(i * 200, i * 200 + 200));
  const copies = passages.map((passage) => {
    const share = 0.15 * rng.uniform();
    return passage.map((one) => (rng.uniform() < share ? `word${rng.integer(1000)}` : one));
  });
  return [...passages, ...copies].map((all, i) => ({
    source: "planted",
    record: i,
    first: i,
    text: all.join(" "),
  }));
}

describe("deduplicated", () => {
  it("planted copies: every pair found is one, and nearly every pair is found", () => {
    const count = 300;
    const documents = planted(count, 5);
    const sets = documents.map(({ text }) => shingles(text));
    const deduplicator = new Deduplicator();
    const found = new Set<string>();
    for (const [i, { text }] of documents.entries()) {
      const examined = deduplicator.examine(text);
      for (const { document } of examined.near) found.add(`${document},${i}`);
      if (examined.exact !== undefined) found.add(`${examined.exact},${i}`);
      deduplicator.add(i, examined, text);
    }
    const pairs = new Set<string>();
    for (let i = 0; i < sets.length; i++)
      for (let k = 0; k < i; k++) if (jaccard(sets[k], sets[i]) >= 0.8) pairs.add(`${k},${i}`);
    expect(pairs.size).toBeGreaterThan(count / 8);
    expect(pairs.size).toBeLessThan(count);
    expect([...found].filter((pair) => !pairs.has(pair))).toEqual([]); // precision 1
    const recall = [...pairs].filter((pair) => found.has(pair)).length / pairs.size;
    expect(recall).toBeGreaterThanOrEqual(0.99);
  });

  it("keeps the first of those that repeat each other, by mode", async () => {
    const long = mobyDick().slice(50_000, 53_000);
    const texts = [long, "something else entirely", long, `${long} And one more.`, "else"];
    const documents = texts.map((text, record) => ({ source: "x", record, first: record, text }));
    const kept: Record<string, number[]> = {};
    const told: string[] = [];
    for (const mode of ["near", "exact", "none"] as const) {
      kept[mode] = [];
      const onDrop = (_: unknown, rule: string, why: string) => told.push(`${rule}: ${why}`);
      for await (const document of deduplicated(documents, { mode, onDrop })) {
        kept[mode].push(document.record);
        if (document.record === 3)
          expect(document.examined.near.map((one) => one.document)).toContain(0);
      }
    }
    expect(kept).toEqual({ near: [0, 1, 4], exact: [0, 1, 3, 4], none: [0, 1, 2, 3, 4] });
    expect(told[0]).toBe("exact duplicate: equal to document 0");
    expect(told[1]).toMatch(/^near duplicate: 0\.99 of document 0$/);
    expect(told).toHaveLength(3);
    expect(() => new Deduplicator({ threshold: 0 })).toThrow(/threshold above 0/);
  });
});

describe("the split", () => {
  it("groups are what chains of pairs join", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat({ max: 19 }), fc.nat({ max: 19 })), { maxLength: 25 }),
        (pairs) => {
          const groups = new Groups(20);
          for (const [a, b] of pairs) groups.join(a, b);
          const label = Array.from({ length: 20 }, (_, i) => i);
          for (let round = 0; round < 20; round++)
            for (const [a, b] of pairs) label[a] = label[b] = Math.min(label[a], label[b]);
          expect(label.map((_, i) => groups.firstOf(i))).toEqual(label);
        },
      ),
    );
  });

  it("holds out the share that is asked for, by key and seed alone", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `document ${i}`);
    const sides = keys.map((key) => sideOf(key, { val: 0.1, seed: 1 }));
    const share = sides.filter((side) => side === "val").length / keys.length;
    expect(Math.abs(share - 0.1)).toBeLessThan(4 * Math.sqrt((0.1 * 0.9) / keys.length));
    expect(keys.map((key) => sideOf(key, { val: 0.1, seed: 1 }))).toEqual(sides);
    const others = keys.map((key) => sideOf(key, { val: 0.1, seed: 2 }));
    const both = keys.filter((_, i) => sides[i] === "val" && others[i] === "val").length;
    expect(both / keys.length).toBeLessThan(0.02);
    expect(sideOf("x", { val: 0, seed: 1 })).toBe("train");
    expect(() => sideOf("x", { val: 1, seed: 1 })).toThrow(/at least 0 and below 1, got 1/);
  });
});

describe("leaks", () => {
  it("the share of a test text that stands in runs of the training text", () => {
    fc.assert(
      fc.property(textOf, textOf, fc.integer({ min: 1, max: 5 }), (train, test, n) => {
        const seen = new SeenRuns(n);
        seen.add(train);
        const runsOf = (text: string) => [...shingles(text, n)];
        const known = new Set(runsOf(train));
        const words = test.toLowerCase().match(/猫|\p{L}+/gu) ?? [];
        const covered = words.map(() => false);
        for (let i = 0; i === 0 || i + n <= words.length; i++)
          if (known.has(words.slice(i, i + n).join(" ")))
            covered.fill(true, i, Math.min(i + n, words.length));
        const share = covered.filter(Boolean).length / Math.max(1, words.length);
        expect(seen.share(test)).toBeCloseTo(share, 10);
      }),
    );
  });

  it("a question within a long page is found, though the two are not similar", () => {
    const page = mobyDick().slice(100_000, 130_000);
    const question = page.slice(12_000, 12_400);
    expect(jaccard(shingles(page), shingles(question))).toBeLessThan(0.05);
    const seen = new SeenRuns();
    seen.add(page);
    expect(seen.share(question)).toBeGreaterThan(0.9);
    expect(seen.share(mobyDick().slice(300_000, 300_400))).toBe(0);
    expect(() => new SeenRuns(0)).toThrow(/at least one word, got 0/);
  });
});
