"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.softmaxCrossEntropy = void 0;
// The loss of language models: the mean surprise −log p(target), in nats, straight from the logits,
// so that neither the exponential nor the logarithm can overflow.
//
//     loss = −(1/N) Σᵢ log softmax(logitsᵢ)[targetᵢ]
//
// With weights wᵢ, such as 0 for padding, the mean is Σᵢ wᵢ (…) / Σᵢ wᵢ.
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(logits, targets, weights) {
    const V = logits.shape[1];
    const chosen = engine_1.tf.mul(engine_1.tf.logSoftmax(logits), engine_1.tf.oneHot(targets, V)); // zero but at the target
    const surprise = engine_1.tf.neg(engine_1.tf.sum(chosen, -1)); // (N)
    if (!weights)
        return engine_1.tf.mean(surprise);
    return engine_1.tf.div(engine_1.tf.sum(engine_1.tf.mul(surprise, weights)), engine_1.tf.sum(weights));
}
/**
 * Mean cross-entropy between softmax(logits) and the targets, in nats:
 * −(1/N) Σᵢ log softmax(logitsᵢ)[targetᵢ], or the mean weighted by `weights`.
 * @param logits (N, V): N predictions over a vocabulary of V
 * @param targets (N) int32, from 0 to V − 1
 * @param weights (N), what each prediction counts for: 0 leaves it out. Not all may be 0. If
 *   absent, all count alike.
 * @returns scalar
 * @throws Error when the shapes do not fit or a target is out of range
 */
exports.softmaxCrossEntropy = (0, define_1.op)({
    name: "softmaxCrossEntropy",
    shapes: "logits (N, V), targets (N) below V, weights? (N)",
    check: ({ shape: [N, V] }) => {
        if (N === 0)
            return "at least one target, got none";
        if (V < 2)
            return `a vocabulary V of 2 or more, got ${V}`;
    },
    clear,
    kernel: "CrossEntropy",
    // ∂logits = (softmax(logits) − onehot(targets)) / N
    fast: (logits, targets, weights) => weights
        ? null // a weighted mean has no kernel
        : {
            inputs: { logits },
            constants: { targets },
            outputs: ["loss", "p"],
            saved: ["p", "targets"],
        },
});
