// Writes a trace as a TensorFlow function (FunctionDef). Operations whose results are not used are
// left out, equal constants become one, and what the eager API infers (types, counts) is written
// down. Arguments are the inputs, then the variables' values; results are the outputs, then the new
// values of the variables that were written. So the function is pure, and tf.Variables stay
// ordinary tfjs tensors that are up to date before and after every call.
import { createHash } from "node:crypto";
import type { Attribute, Binding } from "./backend";
import { attribute, Message, nodeMessage } from "./protobuf";
import { type Constant, type Operation, opTable, type Ref, type Slot, type Trace } from "./trace";

export interface FunctionDef {
  /** Made from the contents, so that equal functions share their program in XLA's cache on disk. */
  name: string;
  bytes: Uint8Array;
  /** Variables whose new values are the last results, in this order. */
  written: Slot[];
  /** Operations that were recorded, and those in the function. */
  recorded: number;
  operations: number;
}

/** @param inputs TensorFlow's type numbers of the inputs */
export function functionDef(trace: Trace, inputs: number[], binding: Binding): FunctionDef {
  const written = trace.slots.filter((slot) => slot.next);
  const results = [
    ...trace.outputs.map(({ ref, dtype }) => ({ ref, dtype })),
    ...written.map((slot) => ({ ref: slot.next!, dtype: slot.dtype })),
  ];
  const live = reachable(results.map(({ ref }) => ref));
  const operations = trace.operations.filter((op) => live.has(op));
  const names = new Names(operations, trace.slots);
  const body = operations.map((op) =>
    nodeMessage(
      names.ofOperation(op),
      op.op,
      op.inputs.map((ref) => names.of(ref)),
      attributesOf(op, binding),
    ),
  );
  const returns = results.map(({ ref }, i) =>
    new Message().text(1, `y${i}`).text(2, names.of(ref)),
  );
  const constants = names.constants.map(({ dtype, shape, bytes }, i) =>
    nodeMessage(`c${i}`, "Const", [], {
      dtype: attribute.type(dtype),
      value: attribute.tensor(dtype, shape, bytes),
    }),
  );
  const argument = (field: number, name: string, dtype: number) => (signature: Message) =>
    signature.message(field, new Message().text(1, name).int(3, dtype));
  const signature = [
    ...inputs.map((dtype, i) => argument(2, `x${i}`, dtype)),
    ...trace.slots.map(({ dtype }, i) => argument(2, `v${i}`, dtype)),
    ...results.map(({ dtype }, i) => argument(3, `y${i}`, dtype)),
  ];
  const write = (name: string): Uint8Array => {
    const def = new Message().message(
      1,
      signature.reduce((message, add) => add(message), new Message().text(1, name)),
    );
    for (const node of [...constants, ...body]) def.message(3, node);
    for (const result of returns) def.message(4, result);
    return def.entry(5, "_XlaMustCompile", attribute.bool(true)).finish();
  };
  const digest = createHash("sha256").update(write("")).digest("hex").slice(0, 16);
  const name = `llm_${digest}`;
  return {
    name,
    bytes: write(name),
    written,
    recorded: trace.operations.length,
    operations: operations.length,
  };
}

/** The operations that the results depend on. */
function reachable(from: Ref[]): Set<Operation> {
  const live = new Set<Operation>();
  const waiting = [...from];
  for (let ref = waiting.pop(); ref; ref = waiting.pop()) {
    if (ref.kind !== "output" || live.has(ref.op)) continue;
    live.add(ref.op);
    waiting.push(...ref.op.inputs);
  }
  return live;
}

/** Names inside the function, as FunctionDef wants them: x0, v3, c7:output:0, n12:y:0. */
class Names {
  readonly constants: Constant[] = [];
  private readonly byContents = new Map<string, number>();
  private readonly index = new Map<Operation, number>();
  private readonly slots = new Map<Slot, number>();

  constructor(operations: Operation[], slots: Slot[]) {
    operations.forEach((op, i) => {
      this.index.set(op, i);
    });
    slots.forEach((slot, i) => {
      this.slots.set(slot, i);
    });
  }

  ofOperation(op: Operation): string {
    return `n${this.index.get(op)}`;
  }

  of(ref: Ref): string {
    if (ref.kind === "input") return `x${ref.index}`;
    if (ref.kind === "variable") return `v${this.slots.get(ref.slot)}`;
    if (ref.kind === "constant") return `c${this.constantIndex(ref.constant)}:output:0`;
    let index = ref.index;
    for (const [name, count, types] of opTable[ref.op.op][1]) {
      const size = count
        ? Number(attributeOf(ref.op, count))
        : types
          ? Number.POSITIVE_INFINITY
          : 1;
      if (index < size) return `${this.ofOperation(ref.op)}:${name}:${index}`;
      index -= size;
    }
    throw new Error(`functionDef: ${ref.op.op} has no output ${ref.index}`);
  }

  private constantIndex(constant: Constant): number {
    const key = `${constant.dtype}|${constant.shape}|${Buffer.from(constant.bytes).toString("latin1")}`;
    let index = this.byContents.get(key);
    if (index === undefined) {
      index = this.constants.push(constant) - 1;
      this.byContents.set(key, index);
    }
    return index;
  }
}

const attributeOf = (op: Operation, name: string): unknown =>
  op.attributes.find((given) => given.name === name)?.value;

/** The attributes that tfjs gave, and those that the eager API would infer from the inputs. */
function attributesOf(op: Operation, binding: Binding): Record<string, Message> {
  const all = Object.fromEntries(
    op.attributes.map((given) => [given.name, attributeMessage(given, binding)]),
  );
  let at = 0;
  for (const [type, count, types] of opTable[op.op][0]) {
    let size = 1;
    if (count) {
      size = Number(attributeOf(op, count) ?? op.inputs.length - at);
      all[count] ??= attribute.int(size);
    }
    if (types) {
      size = op.inputs.length - at;
      all[types] ??= attribute.types(op.types.slice(at, at + size));
    } else if (type) all[type] ??= attribute.type(op.types[at]);
    at += size;
  }
  return all;
}

function attributeMessage({ name, type, value }: Attribute, binding: Binding): Message {
  const many = Array.isArray(value);
  switch (type) {
    case binding.TF_ATTR_TYPE:
      return attribute.type(value as number);
    case binding.TF_ATTR_INT:
      return many ? attribute.ints(value) : attribute.int(value as number);
    case binding.TF_ATTR_FLOAT:
      return many ? attribute.floats(value) : attribute.float(value as number);
    case binding.TF_ATTR_BOOL:
      return many ? attribute.bools(value) : attribute.bool(value as boolean);
    case binding.TF_ATTR_STRING:
      return attribute.string(value as string);
    case binding.TF_ATTR_SHAPE:
      return attribute.shape(value as number[]);
    default:
      throw new Error(`functionDef: attribute ${name} has the unknown type ${type}`);
  }
}
