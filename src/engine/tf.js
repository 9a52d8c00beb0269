"use strict";
var __createBinding = (this && this.__createBinding) || (Object.create ? (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    var desc = Object.getOwnPropertyDescriptor(m, k);
    if (!desc || ("get" in desc ? !m.__esModule : desc.writable || desc.configurable)) {
      desc = { enumerable: true, get: function() { return m[k]; } };
    }
    Object.defineProperty(o, k2, desc);
}) : (function(o, m, k, k2) {
    if (k2 === undefined) k2 = k;
    o[k2] = m[k];
}));
var __setModuleDefault = (this && this.__setModuleDefault) || (Object.create ? (function(o, v) {
    Object.defineProperty(o, "default", { enumerable: true, value: v });
}) : function(o, v) {
    o["default"] = v;
});
var __importStar = (this && this.__importStar) || function (mod) {
    if (mod && mod.__esModule) return mod;
    var result = {};
    if (mod != null) for (var k in mod) if (k !== "default" && Object.prototype.hasOwnProperty.call(mod, k)) __createBinding(result, mod, k);
    __setModuleDefault(result, mod);
    return result;
};
var __exportStar = (this && this.__exportStar) || function(m, exports) {
    for (var p in m) if (p !== "default" && !Object.prototype.hasOwnProperty.call(exports, p)) __createBinding(exports, m, p);
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.fused = exports.batchNorm4d = exports.batchNorm3d = exports.batchNorm2d = exports.batchNorm = exports.losses = exports.divNoNan = exports.broadcastTo = exports.logSigmoid = void 0;
// tfjs as the course knows it: everything that tfjs-core exports, with those functions anew that
// cannot be corrected from outside (./repairs, ./gradients): some bring their own gradients, the
// others are wrong before they reach a kernel.
const stock = __importStar(require("@tensorflow/tfjs-core"));
const common_1 = require("./repairs/common");
__exportStar(require("@tensorflow/tfjs-core"), exports);
/**
 * log σ(x) = −softplus(−x), element by element. tfjs's own has a gradient only where x itself is
 * what is differentiated, and an error where x was computed.
 *
 * @param x of any shape
 * @returns the same shape, float32
 */
function logSigmoid(x) {
    return stock.tidy(() => stock.neg(stock.softplus(stock.neg(x))));
}
exports.logSigmoid = logSigmoid;
/**
 * x repeated along the axes on which it has size 1, and along leading axes that it has not. tfjs's
 * own returns x as it is where it should be repeated no times.
 *
 * @param shape of the result
 * @throws Error where a size of x is neither 1 nor that of the result
 */
function broadcastTo(x, shape) {
    const sizes = shape;
    if (sizes.every((n) => n > 0))
        return stock.broadcastTo(x, shape);
    return stock.tidy(() => {
        const given = stock.clone(x);
        const wide = stock.broadcast_util.assertAndGetBroadcastShape(given.shape, sizes);
        stock.util.assertShapesMatch(wide, sizes, "broadcastTo: ");
        return stock.mul(given, stock.zeros(sizes, given.dtype));
    });
}
exports.broadcastTo = broadcastTo;
/**
 * a / b, and 0 where b is 0. tfjs's own has the gradient NaN there: it divides by 0 and takes the
 * quotient away afterwards, and the gradient of what is taken away is 0 · ∞.
 *
 * @param a broadcast to b
 * @param b broadcast to a
 */
function divNoNan(a, b) {
    return stock.tidy(() => {
        const divisor = stock.clone(b); // which makes tensors of arrays
        const isZero = stock.equal(divisor, stock.zerosLike(divisor));
        const quotient = stock.div(a, stock.where(isZero, stock.onesLike(divisor), divisor));
        return stock.where(isZero, stock.zerosLike(quotient), quotient);
    });
}
exports.divNoNan = divNoNan;
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
function softmaxCrossEntropy(onehotLabels, logits, weights, labelSmoothing = 0, reduction) {
    return stock.tidy(() => {
        const z = stock.logSoftmax(logits);
        let labels = stock.cast(onehotLabels, "float32");
        stock.util.assertShapesMatch(labels.shape, z.shape, "softmaxCrossEntropy: labels and logits");
        if (labelSmoothing > 0) {
            const V = z.shape[z.rank - 1];
            labels = stock.add(stock.mul(labels, 1 - labelSmoothing), labelSmoothing / V);
        }
        const losses = stock.neg(stock.sum(stock.mul(labels, z), -1));
        return stock.losses.computeWeightedLoss(losses, weights, reduction);
    });
}
exports.losses = { ...stock.losses, softmaxCrossEntropy };
/**
 * Without an offset or a scale tfjs's batchNorm has no gradient ("Cannot read properties of
 * undefined"): it gets zeros and ones.
 */
const complete = (normalise) => ((x, mean, variance, offset, scale, varianceEpsilon) => stock.tidy(() => normalise(x, mean, variance, offset ?? stock.zerosLike(mean), scale ?? stock.onesLike(mean), varianceEpsilon)));
/** (x − mean) / √(variance + ε) · scale + offset, as tfjs has it. */
exports.batchNorm = complete(stock.batchNorm);
exports.batchNorm2d = complete(stock.batchNorm2d);
exports.batchNorm3d = complete(stock.batchNorm3d);
exports.batchNorm4d = complete(stock.batchNorm4d);
/**
 * Where gradients are taken, a fused layer is its parts one after the other: tfjs's own gradients
 * are errors where batches are broadcast (matMul) and for a single image (conv2d).
 */
const inParts = (fused, first) => ((layer) => stock.engine().state.gradientDepth > 0
    ? stock.tidy(() => (0, common_1.activated)(first(layer), layer))
    : fused(layer));
exports.fused = {
    conv2d: inParts(stock.fused.conv2d, (layer) => stock.conv2d(layer.x, layer.filter, layer.strides, layer.pad, layer.dataFormat, layer.dilations, layer.dimRoundingMode)),
    depthwiseConv2d: inParts(stock.fused.depthwiseConv2d, (layer) => stock.depthwiseConv2d(layer.x, layer.filter, layer.strides, layer.pad, layer.dataFormat, layer.dilations, layer.dimRoundingMode)),
    matMul: inParts(stock.fused.matMul, ({ a, b, transposeA, transposeB }) => stock.matMul(a, b, transposeA, transposeB)),
};
