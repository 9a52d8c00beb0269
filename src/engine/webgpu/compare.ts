// Two traces of one function on the GPU must be equal, as native's must (../native/compare): where
// they differ, something happens in JavaScript and would be frozen.
import { CompileError } from "../native/errors";
import { changedConstant, expectSameResult, otherVariables, replacedVariable } from "../tracing";
import type { Constant, GpuTrace, Operation, Ref } from "./trace";

/** @throws CompileError for the first difference of `b`, which was traced later, from `a` */
export function compareGpuTraces(a: GpuTrace, b: GpuTrace): void {
  const order = new Map<Operation, number>();
  for (const { operations } of [a, b]) for (const [i, op] of operations.entries()) order.set(op, i);
  const count = Math.max(a.operations.length, b.operations.length);
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.operations[i], b.operations[i]];
    if (x?.key !== y?.key || x.refs.length !== y.refs.length) throw branch(y ?? x);
    x.refs.forEach((ref, j) => {
      compareRefs(ref, y.refs[j], order, y);
    });
    if (!equalBytes(x.parameters, y.parameters) || `${x.groups}` !== `${y.groups}`)
      throw new CompileError(
        "a value made in JavaScript changes between calls: a number of an operation",
        y.place,
        "It would be frozen. Write it as a tensor operation on an argument.",
      );
  }
  a.outputs.forEach(({ ref }, i) => {
    if (!b.outputs[i]) throw otherVariables();
    compareRefs(ref, b.outputs[i].ref, order, undefined);
  });
  const writes = (t: GpuTrace) => t.slots.filter((slot) => slot.next).length;
  expectSameResult([a.outputs.length, a.result], [b.outputs.length, b.result]);
  if (a.slots.length !== b.slots.length || writes(a) !== writes(b)) throw otherVariables();
  a.slots.forEach((slot, i) => {
    if (slot.variable !== b.slots[i].variable) throw replacedVariable(undefined);
    if (slot.next && b.slots[i].next)
      compareRefs(slot.next.ref, b.slots[i].next!.ref, order, undefined);
  });
}

function compareRefs(
  x: Ref,
  y: Ref,
  order: Map<Operation, number>,
  at: Operation | undefined,
): void {
  if (x.kind === "constant" && y.kind === "constant") {
    if (!sameConstant(x.constant, y.constant))
      throw changedConstant(valueText(x.constant), valueText(y.constant), y.constant.place);
  } else if (x.kind === "variable" && y.kind === "variable") {
    if (x.variable !== y.variable) throw replacedVariable(at?.place);
  } else if (x.kind === "input" && y.kind === "input" ? x.index !== y.index : x.kind !== y.kind) {
    throw branch(at);
  } else if (x.kind === "output" && y.kind === "output") {
    if (order.get(x.op) !== order.get(y.op) || x.index !== y.index) throw branch(at);
  }
}

const bytesOf = (x: ArrayBuffer | ArrayBufferView) =>
  ArrayBuffer.isView(x)
    ? Buffer.from(x.buffer, x.byteOffset, x.byteLength)
    : Buffer.from(x as ArrayBuffer);
const equalBytes = (x: ArrayBuffer | ArrayBufferView, y: ArrayBuffer | ArrayBufferView): boolean =>
  bytesOf(x).equals(bytesOf(y));

const sameConstant = (a: Constant, b: Constant): boolean =>
  a.dtype === b.dtype && `${a.shape}` === `${b.shape}` && equalBytes(a.values, b.values);

const branch = (at: Operation | undefined) =>
  new CompileError(
    "the function does other operations than before",
    at?.place,
    "An if, a loop or a counter in JavaScript would be frozen. Use tf.where or a mask, " +
      "or compile one function for each case.",
  );

const valueText = ({ shape, values }: Constant): string =>
  values.length === 1 ? String(Number(values[0].toPrecision(7))) : `a tensor of shape [${shape}]`;
