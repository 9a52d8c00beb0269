"use strict";
// AdamW (Loshchilov & Hutter, 2019; Adam: Kingma & Ba, 2015), PyTorch's form of it: the weight
// decay acts on the weights and never enters the moments, ε stands outside the root, both moments
// are corrected for starting at zero. Everything is tensors and the arguments are all that changes
// between steps, so that the step can be compiled. On wasm and native one kernel does all of it for
// a parameter (ops/adamw.ts); the lines below are the clear version, which is what is compiled and
// what runs elsewhere. Not here: parameter groups (./optimizer), amsgrad.
Object.defineProperty(exports, "__esModule", { value: true });
exports.perParameter = exports.adamwStep = exports.adamwInit = exports.adamw = void 0;
const engine_1 = require("../engine");
const ops_1 = require("../ops");
/**
 * AdamW as an optimizer of the trainer. Its memory: `step`, and `m.<name>` and `v.<name>` of each
 * parameter.
 */
function adamw(options = {}) {
    return {
        compiles: true,
        init: adamwInit,
        step: (params, grads, state, lr) => adamwStep(params, grads, state, { lr, ...options }),
    };
}
exports.adamw = adamw;
/**
 * Both moments of every parameter, all zero, and the step count 0. The caller disposes them
 * (disposeParams).
 */
function adamwInit(params) {
    return engine_1.tf.tidy(() => {
        const state = { step: engine_1.tf.variable(engine_1.tf.scalar(0), false) };
        for (const name in params) {
            state[`m.${name}`] = engine_1.tf.variable(engine_1.tf.zerosLike(params[name]), false);
            state[`v.${name}`] = engine_1.tf.variable(engine_1.tf.zerosLike(params[name]), false);
        }
        return state;
    });
}
exports.adamwInit = adamwInit;
/**
 * One AdamW step, in place. With t counted from 1: `m ← β₁m + (1−β₁)g`, `v ← β₂v + (1−β₂)g²`, `p ←
 * p − lr·λ·p − lr · m̂ / (√v̂ + ε)`, where `m̂ = m/(1−β₁ᵗ)` and `v̂ = v/(1−β₂ᵗ)`. The decay λ
 * touches only parameters of rank 2 and more: matrices and embeddings. Biases and normalisation
 * gains are one-dimensional, and pulling a gain of 1 towards 0 is not shrinking a weight, it is
 * switching a channel off.
 *
 * @param params parameters by name, changed in place
 * @param grads one gradient for each parameter, same names and shapes
 * @param state from adamwInit, changed in place
 * @param options.lr the learning rate; a scalar tensor where it changes while the step is compiled
 */
function adamwStep(params, grads, state, options) {
    const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0.01 } = options;
    for (const name in params)
        if (grads[name] === undefined)
            throw new Error(`adamwStep: expected a gradient for ${name}, got none`);
    const decayOf = (p) => (p.rank >= 2 ? weightDecay : 0);
    if (typeof lr === "number" && (0, ops_1.canUpdateInPlace)()) {
        const step = state.step.dataSync()[0] + 1;
        const done = Object.keys(params).filter((name) => {
            const [p, m, v] = [params[name], state[`m.${name}`], state[`v.${name}`]];
            return (0, ops_1.adamwInPlace)(p, grads[name], m, v, {
                lr,
                beta1,
                beta2,
                eps,
                weightDecay: decayOf(p),
                step,
            });
        });
        params = omit(params, done);
    }
    engine_1.tf.tidy(() => {
        const step = engine_1.tf.add(state.step, 1);
        state.step.assign(step);
        const correction2 = engine_1.tf.sqrt(oneMinusPower(beta2, step));
        const stepSize = engine_1.tf.div(engine_1.tf.mul(lr, correction2), oneMinusPower(beta1, step));
        // √v/c + ε = (√v + cε)/c, and the 1/c is part of stepSize
        const scaledEps = engine_1.tf.mul(correction2, eps);
        for (const name in params)
            engine_1.tf.tidy(() => {
                const [p, g, m, v] = [params[name], grads[name], state[`m.${name}`], state[`v.${name}`]];
                m.assign(engine_1.tf.add(engine_1.tf.mul(m, beta1), engine_1.tf.mul(g, 1 - beta1)));
                v.assign(engine_1.tf.add(engine_1.tf.mul(v, beta2), engine_1.tf.mul(engine_1.tf.mul(g, g), 1 - beta2)));
                const decayed = decayOf(p) === 0 ? p : engine_1.tf.mul(p, engine_1.tf.sub(1, engine_1.tf.mul(lr, decayOf(p))));
                p.assign(engine_1.tf.sub(decayed, engine_1.tf.mul(stepSize, engine_1.tf.div(m, engine_1.tf.add(engine_1.tf.sqrt(v), scaledEps)))));
            });
    });
}
exports.adamwStep = adamwStep;
/** The parameters that no kernel has updated. */
function omit(params, names) {
    const done = new Set(names);
    return Object.fromEntries(Object.entries(params).filter(([name]) => !done.has(name)));
}
/**
 * Makes an optimizer of the update of one parameter: the way in which the trainer runs what a
 * learner wrote. The update may look at numbers, so it is not compiled.
 */
function perParameter(update, { beta1 = 0.9, beta2 = 0.999, eps = 1e-8, weightDecay = 0.01 } = {}) {
    return {
        compiles: false,
        init: adamwInit,
        step: (params, grads, state, lr) => engine_1.tf.tidy(() => {
            const rate = typeof lr === "number" ? lr : lr.dataSync()[0];
            state.step.assign(engine_1.tf.add(state.step, 1));
            const step = state.step.dataSync()[0];
            for (const name in params)
                engine_1.tf.tidy(() => {
                    const [m, v] = [state[`m.${name}`], state[`v.${name}`]];
                    const options = { lr: rate, beta1, beta2, eps, weightDecay };
                    const next = update(params[name], grads[name], m, v, step, options);
                    params[name].assign(next.parameter);
                    m.assign(next.m);
                    v.assign(next.v);
                });
        }),
    };
}
exports.perParameter = perParameter;
/**
 * 1 − βᵗ. In 32 bits 1 − 0.999 is wrong in the fifth digit; −expm1(t ln β), with ln β taken in 64,
 * is not.
 */
function oneMinusPower(beta, t) {
    if (beta === 0)
        return engine_1.tf.onesLike(t);
    return engine_1.tf.neg(engine_1.tf.expm1(engine_1.tf.mul(t, Math.log(beta))));
}
