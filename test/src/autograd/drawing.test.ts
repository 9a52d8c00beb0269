// The drawing of a graph says what the graph holds, and every small expression can be drawn.
import fc from "fast-check";
import { graphDrawing, neuron, Value } from "llm/autograd";
import { describe, expect, it } from "vitest";

function example(): Value {
  const [a, b, c] = [new Value(2), new Value(-3), new Value(10)].map((v, i) => v.named("abc"[i]));
  const f = new Value(-2).named("f");
  return a.mul(b).named("e").add(c).named("d").mul(f).named("L");
}

describe("graphDrawing", () => {
  it("writes values and gradients", () => {
    const L = example();
    L.backward();
    const { svg, alt } = graphDrawing(L);
    for (const text of ["L = −8.00", "e = −6.00", "gradient 6.00", "gradient −4.00"])
      expect(svg).toContain(text);
    expect(alt).toContain("d comes from e and c by add, value 4.00, gradient −2.00");
  });

  it("leaves gradients out on request", () => {
    expect(graphDrawing(example(), { gradients: false }).svg).not.toContain("gradient");
  });

  it("draws a neuron, a value used twice, and one in two places", () => {
    const [x, y] = [new Value(0.5).named("x"), new Value(-1).named("y")];
    const w = [new Value(2).named("u"), new Value(1).named("v")];
    for (const root of [
      neuron([x, y], w, new Value(0.1).named("b")),
      x.mul(x),
      x.mul(y).add(x.add(y)),
      x.mul(2).tanh().mul(x),
    ])
      expect(graphDrawing(root).width).toBeLessThanOrEqual(760);
  });

  it("draws whatever formula a reader may write, and large numbers", () => {
    const [x, y] = [new Value(0.8), new Value(-1.5)];
    const step = fc.record({
      op: fc.constantFrom("add", "sub", "mul", "div", "tanh", "exp", "relu"),
      i: fc.nat(),
      j: fc.nat(),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 9 }), (steps) => {
        const all = [x, y];
        for (const { op, i, j } of steps) {
          const [a, b] = [all[i % all.length], all[j % all.length]];
          all.push((a[op as "add"] as (other: Value) => Value).call(a, b));
        }
        const root = all[all.length - 1];
        root.backward();
        expect(graphDrawing(root).width).toBeLessThanOrEqual(760);
      }),
      { seed: 2, numRuns: 60 },
    );
    expect(graphDrawing(new Value(-30).exp().exp().exp().div(0)).svg).toContain("∞");
  });

  it("puts the first input above the second", () => {
    const { svg } = graphDrawing(example());
    const at = (text: string) => svg.slice(0, svg.indexOf(text)).lastIndexOf("y=");
    const y = (text: string) => Number(/y="([\d.]+)"/.exec(svg.slice(at(text)))?.[1]);
    expect(y("a = 2.00")).toBeLessThan(y("b = −3.00"));
    expect(y("c = 10.00")).toBeLessThan(y("f = −2.00"));
  });

  it("refuses graphs that no page holds", () => {
    let x = new Value(1);
    for (let i = 0; i < 30; i++) x = x.add(1);
    expect(() => graphDrawing(x)).toThrow(/expected at most 24 values, got 61/);
  });
});
