// The static picture shows what the Plotly figure does; text is escaped; updates are throttled and
// the last one shown.
import { spawnSync } from "node:child_process";
import {
  bars,
  curves,
  escapeHtml,
  type Figure,
  figureToSvg,
  heatmap,
  markdownToHtml,
  plot,
  points,
  progress,
  table,
} from "llm/display";
import { thin } from "llm/display/figure";
import { throttle } from "llm/display/output";
import { figureBundle } from "llm/display/plot";
import { palette, thresholdColor, wrap } from "llm/display/style";
import { tableToHtml, tableToText } from "llm/display/text";
import { afterEach, describe, expect, it, vi } from "vitest";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const axes = { x: { title: "step" }, y: { title: "loss (nats)" } };

/** The drawing proper: everything inside the clipped group, or marks by their colour. */
const marks = (svg: string, color: string, attribute = "fill") =>
  svg.match(new RegExp(`<path[^>]*${attribute}="${color}"`, "g"))?.length ?? 0;

/** Bars of one colour: the lower edge and the height of each, in pixels. */
const boxes = (svg: string, color: string) =>
  [
    ...svg.matchAll(
      new RegExp(`<path d="M[\\d.]+ ([\\d.]+)l[\\d.]+ 0l0 (-?[\\d.]+)[^>]*fill="${color}"`, "g"),
    ),
  ].map(([, at, rise]) => ({
    bottom: Math.max(Number(at), Number(at) + Number(rise)),
    height: Math.abs(Number(rise)),
  }));

function expectLabels(figure: Figure, svg: string) {
  const names = [
    figure.layout.xaxis?.title?.text,
    figure.layout.yaxis?.title?.text,
    figure.layout.title?.text,
  ];
  for (const name of names) if (name) expect(svg).toContain(`>${escapeHtml(name)}<`);
  if (figure.data.length > 1)
    for (const { name } of figure.data) if (name) expect(svg).toContain(`>${escapeHtml(name)}<`);
  const shown = [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map((m) => m[1]).join(" ");
  expect(shown).toContain(escapeHtml(figure.layout.meta?.caption ?? ""));
}

describe("figures and their static twins", () => {
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
    // One path for the line, one for its sample in the legend.
    for (const color of ["#0072B2", "#D55E00", "#8A8A8A", thresholdColor])
      expect(marks(svg, color, "stroke")).toBe(2);
    expect(svg).toMatch(/stroke="#8A8A8A"[^>]*stroke-dasharray/);
    expect(svg.length).toBeLessThan(30_000);
    expect(svg).not.toMatch(/<style|<script|class=|ecmeta/);
  });

  it("keeps both log axes and ranges", () => {
    const figure = curves({
      caption: "",
      x: { title: "lag", log: true },
      y: { title: "norm", log: true },
      series: [{ name: "g", x: [1, 10, 100], y: [1, 1e-3, 1e-6] }],
    });
    expect(figure.layout.xaxis?.type).toBe("log");
    expect(figureToSvg(figure)).toContain(">1e-6<");
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

  it("gives a threshold a colour that no series has", () => {
    const series = palette.map((_, i) => ({ name: `s${i}`, x: [0, 1], y: [i, i] }));
    const figure = curves({ caption: "", ...axes, series, thresholds: [{ name: "pass", y: 9 }] });
    const colors = figure.data.map((trace) => (trace.line as { color: string }).color);
    expect(new Set(colors).size).toBe(palette.length + 1);
    expect(marks(figureToSvg(figure), colors.at(-1) as string, "stroke")).toBe(2);
  });

  it("stands bars of a log axis on its lower end, as Plotly does, and leaves room over the highest", () => {
    const values = [1900, 20_000, 0.3, 1];
    const figure = bars({
      caption: "",
      x: { title: "engine" },
      y: { title: "time (ms)", log: true },
      labels: ["a", "b", "c", "d"],
      series: [{ name: "ms", values }],
    });
    expect(figure.layout.yaxis?.range).toEqual([-1, 5]); // log10, for Plotly
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
    const [a, b, ...rest] = boxes(figureToSvg(figure), "#0072B2").filter(
      ({ height }) => height > 0,
    );
    expect(b.height / a.height).toBeCloseTo(3, 1);
    expect(a.bottom).toBe(b.bottom);
    expect(rest).toEqual([]);
  });

  it("writes the value of a bar at its far end, below zero too", () => {
    const series = [{ name: "s", values: [-2, 3] }];
    const svg = figureToSvg(
      bars({ caption: "", x: { title: "x" }, y: { title: "y" }, labels: ["a", "b"], series }),
    );
    const heightOf = (text: string) =>
      Number(
        new RegExp(
          `y="(-?[\\d.]+)" transform="translate\\([\\d.]+ ([\\d.]+)\\)"[^>]*>${text}<`,
        ).exec(svg)?.[2],
      );
    const [negative, positive] = boxes(svg, "#0072B2");
    expect(heightOf("-2")).toBeGreaterThan(negative.bottom);
    expect(heightOf("3")).toBeLessThan(positive.bottom - positive.height);
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
    expect(svg.match(/<path[^>]*fill="rgb\([^>]*stroke="none"/g)?.length).toBe(6);
    expect(svg.match(/>the</g)?.length).toBe(4);
    expect(svg).toContain(">weight<");
    expect(svg.match(/>0\.5</g)?.length).toBeGreaterThanOrEqual(3);
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
    expect(figureToSvg({ data: [{ type: "scatter3d" } as never], layout: {} })).toContain(
      "interactive",
    );
    expect(() =>
      curves({ caption: "", ...axes, series: [{ name: "s", x: [1], y: [1, 2] }] }),
    ).toThrow('curves: series "s": expected as many x as y, got 1 and 2');
  });

  it("does not keep Node alive", () => {
    const code =
      "const d = require('llm/display'); d.plot(d.curves({ caption: 'c', x: { title: 'x' }, y: { title: 'y' }, series: [{ name: 's', x: [0, 1], y: [1, 2] }] })); d.figureToSvg(d.curves({ caption: 'c', x: { title: 'x' }, y: { title: 'y' }, series: [{ name: 's', x: [0, 1], y: [1, 2] }] }));";
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

  it("aligns numbers and escapes cells", () => {
    const rows = [
      { model: "<i>", loss: 1.23456 },
      { model: "b", loss: 2, more: 1234567 },
    ];
    expect(tableToHtml(rows, "cap")).toMatch(/text-align:right[^>]*>1\.235</);
    expect(tableToHtml(rows)).toContain("&lt;i&gt;");
    expect(tableToText(rows, "cap")).toBe(
      "model   loss       more\n─────  ─────  ─────────\n<i>    1.235\nb          2  1,234,567\ncap",
    );
  });

  it("wraps Chinese anywhere and English at spaces", () => {
    expect(wrap("one two three", 50, 12)).toEqual(["one two", "three"]);
    expect(wrap("一二三四五", 24, 12)).toEqual(["一二", "三四", "五"]);
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
