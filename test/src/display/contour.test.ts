// Contours against curves that are known, and as lines of a figure of points.
import { contour, figureToSvg, frames, points } from "llm/display";
import { describe, expect, it } from "vitest";
import { toPlotly } from "../../../src/display/plotly";

const square = { x: [-2, 2], y: [-2, 2] } as { x: [number, number]; y: [number, number] };

describe("contour", () => {
  it("of a plane is one straight line from edge to edge", () => {
    const { x, y } = contour((a, b) => b - a / 2, square);
    expect(y).not.toContain(null);
    x.forEach((at, i) => {
      expect(y[i]).toBeCloseTo(at / 2, 9);
    });
    expect(Math.max(...x) - Math.min(...x)).toBeCloseTo(4, 9);
  });

  it("of a circle is one ring that closes", () => {
    const { x, y } = contour((a, b) => a * a + b * b, { ...square, level: 1, cells: 40 });
    expect(y).not.toContain(null);
    expect([x[0], y[0]]).toEqual([x[x.length - 1], y[y.length - 1]]);
    x.forEach((at, i) => {
      expect(Math.hypot(at, y[i] as number)).toBeCloseTo(1, 2);
    });
    // All of it: as long as a circle.
    const length = x.slice(1).map((at, i) => Math.hypot(at - x[i], y[i + 1]! - y[i]!));
    expect(length.reduce((a, b) => a + b)).toBeCloseTo(2 * Math.PI, 1);
  });

  it("of two circles has a gap between them, and of nothing is empty", () => {
    const two = (a: number, b: number) =>
      Math.min(Math.hypot(a - 1, b), Math.hypot(a + 1, b)) - 0.5;
    expect(contour(two, square).y.filter((v) => v === null)).toHaveLength(1);
    expect(contour(() => 1, square)).toEqual({ x: [], y: [] });
    expect(() => contour(two, { ...square, x: [1, 1] })).toThrow(/expected ranges/);
  });
});

describe("lines of points", () => {
  const figure = (radius: number) =>
    points({
      caption: "A ring among points.",
      x: { title: "x", range: [-2, 2] },
      y: { title: "y", range: [-2, 2] },
      groups: [{ name: "class A", x: [0, 1], y: [0, 1] }],
      lines: [
        { name: "ring", ...contour((a, b) => Math.hypot(a, b) - radius, square) },
        { name: "two pieces", x: [0, 1, 1, 2], y: [0, 0, null, 1], dash: "dash", marker: true },
      ],
    });

  it("are drawn under the points, with their gaps, and named", () => {
    const { data } = toPlotly(figure(1));
    expect(data.map((t) => t.name)).toEqual(["ring", "two pieces", "class A"]);
    expect(data[1].y).toEqual([0, 0, null, 1]);
    const svg = figureToSvg(figure(1));
    for (const name of ["ring", "two pieces", "class A"]) expect(svg).toContain(name);
  });

  it("move behind a slider, also where a line is empty", () => {
    const list = [0.5, 1, 3].map((r) => ({ label: r, figure: figure(r) }));
    expect(frames(list, { slider: "radius", caption: "A ring." }).figures).toHaveLength(3);
  });

  it("stand beside baselines and thresholds across the plot", () => {
    const levels = {
      baselines: [{ name: "chance", y: 50 }],
      thresholds: [{ name: "97 %", y: 97 }],
    };
    const axes = { x: { title: "seed" }, y: { title: "right (%)" } };
    const { y, levels: drawn } = points({
      ...{ caption: "", ...axes, ...levels },
      groups: [{ name: "network", x: ["1", "2"], y: [98, 99] }],
    });
    expect(drawn.map(({ name, y: at }) => [name, at])).toEqual([
      ["chance", 50],
      ["97 %", 97],
    ]);
    expect(y.range[0]).toBeLessThan(50);
  });

  it("refuse lists of two lengths", () => {
    const lines = [{ name: "l", x: [1], y: [1, 2] }];
    const options = { caption: "", x: { title: "x" }, y: { title: "y" }, groups: [], lines };
    expect(() => points(options)).toThrow(/line "l": expected as many x as y, got 1 and 2/);
  });
});
