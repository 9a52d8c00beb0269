// Check digits against python-stdnum (test/fixtures/safety.json) and published examples; what is found,
// what is left alone, and that what is replaced is all that is replaced.
import { Random } from "llm/random";
import {
  drawPiiTexts,
  findPii,
  ibanValid,
  identityCheckDigit,
  identityValid,
  listedNames,
  luhnValid,
  piiKinds,
  piiScores,
  redactPii,
} from "llm/safety";
import { expect, test } from "vitest";
import fixture from "../../fixtures/safety.json";

test("check digits are those of python-stdnum", () => {
  for (const [number, valid] of fixture.cards) expect(luhnValid(`${number}`)).toBe(valid);
  for (const [first, last] of fixture.identities) expect(identityCheckDigit(`${first}`)).toBe(last);
  for (const [number, valid] of fixture.accounts) expect(ibanValid(`${number}`)).toBe(valid);
});

test("published examples: Luhn, GB 11643-1999, the IBAN registry", () => {
  expect(luhnValid("79927398713")).toBe(true);
  expect(luhnValid("79927398710")).toBe(false);
  expect(identityValid("11010519491231002X")).toBe(true);
  expect(identityValid("11010519491231002x")).toBe(true);
  expect(identityValid("440524188001010014")).toBe(true);
  expect(identityValid("110105194912310021")).toBe(false);
  expect(identityValid("110105194902300028")).toBe(false); // the 30th of February
  expect(ibanValid("GB82WEST12345698765432")).toBe(true);
  expect(ibanValid("GB82WEST12345698765431")).toBe(false);
  expect(() => identityCheckDigit("123")).toThrow("expected 17 digits");
});

test("what is found is replaced by its kind, and nothing else changes", () => {
  expect(redactPii("Ask ada@example.org, or ring +44 20 7946 0958.")).toBe(
    "Ask [EMAIL], or ring [PHONE].",
  );
  expect(redactPii("Card 4111 1111 1111 1111; order 4111 1111 1111 1112.")).toBe(
    "Card [CARD]; order 4111 1111 1111 1112.",
  );
  expect(redactPii("身份证11010519491231002X，手机13800138000。")).toBe(
    "身份证[ID]，手机[PHONE]。",
  );
  expect(redactPii("IBAN GB82 WEST 1234 5698 7654 32, please.")).toBe("IBAN [IBAN], please.");
  expect(redactPii("Anna and Annabel", { names: ["Anna"] })).toBe("[NAME] and Annabel");
  expect(redactPii("王小红的书", { names: ["王小红"] })).toBe("[NAME]的书");
  expect(redactPii("On 2026-11-28 it cost 1249.00 euros, version 10.4.2.1.")).toBe(
    "On 2026-11-28 it cost 1249.00 euros, version 10.4.2.1.",
  );
  expect(redactPii("(ring +44 20 7946 0958)")).toBe("(ring [PHONE])");
  expect(redactPii("+44 (20) 7946 0958")).toBe("[PHONE]");
  expect(redactPii("")).toBe("");
});

test("without check digits every number of the right length is taken", () => {
  expect(redactPii("order 4111111111111112", { checked: false })).toBe("order [CARD]");
});

test("spans are in order, apart from each other, and where drawn texts say", () => {
  for (const language of ["en", "zh"] as const) {
    const texts = drawPiiTexts(120, { rng: new Random(3), language });
    for (const { text, spans } of texts) {
      for (const { start, end } of spans) expect(text.slice(start, end)).not.toBe("");
      const found = findPii(text, { names: listedNames[language] });
      for (const [i, span] of found.entries())
        expect(span.start).toBeGreaterThanOrEqual(found[i - 1]?.end ?? 0);
    }
    expect(new Set(texts.flatMap(({ spans }) => spans.map(({ kind }) => kind))).size).toBe(6);
    expect(drawPiiTexts(5, { rng: new Random(3), language })).toEqual(texts.slice(0, 5));
  }
});

test("scores count a find as right only at the right place", () => {
  const text = "Ask ada@example.org or bob@example.org.";
  const spans = [{ kind: "EMAIL" as const, start: 4, end: 19 }];
  const { EMAIL, CARD } = piiScores([{ text, spans }]);
  expect(EMAIL).toEqual({ found: 2, right: 1, there: 1, precision: 0.5, recall: 1 });
  expect(CARD).toEqual({ found: 0, right: 0, there: 0, precision: 1, recall: 1 });
  const moved = piiScores([{ text, spans: [{ ...spans[0], start: 3 }] }]);
  expect(moved.EMAIL.recall).toBe(0);
  expect(Object.keys(piiScores([]))).toEqual([...piiKinds]);
});
