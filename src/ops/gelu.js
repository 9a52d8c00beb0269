"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.gelu = void 0;
// The Gaussian error linear unit, in the tanh form that GPT-2 uses: Hendrycks & Gimpel, 2016,
// arXiv:1606.08415.
//
//     gelu(x) = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³)))
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(x) {
    const cube = engine_1.tf.mul(engine_1.tf.mul(x, x), x); // not tf.pow, which is slow
    const inner = engine_1.tf.mul(engine_1.tf.add(x, engine_1.tf.mul(cube, 0.044715)), Math.sqrt(2 / Math.PI));
    return engine_1.tf.mul(engine_1.tf.mul(x, 0.5), engine_1.tf.add(engine_1.tf.tanh(inner), 1));
}
/**
 * gelu(x) = x/2 · (1 + tanh(√(2/π) · (x + 0.044715 x³))), element by element: an approximation of
 * x · Φ(x), where Φ is the distribution function of the normal distribution.
 * @param x any shape
 * @returns the shape of x
 */
exports.gelu = (0, define_1.op)({
    name: "gelu",
    shapes: "x (…)",
    clear,
    kernel: "Gelu",
    clearWhenCompiled: true,
    fast: (x) => ({
        inputs: { x },
        outputs: ["y", "gate"],
        saved: ["x", "gate"],
    }),
});
