// Sums of rows with the same number: the gradient of every look-up of rows. tfjs adds them with
// atomic operations in whatever order the threads come, so that no two runs would have the same
// last digits. Here the rows of one number form a chain in their own order, and one thread for each
// column follows it.
import type * as tf from "@tensorflow/tfjs-core";
import type { Commands } from "./backend";
import { eachElement, fill, groupsFor, runOwn, wordOf } from "./kernels";

/** The next row with the number of row i, or −1; and whether row i is the first with its number. */
const LINKS = eachElement(`
  let row = a[i];
  var next = -1;
  for (var m = i + 1; m < P(0); m++) { if (a[m] == row) { next = m; break; } }
  var isFirst = 1;
  for (var m = i - 1; m >= 0; m--) { if (a[m] == row) { isFirst = 0; break; } }
  y[i] = next;
  y1[i] = isFirst;`);

const sums = (type: string) =>
  eachElement(`
  let within = P(1);
  var n = i / within;
  let column = i % within;
  let row = b[n];
  if (d[n] == 1 && row >= 0 && row < P(2)) {
    var sum = ${type}(0);
    while (n >= 0) { sum += a[n * within + column]; n = c[n]; }
    y[row * within + column] = sum;
  }`);

/** x (N, C), ids (N) of 0 to count − 1, others are left out: (count, C). */
export function segmentSum(
  commands: Commands,
  x: tf.TensorInfo,
  ids: tf.TensorInfo,
  count: number,
): tf.TensorInfo {
  const [N, C] = x.shape;
  const { dtype } = x;
  const type = wordOf(dtype);
  const whole = { shape: [N], dtype: "int32" as const };
  const [next, first] = runOwn(commands, {
    key: "links",
    code: () => LINKS,
    inputs: [ids],
    outputs: [whole, whole],
    parameters: [N],
    groups: groupsFor(N),
  });
  const result = commands.backend.makeTensorInfo([count, C], dtype);
  commands.backend.uploadToGPU(result.dataId);
  fill(commands, result, 0);
  runOwn(commands, {
    key: `segments ${type}`,
    code: () => sums(type),
    inputs: [x, ids, next, first],
    outputs: [],
    into: [result],
    parameters: [N * C, C, count],
    groups: groupsFor(N * C),
  });
  for (const { dataId } of [next, first]) commands.backend.disposeData(dataId);
  return result;
}
