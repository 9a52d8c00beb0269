"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.linear = void 0;
// The affine map of a layer, with the weight stored (in, out) as GPT-2 stores it ("Conv1D"), so
// that nothing needs to be transposed. PyTorch's nn.Linear stores the transpose.
//
//     y = x · W + b
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(x, weight, bias) {
    const product = engine_1.tf.matMul(asRows(x), weight); // (N, Cout)
    const y = bias ? engine_1.tf.add(product, bias) : product;
    return engine_1.tf.reshape(y, shapeOf(x, weight));
}
/** One matrix product for all leading axes: (…, Cin) → (N, Cin). */
const asRows = (x) => engine_1.tf.reshape(x, [-1, x.shape.at(-1)]);
/** (…, Cout) */
const shapeOf = (x, weight) => [
    ...x.shape.slice(0, -1),
    weight.shape[1],
];
/**
 * An affine map of the last axis: x · W + b. Cin and Cout are the widths before and after.
 * @param x (…, Cin)
 * @param weight (Cin, Cout)
 * @param bias (Cout), or nothing
 * @returns (…, Cout)
 * @throws Error when the shapes do not fit
 */
exports.linear = (0, define_1.op)({
    name: "linear",
    shapes: "x (…, Cin), weight (Cin, Cout), bias? (Cout)",
    clear,
    kernel: "Linear",
    fast: (x, weight, bias) => bias
        ? {
            inputs: { x: asRows(x), weight, bias },
            saved: ["x", "weight"],
            gradient: (dy, { x, weight }) => [
                engine_1.tf.matMul(dy, weight, false, true),
                engine_1.tf.matMul(x, dy, true, false),
                ...(0, define_1.runKernel)("ColumnSum", { x: dy }), // ∂b = Σ ∂y over the rows
            ],
            shape: shapeOf(x, weight),
        }
        : null, // a product alone is one kernel already
});
