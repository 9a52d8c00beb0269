"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.sumOfSquares = void 0;
// The square of a tensor's length: what clipping by the global norm adds up over all gradients.
//
//     y = Σ x²
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(x) {
    return engine_1.tf.sum(engine_1.tf.mul(x, x));
}
/**
 * The sum of the squares of all elements.
 * @param x any shape
 * @returns scalar
 */
exports.sumOfSquares = (0, define_1.op)({
    name: "sumOfSquares",
    shapes: "x (…)",
    clear,
    kernel: "SumOfSquares",
    fast: (x) => ({
        inputs: { x },
        saved: ["x"],
        gradient: (dy, { x }) => [engine_1.tf.mul(x, engine_1.tf.mul(dy, 2))],
    }),
});
