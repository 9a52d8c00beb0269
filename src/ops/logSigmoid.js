"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.logSigmoid = void 0;
// The logarithm of the sigmoid: the loss of word2vec's negative sampling and of DPO.
//
//     log σ(x) = −log(1 + e^−x)
const engine_1 = require("../engine");
const define_1 = require("./define");
function clear(x) {
    return engine_1.tf.neg(engine_1.tf.softplus(engine_1.tf.neg(x)));
}
/**
 * log σ(x) = −log(1 + e^−x), element by element, without overflow. `tf.logSigmoid` has the same
 * values, but with tfjs 4.22 its gradient is an error ("reading 'backend'") wherever x was computed
 * inside the differentiated function.
 * @param x any shape
 * @returns the shape of x
 */
exports.logSigmoid = (0, define_1.op)({ name: "logSigmoid", shapes: "x (…)", clear });
