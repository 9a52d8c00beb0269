"use strict";
// Two tasks that need memory and nothing else, with as many examples as one likes.
//   adding  Hochreiter & Schmidhuber (1997), one mark in each half (Arjovsky, Shah & Bengio, 2016)
//   copy    Hochreiter & Schmidhuber (1997), in the form of Arjovsky, Shah & Bengio (2016)
// Both can be answered perfectly, and both have a score that a model without memory cannot beat.
Object.defineProperty(exports, "__esModule", { value: true });
exports.copyTask = exports.addingTask = void 0;
const engine_1 = require("../engine");
/**
 * T pairs (number, mark). Numbers are uniform in [0, 1); two of them are marked with 1, one in each
 * half; the answer after the last step is the sum of those two. Always answering 1 has a mean
 * squared error of 2 · 1/12 = 0.167.
 *
 * @param o.passBelow mean squared error that counts as solved
 */
function addingTask(T, o = {}) {
    if (!(T >= 2))
        throw new Error(`addingTask: expected T of at least 2, got ${T}`);
    const { passBelow = 0.02 } = o;
    const half = Math.floor(T / 2);
    return {
        name: "adding",
        T,
        inputSize: 2,
        outputSize: 1,
        answers: 1,
        length: T,
        baseline: 1 / 6,
        batch(size, rng) {
            const x = new Float32Array(size * T * 2);
            const y = new Float32Array(size);
            for (let b = 0; b < size; b++) {
                for (let t = 0; t < T; t++)
                    x[(b * T + t) * 2] = rng.uniform();
                for (const t of [rng.integer(half), half + rng.integer(T - half)]) {
                    x[(b * T + t) * 2 + 1] = 1;
                    y[b] += x[(b * T + t) * 2];
                }
            }
            return { x: engine_1.tf.tensor3d(x, [size, T, 2]), y: engine_1.tf.tensor2d(y, [size, 1]) };
        },
        loss: (p, y) => engine_1.tf.mean(engine_1.tf.squaredDifference(p.reshape(y.shape), y)),
        score: (p, y) => engine_1.tf.tidy(() => engine_1.tf.mean(engine_1.tf.squaredDifference(p.reshape(y.shape), y)).dataSync()[0]),
        passes: (mse) => mse < passBelow,
    };
}
exports.addingTask = addingTask;
/**
 * L symbols, then T steps of pause (the last one says "now"), then L blank steps in which the
 * symbols must be repeated. Guessing has an accuracy of 1 / symbols. Inputs are one-hot: symbols,
 * then "blank", then "now".
 *
 * @param o.passAbove accuracy that counts as solved
 */
function copyTask(T, o = {}) {
    const { symbols = 8, length: L = 5, passAbove = 0.9 } = o;
    if (!(T >= 1))
        throw new Error(`copyTask: expected T of at least 1, got ${T}`);
    const [blank, now] = [symbols, symbols + 1];
    const length = L + T + L;
    return {
        name: "copy",
        T,
        inputSize: symbols + 2,
        outputSize: symbols,
        answers: L,
        length,
        baseline: 1 / symbols,
        batch(size, rng) {
            const ids = new Int32Array(size * length).fill(blank);
            const y = new Int32Array(size * L);
            for (let b = 0; b < size; b++) {
                for (let k = 0; k < L; k++)
                    ids[b * length + k] = y[b * L + k] = rng.integer(symbols);
                ids[b * length + L + T - 1] = now;
            }
            const x = engine_1.tf.tidy(() => engine_1.tf.oneHot(engine_1.tf.tensor2d(ids, [size, length]), symbols + 2).toFloat());
            return { x, y: engine_1.tf.tensor2d(y, [size, L], "int32") };
        },
        loss: (p, y) => engine_1.tf.neg(engine_1.tf.mean(engine_1.tf.sum(engine_1.tf.mul(engine_1.tf.logSoftmax(p), engine_1.tf.oneHot(y, symbols)), -1))),
        score: (p, y) => engine_1.tf.tidy(() => engine_1.tf.mean(engine_1.tf.equal(engine_1.tf.argMax(p, -1).toInt(), y).toFloat()).dataSync()[0]),
        passes: (accuracy) => accuracy > passAbove,
    };
}
exports.copyTask = copyTask;
