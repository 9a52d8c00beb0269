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
exports.registerNativeOps = void 0;
// The kernels behind llm/ops on the native engine, registered as `llm/<name>`, as ../wasm/wasmOps
// registers its own. Each is the shortest list of TensorFlow operations for the forward pass, or
// for the gradient, run inside one kernel call. llm/ops has checked shapes, types and ids, holds
// the formulas, and knows which kernels are not used in a compiled function.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const raw_1 = require("./raw");
/** gelu(x) = x · σ(x · (A + B x²)), because (1 + tanh u)/2 = σ(2u). */
const A = 2 * Math.sqrt(2 / Math.PI);
const B = A * 0.044715;
/** Queries, keys and values as (B, H, T, D); the queries are divided by √D. */
function heads(raw, qkv, nHead) {
    const [batch, T, width] = qkv.shape;
    const D = width / 3 / nHead;
    const parts = raw.reshape(qkv, [batch, T, 3, nHead, D]);
    const [q, k, v] = raw.unpack(raw.transpose(parts, [2, 0, 3, 1, 4])); // (B, H, T, D) each
    return [raw.mul(q, 1 / Math.sqrt(D)), k, v];
}
/** σ + x σ (1 − σ). */
const siluSlope = (raw, x, sigmoid) => raw.add(sigmoid, raw.sigmoidGrad(sigmoid, x));
const bodies = {
    Linear: (raw, { x, weight, bias }) => [raw.add(raw.matMul(x, weight), bias)],
    ColumnSum: (raw, { x }) => [raw.columnSum(x)],
    Gelu: (raw, { x }) => {
        const gate = raw.sigmoid(raw.mul(x, raw.add(raw.mul(raw.square(x), B), A)));
        return [raw.mul(x, gate), gate];
    },
    // ∂x = ∂y · (σ + x σ (1 − σ) (A + 3 B x²))
    GeluGrad: (raw, { x, gate, dy }) => {
        const slope = raw.mul(x, raw.add(raw.mul(raw.square(x), 3 * B), A));
        return [raw.mul(dy, raw.add(gate, raw.sigmoidGrad(gate, slope)))];
    },
    LayerNorm: (raw, { x, gain, bias }, { eps }) => {
        const last = x.shape.length - 1;
        const centred = raw.sub(x, raw.mean(x, last));
        const scale = raw.rsqrt(raw.add(raw.mean(raw.square(centred), last), eps));
        const normalised = raw.mul(centred, scale);
        return [raw.add(raw.mul(normalised, gain), bias), normalised, scale];
    },
    LayerNormGrad: (raw, { dy, normalised, scale, gain }) => {
        const last = dy.shape.length - 1;
        const g = raw.mul(dy, gain);
        const along = raw.mul(normalised, raw.mean(raw.mul(g, normalised), last));
        const dx = raw.mul(raw.sub(raw.sub(g, raw.mean(g, last)), along), scale);
        const rows = (t) => raw.reshape(t, [-1, t.shape[last]]); // x may be one row, of rank 1
        return [dx, raw.columnSum(rows(raw.mul(dy, normalised))), raw.columnSum(rows(dy))];
    },
    RmsNorm: (raw, { x, gain }, { eps }) => {
        const scale = raw.rsqrt(raw.add(raw.mean(raw.square(x), x.shape.length - 1), eps));
        return [raw.mul(raw.mul(x, scale), gain), scale];
    },
    RmsNormGrad: (raw, { dy, x, scale, gain }) => {
        const last = dy.shape.length - 1;
        const normalised = raw.mul(x, scale);
        const g = raw.mul(dy, gain);
        const along = raw.mul(normalised, raw.mean(raw.mul(g, normalised), last));
        const rows = raw.reshape(raw.mul(dy, normalised), [-1, dy.shape[last]]);
        return [raw.mul(scale, raw.sub(g, along)), raw.columnSum(rows)];
    },
    Silu: (raw, { x }) => [raw.mul(x, raw.sigmoid(x))],
    SiluGrad: (raw, { x, dy }) => [raw.mul(dy, siluSlope(raw, x, raw.sigmoid(x)))],
    Swiglu: (raw, { gate, up }) => [raw.mul(raw.mul(gate, raw.sigmoid(gate)), up)],
    SwigluGrad: (raw, { gate, up, dy }) => {
        const s = raw.sigmoid(gate);
        return [raw.mul(raw.mul(dy, up), siluSlope(raw, gate, s)), raw.mul(dy, raw.mul(gate, s))];
    },
    Rope: (raw, { x, cos, sin }, { interleaved, sign }) => {
        const [last, half] = [x.shape.length - 1, x.shape[x.shape.length - 1] / 2];
        const [c, s] = [cos, sin].map((table) => {
            if (table.shape.length === 2)
                return table; // (T, D/2) fits every leading axis
            const ones = new Array(x.shape.length - 3).fill(1);
            const [B, T] = table.shape;
            return raw.reshape(table, [B, ...ones, T, half]); // (B, 1, …, T, D/2)
        });
        const T = raw.type("T", 1);
        const [a, b] = interleaved
            ? raw.unpack(raw.reshape(x, [...x.shape.slice(0, -1), half, 2]), -1)
            : raw.run("SplitV", [T, raw.whole("num_split", 2), raw.type("Tlen", 3)], [x, raw.integers([half, half]), raw.integer(last)], 2);
        const [ac, as, bc, bs] = [raw.mul(a, c), raw.mul(a, s), raw.mul(b, c), raw.mul(b, s)];
        const turned = sign === 1 ? [raw.sub(ac, bs), raw.add(bc, as)] : [raw.add(ac, bs), raw.sub(bc, as)];
        if (interleaved)
            return [raw.reshape(raw.pack(turned, -1), x.shape)];
        return raw.run("ConcatV2", [T, raw.whole("N", 2), raw.type("Tidx", 3)], [...turned, raw.integer(last)]);
    },
    Attention: (raw, { qkv }, { nHead }) => {
        const [batch, T, width] = qkv.shape;
        const [q, k, v] = heads(raw, qkv, nHead);
        const scores = raw.matMul(q, k, false, true); // (B, H, T, T)
        const weights = raw.softmax(raw.add(scores, raw.future(T)));
        const y = raw.transpose(raw.matMul(weights, v), [0, 2, 1, 3]); // (B, T, H, D)
        return [raw.reshape(y, [batch, T, width / 3]), weights];
    },
    AttentionGrad: (raw, { qkv, weights, dy }, { nHead }) => {
        const [batch, T, width] = qkv.shape;
        const D = width / 3 / nHead;
        const [q, k, v] = heads(raw, qkv, nHead);
        const dHeads = raw.transpose(raw.reshape(dy, [batch, T, nHead, D]), [0, 2, 1, 3]);
        const dWeights = raw.matMul(dHeads, v, false, true);
        const dScores = raw.mul(weights, raw.sub(dWeights, raw.sum(raw.mul(dWeights, weights), 3)));
        const dq = raw.mul(raw.matMul(dScores, k), 1 / Math.sqrt(D));
        const dk = raw.matMul(dScores, q, true, false);
        const dv = raw.matMul(weights, dHeads, true, false);
        return [raw.reshape(raw.transpose(raw.pack([dq, dk, dv]), [1, 3, 0, 2, 4]), [batch, T, width])];
    },
    // TensorFlow returns the losses and their gradient, softmax − onehot, which is what is saved.
    CrossEntropy: (raw, { logits, targets }) => {
        const types = [raw.type("T", 1), raw.type("Tlabels", 3)];
        const [losses, slopes] = raw.run("SparseSoftmaxCrossEntropyWithLogits", types, [logits, targets], 2);
        return [raw.reshape(raw.mean(losses, 0), []), slopes];
    },
    CrossEntropyGrad: (raw, { p: slopes, dy }) => [raw.mul(slopes, raw.mul(dy, 1 / slopes.shape[0]))],
    SumOfSquares: (raw, { x }) => [raw.mul(raw.halfSquares(x), 2)],
};
/** Registers them for the native backend, which must be the current one. */
function registerNativeOps(backend) {
    const register = (name, kernelFunc) => tf.registerKernel({ kernelName: `llm/${name}`, backendName: "tensorflow", kernelFunc });
    for (const [name, body] of Object.entries(bodies))
        register(name, ({ inputs, attrs }) => {
            const tensors = (0, raw_1.withRaw)(backend, (raw) => {
                const results = Object.entries(inputs).map(([key, x]) => [key, raw.input(x)]);
                return body(raw, Object.fromEntries(results), (attrs ?? {}));
            });
            return tensors.length === 1 ? tensors[0] : tensors;
        });
    register("AdamW", ({ inputs, attrs }) => adamw(backend, inputs, attrs));
}
exports.registerNativeOps = registerNativeOps;
/**
 * TensorFlow's ResourceApplyAdam: one pass over a parameter instead of fourteen. It works on
 * "resources", TensorFlow's own variables: three are made for the call, given the three tensors,
 * and read back. The buffers change hands without a copy; where somebody else holds one (a reshape
 * shares it), TensorFlow copies before it writes. Returns a tensor of one element when it has
 * written, and an empty one when it must not write: a tensor that tfjs shares (a clone) would
 * change for its other owner, too.
 */
function adamw(backend, { param, grad, m, v }, { lr, beta1, beta2, eps, weightDecay, step }) {
    const written = [param, m, v];
    const free = written.every(({ dataId }) => backend.refCount(dataId) === 1) &&
        new Set(written.map(({ dataId }) => dataId)).size === 3;
    if (free) {
        const raw = new raw_1.Raw(backend);
        const dtype = [raw.type("dtype", 1)];
        // The corrections for starting at zero are computed here with 64 bits: with 32, 1 − 0.999ᵗ is
        // wrong in the fifth digit.
        const root = Math.sqrt(1 - beta2 ** step);
        const numbers = [0, 0, (lr * root) / (1 - beta1 ** step), beta1, beta2, eps * root].map((x) => raw.scalar(x));
        const g = raw.input(grad);
        const values = written.map((x) => raw.input(x));
        if (weightDecay !== 0)
            values[0] = raw.mul(values[0], 1 - lr * weightDecay);
        const resources = values.map((value) => raw.resource(value));
        const data = written.map(({ dataId }) => backend.tensorMap.get(dataId));
        // From here on the resources are the only owners.
        for (const { id } of data)
            backend.binding.deleteTensor(id);
        let kept = [];
        try {
            raw.run("ResourceApplyAdam", [raw.type("T", 1)], [...resources, ...numbers, g], 0);
        }
        finally {
            kept = resources.map((resource) => raw.run("ReadVariableOp", dtype, [resource])[0]);
            data.forEach((entry, i) => {
                entry.id = kept[i].id;
            });
            raw.freeBut(kept);
        }
    }
    const size = free ? 1 : 0;
    return {
        dataId: backend.write(new Float32Array(size), [size], "float32"),
        shape: [size],
        dtype: "float32",
    };
}
