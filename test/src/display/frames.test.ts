// Figures behind a slider: each frame is the single figure, on axes that do not move; and however
// many there are, a notebook stays small.
import fc from "fast-check";
import { bars, curves, type Figure, type Frame, type Frames, frames, heatmap } from "llm/display";
import { figureBundle } from "llm/display/plot";
import { toPlotly } from "llm/display/plotly";
import { describe, expect, it } from "vitest";
import { parseMarkup } from "./markup";

const options = { slider: "temperature", caption: "What to see." };
const tokens = (labels: string[], values: number[], caption = ""): Figure =>
  bars({
    caption,
    x: { title: "token" },
    y: { title: "probability" },
    labels,
    series: [{ name: "p", values }],
  });
const three: Frame[] = [
  { label: 0.5, figure: tokens(["a", "b"], [0.9, 0.1], "Cold.") },
  { label: 1, figure: tokens(["a", "c"], [0.7, 0.3], "As trained.") },
  { label: 2, figure: tokens(["b"], [0.5], "Hot.") },
];

type Record1 = Record<string, unknown>;
interface Live {
  data: Record1[];
  layout: Record1 & { sliders: { active: number; steps: { label: string; args: unknown[] }[] }[] };
  frames: { name: string; data: Record1[]; traces: number[]; layout: Record1 }[];
}
const live = (moving: Frames) =>
  figureBundle(moving)["application/vnd.plotly.v1+json"] as unknown as Live;

/** The figure as Plotly has it after a move to frame i. */
function shownAt({ data, layout, frames: list }: Live, i: number) {
  const { data: changed, layout: over } = list[i];
  const { xaxis, yaxis, ...rest } = over as Record<string, Record1>;
  return {
    data: data.map((trace, k) => ({ ...trace, ...changed[k] })),
    layout: {
      ...layout,
      ...rest,
      xaxis: { ...(layout.xaxis as Record1), ...xaxis },
      yaxis: { ...(layout.yaxis as Record1), ...yaxis },
    } as Record1,
  };
}

describe("a figure with a slider", () => {
  it("shows in each frame what the single figure shows", () => {
    const moving = frames(three, { ...options, start: 1, unit: "K" });
    const sent = live(moving);
    expect(sent.frames.map(({ name }) => name)).toEqual(["0", "1", "2"]);
    const [slider] = sent.layout.sliders;
    expect(slider.active).toBe(1);
    expect(slider.steps.map(({ label }) => label)).toEqual(["0.5 K", "1 K", "2 K"]);
    expect(slider.steps.map(({ args }) => args[0])).toEqual([["0"], ["1"], ["2"]]);
    for (const [i, figure] of moving.figures.entries()) {
      const single = toPlotly(figure);
      const { data, layout } = shownAt(sent, i);
      for (const key of ["x", "y", "marker"]) expect(data[0][key]).toEqual(single.data[0][key]);
      expect((layout.meta as Record1).caption).toBe(`What to see. ${three[i].figure.caption}`);
      const names = (axis: unknown) => (axis as { labelalias: Record1 }).labelalias;
      expect(names(layout.xaxis)).toEqual(names(single.layout.xaxis));
    }
  });

  it("keeps axes, colour scales and margins", () => {
    const sent = live(frames(three, options));
    const all = [0, 1, 2].map((i) => shownAt(sent, i).layout);
    for (const key of ["margin", "height"])
      expect(new Set(all.map((layout) => JSON.stringify(layout[key]))).size).toBe(1);
    const ranges = all.map(({ yaxis }) => (yaxis as { range: [number, number] }).range);
    expect(new Set(ranges.map(String)).size).toBe(1);
    expect(ranges[0][1]).toBeGreaterThan(0.9);
    const maps = [1, 5].map((top) =>
      heatmap({ caption: "", x: { title: "key" }, y: { title: "query" }, z: [[0, top]] }),
    );
    const heat = live(
      frames(
        maps.map((figure, i) => ({ label: i, figure })),
        options,
      ),
    );
    for (const i of [0, 1]) expect(shownAt(heat, i).data[0]).toMatchObject({ zmin: 0, zmax: 5 });
  });

  it("has a button where it is asked for", () => {
    expect(live(frames(three, options)).layout.updatemenus).toBeUndefined();
    expect(live(frames(three, { ...options, play: true })).layout.updatemenus).toHaveLength(1);
  });

  it("is a picture of its start for those without a slider, and says so", () => {
    const bundle = figureBundle(frames(three, { ...options, start: 2 }));
    const shown = parseMarkup(bundle["image/svg+xml"] as string).replace(/\s+/g, " ");
    expect(shown).toContain("Hot.");
    expect(shown).toContain(
      "Shown: temperature 2. In JupyterLab, a slider moves it from 0.5 to 2.",
    );
    expect(bundle["text/plain"]).toContain("a slider moves it from 0.5 to 2");
  });

  const line = (n: number, k: number) =>
    curves({
      caption: "",
      x: { title: "step" },
      y: { title: "loss" },
      series: [
        {
          name: "loss",
          x: Array.from({ length: n }, (_, i) => i),
          y: Array.from({ length: n }, (_, i) => Math.sin(i * (k + 1))),
        },
      ],
    });

  it.each([
    [200, 10],
    [50, 5_000],
  ])("of %i frames with %i points stays small", (count, points) => {
    const list = Array.from({ length: count }, (_, i) => ({ label: i, figure: line(points, i) }));
    const moving = frames(list, { ...options, start: 7 });
    const sent = live(moving);
    expect(sent.frames.length).toBeLessThanOrEqual(61);
    const labels = sent.layout.sliders[0].steps.map(({ label }) => label);
    expect([labels[0], labels.at(-1), labels[sent.layout.sliders[0].active]]).toEqual([
      "0",
      String(count - 1),
      "7",
    ]);
    expect(JSON.stringify(figureBundle(moving)).length).toBeLessThan(500_000);
  });

  it("refuses figures that differ in more than their data", () => {
    const heat = heatmap({ caption: "", x: { title: "" }, y: { title: "" }, z: [[1]] });
    const refuse = (figure: Figure, message: RegExp) =>
      expect(() => frames([three[0], { label: "x", figure }], options)).toThrow(message);
    refuse(heat, /^frames: expected .*alike in kind .*bars.*got heatmap in frame 1/);
    expect(() => frames([], options)).toThrow(/^frames: expected at least one figure, got none/);
    expect(() => frames(three, { ...options, start: 3 })).toThrow(/from 0 to 2, .*got 3/);
  });

  it("of any values keeps all it is given", () => {
    const row = fc.array(fc.oneof(fc.double(), fc.integer({ min: -9, max: 9 })), {
      minLength: 3,
      maxLength: 3,
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), fc.string(), (rows, slider) => {
        const list = rows.map((values, i) => ({
          label: i,
          figure: tokens(["<s>", "%{x}", " "], values),
        }));
        const moving = frames(list, { slider, caption: "" });
        const bundle = figureBundle(moving);
        parseMarkup(bundle["image/svg+xml"] as string);
        const sent = live(moving);
        for (const [i, figure] of moving.figures.entries())
          expect(shownAt(sent, i).data[0].y).toEqual(toPlotly(figure).data[0].y);
      }),
      { numRuns: 60 },
    );
  });
});
