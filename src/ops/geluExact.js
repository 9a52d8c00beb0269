"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.geluExact = void 0;
// The Gaussian error linear unit itself, as BERT uses it; ./gelu is its approximation by tanh.
// Hendrycks & Gimpel, 2016, arXiv:1606.08415.
//
//     gelu(x) = x · Φ(x) = x/2 · (1 + erf(x/√2))
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(x) {
    const gate = engine_1.tf.mul(engine_1.tf.add(engine_1.tf.erf(engine_1.tf.mul(x, Math.SQRT1_2)), 1), 0.5); // Φ(x)
    return engine_1.tf.mul(x, gate);
}
/**
 * gelu(x) = x · Φ(x), element by element, where Φ is the distribution function of the normal
 * distribution. The tanh form differs from it by at most 0.0005.
 * @param x any shape
 * @returns the shape of x
 */
exports.geluExact = (0, define_1.op)({ name: "geluExact", shapes: "x (…)", clear });
