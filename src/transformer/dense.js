"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.dense = void 0;
// The affine map of a layer as PyTorch stores it, weight (out, in): LLaMA, BERT and most models of
// Hugging Face. GPT-2's weights are (in, out): `linear` of llm/ops.
const engine_1 = require("../engine");
const params_1 = require("../params");
/**
 * x · Wᵀ + b, where b is added if the record has it.
 * @param x (…, in)
 * @param name what stands before `.weight` (out, in) and `.bias` (out)
 * @returns (…, out)
 * @throws if there is no such weight
 */
function dense(x, params, name) {
    const [weight, bias] = (0, params_1.layerParams)(params, name);
    const [out, width] = weight.shape;
    if (x.shape.at(-1) !== width)
        throw new Error(`dense: expected x (…, ${width}) for ${name}, got (${x.shape})`);
    return engine_1.tf.tidy(() => {
        const y = engine_1.tf.matMul(engine_1.tf.reshape(x, [-1, width]), weight, false, true); // (N, out)
        return engine_1.tf.reshape(bias ? engine_1.tf.add(y, bias) : y, [...x.shape.slice(0, -1), out]);
    });
}
exports.dense = dense;
