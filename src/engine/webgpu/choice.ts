// The place of the largest or smallest along an axis: the first of equal ones, and never NaN. One
// workgroup for each result: its threads look at every 64th element, then halve their number.
import type * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../repairs/repair";
import type { Commands } from "./backend";
import { runOwn, wordOf } from "./kernels";

const THREADS = 64;

/** NaN is told by its bits: a GPU may take every number to be equal to itself. */
const isNumber = (type: string) =>
  type === "f32" ? "(bitcast<u32>(x) & 0x7fffffffu) <= 0x7f800000u" : "true";

const code = (type: string, better: string) => `
var<workgroup> best: array<${type}, ${THREADS}>;
var<workgroup> place: array<i32, ${THREADS}>;
@compute @workgroup_size(${THREADS})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) index: u32) {
  let n = P(1); let step = P(2);
  let me = i32(index);
  for (var i = i32(group.x + group.y * groups.x); i < P(0); i += i32(groups.x * groups.y)) {
    let start = (i / step) * n * step + i % step;
    var at = -1;
    var value = ${type}(0);
    for (var k = me; k < n; k += ${THREADS}) {
      let x = a[start + k * step];
      if (${isNumber(type)} && (at < 0 || x ${better} value)) { at = k; value = x; }
    }
    best[me] = value;
    place[me] = at;
    workgroupBarrier();
    for (var half = ${THREADS / 2}; half > 0; half /= 2) {
      if (me < half) {
        let other = place[me + half];
        let x = best[me + half];
        let mine = place[me];
        if (other >= 0 && (mine < 0 || x ${better} best[me] || (x == best[me] && other < mine))) {
          best[me] = x;
          place[me] = other;
        }
      }
      workgroupBarrier();
    }
    if (me == 0) { y[i] = max(place[0], 0); }
    workgroupBarrier();
  }
}`;

/** argMax or argMin of x along an axis; not empty. */
export function placeOf(
  commands: Commands,
  kernelName: string,
  x: tf.TensorInfo,
  axis: number,
): tf.TensorInfo {
  const better = kernelName === "ArgMax" ? ">" : "<";
  const rest = x.shape.filter((_, i) => i !== axis);
  const count = sizeOf(rest);
  return runOwn(commands, {
    key: kernelName,
    code: () => code(wordOf(x.dtype), better),
    inputs: [x],
    outputs: [{ shape: rest, dtype: "int32" }],
    parameters: [count, x.shape[axis], sizeOf(x.shape.slice(axis + 1))],
    groups: [Math.min(count, 65535), 1, 1],
  })[0];
}
