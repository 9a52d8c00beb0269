// The few protobuf messages of TensorFlow that a function is made of: NodeDef, AttrValue,
// TensorProto, FunctionDef (tensorflow/core/framework/*.proto). Written by hand, because a protobuf
// library would be larger than all of this.

const encoder = new TextEncoder();

/** A message under construction: a list of byte strings. */
export class Message {
  private readonly parts: Uint8Array[] = [];
  private length = 0;

  private raw(bytes: Uint8Array): this {
    this.parts.push(bytes);
    this.length += bytes.length;
    return this;
  }

  private varint(value: number): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    return this.raw(Uint8Array.from(bytes));
  }

  int(field: number, value: number): this {
    return this.varint(field << 3).varint(value);
  }

  float(field: number, value: number): this {
    return this.varint((field << 3) | 5).raw(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): this {
    return this.varint((field << 3) | 2)
      .varint(value.length)
      .raw(value);
  }

  text(field: number, value: string): this {
    return this.bytes(field, encoder.encode(value));
  }

  message(field: number, value: Message): this {
    return this.bytes(field, value.finish());
  }

  /** An entry of a map from names to messages. */
  entry(field: number, key: string, value: Message): this {
    return this.message(field, new Message().text(1, key).message(2, value));
  }

  finish(): Uint8Array {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

const shapeMessage = (shape: readonly number[]): Message =>
  shape.reduce((message, size) => message.message(2, new Message().int(1, size)), new Message());

/**
 * A TensorProto. A tensor of equal values (zeros, ones) is stored as one value: TensorFlow repeats
 * the last one.
 */
function tensorMessage(dtype: number, shape: readonly number[], values: Uint8Array): Message {
  const message = new Message().int(1, dtype).message(2, shapeMessage(shape));
  const size = shape.reduce((a, b) => a * b, 1);
  const width = values.length / size;
  const repeated = size > 1 && values.every((byte, i) => i < width || byte === values[i - width]);
  const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
  if (repeated && dtype === 1) return message.float(5, view.getFloat32(0, true));
  if (repeated && dtype === 3) return message.int(7, view.getInt32(0, true));
  return message.bytes(4, values);
}

const list = (field: "int" | "float", at: number, values: readonly number[]): Message =>
  new Message().message(
    1,
    values.reduce((message, x) => message[field](at, x), new Message()),
  );

/** AttrValue, by the type of the value. */
export const attribute = {
  string: (value: string) => new Message().text(2, value),
  int: (value: number) => new Message().int(3, value),
  float: (value: number) => new Message().float(4, value),
  bool: (value: boolean) => new Message().int(5, value ? 1 : 0),
  type: (value: number) => new Message().int(6, value),
  shape: (value: readonly number[]) => new Message().message(7, shapeMessage(value)),
  tensor: (dtype: number, shape: readonly number[], values: Uint8Array) =>
    new Message().message(8, tensorMessage(dtype, shape, values)),
  ints: (values: readonly number[]) => list("int", 3, values),
  floats: (values: readonly number[]) => list("float", 4, values),
  bools: (values: readonly boolean[]) => list("int", 5, values.map(Number)),
  types: (values: readonly number[]) => list("int", 6, values),
};

/** A NodeDef: one operation of a function. */
export function nodeMessage(
  name: string,
  op: string,
  inputs: readonly string[],
  attributes: Record<string, Message>,
): Message {
  const message = new Message().text(1, name).text(2, op);
  for (const input of inputs) message.text(3, input);
  for (const [key, value] of Object.entries(attributes)) message.entry(5, key, value);
  return message;
}
