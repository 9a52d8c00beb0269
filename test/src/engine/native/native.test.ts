// The native engine: its operations agree with the js engine's, a compiled function does what the
// function does, and what a trace cannot capture is an error that names the line. That losses agree
// is in engines.test.ts. Needs `npm run native`; skipped elsewhere.
import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CompileError, canCompile, compile, currentEngine, tf, useEngine } from "llm/engine";
import { gptLoss } from "llm/gpt";
import {
  causalSelfAttention,
  clear,
  DropoutKey,
  dropout,
  embedding,
  gelu,
  layerNorm,
  linear,
  type RopeOptions,
  rmsNorm,
  rope,
  silu,
  softmaxCrossEntropy,
  swiglu,
} from "llm/ops";
import { presets, pretrain, resumePretraining } from "llm/pretrain";
import { Random, randomNormal } from "llm/random";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

await useEngine({ prefer: "native", quiet: true });
const native = currentEngine().name === "native" && canCompile();
if (!native)
  console.log(
    `native.test.ts is skipped: ${currentEngine().reasons.join("; ") || "the addon is an older one"}`,
  );

const values = (t: tf.Tensor) => Array.from(t.dataSync());
/** Does the first thing, answers the second. */
const after = <T>(_done: unknown, result: T): T => result;
const vector = (...x: number[]) => tf.tensor1d(x);

describe.skipIf(!native)("native engine", () => {
  let before = 0;
  beforeEach(() => {
    before = tf.memory().numTensors;
    tf.engine().startScope();
  });
  afterEach(() => {
    tf.engine().endScope();
    expect(tf.memory().numTensors, "tensors left behind").toBe(before);
  });

  test.skipIf(currentEngine().name !== "native")(
    "tf32 changes neither shapes nor values on a CPU",
    async () => {
      const [a, b] = [1, 2].map(
        (seed) => randomNormal([33, 33], { rng: new Random(seed) }) as tf.Tensor2D,
      );
      const product = () => values(tf.matMul(a, b));
      const exact = product();
      try {
        await useEngine({ prefer: "native", quiet: true, tf32: true });
        expect(tf.matMul(a, b).shape).toEqual([33, 33]);
        product().forEach((x, i) => {
          expect(x).toBeCloseTo(exact[i], 5);
        });
      } finally {
        await useEngine({ prefer: "native", quiet: true, tf32: false });
      }
      expect(product()).toEqual(exact);
    },
  );

  test("loads without a word of TensorFlow's on stderr, which works again afterwards", () => {
    const root = fileURLToPath(new URL("../../../..", import.meta.url));
    spawnSync(process.execPath, [join(root, "tools/build.mjs")]); // a child process reads no TypeScript
    const quiet = join(root, "dist/engine/native/quiet.js");
    const folder = mkdtempSync(join(tmpdir(), "llm-stderr-"));
    const log = join(folder, "log");
    const script = `const { withoutStderr } = require(${JSON.stringify(quiet)});
      console.error("before");
      withoutStderr(() => require("node:fs").writeSync(2, "noise"));
      try { withoutStderr(() => { throw new Error("mine") }) } catch { console.error("thrown") }
      console.error("after");`;
    const file = openSync(log, "w"); // spawnSync's own pipes are sockets, where the lines stay
    const child = spawnSync(process.execPath, ["-e", script], {
      stdio: ["ignore", "ignore", file],
    });
    closeSync(file);
    expect(child.status).toBe(0);
    expect(readFileSync(log, "utf8")).toBe("before\nthrown\nafter\n");
    rmSync(folder, { recursive: true });
  });

  test("signals during a compiled product wait for its end instead of destroying the heap", async () => {
    const root = fileURLToPath(new URL("../../../..", import.meta.url));
    spawnSync(process.execPath, [join(root, "tools/build.mjs")]);
    const script = `const { tf, useEngine, compile } = require(${JSON.stringify(join(root, "dist/engine"))});
      useEngine({ prefer: "native", quiet: true }).then(() => {
        const x = tf.ones([4096, 96]); // the long shared dimension is what matters, see tools/native/addon.mjs
        const product = compile((x) => tf.matMul(x, x, true));
        let signals = 0;
        process.on("SIGUSR2", () => signals++);
        console.log("ready");
        const some = () => {
          for (let i = 0; i < 10; i++) product(x).dispose();
          if (signals > 2000) process.exit(7);
          setImmediate(some);
        };
        some();
      });`;
    const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
    let timer: NodeJS.Timeout | undefined;
    child.stdout.on("data", () => {
      timer = setInterval(() => {
        for (let i = 0; i < 5; i++) child.kill("SIGUSR2");
      }, 1);
    });
    const [code, signal] = await new Promise<unknown[]>((done) =>
      child.on("exit", (...how) => done(how)),
    );
    clearInterval(timer);
    expect([code, signal], "an older addon does this: npm run native").toEqual([7, null]);
  });

  test("says what it is, and multiplies", () => {
    expect(currentEngine().description).toMatch(/engine: native \(TensorFlow on the CPU/);
    expect(values(tf.matMul([[1, 2]], [[3], [4]]))).toEqual([11]);
  });

  test("operations and their gradients agree with the readable ones, eagerly and compiled", () => {
    const rng = new Random(3);
    const [B, T, C] = [2, 5, 8];
    const x = randomNormal([B, T, C], { rng }) as tf.Tensor3D;
    const weight = randomNormal([C, 3 * C], { rng }) as tf.Tensor2D;
    const bias = randomNormal([3 * C], { rng }) as tf.Tensor1D;
    const gain = randomNormal([C], { rng }) as tf.Tensor1D;
    const targets = tf.tensor1d([0, 3, 2, 7, 1, 1, 4, 0, 6, 5], "int32");
    const model =
      (o: Omit<typeof clear, "dropout">) =>
      (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, gain: tf.Tensor) => {
        const qkv = o.linear(o.layerNorm(x, gain, gain), weight, bias) as tf.Tensor3D;
        const mixed = o
          .gelu(o.causalSelfAttention(qkv, 2))
          .add(o.embedding(x.reshape([B * T, C]), targets).reshape(x.shape));
        return o.softmaxCrossEntropy(mixed.reshape([B * T, C]) as tf.Tensor2D, targets);
      };
    const fast = { linear, layerNorm, gelu, causalSelfAttention, embedding, softmaxCrossEntropy };
    const want = tf.valueAndGrads(model(clear) as never)([x, weight, bias, gain]);
    const eager = tf.valueAndGrads(model(fast as never) as never)([x, weight, bias, gain]);
    const step = compile(
      (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor, g: tf.Tensor, targets: tf.Tensor1D) => {
        const fast2 = {
          ...fast,
          embedding: (t: tf.Tensor) => embedding(t, targets),
          softmaxCrossEntropy: (l: tf.Tensor2D) => softmaxCrossEntropy(l, targets),
        };
        const { value, grads } = tf.valueAndGrads(model(fast2 as never) as never)([x, w, b, g]);
        return { value, grads };
      },
    );
    const compiled = step(x, weight, bias, gain, targets);
    step.dispose();
    for (const got of [eager, compiled]) {
      expect(values(got.value)[0]).toBeCloseTo(values(want.value)[0], 5);
      got.grads.forEach((g, i) => {
        const difference = values(tf.max(tf.abs(tf.sub(g, want.grads[i]))))[0];
        expect(difference).toBeLessThan(1e-5);
      });
    }
  });

  test("rmsNorm, silu, swiglu and rope: values and gradients eagerly and compiled", () => {
    const rng = new Random(4);
    const x = randomNormal([2, 3, 5, 6], { rng });
    const gain = randomNormal([6], { rng });
    const big = randomNormal([2, 3, 5, 6], { rng, std: 30 });
    const ops: Record<
      string,
      [(o: typeof clear) => (...x: tf.Tensor[]) => tf.Tensor, tf.Tensor[]]
    > = {
      rmsNorm: [(o) => (x, gain) => o.rmsNorm(x, gain), [x, gain]],
      bare: [(o) => (x) => o.rmsNorm(x, null, 1e-3), [x]],
      silu: [(o) => (x) => o.silu(x), [big]],
      swiglu: [(o) => (x, y) => o.swiglu(x, y), [big, x]],
      rope: [(o) => (x) => o.rope(x), [x]],
      offset: [(o) => (x) => o.rope(x, { offset: 9, base: 100, layout: "interleaved" }), [x]],
    };
    const fast = { ...clear, rmsNorm, silu, swiglu, rope };
    for (const [name, [op, inputs]] of Object.entries(ops)) {
      const work =
        (o: typeof clear) =>
        (...inputs: tf.Tensor[]) => {
          const { value, grads } = tf.valueAndGrads((...x: tf.Tensor[]) =>
            tf.sum(tf.mul(op(o)(...x), tf.cos(x[0]))),
          )(inputs);
          return [op(o)(...inputs), value, ...grads];
        };
      const want = work(clear)(...inputs).map(values);
      const step = compile(work(fast));
      for (const got of [work(fast)(...inputs), step(...inputs), step(...inputs)])
        got.map(values).forEach((list, k) => {
          const size = Math.max(1, ...want[k].map(Math.abs));
          list.forEach((v, i) => {
            expect(Math.abs(v - want[k][i]) / size, `${name}: result ${k}`).toBeLessThan(1e-5);
          });
        });
      step.dispose();
    }
    const far = vector(-3e38, -1e4, -100, 100, 1e4, 3e38);
    const step = compile((x: tf.Tensor) => [
      silu(x),
      tf.grad((x: tf.Tensor) => tf.sum(silu(x)))(x),
    ]);
    const [y, slope] = step(far).map(values);
    const exact = [0, 0, 0, 100, 1e4, Math.fround(3e38)];
    y.forEach((v, i) => {
      expect(v).toBeCloseTo(exact[i], 30);
    });
    expect(slope).toEqual([0, 0, 0, 1, 1, 1]);
    step.dispose();
  });

  test("rope in a compiled function: one program for every position, exact far out", () => {
    const x = randomNormal([2, 3, 2, 64], { rng: new Random(5) });
    const ints = (list: number[], shape = [list.length]) => tf.tensor(list, shape, "int32");
    const kinds: [(at: tf.Tensor) => RopeOptions, (p: number) => tf.Tensor][] = [
      [(offset) => ({ offset: offset as tf.Scalar }), (p) => tf.scalar(p, "int32")],
      [
        (positions) => ({ positions: positions as tf.Tensor1D, base: 500000 }),
        (p) => ints([p, p + 3]),
      ],
      [
        (positions) => ({ positions: positions as tf.Tensor2D, layout: "interleaved" }),
        (p) => ints([p, p + 1, 7, 2047], [2, 2]),
      ],
    ];
    for (const [options, at] of kinds) {
      const step = compile((x: tf.Tensor, at: tf.Tensor) => {
        const { value, grad } = tf.valueAndGrad((x) =>
          tf.sum(tf.square(rope(x, options(at)).add(1))),
        )(x);
        return [rope(x, options(at)), value, grad];
      });
      for (const p of [0, 1, 2, 63, 2046, 2048, 99999, 4194298]) {
        const want = rope(x, options(at(p))); // angles from 64-bit arithmetic in JavaScript
        const [y, , grad] = step(x, at(p));
        expect(values(tf.max(tf.abs(tf.sub(y, want))))[0], `position ${p}`).toBeLessThan(1e-5);
        const slope = tf.grad((x: tf.Tensor) =>
          tf.sum(tf.square(clear.rope(x, options(at(p))).add(1))),
        )(x);
        expect(values(tf.max(tf.abs(tf.sub(grad, slope))))[0], `position ${p}`).toBeLessThan(2e-5);
      }
      expect(step.programs).toHaveLength(1);
      step.dispose();
    }
  });

  describe("compile", () => {
    test("the function's results at every call, for tensors, records and arrays, without a leak", () => {
      const weight = tf.variable(vector(1, 2));
      const fn = ({ x, more }: { x: tf.Tensor; more: tf.Tensor[] }, rate: tf.Scalar) => {
        weight.assign(weight.sub(tf.mul(x, rate)));
        return { sum: tf.sum(tf.mul(weight, more[0])), list: [x.clone(), more[1]] };
      };
      const step = compile(fn);
      const reference = [1, 2];
      for (let i = 0; i < 12; i++)
        tf.tidy(() => {
          const x = vector(i, 1);
          const { sum, list } = step({ x, more: [vector(1, i), vector(7)] }, tf.scalar(0.5));
          reference[0] -= 0.5 * i;
          reference[1] -= 0.5;
          expect(values(sum)[0]).toBeCloseTo(reference[0] + i * reference[1], 4);
          expect(list.map(values)).toEqual([[i, 1], [7]]);
        });
      expect(step.programs).toHaveLength(1);
      const program = step.programs[0];
      expect(program.operations).toBeLessThanOrEqual(program.recorded);
      step.dispose();
      expect(step.programs).toHaveLength(0);
      weight.dispose();
    });

    test("is the plain function on other engines, and inside another compiled function", () => {
      const inner = compile((x: tf.Tensor) => x.mul(2));
      const outer = compile((x: tf.Tensor) => inner(x).add(1));
      expect(values(outer(vector(3)))).toEqual([7]);
      expect(inner.programs).toHaveLength(0);
      expect(values(tf.grad((x) => inner(x).square())(vector(3)))).toEqual([24]);
      outer.dispose();
    });

    test("variables stay current: assigned outside between calls", () => {
      const v = tf.variable(tf.scalar(0));
      const step = compile(() => {
        v.assign(v.add(1));
        return v.mul(10);
      });
      const results = [1, 2, 3].map(() => values(step())[0]);
      v.assign(tf.scalar(100));
      expect([...results, values(step())[0], values(v)[0]]).toEqual([10, 20, 30, 1010, 101]);
      step.dispose();
      v.dispose();
    });

    const ints = (...x: number[]) => tf.tensor1d(x, "int32");
    const cubed = tf.customGrad((x, save) => {
      (save as tf.GradSaveFunc)([x as tf.Tensor]);
      return {
        value: tf.square(x as tf.Tensor),
        gradFunc: (dy: tf.Tensor, [x]: tf.Tensor[]) => dy.mul(x).mul(3),
      };
    });
    const likePlain: [
      name: string,
      fn: (...x: tf.Tensor[]) => unknown,
      args: (i: number) => tf.Tensor[],
    ][] = [
      [
        "an int32 scalar",
        (x, n) => x.mul(n.cast("float32")).add(n.mod(tf.scalar(2, "int32")).cast("float32")),
        (i) => [vector(1, 2), tf.scalar(i, "int32")],
      ],
      [
        "booleans",
        (b) => [tf.logicalNot(b), tf.any(b), tf.where(b, vector(1, 2), vector(3, 4))],
        (i) => [tf.tensor1d([i % 2 === 0, true], "bool")],
      ],
      [
        "nothing: 0 elements",
        (x) => [x.sum(), tf.concat([x, vector(1)]), tf.matMul(x.reshape([0, 1]), [[2]])],
        () => [tf.zeros([0])],
      ],
      ["a scalar, and one of rank 1", (x) => [x.sum(), x.reshape([])], (i) => [vector(i)]],
      ["no argument, a constant", () => vector(1, 2), () => []],
      ["its own argument, twice", (x) => [x, x, x.clone()], (i) => [vector(i)]],
      [
        "where, clip, comparisons",
        (x) => tf.where(x.greater(2), x, x.neg()).clipByValue(-2, 5),
        (i) => [vector(i, 3)],
      ],
      [
        "ties in topk and argMax",
        (x) => [tf.topk(x, 3).indices, x.argMax(), x.argMin()],
        (i) => [vector(1, i, 3, 1, 3)],
      ],
      [
        "cumsum, both ways",
        (x) => [tf.cumsum(x), tf.cumsum(x, 0, true, true)],
        (i) => [vector(i, 2, 3)],
      ],
      [
        "oneHot of ids that are out of range",
        (n) => tf.oneHot(n as tf.Tensor1D, 3),
        (i) => [ints(i, -1, 5)],
      ],
      [
        "NaN among the numbers",
        (x) => [x.max(), x.min(), x.relu(), x.maximum(0)],
        () => [vector(1, Number.NaN, 3)],
      ],
      [
        "negative integers",
        (n) => [n.floorDiv(ints(3)), n.mod(ints(3)), n.mul(n)],
        (i) => [ints(-i, 7)],
      ],
      [
        "complex numbers inside",
        (x) => tf.real(tf.complex(x, x).mul(tf.complex(x, x))),
        (i) => [vector(i, 2)],
      ],
      [
        "a gradient of the user's own",
        (x) => tf.grad((y) => tf.sum(cubed(y)))(x),
        (i) => [vector(i, 2)],
      ],
      [
        "a gradient of a gradient",
        (x) =>
          tf.grad((y) =>
            tf
              .grad((z) => z.mul(z).mul(z).sum())(y)
              .sum(),
          )(x),
        (i) => [vector(i, 2)],
      ],
      [
        "rows by tf.range, and by a list",
        (x) => [x.gather(tf.range(0, 2, 1, "int32")), tf.gather(x, [1, 1])],
        (i) => [vector(i, 2, 3)],
      ],
      [
        "a seeded random tensor, always the same",
        (x) => x.add(tf.randomUniform([2], 0, 1, "float32", 7)),
        (i) => [vector(i, 2)],
      ],
      [
        "tensors disposed on the way",
        (x) => {
          const y = x.add(1);
          const z = y.mul(2);
          y.dispose();
          return z;
        },
        (i) => [vector(i)],
      ],
    ];
    test.each(likePlain)("%s: as the plain function, at every call", (_, fn, args) => {
      const numbers = (result: unknown): unknown =>
        result instanceof tf.Tensor
          ? [result.dtype, result.shape, values(result)]
          : (result as unknown[]).map(numbers);
      const step = compile(fn);
      for (let i = 0; i < 3; i++)
        tf.tidy(() => {
          const [got, want] = [numbers(step(...args(i))), numbers(fn(...args(i)))];
          expect(JSON.stringify(got)).toBe(JSON.stringify(want));
        });
      step.dispose();
    });

    test("two functions share variables; a variable keeps its value when what was returned is disposed", () => {
      const w = tf.variable(vector(0));
      const more = compile((x: tf.Tensor) => {
        const y = w.add(x);
        w.assign(y as tf.Tensor1D);
        return y; // the variable's new value itself
      });
      const twice = compile(() => w.mul(2));
      for (let i = 1; i < 5; i++) {
        more(vector(1)).dispose();
        expect([values(w), values(twice())]).toEqual([[i], [2 * i]]);
      }
      for (const step of [more, twice]) step.dispose();
      w.dispose();
    });

    test("is a method where the function is one; may be disposed by the function itself", () => {
      const scaled = {
        factor: 2,
        times: compile(function (this: { factor: number }, x: tf.Tensor) {
          scaled.times.dispose();
          return x.mul(this.factor);
        }),
      };
      for (let i = 0; i < 4; i++) expect(values(scaled.times(vector(i)))).toEqual([2 * i]);
      scaled.times.dispose();
      scaled.times.dispose();
    });

    test("two variables of one buffer stay two; one tensor given twice is not taken for always one", () => {
      const zero = vector(0);
      const [a, b] = [tf.variable(zero), tf.variable(zero)];
      const step = compile((x: tf.Tensor, y: tf.Tensor) => {
        a.assign(a.add(1));
        b.assign(b.add(10));
        return tf.add(a, b).add(tf.sub(x, y));
      });
      const one = vector(1);
      expect(values(step(one, one))).toEqual([11]);
      expect(values(step(vector(5), one))).toEqual([26]);
      expect(values(step(one, vector(3)))).toEqual([31]);
      expect(values(zero)).toEqual([0]);
      step.dispose();
      tf.dispose([a, b]);
    });

    test("other shapes are compiled anew, with a notice, and the state goes on", () => {
      const v = tf.variable(tf.scalar(0));
      const notice = vi.fn();
      const step = compile((x: tf.Tensor) => after(v.assign(v.add(1)), v.add(tf.sum(x))), {
        name: "count",
        notice,
      });
      const results = [2, 2, 3, 3, 2].map((n) => values(step(tf.ones([n])))[0]);
      expect(results).toEqual([3, 4, 6, 7, 7]);
      expect(notice.mock.calls).toEqual([
        ['compile: "count" is compiled again, now for float32[3] (program 2)'],
      ]);
      step.dispose();
      expect(values(step(tf.ones([2])))[0]).toBe(8); // compiled anew
      step.dispose();
      v.dispose();
    });

    test("no tensor leak over 200 steps", () => {
      const v = tf.variable(tf.ones([16, 16]));
      const step = compile((x: tf.Tensor2D) => {
        const { value, grads } = tf.variableGrads(
          () => tf.mean(tf.square(tf.matMul(x, v as never))) as tf.Scalar,
          [v],
        );
        v.assign(v.sub(grads[v.name].mul(0.01)));
        return value;
      });
      const x = tf.ones([4, 16]) as tf.Tensor2D;
      step(x).dispose();
      const count = tf.memory().numTensors;
      const data = tf.memory().numDataBuffers;
      for (let i = 0; i < 200; i++) step(x).dispose();
      expect([tf.memory().numTensors, tf.memory().numDataBuffers]).toEqual([count, data]);
      step.dispose();
      v.dispose();
    });

    test("dropout with a key: other values each step, and the same ones for the same step", () => {
      const fn = (x: tf.Tensor, step: tf.Scalar) => {
        const key = new DropoutKey(1337, step);
        return tf.stack([dropout(x, 0.25, key), dropout(x, 0.25, key)]);
      };
      const step = compile(fn);
      const x = tf.ones([1000]);
      const at = (f: typeof fn, i: number) => values(f(x, tf.scalar(i, "int32")));
      const compiled = [0, 1, 0].map((i) => at(step, i));
      expect(at(fn, 0)).toEqual(at(fn, 0)); // not equal to the compiled ones: XLA orders Philox's output otherwise
      expect(compiled[2]).toEqual(compiled[0]);
      expect(compiled[1]).not.toEqual(compiled[0]);
      expect(compiled[0].slice(0, 1000)).not.toEqual(compiled[0].slice(1000));
      const kept = compiled[0].filter((value) => value !== 0);
      expect(kept.length / 2000).toBeCloseTo(0.75, 1);
      expect(kept[0]).toBeCloseTo(1 / 0.75, 5);
      step.dispose();
    });
  });

  describe("what cannot be compiled is an error with the line", () => {
    const here = /native\.test\.ts:\d+/;
    const x = () => vector(1, 2);
    /** Calls the function until it fails, 12 times at most. */
    const failure = (step: () => unknown): string => {
      for (let call = 1; call <= 12; call++)
        try {
          step();
        } catch (error) {
          expect(error).toBeInstanceOf(CompileError);
          return (error as Error).message;
        }
      return "no error";
    };
    const failing = (fn: (x: tf.Tensor) => unknown) => {
      const step = compile(fn);
      try {
        return failure(() => step(x()));
      } finally {
        step.dispose();
      }
    };

    test("a number that changes between calls", () => {
      let lr = 0.5;
      const step = compile((x: tf.Tensor) => x.mul(lr));
      const message = failure(() => {
        step(x());
        lr /= 2;
      });
      expect(message).toMatch(/0\.5 became 0\.25/);
      expect(message).toMatch(here);
      expect(message).toMatch(/tf\.scalar/);
      step.dispose();
    });

    test("a number that changes later is found at call 10, and the message says so", () => {
      let calls = 0;
      const step = compile((x: tf.Tensor) => x.mul(calls < 5 ? 1 : 2));
      expect(failure(() => after(step(x()), calls++))).toMatch(/1 became 2[\s\S]*found at call 10/);
      step.dispose();
    });

    test("branching, and loops of another length", () => {
      let i = 0;
      expect(failing((x) => (i++ % 2 ? x.square() : x.exp()))).toMatch(
        /Exp became Square[\s\S]*tf\.where/,
      );
      let n = 0;
      expect(
        failing((x) => Array.from({ length: ++n }).reduce<tf.Tensor>((y) => y.relu(), x)),
      ).toMatch(/other operations[\s\S]*native\.test\.ts/);
      let slope = 0;
      expect(failing((x) => tf.leakyRelu(x, 0.1 * ++slope))).toMatch(/changes between calls/);
    });

    test("reading values: dataSync, data, print, a comparison", () => {
      expect(failing((x) => x.mul(x.dataSync()[0]))).toMatch(
        /are read in JavaScript[\s\S]*native\.test\.ts/,
      );
      expect(failing((x) => after(x.square().data(), x.square()))).toMatch(
        /are read in JavaScript/,
      );
      expect(failing((x) => after(x.print(), x.square()))).toMatch(/are read in JavaScript/);
      expect(failing((x) => ((x.sum() as never) > 1 ? x.square() : x.exp()))).toMatch(
        /used as a number[\s\S]*tf\.where/,
      );
    });

    test("Math.random, and random tensors", () => {
      expect(failing((x) => x.mul(Math.random()))).toMatch(/Math\.random[\s\S]*native\.test\.ts/);
      expect(failing((x) => x.add(tf.randomNormal([2])))).toMatch(
        /Math\.random|changes between calls/,
      );
      expect(failing((x) => tf.dropout(x, 0.5))).toMatch(/Math\.random|changes between calls/);
      const rng = new Random(1);
      expect(failing((x) => dropout(x, 0.5, rng))).toMatch(
        /changes between calls[\s\S]*DropoutKey/,
      );
    });

    test("a tensor from outside, used before or not", () => {
      const used = vector(1, 1);
      used.add(1);
      expect(failing((x) => x.add(used))).toMatch(
        /made outside it[\s\S]*native\.test\.ts[\s\S]*tf\.variable/,
      );
      const unused = vector(1, 1);
      expect(failing((x) => x.add(unused))).toMatch(/made outside it/);
    });

    test("a variable that was disposed, or replaced", () => {
      let v = tf.variable(vector(1, 1));
      const step = compile((x: tf.Tensor) => x.add(v));
      step(x());
      const old = v;
      v = tf.variable(vector(2, 2));
      expect(failure(() => step(x()))).toMatch(/was replaced[\s\S]*native\.test\.ts[\s\S]*assign/);
      step.dispose();
      step(x());
      step(x());
      v.dispose();
      expect(failure(() => step(x()))).toMatch(/was disposed\s+at .*native\.test\.ts/);
      step.dispose();
      old.dispose();
    });

    test("variables made, or tensors kept, inside", () => {
      expect(failing((x) => x.mul(tf.variable(vector(2, 2))))).toMatch(
        /makes a variable[\s\S]*native\.test\.ts/,
      );
      const store: tf.Tensor[] = [];
      expect(failing((x) => after(store.push(tf.keep(x.mul(2))), x.square()))).toMatch(
        /keeps 1 tensor[\s\S]*native\.test\.ts/,
      );
      tf.dispose(store);
    });

    test("operations without a compiled form; async functions; numbers in or out", () => {
      expect(failing((x) => tf.multinomial(x as tf.Tensor1D, 2, 7))).toMatch(
        /Multinomial has no compiled form/,
      );
      expect(failing(async (x) => x.mul(2))).toMatch(/async/);
      expect(failing((x) => ({ y: x.mul(2), n: 3 }))).toMatch(/returns the number 3/);
      const step = compile((x: tf.Tensor, n: number) => x.mul(n));
      expect(failure(() => step(x(), 3))).toMatch(/argument 2 is the number 3[\s\S]*tf\.scalar/);
      expect(failing((x) => after(x.dispose(), tf.ones([2])))).toMatch(
        /disposes one of its arguments\s+at .*native\.test\.ts/,
      );
    });

    test("ids out of range, at the first call and any later one; ids that are computed", () => {
      const table = tf.variable(tf.tensor2d([[1], [2], [3]]));
      const step = compile((ids: tf.Tensor2D) =>
        embedding(table, ids.reshape([-1]).slice([0], [2])),
      );
      const ids = (...x: number[]) => tf.tensor2d(x, [1, x.length], "int32");
      expect(() => step(ids(0, 3))).toThrow(/embedding: expected ids from 0 to 2, got 3/);
      expect(values(step(ids(0, 2)))).toEqual([1, 3]);
      expect(values(step(ids(1, 1)))).toEqual([2, 2]);
      expect(() => step(ids(-1, 1))).toThrow(
        /embedding: expected ids from 0 to 2, got -1 at position 0/,
      );
      step.dispose();
      const gather = compile((ids: tf.Tensor1D) => tf.gather(table, ids));
      expect(() => gather(tf.tensor1d([5], "int32"))).toThrow(
        /gather: expected indices from 0 to 2, got 5/,
      );
      gather.dispose();
      expect(failing((x) => embedding(table, x.cast("int32").mul(tf.scalar(1, "int32"))))).toMatch(
        /computed inside/,
      );
      table.dispose();
    });

    test("an array that is changed in place", () => {
      const list = Float32Array.of(1, 2);
      expect(failing((x) => after(list[0]++, x.mul(tf.tensor1d(list))))).toMatch(
        /a tensor of shape \[2\] became[\s\S]*native\.test\.ts/,
      );
    });

    test("indices that XLA would not check", () => {
      const where = () => tf.tensor2d([[1]], [1, 1], "int32");
      for (const fn of [
        (x: tf.Tensor) => tf.gatherND(x, where()),
        (x: tf.Tensor) => tf.scatterND(where(), x.slice([0], [1]), [4]),
        (x: tf.Tensor) => tf.tensorScatterUpdate(x, where(), vector(1)),
      ])
        expect(failing(fn)).toMatch(
          /does not check its indices[\s\S]*native\.test\.ts[\s\S]*tf\.gather/,
        );
    });

    test("a tensor in a text; another engine; an optimizer with a tensor of its own", () => {
      expect(failing((x) => x.add(`${x}`.length))).toMatch(
        /are read in JavaScript[\s\S]*native\.test\.ts/,
      );
      expect(failing((x) => after(tf.setBackend("wasm"), x))).toMatch(
        /changes the engine[\s\S]*native\.test\.ts/,
      );
      expect(tf.getBackend()).toBe("tensorflow");
      const w = tf.variable(vector(1, 2));
      const optimizer = tf.train.sgd(0.1);
      expect(
        failing((x) => optimizer.minimize(() => tf.sum(w.mul(x)) as tf.Scalar, true, [w])),
      ).toMatch(/made outside it[\s\S]*native\.test\.ts[\s\S]*adamwStep/);
      optimizer.dispose();
      w.dispose();
    });

    test("text, complex numbers, objects; where there is no line of its own, the function is named", () => {
      const step = compile((x: unknown) => x, { name: "mine" });
      expect(failure(() => step(tf.tensor1d(["a"])))).toMatch(
        /argument 1 is of type string\s+in "mine", compiled at .*native\.test\.ts/,
      );
      expect(failure(() => step(tf.complex(1, 2)))).toMatch(/argument 1 is of type complex64/);
      expect(failure(() => step({ x: new Map() }))).toMatch(
        /argument 1\.x is an object of class Map/,
      );
      expect(failure(() => step([Float32Array.of(1)]))).toMatch(
        /argument 1\[0\] is an object of class Float32Array/,
      );
      expect(failing((x) => after(x, tf.tensor1d(["a"])))).toMatch(
        /strings cannot be compiled[\s\S]*native\.test\.ts/,
      );
    });

    test("an error in the function itself comes through, and nothing is left changed", () => {
      const v = tf.variable(vector(1));
      const step = compile((x: tf.Tensor) => {
        v.assign(v.add(1));
        if (x.shape[0] === 2) throw new RangeError("mine");
        return x;
      });
      expect(() => step(x())).toThrow(RangeError);
      expect(values(v)).toEqual([1]);
      expect(Math.random()).toBeLessThan(1);
      v.dispose();
    });
  });

  describe("training", () => {
    const text = "the quick brown fox jumps over the lazy dog. ".repeat(30);
    const settings = {
      ...presets.smoke,
      model: { ...presets.smoke.model, blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 16, dropout: 0.1 },
      steps: 70,
      batchSize: 4,
      accumulate: 2,
      evalEvery: 1000,
      evalLimit: 4,
      sampleLength: 0,
    };

    test("the trainer compiles a long run by itself; killed and resumed, it gives the same losses to the bit", async () => {
      const dir = mkdtempSync(join(tmpdir(), "llm-native-"));
      const notices: string[] = [];
      const whole = pretrain({ text, settings });
      const { history } = await whole.run({ steps: 14, onNotice: (line) => notices.push(line) });
      expect(notices).toEqual([expect.stringMatching(/^compiling the training step/)]);
      whole.dispose();
      const first = pretrain({ text, settings, dir: join(dir, "run") });
      await first.run({ steps: 5 });
      first.dispose();
      const second = resumePretraining(join(dir, "run"), { text });
      const resumed = await second.run({ steps: 9 });
      second.dispose();
      expect(resumed.history.steps.map((s) => s.loss)).toEqual(history.steps.map((s) => s.loss));
      rmSync(dir, { recursive: true });
    });

    test("short runs and compile: false stay eager, close to compiled ones; what cannot be compiled goes on eagerly", async () => {
      const run = async (o: Partial<typeof settings & { compile: boolean }>, parts = {}) => {
        const notices: string[] = [];
        const trainer = pretrain({ text, settings: { ...settings, ...o }, ...parts });
        const { history } = await trainer
          .run({ steps: 6, onNotice: (line) => notices.push(line) })
          .finally(() => trainer.dispose());
        return {
          losses: history.steps.map((s) => s.loss),
          vals: history.evals.map((e) => e.metrics.val),
          notices,
        };
      };
      settings.model.dropout = 0;
      const compiled = await run({});
      const eager = await run({ compile: false });
      expect(eager.notices).toEqual([]);
      expect((await run({ steps: 20 })).notices).toEqual([]);
      eager.losses.forEach((loss, i) => {
        expect(loss).toBeCloseTo(compiled.losses[i], 4);
      });
      eager.vals.forEach((val, i) => {
        expect(val).toBeCloseTo(compiled.vals[i], 4);
      });
      const reading = (...args: Parameters<typeof gptLoss>) => {
        const loss = gptLoss(...args);
        loss.dataSync();
        return loss;
      };
      const fallen = await run({}, { loss: reading });
      expect(fallen.notices[0]).toMatch(
        /^the evaluation cannot be compiled and runs as it is[\s\S]*read in JavaScript/,
      );
      expect(fallen.notices[2]).toMatch(
        /step cannot be compiled and runs as it is[\s\S]*read in JavaScript/,
      );
      expect(fallen.losses).toEqual(eager.losses);
      await expect(run({ compile: true }, { loss: reading })).rejects.toThrow(CompileError);
    });
  });
});
