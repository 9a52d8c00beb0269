"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.swiglu = void 0;
// SwiGLU, the gated layer made with silu: Shazeer, 2020, "GLU Variants Improve Transformer",
// arXiv:2002.05202. The three projections around the gate are `linear`.
//
//     swiglu(gate, up) = silu(gate) · up
const engine_1 = require("../engine");
const define_1 = require("./define");
const silu_1 = require("./silu");
function clear(gate, up) {
    return engine_1.tf.mul(silu_1.silu.clear(gate), up);
}
/**
 * silu(gate) · up, element by element: the middle of a SwiGLU layer,
 * (silu(x · W_gate) · (x · W_up)) · W_down.
 * @param gate (…, F), the projection that decides how much passes
 * @param up (…, F), the projection that passes
 * @returns (…, F)
 * @throws Error when the shapes differ
 * @example linear(swiglu(linear(x, gateProj), linear(x, upProj)), downProj)
 */
exports.swiglu = (0, define_1.op)({
    name: "swiglu",
    shapes: "gate (…, F), up (…, F)",
    clear,
    kernel: "Swiglu",
    // ∂gate = ∂y · up · silu′(gate) and ∂up = ∂y · silu(gate)
    fast: (gate, up) => ({ inputs: { gate, up }, saved: ["gate", "up"] }),
});
