// The engine: whatever comes, goes and is preempted, every text is the one that it would be alone.
import fc from "fast-check";
import { clearInterrupt, requestInterrupt } from "llm/engine";
import {
  type EngineOptions,
  type Generation,
  type GenerationRequest,
  InferenceEngine,
} from "llm/inference";
import type { TokenConstraint } from "llm/sampling";
import { afterEach, describe, expect, test } from "vitest";
import { FakeModel, type FakeSizes, writtenAlone } from "./fakeModel";

afterEach(() => clearInterrupt());

function engineOf(sizes: FakeSizes, options: EngineOptions = {}) {
  const model = new FakeModel(sizes);
  const engine = new InferenceEngine(model, options);
  model.pool = engine.pool;
  return { model, engine };
}

/** Steps until nothing is left to write. */
function finish(engine: InferenceEngine, most = 10_000): void {
  for (let i = 0; !engine.idle; i++) {
    expect(i, "steps").toBeLessThan(most);
    engine.step();
  }
}

const text = (n: number, from = 0) => Array.from({ length: n }, (_, i) => (from + i * 7) % 22);

interface Arrival {
  at: number;
  request: GenerationRequest;
  samples: number;
  /** A sample, and at which step it is cancelled. */
  cancel?: { sample: number; at: number };
}

/** Forbids ids that are the last one plus 1, and ends with the given id. */
const constraintTo = (end: number) => (): TokenConstraint => {
  let last = -1;
  return {
    mask: (logits) => Float32Array.from(logits, (z, i) => (i === last + 1 ? -Infinity : z)),
    accept: (id) => {
      last = id;
    },
    get done() {
      return last === end;
    },
  };
};

const bases = [text(24, 3), [...text(9, 3), ...text(15, 5)]];
const requests = fc.record({
  base: fc.constantFrom(...bases),
  shared: fc.nat(24),
  own: fc.array(fc.nat(21), { maxLength: 8 }),
  maxNewTokens: fc.nat(14),
  seed: fc.nat(3),
  decoding: fc.constantFrom({ temperature: 0 }, {}, { topK: 3 }, { repetitionPenalty: 1.5 }),
  stopIds: fc.constantFrom([], [4], [1, 9]),
  extra: fc.constantFrom(
    ...[{}, {}, {}, { constraint: constraintTo(6) }],
    { stop: (ids: readonly number[]) => ids.length % 11 === 0 },
    {
      stop: (ids: readonly number[]) => {
        if (ids.length % 13 === 0) throw new Error("asked too often");
        return false;
      },
    },
  ),
});
const arrivals = fc.record({
  at: fc.nat(30),
  samples: fc.constantFrom(1, 1, 1, 2, 3),
  cancel: fc.option(fc.record({ sample: fc.nat(2), at: fc.nat(40) }), { nil: undefined, freq: 3 }),
  request: requests.map(({ base, shared, own, decoding, extra, ...rest }) => {
    const ids = [...base.slice(0, shared), ...own];
    return { ...rest, ...decoding, ...extra, ids: ids.length > 0 ? ids : [1] };
  }),
});
const sizesOf = fc.record({
  blocks: fc.integer({ min: 2, max: 20 }),
  blockTokens: fc.integer({ min: 1, max: 5 }),
  window: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
  poison: fc.constantFrom(undefined, undefined, 13),
});
const options = fc.record({
  tokenBudget: fc.integer({ min: 1, max: 64 }),
  maxRunning: fc.integer({ min: 3, max: 8 }),
  prefixCache: fc.constantFrom(true, true, true, false),
});

/** Blocks that the text needs at one time, worked out by walking through it token by token. */
function mostBlocks({ ids, maxNewTokens }: GenerationRequest, sizes: FakeSizes): number {
  const { blockTokens, window = Infinity } = sizes;
  let most = 0;
  for (let p = 0; p < ids.length + maxNewTokens - 1; p++) {
    const first = Math.floor(Math.max(0, p - window + 1) / blockTokens);
    most = Math.max(most, Math.floor(p / blockTokens) - first + 1);
  }
  return most;
}

const seen = { preemptions: 0, copies: 0, hits: 0, refused: 0, cancelled: 0, errors: 0 };

test("every text is the one that it would be alone, and nothing is lost or leaks", () => {
  const scenarios = fc.array(arrivals, { minLength: 1, maxLength: 12 });
  const property = fc.property(sizesOf, options, scenarios, (sizes, engineOptions, all) => {
    const { model, engine } = engineOf(sizes, engineOptions);
    const open: { arrival: Arrival; texts: Generation[] }[] = [];
    for (let step = 0; step <= 41 || !engine.idle; step++) {
      expect(step).toBeLessThan(5000);
      for (const arrival of all.filter(({ at }) => at === step)) {
        const needed = mostBlocks(arrival.request, sizes);
        if (needed > sizes.blocks) {
          const submit = () => engine.submitSamples(arrival.request, arrival.samples);
          expect(submit).toThrow("submit: expected a text that the cache can hold");
          seen.refused++;
        } else {
          const texts = engine.submitSamples(arrival.request, arrival.samples);
          open.push({ arrival, texts });
        }
      }
      for (const { arrival, texts } of open)
        if (arrival.cancel?.at === step) texts[arrival.cancel.sample]?.cancel();
      const read = engine.step();
      expect(read).toBeLessThanOrEqual(engineOptions.tokenBudget);
      expect(engine.stats().running).toBeLessThanOrEqual(engineOptions.maxRunning);
    }
    for (const { arrival, texts } of open)
      for (const [sample, generation] of texts.entries()) {
        const expected = writtenAlone(arrival.request, sizes, sample);
        const finished = generation.finished!;
        if (finished.reason === "cancelled") {
          seen.cancelled++;
          expect(arrival.cancel?.sample).toBe(sample);
          expect(finished.ids).toEqual(expected.ids.slice(0, finished.ids.length));
        } else expect(finished).toMatchObject(expected);
        if (finished.reason === "error") seen.errors++;
        expect(finished.ids).toEqual([...Array.from(arrival.request.ids), ...finished.newIds]);
        expect(generation.newIds).toEqual(finished.newIds);
      }
    const stats = engine.stats();
    expect(stats).toMatchObject({ waiting: 0, running: 0, read: model.read });
    expect(stats.blocks).toMatchObject({ used: 0, free: sizes.blocks, copies: model.copies });
    expect(stats.finished).toBe(open.reduce((sum, { texts }) => sum + texts.length, 0));
    if (!engineOptions.prefixCache) expect(stats.cachedTokens).toBe(0);
    seen.preemptions += stats.preemptions;
    seen.copies += stats.blocks.copies;
    seen.hits += stats.blocks.hits;
  });
  fc.assert(property, { numRuns: 400, seed: 21 });
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(100);
});
