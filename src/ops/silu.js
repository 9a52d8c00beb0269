"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.silu = void 0;
// The sigmoid linear unit, also called swish: Elfwing, Uchibe & Doya, 2017, arXiv:1702.03118;
// Ramachandran, Zoph & Le, 2017, arXiv:1710.05941.
//
//     silu(x) = x · σ(x) = x / (1 + e^−x)
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(x) {
    return engine_1.tf.mul(x, engine_1.tf.sigmoid(x));
}
/**
 * silu(x) = x · σ(x), element by element: 0 far to the left, x far to the right, and finite for
 * every finite x.
 * @param x any shape
 * @returns the shape of x
 */
exports.silu = (0, define_1.op)({
    name: "silu",
    shapes: "x (…)",
    clear,
    kernel: "Silu",
    // ∂x = ∂y · σ(x) (1 + x (1 − σ(x)))
    fast: (x) => ({ inputs: { x }, saved: ["x"] }),
});
