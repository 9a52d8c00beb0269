"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.DropoutKey = exports.dropout = void 0;
// Dropout: Srivastava et al., 2014, "Dropout: A Simple Way to Prevent Neural Networks from
// Overfitting", JMLR 15, in the "inverted" form: what survives is scaled up in training, so that
// nothing need be done afterwards.
//
//     y = 0 with probability rate, else x / (1 − rate)
//
// With a `Random` the mask is drawn in JavaScript, and every engine drops the same values. In a
// compiled step that would freeze the mask; with a `DropoutKey` the engine draws it, from a key
// that the step number is part of.
const engine_1 = require("../engine");
const random_1 = require("../random");
const define_1 = require("./define");
function clear(x, rate, rng) {
    if (rate === 0)
        return engine_1.tf.clone(x);
    const scale = 1 / (1 - rate);
    if (rng instanceof DropoutKey) {
        const kept = engine_1.tf.cast(engine_1.tf.greaterEqual(rng.uniform(x.shape), rate), "float32");
        return engine_1.tf.mul(x, engine_1.tf.mul(kept, scale));
    }
    const mask = new Float32Array(x.size);
    for (let i = 0; i < mask.length; i++)
        mask[i] = rng.uniform() < rate ? 0 : scale;
    return engine_1.tf.mul(x, engine_1.tf.tensor(mask, x.shape));
}
/**
 * Sets each value to zero with probability `rate` and divides the others by 1 − rate.
 * @param x any shape
 * @param rate from 0 to below 1; 0 leaves x as it is
 * @param rng a Random takes one draw per value, in row-major order (none when the rate is 0);
 *   inside `compile` a DropoutKey
 * @returns the shape of x
 * @throws Error when the rate is out of range
 */
exports.dropout = (0, define_1.op)({
    name: "dropout",
    shapes: "x (…)",
    check: (_, rate) => (rate >= 0 && rate < 1 ? undefined : `a rate from 0 to below 1, got ${rate}`),
    clear,
});
/**
 * Randomness for one step of a compiled function. Which values are dropped depends on the seed, on
 * the step, and on how many dropouts of this step came before; on nothing else. Make a new key in
 * every call of the function. The masks are reproducible on each engine, but a compiled step, the
 * native engine without compiling, and the other engines each have masks of their own.
 *
 * @example
 * const f = compile((x, step: tf.Scalar) => dropout(x, 0.1, new DropoutKey(1337, step)));
 */
class DropoutKey {
    step;
    draws = 0;
    stream;
    /** @param step int32 scalar, an argument of the compiled function */
    constructor(seed, step) {
        this.step = step;
        if (step.dtype !== "int32" || step.rank !== 0)
            throw new Error(`DropoutKey: expected step to be an int32 scalar, got ${step.dtype} of rank ${step.rank}`);
        this.stream = new random_1.Random(seed);
    }
    /** Uniform numbers in [0, 1), others at each call. */
    uniform(shape) {
        const stream = this.stream.fork("draw", this.draws++);
        const drawn = (0, engine_1.statelessUniform)(shape, stream.integer(2 ** 31 - 1), this.step);
        if (drawn)
            return drawn;
        const rng = stream.fork("step", this.step.dataSync()[0]);
        const size = engine_1.tf.util.sizeFromShape(shape);
        return engine_1.tf.tensor(Float32Array.from({ length: size }, () => rng.uniform()), shape);
    }
}
exports.DropoutKey = DropoutKey;
