"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.rmsNorm = void 0;
// Root mean square normalisation: Zhang & Sennrich, 2019, "Root Mean Square Layer Normalization",
// arXiv:1910.07467. It is layer normalisation without the mean and the bias; LLaMA and most models
// after it use it.
//
//     y = x / √(mean(x²) + ε) · gain
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(x, gain, eps = 1e-5) {
    const meanSquare = engine_1.tf.mean(engine_1.tf.mul(x, x), -1, true);
    const y = engine_1.tf.div(x, engine_1.tf.sqrt(engine_1.tf.add(meanSquare, eps)));
    return gain ? engine_1.tf.mul(y, gain) : y;
}
/**
 * Root mean square normalisation of the last axis: x / √(mean(x²) + ε) · gain, row by row.
 * PyTorch's `F.rms_norm` and Hugging Face's `LlamaRMSNorm`. Models differ in ε: LLaMA has 1e-6,
 * LLaMA 2 and 3 have 1e-5.
 * @param x (…, C)
 * @param gain (C), or null for none
 * @param eps ε, inside the root
 * @returns the shape of x
 * @throws Error when the shapes do not fit
 */
exports.rmsNorm = (0, define_1.op)({
    name: "rmsNorm",
    shapes: "x (…, C), gain? (C)",
    clear,
    kernel: "RmsNorm",
    // With s = 1/√(mean(x²) + ε), n = x · s and g = ∂y · gain:
    // ∂x = s (g − n · mean(g · n)) and ∂gain = Σ ∂y · n over the rows
    fast: (x, gain, eps = 1e-5) => ({
        inputs: { x, gain: gain ?? engine_1.tf.ones([x.shape.at(-1)]) },
        attributes: { eps },
        outputs: ["y", "scale"],
        saved: ["x", "scale", "gain"],
    }),
});
