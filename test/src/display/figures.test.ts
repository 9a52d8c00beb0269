// What goes wrong with labels, values and sizes of real data: words that repeat, tokens that look
// like markup, runs that diverged, a hundred thousand points. The live figure and the saved picture
// show the same.
import { bars, curves, type Figure, figureToSvg, heatmap, points, tokenGrid } from "llm/display";
import { figureBundle } from "llm/display/plot";
import { describe, expect, it } from "vitest";
import { parseMarkup } from "./markup";

const range = (n: number) => Array.from({ length: n }, (_, i) => i);
const axes = { x: { title: "step" }, y: { title: "loss (nats)" } };

interface Trace {
  type: string;
  x?: number[];
  y?: (number | null)[];
  name?: string;
  z?: unknown[][];
  text?: unknown;
}
interface Live {
  data: Trace[];
  layout: {
    xaxis: { labelalias?: Record<string, string>; tickvals?: number[]; ticktext?: string[] };
    yaxis: Live["layout"]["xaxis"] & { range: number[] };
    shapes: { xref: string; x0: number; x1: number; y0: number; line: { color: string } }[];
    annotations: { text: string; xref: string; x: number }[];
    meta: { caption: string };
    margin: { t: number };
  };
}
const live = (figure: Figure) =>
  figureBundle(figure)["application/vnd.plotly.v1+json"] as unknown as Live;
const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map((m) => m[1]);
/** Left edges of the bars of one colour. */
const barsOf = (svg: string, color: string) =>
  [
    ...svg.matchAll(
      /<rect x="([\d.]+)" y="([\d.]+)" width="[\d.]+" height="([\d.]+)" fill="(#\w+)"/g,
    ),
  ]
    .filter((m) => m[4] === color && Number(m[3]) !== 12) // 12 × 12 is the legend's
    .map((m) => ({ x: Number(m[1]), y: Number(m[2]), height: Number(m[3]) }));

const sentence = ["the", "cat", "saw", "the", "mat"];
const bare = ["<s>", "</s>", "<b>", "<br>", "&amp;", "<|endoftext|>", "a & b", "%{y}", "$x$"];

describe("labels", () => {
  it("that repeat have a place each", () => {
    const values = [0.5, 0.1, 0.1, 0.05, 0.25];
    const figure = bars({
      caption: "",
      x: { title: "word" },
      y: { title: "weight" },
      labels: sentence,
      series: [{ name: "w", values }],
    });
    const { data, layout } = live(figure);
    expect(new Set(data[0].x).size).toBe(5);
    expect(data[0].x?.map((at) => layout.xaxis.labelalias?.[at])).toEqual(sentence);
    const drawn = barsOf(figureToSvg(figure), "#0072B2");
    expect(new Set(drawn.map(({ x }) => x)).size).toBe(5);
    for (const [i, { height }] of drawn.entries())
      expect(height / drawn[0].height).toBeCloseTo(values[i] / 0.5, 2);
  });

  it("of lines and points have places, which the series share", () => {
    const y = [1, 2, 3, 4, 5];
    const figure = curves({
      caption: "",
      ...axes,
      series: [
        { name: "all", x: sentence, y },
        { name: "end", x: ["the", "the", "dog"], y: [1, 2, 3] },
      ],
    });
    const { data, layout } = live(figure);
    expect(data[0].x).toEqual([0, 1, 2, 3, 4]);
    expect(data[1].x).toEqual([0, 3, 5]);
    expect(Object.values(layout.xaxis.labelalias ?? {})).toEqual([...sentence, "dog"]);
    expect(textsOf(figureToSvg(figure)).filter((t) => t === "the").length).toBe(2);
    const dots = points({ caption: "", ...axes, groups: [{ name: "p", x: sentence, y }] });
    expect(live(dots).data[0].x).toEqual([0, 1, 2, 3, 4]);
  });

  it("that look like markup are shown as they are, live and saved", () => {
    const n = bare.length;
    const figures = [
      bars({
        title: bare[0],
        caption: "<i>",
        x: { title: "<u>" },
        y: { title: "<s> (<b>)" },
        labels: bare,
        series: [
          { name: "<s>", values: range(n) },
          { name: "&lt;", values: range(n) },
        ],
        baselines: [{ name: "<sub>base</sub>", y: 2 }],
      }),
      points({
        caption: "<i>",
        ...axes,
        groups: [{ name: "<s>", x: range(n), y: range(n), labels: bare }],
      }),
      heatmap({
        caption: "<i>",
        z: range(n).map(() => range(n)),
        xLabels: bare,
        yLabels: bare,
        x: { title: "<s>" },
        y: { title: "<b>" },
        colorbar: { title: "<i>" },
      }),
    ];
    for (const figure of figures) {
      const shown = parseMarkup(figureToSvg(figure));
      for (const label of bare) expect(shown).toContain(label);
      expect(shown).toContain("<i>");
      // In Plotly, only what the course itself writes is markup.
      const { layout, ...rest } = live(figure);
      const { meta, ...looks } = layout;
      expect(meta.caption, "the extension shows it as text").toBe("<i>");
      const sent = JSON.stringify([rest, looks]).replace(/<extra><\/extra>|<br>/g, "");
      expect(sent).not.toMatch(/<[a-z/|]/);
      expect(sent).toContain("&lt;s&gt;");
      expect(sent).not.toContain('"%{y}"');
    }
  });

  it("show their spaces and line breaks", () => {
    const figure = bars({
      caption: "",
      x: { title: "token" },
      y: { title: "p" },
      labels: [" the", "a  b", "\n", " ", "\t", "in the"],
      series: [{ name: "p", values: range(6) }],
    });
    const shown = ["␣the", "a␣␣b", "⏎", "␣", "⇥", "in the"];
    expect(Object.values(live(figure).layout.xaxis.labelalias ?? {})).toEqual(shown);
    expect(textsOf(figureToSvg(figure))).toEqual(expect.arrayContaining(shown));
  });

  it("keep the numbers of years", () => {
    const figure = bars({
      caption: "",
      x: { title: "year" },
      y: { title: "n" },
      labels: [2018, 2019],
      series: [{ name: "n", values: [1, 2] }],
    });
    expect(textsOf(figureToSvg(figure))).toContain("2018");
  });
});

describe("values that are no finite numbers", () => {
  it("are gaps with a word in bars", () => {
    const figure = bars({
      caption: "",
      x: { title: "rate" },
      y: { title: "loss" },
      labels: ["a", "b", "c", "d"],
      series: [{ name: "loss", values: [1, Number.NaN, Number.POSITIVE_INFINITY, -2] }],
    });
    const texts = textsOf(figureToSvg(figure));
    for (const word of ["NaN", "∞", "1", "−2"]) expect(texts).toContain(word);
    expect(barsOf(figureToSvg(figure), "#0072B2").length).toBe(2);
    const { data, layout } = live(figure);
    expect(data[0].y).toEqual([1, null, null, -2]);
    expect(layout.annotations.map(({ text, x }) => [text.replace(/<\/?i>/g, ""), x])).toEqual([
      ["NaN", 1],
      ["∞", 2],
    ]);
  });

  it("break a line, with one word for a run of them", () => {
    const y = range(30).map((i) => (i > 9 && i < 20 ? Number.NaN : i));
    const figure = curves({ caption: "", ...axes, series: [{ name: "s", x: range(30), y }] });
    const svg = figureToSvg(figure);
    expect(textsOf(svg).filter((t) => t === "NaN").length).toBe(1);
    const line = /<path d="([^"]*)"[^>]*stroke="#0072B2"/.exec(svg)?.[1] ?? "";
    expect(line.match(/M/g)?.length).toBe(2);
  });

  it("stand as words in the cells of a heat map; null stays empty", () => {
    const figure = heatmap({
      caption: "",
      z: [
        [1, Number.NaN, null],
        [Number.NEGATIVE_INFINITY, 0, -1],
      ],
      x: { title: "key" },
      y: { title: "query" },
    });
    const texts = textsOf(figureToSvg(figure));
    for (const text of ["1.00", "NaN", "−∞", "0.00", "−1.00"]) expect(texts).toContain(text);
    expect(texts.filter((t) => t === "NaN").length).toBe(1);
  });

  it("prints letters instead of values where it is told to", () => {
    const options = { caption: "c.", z: [[1, 2], [3, null]], x: { title: "" }, y: { title: "" } }; // biome-ignore format: one line
    const figure = heatmap({ ...options, cells: [["a", "<b"], ["␣", ""]] }); // biome-ignore format: one line
    expect(textsOf(figureToSvg(figure))).toEqual(expect.arrayContaining(["a", "&lt;b", "␣"]));
    expect(() => heatmap({ ...options, cells: [["a"], ["b"]] })).toThrow(
      "heatmap: expected cells of 2 rows and 2 columns, as z has, got rows of 1, 1",
    );
  });

  it("colours letters by the length of their tokens", () => {
    const figure = tokenGrid(["Call", " me", "🐈"], { columns: 4, caption: "c." });
    const [cells] = figure.marks as { z: unknown; texts: string[][] }[];
    expect(cells.texts).toEqual([["C", "a", "l", "l"], ["␣", "m", "e", "🐈"]]); // biome-ignore format: one line
    expect(cells.z).toEqual([[4, 4, 4, 4], [3.45, 3.45, 3.45, 1]]); // biome-ignore format: one line
  });

  it("are told in the caption where there is no room for words", () => {
    const z = range(20).map((r) => range(20).map((c) => (r === c ? Number.NaN : 1)));
    const big = heatmap({ caption: "c.", z, x: { title: "x" }, y: { title: "y" } });
    expect(live(big).layout.meta.caption).toBe("c. 20 cells are empty: no finite number.");
    const lost = points({
      caption: "c.",
      ...axes,
      groups: [{ name: "g", x: [1, Number.NaN], y: [1, 2], labels: ["here", "gone"] }],
    });
    expect(lost.caption).toBe('c. 1 point has no place on these axes ("gone").');
  });

  it("leave no ∞ in the ends of a colour scale", () => {
    const nothing = heatmap({
      caption: "",
      z: [[Number.NaN, Number.NaN]],
      x: { title: "x" },
      y: { title: "y" },
    });
    expect(figureToSvg(nothing)).not.toMatch(/Infinity|NaNM/);
    expect(textsOf(figureToSvg(nothing)).filter((t) => t === "NaN").length).toBe(2);
  });

  it("as levels are told, and so are levels outside of the axis", () => {
    const { caption } = curves({
      caption: "c.",
      x: { title: "x" },
      y: { title: "y", range: [0, 1] },
      series: [],
      baselines: [
        { name: "lost", y: Number.NaN },
        { name: "far", y: 7 },
      ],
    });
    expect(caption).toBe(
      'c. "lost" is NaN and has no line. "far" (7) lies outside of the picture.',
    );
  });
});

describe("sizes", () => {
  const size = (figure: Figure) => JSON.stringify(figureBundle(figure)).length;

  it("a heat map without its bar of colours gives the room to its cells", () => {
    const letters = { caption: "A text.", ...axes, z: [[0, 1]], cells: [["a", "b"]] };
    const [plain, bare] = [heatmap(letters), heatmap({ ...letters, colorbar: false })];
    const live = (figure: Figure) => JSON.stringify(figureBundle(figure));
    expect(live(plain)).toContain('"showscale":true');
    expect(live(bare)).toContain('"showscale":false');
    const gradients = (figure: Figure) => figureToSvg(figure).split("<rect").length;
    expect(gradients(bare)).toBeLessThan(gradients(plain));
  });
  it("a heat map of 512 × 512 is drawn, each cell the mean of several", () => {
    const z = range(512).map((r) => Float32Array.from(range(512), (c) => (r < 256 ? 1 : c / 512)));
    const figure = heatmap({ caption: "c.", z, x: { title: "key" }, y: { title: "query" } });
    expect(figure.caption).toBe("c. Each cell is the mean of 3 × 3 values.");
    expect(live(figure).data[0].z?.length).toBe(171);
    expect(live(figure).data[0].z?.[0][0]).toBe(1);
    expect(live(figure).data[0].z?.[170][1]).toBeCloseTo(4 / 512, 4);
    expect(size(figure)).toBeLessThan(300_000);
  });

  it("of 100,000 points some are drawn, with the outermost, and a sentence", () => {
    const x = range(100_000).map((i) => Math.sin(i) + (i === 777 ? 9 : 0));
    const y = range(100_000).map((i) => Math.cos(3 * i));
    const figure = points({ caption: "c.", ...axes, groups: [{ name: "g", x, y }] });
    expect(figure.caption).toMatch(/^c\. 1,5\d\d of 100,000 points\.$/);
    expect(Math.max(...(live(figure).data[0].x ?? []))).toBeCloseTo(Math.sin(777) + 9, 4);
    expect(size(figure)).toBeLessThan(200_000);
  });

  it("of 100,000 bars the first are drawn, and told", () => {
    const series = [{ name: "s", values: range(100_000) }];
    const labels = range(100_000).map((i) => `label ${i}`);
    const figure = bars({ caption: "c.", x: { title: "x" }, y: { title: "y" }, labels, series });
    expect(figure.caption).toBe("c. The first 1,200 of 100,000 labels.");
    expect(size(figure)).toBeLessThan(300_000);
  });

  it("a hundred lines of a million numbers stay small", () => {
    const y = Float32Array.from({ length: 100_000 }, (_, i) => Math.sin(i));
    const series = range(100).map((i) => ({ name: `line ${i}`, x: range(100_000), y }));
    const figure = curves({ caption: "c.", ...axes, series });
    expect(figure.caption).toBe("c. The first 60 of 100 lines.");
    expect(size(figure)).toBeLessThan(900_000);
  });

  it("no data at all is an empty figure", () => {
    const none = { x: { title: "x" }, y: { title: "y" }, caption: "" };
    for (const figure of [
      curves({ ...none, series: [] }),
      curves({ ...none, series: [{ name: "s", x: [], y: [] }] }),
      bars({ ...none, labels: [], series: [] }),
      bars({ ...none, labels: ["a"], series: [] }),
      points({ ...none, groups: [] }),
      heatmap({ ...none, z: [] }),
      heatmap({ ...none, z: [[], []] }),
    ])
      expect(() => parseMarkup(figureToSvg(figure))).not.toThrow();
  });
});

describe("colours of a caller", () => {
  const figure = (color: string) =>
    curves({ caption: "", ...axes, series: [{ name: "s", x: [0, 1], y: [0, 1], color }] });

  it("are written as they are", () => {
    for (const color of ["#123", "#AABBCC", "teal", "rgb(1, 2, 3)", "hsla(10 20% 30% / 0.5)"])
      expect(figureToSvg(figure(color))).toContain(`stroke="${color}"`);
  });

  it("that are none are refused in a sentence", () => {
    const bad = '"/><script>alert(1)</script>';
    expect(() => figure(bad)).toThrow(
      'curves: expected a colour such as "#0072B2" or "teal", got "\\"/><script>',
    );
    for (const color of ["", "#12", "url(#a)", "red;x", "var(--x)"])
      expect(() => figure(color)).toThrow("expected a colour");
  });
});

describe("axes", () => {
  it("logarithmic ones have ticks at powers of ten only, live and saved", () => {
    const figure = curves({
      caption: "",
      x: { title: "lag", log: true },
      y: { title: "norm", log: true },
      series: [{ name: "g", x: [1, 10, 100], y: [1, 1e-3, 1e-6] }],
    });
    const { xaxis, yaxis } = live(figure).layout;
    for (const axis of [xaxis, yaxis])
      for (const value of axis.tickvals ?? [])
        expect(Math.log10(value) % 1, String(value)).toBeCloseTo(0, 9);
    const texts = textsOf(figureToSvg(figure));
    // Each axis writes all its ticks in one way: the first fits between 0.001 and 100,000.
    for (const text of ["1", "10", "100", "10⁰", "10⁻¹", "10⁻⁶"]) expect(texts).toContain(text);
    expect(texts).not.toContain("0.1");
    expect(xaxis.ticktext).toEqual(expect.arrayContaining(["1", "10", "100"]));
    expect(yaxis.ticktext).toEqual(expect.arrayContaining(["10⁰", "10⁻¹", "10⁻⁶"]));
    expect(
      texts.filter((t) => /\d/.test(t)).every((t) => /^(1|10+|0\.0*1|10[⁻⁰¹²³⁴-⁹]+)$/.test(t)),
    ).toBe(true);
  });

  it("a narrow logarithmic axis still has two ticks", () => {
    const figure = curves({
      caption: "",
      x: { title: "x" },
      y: { title: "y", log: true },
      series: [{ name: "s", x: [0, 1], y: [0.12, 0.4] }],
    });
    const texts = textsOf(figureToSvg(figure));
    expect(texts).toContain("0.1");
    expect(texts).toContain("1");
  });

  it("levels span the whole axis, with their names at the end, in colours of their own", () => {
    const options = {
      caption: "",
      baselines: [
        { name: "bigram", y: 2.5 },
        { name: "unigram", y: 2.51 },
      ],
      thresholds: [{ name: "passed below 1.9", y: 1.9 }],
    };
    const figures = [
      bars({
        ...options,
        x: { title: "x" },
        y: { title: "y" },
        labels: ["a", "b"],
        series: [{ name: "s", values: [1, 3] }],
      }),
      curves({ ...options, ...axes, series: [{ name: "s", x: [0, 9], y: [1, 3] }] }),
    ];
    for (const figure of figures) {
      const { layout, data } = live(figure);
      expect(data.length, "levels are no series").toBe(1);
      for (const shape of layout.shapes)
        expect([shape.xref, shape.x0, shape.x1]).toEqual(["paper", 0, 1]);
      const colors = new Set(layout.shapes.map((s) => s.line.color));
      expect(colors.size).toBe(2);
      expect(JSON.stringify(data)).not.toMatch(new RegExp([...colors].join("|")));
      const svg = figureToSvg(figure);
      const at = (name: string) => {
        const [, x, y] =
          new RegExp(`<text x="([\\d.]+)" y="([\\d.]+)"[^>]*>${name}<`).exec(svg) ?? [];
        return { x: Number(x), y: Number(y) };
      };
      const lines = [...svg.matchAll(/<path d="M([\d.]+) ([\d.]+)H([\d.]+)"[^>]*dasharray/g)];
      expect(lines.length).toBe(3);
      for (const [, from, , to] of lines) {
        expect(Number(from)).toBeLessThan(90);
        expect(at("bigram").x - Number(to)).toBeCloseTo(6, 1);
      }
      expect(Math.abs(at("bigram").y - at("unigram").y), "names do not overlap").toBeGreaterThan(
        12,
      );
    }
  });

  it("leave a row for Plotly's buttons above the data", () => {
    const figure = curves({ caption: "", ...axes, series: [{ name: "s", x: [0, 1], y: [0, 1] }] });
    expect(live(figure).layout.margin.t).toBeGreaterThanOrEqual(30);
  });
});
