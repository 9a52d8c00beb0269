// Two traces of one function must be equal. Where they differ, something happens in JavaScript and
// would be frozen: a number that changes, a branch, a loop of another length, another variable.

import { changedConstant, expectSameResult, otherVariables, replacedVariable } from "../tracing";
import { CompileError } from "./errors";
import { type Constant, type Operation, opTable, type Ref, type Trace } from "./trace";

/** @throws CompileError for the first difference of `b`, which was traced later, from `a` */
export function compareTraces(a: Trace, b: Trace): void {
  const order = new Map<Operation, number>();
  for (const { operations } of [a, b]) for (const [i, op] of operations.entries()) order.set(op, i);
  const count = Math.max(a.operations.length, b.operations.length);
  for (let i = 0; i < count; i++) {
    const [x, y] = [a.operations[i], b.operations[i]];
    if (
      x?.op !== y?.op ||
      x.inputs.length !== y.inputs.length ||
      x.attributes.length !== y.attributes.length
    )
      throw branch(x, y);
    for (const [j, attribute] of x.attributes.entries())
      if (JSON.stringify(attribute) !== JSON.stringify(y.attributes[j]))
        throw changed(
          `${attribute.name} of ${x.op}`,
          JSON.stringify(attribute.value),
          JSON.stringify(y.attributes[j].value),
          y,
        );
    x.inputs.forEach((ref, j) => {
      compareRefs(ref, y.inputs[j], order, y);
    });
  }
  expectSameResult(a.result, b.result);
  a.outputs.forEach(({ ref }, i) => {
    compareRefs(ref, b.outputs[i].ref, order, undefined);
  });
  const writes = (t: Trace) => t.slots.filter((slot) => slot.next).length;
  if (a.slots.length !== b.slots.length || writes(a) !== writes(b)) throw otherVariables();
  a.slots.forEach((slot, i) => {
    const other = b.slots[i];
    if (slot.variable !== other.variable) throw replacedVariable(undefined);
    if (slot.next && other.next) compareRefs(slot.next, other.next, order, undefined);
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
    if (x.slot.variable !== y.slot.variable) throw replacedVariable(at?.place);
  } else if (x.kind === "input" && y.kind === "input" ? x.index !== y.index : x.kind !== y.kind) {
    throw branch(at, at);
  } else if (x.kind === "output" && y.kind === "output") {
    if (order.get(x.op) !== order.get(y.op) || x.index !== y.index) throw branch(at, at);
  }
}

export const sameConstant = (a: Constant, b: Constant): boolean =>
  a.dtype === b.dtype && `${a.shape}` === `${b.shape}` && Buffer.from(a.bytes).equals(b.bytes);

const changed = (what: string, before: string, now: string, at: Operation) =>
  new CompileError(
    `a value made in JavaScript changes between calls: ${what} was ${before} and became ${now}`,
    at.place,
    "It would be frozen. Write it as a tensor operation on an argument.",
  );

const branch = (x: Operation | undefined, y: Operation | undefined) =>
  new CompileError(
    "the function does other operations than before: " +
      `${x ? opText(x) : "nothing more"} became ${y ? opText(y) : "nothing more"}`,
    (y ?? x)?.place,
    "An if, a loop or a counter in JavaScript would be frozen. Use tf.where or a mask, " +
      "or compile one function for each case.",
  );

const opText = ({ op }: Operation): string => (op in opTable ? op : "another operation");

function valueText({ dtype, shape, bytes }: Constant): string {
  if (shape.reduce((a, b) => a * b, 1) !== 1) return `a tensor of shape [${shape}]`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (dtype === 1) return String(Number(view.getFloat32(0, true).toPrecision(7)));
  return String(dtype === 3 ? view.getInt32(0, true) : view.getUint8(0));
}
