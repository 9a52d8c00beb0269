"use strict";
// Gradient clipping by the norm of all gradients together (Pascanu, Mikolov & Bengio, 2013): one
// factor for the whole model, so that the gradient keeps its direction. Clipping each tensor by
// itself would turn it.
Object.defineProperty(exports, "__esModule", { value: true });
exports.clipByGlobalNorm = void 0;
const engine_1 = require("../engine");
const ops_1 = require("../ops");
/**
 * Scales all gradients by `min(1, maxNorm / (‖g‖ + 1e-6))`, where ‖g‖ is the norm of all of them
 * laid end to end (PyTorch's clip_grad_norm_, its 1e-6 included).
 *
 * @param grads gradients, left as they are
 * @param maxNorm the largest norm of the gradient; 0 or Infinity: only measure
 * @returns new gradients, and the norm *before* clipping, a scalar; the caller disposes both
 */
function clipByGlobalNorm(grads, maxNorm) {
    return engine_1.tf.tidy(() => {
        const squares = Object.values(grads).map((g) => (0, ops_1.sumOfSquares)(g));
        const norm = engine_1.tf.sqrt(engine_1.tf.addN(squares));
        const factor = maxNorm > 0 && Number.isFinite(maxNorm)
            ? engine_1.tf.minimum(1, engine_1.tf.div(maxNorm, engine_1.tf.add(norm, 1e-6)))
            : engine_1.tf.scalar(1);
        const clipped = {};
        for (const name in grads)
            clipped[name] = engine_1.tf.mul(grads[name], factor);
        return { grads: clipped, norm };
    });
}
exports.clipByGlobalNorm = clipByGlobalNorm;
