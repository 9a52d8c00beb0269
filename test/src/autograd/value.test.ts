// Gradients of the scalar graph against finite differences and tfjs, and the order of the walk.
import fc from "fast-check";
import { type OperationName, operations, toGraph, topologicalOrder, Value } from "llm/autograd";
import { tf, useEngine } from "llm/engine";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine({ prefer: "js", quiet: true }));

const number = fc.double({ min: -4, max: 4, noNaN: true });
const positive = fc.double({ min: 0.2, max: 4, noNaN: true });
/** Away from what an operation does not have: the corner of relu, ln and ÷ at 0. */
const inputsOf: Record<OperationName, fc.Arbitrary<number[]>> = {
  add: fc.tuple(number, number),
  sub: fc.tuple(number, number),
  mul: fc.tuple(number, number),
  div: fc.tuple(number, positive),
  exp: fc.tuple(number),
  log: fc.tuple(positive),
  tanh: fc.tuple(number),
  sigmoid: fc.tuple(number),
  relu: fc.tuple(number.filter((x) => Math.abs(x) > 1e-3)),
  softplus: fc.tuple(number),
};
const names = Object.keys(operations) as OperationName[];
const run = (name: OperationName, [a, b]: Value[]) =>
  (a[name] as (other?: Value) => Value).call(a, b);
const close = (actual: number, expected: number, tolerance: number) =>
  expect(Math.abs(actual - expected)).toBeLessThan(tolerance * Math.max(1, Math.abs(expected)));

describe.each(names)("%s", (name) => {
  it("has the slopes that finite differences measure", () => {
    fc.assert(
      fc.property(inputsOf[name], (inputs) => {
        const values = inputs.map((x) => new Value(x));
        run(name, values).backward();
        const h = 1e-6;
        inputs.forEach((_, i) => {
          const at = (shift: number) =>
            run(
              name,
              inputs.map((x, k) => new Value(k === i ? x + shift : x)),
            ).data;
          close(values[i].gradient, (at(h) - at(-h)) / (2 * h), 1e-6);
        });
      }),
    );
  });

  it("equals tfjs, value and gradient", () => {
    const tfName = name as "add";
    fc.assert(
      fc.property(inputsOf[name], (inputs) => {
        const values = inputs.map((x) => new Value(x));
        const result = run(name, values);
        result.backward();
        const f = (...xs: tf.Tensor[]) => tf[tfName](xs[0], xs[1]).sum();
        const { value, grads } = tf.valueAndGrads(f)(inputs.map((x) => tf.scalar(x)));
        close(result.data, value.dataSync()[0], 1e-5);
        for (const [i, v] of values.entries()) close(v.gradient, grads[i].dataSync()[0], 1e-5);
        tf.dispose([value, ...grads]);
      }),
      { numRuns: 30 },
    );
  });
});

/** Random expressions in which values are used several times. */
const recipe = fc.array(
  fc.tuple(fc.constantFrom("add", "sub", "mul", "tanh", "sigmoid"), fc.nat(), fc.nat()),
  { minLength: 1, maxLength: 12 },
);
function build(leaves: Value[], steps: [string, number, number][]): Value {
  const all = [...leaves];
  for (const [op, i, j] of steps)
    all.push(run(op as OperationName, [all[i % all.length], all[j % all.length]]));
  return all[all.length - 1];
}

describe("backward", () => {
  it("equals finite differences through whole expressions", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 3 }),
        recipe,
        (inputs, steps) => {
          const leaves = inputs.map((x) => new Value(x));
          const root = build(leaves, steps as [string, number, number][]);
          fc.pre(Math.abs(root.data) < 1e3);
          root.backward();
          const h = 1e-6;
          inputs.forEach((_, i) => {
            const at = (shift: number) =>
              build(
                inputs.map((x, k) => new Value(k === i ? x + shift : x)),
                steps as [string, number, number][],
              ).data;
            const slope = (at(h) - at(-h)) / (2 * h);
            fc.pre(Math.abs(slope) < 1e3);
            close(leaves[i].gradient, slope, 1e-4);
          });
        },
      ),
    );
  });

  it("adds where a value is used twice", () => {
    const x = new Value(3);
    x.mul(x).add(x).backward();
    expect(x.gradient).toBe(7);
  });

  it("starts from zero at each call", () => {
    const x = new Value(3);
    const y = x.mul(x);
    y.backward();
    y.backward();
    expect(x.gradient).toBe(6);
  });

  it("walks a chain of 100,000 values", () => {
    const x = new Value(0);
    let y = x;
    for (let i = 0; i < 100_000; i++) y = y.add(1);
    y.backward();
    expect([y.data, x.gradient]).toEqual([100_000, 1]);
  });

  it("visits each value once where ways multiply", () => {
    let y = new Value(1);
    for (let i = 0; i < 60; i++) y = y.add(y).mul(0.5); // 2^60 ways from end to start
    expect(topologicalOrder(y)).toHaveLength(181);
  });
});

describe("the extremes", () => {
  it("sigmoid and softplus neither overflow nor lose their slope", () => {
    for (const [x, sigmoid, softplus] of [
      [800, 1, 800],
      [-800, 0, 0],
    ]) {
      const v = new Value(x);
      expect(v.sigmoid().data).toBe(sigmoid);
      const s = v.softplus();
      s.backward();
      expect([s.data, v.gradient]).toEqual([softplus, sigmoid]);
    }
  });
});

describe("topologicalOrder and toGraph", () => {
  it("put every value after its inputs, once, and the root last", () => {
    fc.assert(
      fc.property(recipe, (steps) => {
        const root = build([new Value(0.5), new Value(-0.3)], steps as [string, number, number][]);
        const order = topologicalOrder(root);
        expect(new Set(order).size).toBe(order.length);
        expect(order[order.length - 1]).toBe(root);
        const graph = toGraph(root);
        graph.forEach((node, i) => {
          expect(node.value).toBe(order[i].data);
          expect(node.inputs.every((k) => k < i)).toBe(true);
        });
      }),
    );
  });
});
