"use strict";
// A recurrent layer over a sequence: initial weights, and the loop over time in its clear and its
// fast version. One layer, one direction, batch first: (B, T, I) → (B, T, H), as
// torch.nn.LSTM(batch_first=True).
Object.defineProperty(exports, "__esModule", { value: true });
exports.stepByStep = exports.runRnn = exports.zeroState = exports.memoryBias = exports.initRnn = void 0;
const engine_1 = require("../engine");
const random_1 = require("../random");
const cells_1 = require("./cells");
const scan_1 = require("./scan");
/**
 * New weights for a recurrent layer, PyTorch's way: every number from U(−1/√H, 1/√H).
 *
 * @param o.forgetBias bias of the gate that keeps the old state (LSTM's f, GRU's z), replacing the
 *   random one: with b the gate starts at σ(b), 0.73 for 1 (Gers et al. 2000; Jozefowicz et al.
 *   2015). An array gives one value per unit.
 */
function initRnn(kind, o) {
    const { inputSize: I, hiddenSize: H, rng, forgetBias } = o;
    if (!(I >= 1 && H >= 1))
        throw new Error(`initRnn: expected sizes of at least 1, got inputSize ${I}, hiddenSize ${H}`);
    if (forgetBias !== undefined && kind === "rnn")
        throw new Error("initRnn: expected kind lstm or gru with forgetBias, got rnn, which has no gates");
    const GH = cells_1.GATES[kind] * H;
    const bound = 1 / Math.sqrt(H);
    const uniform = (...shape) => (0, random_1.randomUniform)(shape, { rng, min: -bound, max: bound });
    return engine_1.tf.tidy(() => {
        const init = {
            weight_ih_l0: uniform(GH, I),
            weight_hh_l0: uniform(GH, H),
            bias_ih_l0: uniform(GH),
            bias_hh_l0: uniform(GH),
        };
        if (forgetBias !== undefined) {
            const block = (values, to) => engine_1.tf.tensor1d(Float32Array.from(values, (v, j) => (Math.floor(j / H) === 1 ? to(j - H) : v))); // f and z are both block 1
            init.bias_ih_l0 = block(init.bias_ih_l0.dataSync(), (k) => typeof forgetBias === "number" ? forgetBias : forgetBias[k]);
            init.bias_hh_l0 = block(init.bias_hh_l0.dataSync(), () => 0);
        }
        return Object.fromEntries(Object.entries(init).map(([name, t]) => [name, engine_1.tf.keep(engine_1.tf.variable(t))]));
    });
}
exports.initRnn = initRnn;
/**
 * Values for `forgetBias` that give the units memories of different length at the start, from 2 to
 * `longest` steps. A gate that starts at σ(b) forgets a share 1 − σ(b) = 1/τ each step, so b = ln(τ
 * − 1) (Tallec & Ollivier 2018, evenly spread).
 */
function memoryBias(hiddenSize, longest) {
    if (!(longest >= 2))
        throw new Error(`memoryBias: expected a longest memory of at least 2 steps, got ${longest}`);
    return Array.from({ length: hiddenSize }, (_, k) => Math.log(1 + ((k + 1) / hiddenSize) * (longest - 2)));
}
exports.memoryBias = memoryBias;
/** A state of zeros: [h], or [h, c] for an LSTM. */
function zeroState(kind, batch, hiddenSize) {
    return Array.from({ length: kind === "lstm" ? 2 : 1 }, () => engine_1.tf.zeros([batch, hiddenSize]));
}
exports.zeroState = zeroState;
/**
 * Runs a recurrent layer over sequences. Differentiable in the weights, the inputs and the first
 * state.
 *
 * @param x (B, T, I)
 * @param o.state the first state (zeros); it is read, not disposed
 * @param o.cell a cell to run step by step with tf ops instead of the fast scan: the clear version
 * @returns outputs (B, T, H), h after every step, and the last state. The caller disposes both.
 */
function runRnn(kind, w, x, o = {}) {
    const [B, T, I] = x.shape;
    const [GH, H] = w.weight_hh_l0.shape;
    if (GH !== cells_1.GATES[kind] * H || w.weight_ih_l0.shape[1] !== I)
        throw new Error(`runRnn: expected weights of ${cells_1.GATES[kind]} gate(s) and inputs of width ${w.weight_ih_l0.shape[1]}, got weight_hh_l0 of shape [${GH}, ${H}] and inputs of width ${I}`);
    return engine_1.tf.tidy(() => {
        const first = o.state ?? zeroState(kind, B, H);
        if (o.cell)
            return stepByStep(o.cell, w, x, first);
        // W_ih x_t does not wait for the step before: one product for all T.
        const fromInput = engine_1.tf
            .matMul(x.reshape([B * T, I]), w.weight_ih_l0, false, true)
            .add(w.bias_ih_l0);
        const s0 = first.length === 1 ? first[0] : engine_1.tf.concat2d(first, 1);
        const states = (0, scan_1.scan)(kind, fromInput.reshape([B, T, GH]), w.weight_hh_l0, w.bias_hh_l0, s0);
        const at = (t, n, part) => engine_1.tf.slice(states, [0, t, part * H], [B, n, H]);
        return {
            outputs: at(1, T, 0),
            state: first.map((_, part) => at(T, 1, part).reshape([B, H])),
        };
    });
}
exports.runRnn = runRnn;
/**
 * The loop as one would write it first. `cells.lstm` and a learner's own cell have the right type.
 */
function stepByStep(cell, w, x, first) {
    let state = first;
    const outputs = [];
    for (const xt of engine_1.tf.unstack(x, 1)) {
        state = cell(xt, state, w);
        outputs.push(state[0]);
    }
    return { outputs: engine_1.tf.stack(outputs, 1), state };
}
exports.stepByStep = stepByStep;
