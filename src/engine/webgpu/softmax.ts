// exp(x − m) / Σ exp(x − m) along the last axis, m the largest of the row: one workgroup for each
// row. NaN and ∞ are told by their bits, because a GPU may compute as if there were none: a row
// with NaN or +∞ is NaN, and so is one of −∞ only. −∞ among numbers, as masks have it, is exactly
// 0.
import type * as tf from "@tensorflow/tfjs-core";
import type { Commands } from "./backend";
import { float, runOwn } from "./kernels";

const THREADS = 64;

const CODE = `
var<workgroup> part: array<f32, ${THREADS}>;
var<workgroup> strange: array<u32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) index: u32) {
  let n = P(1);
  let me = i32(index);
  for (var row = i32(group.x); row < P(0); row += i32(groups.x)) {
    var largest = -3.4028234e38;
    var odd = 0u; // 1: there is a number; 2: NaN or +∞
    for (var k = me; k < n; k += ${THREADS}) {
      let bits = bitcast<u32>(a[row * n + k]);
      if (bits == 0xff800000u) { continue; }
      if ((bits & 0x7fffffffu) >= 0x7f800000u) { odd |= 2u; continue; }
      odd |= 1u;
      largest = max(largest, a[row * n + k]);
    }
    part[me] = largest;
    strange[me] = odd;
    workgroupBarrier();
    for (var half = ${THREADS / 2}; half > 0; half /= 2) {
      if (me < half) {
        part[me] = max(part[me], part[me + half]);
        strange[me] |= strange[me + half];
      }
      workgroupBarrier();
    }
    largest = part[0];
    odd = strange[0];
    workgroupBarrier();
    var sum = 0.0;
    for (var k = me; k < n; k += ${THREADS}) {
      if (bitcast<u32>(a[row * n + k]) != 0xff800000u) { sum += exp(a[row * n + k] - largest); }
    }
    part[me] = sum;
    workgroupBarrier();
    for (var half = ${THREADS / 2}; half > 0; half /= 2) {
      if (me < half) { part[me] += part[me + half]; }
      workgroupBarrier();
    }
    sum = part[0];
    workgroupBarrier();
    for (var k = me; k < n; k += ${THREADS}) {
      let at = row * n + k;
      if (odd != 1u) { y[at] = F(2); }
      else if (bitcast<u32>(a[at]) == 0xff800000u) { y[at] = 0.0; }
      else { y[at] = exp(a[at] - largest) / sum; }
    }
  }
}`;

/** Of float32, along the last axis. */
export function softmax(commands: Commands, x: tf.TensorInfo): tf.TensorInfo {
  const { shape } = x;
  const n = shape[shape.length - 1];
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return runOwn(commands, {
    key: "softmax",
    code: () => CODE,
    inputs: [x],
    outputs: [{ shape, dtype: "float32" }],
    parameters: [rows, n, float(Number.NaN)],
    groups: [Math.min(rows, 65535), 1, 1],
  })[0];
}
