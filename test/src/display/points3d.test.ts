// Points in space: the live figure, and the view from one side that takes its place.
import { points3d } from "llm/display";
import { figureBundle } from "llm/display/plot";
import { describe, expect, it } from "vitest";
import { parseMarkup } from "./markup";

const axes = { x: { title: "animal" }, y: { title: "place" }, z: { title: "grammar" } };
const group = {
  name: "words",
  x: [1, 0, 0],
  y: [0, 1, 0],
  z: [0, 0, 1],
  labels: ["a", "<b>", "c"],
};
const figure = (more = {}) =>
  points3d({ caption: "Three words.", ...axes, groups: [{ ...group, ...more }] });
type Trace = { type: string; x: number[]; y: number[]; z: number[]; text: string[] };

describe("points3d", () => {
  it("is a live figure in space, with a unit of the same length on all axes", () => {
    const { live } = figure();
    const [trace] = live.data as unknown as Trace[];
    expect(trace).toMatchObject({ type: "scatter3d", x: [1, 0, 0], y: [0, 1, 0], z: [0, 0, 1] });
    expect(trace.text).toEqual(["a", "&lt;b&gt;", "c"]);
    expect((live.layout.scene as { aspectmode: string }).aspectmode).toBe("data");
  });

  it("has a picture and a text for readers without Plotly", () => {
    const bundle = figureBundle(figure());
    const said = parseMarkup(bundle["image/svg+xml"] as string);
    for (const word of ["Three words.", "<b>", "drag to turn it"]) expect(said).toContain(word);
    expect(bundle["text/plain"]).toContain("Three words.");
  });

  it("shows in the picture what the camera sees: z is up, x comes to the left, y to the right", () => {
    const [mark] = figure().flat.marks as unknown as { x: number[]; y: number[] }[];
    expect(mark.x[0]).toBeLessThan(0);
    expect(mark.x[1]).toBeGreaterThan(0);
    expect(mark.x[2]).toBeCloseTo(0);
    expect(mark.y[2]).toBeGreaterThan(0.5);
    expect(mark.y[0]).toBeCloseTo(mark.y[1]);
    expect(mark.y[0]).toBeLessThan(0);
  });

  it("keeps distances across the line of sight, as any projection does", () => {
    // Both ends lie in the plane that the camera faces.
    const { flat } = figure({ x: [1, -1, 0], y: [-1, 1, 0], z: [0, 0, 0] });
    const [mark] = flat.marks as unknown as { x: number[]; y: number[] }[];
    expect(Math.hypot(mark.x[1] - mark.x[0], mark.y[1] - mark.y[0])).toBeCloseTo(Math.sqrt(8), 4);
  });

  it("refuses what has no place", () => {
    expect(() => figure({ z: [0, 1] })).toThrow(/expected 3 z, got 2/);
    expect(() => figure({ labels: ["a"] })).toThrow(/expected 3 labels, got 1/);
    expect(() => figure({ z: [0, 1, Number.NaN] })).toThrow(/expected finite numbers/);
    expect(() => points3d({ caption: "", ...axes, groups: [] })).toThrow(/1 to 400 points, got 0/);
  });
});
