"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.shapeText = exports.checkShapes = exports.parseShapes = void 0;
// The shapes that an operation expects, written as its documentation writes them, and checked:
//
//     "x (…, Cin), weight (Cin, Cout), bias? (Cout)"
//     "table (V, C), ids (…) below V"
//
// A letter is one size, the same wherever it stands; 3C is three times C; "…" is any number of axes
// in front, the same wherever it stands. A tensor with a question mark may be null or left out.
// "below V": the values are int32, from 0 to V − 1.
const engine_1 = require("../engine");
const ids_1 = require("../engine/ids");
const SHAPE = /(\w+)(\??) \((…?)(?:, )?([^)]*)\)(?: below (\w+))?/g;
function parseShapes(text) {
    return Array.from(text.matchAll(SHAPE), ([, name, optional, leading, axes, below]) => ({
        text: `${name} (${[leading, axes].filter(Boolean).join(", ")})`,
        name,
        optional: optional !== "",
        leading: leading !== "",
        axes: Array.from(axes.matchAll(/(\d*)(\w+)/g), ([, factor, letter]) => ({
            factor: Number(factor || 1),
            letter,
        })),
        below,
    }));
}
exports.parseShapes = parseShapes;
/**
 * Checks the first arguments of an operation.
 * @param caller the operation's name, for the message
 * @throws Error with all shapes where one does not fit, and where an id is out of range
 */
function checkShapes(caller, expected, args) {
    const sizes = { letters: {} };
    for (let i = 0; i < expected.length; i++) {
        const x = args[i];
        if (!isAbsent(expected[i], x) && !(x instanceof engine_1.tf.Tensor && fits(x.shape, expected[i], sizes)))
            throw new Error(`${caller}: expected ${mismatch(expected, args)}`);
    }
    for (let i = 0; i < expected.length; i++) {
        const { name, below } = expected[i];
        if (below)
            (0, ids_1.checkIds)(args[i], sizes.letters[below], caller, name);
    }
}
exports.checkShapes = checkShapes;
const isAbsent = ({ optional }, x) => optional && (x === null || x === undefined);
/** Whether a shape fits; what its letters stand for is added to `sizes`. */
function fits(shape, { leading, axes }, sizes) {
    const start = shape.length - axes.length;
    if (leading ? start < 0 : start !== 0)
        return false;
    if (leading) {
        const front = shape.slice(0, start);
        sizes.leading ??= front;
        if (!engine_1.tf.util.arraysEqual(sizes.leading, front))
            return false;
    }
    return axes.every(({ factor, letter }, i) => {
        const size = shape[start + i] / factor;
        sizes.letters[letter] ??= size;
        return Number.isInteger(size) && sizes.letters[letter] === size;
    });
}
/** "x (C) and y (C), got x (2) and y (3)". */
function mismatch(expected, args) {
    const given = expected.map((shape, i) => ({ ...shape, x: args[i] }));
    const present = given.filter((shape) => !isAbsent(shape, shape.x));
    const got = present.map(({ name, x }) => `${name} ${x instanceof engine_1.tf.Tensor ? shapeText(x) : typeof x}`);
    return `${list(present.map(({ text }) => text))}, got ${list(got)}`;
}
/** "(2, 3, 4)", for messages. */
function shapeText({ shape }) {
    return `(${shape.join(", ")})`;
}
exports.shapeText = shapeText;
/** "a, b and c". */
const list = (items) => items.length < 2 ? items.join() : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
