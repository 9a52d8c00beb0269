"use strict";
// Two traces of one function must be equal. Where they differ, something happens in JavaScript and
// would be frozen: a number that changes, a branch, a loop of another length, another variable.
Object.defineProperty(exports, "__esModule", { value: true });
exports.sameConstant = exports.compareTraces = void 0;
const errors_1 = require("./errors");
const trace_1 = require("./trace");
/** @throws CompileError for the first difference of `b`, which was traced later, from `a` */
function compareTraces(a, b) {
    const order = new Map();
    for (const { operations } of [a, b])
        for (const [i, op] of operations.entries())
            order.set(op, i);
    const count = Math.max(a.operations.length, b.operations.length);
    for (let i = 0; i < count; i++) {
        const [x, y] = [a.operations[i], b.operations[i]];
        if (x?.op !== y?.op ||
            x.inputs.length !== y.inputs.length ||
            x.attributes.length !== y.attributes.length)
            throw branch(x, y);
        for (const [j, attribute] of x.attributes.entries())
            if (JSON.stringify(attribute) !== JSON.stringify(y.attributes[j]))
                throw changed(`${attribute.name} of ${x.op}`, JSON.stringify(attribute.value), JSON.stringify(y.attributes[j].value), y);
        x.inputs.forEach((ref, j) => {
            compareRefs(ref, y.inputs[j], order, y);
        });
    }
    if (JSON.stringify(a.result, structure) !== JSON.stringify(b.result, structure))
        throw new errors_1.CompileError("what the function returns changes between calls", undefined, alwaysTheSame);
    a.outputs.forEach(({ ref }, i) => {
        compareRefs(ref, b.outputs[i].ref, order, undefined);
    });
    const writes = (t) => t.slots.filter((slot) => slot.next).length;
    if (a.slots.length !== b.slots.length || writes(a) !== writes(b))
        throw new errors_1.CompileError("other variables are read or written than before", undefined, alwaysTheSame);
    a.slots.forEach((slot, i) => {
        const other = b.slots[i];
        if (slot.variable !== other.variable)
            throw replaced(undefined);
        if (slot.next && other.next)
            compareRefs(slot.next, other.next, order, undefined);
    });
}
exports.compareTraces = compareTraces;
const alwaysTheSame = "At every call with arguments of the same shapes a compiled function must do the same operations.";
const structure = (_, value) => value instanceof Object && "dataId" in value ? "tensor" : value;
function compareRefs(x, y, order, at) {
    if (x.kind === "constant" && y.kind === "constant") {
        if (!(0, exports.sameConstant)(x.constant, y.constant))
            throw new errors_1.CompileError("a value made in JavaScript changes between calls: " +
                `${valueText(x.constant)} became ${valueText(y.constant)}`, y.constant.place, "It would be frozen. Pass it as an argument: tf.scalar(value) for a number; " +
                "for dropout, a DropoutKey (llm/ops).");
    }
    else if (x.kind === "variable" && y.kind === "variable") {
        if (x.slot.variable !== y.slot.variable)
            throw replaced(at);
    }
    else if (x.kind === "input" && y.kind === "input" ? x.index !== y.index : x.kind !== y.kind) {
        throw branch(at, at);
    }
    else if (x.kind === "output" && y.kind === "output") {
        if (order.get(x.op) !== order.get(y.op) || x.index !== y.index)
            throw branch(at, at);
    }
}
const sameConstant = (a, b) => a.dtype === b.dtype && `${a.shape}` === `${b.shape}` && Buffer.from(a.bytes).equals(b.bytes);
exports.sameConstant = sameConstant;
const replaced = (at) => new errors_1.CompileError("the function uses another variable than before: a tf.Variable was replaced", at?.place, "Change its value with variable.assign(…), or pass the variables as arguments.");
const changed = (what, before, now, at) => new errors_1.CompileError(`a value made in JavaScript changes between calls: ${what} was ${before} and became ${now}`, at.place, "It would be frozen. Write it as a tensor operation on an argument.");
const branch = (x, y) => new errors_1.CompileError("the function does other operations than before: " +
    `${x ? opText(x) : "nothing more"} became ${y ? opText(y) : "nothing more"}`, (y ?? x)?.place, "An if, a loop or a counter in JavaScript would be frozen. Use tf.where or a mask, " +
    "or compile one function for each case.");
const opText = ({ op }) => (op in trace_1.opTable ? op : "another operation");
function valueText({ dtype, shape, bytes }) {
    if (shape.reduce((a, b) => a * b, 1) !== 1)
        return `a tensor of shape [${shape}]`;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (dtype === 1)
        return String(Number(view.getFloat32(0, true).toPrecision(7)));
    return String(dtype === 3 ? view.getInt32(0, true) : view.getUint8(0));
}
