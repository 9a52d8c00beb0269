// Tensors of six axes and more, which TensorFlow does not broadcast and wasm's XNNPACK computes
// wrongly; and other faults that `npm run operations` found and that show in a single call. Each
// is compared with the same thing computed in another way, on every engine.
import { compile, currentEngine, type EngineName, tf, useEngine } from "llm/engine";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

await useEngine({ prefer: "native", quiet: true });
const here: EngineName[] =
  currentEngine().name === "native" ? ["native", "wasm", "js"] : ["wasm", "js"];
afterAll(() => useEngine({ prefer: "wasm", quiet: true }));

/** 1, 2, 3, … */
const counted = (...shape: number[]) => {
  const n = shape.reduce((a, b) => a * b, 1);
  return tf.reshape(tf.range(1, n + 1, 1, "float32"), shape);
};
const values = (x: tf.Tensor) => Array.from(x.dataSync());

describe.each(here)("on %s", (engine) => {
  beforeEach(async () => {
    await useEngine({ prefer: engine, quiet: true });
  });

  test.each(["add", "sub", "mul", "div", "maximum", "mod", "equal"] as const)(
    "%s, broadcast over six and seven axes",
    (name) => {
      tf.tidy(() => {
        // a varies along axes 0, 2, 4 and b along 1, 3, 5: every element of a meets every one of b
        const [a, b] = [counted(2, 1, 2, 1, 2, 1), counted(1, 2, 1, 2, 1, 2)];
        const table = tf[name](tf.reshape(a, [8, 1]), tf.reshape(b, [1, 8])) as tf.Tensor;
        const expected = tf.transpose(
          tf.reshape(table, [2, 2, 2, 2, 2, 2]),
          [0, 3, 1, 4, 2, 5], // (a0, a2, a4, b1, b3, b5) in the order of the axes
        );
        const got = tf[name](a, b) as tf.Tensor;
        expect([got.dtype, ...got.shape]).toEqual([table.dtype, 2, 2, 2, 2, 2, 2]);
        expect(values(got)).toEqual(values(expected));
        const seven = tf[name](tf.expandDims(a, 3), tf.expandDims(b, 3)) as tf.Tensor;
        expect(seven.shape).toEqual([2, 2, 2, 1, 2, 2, 2]);
        expect(values(seven)).toEqual(values(expected));
      });
    },
  );

  test("seven axes without broadcasting, padding of seven axes, and gradients", () => {
    tf.tidy(() => {
      const x = counted(2, 1, 2, 1, 2, 1, 2);
      expect(values(tf.mul(x, x))).toEqual(values(tf.square(tf.reshape(x, [16]))));
      const padded = tf.pad(x, [[1, 0], ...x.shape.slice(2).map(() => [0, 0]), [0, 1]] as never, 9);
      expect(padded.shape).toEqual([3, 1, 2, 1, 2, 1, 3]);
      const nines = tf.fill([4, 2], 9);
      const rows = tf.concat([tf.reshape(x, [8, 2]), tf.fill([8, 1], 9)], 1);
      const first = tf.concat([nines, tf.fill([4, 1], 9)], 1);
      expect(values(padded)).toEqual(values(tf.concat([first, rows])));
      const [dx, dy] = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.mul(a, b))([
        counted(2, 1, 2, 1, 2, 1),
        counted(1, 2, 1, 2, 1, 2),
      ]);
      expect([values(dx), values(dy)]).toEqual([new Array(8).fill(36), new Array(8).fill(36)]);
    });
  });

  test("matMul of (B, 1, T, D), one head, with one matrix", () => {
    tf.tidy(() => {
      const lead = [[], [1], [1, 1], [1, 1, 1]];
      for (const [B, T, D, C] of [
        [2, 9, 4, 3],
        [3, 5, 8, 8],
        [2, 64, 64, 64],
      ])
        for (const ones of lead)
          for (const transposed of [false, true]) {
            const x = tf.div(counted(B, T, D), B * T * D);
            const matrix = transposed ? tf.transpose(counted(D, C)) : counted(D, C);
            const expected = tf.matMul(tf.reshape(x, [B * T, D]), counted(D, C)) as tf.Tensor;
            const w = tf.reshape(matrix, [...ones, ...matrix.shape]);
            const y = tf.matMul(tf.expandDims(x, 1), w, false, transposed);
            expect(y.shape).toEqual([
              ...new Array(Math.max(ones.length - 2, 0)).fill(1),
              B,
              1,
              T,
              C,
            ]);
            const gap = tf.max(tf.abs(tf.sub(tf.div(tf.reshape(y, [B * T, C]), expected), 1)));
            expect(gap.dataSync()[0]).toBeLessThan(1e-5);
          }
    });
  });

  test("fused.matMul of integers", () => {
    tf.tidy(() => {
      const a = tf.tensor2d([1, 2, 3, 4], [2, 2], "int32");
      const bias = tf.tensor1d([1, -20], "int32");
      const y = tf.fused.matMul({ a, b: a, bias, activation: "relu" });
      expect([y.dtype, ...values(y)]).toEqual(["int32", 8, 0, 16, 2]);
    });
  });

  test("the mean of integers and of bools, in a compiled function, too", () => {
    const mean = compile((x: tf.Tensor) => tf.mean(x, 1), { notice: () => {} });
    tf.tidy(() => {
      for (const dtype of ["int32", "bool"] as const) {
        const x = tf.tensor2d([1, 0, 1, 1], [2, 2], dtype);
        const [plain, compiled] = [tf.mean(x, 1), mean(x)];
        expect([plain.dtype, ...values(plain)]).toEqual(["float32", 0.5, 1]);
        expect([compiled.dtype, ...values(compiled)]).toEqual(["float32", 0.5, 1]);
      }
    });
    mean.dispose();
  });

  test("divNoNan: 0 where the divisor is 0, and so are its gradients", () => {
    tf.tidy(() => {
      const [a, b] = [tf.tensor1d([3, 3, 0]), tf.tensor1d([0, 2, 0])];
      const method = a as tf.Tensor & { divNoNan(b: tf.Tensor): tf.Tensor };
      expect(values(method.divNoNan(b))).toEqual([0, 1.5, 0]);
      const [da, db] = tf.grads((a: tf.Tensor, b: tf.Tensor) => tf.divNoNan(a, b))([a, b]);
      expect([values(da), values(db)]).toEqual([
        [0, 0.5, 0],
        [0, -0.75, 0],
      ]);
      const whole = tf.divNoNan(tf.tensor1d([7, 7], "int32"), tf.tensor1d([2, 0], "int32"));
      expect([whole.dtype, ...values(whole)]).toEqual(["int32", 3, 0]);
      expect(values(tf.divNoNan([1, 4], 2))).toEqual([0.5, 2]);
    });
  });
});
