// Drawings of mechanisms: those that lessons use are sound, and a drawing in which something
// overlaps, or which says nothing to those who do not see it, is refused.
import * as display from "llm/display";
import { type DiagramOptions, diagram } from "llm/display";
import { runsOf } from "llm/display/diagram/mathText";
import * as drawings from "llm/display/drawings";
import { figureBundle } from "llm/display/plot";
import { describe, expect, it } from "vitest";
import { parseMarkup } from "./markup";

const alt = "The box a gives its result to the box b.";
const two = (more: Partial<DiagramOptions> = {}): DiagramOptions => ({
  alt,
  nodes: [
    { id: "a", at: [0, 0], text: "a" },
    { id: "b", at: [2, 0], text: "b" },
  ],
  edges: [{ from: "a", to: "b" }],
  ...more,
});

describe("the drawings of the lessons", () => {
  for (const [name, make] of Object.entries(drawings))
    it(`${name} is sound, fits a notebook and can be read`, () => {
      const { svg, width, height, alt: said } = make();
      expect(display).toHaveProperty(name);
      parseMarkup(svg);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
      expect(svg).toContain('role="img"');
      expect(said.length).toBeGreaterThan(80);
      expect(width).toBeLessThanOrEqual(760);
      expect(height).toBeLessThan(560);
      expect(svg.length).toBeLessThan(20_000);
      // Indices and exponents, in tspans, are smaller.
      for (const [, size] of svg.matchAll(/<text[^>]*font-size="([\d.]+)"/g))
        expect(Number(size)).toBeGreaterThanOrEqual(13);
    });
});

describe("the timeline of a pipeline", () => {
  const pass = (kind: "F" | "B", start: number, end: number) =>
    ({ stage: 0, kind, micro: 11, start, end }) as const;

  it("draws a box for each pass, as long as it took, and says the order in words", () => {
    const { svg, alt } = drawings.pipelineTimeline({
      steps: [pass("B", 1030, 1040), pass("F", 1000, 1010)],
      unit: "ms",
    });
    expect(alt).toContain("stage 1: F12 B12.");
    expect(svg).toContain(">40 ms<");
    const widths = [...svg.matchAll(/<rect[^>]*height="30"[^>]*>/g)].map(([box]) =>
      Number(/ width="([\d.]+)"/.exec(box)?.[1]),
    );
    expect(widths).toHaveLength(2);
    expect(widths[0]).toBeCloseTo(widths[1], 5);
  });

  it("refuses what is no time", () => {
    expect(() => drawings.pipelineTimeline({ steps: [] })).toThrow(/expected steps, got none/);
    expect(() => drawings.pipelineTimeline({ steps: [pass("F", 2, 1)] })).toThrow(
      "pipelineTimeline: expected stages from 0 on and steps that end after they begin, got stage 0 from 2 to 1",
    );
    expect(() => drawings.pipelineTimeline({ steps: [pass("F", 2, 2)] })).toThrow(/take time/);
  });
});

describe("a model drawn from its configuration", () => {
  const gpt2 = { vocabSize: 50257, blockSize: 1024, nLayer: 12, nHead: 12, nEmbd: 768 };
  const mixtral = {
    family: "llama",
    ...{ vocabSize: 32000, blockSize: 32768, nLayer: 32, nHead: 32, nKvHead: 8 },
    ...{ nEmbd: 4096, nInner: 14336, tied: false, experts: { count: 8, perToken: 2 } },
  } as const;

  it("says what a GPT-2 is made of", () => {
    const { svg } = drawings.modelDiagram(gpt2);
    for (const words of ["50,257 × 768", "1,024 × 768", "12 heads, 64 wide", "768 → 3,072 → 768"])
      expect(svg).toContain(words);
    expect(svg).toContain("= embeddings");
  });

  it("says which norm and which feed-forward network a model has", () => {
    const { svg } = drawings.modelDiagram({ ...gpt2, norm: "rmsNorm", activation: "swiglu" });
    for (const words of ["RMS norm", "feed-forward (SwiGLU)"]) expect(svg).toContain(words);
    expect(svg).not.toContain("layer norm");
    expect(drawings.modelDiagram(gpt2).svg).not.toContain("SwiGLU");
    expect(drawings.modelDiagram().svg).toContain("feed-forward (SwiGLU)");
  });

  it("says what a mixture of experts is made of", () => {
    const { svg, alt } = drawings.modelDiagram(mixtral);
    for (const words of ["32 query, 8 key heads, 128 wide", "2 of 8 experts", "block × 32"])
      expect(svg).toContain(words);
    expect(svg).not.toContain("= embeddings");
    expect(alt).not.toContain("position embeddings");
  });
});

describe("a drawing", () => {
  it("is a picture with its description, also in a terminal", () => {
    const drawn = diagram(two({ title: "From a to b", caption: "What to see." }));
    const bundle = figureBundle(drawn);
    expect(Object.keys(bundle)).toEqual(["image/svg+xml", "text/plain"]);
    expect(bundle["image/svg+xml"]).toContain(`aria-label="${alt}"`);
    expect(bundle["text/plain"]).toBe(`[drawing] From a to b · What to see.\n  ${alt}`);
    expect(parseMarkup(drawn.svg)).toContain("What to see.");
  });

  it("escapes what is written into it", () => {
    const { svg } = diagram(two({ caption: '<script>"&' }));
    expect(parseMarkup(svg)).toContain('<script>"&');
  });

  const at = (id: string, place: [number, number]) => ({ id, at: place, text: id });
  const [a, b] = [at("a", [0, 0]), at("b", [2, 0])];
  const refused: [string, Partial<DiagramOptions>, RegExp][] = [
    ["without a description", { alt: "" }, /expected alt.*got ""/],
    ["with a description of nothing", { alt: "a diagram" }, /expected alt.*got "a diagram"/],
    ["without nodes", { nodes: [], edges: [] }, /at least one node, got none/],
    ["with an id twice", { nodes: [a, b, a] }, /got two "a"/],
    ["with an arrow to nothing", { edges: [{ from: "a", to: "c" }] }, /\(a, b\), got "c"/],
    ["with boxes that overlap", { nodes: [a, b, at("c", [0.1, 0.1])] }, /"a" and "c" apart/],
    ["with an arrow through a box", { nodes: [a, b, at("c", [1, 0])] }, /keep clear of "c"/],
    [
      "with a label that is too long for its arrow",
      {
        edges: [{ from: "a", to: "b", label: "(B, T, C) ".repeat(4), labelSide: "above" }],
        nodes: [a, b, at("c", [1, -0.3])],
      },
      /the label .* apart/,
    ],
    [
      "with a stranger in a group",
      { groups: [{ nodes: ["a", "b"], title: "all" }], nodes: [a, b, at("c", [1, 0.25])] },
      /"c" outside the group "all"/,
    ],
    ["with a group of nothing", { groups: [{ nodes: ["z"], title: "g" }] }, /got "z"/],
    ["wider than a notebook", { nodes: [a, at("b", [8, 0])] }, /at most 760 pixels.*got \d+/],
    [
      "with a ragged matrix",
      { nodes: [a, { ...b, kind: "matrix", values: [[1, 2], [3]] }] },
      /rows of one length in the matrix "b"/,
    ],
    [
      "with a value that is wider than its cell",
      { nodes: [a, { ...b, kind: "matrix", values: [["123456789"]] }] },
      /fit a cell.*"123456789"/,
    ],
  ];
  it.each(refused)("%s is refused", (_, more, message) => {
    expect(() => diagram(two(more))).toThrow(message);
    expect(() => diagram(two(more))).toThrow(/^diagram: expected .*got /s);
  });

  it("runs arrows level where it can, and out of its sides", () => {
    const { svg } = diagram(two({ nodes: [a, { ...b, at: [2, 0.1], size: [0, 60] }] }));
    const [, from, to] = /d="M[\d.-]+ ([\d.-]+)L[\d.-]+ ([\d.-]+)"/.exec(svg) ?? [];
    expect(from).toBeDefined();
    expect(from).toBe(to);
  });

  it("reads indices and exponents, and leaves names alone", () => {
    const levels = (text: string) => runsOf(text).map(({ text: run, level }) => `${run}${level}`);
    expect(levels("h_{t−1}")).toEqual(["h0", "t−1-1"]);
    expect(levels("K^T V_t")).toEqual(["K0", "T1", " V0", "t-1"]);
    expect(levels("d_model c_attn")).toEqual(["d_model c_attn0"]);
  });
});
