"use strict";
// Parameters: one flat record of named tensors for every model of the course, under the names that
// Hugging Face or PyTorch give them, so that checkpoints, optimizers, LoRA and comparisons with
// other libraries need no mapping. Here is what can be done with such a record whatever the model
// is.
Object.defineProperty(exports, "__esModule", { value: true });
exports.disposeParams = exports.cloneParams = exports.countParams = exports.layerParams = exports.lossAndGrads = void 0;
const engine_1 = require("./engine");
/**
 * The loss, and its gradient with respect to every parameter: ∂loss/∂p under the name of p; zeros
 * where the loss does not depend on p (an expert that no token was sent to).
 *
 * @param params what to differentiate by; other tensors that `loss` uses count as constants
 * @param loss computes the loss from `params`, with tensor operations only
 * @returns tensors that the caller disposes
 */
function lossAndGrads(params, loss) {
    const { value, grads: byVariable } = engine_1.tf.variableGrads(loss, Object.values(params));
    const grads = {};
    for (const name in params)
        grads[name] = byVariable[params[name].name] ?? engine_1.tf.zerosLike(params[name]);
    return { loss: value, grads };
}
exports.lossAndGrads = lossAndGrads;
/**
 * Weight and bias of one layer, ready to be spread into `linear` or `layerNorm`. A model without
 * biases has no entry for them, and gets null.
 *
 * @param name what comes before `.weight` and `.bias`, such as `transformer.h.0.ln_1`
 * @throws when there is no such weight
 */
function layerParams(params, name) {
    const weight = params[`${name}.weight`];
    if (!weight)
        throw new Error(`layerParams: expected a parameter "${name}.weight", got none of that name`);
    return [weight, params[`${name}.bias`] ?? null];
}
exports.layerParams = layerParams;
/** How many numbers the parameters hold together; tied ones are one entry and count once. */
function countParams(params) {
    return Object.values(params).reduce((sum, { size }) => sum + size, 0);
}
exports.countParams = countParams;
/** Copies of the parameters: new variables, which the caller disposes. */
function cloneParams(params) {
    return engine_1.tf.tidy(() => Object.fromEntries(Object.entries(params).map(([name, p]) => [name, engine_1.tf.keep(engine_1.tf.variable(engine_1.tf.clone(p)))])));
}
exports.cloneParams = cloneParams;
/** Frees every tensor of the record. */
function disposeParams(params) {
    for (const tensor of Object.values(params))
        tensor.dispose();
}
exports.disposeParams = disposeParams;
