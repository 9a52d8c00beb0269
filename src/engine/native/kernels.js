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
exports.registerNativeKernels = void 0;
// Kernels of tfjs-node that are replaced on the native backend:
//
//   GatherV2        tfjs-node reads the indices in JavaScript to check them; a trace cannot do that
//   Cast, Reshape   where nothing changes, the result is the same tensor with one more owner: every
//                   gradient of tfjs makes such casts
const tf = __importStar(require("@tensorflow/tfjs-core"));
const ids_1 = require("../ids");
const backend_1 = require("./backend");
const nativeOps_1 = require("./nativeOps");
const done = Symbol.for("llm.native");
/** Registers them for the native backend, which must be the current one. Twice does nothing. */
function registerNativeKernels() {
    const backend = tf.backend();
    if (backend[done])
        return;
    backend[done] = true;
    tf.unregisterKernel("GatherV2", "tensorflow");
    tf.registerKernel({
        kernelName: "GatherV2",
        backendName: "tensorflow",
        kernelFunc: ({ inputs, attrs }) => gather(backend, inputs, attrs),
    });
    shareWhere("Cast", (x, { dtype }) => x.dtype === dtype);
    shareWhere("Reshape", (x, { shape }) => tf.util.arraysEqual(x.shape, shape));
    (0, nativeOps_1.registerNativeOps)(backend);
}
exports.registerNativeKernels = registerNativeKernels;
/**
 * The same kernel, except where it would change nothing: there the result refers to its input.
 */
function shareWhere(kernelName, same) {
    const stock = tf.getKernel(kernelName, "tensorflow");
    tf.unregisterKernel(kernelName, "tensorflow");
    tf.registerKernel({
        ...stock,
        kernelFunc: (params) => {
            const { x } = params.inputs;
            if (!same(x, params.attrs))
                return stock.kernelFunc(params);
            params.backend.incRef(x.dataId);
            return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
        },
    });
}
function gather(backend, { x, indices }, { axis: wanted, batchDims }) {
    const [axis] = tf.util.parseAxisParam(wanted, x.shape); // −1 is an error in the stock kernel
    const n = x.shape[axis];
    (0, ids_1.checkIds)(indices, n, "gather", "indices", () => (0, backend_1.valuesOf)(backend, indices.dataId));
    tf.backend_util.segment_util.collectGatherOpShapeInfo(x, indices, axis, batchDims);
    const { binding } = backend;
    const type = (name, t) => ({
        name,
        type: binding.TF_ATTR_TYPE,
        value: backend.getDTypeInteger(t.dtype),
    });
    const at = tf.scalar(axis, "int32");
    const [result] = binding.executeOp("GatherV2", [
        { name: "batch_dims", type: binding.TF_ATTR_INT, value: batchDims },
        type("Tparams", x),
        type("Tindices", indices),
        type("Taxis", at),
    ], backend.getInputTensorIds([x, indices, at]), 1);
    at.dispose();
    return backend.createOutputTensor(result);
}
