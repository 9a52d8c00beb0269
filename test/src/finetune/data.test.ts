// Tables, examples and the data sets of lesson 15 (fine-tuning): what is read, what is refused, what
// must not be in them.

import fc from "fast-check";
import { padRows } from "llm/data";
import { tf, useEngine } from "llm/engine";
import {
  drawPerLabel,
  labelsOf,
  nerSentences,
  readCsv,
  readLabelled,
  readTagged,
  serviceQuestions,
  spamMails,
  spansOf,
  speeches,
  splitByGroup,
  tagSetOf,
  writeCsv,
} from "llm/finetune";
import { Random } from "llm/random";
import { describe, expect, test } from "vitest";

describe("tables", () => {
  test("RFC 4180's own examples", () => {
    const rows = [{ a: "aaa", b: 'b"bb', c: "c,\r\ncc" }];
    expect(readCsv('a,b,c\r\n"aaa","b""bb","c,\r\ncc"\r\n')).toEqual(rows);
    expect(readCsv('\uFEFFa,b\n1,\n\n"",2')).toEqual([
      { a: "1", b: "" },
      { a: "", b: "2" },
    ]);
  });

  test("what is written is read back, whatever it is", () => {
    const field = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r\n", " ", "é") });
    fc.assert(
      fc.property(fc.array(fc.tuple(field, field)), (pairs) => {
        const rows = pairs.map(([x, y]) => ({ x, y }));
        expect(readCsv(writeCsv(rows, ["x", "y"]))).toEqual(rows);
      }),
    );
  });

  test("errors name the line", () => {
    expect(() => readCsv('a,b\n"x\ny",1\n2\n')).toThrow("2 fields in line 4 of the table, got 1");
    expect(() => readCsv('a,b\n1,"2\n')).toThrow("a quote that is closed in line 2");
    expect(() => readCsv("a,b\n", { columns: ["text"], file: "x.csv" })).toThrow(
      'a column "text" in x.csv, got the columns a, b',
    );
    expect(() => readCsv("")).toThrow("a line of names");
    expect(() => readLabelled("text,label\nhi,good\n ,bad\n")).toThrow("a text in example 2");
    expect(() => readLabelled("text,label\nhi,\n")).toThrow("a label in example 1");
    expect(() => readTagged("sentence,word,tag\n1,Anna,\n")).toThrow("a tag in row 1");
  });

  test("words of a sentence come together", () => {
    const table = "sentence,word,tag\n1,Anna,B-PER\n1,ran,O\n2,Paris,B-LOC\n";
    const sentences = readTagged(table);
    expect(sentences).toEqual([
      { words: ["Anna", "ran"], tags: ["B-PER", "O"] },
      { words: ["Paris"], tags: ["B-LOC"] },
    ]);
    expect(tagSetOf(sentences)).toEqual(["O", "B-LOC", "B-PER"]);
  });
});

test("rows are filled up behind, and never cut", async () => {
  await useEngine({ prefer: "js", quiet: true });
  const rows = padRows([[5, 6, 7], [8]], { fill: 0 });
  expect(rows.arraySync()).toEqual([
    [5, 6, 7],
    [8, 0, 0],
  ]);
  expect(rows.dtype).toBe("int32");
  const wide = padRows([[0.5]], { fill: -1, length: 2, dtype: "float32" });
  expect(wide.arraySync()).toEqual([[0.5, -1]]);
  expect(() => padRows([[1, 2]], { fill: 0, length: 1 })).toThrow(
    "at most 1 numbers, got one of 2",
  );
  expect(() => padRows([], { fill: 0 })).toThrow("at least one row");
  tf.dispose([rows, wide]);
});

describe("drawing and splitting", () => {
  test("as many of each label as possible", () => {
    const mails = spamMails();
    const drawn = drawPerLabel(mails, 11, new Random(1));
    const count = (label: string) => drawn.filter((one) => one.label === label).length;
    expect([count("ham"), count("spam")].sort()).toEqual([5, 6]);
    expect(new Set(drawn).size).toBe(11);
    expect(drawPerLabel(mails, 11, new Random(1))).toEqual(drawn);
    expect(() => drawPerLabel(mails, 5000, new Random(1))).toThrow("2500 examples of ham or more");
  });

  test("no speaker is on both sides", () => {
    const { train, heldOut } = splitByGroup(speeches(), ({ president }) => president, {
      rng: new Random(1),
    });
    const there = new Set(train.map(({ president }) => president));
    expect(heldOut.length).toBeGreaterThan(100);
    expect(heldOut.some(({ president }) => there.has(president))).toBe(false);
    expect(train.length + heldOut.length).toBe(speeches().length);
  });
});

describe("the data sets", () => {
  test("mails: two labels, no address, no link, no long number, none twice", () => {
    const mails = spamMails();
    expect(mails).toHaveLength(1600);
    expect(labelsOf(mails)).toEqual(["ham", "spam"]);
    expect(new Set(mails.map(({ text }) => text)).size).toBe(1600);
    for (const { text } of mails) {
      expect(text).not.toMatch(/@|https?:|www\.|\d{7}/i);
      expect(text).not.toMatch(/\b(Dear|Hi|Hello|Mr|Mrs|Ms)\.? [A-Z][a-z]+ [A-Z][a-z]+/);
      expect(text.length).toBeLessThanOrEqual(280);
    }
  });

  test("speeches: both parties, and the years of the package", () => {
    const all = speeches();
    expect(labelsOf(all)).toEqual(["Democrat", "Republican"]);
    expect(Math.min(...all.map(({ year }) => year))).toBe(1946);
    const of = (name: string) =>
      new Set(all.filter((s) => s.president === name).map((s) => s.label));
    expect(of("Joseph R Biden")).toEqual(new Set(["Democrat"]));
    expect(of("Ronald Reagan")).toEqual(new Set(["Republican"]));
  });

  test("names: tags fit, held-out persons are in no training sentence", () => {
    const train = nerSentences(2000, { part: "train", seed: 1 });
    const heldOut = nerSentences(500, { part: "held out", seed: 1 });
    const persons = (sentences: typeof train) =>
      new Set(
        sentences.flatMap(({ words, tags }) =>
          spansOf(tags)
            .filter(({ kind, to, from }) => kind === "PER" && to - from === 2)
            .map(({ from }) => words[from]),
        ),
      );
    const known = persons(train);
    expect(known.size).toBeGreaterThan(10);
    for (const name of persons(heldOut)) expect(known).not.toContain(name);
    for (const { words, tags } of train) expect(words).toHaveLength(tags.length);
    // The same name is a person's in one sentence and a place's in another.
    const tagsOfName = train
      .filter(({ words }) => words[0] === "Jordan")
      .map(({ tags }) => tags[0]);
    expect(new Set(tagsOfName)).toEqual(new Set(["B-PER", "B-LOC"]));
    expect(nerSentences(5, { part: "train", seed: 1 })).toEqual(train.slice(0, 5));
  });

  test("questions: five labels, held-out wordings are new", () => {
    const train = serviceQuestions(1000, { part: "train", seed: 1 });
    const heldOut = serviceQuestions(200, { part: "held out", seed: 1 });
    expect(labelsOf(train)).toHaveLength(5);
    const known = new Set(train.map(({ text }) => text));
    for (const { text } of heldOut) expect(known).not.toContain(text);
    for (const { text } of train) expect(text).not.toMatch(/THING|CITY|PERSON/);
  });
});
