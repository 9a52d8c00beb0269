// Windows, choices, judges, intervals and the leaderboard against what they promise.
import fc from "fast-check";
import { tf, useEngine } from "llm/engine";
import {
  bitsPerByte,
  bootstrapInterval,
  bradleyTerry,
  calibrationBins,
  choiceProbabilities,
  countingScorer,
  documentsOf,
  expectedCalibrationError,
  gptScorer,
  holmAdjusted,
  leaderboard,
  leaderboardPage,
  meanInterval,
  mobyDickHeldOut,
  perplexityOf,
  placeBias,
  questions,
  rnnScorer,
  sampleSize,
  scoreDocuments,
  scoreOptions,
  shuffled,
  signFlipTest,
  stridedWindows,
  type Verdict,
  winsOf,
} from "llm/evaluate";
import { gptLogits, initGPT } from "llm/gpt";
import { crossEntropy, KneserNey } from "llm/ngram";
import { disposeParams } from "llm/params";
import { Random } from "llm/random";
import { CharRnn } from "llm/rnn";
import { CharTokenizer } from "llm/tokenizer";
import { beforeAll, describe, expect, it } from "vitest";
import { engines } from "../reference";

beforeAll(() => useEngine({ prefer: engines[0], quiet: true }));

describe("stridedWindows", () => {
  it("predicts every token once, with as much context as the stride promises", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 1, max: 12 }),
        (length, T, step) => {
          const stride = Math.min(step, T);
          const windows = stridedWindows(length, { blockSize: T, stride });
          const scored = windows.flatMap(({ from, end }) =>
            Array.from({ length: end - from + 1 }, (_, i) => from + i),
          );
          expect(scored).toEqual(Array.from({ length: Math.max(0, length - 1) }, (_, i) => i + 1));
          for (const { start, end, from } of windows) {
            expect(end - start).toBeLessThanOrEqual(T);
            // what is read before the first scored token: T − stride, where the text has so much
            if (start > 0) expect(from - start).toBe(T - stride + 1);
          }
        },
      ),
    );
  });

  it("refuses a stride beyond the window", () => {
    expect(() => stridedWindows(5, { blockSize: 4, stride: 5 })).toThrow(/from 1 to 4, got 5/);
    expect(() => stridedWindows(5, { blockSize: 0, stride: 1 })).toThrow(/blockSize of 1/);
  });
});

describe("scorers", () => {
  const text = "a whale, a ship, and the sea; a whale again.";
  const tokenizer = CharTokenizer.train(text);
  const ids = tokenizer.encode(text);
  const V = tokenizer.vocabSize;

  it("a counting model's sum is its cross-entropy", () => {
    const model = KneserNey.train(ids, 3, V);
    const sum = countingScorer(model)(ids).reduce((a, b) => a + b, 0);
    expect(-sum / (ids.length - 1)).toBeCloseTo(crossEntropy(model, ids), 10);
  });

  it("a GPT with stride 1 gives each token the full window", () => {
    const config = {
      vocabSize: V,
      blockSize: 6,
      nLayer: 1,
      nHead: 2,
      nEmbd: 8,
      dropout: 0,
      bias: true,
    };
    const params = initGPT(config, { seed: 5 });
    for (const p of Object.values(params)) p.assign(tf.add(tf.mul(p, 8), 0.1));
    const own = gptScorer({ params, config }, { stride: 1 })(ids);
    ids.slice(1).forEach((id, i) => {
      const read = ids.slice(Math.max(0, i + 1 - 6), i + 1);
      const logs = tf.tidy(() =>
        tf.logSoftmax(gptLogits(params, config, tf.tensor2d([read], [1, read.length], "int32"))),
      );
      const last = logs.dataSync().slice(-V);
      expect(own[i]).toBeCloseTo(last[id], 4);
      logs.dispose();
    });
    const before = tf.memory().numTensors;
    gptScorer({ params, config })(ids);
    expect(tf.memory().numTensors).toBe(before);
    disposeParams(params);
  });

  it("a recurrent network's sum is its loss", () => {
    const model = new CharRnn({ kind: "gru", vocabSize: V, hiddenSize: 5, rng: new Random(2) });
    const sum = rnnScorer(model)(ids).reduce((a, b) => a + b, 0);
    expect(-sum / (ids.length - 1)).toBeCloseTo(model.evaluate(Int32Array.from(ids)), 4);
    model.dispose();
  });

  it("bits per byte of letters that are all alike, and of two bytes each", () => {
    const alike = () => (some: ArrayLike<number>) =>
      new Float64Array(some.length - 1).fill(-Math.log(4));
    const codes = { encode: (t: string) => [...t].map((c) => c.codePointAt(0) as number) };
    const english = scoreDocuments(alike(), codes, ["abcd", "ab"]);
    expect(english.map(({ tokens, bytes }) => [tokens, bytes])).toEqual([
      [4, 4],
      [2, 2],
    ]);
    expect(bitsPerByte(english)).toBeCloseTo(2, 10);
    expect(perplexityOf(english)).toBeCloseTo(4, 10);
    expect(bitsPerByte(scoreDocuments(alike(), codes, ["éé"]))).toBeCloseTo(1, 10);
    expect(() => scoreDocuments(alike(), codes, [""])).toThrow(/number 0/);
  });
});

describe("held-out documents", () => {
  it("are apart from the training text and from each other", () => {
    const { train, validation, testA, testB } = mobyDickHeldOut();
    const all = [...validation, ...testA, ...testB];
    expect(new Set(all).size).toBe(all.length);
    for (const document of all) {
      expect(document.length).toBeGreaterThanOrEqual(900);
      expect(train.includes(document)).toBe(false);
    }
    expect(Math.abs(testA.length - testB.length)).toBeLessThanOrEqual(1);
  });

  it("documentsOf keeps whole paragraphs", () => {
    expect(documentsOf("ab\n\ncdef\n\n\ngh", 4)).toEqual(["ab\n\ncdef"]);
  });
});

describe("choices", () => {
  const options = [
    { logProb: -4, alone: -4, bytes: 2 },
    { logProb: -6, alone: -9, bytes: 6 },
  ];
  it("by sum, by byte and by gain", () => {
    expect(choiceProbabilities(options, "sum")[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 10);
    expect(choiceProbabilities(options, "perByte")[1]).toBeCloseTo(1 / (1 + Math.exp(-1)), 10);
    expect(choiceProbabilities(options, "gain")[1]).toBeCloseTo(1 / (1 + Math.exp(-3)), 10);
  });

  it("scores an option's own tokens only", () => {
    const codes = { encode: (t: string) => [...t].map((c) => c.charCodeAt(0)) };
    const one = (ids: ArrayLike<number>) => new Float64Array(ids.length - 1).fill(-1);
    expect(scoreOptions(one, codes, "Question", ["ab"])).toEqual([
      { logProb: -3, alone: -3, bytes: 2 },
    ]);
  });

  it("deals the options out, and knows the right one", () => {
    const places = questions.map((question, i) => {
      const { options: dealt, right } = shuffled(question, new Random(1).fork("deal", i));
      expect(dealt[right]).toBe(question.options[0]);
      expect(new Set(dealt).size).toBe(4);
      return right;
    });
    expect(new Set(places).size).toBe(4);
  });
});

describe("judging", () => {
  it("Bradley–Terry finds strengths from exact wins", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 }), (s) => {
        const wins = s.map((a, i) => s.map((b, j) => (i === j ? 0 : (720 * a) / (a + b))));
        const found = bradleyTerry(wins, { rounds: 500 });
        for (const [i, x] of found.entries()) expect(x / found[0]).toBeCloseTo(s[i] / s[0], 4);
      }),
    );
  });

  it("a judge that looks at the place only has a bias of 1 and is never consistent", () => {
    const pair = (won: boolean): [Verdict, Verdict] => [
      { first: 0, second: 1, firstWon: true },
      { first: 1, second: 0, firstWon: won },
    ];
    expect(placeBias([pair(true), pair(true)])).toEqual({ first: 1, consistent: 0 });
    expect(placeBias([pair(false)])).toEqual({ first: 0.5, consistent: 1 });
    expect(winsOf(pair(true), 2)).toEqual([
      [0, 1],
      [1, 0],
    ]);
    const [one] = pair(true);
    expect(() => placeBias([[one, one]])).toThrow(/both orders/);
    expect(() => winsOf([one], 1)).toThrow(/winsOf: expected/);
  });
});

describe("intervals", () => {
  it("cover the mean about 95 times in 100", () => {
    let covered = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rng = new Random(seed);
      const values = Array.from({ length: 40 }, () => 3 + rng.normal());
      const { low, high } = meanInterval(values, { rng, resamples: 300 });
      if (low <= 3 && 3 <= high) covered++;
    }
    expect(covered).toBeGreaterThan(180);
    expect(covered).toBeLessThan(200);
  });

  it("are the figure itself where all examples are alike", () => {
    const rng = new Random(1);
    expect(bootstrapInterval(5, () => 2, { rng })).toEqual({ value: 2, low: 2, high: 2 });
    expect(() => meanInterval([], { rng })).toThrow(/at least one example/);
  });

  it("a sample of the computed size finds the difference about 80 times in 100", () => {
    const n = sampleSize({ difference: 0.5, sd: 1 });
    expect(n).toBe(32);
    let found = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rng = new Random(seed);
      const differences = Array.from({ length: n }, () => 0.5 + rng.normal());
      if (signFlipTest(differences, { rng, draws: 400 }) < 0.05) found++;
    }
    expect(found / 200).toBeGreaterThan(0.7);
    expect(found / 200).toBeLessThan(0.9);
  });

  it("the test is not fooled by chance more often than α", () => {
    let found = 0;
    for (let seed = 0; seed < 200; seed++) {
      const rng = new Random(1000 + seed);
      const differences = Array.from({ length: 15 }, () => rng.normal());
      if (signFlipTest(differences, { rng, draws: 400 }) < 0.05) found++;
    }
    expect(found / 200).toBeLessThan(0.11);
  });
});

describe("calibration", () => {
  it("a model that is as sure as it is right has no error", () => {
    const confidence = [0.25, 0.25, 0.25, 0.25, 1, 1];
    const right = [true, false, false, false, true, true];
    const bins = calibrationBins(confidence, right);
    expect(expectedCalibrationError(bins)).toBeCloseTo(0, 12);
    expect(bins[9]).toMatchObject({ count: 2, accuracy: 1 });
    const sure = calibrationBins([1, 1, 1, 1], [true, false, false, false]);
    expect(expectedCalibrationError(sure)).toBeCloseTo(0.75, 12);
    expect(() => calibrationBins([1.1], [true])).toThrow(/from 0 to 1/);
  });
});

describe("leaderboard", () => {
  const rng = new Random(4);
  const bytes = Array.from({ length: 40 }, () => 80 + rng.integer(40));
  const hard = bytes.map(() => 1 + 0.5 * rng.uniform());
  const run = (bits: number, noise: number) =>
    bytes.map((b, i) => b * Math.LN2 * (bits * hard[i] + noise * rng.normal()));
  const entries = [
    { name: "weak", runs: [run(2.4, 0.01)] },
    { name: "strong", runs: [run(2, 0.01), run(2, 0.01)], note: "<b>seen</b>" },
    { name: "strong too", runs: [run(2, 0.01)] },
  ];
  const rows = leaderboard(entries, bytes, { rng: new Random(1), resamples: 400 });

  it("sorts, and says which neighbours cannot be told apart", () => {
    expect(rows[2].name).toBe("weak");
    expect(rows.map(({ likeAbove }) => likeAbove)).toEqual([false, true, false]);
    // The models' own intervals overlap: only the paired comparison tells them apart.
    expect(rows[2].low).toBeGreaterThan(rows[0].value);
    for (const { low, value, high } of rows) expect(low <= value && value <= high).toBe(true);
  });

  it("makes a page that escapes names, and refuses runs of other documents", () => {
    const page = leaderboardPage(rows, ["<i>"]);
    expect(page).toContain("not distinguishable");
    expect(page).toContain("&lt;b&gt;seen");
    expect(page).not.toContain("<i>");
    expect(() => leaderboard([{ name: "x", runs: [[1]] }], bytes, { rng })).toThrow(
      /of 40 documents/,
    );
  });
});

it("holmAdjusted: worked by hand, in the order given, never below the value before", () => {
  // 0.01 · 4, 0.02 · 3, 0.03 · 2 = 0.06, 0.04 · 1 raised to 0.06
  const close = (actual: number[], expected: number[]) => {
    for (const [i, p] of actual.entries()) expect(p).toBeCloseTo(expected[i], 12);
  };
  close(holmAdjusted([0.01, 0.02, 0.03, 0.04]), [0.04, 0.06, 0.06, 0.06]);
  close(holmAdjusted([0.04, 0.01, 0.03]), [0.06, 0.03, 0.06]);
  close(holmAdjusted([0.9, 0.8]), [1, 1]);
  expect(holmAdjusted([])).toEqual([]);
});
