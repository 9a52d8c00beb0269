"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.remainder = exports.elementsOf = exports.toInt = exports.INT32 = void 0;
// Numbers as kernels have them, for those that are computed on the values themselves.
const tfjs_core_1 = require("@tensorflow/tfjs-core");
exports.INT32 = { least: -(2 ** 31), most: 2 ** 31 - 1 };
/** x as an int32: cut towards zero; the nearest where it is out of range, and 0 for NaN. */
const toInt = (x) => Math.min(Math.max(Math.trunc(x), exports.INT32.least), exports.INT32.most) || 0;
exports.toInt = toInt;
/** For each element of the result the element of an input that is broadcast to its shape. */
function elementsOf(from, to) {
    const index = new Int32Array(tfjs_core_1.util.sizeFromShape(to));
    const strides = tfjs_core_1.util.computeStrides([...from, 1]); // one for each axis of `from`
    const at = new Array(to.length).fill(0);
    const lead = to.length - from.length;
    const steps = to.map((_, i) => (i >= lead && from[i - lead] > 1 ? strides[i - lead] : 0));
    let [i, where] = [0, 0];
    while (i < index.length) {
        index[i++] = where;
        for (let axis = to.length - 1; axis >= 0; axis--) {
            where += steps[axis];
            if (++at[axis] < to[axis])
                break;
            where -= steps[axis] * to[axis];
            at[axis] = 0;
        }
    }
    return index;
}
exports.elementsOf = elementsOf;
/**
 * What is left of x when it is divided by y, with the sign of y; of x itself where y is infinite, and
 * NaN for y = 0, which an int32 holds as 0.
 */
function remainder(x, y) {
    const rest = x % y;
    return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}
exports.remainder = remainder;
