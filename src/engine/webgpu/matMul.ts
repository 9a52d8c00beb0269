// Products of matrices in tiles: a workgroup computes a tile of the result, each thread 4 × 4
// elements of it, and the two strips of the factors that the tile needs pass through the memory
// that the workgroup shares, 16 columns at a time (Volkov & Demmel, 2008, "Benchmarking GPUs to
// tune dense linear algebra"). Either factor may be transposed, and batches are broadcast without
// being copied. Every sum is in one order. tfjs's own kernel multiplies what lies beyond the edge
// of one factor with the other, so that ∞ there becomes NaN. Left out: float16 and subgroups.
import type * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../repairs/repair";
import type { Commands } from "./backend";
import { runOwn } from "./kernels";
import { broadcast } from "./strided";

const DEPTH = 16;

/** Threads along a side of a workgroup: larger tiles read less, smaller ones make more groups. */
const sideFor = (M: number, N: number, batch: number): 8 | 16 =>
  Math.ceil(M / 64) * Math.ceil(N / 64) * batch >= 64 ? 16 : 8;

function code(side: number, transposeA: boolean, transposeB: boolean, rank: number): string {
  const tile = 4 * side;
  const offsets = ["a", "b"].map((name, k) => {
    const steps = Array.from({ length: rank }, (_, i) => {
      const axis = rank - 1 - i;
      return `{ let place = rest % P(${4 + axis}); rest /= P(${4 + axis});
        at += place * P(${4 + (k + 1) * rank + axis}); }`;
    });
    return `fn ${name}Start(batch: i32) -> i32 {
      var rest = batch; var at = 0; ${steps.join("\n")} return at; }`;
  });
  // Neighbouring threads read neighbouring elements, whichever way the factor lies.
  const load = (name: string, across: string, from: string, size: string, along: boolean) => `
      for (var e = me; e < ${tile * DEPTH}; e += ${side * side}) {
        let k = ${along ? `e / ${tile}` : `e % ${DEPTH}`};
        let m = ${along ? `e % ${tile}` : `e / ${DEPTH}`};
        var value = 0.0;
        if (${from} + m < ${size} && k0 + k < K) {
          value = ${name}[${name}At + ${
            along ? `(k0 + k) * ${size} + ${from} + m` : `(${from} + m) * K + k0 + k`
          }];
        }
        ${across}[k * ${tile} + m] = value;
      }`;
  return `
var<workgroup> left: array<f32, ${tile * DEPTH}>;
var<workgroup> right: array<f32, ${tile * DEPTH}>;
${offsets.join("\n")}
@compute @workgroup_size(${side}, ${side})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_id) thread: vec3u, @builtin(local_invocation_index) index: u32) {
  let M = P(0); let N = P(1); let K = P(2); let count = P(3);
  let me = i32(index);
  let row = i32(group.y) * ${tile};
  let column = i32(group.x) * ${tile};
  for (var batch = i32(group.z); batch < count; batch += i32(groups.z)) {
    let aAt = aStart(batch);
    let bAt = bStart(batch);
    var sums: array<vec4<f32>, 4>;
    for (var k0 = 0; k0 < K; k0 += ${DEPTH}) {
      ${load("a", "left", "row", "M", transposeA)}
      ${load("b", "right", "column", "N", !transposeB)}
      workgroupBarrier();
      for (var k = 0; k < min(${DEPTH}, K - k0); k++) {
        let l = k * ${tile} + 4 * i32(thread.y);
        let r = k * ${tile} + 4 * i32(thread.x);
        let across = vec4<f32>(right[r], right[r + 1], right[r + 2], right[r + 3]);
        for (var i = 0; i < 4; i++) { sums[i] += left[l + i] * across; }
      }
      workgroupBarrier();
    }
    for (var i = 0; i < 4; i++) {
      let m = row + 4 * i32(thread.y) + i;
      for (var j = 0; j < 4; j++) {
        let n = column + 4 * i32(thread.x) + j;
        if (m < M && n < N) { y[(batch * M + m) * N + n] = sums[i][j]; }
      }
    }
  }
}`;
}

/** a (…, M, K) · b (…, K, N), either with its last two axes swapped; float32, not empty. */
export function matMul(
  commands: Commands,
  { a, b }: { a: tf.TensorInfo; b: tf.TensorInfo },
  transposeA: boolean,
  transposeB: boolean,
  batch: number[],
): tf.TensorInfo {
  const [rows, columns] = [a, b].map(({ shape }) => shape.slice(-2));
  const [M, K] = transposeA ? [rows[1], rows[0]] : rows;
  const N = columns[transposeB ? 0 : 1];
  const views = [a, b].map((x) => broadcast({ ...x, shape: x.shape.slice(0, -2) }, batch));
  const count = sizeOf(batch);
  const side = sideFor(M, N, count);
  const rank = batch.length;
  const strides = views.flatMap(({ strides }, k) =>
    strides.map((s) => s * (k === 0 ? M * K : K * N)),
  );
  return runOwn(commands, {
    key: `matMul ${side} ${transposeA} ${transposeB} ${rank}`,
    code: () => code(side, transposeA, transposeB, rank),
    inputs: [a, b],
    outputs: [{ shape: [...batch, M, N], dtype: "float32" }],
    parameters: [M, N, K, count, ...batch, ...strides],
    groups: [Math.ceil(N / (4 * side)), Math.ceil(M / (4 * side)), Math.min(count, 65535)],
  })[0];
}
