// The logarithm of the sigmoid: the loss of word2vec's negative sampling and of DPO.
//
//     log σ(x) = −log(1 + e^−x)
import { tf } from "../engine";
import { op } from "./define";

function clear<T extends tf.Tensor>(x: T): T {
  return tf.neg(tf.softplus(tf.neg(x)));
}

/**
 * log σ(x) = −log(1 + e^−x), element by element, without overflow. `tf.logSigmoid` has the same
 * values, but with tfjs 4.22 its gradient is an error ("reading 'backend'") wherever x was computed
 * inside the differentiated function.
 * @param x any shape
 * @returns the shape of x
 */
export const logSigmoid = op({ name: "logSigmoid", shapes: "x (…)", clear });
