// What a computation really costs: the operations of all matrix products that the engine ran, as it
// reports them. It is what counts (forwardFlops of llm/gpt) are held to.

import { tf } from "../engine";

/**
 * Runs a computation and adds up 2 · rows · inner · columns over all its matrix products. What is
 * small beside them (norms, activations, softmax) is not counted. The fast attention of llm/ops makes
 * two products in one operation: scores, and sums of values.
 * @param run makes one tensor, which is disposed; all others it makes are, too
 */
export async function measureFlops(run: () => tf.Tensor): Promise<number> {
  const { kernels } = await tf.profile(() => tf.tidy(run));
  let sum = 0;
  for (const { name, inputShapes, outputShapes } of kernels) {
    const [inputs, outputs] = [inputShapes as number[][], outputShapes as number[][]];
    if (/MatMul|llm\/Linear/.test(name)) sum += productFlops(inputs, outputs[0]);
    // From (B, T, 3C) to (B, T, C) and the weights (B, H, T, T): 2 · T · T · C for each product.
    if (name === "llm/Attention") sum += 4 * size(outputs[0]) * (outputs[1].at(-1) as number);
  }
  return sum;
}

/** Which side of a product is transposed does not matter: |a| · |b| = rows · inner² · columns. */
function productFlops([a, b]: number[][], out: number[]): number {
  const matrix = (shape: number[]) => size(shape.slice(-2));
  const inner = Math.sqrt((matrix(a) * matrix(b)) / matrix(out));
  return 2 * size(out) * inner;
}

const size = (shape: number[]) => shape.reduce((x, y) => x * y, 1);
