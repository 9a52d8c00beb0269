// The calls of notebooks as test/calls/<lesson>.json keeps them: values come back as they were, what
// is too large is stood in for by its like, and the committed files fit the course.

import { existsSync, readFileSync } from "node:fs";
import { tf, useEngine } from "llm/engine";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type CallsFile,
  type Packed,
  packArguments,
  packNumbers,
  readCalls,
  resultsOf,
  standsIn,
  unpackArguments,
  unpackNumbers,
} from "../../../src/course/calls";
import { lessonFiles, lessonIds } from "../../../src/course/paths";
import { readFunctions } from "../../../src/course/source";

beforeAll(() => useEngine({ quiet: true }));

/** Through the text of a file, and back. */
const back = (args: unknown[], options = {}) => {
  const text = JSON.stringify(packArguments(args, options));
  return unpackArguments(JSON.parse(text) as Packed[], tf);
};
const long = Array.from({ length: 300 }, (_, i) => Math.sin(i));

describe("a call's arguments", () => {
  test("data of every kind comes back as it was", () => {
    const args = [
      [1, 0.1, -0, Number.NaN, Number.NEGATIVE_INFINITY, 1e300, 5n, null, undefined, true, "ä\n"],
      long,
      [long, long.map((x) => 3 * x)],
      [[1, 2], [3], []],
      [[]],
      { nHead: 2, mask: undefined, inner: { list: long, word: "x" } },
      new Map<unknown, unknown>([
        ["a", 1],
        [{ key: 1 }, new Set([long, 2])],
      ]),
      Float32Array.from(long),
      Int32Array.from([300, -1]),
      new Uint8Array(40).fill(7),
      Uint16Array.from(long, (_, i) => i),
    ];
    expect(back(args)).toEqual(args);
  });

  test("tensors keep shape, type and numbers, and variables are variables", () => {
    const x = tf.tensor(long, [5, 60]);
    const args = [
      x,
      tf.scalar(0.1),
      tf.tensor([1, 0, 1], [3], "bool"),
      tf.tensor([70_000, -3], [2, 1], "int32"),
      tf.zeros([0, 4]),
    ];
    const variable = tf.variable(x);
    const made: tf.Variable[] = [];
    const packed = packArguments([...args, variable]);
    const again = unpackArguments(packed, tf, made) as tf.Tensor[];
    args.forEach((t, i) => {
      expect(again[i].shape).toEqual(t.shape);
      expect(again[i].dtype).toBe(t.dtype);
      expect(again[i].dataSync()).toEqual(t.dataSync());
    });
    expect(made).toEqual([again[5]]);
    expect(made[0]).toBeInstanceOf(tf.Variable);
    made[0].assign(tf.zeros([5, 60]));
    for (const v of [...made, variable]) v.dispose();
  });

  test("what is one object stays one", () => {
    const row = [1, 2, 3];
    const [a, b, c] = back([row, [row, long], long]) as [unknown, unknown[], unknown];
    expect(b[0]).toBe(a);
    expect(b[1]).toBe(c);
    const x = tf.ones([2]);
    const [q, k] = back([x, { x }]) as [unknown, { x: unknown }];
    expect(k.x).toBe(q);
  });

  test("a large array is stood in for by numbers of its own, the same each time", () => {
    const ids = Array.from({ length: 5000 }, (_, i) => 2 * (i % 40));
    const options = { most: 1000, sample: 64 };
    const [list, table] = back([ids, tf.tensor(ids, [50, 100], "int32")], options) as [
      number[],
      tf.Tensor,
    ];
    expect(list).toHaveLength(5000);
    expect(new Set(list).size).toBeGreaterThan(20);
    expect(list.every((n) => ids.includes(n))).toBe(true);
    expect([table.shape, table.dtype]).toEqual([[50, 100], "int32"]);
    expect(back([ids], options)[0]).toEqual(list);
    const packed = packArguments([ids], options);
    expect(JSON.stringify(packed).length).toBeLessThan(400);
    expect([standsIn(packed), standsIn(packArguments([ids]))]).toEqual([true, false]);
  });

  test("of a long row only pieces may be kept", () => {
    const pieces = { length: 10, fill: 2, pieces: [[3, packNumbers([7, 8])]] } as Packed;
    expect(Array.from(unpackNumbers(pieces))).toEqual([2, 2, 2, 7, 8, 2, 2, 2, 2, 2]);
    const row = Int32Array.from({ length: 10 }, (_, i) => i);
    const instead = (of: unknown) => (of === row ? pieces : undefined);
    expect(back([row], { instead })[0]).toEqual(Int32Array.from(unpackNumbers(pieces)));
  });

  test("a function is stood in for by one that depends on what it is given", () => {
    const layer = (x: tf.Tensor) => ({ outputs: tf.mul(x, 2), steps: 3 });
    const gave = [
      packArguments([layer(tf.ones([2, 2]))])[0],
      packArguments([layer(tf.ones([3]))])[0],
    ];
    const [make] = unpackArguments(packArguments([layer], { resultsOf: () => gave }), tf);
    expect(resultsOf(make)).toEqual(gave);
    const fn = make as (x: tf.Tensor) => { outputs: tf.Tensor; steps: number };
    const [first, second, third] = [tf.ones([2, 2]), tf.ones([3]), tf.zeros([2, 2])].map((x) =>
      fn(x),
    );
    expect([first.outputs.shape, second.outputs.shape, first.steps]).toEqual([[2, 2], [3], 3]);
    expect(third.outputs.shape).toEqual([2, 2]); // in turn, from the beginning
    expect(third.outputs.dataSync()).not.toEqual(first.outputs.dataSync());
  });

  test("what is no data is refused", () => {
    class Tokenizer {}
    expect(() => packArguments([new Tokenizer()])).toThrow(/expected data .*, got Tokenizer/);
    expect(() => packArguments([() => 1])).toThrow(/expected data/);
  });
});

describe.each(lessonIds())("test/calls of %s", (id) => {
  const { calls: file, solutions } = lessonFiles(id);
  const calls = readCalls(id);

  test("is there, is small, and names cells and exercises that there are", () => {
    expect(existsSync(file), `run: npm run lesson -- calls ${id}`).toBe(true);
    const text = readFileSync(file, "utf8");
    expect(text.length).toBeLessThan(80_000);
    const { notebooks } = JSON.parse(text) as CallsFile;
    expect(Object.keys(notebooks)).toContain(id);
    const names = readFunctions(readFileSync(solutions, "utf8")).map(({ name }) => name);
    for (const notebook of Object.keys(notebooks)) {
      const { cells } = JSON.parse(readFileSync(lessonFiles(notebook).notebook, "utf8"));
      const ids = cells.map((cell: { id: string }) => cell.id);
      for (const { cell } of notebooks[notebook].calls)
        expect(ids, `run: npm run lesson -- calls ${notebook}`).toContain(cell);
    }
    for (const { exercise } of calls) expect(names).toContain(exercise);
  });

  test("every call can be made anew", () => {
    for (const { args } of calls) {
      const variables: tf.Variable[] = [];
      tf.tidy(() => void unpackArguments(args, tf, variables));
      for (const variable of variables) variable.dispose();
    }
  });
});
