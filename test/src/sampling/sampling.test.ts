// Processors against transformers (test/fixtures/record/decoding.py), draws against the distributions
// that they should come from, stop sequences against a text that is there as a whole.
import fc from "fast-check";
import { Random } from "llm/random";
import {
  checkSampling,
  type DecodingOptions,
  decodingProbabilities,
  keepMinP,
  keepTopK,
  keepTopP,
  penaliseRepetition,
  StopSequences,
  sampleFromLogits,
  scaleByTemperature,
  softmax,
} from "llm/sampling";
import { describe, expect, it } from "vitest";
import { fixture } from "../reference";

interface Fixture {
  logits: (number | null)[][];
  previous: number[];
  cases: { options: DecodingOptions; probabilities: number[][] }[];
}
const { logits, previous, cases } = fixture<Fixture>("decoding");
const rows = logits.map((row) => row.map((z) => z ?? -Infinity));

/** All processors in transformers' order. */
function processed(row: number[], options: DecodingOptions): Float64Array {
  let z: Float64Array = Float64Array.from(row);
  const { temperature, topK, topP, minP, repetitionPenalty } = options;
  if (repetitionPenalty) z = penaliseRepetition(z, previous, repetitionPenalty);
  if (temperature) z = scaleByTemperature(z, temperature);
  if (topK) z = keepTopK(z, topK);
  if (topP) z = keepTopP(z, topP);
  if (minP) z = keepMinP(z, minP);
  return softmax(z);
}

describe.each(cases.map((one) => [JSON.stringify(one.options), one] as const))("%s", (_, one) => {
  it("leaves the probabilities that transformers leaves", () => {
    for (const [b, row] of rows.entries()) {
      const p = processed(row, one.options);
      for (const [i, expected] of one.probabilities[b].entries()) {
        expect(Math.abs(p[i] - expected), `row ${b}, token ${i}`).toBeLessThan(1e-7);
        expect(p[i] === 0).toBe(expected === 0);
      }
    }
  });

  it("is what decodingProbabilities gives", () => {
    for (const [b, row] of rows.entries()) {
      const p = decodingProbabilities(row, { ...one.options, previous });
      for (const [i, expected] of one.probabilities[b].entries()) {
        expect(Math.abs(p[i] - expected), `row ${b}, token ${i}`).toBeLessThan(1e-7);
        expect(p[i] === 0).toBe(expected === 0);
      }
    }
  });

  it("is what tokens are drawn from", () => {
    const rng = new Random(20);
    const draws = 4000;
    for (const [b, row] of rows.entries()) {
      const counts = row.map(() => 0);
      for (let i = 0; i < draws; i++)
        counts[sampleFromLogits(row, { ...one.options, previous, rng })]++;
      // Pearson's χ², rare tokens taken together; at most its mean and five deviations
      let [chi, bins, rareExpected, rareCount] = [0, -1, 0, 0];
      for (const [i, p] of one.probabilities[b].entries()) {
        if (p === 0) expect(counts[i], `token ${i} was removed`).toBe(0);
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
  });
});

describe("processors", () => {
  it("keeps what sorting everything keeps, in large vocabularies too", () => {
    const rng = new Random(8);
    for (const [V, spread] of [
      ...[
        [1, 1],
        [7, 1],
        [60, 3],
        [60, 0],
        [3000, 1],
        [3000, 6],
      ],
    ]) {
      const z = Array.from({ length: V }, () => spread * rng.normal());
      const order = z.map((_, i) => i).sort((i, j) => z[j] - z[i] || i - j);
      for (const k of [1, 2, Math.ceil(V / 2), V - 1, V].filter((k) => 1 <= k && k <= V)) {
        const expected = z.map((x) => (x >= z[order[k - 1]] ? x : -Infinity));
        expect([...keepTopK(z, k)]).toEqual(expected);
      }
      const probabilities = softmax(z);
      for (const p of [0.01, 0.5, 0.9, 0.999999, 1]) {
        const kept = z.map(() => -Infinity);
        let sum = 0;
        for (const id of order) {
          if (sum >= p) break;
          kept[id] = z[id];
          sum += probabilities[id];
        }
        expect([...keepTopP(z, p)]).toEqual(kept);
      }
    }
  });

  it("at temperature 0 everything lies on the first of the largest", () => {
    const options = { temperature: 0, repetitionPenalty: 2, previous: [1] };
    expect([...decodingProbabilities([1, 3, 2, 2], options)]).toEqual([0, 0, 1, 0]);
    expect(() => decodingProbabilities([1, NaN])).toThrow("expected numbers below infinity");
  });

  it("one token stays, however small p is, and of equal ones the first", () => {
    expect([...keepTopP([0, 0, 0], 1e-9)]).toEqual([0, -Infinity, -Infinity]);
    expect([...keepMinP([1, 2, 2], 1)]).toEqual([-Infinity, 2, 2]);
    expect([...keepTopP([1, 2], 1)]).toEqual([1, 2]);
  });

  it("nothing is changed where an option is at its neutral value", () => {
    const neutral = { temperature: 1, topK: 40, topP: 1, minP: 0, repetitionPenalty: 1 };
    const [a, b] = [new Random(3), new Random(3)];
    for (let i = 0; i < 50; i++)
      expect(sampleFromLogits(rows[0], { ...neutral, previous, rng: a })).toBe(
        sampleFromLogits(rows[0], { rng: b }),
      );
  });

  it("a penalty can change the likeliest token, at temperature 0 too", () => {
    const options = { temperature: 0, rng: new Random(1), repetitionPenalty: 1.5 };
    expect(sampleFromLogits([2, 1.9], { ...options, previous: [0] })).toBe(1);
    expect(sampleFromLogits([-1.9, -2], { ...options, previous: [0] })).toBe(1);
    expect(sampleFromLogits([2, 1.9], { ...options, previous: [] })).toBe(0);
  });

  it.each<[DecodingOptions, string]>([
    [{ temperature: -1 }, "f: expected a temperature of 0 or more, got -1"],
    [{ topK: 0 }, "f: expected topK of 1 or more, got 0"],
    [{ topP: 0 }, "f: expected topP above 0, up to 1, got 0"],
    [{ topP: 1.2 }, "f: expected topP above 0, up to 1, got 1.2"],
    [{ minP: Number.NaN }, "f: expected minP from 0 to 1, got NaN"],
    [{ repetitionPenalty: 0 }, "f: expected a repetitionPenalty above 0, got 0"],
  ])("%j is refused", (options, message) => {
    expect(() => checkSampling("f", options)).toThrow(message);
  });
});

describe("stop sequences", () => {
  it("are found wherever the pieces are cut, and never shown", () => {
    const letters = fc.array(fc.constantFrom("a", "b", "\n"), { maxLength: 14 });
    const sequence = fc
      .array(fc.constantFrom("a", "b", "\n"), { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(
        letters,
        fc.array(sequence, { maxLength: 3 }),
        fc.infiniteStream(fc.nat(3)),
        (parts, sequences, cuts) => {
          const text = parts.join("");
          const finder = new StopSequences(sequences);
          let shown = "";
          for (let at = 0; at < text.length; ) {
            const size = cuts.next().value ?? 1;
            shown += finder.push(text.slice(at, at + size));
            at += size;
          }
          shown += finder.flush();
          // the slow way: the first place at which a sequence is complete
          let [expected, isStopped] = [text, false];
          for (let end = 0; end <= text.length; end++) {
            const done = sequences.filter((s) => text.slice(0, end).endsWith(s));
            if (done.length === 0) continue;
            expected = text.slice(0, end - Math.max(...done.map((s) => s.length)));
            isStopped = true;
            break;
          }
          expect(shown).toBe(expected);
          expect(finder.stopped).toBe(isStopped);
        },
      ),
      { seed: 3 },
    );
  });

  it("an empty one is refused", () => {
    expect(() => new StopSequences(["a", ""])).toThrow(/at least one character, got an empty one/);
  });
});
