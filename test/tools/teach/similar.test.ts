// Who looks like whom: four disguised copies among twenty-four answers that were written apart.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { load, printed, root, scratch, teachIn, tool } from "./tools";

const { similarIn } = await tool("similar/similar");
const { wordsOf } = await tool("similar/tokens");
const { fingerprints, RUN, WINDOW } = await tool("similar/winnow");
const { comparePeople } = await tool("similar/compare");
const { similarPage } = await tool("similar/page");
const { findLesson } = await load("tools/register.mjs");
const { makeClass } = await load("test/class/make.mjs");

const attention = findLesson("06");
type Person = { name: string; text: string; group: string };
type Pair = { a: Person; b: Person; flagged: boolean; share: number };
const people = (folder: string, group: string): Person[] =>
  readdirSync(join(root, "test/class", folder))
    .filter((name) => name.endsWith(".ts"))
    .map((name) => ({
      ...{ name: name.slice(0, -3), group },
      text: readFileSync(join(root, "test/class", folder, name), "utf8"),
    }));
const namesOf = (pairs: Pair[]) =>
  pairs.filter(({ flagged }) => flagged).map(({ a, b }) => `${a.name} ${b.name}`);
const words = (text: string, names = ["f"]) =>
  wordsOf(text, names)
    .f.map(({ word }: { word: string }) => word)
    .join(" ");

describe("words", () => {
  test("names, comments, spaces and types make no difference", () => {
    const one = "export function f(a: number[]) { const sum = a.map((x) => x * 2); return sum; }";
    const other =
      "export function f(list: number[]): number[] {\n  // mine\n  let doubled: number[] =\n    list.map((each: number) => each * 2);\n  return doubled;\n}";
    expect(words(other)).toBe(words(one));
  });
  test("what is computed does, and so do fields and libraries", () => {
    const f = (body: string) => words(`export function f(a: number[]) { ${body} }`);
    expect(f("return a.map((x) => x * 2);")).not.toBe(f("return a.map((x) => x + 2);"));
    expect(f("return Math.max(...a);")).not.toBe(f("return Math.min(...a);"));
    expect(f("return a.length;")).not.toBe(f("return a.at(0);"));
  });
  test("a helper counts to the exercise after it, the last ones to the last", () => {
    const text =
      "const help = (x: number) => x + 1;\nexport function f() { return help(1); }\nconst more = 2;";
    expect(words(text)).toMatch(/· = \( · \) => · \+ 1 ; .*return .* more|return/);
    expect(words(text)).toContain("2");
  });
});

test("winnowing finds every shared passage of RUN + WINDOW − 1 words", () => {
  const word = fc.integer({ min: 0, max: 30 }).map(String);
  const list = (min: number, max: number) => fc.array(word, { minLength: min, maxLength: max });
  fc.assert(
    fc.property(
      list(0, 30),
      list(0, 30),
      list(0, 30),
      list(0, 30),
      list(RUN + WINDOW - 1, 40),
      (a, b, c, d, shared) => {
        const of = (all: string[]) => fingerprints(all.map((text) => ({ word: text, line: 0 })));
        const [one, other] = [of([...a, ...shared, ...b]), of([...c, ...shared, ...d])];
        return [...one.keys()].some((key) => other.has(key));
      },
    ),
    { numRuns: 300, seed: 6 },
  );
});

describe("the class", () => {
  const alone = people("alone", "class");
  const reference = {
    ...{ name: "the reference", group: "reference" },
    text: readFileSync(join(root, "solutions/06-attention.ts"), "utf8"),
  };

  test("none of those who wrote alone looks like another, or like the reference", () => {
    expect(namesOf(similarIn(attention, [...alone, reference]))).toEqual([]);
  });

  test("the copies are found, each with its original, and nothing else", () => {
    const pairs = similarIn(attention, [...alone, ...people("copies", "class"), reference]);
    expect(namesOf(pairs).sort()).toEqual([
      ...["chen copy-of-chen", "hana copy-of-hana", "otto copy-of-otto", "rita half-of-rita"],
    ]);
  });

  test("a copy of an earlier term, and one of the reference, are found as well", () => {
    const [copy] = people("copies", "class");
    const earlier = alone.map((person) => ({ ...person, group: "earlier" }));
    expect(namesOf(similarIn(attention, [copy, ...earlier]))).toEqual(["copy-of-chen chen"]);
    const mine = {
      ...reference,
      name: "ref",
      group: "class",
      text: reference.text.replaceAll("scores", "s"),
    };
    expect(namesOf(similarIn(attention, [...alone, mine, reference]))).toEqual([
      "ref the reference",
    ]);
  });

  test("what more than a tenth of the class wrote says nothing, and neither does a short answer", () => {
    const body =
      "const out = []; for (const x of a) { out.push(x * 2 + Math.sqrt(x)); } if (out.length > 3) { out.pop(); } return out.map((y) => y / 2).filter((y) => y > 1);";
    const text = `export function f(a) { ${body} }`;
    const five = ["a", "b", "c", "d", "e"].map((name) => ({
      name,
      group: "class",
      words: wordsOf(text, ["f"]),
    }));
    expect(namesOf(comparePeople(five, {}))).toEqual([]);
    expect(namesOf(comparePeople(five.slice(0, 2), {}))).toEqual(["a b"]);
    const short = wordsOf("export function f(a) { return a.map((x) => x * 2); }", ["f"]);
    const two = five.slice(0, 2).map((one) => ({ ...one, words: short }));
    expect(comparePeople(two, {})).toEqual([]);
  });

  test("what the stub says is nobody's own", () => {
    const all = wordsOf(alone[0].text, ["attentionByLoops"]);
    const two = ["a", "b"].map((name) => ({ name, group: "class", words: all }));
    expect(namesOf(comparePeople(two, {}))).toEqual(["a b"]);
    expect(namesOf(comparePeople(two, all))).toEqual([]);
  });

  test("the page escapes what learners wrote", () => {
    const [a, b] = ["<img src=x>", "b"].map((name) => ({
      ...alone[0],
      name,
      text: alone[0].text.replace("{", "{ // <script>alert(1)</script>\n"),
    }));
    const html = similarPage(attention, similarIn(attention, [a, b]), { people: 2 });
    expect(html).not.toMatch(/<img src=x>|<script>/);
    expect(html).toContain("&lt;img src=x&gt;");
  });
});

test("the verb reads the inbox and writes the page", async () => {
  const folder = join(scratch(), "class");
  makeClass(folder);
  teachIn(folder);
  const { similar } = await tool("similar/similar");
  const said = await printed(() => similar({ words: ["06"], values: {} }));
  expect(said).toMatch(/29 answers, 0 pairs to look at/); // nearly all of it is what most of them wrote
  expect(existsSync(join(folder, "similar/06.html"))).toBe(true);
}, 60_000);
