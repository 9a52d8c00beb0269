import {
  clearInterrupt,
  currentEngine,
  interrupted,
  measureGflops,
  nextFrame,
  tf,
  useEngine,
} from "llm/engine";
import { beforeAll, expect, test } from "vitest";

beforeAll(async () => {
  expect(() => currentEngine()).toThrow("await useEngine()");
  await useEngine({ quiet: true });
});

test("the engine says what it is and why it is not a better one", async () => {
  const engine = currentEngine();
  expect(engine.description).toMatch(/^engine: (cuda|webgpu|native|wasm|js) \(.+\)$/);
  expect(engine.description).not.toContain("\n");
  if (!process.env.LLM_ENGINE) {
    const order = ["cuda", "webgpu", "native", "wasm", "js"];
    expect(engine.reasons.map((r) => r.split(":")[0])).toEqual(
      order.slice(0, order.indexOf(engine.name)),
    );
  }
  expect(await useEngine()).toBe(engine);
  expect(await measureGflops(20)).toBeGreaterThan(0.001);
});

test("tensor methods are there, and give what the functions give", () => {
  tf.tidy(() => {
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect(Array.from(x.matMul(x).add(1).sum(0).dataSync())).toEqual([24, 34]);
    expect(x.flatten().shape).toEqual([4]);
    expect(x.concat(x, 1).shape).toEqual([2, 4]);
    expect(tf.stack([x, x]).shape).toEqual([2, 2, 2]);
    expect(Array.from(x.where(x.greater(2), tf.zerosLike(x)).dataSync())).toEqual([0, 0, 3, 4]);
    expect(x.argMax(1).toFloat().dtype).toBe("float32");
  });
});

test("an unknown engine is an error that lists the known ones", async () => {
  await expect(useEngine({ prefer: "opengl" as never })).rejects.toThrow(
    'useEngine: expected prefer to be one of cuda, webgpu, native, wasm, js, got "opengl"',
  );
});

test("switching engines keeps tensors usable", async () => {
  const before = currentEngine().name;
  const x = tf.tensor1d([1, 2, 3]);
  expect((await useEngine({ prefer: "js", quiet: true })).name).toBe("js");
  expect(Array.from(x.mul(2).dataSync())).toEqual([2, 4, 6]);
  await useEngine({ prefer: before, quiet: true });
  expect(Array.from(x.mul(2).dataSync())).toEqual([2, 4, 6]);
});

test("an interrupt is seen until it is cleared", async () => {
  expect(interrupted()).toBe(false);
  setImmediate(() => {
    (globalThis as unknown as Record<symbol, unknown>)[Symbol.for("llm.interrupt")] = true;
  });
  await nextFrame();
  await nextFrame();
  expect(interrupted()).toBe(true);
  clearInterrupt();
  expect(interrupted()).toBe(false);
});
