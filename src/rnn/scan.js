"use strict";
// A recurrent layer over a whole sequence, fast: one op instead of about 15 ops a step forward and
// 30 back.
// A step of a layer is a short matrix product and a few thousand gates; starting the tfjs ops for
// it costs more than that. So the loop over time, forward and backward (backpropagation through
// time, Werbos 1990, written out), runs in the engine's WebAssembly kernels, on a memory of their
// own: src/engine/wasm/kernels/scan.ts has its arithmetic. Here the arrays are laid out, copied in
// and out, and joined to tfjs's gradients. What does not depend on the step before stays a single
// large matrix product in tf.
// Works on every backend; test/src/rnn/rnn.test.ts holds it against ./cells and PyTorch, in value
// and gradient.
Object.defineProperty(exports, "__esModule", { value: true });
exports.scan = void 0;
const engine_1 = require("../engine");
const cells_1 = require("./cells");
const lengths = ({ G, B, T, H, SH }) => {
    const rows = B * (T + 1);
    return {
        gates: rows * G * H,
        states: rows * SH,
        inner: G === cells_1.GATES.gru ? rows * H : 0,
        weight: G * H * H,
    };
};
/** Floats of a matrix with n columns and k rows as the kernels pack it. */
const packed = (n, k) => Math.ceil(n / 8) * 8 * k;
const scratch = () => (0, engine_1.ownKernels)().gemmScratch() / 4;
const at = (arrays) => arrays.map((a) => a.byteOffset);
/** All states, and what the way back needs. */
function forward(sizes, fromInput, weight, bias, first) {
    const { G, B, T, H, SH } = sizes;
    const GH = G * H;
    const n = lengths(sizes);
    const own = (0, engine_1.ownArrays)("scan", [
        ...[n.gates, n.states, n.inner, n.weight, GH],
        ...[packed(GH, H), B * GH, scratch()],
    ]);
    const [gates, states, inner, w, b] = own;
    for (let row = 0; row < B; row++) {
        gates.set(fromInput.subarray(row * T * GH, (row + 1) * T * GH), row * (T + 1) * GH);
        states.set(first.subarray(row * SH, (row + 1) * SH), row * (T + 1) * SH);
    }
    w.set(weight);
    b.set(bias);
    (0, engine_1.ownKernels)().scanForward(G, B, T, H, ...at(own));
    return { states: states.slice(), gates: gates.slice(), inner: inner.slice() };
}
/**
 * Backpropagation through time: from ∂loss/∂(all states) to the gradients of what enters a step.
 * @returns dGates (B, T + 1, G·H) ∂ of the recurrent share, whose last row of each sequence is 0;
 *   dx (B, T, G·H) ∂ of the input's share; dBias and dFirst
 */
function backward(sizes, dStates, kept, weight) {
    const { G, B, T, H, SH } = sizes;
    const GH = G * H;
    const n = lengths(sizes);
    const own = (0, engine_1.ownArrays)("scan", [
        ...[n.states, n.gates, n.states, n.inner, n.weight, B * SH],
        ...[packed(H, GH), B * H, scratch(), GH],
    ]);
    const [ds, gates, states, inner, w, dFirst] = own;
    const dBias = own[own.length - 1];
    ds.set(dStates);
    gates.set(kept.gates);
    states.set(kept.states);
    inner.set(kept.inner);
    w.set(weight);
    (0, engine_1.ownKernels)().scanBackward(G, B, T, H, ...at(own.slice(0, -1)));
    (0, engine_1.ownKernels)().sumMiddle(gates.byteOffset, dBias.byteOffset, 1, B * (T + 1), GH, 1, GH);
    const dGates = gates.slice();
    // Only in the last gate of a GRU does ∂ of the input's share differ from ∂ of the recurrent
    // share.
    if (inner.length > 0)
        for (let row = 0; row < B * (T + 1); row++)
            gates.set(inner.subarray(row * H, (row + 1) * H), row * GH + 2 * H);
    const dx = new Float32Array(B * T * GH);
    for (let row = 0; row < B; row++)
        dx.set(gates.subarray(row * (T + 1) * GH, (row * (T + 1) + T) * GH), row * T * GH);
    return { dGates, dx, dBias: dBias.slice(), dFirst: dFirst.slice() };
}
/**
 * All states of a layer: s_t from s_{t−1} and the input's share of the gates, for t = 1…T.
 *
 * @param fromInput (B, T, G·H) W_ih x_t + b_ih
 * @param weight (G·H, H) weight_hh_l0
 * @param bias (G·H) bias_hh_l0
 * @param s0 (B, S·H) first state; S = 2 for an LSTM, where it is [h, c] side by side
 * @returns (B, T + 1, S·H) the states, s0 first; differentiable (once) in all four arguments
 * @throws Error when the work space, about 4·B·T·H·(G + 2·S) bytes and the weight twice, cannot be
 *   had
 */
function scan(kind, fromInput, weight, bias, s0) {
    const [B, T, GH] = fromInput.shape;
    const G = cells_1.GATES[kind];
    const H = GH / G;
    const SH = s0.shape[1];
    const sizes = { G, B, T, H, SH };
    const op = engine_1.tf.customGrad((...args) => {
        // tfjs passes a `save` function last; what the way back needs are plain arrays, which need no
        // saving.
        const [x, w, b, first] = args.slice(0, 4).map((t) => t.dataSync());
        const kept = forward(sizes, x, w, b, first);
        const gradFunc = (dy) => {
            const { dGates, dx, dBias, dFirst } = backward(sizes, dy.dataSync(), kept, w);
            const rows = B * (T + 1);
            const before = engine_1.tf.tensor2d(kept.states, [rows, SH]).slice([0, 0], [rows, H]);
            return [
                engine_1.tf.tensor3d(dx, [B, T, GH]),
                engine_1.tf.matMul(engine_1.tf.tensor2d(dGates, [rows, GH]), before, true),
                engine_1.tf.tensor1d(dBias),
                engine_1.tf.tensor2d(dFirst, [B, SH]),
            ];
        };
        return { value: engine_1.tf.tensor3d(kept.states, [B, T + 1, SH]), gradFunc };
    });
    return op(fromInput, weight, bias, s0);
}
exports.scan = scan;
