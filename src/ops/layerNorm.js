"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.layerNorm = void 0;
// Layer normalisation: Ba, Kiros & Hinton, 2016, "Layer Normalization", arXiv:1607.06450.
//
//     y = (x − μ) / √(σ² + ε) · gain + bias
//
// μ and σ² are the mean and the variance of the C values in one row.
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(x, gain, bias, eps = 1e-5) {
    const centred = engine_1.tf.sub(x, engine_1.tf.mean(x, -1, true));
    const variance = engine_1.tf.mean(engine_1.tf.mul(centred, centred), -1, true); // divided by C, not by C − 1
    const normalised = engine_1.tf.div(centred, engine_1.tf.sqrt(engine_1.tf.add(variance, eps)));
    const y = engine_1.tf.mul(normalised, gain);
    return bias ? engine_1.tf.add(y, bias) : y;
}
/**
 * Layer normalisation of the last axis: (x − μ) / √(σ² + ε) · gain + bias, row by row, with the
 * mean μ and the (biased) variance σ² of each row.
 * @param x (…, C)
 * @param gain (C)
 * @param bias (C), or null for none
 * @param eps ε, inside the root; 1e-5 as in GPT-2
 * @returns the shape of x
 * @throws Error when the shapes do not fit
 */
exports.layerNorm = (0, define_1.op)({
    name: "layerNorm",
    shapes: "x (…, C), gain (C), bias? (C)",
    clear,
    kernel: "LayerNorm",
    // With n the normalised values and g = ∂y · gain:
    // ∂x = (g − mean(g) − n · mean(g · n)) / √(σ² + ε)
    fast: (x, gain, bias, eps = 1e-5) => ({
        inputs: { x, gain, bias: bias ?? engine_1.tf.zerosLike(gain) },
        attributes: { eps },
        outputs: ["y", "normalised", "scale"],
        saved: ["normalised", "scale", "gain"],
    }),
});
