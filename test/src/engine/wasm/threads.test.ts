// The wasm engine on three threads: all its tests once more, with even the smallest work divided;
// that the numbers are those of one thread to the last bit; and what happens when a thread fails,
// dies, or is left alone in the middle of a job.
import "./three-threads";
import "./wasm.test";
import "../../ops/llama.test";
import "../../ops/ops.test";
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";
import { currentEngine, tf, useEngine } from "llm/engine";
import { pool } from "llm/engine/wasm/install";
import { WebAssembly } from "llm/engine/wasm/module";
import type { Pool } from "llm/engine/wasm/pool";
import { withSharedMemory } from "llm/engine/wasm/shared";
import { type GPTConfig, gptLoss, initGPT } from "llm/gpt";
import { causalSelfAttention, rmsNorm, rope, silu, swiglu } from "llm/ops";
import { adamw, clipByGlobalNorm } from "llm/optim";
import { Random, randomNormal } from "llm/random";
import { trainStep } from "llm/train";
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";

beforeAll(() => {
  pool()!.worthwhile = 0;
});

describe("threads", () => {
  beforeEach(() => useEngine({ prefer: "wasm", threads: 3, quiet: true }));
  afterEach(() => vi.restoreAllMocks());

  test("the engine says how many, and their number can be changed", async () => {
    expect(currentEngine().description).toMatch(/^engine: wasm \(SIMD( with FMA)?, 3 threads\)/);
    await useEngine({ threads: 1, quiet: true });
    expect(currentEngine().description).toContain("one thread)");
    await useEngine({ threads: 2, quiet: true });
    expect(currentEngine().description).toContain("2 threads)");
    expect((await useEngine({ quiet: true })).description).toContain("2 threads)");
    await useEngine({ prefer: "js", quiet: true });
    expect((await useEngine({ prefer: "wasm", quiet: true })).description).toContain("2 threads)");
    await useEngine({ prefer: "js", quiet: true });
    expect(await useEngine({ prefer: "wasm", threads: 3, quiet: true })).toMatchObject({
      description: expect.stringContaining("3 threads)"),
      reasons: [],
    });
  });

  test.each([0, -1, 1.5, Number.NaN, 33, "x", "", "1.5", "-2"])(
    "threads: %j is refused",
    async (threads) => {
      await expect(useEngine({ threads: threads as number })).rejects.toThrow(
        `useEngine: expected threads to be a whole number from 1 to 32 or "auto", got ${JSON.stringify(threads)}`,
      );
    },
  );

  test("LLM_THREADS is checked, too", async () => {
    vi.stubEnv("LLM_THREADS", "two");
    await expect(useEngine()).rejects.toThrow(
      'expected LLM_THREADS to be a whole number from 1 to 32 or "auto", got "two"',
    );
    vi.unstubAllEnvs();
  });

  test("20 training steps give the same bits on 1, 2 and 3 threads", async () => {
    const config: GPTConfig = {
      vocabSize: 13,
      nLayer: 2,
      nHead: 2,
      nEmbd: 20,
      blockSize: 9,
      dropout: 0,
      bias: true,
    };
    const seen: { losses: number[]; weights: number[][] }[] = [];
    const jobs = vi.spyOn(pool() as unknown as { share(): void }, "share");
    for (const threads of [1, 2, 3]) {
      await useEngine({ threads, quiet: true });
      jobs.mockClear();
      const params = initGPT(config, { seed: 3 });
      const optimizer = adamw({ beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0.1 });
      const state = optimizer.init(params);
      const losses = Array.from({ length: 20 }, () =>
        tf.tidy(() => {
          const row = (shift: number) =>
            tf.tensor2d(
              Int32Array.from({ length: 36 }, (_, i) => ((i + shift) * 5) % 13),
              [4, 9],
              "int32",
            );
          const batch = { ids: row(0), targets: row(1) };
          return trainStep(
            params,
            state,
            [batch],
            {
              loss: (p, b: typeof batch) => gptLoss(p, config, b.ids, b.targets),
              clip: clipByGlobalNorm,
              optimizer,
            },
            { lr: 1e-2, maxNorm: 1 },
          ).loss.dataSync()[0];
        }),
      );
      expect(jobs.mock.calls.length > 0, `on ${threads} threads`).toBe(threads > 1);
      seen.push({ losses, weights: Object.values(params).map((p) => Array.from(p.dataSync())) });
      tf.dispose([params, state]);
    }
    expect(seen[0].losses[19]).toBeLessThan(seen[0].losses[0]);
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  test("so do the operations of LLaMA, and their gradients", async () => {
    const jobs = vi.spyOn(pool() as unknown as { share(): void }, "share");
    const seen: number[][][] = [];
    for (const threads of [1, 2, 3]) {
      await useEngine({ threads, quiet: true });
      jobs.mockClear();
      seen.push(
        tf.tidy(() => {
          const rng = new Random(3);
          const [x, z, gain] = [[5, 3, 11, 34], [5, 3, 11, 34], [34]].map((s) =>
            randomNormal(s, { rng }),
          );
          const texts = tf.tensor2d(
            Int32Array.from({ length: 55 }, (_, i) => (i * 7) % 90),
            [5, 11],
            "int32",
          );
          const loss = (x: tf.Tensor, z: tf.Tensor, gain: tf.Tensor) => {
            const turned = tf.add(rope(x), rope(z, { positions: texts, layout: "interleaved" }));
            return tf.sum(tf.square(swiglu(rmsNorm(turned, gain), silu(z))));
          };
          const { value, grads } = tf.valueAndGrads(loss as never)([x, z, gain]);
          return [value, ...grads].map((t) => Array.from(t.dataSync()));
        }),
      );
      expect(jobs.mock.calls.length > 0, `on ${threads} threads`).toBe(threads > 1);
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).toEqual(seen[0]);
  });

  test("large products and attention have the same bits on 1 and 3 threads, 20 times over", async () => {
    const rng = new Random(9);
    const [a, b, qkv] = [
      [300, 500],
      [500, 200],
      [3, 60, 96],
    ].map((shape) => randomNormal(shape, { rng }));
    const compute = () =>
      tf.tidy(() => {
        const y = tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D);
        const gradient = tf.grad((x: tf.Tensor) =>
          tf.sum(tf.square(causalSelfAttention(x as tf.Tensor3D, 4))),
        )(qkv);
        return [y, gradient].map((t) => Buffer.from(t.dataSync().buffer).toString("base64"));
      });
    await useEngine({ threads: 1, quiet: true });
    const expected = compute();
    await useEngine({ threads: 3, quiet: true });
    for (let i = 0; i < 20; i++) expect(compute()).toEqual(expected);
    tf.dispose([a, b, qkv]);
  });

  /** A product of whole numbers, exact in 32 bits, checked. */
  function expectRightProduct(): void {
    tf.tidy(() => {
      const rng = new Random(5);
      const [a, b] = [70, 50].map((n, i) =>
        tf.floor(randomNormal(i ? [60, n] : [n, 60], { rng, std: 8 })),
      );
      const [A, B, C] = [a, b, tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D)].map(
        (t) => t.arraySync() as number[][],
      );
      const expected = A.map((row) =>
        B[0].map((_, j) => row.reduce((sum, x, k) => sum + x * B[k][j], 0)),
      );
      expect(C).toEqual(expected);
    });
  }
  interface Inside {
    compute(): void;
    words: Int32Array;
    workers: { terminate(): Promise<number>; listeners(event: string): unknown[] }[];
    running: boolean;
  }
  const inside = () => pool() as unknown as Inside;

  test("a call that fails in another thread is an error here, and the next job works", () => {
    const sleep = () => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    vi.spyOn(inside(), "compute").mockImplementation(sleep); // this thread computes nothing
    const outside = Array.from({ length: 24 }, () => [2 ** 32 - 64, 0, 16]);
    expect(() => pool()!.run("gelu", outside, 0, 0)).toThrow(
      /^wasm: RuntimeError: .*out of bounds/,
    );
    vi.restoreAllMocks();
    expect(() => pool()!.run("gelu", outside, 0, 0)).toThrow("out of bounds"); // in whichever thread
    expect(pool()!.threads).toBe(3);
    expectRightProduct();
  });

  test("a thread that died over its piece is an error after some patience, then one thread goes on", async () => {
    await useEngine({ threads: 2, quiet: true });
    const before = pool()!.patience;
    pool()!.patience = 50;
    inside().words[(5 + 2) * 16] = 1; // the third thread, asleep now, has taken a piece, it seems, and never answers
    expect(() => tf.tidy(() => tf.matMul(tf.ones([64, 64]), tf.ones([64, 64])))).toThrow(
      "wasm: a thread has not finished its piece for 0 s, and what was being computed is lost. The engine goes on with one thread",
    );
    expect(pool()!.threads).toBe(1);
    expectRightProduct();
    pool()!.patience = before;
    await useEngine({ threads: 3, quiet: true });
    expect(pool()!.threads).toBe(3);
    expectRightProduct();
  });

  test("a thread that ends is told, and one thread goes on", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await inside().workers[1].terminate();
    await new Promise((resolve) => setImmediate(resolve));
    expect(warn.mock.calls).toEqual([
      ["engine: a thread of the wasm engine has ended; it goes on with one thread"],
    ]);
    expect(pool()!.threads).toBe(1);
    expectRightProduct();
  });

  test("a job that is broken off, as by a notebook's stop button, is settled before the next", () => {
    const [a, b] = [tf.ones([300, 300]), tf.ones([300, 300])] as tf.Tensor2D[];
    const here = globalThis as { llmForever?: () => void };
    here.llmForever = () => {
      for (;;) tf.matMul(a, b).dispose();
    };
    let inTheMiddle = 0;
    for (let i = 0; i < 10; i++) {
      expect(() => runInThisContext("llmForever()", { timeout: 20 + i })).toThrow("timed out");
      if (inside().running) inTheMiddle++;
      tf.dispose(tf.zeros([1])); // before anything is allocated, the other threads have finished their pieces
      expect(inside().running).toBe(false);
      expectRightProduct();
    }
    expect(inTheMiddle).toBeGreaterThan(0);
    delete here.llmForever;
    tf.dispose([a, b]);
  });
});

describe("in a process of its own", () => {
  const engine = fileURLToPath(new URL("../../../../dist/engine", import.meta.url));
  /**
   * Starts the engine, grows its memory beyond what the threads began with, and prints a loss. It
   * ends by itself.
   */
  const script = (prelude: string) => `${prelude}
    const { tf, useEngine } = require(${JSON.stringify(engine)});
    const { softmaxCrossEntropy } = require(${JSON.stringify(engine + "/../ops")});
    const { Random, randomNormal } = require(${JSON.stringify(engine + "/../random")});
    useEngine({ prefer: "wasm", threads: 2, quiet: true }).then(({ description, reasons }) => {
      const x = randomNormal([9000, 600], { rng: new Random(1) });
      const targets = tf.tensor1d(Int32Array.from({ length: 9000 }, (_, i) => i % 600), "int32");
      const gradient = tf.grad((t) => softmaxCrossEntropy(t, targets))(x);
      const loss = softmaxCrossEntropy(x, targets).dataSync()[0];
      const bytes = tf.backend().wasm.HEAPU8.length;
      console.log(JSON.stringify({ description, reasons, bytes, values: [loss, ...gradient.dataSync().subarray(-9)] }));
    });`;
  const run = (prelude: string, flags: string[] = []) => {
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [...flags, "-e", script(prelude)],
      {
        encoding: "utf8",
        env: { ...process.env, LLM_THREADS: "" },
        timeout: 50_000,
      },
    );
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: "" });
    return JSON.parse(stdout) as {
      description: string;
      reasons: string[];
      bytes: number;
      values: number[];
    };
  };

  test("it ends by itself; without SharedArrayBuffer a sentence says why it is one thread, with the same numbers", () => {
    const two = run("");
    expect(two.description).toMatch(/, 2 threads\)$/);
    expect(two.reasons).toEqual([]);
    expect(two.bytes).toBeGreaterThan(4 * 9000 * 600);
    const one = run("delete globalThis.SharedArrayBuffer;");
    expect(one.description).toMatch(/, one thread\)$/);
    expect(one.reasons).toEqual(["threads: this Node has no SharedArrayBuffer, so one thread"]);
    expect(one.values).toEqual(two.values);
  });

  test("a thread that does not start: a sentence, and one thread", () => {
    const { description, reasons } = run(
      `require("node:worker_threads").Worker = class { constructor() { throw new Error("no threads today"); } };`,
    );
    expect(description).toMatch(/, one thread\)$/);
    expect(reasons).toEqual(["threads: a thread does not start: no threads today, so one thread"]);
  });
});

test("only a memory with a maximum can be shared; anything else is a sentence", () => {
  const module = (...sections: number[]) =>
    Uint8Array.from([0, 97, 115, 109, 1, 0, 0, 0, ...sections]);
  const shared = withSharedMemory(module(5, 4, 1, 1, 1, 2));
  expect([...shared.slice(-4)]).toEqual([1, 3, 1, 2]);
  expect(WebAssembly.validate(shared)).toBe(true);
  expect(() => withSharedMemory(module(5, 3, 1, 0, 1))).toThrow("a module's memory has no maximum");
  expect(() => withSharedMemory(module())).toThrow("a module has no memory");
});

test("one thread first, two afterwards: an error that says what to do", async () => {
  const { setThreads } = await import("llm/engine/wasm/install");
  await useEngine({ prefer: "wasm", quiet: true });
  const key = Symbol.for("llm.wasm");
  const backend = tf.backend() as unknown as Record<symbol, { kernels: string; pool?: Pool }>;
  const before = backend[key];
  backend[key] = { kernels: before.kernels };
  try {
    expect(await setThreads(1, [])).toBe(true);
    await expect(useEngine({ threads: 2 })).rejects.toThrow(
      "useEngine: expected threads: 2 at the first call, but the wasm engine runs with one thread already",
    );
    await useEngine({ prefer: "js", quiet: true });
    expect((await useEngine({ prefer: "wasm", quiet: true })).reasons).toEqual([]);
    await useEngine({ prefer: "js", quiet: true });
    expect(await useEngine({ prefer: "wasm", threads: 2, quiet: true })).toMatchObject({
      description: expect.stringContaining("one thread)"),
      reasons: ["threads: tfjs was started before, on memory that cannot be shared, so one thread"],
    });
  } finally {
    backend[key] = before;
  }
});
