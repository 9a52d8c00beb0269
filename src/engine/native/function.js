"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.functionDef = void 0;
// Writes a trace as a TensorFlow function (FunctionDef). Operations whose results are not used are
// left out, equal constants become one, and what the eager API infers (types, counts) is written
// down. Arguments are the inputs, then the variables' values; results are the outputs, then the new
// values of the variables that were written. So the function is pure, and tf.Variables stay
// ordinary tfjs tensors that are up to date before and after every call.
const node_crypto_1 = require("node:crypto");
const protobuf_1 = require("./protobuf");
const trace_1 = require("./trace");
/** @param inputs TensorFlow's type numbers of the inputs */
function functionDef(trace, inputs, binding) {
    const written = trace.slots.filter((slot) => slot.next);
    const results = [
        ...trace.outputs.map(({ ref, dtype }) => ({ ref, dtype })),
        ...written.map((slot) => ({ ref: slot.next, dtype: slot.dtype })),
    ];
    const live = reachable(results.map(({ ref }) => ref));
    const operations = trace.operations.filter((op) => live.has(op));
    const names = new Names(operations, trace.slots);
    const body = operations.map((op) => (0, protobuf_1.nodeMessage)(names.ofOperation(op), op.op, op.inputs.map((ref) => names.of(ref)), attributesOf(op, binding)));
    const returns = results.map(({ ref }, i) => new protobuf_1.Message().text(1, `y${i}`).text(2, names.of(ref)));
    const constants = names.constants.map(({ dtype, shape, bytes }, i) => (0, protobuf_1.nodeMessage)(`c${i}`, "Const", [], {
        dtype: protobuf_1.attribute.type(dtype),
        value: protobuf_1.attribute.tensor(dtype, shape, bytes),
    }));
    const argument = (field, name, dtype) => (signature) => signature.message(field, new protobuf_1.Message().text(1, name).int(3, dtype));
    const signature = [
        ...inputs.map((dtype, i) => argument(2, `x${i}`, dtype)),
        ...trace.slots.map(({ dtype }, i) => argument(2, `v${i}`, dtype)),
        ...results.map(({ dtype }, i) => argument(3, `y${i}`, dtype)),
    ];
    const write = (name) => {
        const def = new protobuf_1.Message().message(1, signature.reduce((message, add) => add(message), new protobuf_1.Message().text(1, name)));
        for (const node of [...constants, ...body])
            def.message(3, node);
        for (const result of returns)
            def.message(4, result);
        return def.entry(5, "_XlaMustCompile", protobuf_1.attribute.bool(true)).finish();
    };
    const digest = (0, node_crypto_1.createHash)("sha256").update(write("")).digest("hex").slice(0, 16);
    const name = `llm_${digest}`;
    return {
        name,
        bytes: write(name),
        written,
        recorded: trace.operations.length,
        operations: operations.length,
    };
}
exports.functionDef = functionDef;
/** The operations that the results depend on. */
function reachable(from) {
    const live = new Set();
    const waiting = [...from];
    for (let ref = waiting.pop(); ref; ref = waiting.pop()) {
        if (ref.kind !== "output" || live.has(ref.op))
            continue;
        live.add(ref.op);
        waiting.push(...ref.op.inputs);
    }
    return live;
}
/** Names inside the function, as FunctionDef wants them: x0, v3, c7:output:0, n12:y:0. */
class Names {
    constants = [];
    byContents = new Map();
    index = new Map();
    slots = new Map();
    constructor(operations, slots) {
        operations.forEach((op, i) => {
            this.index.set(op, i);
        });
        slots.forEach((slot, i) => {
            this.slots.set(slot, i);
        });
    }
    ofOperation(op) {
        return `n${this.index.get(op)}`;
    }
    of(ref) {
        if (ref.kind === "input")
            return `x${ref.index}`;
        if (ref.kind === "variable")
            return `v${this.slots.get(ref.slot)}`;
        if (ref.kind === "constant")
            return `c${this.constantIndex(ref.constant)}:output:0`;
        let index = ref.index;
        for (const [name, count, types] of trace_1.opTable[ref.op.op][1]) {
            const size = count
                ? Number(attributeOf(ref.op, count))
                : types
                    ? Number.POSITIVE_INFINITY
                    : 1;
            if (index < size)
                return `${this.ofOperation(ref.op)}:${name}:${index}`;
            index -= size;
        }
        throw new Error(`functionDef: ${ref.op.op} has no output ${ref.index}`);
    }
    constantIndex(constant) {
        const key = `${constant.dtype}|${constant.shape}|${Buffer.from(constant.bytes).toString("latin1")}`;
        let index = this.byContents.get(key);
        if (index === undefined) {
            index = this.constants.push(constant) - 1;
            this.byContents.set(key, index);
        }
        return index;
    }
}
const attributeOf = (op, name) => op.attributes.find((given) => given.name === name)?.value;
/** The attributes that tfjs gave, and those that the eager API would infer from the inputs. */
function attributesOf(op, binding) {
    const all = Object.fromEntries(op.attributes.map((given) => [given.name, attributeMessage(given, binding)]));
    let at = 0;
    for (const [type, count, types] of trace_1.opTable[op.op][0]) {
        let size = 1;
        if (count) {
            size = Number(attributeOf(op, count) ?? op.inputs.length - at);
            all[count] ??= protobuf_1.attribute.int(size);
        }
        if (types) {
            size = op.inputs.length - at;
            all[types] ??= protobuf_1.attribute.types(op.types.slice(at, at + size));
        }
        else if (type)
            all[type] ??= protobuf_1.attribute.type(op.types[at]);
        at += size;
    }
    return all;
}
function attributeMessage({ name, type, value }, binding) {
    const many = Array.isArray(value);
    switch (type) {
        case binding.TF_ATTR_TYPE:
            return protobuf_1.attribute.type(value);
        case binding.TF_ATTR_INT:
            return many ? protobuf_1.attribute.ints(value) : protobuf_1.attribute.int(value);
        case binding.TF_ATTR_FLOAT:
            return many ? protobuf_1.attribute.floats(value) : protobuf_1.attribute.float(value);
        case binding.TF_ATTR_BOOL:
            return many ? protobuf_1.attribute.bools(value) : protobuf_1.attribute.bool(value);
        case binding.TF_ATTR_STRING:
            return protobuf_1.attribute.string(value);
        case binding.TF_ATTR_SHAPE:
            return protobuf_1.attribute.shape(value);
        default:
            throw new Error(`functionDef: attribute ${name} has the unknown type ${type}`);
    }
}
