// Whatever a learner's data contain: no display function ends in a raw error, the saved picture is
// well-formed XML and the page well-formed HTML, no label is lost, and nothing is larger than a
// notebook can hold.
import fc from "fast-check";
import { bars, curves, type Figure, figureToSvg, heatmap, points } from "llm/display";
import { labelText, sentence, wellFormed } from "llm/display/label";
import { figureBundle } from "llm/display/plot";
import { tableToHtml, tableToText } from "llm/display/table";
import { markdownToHtml } from "llm/display/text";
import { tokensToHtml, tokensToText } from "llm/display/tokens";
import { describe, expect, it } from "vitest";
import { parseMarkup } from "./markup";

const RUNS = { numRuns: Number(process.env.RUNS ?? 150) };
const MOST = 900_000;

const nasty = fc.constantFrom(
  ...[
    "",
    " ",
    "  ",
    "\n",
    "\t",
    "<s>",
    "</s>",
    "<b>",
    "<br>",
    "&amp;",
    "&",
    "%{x}",
    "$x$",
    '"',
    "'",
  ],
  ...[
    "\u0000",
    "\u001b[31m",
    "\ud800",
    "\udc00x",
    "\uffff",
    "]]>",
    "-->",
    "constructor",
    "__proto__",
  ],
  ..."猫 👩‍🚀 مرحبا ①".split(" "),
);
const text = fc.oneof(nasty, fc.string({ unit: "binary", maxLength: 12 }), fc.string());
const label = fc.oneof(text, fc.integer(), fc.double());
const number = fc.oneof(
  fc.constantFrom(0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.constantFrom(1e308, -1e308, Number.MAX_VALUE, Number.MIN_VALUE, 1e-300, 1e15),
  fc.double(),
  fc.integer({ min: -100, max: 100 }),
);
const numbers = (length: number) => fc.array(number, { minLength: length, maxLength: length });
const labels = (length: number) => fc.array(label, { minLength: length, maxLength: length });
const axis = fc.record({ title: text, log: fc.boolean() });
const levels = fc.array(fc.record({ name: text, y: number }), { maxLength: 3 });
const common = { title: text, caption: text };
const size = fc.nat({ max: 12 });
const flag = fc.boolean();

/** Our own sentence, or no error. */
function orSentence<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    expect((error as Error).message).toMatch(/^[a-z]+: .*expected .*, got /s);
    return null;
  }
}

function expectSound(figure: Figure, names: (string | number)[], titles: string[]) {
  const svg = figureToSvg(figure);
  const shown = parseMarkup(svg);
  expect(svg).not.toMatch(/="-?(NaN|Infinity)/);
  const bundle = figureBundle(figure);
  const sent = JSON.stringify(bundle);
  expect(sent.length).toBeLessThan(MOST);
  expect(bundle["text/plain"]).toContain("[figure]");
  const live = JSON.stringify(bundle["application/vnd.plotly.v1+json"]);
  for (const name of names) {
    const expected = labelText(name);
    if ([...expected].length <= 14) expect(shown, JSON.stringify(name)).toContain(expected);
    const literal = expected.replace(/[&<>{]/g, (c) => `&${ENTITY[c]};`);
    expect(live, JSON.stringify(name)).toContain(JSON.stringify(literal).slice(1, -1));
  }
  // Lines may break anywhere within Chinese.
  for (const title of titles)
    if (title.length <= 14) expect(packed(shown)).toContain(packed(sentence(title)));
}
const packed = (shown: string): string => shown.replace(/\s/g, "");
const ENTITY: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", "{": "#123" };

describe("figures of any data", () => {
  it("curves", () => {
    const series = size.chain((n) =>
      fc.record({
        name: text,
        x: fc.oneof(numbers(n), labels(n)),
        y: numbers(n),
        marker: flag,
      }),
    );
    const options = fc.record({
      ...common,
      x: axis,
      y: axis,
      series: fc.array(series, { maxLength: 3 }),
      baselines: levels,
      thresholds: levels,
    });
    fc.assert(
      fc.property(options, (given) => {
        const figure = orSentence(() => curves(given));
        if (figure === null) return;
        const named = given.series.some((s) => s.x.some((v) => typeof v === "string"));
        const lists = named ? given.series.flatMap((s) => s.x) : [];
        expectSound(figure, lists.length <= 12 ? lists : [], [
          given.title,
          given.caption,
          ...(given.series.length > 1 ? given.series.map((s) => s.name) : []),
          ...given.baselines.map((b) => b.name),
        ]);
      }),
      RUNS,
    );
  });

  it("bars", () => {
    const options = fc.tuple(size, size).chain(([n, s]) =>
      fc.record({
        ...common,
        x: axis,
        y: axis,
        labels: labels(n),
        series: fc.array(fc.record({ name: text, values: numbers(n) }), {
          maxLength: Math.min(s, 4),
        }),
        baselines: levels,
        thresholds: levels,
        values: fc.option(flag, { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(options, (given) => {
        const figure = orSentence(() => bars(given));
        if (figure === null) return;
        expectSound(figure, given.labels, [given.title, given.caption, given.x.title]);
        const words = given.series.flatMap((s) => s.values.filter(Number.isNaN));
        const shown = parseMarkup(figureToSvg(figure)).match(/NaN/g)?.length ?? 0;
        expect(shown).toBeGreaterThanOrEqual(words.length);
      }),
      RUNS,
    );
  });

  it("points", () => {
    const group = size.chain((n) =>
      fc.record({ name: text, x: numbers(n), y: numbers(n), labels: labels(n) }),
    );
    const options = fc.record({
      ...common,
      x: axis,
      y: axis,
      groups: fc.array(group, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(options, (given) => {
        const figure = orSentence(() => points(given));
        if (figure === null) return;
        const fits = (v: number, log: boolean) => Math.abs(v) < 1e299 && (!log || v > 1e-299);
        const drawn = given.groups.flatMap((g) =>
          g.labels.filter((_, i) => fits(g.x[i], given.x.log) && fits(g.y[i], given.y.log)),
        );
        expectSound(figure, drawn, [given.title, given.caption]);
      }),
      RUNS,
    );
  });

  it("heat maps", () => {
    const options = fc.tuple(size, size).chain(([rows, columns]) =>
      fc.record({
        ...common,
        x: fc.record({ title: text }),
        y: fc.record({ title: text }),
        z: fc.array(numbers(columns), { minLength: rows, maxLength: rows }),
        xLabels: fc.option(labels(rows === 0 ? 0 : columns), { nil: undefined }),
        yLabels: fc.option(labels(rows), { nil: undefined }),
        colorbar: fc.record({ title: text }),
        diverging: flag,
        min: fc.option(number, { nil: undefined }),
        values: fc.option(flag, { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(options, (given) => {
        const figure = orSentence(() => heatmap(given));
        if (figure === null) return;
        const names = [...(given.xLabels ?? []), ...(given.yLabels ?? [])];
        expectSound(figure, given.z.length > 0 && given.z[0].length > 0 ? names : [], [
          given.title,
          given.caption,
        ]);
      }),
      RUNS,
    );
  });

  it("of any size stay small", () => {
    const big = fc.constantFrom(0, 1, 3, 150, 1_700, 30_000);
    const few = fc.constantFrom(0, 1, 3, 70);
    const sizes = fc.tuple(big, few, text, number);
    fc.assert(
      fc.property(sizes, ([n, k, name, value]) => {
        const long = name.repeat(500);
        const list = Array.from({ length: n }, (_, i) => (i % 7 === 0 ? value : i));
        const names = Array.from({ length: n }, (_, i) => `${long}${i % 9}`);
        const axes = { x: { title: long }, y: { title: long }, caption: long, title: long };
        const many = Array.from({ length: k }, () => list);
        for (const figure of [
          curves({ ...axes, series: many.map((y) => ({ name: long, x: names, y })) }),
          curves({ ...axes, series: many.map((y) => ({ name: long, x: list, y })) }),
          bars({ ...axes, labels: names, series: many.map((values) => ({ name: long, values })) }),
          points({ ...axes, groups: many.map((y) => ({ name: long, x: list, y, labels: names })) }),
          heatmap({ ...axes, z: many, xLabels: k > 0 ? names : [] }),
        ])
          expectSound(figure, [], []);
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});

describe("text of any data", () => {
  const cell = fc.oneof(text, number, fc.constant(null), flag, fc.array(text, { maxLength: 2 }));

  it("tables", () => {
    const rows = fc.array(fc.dictionary(text, cell, { maxKeys: 5 }), { maxLength: 8 });
    fc.assert(
      fc.property(rows, text, (given, caption) => {
        const shown = parseMarkup(tableToHtml(given, caption));
        expect(shown.replace(/\s+/g, " ")).toContain(sentence(caption));
        for (const row of given)
          for (const value of Object.values(row))
            if (typeof value === "string") expect(shown).toContain(wellFormed(value).trim());
        expect(() => tableToText(given, caption)).not.toThrow();
      }),
      RUNS,
    );
  });

  it("tables and tokens of any size", () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 130_000), text, (n, piece) => {
        const long = piece.repeat(300);
        const rows = Array.from({ length: n }, (_, i) => ({ a: i, b: long }));
        for (const markup of [
          tableToHtml(rows, long),
          tableToHtml({ columns: rows.map((r) => r.b), rows: rows.map(() => [1]) }),
          tokensToHtml(rows.map(({ b }) => ({ text: b }))),
          tokensToText(rows.map(({ b }) => ({ text: b, weight: 0.5 }))),
          tableToText(rows),
        ])
          expect(markup.length).toBeLessThan(MOST);
      }),
      { numRuns: 12 },
    );
  });

  it("tokens", () => {
    const list = fc.array(fc.record({ text, weight: fc.option(number, { nil: undefined }) }));
    fc.assert(
      fc.property(list, text, (given, caption) => {
        const shown = parseMarkup(tokensToHtml(given, caption));
        for (const token of given)
          expect(shown).toContain(wellFormed(token.text).trim().slice(0, 1));
        expect(() => tokensToText(given, caption)).not.toThrow();
      }),
      RUNS,
    );
  });

  it("Markdown", () => {
    fc.assert(
      fc.property(fc.array(text), (parts) => {
        parseMarkup(markdownToHtml(parts.join("")).replace(/&nbsp;/g, " "));
      }),
      RUNS,
    );
  });
});
