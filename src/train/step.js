"use strict";
// One training step: batch → loss and gradients → clip → optimizer. It is a function of its
// arguments only (parameters, optimizer state, batches, learning rate) and reads no clock, no
// random generator and no tensor's value, so that another engine can trace it once and run the
// compiled form.
Object.defineProperty(exports, "__esModule", { value: true });
exports.trainStep = void 0;
const engine_1 = require("../engine");
const params_1 = require("../params");
/**
 * Does one step in place. With several batches their gradients are averaged first (gradient
 * accumulation): for a mean loss over batches of one size that *is* the gradient of one large
 * batch.
 *
 * @param params changed in place
 * @param state the optimizer's, changed in place
 * @param batches at least one, all of one size
 * @param options.lr the learning rate; `maxNorm` is for the clipping
 */
function trainStep(params, state, batches, { loss, clip, optimizer }, { lr, maxNorm }) {
    return engine_1.tf.tidy(() => {
        const total = batches
            .map((batch, part) => (0, params_1.lossAndGrads)(params, () => loss(params, batch, part)))
            .reduce((a, b) => {
            const sum = { loss: engine_1.tf.add(a.loss, b.loss), grads: addAll(a.grads, b.grads) };
            engine_1.tf.dispose([a, b]);
            return sum;
        });
        const n = batches.length;
        if (n > 1)
            for (const name in total.grads)
                total.grads[name] = engine_1.tf.div(total.grads[name], n);
        const clipped = clip(total.grads, maxNorm);
        optimizer.step(params, clipped.grads, state, lr);
        return { loss: n > 1 ? engine_1.tf.div(total.loss, n) : total.loss, norm: clipped.norm };
    });
}
exports.trainStep = trainStep;
function addAll(a, b) {
    return Object.fromEntries(Object.keys(a).map((name) => [name, engine_1.tf.add(a[name], b[name])]));
}
