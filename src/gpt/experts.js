"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.effectiveExperts = exports.expertUsage = void 0;
// Which of its experts a model uses.
const engine_1 = require("../engine");
const model_1 = require("./model");
/**
 * What each layer's experts compute: the share of all choices that fall on each.
 * @param ids (B, T) int32
 * @returns one row per layer, one number per expert; every row sums to 1
 * @throws if the model has no experts
 */
function expertUsage(params, config, ids) {
    if (!config.experts)
        throw new Error("expertUsage: expected a configuration with experts, got one without");
    const shares = [];
    engine_1.tf.tidy(() => {
        (0, model_1.gptHidden)(params, config, ids, {
            onRouting: (layer, { chosen }) => {
                const share = engine_1.tf.div(engine_1.tf.mean(chosen, 0), config.experts.perToken);
                shares[layer] = Array.from(share.dataSync());
            },
        });
    });
    return shares;
}
exports.expertUsage = expertUsage;
/**
 * How many experts' worth of work is spread: e to the power of the entropy of the shares. E if all
 * E are used equally, 1 if one does everything.
 */
function effectiveExperts(shares) {
    const entropy = shares.reduce((sum, p) => sum - (p > 0 ? p * Math.log(p) : 0), 0);
    return Math.exp(entropy);
}
exports.effectiveExperts = effectiveExperts;
