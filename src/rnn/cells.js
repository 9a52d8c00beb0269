"use strict";
// The three recurrent cells, written as the papers write them, with PyTorch's parameter names and
// gate orders (torch.nn.RNN, LSTM, GRU, one layer), so that weights can be exchanged and numbers
// compared.
//
//     RNN    Elman (1990), "Finding Structure in Time"
//     LSTM   Hochreiter & Schmidhuber (1997), with the forget gate of Gers, Schmidhuber & Cummins
//            (2000)
//     GRU    Cho et al. (2014), in PyTorch's form: the reset gate acts after the matrix product
//
// These are the clear versions. A whole sequence at once, fast, is runRnn() in ./run.
// Left out: several layers, both directions, peepholes, projections.
Object.defineProperty(exports, "__esModule", { value: true });
exports.cells = exports.gruCell = exports.lstmCell = exports.rnnCell = exports.GATES = void 0;
const engine_1 = require("../engine");
/** Number of gates G of each kind: its weights have G·H rows. */
exports.GATES = { rnn: 1, lstm: 4, gru: 3 };
const fromInput = (x, w) => engine_1.tf.matMul(x, w.weight_ih_l0, false, true).add(w.bias_ih_l0);
const fromState = (h, w) => engine_1.tf.matMul(h, w.weight_hh_l0, false, true).add(w.bias_hh_l0);
/**
 * One step of the plain recurrent network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh).
 *
 * @param x (B, I) the input of this step
 * @param h (B, H) the state before it
 * @returns (B, H) the state after it
 */
function rnnCell(x, h, w) {
    return engine_1.tf.tidy(() => engine_1.tf.tanh(fromInput(x, w).add(fromState(h, w))));
}
exports.rnnCell = rnnCell;
/**
 * One step of the LSTM. With i, f, o = σ(…), g = tanh(…) taken from the four blocks of rows, in the
 * order i, f, g, o: c' = f ⊙ c + i ⊙ g and h' = o ⊙ tanh(c').
 *
 * @param x (B, I) the input of this step
 * @param state [h, c], each (B, H): what the cell shows, and what it keeps
 * @returns [h', c'], each (B, H)
 */
function lstmCell(x, [h, c], w) {
    return engine_1.tf.tidy(() => {
        const [i, f, g, o] = engine_1.tf.split(fromInput(x, w).add(fromState(h, w)), 4, 1);
        const cNext = engine_1.tf.add(engine_1.tf.sigmoid(f).mul(c), engine_1.tf.sigmoid(i).mul(engine_1.tf.tanh(g)));
        return [engine_1.tf.sigmoid(o).mul(engine_1.tf.tanh(cNext)), cNext];
    });
}
exports.lstmCell = lstmCell;
/**
 * One step of the GRU. Rows in the order r, z, n:
 * r, z = σ(…), n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)), h' = (1 − z) ⊙ n + z ⊙ h.
 *
 * @param x (B, I) the input of this step
 * @param h (B, H) the state before it
 * @returns (B, H) the state after it
 */
function gruCell(x, h, w) {
    return engine_1.tf.tidy(() => {
        const [xr, xz, xn] = engine_1.tf.split(fromInput(x, w), 3, 1);
        const [hr, hz, hn] = engine_1.tf.split(fromState(h, w), 3, 1);
        const r = engine_1.tf.sigmoid(xr.add(hr));
        const z = engine_1.tf.sigmoid(xz.add(hz));
        const n = engine_1.tf.tanh(xn.add(r.mul(hn)));
        return n.add(z.mul(engine_1.tf.sub(h, n))); // (1 − z) n + z h, one product fewer
    });
}
exports.gruCell = gruCell;
/** The three cells as functions from state to state. */
exports.cells = {
    rnn: (x, [h], w) => [rnnCell(x, h, w)],
    lstm: (x, [h, c], w) => lstmCell(x, [h, c], w),
    gru: (x, [h], w) => [gruCell(x, h, w)],
};
