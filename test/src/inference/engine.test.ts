// The engine: whatever comes, goes and is preempted, every text is the one that it would be alone.
import fc from "fast-check";
import { clearInterrupt, requestInterrupt } from "llm/engine";
import {
  type EngineOptions,
  type Generation,
  type GenerationRequest,
  InferenceEngine,
  type ScoredToken,
} from "llm/inference";
import type { TokenConstraint } from "llm/sampling";
import { afterEach, describe, expect, test } from "vitest";
import { FakeModel, type FakeSizes, logitsAlone, writtenAlone } from "./fakeModel";

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
  promptLogits: fc.constantFrom(false, false, true),
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

/** Scores that `onLogits` has shown, and of which token. */
type Shown = { logits: Float32Array; token: ScoredToken }[];

/** The scores are those that the text has alone, each once, and none is missing. */
function expectScores(shown: Shown, { request }: Arrival, texts: Generation[], sizes: FakeSizes) {
  const prompt = request.ids.length;
  for (const { logits, token } of shown) {
    const { ids } = texts[token.sample].finished!;
    expect(token.id).toBe(ids[token.position]);
    expect(logits).toEqual(logitsAlone(ids.slice(0, token.position), sizes)[token.position - 1]);
  }
  for (const [sample, { finished }] of texts.entries()) {
    const drawn = shown.filter(({ token }) => token.sample === sample && token.position >= prompt);
    expect(drawn.map(({ token }) => token.position)).toEqual(
      finished!.newIds.map((_, i) => prompt + i),
    );
  }
  const read = shown
    .filter(({ token }) => token.position < prompt)
    .map((one) => one.token.position);
  const all = request.promptLogits ? Array.from({ length: prompt - 1 }, (_, i) => i + 1) : [];
  const isWhole = texts.some(({ finished }) => finished!.newIds.length > 0);
  expect(read).toEqual(isWhole ? all : all.slice(0, read.length));
}

const seen = { scores: 0, preemptions: 0, copies: 0, hits: 0, refused: 0, cancelled: 0, errors: 0 };

test("every text is the one that it would be alone, and nothing is lost or leaks", () => {
  const scenarios = fc.array(arrivals, { minLength: 1, maxLength: 12 });
  const property = fc.property(sizesOf, options, scenarios, (sizes, engineOptions, all) => {
    const { model, engine } = engineOf(sizes, engineOptions);
    const open: { arrival: Arrival; texts: Generation[]; shown: Shown }[] = [];
    for (let step = 0; step <= 41 || !engine.idle; step++) {
      expect(step).toBeLessThan(5000);
      for (const arrival of all.filter(({ at }) => at === step)) {
        const needed = mostBlocks(arrival.request, sizes);
        if (needed > sizes.blocks) {
          const submit = () => engine.submitSamples(arrival.request, arrival.samples);
          expect(submit).toThrow("submit: expected a text that the cache can hold");
          seen.refused++;
        } else {
          const shown: Shown = [];
          const onLogits = (logits: Float32Array, token: ScoredToken) =>
            shown.push({ logits: logits.slice(), token });
          const request = { ...arrival.request, onLogits };
          const texts = engine.submitSamples(request, arrival.samples);
          open.push({ arrival, texts, shown });
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
    for (const { arrival, texts, shown } of open) {
      expectScores(shown, arrival, texts, sizes);
      seen.scores += shown.length;
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

describe("one text", () => {
  const sizes = { blocks: 8, blockTokens: 4 };

  test("a prompt that is cached as a whole: only its last token is read again", () => {
    const { model, engine } = engineOf(sizes);
    const request = { ids: text(12), maxNewTokens: 5, seed: 3 };
    const first = engine.submit(request);
    finish(engine);
    expect(first.finished!.cachedTokens).toBe(0);
    const before = model.read;
    const second = engine.submit(request);
    engine.step();
    expect(model.read - before).toBe(1);
    finish(engine);
    expect(second.finished).toMatchObject({ cachedTokens: 11, ids: first.finished!.ids });
    expect(engine.stats()).toMatchObject({ cachedTokens: 11, drawn: 10, finished: 2 });
    expect(engine.stats().blocks).toMatchObject({ lookups: 6, hits: 3 });
  });

  test("a prompt that is cached as a whole while the first text still uses it", () => {
    const { model, engine } = engineOf(sizes);
    const request = { ids: text(12), maxNewTokens: 5, seed: 3 };
    const first = engine.submit(request);
    engine.step();
    const second = engine.submit({ ...request, seed: 4 });
    finish(engine);
    expect(model.copies).toBe(1);
    expect(first.finished).toMatchObject(writtenAlone(request, sizes));
    expect(second.finished).toMatchObject(writtenAlone({ ...request, seed: 4 }, sizes));
  });

  test("the scores of the prompt alone: nothing is written, and nothing comes from the cache", () => {
    const { model, engine } = engineOf(sizes);
    const ids = text(12);
    engine.submit({ ids, maxNewTokens: 1 });
    finish(engine);
    const before = model.read;
    const positions: number[] = [];
    const onLogits = (_: Float32Array, token: ScoredToken) => positions.push(token.position);
    const scored = engine.submit({ ids, maxNewTokens: 0, promptLogits: true, onLogits });
    finish(engine);
    expect(scored.finished).toMatchObject({ ids, reason: "length", cachedTokens: 0 });
    expect(positions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(model.read - before).toBe(12);
    expect(engine.stats().drawn).toBe(1);
  });

  test("a function for the scores that throws ends its own text", () => {
    const { engine } = engineOf(sizes);
    const onLogits = () => {
      throw new Error("no room for scores");
    };
    const request = { ids: text(5), maxNewTokens: 3 };
    const all = [true, false].map((promptLogits) =>
      engine.submitSamples({ ...request, promptLogits, onLogits }, 2),
    );
    const other = engine.submit(request);
    finish(engine);
    for (const { finished } of all.flat())
      expect(finished).toMatchObject({ reason: "error", error: { message: "no room for scores" } });
    expect(other.finished).toMatchObject(writtenAlone(request, sizes));
    expect(engine.stats().blocks.used).toBe(0);
  });

  test("a model that fails for good ends all texts with its error", async () => {
    const { engine } = engineOf(sizes);
    const held = Array.from({ length: 8 }, () => engine.pool.take());
    const generation = engine.submit({ ids: text(5), maxNewTokens: 3 });
    await expect(engine.run()).rejects.toThrow("expected blocks of its own");
    expect(generation.finished).toMatchObject({ reason: "error" });
    expect(held.length).toBe(8);
    expect(engine.idle).toBe(true);
  });

  test("the same tokens after other tokens are another prefix", () => {
    const { engine } = engineOf(sizes);
    const same = text(4, 9);
    engine.submit({ ids: [...text(4), ...same, 1], maxNewTokens: 1 });
    finish(engine);
    const other = engine.submit({ ids: [...text(4, 1), ...same, 1], maxNewTokens: 1 });
    const more = engine.submit({ ids: [...text(4), ...same, 1], maxNewTokens: 1 });
    finish(engine);
    expect(other.finished!.cachedTokens).toBe(0);
    expect(more.finished!.cachedTokens).toBe(8);
  });

  test("preempted and resumed: the youngest reads its text again and goes on with its numbers", () => {
    const { model, engine } = engineOf({ blocks: 6, blockTokens: 2 }, { prefixCache: false });
    const requests = [1, 2, 3].map((seed) => ({
      ...{ ids: text(3, seed), maxNewTokens: 8, seed },
    }));
    const texts = requests.map((request) => engine.submit(request));
    const order: number[] = [];
    for (const [i, generation] of texts.entries()) void generation.done.then(() => order.push(i));
    finish(engine);
    for (const [i, generation] of texts.entries())
      expect(generation.finished).toMatchObject(
        writtenAlone(requests[i], { blocks: 6, blockTokens: 2 }),
      );
    expect(engine.stats().preemptions).toBeGreaterThan(0);
    expect(model.read).toBeGreaterThan(3 * 10); // what is read without preemption
    return Promise.resolve().then(() => expect(order).toEqual([0, 1, 2]));
  });

  test("a long prompt comes in pieces and does not hold up the texts that are being written", () => {
    const { engine } = engineOf({ blocks: 40, blockTokens: 2 }, { tokenBudget: 4 });
    const short = engine.submit({ ids: [1], maxNewTokens: 12 });
    engine.step();
    const long = engine.submit({ ids: text(30), maxNewTokens: 1 });
    for (let step = 1; step <= 10; step++) {
      expect(long.finished).toBeUndefined();
      expect(engine.step()).toBe(4); // one token of the first text, three of the prompt
      expect(short.newIds).toHaveLength(step + 1);
    }
    expect(long.finished!.reason).toBe("length");
  });

  test("samples read their prompt once and share its blocks", () => {
    const { model, engine } = engineOf({ blocks: 12, blockTokens: 4 });
    const request = { ids: text(10), maxNewTokens: 3, seed: 5 };
    const samples = engine.submitSamples(request, 4);
    engine.step();
    expect(model.read).toBe(10);
    expect(engine.stats().blocks.used).toBe(3);
    engine.step();
    expect(engine.stats().blocks).toMatchObject({ used: 2 + 4, copies: 3 });
    finish(engine);
    for (const [i, { finished }] of samples.entries())
      expect(finished).toMatchObject(writtenAlone(request, { blocks: 12, blockTokens: 4 }, i));
    expect(new Set(samples.map(({ newIds }) => newIds.join())).size).toBe(4);
  });

  test("the first sample is cancelled before the prompt is read: the others go on from there", () => {
    const { model, engine } = engineOf({ blocks: 12, blockTokens: 4 }, { tokenBudget: 4 });
    const request = { ids: text(10), maxNewTokens: 3, seed: 5 };
    const samples = engine.submitSamples(request, 3);
    engine.step();
    samples[0].cancel();
    samples[1].cancel();
    finish(engine);
    expect(model.read).toBe(10 + 2);
    expect(samples.map(({ finished }) => finished!.reason)).toEqual([
      ...["cancelled", "cancelled", "length"],
    ]);
    expect(samples[2].finished).toMatchObject(
      writtenAlone(request, { blocks: 12, blockTokens: 4 }, 2),
    );
  });
});

describe("running", () => {
  const sizes = { blocks: 30, blockTokens: 4, poison: 13 };

  test("streams tokens as they come, to several listeners, and ends", async () => {
    const { engine } = engineOf(sizes);
    const request = { ids: [1, 2, 3], maxNewTokens: 9, seed: 2 };
    const generation = engine.submit(request);
    const early: number[] = [];
    const lengths: number[] = [];
    const listening = (async () => {
      for await (const id of generation) {
        early.push(id);
        lengths.push(generation.newIds.length);
      }
    })();
    await Promise.all([engine.run(), engine.run()]);
    await listening;
    const late: number[] = [];
    for await (const id of generation) late.push(id);
    const { ids, reason, timings } = await generation.done;
    expect(ids).toEqual(writtenAlone(request, sizes).ids);
    expect(reason).toBe("length");
    expect([early, late]).toEqual([generation.newIds, generation.newIds]);
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]); // each at once
    expect(engine.stats().steps).toBe(9); // two calls of run, one loop
    const { queued, firstToken = -1, perToken = -1, total } = timings;
    expect(0 <= queued && queued <= firstToken && firstToken <= total).toBe(true);
    expect(Math.abs(firstToken + 8 * perToken - total)).toBeLessThan(5);
  });

  test("an error ends its request alone, and its listener hears of it", async () => {
    const { engine } = engineOf(sizes);
    const good = engine.submit({ ids: [1], maxNewTokens: 4, seed: 1 });
    const nan = engine.submit({ ids: [13], maxNewTokens: 4 });
    const throws = engine.submit({
      ...{ ids: [2], maxNewTokens: 4 },
      stop: () => {
        throw new Error("no such tool");
      },
    });
    const listening = async () => {
      for await (const _ of throws);
    };
    const heard = expect(listening()).rejects.toThrow("no such tool");
    await engine.run();
    await heard;
    expect(nan.finished!.error!.message).toContain("expected numbers below infinity, got NaN");
    expect(good.finished).toMatchObject(
      writtenAlone({ ids: [1], maxNewTokens: 4, seed: 1 }, sizes),
    );
    expect(engine.stats().blocks.used).toBe(0);
  });

  test("a model that refuses one piece ends this text alone", async () => {
    const { model, engine } = engineOf(sizes);
    const step = model.step.bind(model);
    model.step = (pieces) => {
      if (pieces.some(({ ids }) => ids.includes(17))) throw "17 is not for me";
      return step(pieces);
    };
    const requests = [[1], [2, 17], [3]].map((ids) => ({ ids, maxNewTokens: 3, temperature: 0 }));
    const texts = requests.map((request) => engine.submit(request));
    await engine.run();
    expect(texts.map(({ finished }) => finished!.reason)).toEqual(["length", "error", "length"]);
    expect(texts[1].finished!.error!.message).toBe("17 is not for me");
    const samples = engine.submitSamples({ ids: [17], maxNewTokens: 3 }, 3);
    await engine.run();
    for (const { finished } of samples) expect(finished!.error!.message).toBe("17 is not for me");
    for (const i of [0, 2])
      expect(texts[i].finished).toMatchObject(writtenAlone(requests[i], sizes));
  });

  test("the stop button ends all texts with what they have", async () => {
    const { engine } = engineOf(sizes);
    const running = engine.submit({
      ...{ ids: [1], maxNewTokens: 50, seed: 1 },
      stop: (ids) => {
        if (ids.length === 4) requestInterrupt();
        return false;
      },
    });
    await engine.run();
    expect(running.finished).toMatchObject({ reason: "cancelled" });
    expect(running.newIds).toHaveLength(3);
    expect(engine.idle).toBe(true);
  });

  test("callbacks may cancel texts, the own one too, and submit others", async () => {
    const { engine } = engineOf({ ...sizes, poison: undefined });
    const more: Generation[] = [];
    const victim = engine.submit({ ids: [5], maxNewTokens: 50 });
    const own: Generation = engine.submit({
      ...{ ids: [1], maxNewTokens: 50 },
      stop: ({ length }) => {
        if (length === 3) victim.cancel();
        if (length === 3) more.push(engine.submit({ ids: [7], maxNewTokens: 2 }));
        if (length === 5) own.cancel();
        return length === 5;
      },
    });
    await engine.run();
    expect([victim, own, ...more].map(({ finished }) => finished!.reason)).toEqual([
      ...["cancelled", "cancelled", "length"],
    ]);
    expect(own.newIds).toHaveLength(4);
    expect(engine.stats()).toMatchObject({ finished: 3, waiting: 0, running: 0 });
  });

  test("a text that another one cancels while its prompt is being read leaves nothing", async () => {
    const { engine } = engineOf({ blocks: 8, blockTokens: 4 });
    let victim: Generation | undefined;
    const stop = () => {
      victim?.cancel();
      return false;
    };
    const first = engine.submit({ ids: [1], maxNewTokens: 3, stop });
    engine.step();
    victim = engine.submit({ ids: text(10), maxNewTokens: 3 });
    engine.step();
    expect(victim.finished).toMatchObject({ reason: "cancelled", newIds: [] });
    expect(engine.stats().blocks).toMatchObject({ used: 1, cached: 0 });
    const after = engine.submit({ ids: text(10), maxNewTokens: 3, seed: 1 });
    await engine.run();
    expect(first.finished!.reason).toBe("length");
    const alone = writtenAlone(
      { ids: text(10), maxNewTokens: 3, seed: 1 },
      { blocks: 8, blockTokens: 4 },
    );
    expect(after.finished).toMatchObject(alone);
  });

  test("samples are as old as their prompt: a text that came later makes room for them", async () => {
    const { engine } = engineOf({ blocks: 9, blockTokens: 2 }, { prefixCache: false });
    const request = { ids: [1, 2], maxNewTokens: 7 };
    const texts = [...engine.submitSamples(request, 2), engine.submit(request)];
    const order: number[] = [];
    for (const [i, { done }] of texts.entries()) void done.then(() => order.push(i));
    await engine.run();
    expect(engine.stats().preemptions).toBe(1);
    expect(order).toEqual([0, 1, 2]);
  });

  test("a request that comes when the loop has just ended is not forgotten", async () => {
    const { engine } = engineOf(sizes);
    await engine.run();
    for (let i = 0; i < 20; i++) {
      const generation = engine.submit({ ids: [i], maxNewTokens: 1 + (i % 3), temperature: 0 });
      if (i % 2) await engine.run();
      else void engine.run();
      await generation.done;
    }
    expect(engine.stats().finished).toBe(20);
  });

  test("nothing to write is an end, too", async () => {
    const { engine } = engineOf(sizes);
    const none = engine.submit({ ids: [1], maxNewTokens: 0 });
    const done: TokenConstraint = { mask: (z) => z, accept: () => {}, done: true };
    const ended = engine.submitSamples({ ids: [1], maxNewTokens: 5, constraint: () => done }, 2);
    await engine.run();
    expect(await none.done).toMatchObject({ ids: [1], reason: "length", newIds: [] });
    for (const one of ended) expect(await one.done).toMatchObject({ ids: [1], reason: "stop" });
  });

  test.each<[string, Partial<GenerationRequest>]>([
    ["submit: expected at least one token id, got none", { ids: [] }],
    ["submit: expected ids from 0 to 22, got 23 at position 1", { ids: [1, 23] }],
    ["submit: expected stopIds from 0 to 22, got -1", { stopIds: [-1] }],
    ["submit: expected maxNewTokens of 0 or more, got 1.5", { maxNewTokens: 1.5 }],
    ["submit: expected a temperature of 0 or more, got -1", { temperature: -1 }],
    ["within 100 positions, got 1 + 100", { maxNewTokens: 100 }],
    ["8 blocks of 4 tokens, got 1 + 33 tokens: 9 blocks", { maxNewTokens: 33 }],
    ["expected a seed that is an integer", { seed: -1 }],
  ])("%s", (message, wrong) => {
    const { engine } = engineOf({ blocks: 8, blockTokens: 4, maxLength: 100 });
    expect(() => engine.submit({ ids: [1], maxNewTokens: 2, ...wrong })).toThrow(message);
    expect(engine.idle).toBe(true);
  });

  test("options and samples that make no sense; blocks that others hold", () => {
    expect(() => engineOf(sizes, { tokenBudget: 0 })).toThrow(
      "InferenceEngine: expected tokenBudget of 1 or more, got 0",
    );
    expect(() => engineOf({ blocks: 0, blockTokens: 1 })).toThrow("expected blocks of 1 or more");
    const { engine } = engineOf({ blocks: 2, blockTokens: 4 }, { maxRunning: 2 });
    expect(() => engine.submitSamples({ ids: [1], maxNewTokens: 1 }, 3)).toThrow(
      "submitSamples: expected 1 to 2 samples, got 3",
    );
    const held = [engine.pool.take(), engine.pool.take()];
    const generation = engine.submit({ ids: [1], maxNewTokens: 1 });
    expect(() => engine.step()).toThrow("InferenceEngine: expected blocks of its own, got 0 free");
    for (const block of held) engine.pool.release(block);
    finish(engine);
    expect(generation.finished!.reason).toBe("length");
  });
});

test("10,000 small requests leave no block, no text and no prefix without a block", async () => {
  const { engine } = engineOf({ blocks: 40, blockTokens: 2 }, { tokenBudget: 32 });
  let open = 0;
  const reasons: Record<string, number> = {};
  for (let i = 0; i < 10_000; i++) {
    const ids = [i % 3, (i >> 3) % 19, (i * 7) % 21, i % 5].slice(0, 1 + (i % 4));
    const generation = engine.submit({ ids, maxNewTokens: 1 + (i % 3), seed: i, stopIds: [3] });
    open++;
    void generation.done.then(({ reason }) => {
      open--;
      reasons[reason] = (reasons[reason] ?? 0) + 1;
    });
    if (i % 17 === 0) generation.cancel();
    if (i % 5 === 0) engine.step();
  }
  await engine.run();
  expect(open).toBe(0);
  expect(reasons.cancelled).toBe(589);
  expect(reasons.length + reasons.stop).toBe(10_000 - 589);
  const { blocks, ...stats } = engine.stats();
  expect(stats).toMatchObject({ waiting: 0, running: 0, finished: 10_000 });
  expect(blocks).toMatchObject({ used: 0, free: 40 });
  expect(engine.pool.tree.size).toBeLessThanOrEqual(40);
  const sequences = (engine as unknown as { sequences: Map<unknown, unknown> }).sequences;
  expect(sequences.size).toBe(0);
});
