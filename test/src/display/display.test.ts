// What a lesson shows, in a cell and in a terminal: the saved picture holds what the figure does;
// tables and tokens keep numbers and spaces; updates are throttled and the last one is shown.
import { spawnSync } from "node:child_process";
import {
  bars,
  curves,
  escapeHtml,
  type Figure,
  figureToSvg,
  heatmap,
  html,
  markdown,
  markdownToHtml,
  plot,
  points,
  progress,
  table,
} from "llm/display";
import { thin } from "llm/display/curves";
import { throttle } from "llm/display/output";
import { figureBundle } from "llm/display/plot";
import {
  baselineColor,
  luminance,
  palette,
  sequential,
  textOn,
  thresholdColor,
  wrap,
} from "llm/display/style";
import { tableToHtml, tableToText } from "llm/display/table";
import { tokensToHtml, tokensToText } from "llm/display/tokens";
import { afterEach, describe, expect, it, vi } from "vitest";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const axes = { x: { title: "step" }, y: { title: "loss (nats)" } };

/** Elements of one colour. */
const marks = (svg: string, color: string, attribute = "fill") =>
  svg.match(new RegExp(`<\\w+[^>]*${attribute}="${color}"`, "g"))?.length ?? 0;

/** Bars of one colour: the lower edge and the height of each, in pixels. */
const boxes = (svg: string, color: string) =>
  [
    ...svg.matchAll(
      new RegExp(
        `<rect x="[\\d.]+" y="([\\d.]+)" width="[\\d.]+" height="([\\d.]+)" fill="${color}"`,
        "g",
      ),
    ),
  ].map(([, top, height]) => ({ bottom: Number(top) + Number(height), height: Number(height) }));

function expectLabels(figure: Figure, svg: string) {
  for (const name of [figure.x.title, figure.y.title, figure.title])
    if (name) expect(svg).toContain(`>${escapeHtml(name)}<`);
  if (figure.marks.length > 1)
    for (const mark of figure.marks)
      if (mark.mark !== "cells") expect(svg).toContain(`>${escapeHtml(mark.name)}<`);
  const shown = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map((m) => m[1]).join(" ");
  expect(shown).toContain(escapeHtml(figure.caption));
}

const contrast = (a: string, b: string) => {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

describe("colours", () => {
  it("of baselines and thresholds are seen on both pages, and no series has them", () => {
    for (const color of [baselineColor, thresholdColor]) {
      expect(palette).not.toContain(color);
      for (const page of ["#ffffff", "#111111"])
        expect(contrast(color, page), `${color} on ${page}`).toBeGreaterThan(3.9);
    }
  });

  it("of cells get lighter or darker step by step, and their text is read on each", () => {
    const steps = sequential.map(luminance);
    expect(steps).toEqual([...steps].sort((a, b) => b - a));
    for (const color of sequential)
      expect(contrast(color, textOn(color)), color).toBeGreaterThan(4.5);
  });
});

describe("figures and their saved pictures", () => {
  it("draws every line, dashed baselines and the legend", () => {
    const figure = curves({
      title: "Loss <now>",
      caption: "It falls & falls.",
      ...axes,
      series: [
        { name: "train", x: range(1000), y: range(1000).map((i) => 4 / (1 + i)) },
        { name: "val", x: [0, 999], y: [4, 1], marker: true },
      ],
      baselines: [{ name: "bigram", y: 2.5 }],
      thresholds: [{ name: "pass", y: 1.9 }],
    });
    const svg = figureToSvg(figure);
    expectLabels(figure, svg);
    // One path for the line, one for its sample in the legend; levels are labelled at their end.
    for (const color of ["#0072B2", "#D55E00"]) expect(marks(svg, color, "stroke")).toBe(2);
    for (const color of [baselineColor, thresholdColor])
      expect(marks(svg, color, "stroke")).toBe(1);
    expect(svg).toMatch(new RegExp(`stroke="${baselineColor}"[^>]*stroke-dasharray`));
    for (const name of ["bigram", "pass"]) expect(svg).toContain(`>${name}<`);
    expect(svg.length).toBeLessThan(30_000);
    expect(svg).not.toMatch(/<script|url\(|href=/);
  });

  it("draws every bar with its value", () => {
    const figure = bars({
      caption: "c",
      x: { title: "T" },
      y: { title: "accuracy (%)" },
      labels: [10, 50, 100],
      series: [
        { name: "RNN", values: [99, 61, 30] },
        { name: "LSTM", values: [98, 97, 71] },
      ],
    });
    const svg = figureToSvg(figure);
    expectLabels(figure, svg);
    for (const color of ["#0072B2", "#D55E00"]) expect(marks(svg, color)).toBe(3 + 1);
    for (const value of [99, 61, 30, 98, 97, 71]) expect(svg).toContain(`>${value}<`);
  });

  it("draws the same figure to the same picture, and of many lines no two alike", () => {
    const series = range(8).map((i) => ({ name: `s${i}`, x: [0, 1], y: [i, i] }));
    const figure = curves({ caption: "", ...axes, series });
    expect(figureToSvg(figure)).toBe(figureToSvg(figure));
    const looks = figure.marks.map((m) => m.mark === "line" && `${m.color} ${m.dash}`);
    expect(new Set(looks).size).toBe(8);
  });

  it("stands bars of a log axis on its lower end, with room over the highest", () => {
    const values = [1900, 20_000, 0.3, 1];
    const figure = bars({
      caption: "",
      x: { title: "engine" },
      y: { title: "time (ms)", log: true },
      labels: ["a", "b", "c", "d"],
      series: [{ name: "ms", values }],
    });
    expect(figure.y.range).toEqual([0.1, 1e5]);
    const drawn = boxes(figureToSvg(figure), "#0072B2");
    expect(new Set(drawn.map(({ bottom }) => bottom)).size).toBe(1);
    const heights = drawn.map(({ height }) => height);
    const decade = heights[3]; // from 0.1 to 1
    for (const [i, value] of values.entries())
      expect(heights[i] / decade).toBeCloseTo(Math.log10(value) + 1, 1);
  });

  it("stands bars of a given log range on its lower end, and shows nothing for zero", () => {
    const figure = bars({
      caption: "",
      x: { title: "x" },
      y: { title: "y", log: true, range: [0.01, 100] },
      labels: ["a", "b", "none"],
      series: [{ name: "s", values: [0.1, 10, 0] }],
    });
    expect(figureToSvg(figure)).toContain(">0<");
    const [a, b, ...rest] = boxes(figureToSvg(figure), "#0072B2").filter(
      ({ height }) => height > 0,
    );
    expect(b.height / a.height).toBeCloseTo(3, 1);
    expect(a.bottom).toBe(b.bottom);
    expect(rest).toEqual([]);
  });

  it("writes the value of a bar at its far end, below zero too", () => {
    const series = [{ name: "s", values: [-2.5, 3.5] }];
    const svg = figureToSvg(
      bars({ caption: "", x: { title: "x" }, y: { title: "y" }, labels: ["a", "b"], series }),
    );
    const heightOf = (text: string) =>
      Number(new RegExp(`<text x="[\\d.]+" y="([\\d.]+)"[^>]*>${text}<`).exec(svg)?.[1]);
    const [negative, positive] = boxes(svg, "#0072B2");
    expect(heightOf("−2.5")).toBeGreaterThan(negative.bottom);
    expect(heightOf("3.5")).toBeLessThan(positive.bottom - positive.height);
  });

  it("draws every point with its label", () => {
    const figure = points({
      caption: "近",
      ...axes,
      groups: [
        { name: "animals", x: [1, 2], y: [1, 2], labels: ["猫", "狗"] },
        { name: "machines", x: [4], y: [4], labels: ["飞机"] },
      ],
    });
    const svg = figureToSvg(figure);
    expectLabels(figure, svg);
    expect(marks(svg, "#0072B2")).toBe(2 + 1);
    for (const label of ["猫", "狗", "飞机"]) expect(svg).toContain(`>${label}<`);
  });

  it("draws every cell of a heat map, repeated labels and holes included", () => {
    const words = ["the", "cat", "the"];
    const figure = heatmap({
      caption: "c",
      z: [
        [1, Number.NaN, Number.NaN],
        [0.5, 0.5, Number.NaN],
        [0.2, 0.3, 0.5],
      ],
      xLabels: words,
      yLabels: words,
      x: { title: "key" },
      y: { title: "query" },
      colorbar: { title: "weight" },
    });
    const svg = figureToSvg(figure);
    expectLabels(figure, svg);
    const cells = [...svg.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="(\d+)" height="(\d+)"/g)];
    const big = cells.filter(([, , width]) => Number(width) > 20 && Number(width) < 60);
    expect(big.length, "cells with a value").toBe(6);
    for (const [, , width, height] of big) expect(width, "cells are squares").toBe(height);
    expect(svg.match(/>the</g)?.length).toBe(4);
    expect(svg).toContain(">weight<");
    for (const text of ["1.00", "0.50", "0.20", "0.30"]) expect(svg).toContain(`>${text}<`);
  });

  it("stays small: a big heat map, a long run", () => {
    const z = range(128).map((r) => range(128).map((c) => Math.sin(r / 9) * Math.cos(c / 7)));
    const figure = heatmap({
      caption: "c",
      z,
      x: { title: "key" },
      y: { title: "query" },
      diverging: true,
    });
    const svg = figureToSvg(figure);
    expect(svg.length).toBeLessThan(30_000);
    // PNG signature and, in its header, one pixel for each cell
    const png = Buffer.from(/base64,([^"]*)"/.exec(svg)?.[1] ?? "", "base64");
    expect([png.toString("latin1", 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([
      "PNG",
      128,
      128,
    ]);
    const run = curves({
      caption: "c",
      ...axes,
      series: ["a", "b"].map((name) => ({
        name,
        x: range(5000),
        y: range(5000).map((i) => Math.sin(i) + i / 100),
      })),
    });
    expect(JSON.stringify(figureBundle(run)).length).toBeLessThan(100_000);
  });

  it("thins a line without losing its extremes", () => {
    const y = range(10_000).map((i) => (i === 7_777 ? 99 : i === 3_333 ? -99 : 0));
    const thinned = thin(range(10_000), y, 400);
    expect(thinned.y.length).toBeLessThanOrEqual(402);
    expect(thinned.y).toContain(99);
    expect(thinned.y).toContain(-99);
  });

  it("says so when a figure is not one of ours, and when lengths differ", () => {
    const bundle = figureBundle({
      data: [{ type: "scatter3d" }],
      layout: { meta: { caption: "<c>" } },
    });
    expect(bundle["image/svg+xml"]).toContain("interactive");
    expect(bundle["image/svg+xml"]).toContain("&lt;c&gt;");
    expect(() =>
      curves({ caption: "", ...axes, series: [{ name: "s", x: [1], y: [1, 2] }] }),
    ).toThrow('curves: series "s": expected as many x as y, got 1 and 2');
  });

  it("does not keep Node alive", () => {
    const code = `const d = require("llm/display");
      const series = [{ name: "s", x: [0, 1], y: [1, 2] }];
      const figure = d.curves({ caption: "c", x: { title: "x" }, y: { title: "y" }, series });
      d.plot(figure);
      d.figureToSvg(figure);`;
    const run = spawnSync(process.execPath, ["-e", code], { encoding: "utf8", timeout: 20_000 });
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toContain("[figure] c\n  s: 1 → 2");
  });
});

describe("text", () => {
  it("escapes HTML and draws formulas", () => {
    const html = markdownToHtml("**b** <script>x</script> $a<b$ and `1 < 2`");
    expect(html).toContain("&lt;script&gt;");
    expect(html).toContain("<math");
    expect(html).toContain("<code>1 &lt; 2</code>");
  });

  it("of great length is cut, with a sentence", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    markdown("word ".repeat(100_000));
    expect(log.mock.calls[0][0]).toMatch(/\*The first 100,000 of 500,000 characters\.\*$/);
    expect(() => html("x".repeat(2e6))).toThrow(
      "html: expected at most 1,000,000 characters, got 2,000,000",
    );
    vi.restoreAllMocks();
  });

  it("aligns numbers and escapes cells", () => {
    const rows = [
      { model: "<i>", loss: 1.23456 },
      { model: "b", loss: 2, more: 1234567 },
    ];
    expect(tableToHtml(rows, "cap")).toMatch(/text-align:right[^>]*>1\.235</);
    expect(tableToHtml(rows)).toContain("&lt;i&gt;");
    expect(tableToText(rows, "cap")).toBe(
      [
        "model   loss       more",
        "─────  ─────  ─────────",
        "<i>    1.235",
        "b          2  1,234,567",
        "cap",
      ].join("\n"),
    );
  });

  it("aligns numbers that are text: with units, signs, powers, words for gaps", () => {
    const right = (...texts: string[]) =>
      tableToHtml({ columns: ["c"], rows: texts.map((t) => [t]) }).includes("text-align:right");
    for (const texts of [
      ["0.980", "1.000"],
      ["12 %", "3 %"],
      ["1.2e-3", "1e+4"],
      ["−3", "-4", "+5", "± 0.1"],
      ["1,542", "117"],
      ["2.1 ×", "10 ×"],
      ["0.5", "NaN", "", "–", "∞"],
      ["12 ms", "3 s", "7 MB/s"],
      ["≥ 2", "< 0.02"],
    ])
      expect(right(...texts), texts.join(" | ")).toBe(true);
    for (const texts of [
      ["4-gram", "5-gram"],
      ["2018-06", "2019-02"],
      ["1 of 4 exercises"],
      ["0.1", "yes"],
      ["", "–"],
      ["seed 1"],
      ["117 M (Radford et al., 2019)"],
    ])
      expect(right(...texts), texts.join(" | ")).toBe(false);
  });

  it("keeps the spaces of text pieces, and shows those at their ends", () => {
    const cells = [" ", "Call me ", "2.62  2.60", "a\nb", "\n"];
    const markup = tableToHtml({ columns: ["piece"], rows: cells.map((c) => [c]) });
    for (const shown of [">␣<", ">Call me␣<", ">2.62  2.60<", ">a\nb<", ">⏎<"])
      expect(markup).toContain(shown);
    expect(markup).toMatch(/white-space:pre-wrap">2\.62/);
  });

  it("writes captions under the whole table, and how much of it is shown", () => {
    const rows = range(100_000).map((i) => ({ i }));
    const markup = tableToHtml(rows, "cap");
    expect(markup).toMatch(/<\/table><figcaption[^>]*>cap<.*>The first 200 of 100,000 rows\.</);
    expect(markup).not.toContain("<caption");
    expect(markup.length).toBeLessThan(50_000);
    expect(tableToText(rows).split("\n").length).toBe(203);
  });

  it("shows tokens with their spaces, of many the first", () => {
    const list = [{ text: " the" }, { text: "a b\n" }, { text: "<s>", weight: 0.5 }];
    expect(tokensToHtml(list, "cap")).toMatch(/>␣the<.*>a␣b⏎<\/span><br\/>.*>&lt;s&gt;</);
    expect(tokensToText(list, "cap")).toBe("␣the|a␣b⏎|<s>(0.50)\ncap");
    const many = tokensToHtml(range(100_000).map((i) => ({ text: `t${i}` })));
    expect(many).toContain("The first 1,000 of 100,000 tokens.");
    expect(many.length).toBeLessThan(300_000);
  });

  it("wraps Chinese anywhere and English at spaces", () => {
    expect(wrap("one two three", 60, 12)).toEqual(["one two", "three"]);
    expect(wrap("一二三四五", 26, 12)).toEqual(["一二", "三四", "五"]);
  });
});

describe("in a terminal or a log", () => {
  afterEach(() => vi.restoreAllMocks());

  it("prints instead of drawing", () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const figure = curves({
      caption: "what to see",
      ...axes,
      series: [{ name: "s", x: [0, 1], y: [3, 2] }],
    });
    plot(figure).update(figure);
    table([{ a: 1 }]);
    const bar = progress(10, { label: "work", unit: "steps" });
    for (let i = 1; i <= 10; i++) bar.update(i, "note");
    bar.done();
    bar.done();
    const lines = log.mock.calls.map(([line]) => String(line));
    expect(lines[0]).toContain("what to see");
    expect(lines.at(-1)).toMatch(/^work 10\/10 · .* steps\/s · took .* · note$/);
    expect(lines).toHaveLength(3);
  });

  it("draws at most once per interval, and always the last", async () => {
    const drawn: number[] = [];
    const frames = throttle((n: number) => drawn.push(n), 50);
    for (let i = 0; i < 100; i++) frames.set(i);
    expect(drawn).toEqual([0]);
    await new Promise((resolve) => setTimeout(resolve, 90));
    expect(drawn).toEqual([0, 99]);
  });
});
