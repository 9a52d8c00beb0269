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
exports.writeRows = void 0;
// Writing into a tensor in place. In tfjs tensors never change, so this is only for a buffer that
// has one owner, such as a KV cache: copying all of it for every new row would cost more than the
// row's own arithmetic.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const backend_1 = require("./native/backend");
/**
 * buffers[i][rows[j]] = values[i][j] for all i and j, in place.
 * @param buffers (N, D) float32 on the current engine, made by `tf.variable(tf.zeros(…))`; no other
 *   tensor may share them
 * @param rows n row numbers, the same for every buffer
 * @param values one for each buffer, (n, D)
 */
function writeRows(buffers, rows, values) {
    const backend = (0, backend_1.nativeBackend)();
    if (backend) {
        const { binding } = backend;
        const type = [
            { name: "T", type: binding.TF_ATTR_TYPE, value: backend.getDTypeInteger("float32") },
        ];
        const indices = tf.tensor1d(rows, "int32");
        buffers.forEach((buffer, i) => {
            const ids = backend.getInputTensorIds([buffer, indices, values[i]]);
            // The result is a second name for the buffer.
            const [same] = binding.executeOp("InplaceUpdate", type, ids, 1);
            binding.deleteTensor(same.id);
        });
        indices.dispose();
        return;
    }
    const D = buffers[0].shape[1];
    const { data, typedArrayFromHeap } = tf.backend();
    const numbers = (x) => typedArrayFromHeap ? typedArrayFromHeap.call(tf.backend(), x) : data.get(x.dataId).values;
    buffers.forEach((buffer, i) => {
        const [to, from] = [numbers(buffer), numbers(values[i])];
        rows.forEach((row, j) => {
            to.set(from.subarray(j * D, (j + 1) * D), row * D);
        });
    });
}
exports.writeRows = writeRows;
