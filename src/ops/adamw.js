"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.adamwInPlace = exports.canUpdateInPlace = void 0;
// One AdamW update of one parameter, in place, where the engine has a kernel for it: Loshchilov &
// Hutter, 2019, "Decoupled Weight Decay Regularization", arXiv:1711.05101, algorithm 2.
// The clear version, which works on every engine and decides which parameters decay, is in
// ../optim/adamw.
const engine_1 = require("../engine");
const define_1 = require("./define");
/**
 * Whether the engine has such a kernel. Not in a compiled function, where nothing is written in
 * place.
 */
function canUpdateInPlace() {
    return (0, define_1.hasKernel)("AdamW") && !(0, engine_1.isTracing)();
}
exports.canUpdateInPlace = canUpdateInPlace;
/**
 * Overwrites `param`, `m` and `v` with their values after one step, if the current engine can:
 *
 *     m ← β₁ m + (1 − β₁) g        v ← β₂ v + (1 − β₂) g²
 *     param ← param − lr · λ · param − lr · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * All four tensors have one shape. A buffer that another tensor shares (a clone, a reshape) is
 * never written.
 * @returns true if done; false if the caller must compute it from tfjs operations, and then nothing
 *   is changed
 * @throws Error when the shapes differ
 */
function adamwInPlace(param, grad, m, v, { lr, beta1, beta2, eps, weightDecay, step }) {
    for (const t of [grad, m, v])
        engine_1.tf.util.assertShapesMatch(param.shape, t.shape, "adamwInPlace: ");
    const isFloat = [param, grad, m, v].every(({ dtype }) => dtype === "float32");
    if (!canUpdateInPlace() || !isFloat)
        return false;
    const attributes = { lr, beta1, beta2, eps, weightDecay, step };
    const [done] = (0, define_1.runKernel)("AdamW", { param, grad, m, v }, attributes);
    const handled = done.shape[0] === 1; // one element if it has written, else none
    done.dispose();
    return handled;
}
exports.adamwInPlace = adamwInPlace;
