// The kit's assertions: that they let right answers pass, and what they say of wrong ones.

import { tf, useEngine } from "llm/engine";
import { beforeAll, describe, expect, test } from "vitest";
import {
  expectClose,
  expectFinite,
  expectGradient,
  expectNoLeak,
  expectRowsSumTo,
  expectShape,
  expectThrows,
  setTensors,
} from "../../../kit/assert";
import { fc, forAll } from "../../../kit/property";

beforeAll(async () => {
  await useEngine({ quiet: true });
  setTensors(tf);
});

describe("numbers", () => {
  test("shapes of tensors, arrays and numbers", () => {
    expectShape(tf.zeros([2, 3]), [2, 3]);
    expectShape([[1], [2]], [-1, 1]);
    expectShape(5, []);
    expect(() => expectShape(tf.zeros([2]), [2, 2])).toThrow("the result has shape (2,), expected (2, 2).");
    expect(() => expectShape([[1], [2, 3]], [2, 2])).toThrow(/rows of different lengths \(1 and 2\)/);
    expect(() => expectShape("x" as never, [1])).toThrow(/should be numbers .* but is the text "x"/);
  });
  test("the first difference, with both arrays side by side", () => {
    expectClose([1, 2 + 1e-7], tf.tensor1d([1, 2]));
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
    expect(() => expectClose([1], [1, 2])).toThrow(/shape \(1,\), expected \(2,\)/);
    expect(() => expectClose([Number.NaN], [1])).toThrow(/is NaN at \[0\], expected 1/);
  });
  test("finite, rows, errors", () => {
    expect(() => expectFinite([[1, Number.NaN]])).toThrow(/holds NaN at \[0, 1\]\. The usual causes/);
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
    expect(() => expectThrows(unknown, /é/, "say which letter")).toThrow(/say which letter\nIt threw .*ß/);
    expect(() => expectThrows(() => 1, /é/, "say which letter")).toThrow("say which letter");
  });
});

describe("tensors", () => {
  test("leaks: what is returned, or was there before, does not count", async () => {
    const x = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    expectNoLeak(() => tf.tidy(() => x.mul(x)));
    expectNoLeak(() => ({ a: [x, x.clone()] }));
    expect(() => expectNoLeak(() => x.mul(x).sum())).toThrow(/1 tensor is left in memory.*tf\.tidy/);
    await expectNoLeak(async () => x.mul(x));
    expect(tf.memory().numTensors - before).toBe(1); // the leak above, and x is alive
    expect(x.isDisposed).toBe(false);
  });
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
