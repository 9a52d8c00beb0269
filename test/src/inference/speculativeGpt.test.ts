// Speculative decoding with real models: the base model of the course, with its own first layers as the
// draft. Two new tokens, cut to the five likeliest each, so that there are 25 texts whose probabilities
// are worked out from the model alone, and enough draws of each for Pearson's χ².
import { loadBaseModel } from "llm/baseModel";
import { useEngine } from "llm/engine";
import { type Draft, ModelDraft, speculate } from "llm/inference";
import { disposeParams } from "llm/params";
import { Random } from "llm/random";
import { PagedGPT } from "llm/runtime";
import { decodingProbabilities } from "llm/sampling";
import { afterAll, beforeAll, expect, test } from "vitest";

const DRAWS = 1200;
const options = { topK: 5, temperature: 1.3 };
let model: PagedGPT;
let draft: ModelDraft;
let prompt: number[];

beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
  const { params, config, tokenizer } = loadBaseModel();
  model = await PagedGPT.fromParams(params, config, { cacheTokens: 256 });
  disposeParams(params);
  draft = new ModelDraft(model.firstLayers(2, { cacheTokens: 256 }));
  prompt = tokenizer.encode("The captain looked at the");
});
afterAll(() => model.close());

/** The distribution after a text, without blocks that others have written. */
function next(ids: number[]): Float64Array {
  const table = Array.from({ length: 16 }, (_, i) => i);
  const logits = model.step([{ ids, start: 0, table, logits: "last" }]);
  return decodingProbabilities(logits, { ...options, previous: ids });
}

/** The probability of each text of two new tokens, by "first second". */
function exactly(): Map<string, number> {
  const all = new Map<string, number>();
  for (const [first, p] of next(prompt).entries())
    if (p > 0)
      for (const [second, q] of next([...prompt, first]).entries())
        if (q > 0) all.set(`${first} ${second}`, p * q);
  return all;
}

/** Texts drawn with a draft, counted; and how many guesses stayed. */
async function drawn(one: Draft): Promise<{ counts: Map<string, number>; accepted: number }> {
  const rng = new Random(21);
  const counts = new Map<string, number>();
  let accepted = 0;
  for (let i = 0; i < DRAWS; i++) {
    const text = await speculate(model, prompt, {
      ...{ ...options, draft: one, draftTokens: 1, maxNewTokens: 2, rng },
    });
    const key = text.ids.slice(prompt.length).join(" ");
    counts.set(key, (counts.get(key) ?? 0) + 1);
    accepted += text.accepted;
  }
  return { counts, accepted };
}

/** χ² in deviations from its mean; texts that are expected less than 8 times count together. */
function deviation(exact: Map<string, number>, counts: Map<string, number>): number {
  let [chi, bins, rare, rareCount] = [0, -1, 0, 0];
  for (const [key, p] of exact) {
    const [expected, count] = [p * DRAWS, counts.get(key) ?? 0];
    if (expected < 8) [rare, rareCount] = [rare + expected, rareCount + count];
    else [chi, bins] = [chi + (count - expected) ** 2 / expected, bins + 1];
  }
  if (rare > 0) [chi, bins] = [chi + (rareCount - rare) ** 2 / rare, bins + 1];
  return (chi - bins) / Math.sqrt(2 * bins);
}

test("the texts have the model's distribution; with a rule that accepts everything they have not", async () => {
  const exact = exactly();
  expect(exact.size).toBe(25);
  expect([...exact.values()].reduce((a, b) => a + b, 0)).toBeCloseTo(1, 6);
  const { counts, accepted } = await drawn(draft);
  for (const key of counts.keys()) expect(exact.has(key), key).toBe(true);
  expect(deviation(exact, counts)).toBeLessThan(4);
  // the draft is not the model: some of its guesses stay, and some do not
  expect(accepted).toBeGreaterThan(0.02 * DRAWS);
  expect(accepted).toBeLessThan(0.98 * DRAWS);
  // a draft that says it was certain of what it drew: then the model's own draw must be equal to it
  const claims: Draft = {
    propose: (text, k, more) => ({ ids: draft.propose(text, k, more).ids }),
  };
  expect(deviation(exact, (await drawn(claims)).counts)).toBeLessThan(4);
  // the control: whatever the draft has drawn is taken, which is what its claim of p = q amounts to
  const always: Draft = {
    propose: (text, k, more) => {
      const { ids, probabilities } = draft.propose(text, k, more);
      const far = probabilities!.map((q) => q.map((x) => x * 1e-9));
      return { ids, probabilities: far };
    },
  };
  expect(deviation(exact, (await drawn(always)).counts)).toBeGreaterThan(10);
});
