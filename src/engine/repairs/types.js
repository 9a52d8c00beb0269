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
Object.defineProperty(exports, "__esModule", { value: true });
exports.repairTypes = void 0;
// Which types the kernels take. tfjs checks little: on wasm most kernels read every tensor as
// float32, whatever it holds, native refuses with "Invalid TF_Status: 3", and js cuts results to the
// type of the input, so that tf.acos of integers is 0 or 1 and tf.neg of true is 255. Here the rules
// are the same on every engine:
//
//   functions of real numbers        give float32, of integers and bools, too
//   arithmetic on bools              is arithmetic on 0 and 1, and gives int32
//   what cannot leave 0 and 1        (products, maxima, moves) gives bools for bools
//   several tensors in one result    (where, concat, stack) have the widest of their types
const tf = __importStar(require("@tensorflow/tfjs-core"));
const repair_1 = require("./repair");
const REAL = (0, repair_1.words)(`
  Acos Acosh Asin Asinh Atan Atan2 Atanh Cos Cosh Elu Erf Exp Expm1 LeakyRelu Log Log1p LogSoftmax
  Mean Prelu RealDiv Reciprocal Rsqrt Selu Sigmoid Sin Sinh Softmax Softplus Sqrt Step Tan Tanh
`);
const COUNTS = (0, repair_1.words)(`
  Add AddN BatchMatMul ClipByValue Cumprod Cumsum Einsum FloorDiv Mod Neg Pow SquaredDifference Sub
  Sum UnsortedSegmentSum
`);
/** These leave bools 0 and 1: computed as integers on all engines, because each has a few wrong. */
const CLOSED = (0, repair_1.words)(`
  Abs BatchToSpaceND Diag Max Min Multiply Relu Relu6 Round ScatterNd Sign
  SpaceToBatchND SparseToDense Square TopK
`);
const COMPARED = (0, repair_1.words)("Greater GreaterEqual Less LessEqual");
const CLASSES = (0, repair_1.words)("IsFinite IsInf IsNan");
const WHOLE = ["int32", "bool"];
const BOOL = ["bool"];
const real = (inputs, attrs, kernelName) => (0, repair_1.hasType)(inputs, WHOLE)
    ? tf.tidy(() => (0, repair_1.run)(kernelName, (0, repair_1.castInputs)(inputs, WHOLE, "float32"), attrs))
    : undefined;
const counts = (inputs, attrs, kernelName) => (0, repair_1.hasType)(inputs, BOOL)
    ? tf.tidy(() => (0, repair_1.run)(kernelName, (0, repair_1.castInputs)(inputs, BOOL, "int32"), attrs))
    : undefined;
/** The values among several inputs, which say the type of the result. */
const VALUES = { ScatterNd: "updates", SparseToDense: "sparseValues" };
/** The first result has the type of the input; TopK has a second one, of indices. */
const closed = (inputs, attrs, kernelName) => {
    if (!(0, repair_1.hasType)(inputs, BOOL))
        return undefined;
    if (kernelName in VALUES && inputs[VALUES[kernelName]].dtype !== "bool")
        return undefined;
    return tf.tidy(() => {
        const made = (0, repair_1.run)(kernelName, (0, repair_1.castInputs)(inputs, BOOL, "int32"), attrs);
        const [first, ...rest] = [made].flat();
        const bools = tf.cast(first, "bool");
        return Array.isArray(made) ? [bools, ...rest] : bools;
    });
};
const joined = (inputs, attrs, kernelName) => {
    const types = Object.values(inputs).map((x) => x.dtype);
    if (types.every((type) => type === types[0]))
        return undefined;
    const wide = types.reduce((a, b) => tf.upcastType(a, b));
    return tf.tidy(() => (0, repair_1.run)(kernelName, (0, repair_1.castInputs)(inputs, types, wide), attrs));
};
const select = ({ condition, t, e }, attrs, kernelName) => {
    const wide = t.dtype === e.dtype ? undefined : tf.upcastType(t.dtype, e.dtype);
    if (!wide)
        return undefined;
    return tf.tidy(() => (0, repair_1.run)(kernelName, { condition, t: tf.cast(t, wide), e: tf.cast(e, wide) }, attrs));
};
/** For the engine in use. */
function repairTypes() {
    (0, repair_1.repair)(REAL, real);
    (0, repair_1.repair)(COUNTS, counts);
    (0, repair_1.repair)(CLOSED, closed);
    (0, repair_1.repair)(COMPARED, counts);
    (0, repair_1.repair)(CLASSES, real);
    (0, repair_1.repair)("Concat Pack", joined);
    (0, repair_1.repair)("Select", select);
}
exports.repairTypes = repairTypes;
