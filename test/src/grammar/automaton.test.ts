// Patterns as automata over bytes, against JavaScript's own regular expressions.
import fc from "fast-check";
import { Automaton, DEAD, regexPattern } from "llm/grammar";
import { describe, expect, it } from "vitest";

const automaton = (source: string) => new Automaton(regexPattern(source));
/** What JavaScript says of the whole text. */
const matches = (source: string, text: string) => new RegExp(`^(?:${source})$`, "u").test(text);

/** Regular expressions at random, over few letters, so that texts often match. */
const source: fc.Arbitrary<string> = fc.letrec<{ all: string; item: string }>((tie) => ({
  item: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("a", "b", "é", "猫", "😀", ".", "[ab]", "[^a]", "[a-c猫]", "\\d", "\\W", "\\s"),
    fc.constantFrom("[^\\d猫]", "\\u00e9", "\\u{1F600}", "\\x61", "\\n", "\\.", "[\\]\\-]"),
    tie("all").map((inside) => `(${inside})`),
    tie("all").map((inside) => `(?:${inside})`),
  ),
  all: fc.oneof(
    fc.array(tie("item"), { maxLength: 3 }).map((parts) => parts.join("")),
    fc.tuple(tie("all"), tie("all")).map(([a, b]) => `${a}|${b}`),
    fc
      .tuple(tie("item"), fc.constantFrom("*", "+", "?", "{2}", "{1,}", "{0,2}", "*?", "+?", "{0}"))
      .map(([item, times]) => `${item}${times}`),
  ),
})).all;
const text = fc
  .array(fc.constantFrom(...Array.from("aabbcé猫😀1 -]\n.")), { maxLength: 7 })
  .map((parts) => parts.join(""));

describe("regular expressions", () => {
  it("accept the texts that JavaScript's match", () => {
    let matched = 0;
    fc.assert(
      fc.property(source, fc.array(text, { minLength: 5, maxLength: 12 }), (source, texts) => {
        const machine = automaton(source);
        for (const text of texts) {
          const isMatch = matches(source, text);
          matched += Number(isMatch);
          expect(machine.accepts(text), `/${source}/ and ${JSON.stringify(text)}`).toBe(isMatch);
        }
      }),
      { numRuns: 600, seed: 7 },
    );
    expect(matched).toBeGreaterThan(500);
  });

  it("are read to the end of every range of UTF-8", () => {
    const edges = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff];
    for (const c of edges)
      for (const [low, high] of [
        [0x7f, 0x10000],
        [0x80, 0xffff],
        [0x801, 0xe001],
        [0x10000, 0x10ffff],
        [0x3042, 0x30fe],
      ]) {
        const source = `[\\u{${low.toString(16)}}-\\u{${high.toString(16)}}]`;
        expect(automaton(source).accepts(String.fromCodePoint(c))).toBe(low <= c && c <= high);
      }
  });

  it("no bytes but UTF-8 are read by a dot", () => {
    const machine = automaton("..");
    for (const bytes of [[0x80], [0xc0, 0x80], [0xed, 0xa0], [0xf4, 0x90], [0xff]])
      expect(bytes.reduce((state, byte) => machine.step(state, byte), machine.start)).toBe(DEAD);
  });

  it("a part of the text is enough where schemas ask for it", () => {
    const cases = ["b", "^b", "b$", "^b+$", "^a|b$", "^(a|b)+$", "^(b)$", "(ab)+"];
    for (const source of cases) {
      const machine = new Automaton(regexPattern(source, { match: "part" }));
      for (const text of ["", "b", "ab", "ba", "abb\nc", "bb", "a", "ca"])
        expect(machine.accepts(text), `${source} ${text}`).toBe(new RegExp(source, "u").test(text));
    }
  });

  it.each([
    ["a(?=b)", /no looking ahead or behind.*at character 2/],
    ["(a)\\1", /an escape that is understood.*got \\1 at character 3/],
    ["\\bword", /got \\b at character 0/],
    ["\\p{L}", /got \\p/],
    ["a^b", /anchors at the beginning and the end/],
    ["(^a)", /anchors at the beginning and the end/],
    ["[z-a]", /a range such as a-z/],
    ["a{3,2}", /the smaller number first/],
    ["a**", /one quantifier/],
    ["*a", /something to repeat/],
    ["(a", /a bracket that closes/],
    ["a)", /brackets that? close|whose brackets close/],
    ["[a", /closes the set/],
    ["a{x}", /a quantifier such as/],
  ])("refuses %s with its place", (source, message) => {
    expect(() => regexPattern(source)).toThrow(message);
  });

  it("refuses what would be huge, at once", () => {
    expect(() => automaton("((a{1000}){1000}){1000}")).toThrow(/at most 200000 states/);
  });

  it("a set without characters has no text", () => {
    const machine = automaton("[^\\s\\S]");
    expect(machine.start).toBe(DEAD);
    expect(machine.accepts("")).toBe(false);
    expect(automaton("a|[^\\s\\S]").accepts("a")).toBe(true);
  });
});
