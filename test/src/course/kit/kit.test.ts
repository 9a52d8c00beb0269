// The kit's assertions: that they let right answers pass, and what they say of wrong ones.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tf, useEngine } from "llm/engine";
import { beforeAll, describe, expect, test } from "vitest";
import {
  expectClose,
  expectFinite,
  expectGradient,
  expectRowsSumTo,
  expectShape,
  expectThrows,
  setTensors,
} from "../../../../src/course/kit/assert";
import { diagnose } from "../../../../src/course/kit/diagnose";
import { type Draw, Draw as DrawOf } from "../../../../src/course/kit/draw";
import { forgetRefusals, onJs, refusals, startEngine } from "../../../../src/course/kit/engines";
import { type AnyFunction, guarded, type Watch } from "../../../../src/course/kit/guard";
import { fc, forAll } from "../../../../src/course/kit/property";
import { noteLine, readNotes } from "../../../../src/course/kit/protocol";
import { type Sweep, Sweeper } from "../../../../src/course/kit/sweep";
import { plainMessage } from "../../../../src/course/kit/told";
import { readFunctions } from "../../../../src/course/source";

beforeAll(async () => {
  await useEngine({ quiet: true });
  setTensors(tf);
});

describe("numbers", () => {
  test("shapes of tensors, arrays and numbers", () => {
    expectShape(tf.zeros([2, 3]), [2, 3]);
    expectShape([[1], [2]], [-1, 1]);
    expectShape(5, []);
    expect(() => expectShape(tf.zeros([2]), [2, 2])).toThrow(
      "the result has shape (2,), expected (2, 2).",
    );
    expect(() => expectShape([[1], [2, 3]], [2, 2])).toThrow(
      /rows of different lengths \(1 and 2\)/,
    );
    expect(() => expectShape("x" as never, [1])).toThrow(
      /should be numbers .* but is the text "x"/,
    );
  });
  test("the first difference, with both arrays side by side", () => {
    expectClose([1, 2 + 1e-7], tf.tensor1d([1, 2]));
    expectClose([1, -Infinity], [1, -Infinity]);
    expect(() => expectClose([1, -1e9], [1, -Infinity])).toThrow(/expected -Infinity/);
    const wrong = () =>
      expectClose(
        [
          [1, 2],
          [3, 4.5],
        ],
        [
          [1, 2],
          [3, 4],
        ],
        { message: ({ index }) => `row ${index[0]}?` },
      );
    expect(wrong).toThrow(
      "row 1?\nthe result is 4.5 at [1, 1], expected 4.\n  got         expected\n    1    2    1  2\n    3  4.5    3  4",
    );
    const mistakes = [
      [[1, 3], "3 is too much."],
      [[2, 2], "The first is doubled."],
    ] as const;
    expect(() => expectClose([2, 2], [1, 2], { mistakes, message: "rule" })).toThrow(
      /^The first is doubled\.\nthe result is 2 at \[0\]/,
    );
    expect(() => expectClose([9, 2], [1, 2], { mistakes, message: "rule" })).toThrow(/^rule\n/);
    // Mistakes that cannot be told apart are an error of the test, whatever the answer.
    const same = [...mistakes, [[1, 3], "Another one."]] as const;
    expect(() => expectClose([1, 2], [1, 2], { mistakes: same })).toThrow(/give the same numbers/);
    const right = [[[1, 2], "This is right."]] as const;
    expect(() => expectClose([1, 2], [1, 2], { mistakes: right })).toThrow(
      /gives the right numbers/,
    );
    expect(() => expectClose([1], [1, 2])).toThrow(/shape \(1,\), expected \(2,\)/);
    expect(() => expectClose([Number.NaN], [1])).toThrow(/is NaN at \[0\], expected 1/);
  });
  test("finite, rows, errors", () => {
    expect(() => expectFinite([[1, Number.NaN]])).toThrow(
      /holds NaN at \[0, 1\]\. The usual causes/,
    );
    expectRowsSumTo([
      [0.5, 0.5],
      [1, 0],
    ]);
    expect(() =>
      expectRowsSumTo([
        [0.5, 0.5],
        [1, 0.5],
      ]),
    ).toThrow(/Row \[1\] of the result adds up to 1.5, expected 1: 1, 0.5/);
    const unknown = () => {
      throw new Error("unknown letter ß");
    };
    expectThrows(unknown, /ß/, "say which letter");
    expect(() => expectThrows(unknown, /é/, "say which letter")).toThrow(
      /say which letter\nIt threw .*ß/,
    );
    expect(() => expectThrows(() => 1, /é/, "say which letter")).toThrow("say which letter");
  });
});

describe("tensors", () => {
  test("gradients: by differences, against a reference, cut off, or wrong", () => {
    const x = tf.tensor1d([0.5, -1, 2]);
    const w = tf.tensor1d([2, 3, 4]);
    expectGradient((a) => a.mul(a), x);
    expectGradient((a, b) => a.mul(b), [x, w], { against: (a, b) => b.mul(a) });
    const cut = (a: tf.Tensor) => tf.tensor1d(Array.from(a.dataSync(), (v) => v * v));
    expect(() => expectGradient(cut, x)).toThrow(/No gradient flows/);
    const wrong = tf.customGrad((a) => {
      const t = a as tf.Tensor;
      return { value: t.mul(t), gradFunc: (dy: tf.Tensor) => dy.mul(t) };
    });
    expect(() => expectGradient((a) => wrong(a), x, { message: "is the 2 missing?" })).toThrow(
      /is the 2 missing\?\nthe gradient is/,
    );
  });
});

test("properties: the smallest counterexample, in words", async () => {
  const lists = {
    list: fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }),
    n: fc.integer({ min: 1, max: 9 }),
  };
  await forAll(lists, ({ n }) => n > 0);
  const broken = forAll(lists, ({ list }) => expectShape(list.slice(0, 2), [list.length]));
  await expect(broken).rejects.toThrow(
    "With list = [0, 0, 0], n = 1: the result has shape (2,), expected (3,).",
  );
  await expect(forAll(lists, ({ n }) => n < 5, { message: "n is small." })).rejects.toThrow(
    "n = 5: n is small.",
  );
});

describe("what the engine of the check refuses", () => {
  test("is known by name afterwards; what is repaired is not refused", async () => {
    await startEngine();
    forgetRefusals();
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const ids = tf.tensor1d([1, 0], "int32");
    tf.tidy(() => {
      expect(Array.from(tf.einsum("ij->j", x).dataSync())).toEqual([4, 6]);
      tf.oneHot(ids, 2, 1, 0, "float32");
      tf.gather(x, tf.expandDims(ids, 1), 1, 1);
    });
    expect(refusals()).toEqual([]);
    if (tf.getBackend() !== "wasm") return;
    expect(() => tf.tidy(() => tf.complex(x, x))).toThrow(
      "tf.complex: there are no complex numbers",
    );
    expect(refusals().map(({ operation }) => operation)).toEqual(["tf.complex"]);
    forgetRefusals();
    expect(refusals()).toEqual([]);
    expect(await onJs(async () => tf.tidy(() => tf.complex(x, x).dtype))).toBe("complex64");
    tf.dispose([x, ids]);
  });
});

describe("what the kit asks of every exercise", () => {
  const right = (x: tf.Tensor, { by }: { by: number }) => tf.tidy(() => tf.mul(x, by));
  const [source] = readFunctions(
    "export function scale(x: tf.Tensor, { by }: { by: number }): tf.Tensor { return x; }",
  );
  const sweep = {
    cases: {
      "a vector": (d: Draw) => [d.normal([5]), { by: d.number(1, 2) }],
      "a matrix": (d: Draw) => [d.normal(d.sizes(2)), { by: d.number(1, 2) }],
      "a variable": (d: Draw) => [d.variable(d.normal([2, 3])), { by: d.number(1, 2) }],
      "by = 0": (d: Draw) => [d.normal([3]), { by: 0 }],
    },
  } as unknown as Sweep;
  /** What is told to an answer, or "" if it passes. */
  async function told(
    answer: AnyFunction,
    reference: AnyFunction = right,
    of = source,
    what = sweep,
  ) {
    const watch: Watch = { calls: 0, left: 0 };
    const swept = { answer: guarded(answer, of, watch), reference, source: of, sweep: what, watch };
    tf.engine().startScope();
    const sweeper = new Sweeper(swept);
    try {
      await sweeper.run();
      return "";
    } catch (error) {
      return (error as Error).message;
    } finally {
      sweeper.dispose();
      tf.engine().endScope();
    }
  }
  test("the fields of a result may stand in any order, also where its gradient is asked", async () => {
    const [of] = readFunctions(
      "export function two(x: tf.Tensor): { a: tf.Tensor; b: tf.Tensor } { return { a: x, b: x }; }",
    );
    const cases = { "a vector": (d: Draw) => [d.normal([5])] };
    const reference = (x: tf.Tensor) => ({ a: tf.mul(x, 2), b: tf.square(x) });
    const turned = (x: tf.Tensor) => ({ b: tf.square(x), a: tf.mul(x, 2) });
    expect(await told(turned, reference, of, { cases } as unknown as Sweep)).toBe("");
    const cut = (x: tf.Tensor) =>
      tf.tidy(() => ({ b: tf.tensor(tf.square(x).dataSync()), a: tf.mul(x, 2) }));
    expect(await told(cut, reference, of, { cases } as unknown as Sweep)).toMatch(/gradient/);
  });
  test("what a changed line does to its arguments does not reach the next change", async () => {
    const [of] = readFunctions("export function sum(xs: number[]): number { return 0; }");
    const sum = (xs: number[]) => xs.reduce((x, y) => x + y, 0);
    const answer = guarded(() => -1, of, { calls: 0, left: 0 });
    const cases = { numbers: (d: Draw) => [[1 + d.id(9), d.id(9), d.id(9)]] };
    const swept = {
      ...{ answer, reference: sum as AnyFunction, source: of, watch: { calls: 0, left: 0 } },
      sweep: { cases } as unknown as Sweep,
    };
    const sweeper = new Sweeper(swept);
    const spoiling = (xs: number[]) => xs.push(1e6);
    const repairs = async () => [
      { text: () => "the first line", answer: spoiling as AnyFunction },
      { text: () => "the second line", answer: sum as AnyFunction },
    ];
    const text = await diagnose(swept, sweeper, [], async () => [], repairs);
    expect(text).toContain("One change would make every number right, in the second line.");
    sweeper.dispose();
  });

  test("what is wrong with every list but an empty one is said of the list", async () => {
    const [of] = readFunctions("export function total(xs: { n: number }[]): number { return 0; }");
    const total = (xs: { n: number }[]) => xs.reduce((sum, { n }) => sum + n, 0);
    const answer = (xs: { n: number }[]) => (xs.length ? total(xs) + 0.5 + xs[0].n ** 3 : 0);
    const what = {
      cases: {
        "a list": (d: Draw) => [Array.from({ length: 3 }, () => ({ n: 1 + d.id(9) }))],
        "one entry": (d: Draw) => [[{ n: 1 + d.id(9) }]],
        "no entry": () => [[]],
      },
    } as unknown as Sweep;
    const watch: Watch = { calls: 0, left: 0 };
    const swept = { answer: answer as AnyFunction, reference: total as AnyFunction, watch };
    const sweeper = new Sweeper({ ...swept, source: of, sweep: what });
    const text = await diagnose({ ...swept, source: of, sweep: what }, sweeper, [], async () => []);
    expect(text).toContain("It is right only where `xs` is empty.");
    sweeper.dispose();
  });

  type Args = Parameters<typeof right>;
  const cases: [name: string, told: RegExp, answer: (...args: Args) => unknown][] = [
    ["right", /^$/, right],
    ["right, in other words", /^$/, (x, o) => tf.tidy(() => x.mul(tf.scalar(o.by)))],
    ["wrong numbers", /^With a vector: the result is .* at \[0\]/, (x) => tf.clone(x)],
    ["falsy options", /^With by = 0:.*\n[\s\S]*The call: x .*by 0/, (x, o) => tf.mul(x, o.by || 1)],
    ["hands its argument back", /returned `x` itself/, (x, o) => (o.by ? right(x, o) : x)],
    [
      "frees its argument",
      /disposed `x`/,
      (x, o) => {
        const y = right(x, o);
        x.dispose();
        return y;
      },
    ],
    [
      "writes into its argument",
      /changed the numbers of `x`/,
      (x, o) => {
        const y = right(x, o);
        if (x instanceof tf.Variable) x.assign(y);
        return y;
      },
    ],
    [
      "writes into its options",
      /changed the options, which it was given/,
      (x, o) => {
        const y = right(x, o);
        o.by = 3;
        return y;
      },
    ],
    ["leaves tensors behind", /1 tensor is left in memory/, (x, o) => x.mul(o.by).add(0)],
    [
      "numbers leave the tensors",
      /the numbers are right, but no gradient flows back/i,
      (x, o) => tf.tidy(() => tf.tensor(x.mul(o.by).dataSync().slice(), x.shape)),
    ],
    [
      "half of the gradient",
      /the gradient for `x` is .*\. Is a part of the way a number/,
      (x, o) =>
        tf.tidy(() => x.mul(o.by / 2).add(tf.tensor(x.dataSync().slice(), x.shape).mul(o.by / 2))),
    ],
  ];
  test.each(cases)("%s", async (_, pattern, answer) => {
    expect(await told(answer as AnyFunction)).toMatch(pattern);
  });

  test("gradients of the named arguments only: a mask is not trained through", async () => {
    const [masked] = readFunctions(
      "export function masked(x: tf.Tensor, mask: tf.Tensor): tf.Tensor { return x; }",
    );
    const reference = (x: tf.Tensor, mask: tf.Tensor) => tf.tidy(() => tf.mul(x, mask));
    // The same numbers for a mask of 0 and 1, but twice the gradient for the mask.
    const squared = (x: tf.Tensor, mask: tf.Tensor) => tf.tidy(() => tf.mul(x, tf.square(mask)));
    const cases = {
      "a mask": (d: Draw) => [d.normal([3]), tf.tensor1d([1, 0, 1])],
    };
    const ask = (gradients?: string[]) =>
      told(squared, reference, masked, { cases, gradients } as unknown as Sweep);
    expect(await ask()).toMatch(/the gradient for `mask`/);
    expect(await ask(["x"])).toBe("");
    const halved = (x: tf.Tensor, mask: tf.Tensor) =>
      tf.tidy(() => tf.mul(tf.tensor(x.dataSync().slice()), mask));
    expect(
      await told(halved, reference, masked, { cases, gradients: ["x"] } as unknown as Sweep),
    ).toMatch(/no gradient flows/);
  });

  test("what is remembered between calls", async () => {
    const plan = {
      cases: { "a matrix": (d: Draw) => [d.normal(d.sizes(3, 13)), { by: d.number(1, 2) }] },
    } as unknown as Sweep;
    const kept = new Map<string, tf.Tensor>();
    const byShape = (x: tf.Tensor, o: { by: number }, hand: (y: tf.Tensor) => tf.Tensor) => {
      const known = kept.get(`${x.shape}`);
      if (known) return hand(known);
      kept.set(`${x.shape}`, tf.keep(right(x, o)));
      return hand(kept.get(`${x.shape}`)!);
    };
    const ask = (answer: AnyFunction) => {
      kept.clear();
      return told(answer, right, source, plan);
    };
    expect(await ask((x, o) => byShape(x, o, (y) => tf.clone(y)))).toMatch(
      /remembers something from an earlier call: this is the second call, with other numbers/,
    );
    const constant = () => tf.keep(tf.ones([2, 3]));
    const ones = { cases: { "a matrix": (d: Draw) => [d.normal([2, 3]), { by: 1 }] } };
    const one = constant();
    const shared = await told(() => one, constant, source, { ...ones, gradients: false } as never);
    expect(shared).toMatch(/second call returned the same tensor as the first/);
  });

  test("a call that is wrong whenever it is made has remembered nothing", async () => {
    const [f] = readFunctions("export function f(x: number[]): number { return x[0]; }");
    const reference = (x: number[]) => x.length;
    // wrong for the contents that the check of the memory draws, and for no others
    const other = new DrawOf(1001, 1200).number(0, 1);
    const wrong = (x: number[]) => x.length + Number(x[0] === other);
    const plan = { cases: { "one number": (d: Draw) => [[d.number(0, 1)]] } } as unknown as Sweep;
    const said = await told(wrong, reference, f, plan);
    expect(said).toMatch(/With one number: the result is 2, expected 1/);
    expect(said).not.toMatch(/remembers/);
  });

  test("what is wrong for one input alone is not remembered", async () => {
    const sum = (list: number[]) => list.reduce((total, x) => total + x, 0);
    const [total] = readFunctions("export function total(list: number[]): number { return 0; }");
    const drawn: number[] = [];
    const draw = (d: Draw) => {
      const list = d.list(4);
      drawn.push(sum(list));
      return [list];
    };
    const plan = { cases: { "a list": draw }, gradients: false } as unknown as Sweep;
    expect(await told(sum, sum, total, plan)).toBe("");
    for (const hard of new Set(drawn)) {
      const answer = (list: number[]) => sum(list) + (sum(list) === hard ? 1 : 0);
      expect(await told(answer as AnyFunction, sum as AnyFunction, total, plan)).not.toMatch(
        /remembers/,
      );
    }
  });

  test("the keys of a dictionary are data, which no call leaves out", async () => {
    const code = "best(values: Record<string, number>, { of }: { of: string[] }): string";
    const [dictionary] = readFunctions(`export function ${code} { return ""; }`);
    const draw = (keys: string[]) => (d: Draw) => {
      const values = Object.fromEntries(keys.map((key) => [key, d.number(0, 1)]));
      return [values, { of: keys }];
    };
    const cases = { "two keys": draw(["a", "b"]), "another key": draw(["c"]) };
    const sorted: AnyFunction = (values, { of }) =>
      [...of].sort((a: string, b: string) => values[b] - values[a])[0];
    const walked: AnyFunction = (values, { of }) =>
      of.reduce((best: string, key: string) => (values[best] >= values[key] ? best : key));
    expect(await told(walked, sorted, dictionary, { cases } as unknown as Sweep)).toBe("");
  });

  test("results share nothing: rows of one array, one buffer for all calls", async () => {
    const [rows] = readFunctions("export function rows(n: number): number[][] { return []; }");
    const reference = (n: number) => Array.from({ length: n }, () => [1, 2, 3]);
    const plan = { cases: { "some rows": (d: Draw) => [d.integer(2, 5)] } } as unknown as Sweep;
    expect(await told(reference, reference, rows, plan)).toBe("");
    const row = [1, 2, 3];
    expect(await told((n) => new Array(n).fill([1, 2, 3]), reference, rows, plan)).toMatch(
      /\[0\] and \[1\] of what rows returned share their memory/,
    );
    const all: number[][] = [];
    const buffered = (n: number) => {
      all.length = 0;
      for (let i = 0; i < n; i++) all.push([...row]);
      return all;
    };
    expect(await told(buffered, reference, rows, plan)).toMatch(
      /returned the same object as the first/,
    );
  });

  test("arrays that came in: sorted, shortened, written into", async () => {
    const [largest] = readFunctions("export function largest(xs: number[]): number { return 0; }");
    const reference = (xs: number[]) => Math.max(...xs);
    const plan = { cases: { numbers: (d: Draw) => [d.list(6)] } } as unknown as Sweep;
    const ask = (answer: AnyFunction) => told(answer, reference, largest, plan);
    expect(await ask((xs: number[]) => [...xs].sort((a, b) => b - a)[0])).toBe("");
    expect(await ask((xs: number[]) => xs.sort((a, b) => b - a)[0])).toMatch(
      /changed `xs`.*sort\(\) and reverse\(\) work in place/,
    );
    expect(await ask((xs: number[]) => Math.max(xs.pop()!, ...xs))).toMatch(/push, pop, shift/);
    const seen = new WeakMap<number[], number>();
    const lazy = (xs: number[]) => {
      if (!seen.has(xs)) seen.set(xs, reference(xs));
      return seen.get(xs);
    };
    expect(await ask(lazy)).toMatch(/the same arrays or records came again, with other contents/);
  });

  test("draws: the same for the same seeds; contents apart from the form", () => {
    const [a, b, c] = [new DrawOf(3, 3), new DrawOf(3, 3), new DrawOf(3, 4)];
    const form = (d: Draw) => [d.sizes(4), d.integer(0, 99), d.pick([1, 2, 3])];
    expect(form(a)).toEqual(form(b));
    expect(form(new DrawOf(3, 9))).toEqual(form(new DrawOf(3, 3)));
    expect(a.list(3)).toEqual(b.list(3));
    expect(a.list(3)).not.toEqual(c.list(3));
    for (let seed = 0; seed < 50; seed++) {
      const sizes = new DrawOf(seed, 0).sizes(4);
      expect(new Set(sizes).size).toBe(4);
      for (const size of sizes) expect(Number.isInteger(Math.log2(size))).toBe(false);
    }
  });
});

test("notes: unfinished and foreign lines are left out", () => {
  const note = { type: "start", exercise: "f" } as const;
  expect(readNotes(`${noteLine(note)}null\n5\nx}\n{"type":"pa`)).toEqual([note]);
});

test("vite's names of imports are left out of messages", () => {
  expect(plainMessage("(0 , __vi_import_0__.tf.matmul) is not a function")).toBe(
    "tf.matmul is not a function",
  );
  expect(plainMessage("__vi_import_12__.tf.x is not a function")).toBe("tf.x is not a function");
});

test("no function is asked for in two lessons: later ones take it from `learner`", () => {
  const folder = join(process.cwd(), "solutions");
  const files = readdirSync(folder).filter((name) => /^\d\d-.*\.ts$/.test(name));
  expect(files.length).toBeGreaterThanOrEqual(4);
  const names = files.flatMap((file) =>
    readFunctions(readFileSync(join(folder, file), "utf8")).map((f) => f.name),
  );
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
