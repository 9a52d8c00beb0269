"use strict";
// The few protobuf messages of TensorFlow that a function is made of: NodeDef, AttrValue,
// TensorProto, FunctionDef (tensorflow/core/framework/*.proto). Written by hand, because a protobuf
// library would be larger than all of this.
Object.defineProperty(exports, "__esModule", { value: true });
exports.nodeMessage = exports.attribute = exports.Message = void 0;
const encoder = new TextEncoder();
/** A message under construction: a list of byte strings. */
class Message {
    parts = [];
    length = 0;
    raw(bytes) {
        this.parts.push(bytes);
        this.length += bytes.length;
        return this;
    }
    varint(value) {
        const bytes = [];
        let rest = BigInt.asUintN(64, BigInt(value));
        for (; rest > 127n; rest >>= 7n)
            bytes.push(Number(rest & 127n) | 128);
        bytes.push(Number(rest));
        return this.raw(Uint8Array.from(bytes));
    }
    int(field, value) {
        return this.varint(field << 3).varint(value);
    }
    float(field, value) {
        return this.varint((field << 3) | 5).raw(new Uint8Array(Float32Array.of(value).buffer));
    }
    bytes(field, value) {
        return this.varint((field << 3) | 2)
            .varint(value.length)
            .raw(value);
    }
    text(field, value) {
        return this.bytes(field, encoder.encode(value));
    }
    message(field, value) {
        return this.bytes(field, value.finish());
    }
    /** An entry of a map from names to messages. */
    entry(field, key, value) {
        return this.message(field, new Message().text(1, key).message(2, value));
    }
    finish() {
        const all = new Uint8Array(this.length);
        let at = 0;
        for (const part of this.parts) {
            all.set(part, at);
            at += part.length;
        }
        return all;
    }
}
exports.Message = Message;
const shapeMessage = (shape) => shape.reduce((message, size) => message.message(2, new Message().int(1, size)), new Message());
/**
 * A TensorProto. A tensor of equal values (zeros, ones) is stored as one value: TensorFlow repeats
 * the last one.
 */
function tensorMessage(dtype, shape, values) {
    const message = new Message().int(1, dtype).message(2, shapeMessage(shape));
    const size = shape.reduce((a, b) => a * b, 1);
    const width = values.length / size;
    const repeated = size > 1 && values.every((byte, i) => i < width || byte === values[i - width]);
    const view = new DataView(values.buffer, values.byteOffset, values.byteLength);
    if (repeated && dtype === 1)
        return message.float(5, view.getFloat32(0, true));
    if (repeated && dtype === 3)
        return message.int(7, view.getInt32(0, true));
    return message.bytes(4, values);
}
const list = (field, at, values) => new Message().message(1, values.reduce((message, x) => message[field](at, x), new Message()));
/** AttrValue, by the type of the value. */
exports.attribute = {
    string: (value) => new Message().text(2, value),
    int: (value) => new Message().int(3, value),
    float: (value) => new Message().float(4, value),
    bool: (value) => new Message().int(5, value ? 1 : 0),
    type: (value) => new Message().int(6, value),
    shape: (value) => new Message().message(7, shapeMessage(value)),
    tensor: (dtype, shape, values) => new Message().message(8, tensorMessage(dtype, shape, values)),
    ints: (values) => list("int", 3, values),
    floats: (values) => list("float", 4, values),
    bools: (values) => list("int", 5, values.map(Number)),
    types: (values) => list("int", 6, values),
};
/** A NodeDef: one operation of a function. */
function nodeMessage(name, op, inputs, attributes) {
    const message = new Message().text(1, name).text(2, op);
    for (const input of inputs)
        message.text(3, input);
    for (const [key, value] of Object.entries(attributes))
        message.entry(5, key, value);
    return message;
}
exports.nodeMessage = nodeMessage;
