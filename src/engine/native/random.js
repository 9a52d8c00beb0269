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
exports.statelessUniform = void 0;
// Random numbers inside compiled functions: Philox (Salmon et al., 2011, "Parallel random numbers:
// as easy as 1, 2, 3"), a generator without state. What it gives depends on its key only, so the
// same step of the same run draws the same numbers, resumed or not. (Outside a compiled function,
// TensorFlow hands out the same stream in a different order.)
const tf = __importStar(require("@tensorflow/tfjs-core"));
const backend_1 = require("./backend");
const PHILOX = 1;
/**
 * Uniform numbers in [0, 1) that depend on (seed, step) only.
 * @param seed a whole number below 2³¹, fixed when the function is compiled; another one for each
 *   draw of a step
 * @param step int32 scalar: what changes from call to call
 * @returns the tensor, or undefined on engines that have no such operation
 */
function statelessUniform(shape, seed, step) {
    const backend = (0, backend_1.nativeBackend)();
    if (!backend)
        return undefined;
    const { binding } = backend;
    const type = (name, value) => ({ name, type: binding.TF_ATTR_TYPE, value });
    return tf.tidy(() => {
        const pair = tf.stack([tf.scalar(seed, "int32"), step]);
        const size = tf.tensor1d(shape, "int32");
        const algorithm = tf.scalar(PHILOX, "int32");
        const [pairId, sizeId, algorithmId] = backend.getInputTensorIds([pair, size, algorithm]);
        // tfjs has no tensors for uint64, so key and counter are bare ids here.
        const keys = binding.executeOp("StatelessRandomGetKeyCounter", [type("Tseed", 3)], [pairId], 2);
        const [result] = binding.executeOp("StatelessRandomUniformV2", [type("dtype", 1), type("Tshape", 3)], [sizeId, ...keys.map(({ id }) => id), algorithmId], 1);
        for (const { id } of keys)
            binding.deleteTensor(id);
        return backend.createOutputTensor(result);
    });
}
exports.statelessUniform = statelessUniform;
