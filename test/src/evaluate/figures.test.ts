// BLEU, ROUGE, classification, agreement and quantiles against the libraries that define them
// (test/fixtures/record/evaluate.py).
import {
  type BleuScore,
  type BleuTokenizer,
  bleu,
  bleuTokens,
  classificationScores,
  cohenKappa,
  confusionMatrix,
  normalCdf,
  normalQuantile,
  quantile,
  type RougeScore,
  rougeL,
  rougeN,
} from "llm/evaluate";
import { describe, expect, it } from "vitest";
import { fixture } from "../reference";

type RougeRow = { rouge1: RougeScore; rouge2: RougeScore; rougeL: RougeScore };
const F = fixture<{
  bleu: {
    tokenizer: BleuTokenizer;
    pairs: { candidate: string; references: string[] }[];
    tokens: string[][];
    corpus: BleuScore;
    sentences: BleuScore[];
  }[];
  rouge: {
    pairs: { candidate: string; reference: string }[];
    plain: RougeRow[];
    stemmed: RougeRow[];
  };
  classification: {
    actual: string[];
    predicted: string[];
    labels: string[];
    matrix: number[][];
    accuracy: number;
    precision: number[];
    recall: number[];
    f1: number[];
    support: number[];
    macro: number[];
    kappa: number;
  };
  normal: { p: number[]; quantile: number[]; x: number[]; cdf: number[] };
  quantiles: { numbers: number[]; p: number[]; values: number[] };
}>("evaluate");

function expectLike(actual: object, expected: object): void {
  for (const [key, value] of Object.entries(expected)) {
    const own = (actual as Record<string, number | number[]>)[key];
    for (const [i, x] of [own].flat().entries()) expect(x, key).toBeCloseTo([value].flat()[i], 6);
  }
}

describe("BLEU equals sacrebleu's", () => {
  for (const { tokenizer, pairs, tokens, corpus, sentences } of F.bleu)
    it(`tokens and scores with the tokenizer ${tokenizer}`, () => {
      pairs.forEach(({ candidate, references }, i) => {
        expect(bleuTokens(candidate, tokenizer)).toEqual(tokens[i]);
        const options = { tokenizer, effectiveOrder: true };
        expectLike(bleu([candidate], [references], options), sentences[i]);
      });
      const all = pairs.map(({ candidate }) => candidate);
      expectLike(
        bleu(
          all,
          pairs.map(({ references }) => references),
          { tokenizer },
        ),
        corpus,
      );
    });

  it("refuses candidates without references", () => {
    expect(() => bleu(["a"], [])).toThrow(/bleu: expected references for each/);
    expect(() => bleu(["a"], [[]])).toThrow(/candidate 0/);
  });
});

describe("ROUGE equals rouge-score's", () => {
  for (const kind of ["plain", "stemmed"] as const)
    it(kind, () => {
      const options = { stemmer: kind === "stemmed" };
      F.rouge.pairs.forEach(({ candidate, reference }, i) => {
        const right = F.rouge[kind][i];
        expectLike(rougeN(candidate, reference, 1, options), right.rouge1);
        expectLike(rougeN(candidate, reference, 2, options), right.rouge2);
        expectLike(rougeL(candidate, reference, options), right.rougeL);
      });
    });
});

describe("classification equals scikit-learn's", () => {
  const { actual, predicted, labels, matrix, ...right } = F.classification;

  it("the table, precision, recall, F1, accuracy, macro averages", () => {
    expect(confusionMatrix(actual, predicted, labels)).toEqual(matrix);
    const scores = classificationScores(matrix, labels);
    scores.classes.forEach((own, i) => {
      for (const key of ["precision", "recall", "f1", "support"] as const)
        expect(own[key]).toBeCloseTo(right[key][i], 8);
    });
    expect(scores.accuracy).toBeCloseTo(right.accuracy, 8);
    const { precision, recall, f1 } = scores.macro;
    expectLike({ macro: [precision, recall, f1] }, { macro: right.macro });
  });

  it("Cohen's kappa", () => {
    expect(cohenKappa(actual, predicted)).toBeCloseTo(right.kappa, 8);
    expect(cohenKappa(["x", "y"], ["x", "y"])).toBe(1);
    expect(cohenKappa(["x", "x"], ["x", "x"])).toBeNaN();
    expect(() => cohenKappa(["x"], [])).toThrow(/cohenKappa: expected/);
  });

  it("refuses a label that is not in the list", () => {
    expect(() => confusionMatrix(["a"], ["z"], ["a"])).toThrow(/among a, got z/);
  });
});

describe("quantiles", () => {
  it("of the normal distribution equal scipy's", () => {
    for (const [i, p] of F.normal.p.entries())
      expect(normalQuantile(p)).toBeCloseTo(F.normal.quantile[i], 7);
    for (const [i, x] of F.normal.x.entries()) expect(normalCdf(x)).toBeCloseTo(F.normal.cdf[i], 8);
  });

  it("of numbers equal NumPy's", () => {
    const { numbers, p, values } = F.quantiles;
    for (const [i, one] of p.entries()) expect(quantile(numbers, one)).toBeCloseTo(values[i], 7);
  });
});
