// tfjs as the course knows it: everything that tfjs-core exports, with those functions anew that
// cannot be corrected from outside (./repairs, ./gradients): some bring their own gradients, the
// others are wrong before they reach a kernel.
import * as stock from "@tensorflow/tfjs-core";
import { activated } from "./repairs/common";

export * from "@tensorflow/tfjs-core";

/**
 * log σ(x) = −softplus(−x), element by element. tfjs's own has a gradient only where x itself is
 * what is differentiated, and an error where x was computed.
 *
 * @param x of any shape
 * @returns the same shape, float32
 */
export function logSigmoid<T extends stock.Tensor>(x: T | stock.TensorLike): T {
  return stock.tidy(() => stock.neg(stock.softplus(stock.neg(x))));
}

/**
 * x repeated along the axes on which it has size 1, and along leading axes that it has not. tfjs's
 * own returns x as it is where it should be repeated no times.
 *
 * @param shape of the result
 * @throws Error where a size of x is neither 1 nor that of the result
 */
export function broadcastTo<R extends stock.Rank>(
  x: stock.Tensor | stock.TensorLike,
  shape: stock.ShapeMap[R],
): stock.Tensor<R> {
  const sizes = shape as number[];
  if (sizes.every((n) => n > 0)) return stock.broadcastTo(x, shape);
  return stock.tidy(() => {
    const given = stock.clone(x as stock.Tensor);
    const wide = stock.broadcast_util.assertAndGetBroadcastShape(given.shape, sizes);
    stock.util.assertShapesMatch(wide, sizes, "broadcastTo: ");
    return stock.mul(given, stock.zeros(sizes, given.dtype)) as stock.Tensor<R>;
  });
}

/**
 * a / b, and 0 where b is 0. tfjs's own has the gradient NaN there: it divides by 0 and takes the
 * quotient away afterwards, and the gradient of what is taken away is 0 · ∞.
 *
 * @param a broadcast to b
 * @param b broadcast to a
 */
export function divNoNan<T extends stock.Tensor>(
  a: stock.Tensor | stock.TensorLike,
  b: stock.Tensor | stock.TensorLike,
): T {
  return stock.tidy(() => {
    const divisor = stock.clone(b as stock.Tensor); // which makes tensors of arrays
    const isZero = stock.equal(divisor, stock.zerosLike(divisor));
    const quotient = stock.div(a, stock.where(isZero, stock.onesLike(divisor), divisor));
    return stock.where(isZero, stock.zerosLike(quotient), quotient) as T;
  });
}

/**
 * −Σ labels · log softmax(logits) over the last axis, weighted and reduced. tfjs's own gives the
 * labels the gradient labels − softmax(logits); here it is −log softmax(logits).
 *
 * @param onehotLabels probabilities of the classes, (…, V)
 * @param logits (…, V)
 * @param weights of the losses, (…) or a shape that is broadcast to it
 * @param labelSmoothing this share of the probability is spread evenly over all classes
 * @param reduction default: the mean over the losses whose weights are not zero
 */
function softmaxCrossEntropy<T extends stock.Tensor, O extends stock.Tensor>(
  onehotLabels: T | stock.TensorLike,
  logits: T | stock.TensorLike,
  weights?: stock.Tensor | stock.TensorLike,
  labelSmoothing = 0,
  reduction?: stock.Reduction,
): O {
  return stock.tidy(() => {
    const z = stock.logSoftmax(logits);
    let labels = stock.cast(onehotLabels, "float32") as stock.Tensor;
    stock.util.assertShapesMatch(labels.shape, z.shape, "softmaxCrossEntropy: labels and logits");
    if (labelSmoothing > 0) {
      const V = z.shape[z.rank - 1];
      labels = stock.add(stock.mul(labels, 1 - labelSmoothing), labelSmoothing / V);
    }
    const losses = stock.neg(stock.sum(stock.mul(labels, z), -1));
    return stock.losses.computeWeightedLoss(losses, weights, reduction) as O;
  });
}

export const losses = { ...stock.losses, softmaxCrossEntropy };

/**
 * Without an offset or a scale tfjs's batchNorm has no gradient ("Cannot read properties of
 * undefined"): it gets zeros and ones.
 */
const complete = <F extends typeof stock.batchNorm>(normalise: F): F =>
  ((x, mean, variance, offset, scale, varianceEpsilon) =>
    stock.tidy(() =>
      normalise(
        x,
        mean,
        variance,
        offset ?? stock.zerosLike(mean as stock.Tensor1D),
        scale ?? stock.onesLike(mean as stock.Tensor1D),
        varianceEpsilon,
      ),
    )) as F;

/** (x − mean) / √(variance + ε) · scale + offset, as tfjs has it. */
export const batchNorm = complete(stock.batchNorm);
export const batchNorm2d = complete(stock.batchNorm2d as never) as typeof stock.batchNorm2d;
export const batchNorm3d = complete(stock.batchNorm3d as never) as typeof stock.batchNorm3d;
export const batchNorm4d = complete(stock.batchNorm4d as never) as typeof stock.batchNorm4d;

interface Layer {
  bias?: stock.Tensor | stock.TensorLike;
  activation?: stock.fused.Activation;
  preluActivationWeights?: stock.Tensor;
  leakyreluAlpha?: number;
}

/**
 * Where gradients are taken, a fused layer is its parts one after the other: tfjs's own gradients
 * are errors where batches are broadcast (matMul) and for a single image (conv2d).
 */
const inParts = <P extends Layer, F extends (layer: P) => stock.Tensor>(
  fused: F,
  first: (layer: P) => stock.Tensor,
): F =>
  ((layer: P) =>
    stock.engine().state.gradientDepth > 0
      ? stock.tidy(() => activated(first(layer), layer as never))
      : fused(layer)) as F;

type Of<F> = F extends (layer: infer P) => unknown ? P : never;

export const fused = {
  conv2d: inParts(stock.fused.conv2d, (layer: Of<typeof stock.fused.conv2d>) =>
    stock.conv2d(
      layer.x as stock.Tensor4D,
      layer.filter,
      layer.strides,
      layer.pad,
      layer.dataFormat,
      layer.dilations,
      layer.dimRoundingMode,
    ),
  ),
  depthwiseConv2d: inParts(
    stock.fused.depthwiseConv2d,
    (layer: Of<typeof stock.fused.depthwiseConv2d>) =>
      stock.depthwiseConv2d(
        layer.x as stock.Tensor4D,
        layer.filter,
        layer.strides,
        layer.pad,
        layer.dataFormat,
        layer.dilations,
        layer.dimRoundingMode,
      ),
  ),
  matMul: inParts(
    stock.fused.matMul,
    ({ a, b, transposeA, transposeB }: Of<typeof stock.fused.matMul>) =>
      stock.matMul(a, b, transposeA, transposeB),
  ),
};
