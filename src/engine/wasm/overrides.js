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
exports.registerOverrides = exports.registerSegmentSum = exports.sumColumns = exports.batchMatMul = void 0;
// tfjs kernels that are replaced on the wasm backend, each only for the inputs that the replacement
// is made for; for everything else the stock kernel, the one that tfjs ships, is called. With the
// stock kernels a step of a small GPT takes 3.6 s. What is wrong with each of them:
//
//   BatchMatMul, _FusedMatMul   with a transpose or a batch it is slow: 0.85 GFLOP/s
//   Transpose, Sum, Mean        work element by element, or by way of a transpose
//   SplitV, Concat, Slice, Pack, Unpack, GatherV2
//                               make a typed-array view or check bounds for every row or piece
//   Identity, Cast              copy; here they share the buffer, as Reshape does
//   Pow                         computes tf.pow(x, 2) and tf.pow(x, 3) as a general power
//   Select, Reverse, StridedSlice
//                               write 4 bytes per element into 1-byte results (bool), which
//                               corrupts the heap; the last also calls every result float32
//   Cast to bool                keeps the last byte: 2 becomes 2, and 256 becomes false
//   Maximum, Sin, … in ./exact  lose NaN or digits
//   GatherNd, ScatterNd, TensorScatterUpdate, SparseToDense
//                               read and write beyond the tensor where an index is too large
//   UnsortedSegmentSum          is missing; it is the gradient of every embedding
const tf = __importStar(require("@tensorflow/tfjs-core"));
const cut_1 = require("./cut");
const exact_1 = require("./exact");
const heap_1 = require("./heap");
const isNumber = (x) => x.dtype === "float32" || x.dtype === "int32";
/**
 * For each matrix of the result, which of an input's matrices it is made from when batches are
 * broadcast.
 */
function batchIndex(of, batch) {
    const strides = [];
    let stride = 1;
    for (let d = batch.length - 1, k = of.length - 1; d >= 0; d--, k--) {
        const n = k < 0 ? 1 : of[k];
        strides[d] = n === 1 ? 0 : stride;
        stride *= n;
    }
    return (i) => {
        let [rest, index] = [i, 0];
        for (let d = batch.length - 1; d >= 0; d--) {
            index += (rest % batch[d]) * strides[d];
            rest = Math.floor(rest / batch[d]);
        }
        return index;
    };
}
/**
 * C = op(A) op(B), or op(A) op(B) + bias. The stock kernel multiplies the wrong matrices where
 * batches are broadcast both ways.
 */
function batchMatMul(heap, a, b, { transposeA = false, transposeB = false }, bias) {
    if (a.dtype !== "float32" || b.dtype !== "float32" || (bias && bias.dtype !== "float32"))
        return undefined;
    const [ra, rb] = [a.shape.length, b.shape.length];
    let M = a.shape[transposeA ? ra - 1 : ra - 2];
    const K = a.shape[transposeA ? ra - 2 : ra - 1];
    const N = b.shape[transposeB ? rb - 2 : rb - 1];
    const inner = b.shape[transposeB ? rb - 1 : rb - 2];
    if (inner !== K)
        return undefined; // the stock kernel says what is wrong
    if (bias && ((0, heap_1.count)(bias.shape) !== N || bias.shape.at(-1) !== N))
        return undefined;
    const [batchA, batchB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
    const batch = tf.broadcast_util.assertAndGetBroadcastShape(batchA, batchB);
    let n = (0, heap_1.count)(batch);
    const [nA, nB] = [(0, heap_1.count)(batchA), (0, heap_1.count)(batchB)];
    const out = heap.output([...batch, M, N]);
    if (nB === 1 && nA === n && !transposeA) {
        M *= n; // one weight for all: one tall product
        n = 1;
    }
    const [pa, pb, pc, pbias] = [
        heap.pointer(a),
        heap.pointer(b),
        heap.pointer(out),
        bias ? heap.pointer(bias) : 0,
    ];
    const [indexA, indexB] = [batchA, batchB].map((of) => batchIndex(of, batch));
    const [ars, aks] = transposeA ? [1, M] : [K, 1];
    const [bns, bks] = transposeB ? [K, 1] : [1, N];
    const calls = [];
    if (M === 1 && transposeB) {
        // one row at a time, as in decoding: packing B would cost far more than the product
        for (let i = 0; i < n; i++)
            for (const [from, to] of n > 1 ? [[0, N]] : heap.ranges(N, (N * K) / 2e4, 8))
                calls.push([
                    ...[to - from, K, pa + 4 * indexA(i) * K, pb + 4 * (indexB(i) * K * N + from * K)],
                    ...[pc + 4 * (i * N + from), pbias && pbias + 4 * from],
                ]);
        heap.run("gemv", calls);
        return out;
    }
    const threads = heap.threads((n * M * N * K) / 2e4);
    const cut = (0, cut_1.tiles)(M, N, n < 2 * threads ? threads : 1);
    for (let i = 0; i < n; i++) {
        for (const [m0, m1, n0, n1] of cut) {
            const A = pa + 4 * (indexA(i) * M * K + m0 * ars);
            const B = pb + 4 * (indexB(i) * K * N + n0 * bns);
            const C = pc + 4 * (i * M * N + m0 * N + n0);
            calls.push([m1 - m0, n1 - n0, K, A, ars, aks, B, bns, bks, C, N, pbias && pbias + 4 * n0]);
        }
    }
    heap.run("gemm", calls, heap.kernels.gemmScratch());
    return out;
}
exports.batchMatMul = batchMatMul;
/** out[c] = factor · Σ_b x[b, c], x (B, C). */
function sumColumns(heap, x, out, B, C, factor) {
    const calls = heap
        .ranges(C, B * C * 2e-5, 16)
        .map(([from, to]) => [...[x + 4 * from, out + 4 * from, 1], ...[B, C, factor, to - from]]);
    heap.run("sumMiddle", calls);
}
exports.sumColumns = sumColumns;
/**
 * Sums or means over neighbouring axes, which become one; that covers every reduction of the
 * course.
 */
function reduce(heap, x, attrs, mean) {
    if (x.dtype !== "float32")
        return undefined;
    const axes = tf.util.parseAxisParam(attrs.axis, x.shape).sort((p, q) => p - q);
    if (axes.length === 0 || axes.some((axis, i) => axis !== axes[0] + i))
        return undefined;
    const last = axes[axes.length - 1];
    const B = (0, heap_1.count)(x.shape.slice(axes[0], last + 1));
    const [A, C] = [(0, heap_1.count)(x.shape.slice(0, axes[0])), (0, heap_1.count)(x.shape.slice(last + 1))];
    const shape = attrs.keepDims
        ? x.shape.map((n, i) => (i >= axes[0] && i <= last ? 1 : n))
        : x.shape.filter((_, i) => i < axes[0] || i > last);
    const out = heap.output(shape);
    const [px, po, factor] = [heap.pointer(x), heap.pointer(out), mean ? 1 / B : 1];
    if (A === 1)
        sumColumns(heap, px, po, B, C, factor);
    else {
        const calls = heap
            .ranges(A, A * B * C * 2e-4)
            .map(([from, to]) => [
            ...[px + 4 * from * B * C, po + 4 * from * C, to - from],
            ...[B, C, factor, C],
        ]);
        heap.run("sumMiddle", calls);
    }
    return out;
}
/** Drops axes of size 1 and joins axes that stay neighbours, then copies by strides. */
function transpose(heap, x, perm) {
    if (!isNumber(x))
        return undefined;
    const shape = perm.map((p) => x.shape[p]);
    const strides = tf.util.computeStrides(x.shape);
    const stride = (p) => (p === x.shape.length - 1 ? 1 : strides[p]);
    const dims = [];
    for (const p of perm) {
        if (x.shape[p] === 1)
            continue;
        const before = dims.at(-1);
        if (before && before.s === stride(p) * x.shape[p]) {
            before.n *= x.shape[p];
            before.s = stride(p);
        }
        else
            dims.push({ n: x.shape[p], s: stride(p) });
    }
    if (dims.length <= 1)
        return heap.share(x, shape); // the order in memory does not change
    const out = heap.output(shape, x.dtype);
    const table = heap.scratch(12 * dims.length);
    const ints = new Int32Array(heap.memory(), table, 2 * dims.length);
    dims.forEach((d, i) => {
        ints[i] = d.n;
        ints[dims.length + i] = d.s;
    });
    heap.kernels.transpose(heap.pointer(x), heap.pointer(out), dims.length, table);
    return out;
}
/** Part [from, from + n) of an axis, as rows of memory. */
function takePart(heap, x, axis, from, n) {
    const inner = (0, heap_1.count)(x.shape.slice(axis + 1)) * 4;
    const rows = (0, heap_1.count)(x.shape.slice(0, axis));
    const shape = x.shape.slice();
    shape[axis] = n;
    const out = heap.output(shape, x.dtype);
    const stride = x.shape[axis] * inner;
    heap.kernels.copyRows(heap.pointer(x) + from * inner, heap.pointer(out), rows, n * inner, stride, n * inner);
    return out;
}
function concat(heap, parts, attrs) {
    const first = parts[0];
    if (!parts.every((p) => isNumber(p) && p.dtype === first.dtype))
        return undefined;
    const axis = tf.util.parseAxisParam(attrs.axis, first.shape)[0];
    tf.backend_util.assertParamsConsistent(parts.map((p) => p.shape), axis);
    const shape = tf.backend_util.computeOutShape(parts.map((p) => p.shape), axis);
    const out = heap.output(shape, first.dtype);
    const rows = (0, heap_1.count)(shape.slice(0, axis));
    const stride = (0, heap_1.count)(shape.slice(axis)) * 4;
    let at = heap.pointer(out);
    for (const p of parts) {
        const bytes = (0, heap_1.count)(p.shape.slice(axis)) * 4;
        heap.kernels.copyRows(heap.pointer(p), at, rows, bytes, bytes, stride);
        at += bytes;
    }
    return out;
}
function pack(heap, parts, axis) {
    const { shape, dtype } = parts[0];
    const alike = (p) => p.dtype === dtype && tf.util.arraysEqual(p.shape, shape);
    if (!isNumber(parts[0]) || !parts.every(alike))
        return undefined;
    const at = axis < 0 ? axis + shape.length + 1 : axis;
    const out = heap.output([...shape.slice(0, at), parts.length, ...shape.slice(at)], dtype);
    const [rows, bytes] = [(0, heap_1.count)(shape.slice(0, at)), (0, heap_1.count)(shape.slice(at)) * 4];
    const to = heap.pointer(out);
    parts.forEach((p, i) => {
        heap.kernels.copyRows(heap.pointer(p), to + i * bytes, rows, bytes, bytes, bytes * parts.length);
    });
    return out;
}
function unpack(heap, x, axis) {
    if (!isNumber(x))
        return undefined;
    const at = axis < 0 ? axis + x.shape.length : axis;
    const shape = x.shape.filter((_, i) => i !== at);
    return Array.from({ length: x.shape[at] }, (_, i) => ({ ...takePart(heap, x, at, i, 1), shape }));
}
/** Rows of a table. The first axis only, which is what an embedding looks up. */
function gather(heap, x, indices, attrs) {
    if (attrs.batchDims || x.dtype === "string" || indices.dtype !== "int32")
        return undefined;
    if (tf.util.parseAxisParam(attrs.axis, x.shape)[0] !== 0)
        return undefined;
    const rest = x.shape.slice(1);
    const bytes = (0, heap_1.count)(rest) * (isNumber(x) ? 4 : 1);
    const out = heap.output([...indices.shape, ...rest], x.dtype);
    const [from, ids, to] = [x, indices, out].map((t) => heap.pointer(t));
    const bad = heap.kernels.gatherRows(from, ids, to, (0, heap_1.count)(indices.shape), bytes, x.shape[0]);
    if (bad < 0)
        return out;
    const id = heap.view(indices)[bad];
    heap.release(out);
    throw new Error(`gather: expected indices from 0 to ${x.shape[0] - 1}, got ${id} at position ${bad}`);
}
function slice(heap, x, attrs) {
    if (!isNumber(x))
        return undefined;
    const [begin, size] = tf.slice_util.parseSliceParams(x, attrs.begin, attrs.size);
    const cut = size.map((n, i) => (n === x.shape[i] ? -1 : i)).filter((i) => i >= 0);
    if (cut.length > 1 || x.shape.length === 0)
        return undefined;
    tf.slice_util.assertParamsValid(x, begin, size);
    if (cut.length === 0)
        return heap.share(x, size);
    return takePart(heap, x, cut[0], begin[cut[0]], size[cut[0]]);
}
function pow(heap, a, b) {
    if ((0, heap_1.count)(b.shape) !== 1 ||
        b.shape.length > a.shape.length ||
        a.dtype !== "float32" ||
        b.dtype !== "float32") {
        return undefined;
    }
    const exponent = heap.view(b)[0];
    const out = heap.output(a.shape);
    const [X, Y] = [heap.view(a), heap.view(out)];
    if (exponent === 2)
        for (let i = 0; i < X.length; i++)
            Y[i] = X[i] * X[i];
    else if (exponent === 3)
        for (let i = 0; i < X.length; i++)
            Y[i] = X[i] * X[i] * X[i];
    else
        for (let i = 0; i < X.length; i++)
            Y[i] = X[i] ** exponent;
    return out;
}
function selectBool(heap, condition, t, e) {
    if (t.dtype !== "bool")
        return undefined;
    const out = heap.output(t.shape, "bool");
    const [C, T, E, O] = [condition, t, e, out].map((x) => heap.view(x));
    const inner = C.length > 0 ? O.length / C.length : 1; // a condition may have one value per row
    for (let i = 0; i < O.length; i++)
        O[i] = C[Math.floor(i / inner)] ? T[i] : E[i];
    return out;
}
/**
 * Checks that indices (…, K) lie in a tensor of this shape, which the stock kernel does not do, and
 * leaves the work to it.
 */
function checkIndices(heap, where, indices, shape) {
    const K = indices.shape.length > 1 ? indices.shape[indices.shape.length - 1] : 1;
    const list = heap.view(indices);
    for (let i = 0; i < list.length; i++) {
        if (list[i] >= 0 && list[i] < shape[i % K])
            continue;
        const row = Math.floor(i / K);
        const got = Array.from(list.slice(row * K, (row + 1) * K)).join(", ");
        throw new Error(`${where}: expected indices into a tensor (${shape.join(", ")}), ` +
            `got (${got}) at position ${row}`);
    }
}
/** The stock kernel for one input: bools go through it as integers, and the type is corrected. */
function anyType(heap, kernelName, stock, x, attrs) {
    if (x.dtype !== "bool" && kernelName !== "StridedSlice")
        return undefined;
    const run = (x) => stock.kernelFunc({
        inputs: { x: x },
        attrs,
        backend: tf.backend(),
    });
    if (x.dtype !== "bool")
        return heap.retype(run(x), x.dtype);
    const ints = cast(heap, x, "int32");
    const result = run(ints);
    const bools = cast(heap, heap.retype(result, "int32"), "bool");
    heap.release(ints);
    heap.release(result);
    return bools;
}
function cast(heap, x, dtype) {
    const out = heap.output(x.shape, dtype);
    const [X, O] = [heap.view(x), heap.view(out)];
    for (let i = 0; i < X.length; i++)
        O[i] = dtype === "bool" ? (X[i] !== 0 ? 1 : 0) : X[i];
    return out;
}
function segmentSum(heap, x, ids, segments) {
    if (x.dtype !== "float32")
        return segmentSumInJs(heap, x, ids, segments);
    const rest = x.shape.slice(ids.shape.length);
    const out = heap.output([segments, ...rest]);
    const [n, C] = [(0, heap_1.count)(ids.shape), (0, heap_1.count)(rest)];
    heap.kernels.segmentSum(heap.pointer(x), heap.pointer(ids), heap.pointer(out), n, C, segments);
    return out;
}
/** The same in JavaScript: for integers, and where the memory of the heap is out of reach. */
function segmentSumInJs(heap, x, ids, segments) {
    const rest = x.shape.slice(ids.shape.length);
    const out = heap.output([segments, ...rest], x.dtype);
    const [n, C] = [(0, heap_1.count)(ids.shape), (0, heap_1.count)(rest)];
    const [X, S, O] = [heap.view(x), heap.view(ids), heap.view(out).fill(0)];
    for (let i = 0; i < n; i++) {
        if (S[i] < 0 || S[i] >= segments)
            continue;
        for (let j = 0; j < C; j++)
            O[S[i] * C + j] += X[i * C + j];
    }
    return out;
}
/** Only the kernel that is missing, for a version of tfjs that the others were not written for. */
function registerSegmentSum() {
    if (tf.getKernel("UnsortedSegmentSum", "wasm"))
        return;
    tf.registerKernel({
        kernelName: "UnsortedSegmentSum",
        backendName: "wasm",
        kernelFunc: ({ inputs, attrs, backend }) => {
            const { x, segmentIds } = inputs;
            const wasm = backend;
            const outside = {
                output: (shape, dtype = "float32") => wasm.makeOutput(shape, dtype),
                view: (t) => wasm.typedArrayFromHeap(t),
            };
            return segmentSumInJs(outside, x, segmentIds, attrs.numSegments);
        },
    });
}
exports.registerSegmentSum = registerSegmentSum;
/**
 * Activations of fused.matMul. After a transpose the stock kernel's are inexact: sigmoid is 13 %
 * off at −5.
 */
const activations = {
    relu: "Relu",
    relu6: "Relu6",
    elu: "Elu",
    sigmoid: "Sigmoid",
};
/** Registers the replacements for the wasm backend. */
function registerOverrides(heap) {
    const replacements = {
        BatchMatMul: ({ a, b }, attrs) => batchMatMul(heap, a, b, attrs),
        _FusedMatMul: ({ a, b, bias, preluActivationWeights }, attrs) => {
            const activation = tf.getKernel(activations[attrs.activation ?? "linear"] ?? "", "wasm");
            if (preluActivationWeights ||
                (attrs.activation && attrs.activation !== "linear" && !activation))
                return undefined;
            const y = batchMatMul(heap, a, b, attrs, bias);
            if (!y || !activation)
                return y;
            const x = y;
            const result = activation.kernelFunc({
                inputs: { x },
                attrs: {},
                backend: tf.backend(),
            });
            heap.release(y);
            return result;
        },
        Transpose: ({ x }, { perm }) => transpose(heap, x, perm),
        Sum: ({ x }, attrs) => reduce(heap, x, attrs, false),
        Mean: ({ x }, attrs) => reduce(heap, x, attrs, true),
        SplitV: ({ x }, attrs) => {
            if (!isNumber(x))
                return undefined;
            const axis = tf.util.parseAxisParam(attrs.axis, x.shape)[0];
            const sizes = tf.backend_util.prepareSplitSize(x, attrs.numOrSizeSplits, axis);
            let from = 0;
            return sizes.map((n) => {
                from += n;
                return takePart(heap, x, axis, from - n, n);
            });
        },
        Concat: (parts, attrs) => concat(heap, Object.values(parts), attrs),
        Pack: (parts, { axis }) => pack(heap, Object.values(parts), axis),
        Unpack: ({ value }, { axis }) => unpack(heap, value, axis),
        GatherV2: ({ x, indices }, attrs) => gather(heap, x, indices, attrs),
        Cast: ({ x }, { dtype }) => {
            if (x.dtype === dtype && dtype !== "string")
                return heap.share(x, x.shape);
            if (dtype === "int32" && x.dtype === "float32")
                return (0, exact_1.toIntegers)(heap, x);
            return dtype === "bool" && isNumber(x) ? cast(heap, x, dtype) : undefined;
        },
        ...Object.fromEntries(["Reverse", "StridedSlice"].map((name) => {
            const stock = tf.getKernel(name, "wasm");
            return [name, ({ x }, attrs) => anyType(heap, name, stock, x, attrs)];
        })),
        GatherNd: ({ params, indices }) => checkIndices(heap, "gatherND", indices, params.shape),
        ScatterNd: ({ indices }, { shape }) => checkIndices(heap, "scatterND", indices, shape),
        TensorScatterUpdate: ({ tensor, indices }) => checkIndices(heap, "tensorScatterUpdate", indices, tensor.shape),
        SparseToDense: ({ sparseIndices }, { outputShape }) => checkIndices(heap, "sparseToDense", sparseIndices, outputShape),
        Slice: ({ x }, attrs) => slice(heap, x, attrs),
        Identity: ({ x }) => (x.dtype === "string" ? undefined : heap.share(x, x.shape)),
        Pow: ({ a, b }) => pow(heap, a, b),
        Select: ({ condition, t, e }) => selectBool(heap, condition, t, e),
        UnsortedSegmentSum: ({ x, segmentIds }, { numSegments }) => segmentSum(heap, x, segmentIds, numSegments),
    };
    for (const [kernelName, replacement] of Object.entries(replacements))
        replace(kernelName, replacement);
    for (const [kernelName, replacement] of Object.entries((0, exact_1.exactKernels)(heap)))
        replace(kernelName, replacement);
}
exports.registerOverrides = registerOverrides;
/** Puts a replacement in front of a kernel. */
function replace(kernelName, replacement) {
    const stock = tf.getKernel(kernelName, "wasm");
    if (stock)
        tf.unregisterKernel(kernelName, "wasm");
    tf.registerKernel({
        ...stock,
        kernelName,
        backendName: "wasm",
        kernelFunc: (params) => replacement(params.inputs, (params.attrs ?? {})) ?? stock.kernelFunc(params),
    });
}
