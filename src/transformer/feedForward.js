"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.feedForward = exports.feedForwardWidth = void 0;
// The position-wise network of a block: two layers with an activation between them, applied to
// every position by itself. ReLU: Vaswani et al., 2017, §3.3. GELU: Hendrycks & Gimpel, 2016, as in
// GPT-2. Squared ReLU: So et al., 2021, "Primer". SwiGLU: Shazeer, 2020. Left out: experts (lesson
// 11, GPT).
const engine_1 = require("../engine");
const ops_1 = require("../ops");
const params_1 = require("../params");
const options_1 = require("./options");
/** The width inside: 4C, or 8C/3 for the three matrices of SwiGLU. */
function feedForwardWidth(C, activation) {
    return activation === "swiglu" ? Math.round((8 * C) / 3) : 4 * C;
}
exports.feedForwardWidth = feedForwardWidth;
/**
 * The network: f(x W₁ + b₁) W₂ + b₂ with f = gelu, relu or relu², or for SwiGLU
 * (silu(x W_g + b_g) · (x W₁ + b₁)) W₂ + b₂.
 * @param x (…, C)
 * @param params holds `c_fc` (C → F), `c_proj` (F → C) and, for SwiGLU, `c_gate` (C → F) under
 *   `prefix`
 * @returns (…, C)
 */
function feedForward(x, params, prefix, { ops, activation = "gelu", dropout = options_1.dropNothing } = {}) {
    const layer = (h, name) => (0, ops_1.linear)(h, ...(0, params_1.layerParams)(params, prefix + name));
    return engine_1.tf.tidy(() => {
        const wide = layer(x, "c_fc"); // (…, F)
        const bent = {
            gelu: () => (ops?.gelu ?? ops_1.gelu)(wide),
            relu: () => engine_1.tf.relu(wide),
            relu2: () => engine_1.tf.square(engine_1.tf.relu(wide)),
            swiglu: () => (0, ops_1.swiglu)(layer(x, "c_gate"), wide),
        }[activation]();
        return dropout(layer(bent, "c_proj")); // (…, C)
    });
}
exports.feedForward = feedForward;
