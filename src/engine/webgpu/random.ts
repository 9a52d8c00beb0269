// Random numbers that depend on a seed and a step only: Philox4x32-10 (Salmon et al., 2011,
// "Parallel random numbers: as easy as 1, 2, 3"). Element i takes word i mod 4 of block i / 4.
import type * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../repairs/repair";
import type { Commands } from "./backend";
import { eachElement, groupsFor, runOwn } from "./kernels";

const PHILOX = `
fn product(a: u32, b: u32) -> vec2<u32> {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let cross = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (cross & 0xffffu);
  return vec2<u32>((a >> 16u) * (b >> 16u) + (cross >> 16u) + (other >> 16u), a * b);
}
fn philox(counter: vec4<u32>, seed: vec2<u32>) -> vec4<u32> {
  var c = counter;
  var k = seed;
  for (var round = 0; round < 10; round++) {
    let p = product(0xd2511f53u, c.x);
    let q = product(0xcd9e8d57u, c.z);
    c = vec4<u32>(q.x ^ c.y ^ k.x, q.y, p.x ^ c.w ^ k.y, p.y);
    k += vec2<u32>(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}`;

/** Uniform numbers in [0, 1) with 24 bits. */
const UNIFORM = `${PHILOX}
${eachElement(`
  let block = philox(vec4<u32>(u32(i) / 4u, 0u, u32(a[0]), 0u), vec2<u32>(u32(P(1)), 0u));
  y[i] = f32(block[u32(i) % 4u] >> 8u) / 16777216.0;`)}`;

/** @param step int32 scalar */
export function uniformOnGpu(
  commands: Commands,
  shape: number[],
  seed: number,
  step: tf.TensorInfo,
): tf.TensorInfo {
  const n = sizeOf(shape);
  return runOwn(commands, {
    key: "uniform",
    code: () => UNIFORM,
    inputs: [step],
    outputs: [{ shape, dtype: "float32" }],
    parameters: [n, seed],
    groups: groupsFor(n),
  })[0];
}
