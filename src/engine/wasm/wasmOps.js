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
exports.registerWasmOps = void 0;
// The kernels behind llm/ops on the wasm engine, registered as `llm/<name>`. Each is one call of
// ./kernels, or with threads one call for each piece. Pieces are rows, heads, columns or elements,
// so that every number is computed as it would be in one piece. llm/ops has checked shapes, types
// and ids, and holds the formulas.
const tf = __importStar(require("@tensorflow/tfjs-core"));
const heap_1 = require("./heap");
const overrides_1 = require("./overrides");
function registerWasmOps(heap) {
    const { kernels: K, pointer: p, output } = heap;
    const rowsOf = (x) => {
        const N = x.shape[x.shape.length - 1];
        return [(0, heap_1.count)(x.shape) / N, N];
    };
    /**
     * Calls a kernel for ranges of n elements. `us` is about how many microseconds one of them takes.
     * It is set lower where the kernel waits for memory (layer norm, AdamW, sums of columns), because
     * more threads do not make memory faster.
     */
    const cut = (kernel, n, us, args) => heap.run(kernel, heap.ranges(n, n * us, 16).map(([from, to]) => args(from, to)));
    /** The same for R rows of N elements. */
    const cutRows = (kernel, R, N, us, args) => heap.run(kernel, heap.ranges(R, R * N * us).map(([from, to]) => args(from, to)));
    const table = {
        Linear: ({ x, weight, bias }) => (0, overrides_1.batchMatMul)(heap, x, weight, {}, bias),
        ColumnSum: ({ x }) => {
            const out = output([x.shape[1]]);
            (0, overrides_1.sumColumns)(heap, p(x), p(out), x.shape[0], x.shape[1], 1);
            return out;
        },
        Gelu: ({ x }) => {
            const y = output(x.shape);
            const [px, py] = [p(x), p(y)];
            cut("gelu", (0, heap_1.count)(x.shape), 1.5e-3, (from, to) => [px + 4 * from, py + 4 * from, to - from]);
            return y;
        },
        GeluGrad: ({ x, dy }) => {
            const dx = output(x.shape);
            const [px, pdy, pdx] = [p(x), p(dy), p(dx)];
            const args = (from, to) => [
                px + 4 * from,
                pdy + 4 * from,
                pdx + 4 * from,
                to - from,
            ];
            cut("geluGrad", (0, heap_1.count)(x.shape), 2e-3, args);
            return dx;
        },
        LayerNorm: ({ x, gain, bias }, { eps }) => {
            const [R, N] = rowsOf(x);
            const [y, normalised, scale] = [output(x.shape), output(x.shape), output([R])];
            const [px, pg, pb, py, pn, ps] = [x, gain, bias, y, normalised, scale].map(p);
            cutRows("layerNorm", R, N, 2e-4, (from, to) => {
                const at = 4 * N * from;
                return [px + at, pg, pb, py + at, pn + at, ps + 4 * from, to - from, N, eps];
            });
            return [y, normalised, scale];
        },
        LayerNormGrad: ({ dy, normalised, scale, gain }) => {
            const [R, N] = rowsOf(dy);
            const [dx, dgain, dbias] = [output(dy.shape), output([N]), output([N])];
            const [pdy, pn, ps, pg, pdx, pdg, pdb] = [dy, normalised, scale, gain, dx, dgain, dbias].map(p);
            cutRows("layerNormGrad", R, N, 2e-4, (from, to) => {
                const at = 4 * N * from;
                return [pdy + at, pn + at, ps + 4 * from, pg, pdx + at, to - from, N];
            });
            cut("layerNormGradGain", N, R * 1e-4, (from, to) => {
                const at = 4 * from;
                return [pdy + at, pn + at, pdg + at, pdb + at, R, N, to - from];
            });
            return [dx, dgain, dbias];
        },
        RmsNorm: ({ x, gain }, { eps }) => {
            const [R, N] = rowsOf(x);
            const [y, scale] = [output(x.shape), output([R])];
            const [px, pg, py, ps] = [x, gain, y, scale].map(p);
            cutRows("rmsNorm", R, N, 2e-4, (from, to) => {
                const at = 4 * N * from;
                return [px + at, pg, py + at, ps + 4 * from, to - from, N, eps];
            });
            return [y, scale];
        },
        RmsNormGrad: ({ dy, x, scale, gain }) => {
            const [R, N] = rowsOf(dy);
            const [dx, dgain] = [output(dy.shape), output([N])];
            const [pdy, px, ps, pg, pdx, pdg] = [dy, x, scale, gain, dx, dgain].map(p);
            cutRows("rmsNormGrad", R, N, 2e-4, (from, to) => {
                const at = 4 * N * from;
                return [pdy + at, px + at, ps + 4 * from, pg, pdx + at, to - from, N];
            });
            cut("rmsNormGradGain", N, R * 1e-4, (from, to) => {
                const at = 4 * from;
                return [pdy + at, px + at, ps, pdg + at, R, N, to - from];
            });
            return [dx, dgain];
        },
        Silu: ({ x }) => {
            const y = output(x.shape);
            const [px, py] = [p(x), p(y)];
            cut("silu", (0, heap_1.count)(x.shape), 1e-3, (from, to) => [px + 4 * from, py + 4 * from, to - from]);
            return y;
        },
        SiluGrad: ({ x, dy }) => {
            const dx = output(x.shape);
            const [px, pdy, pdx] = [p(x), p(dy), p(dx)];
            const args = (from, to) => [
                px + 4 * from,
                pdy + 4 * from,
                pdx + 4 * from,
                to - from,
            ];
            cut("siluGrad", (0, heap_1.count)(x.shape), 1.4e-3, args);
            return dx;
        },
        Swiglu: ({ gate, up }) => {
            const y = output(gate.shape);
            const [pg, pu, py] = [gate, up, y].map(p);
            const args = (from, to) => [
                pg + 4 * from,
                pu + 4 * from,
                py + 4 * from,
                to - from,
            ];
            cut("swiglu", (0, heap_1.count)(gate.shape), 1.1e-3, args);
            return y;
        },
        SwigluGrad: ({ gate, up, dy }) => {
            const [dgate, dup] = [output(gate.shape), output(gate.shape)];
            const pointers = [gate, up, dy, dgate, dup].map(p);
            cut("swigluGrad", (0, heap_1.count)(gate.shape), 1.8e-3, (from, to) => [
                ...pointers.map((at) => at + 4 * from),
                to - from,
            ]);
            return [dgate, dup];
        },
        Rope: ({ x, cos, sin }, { interleaved, sign }) => {
            const [T, half] = cos.shape.slice(-2);
            const tables = (0, heap_1.count)(cos.shape.slice(0, -2)); // one for all, or one for each text
            const y = output(x.shape);
            const [px, pc, ps, py] = [x, cos, sin, y].map(p);
            const matrix = 4 * T * 2 * half; // bytes
            const each = (4 * (0, heap_1.count)(x.shape)) / (tables * matrix); // matrices that share a table
            for (let i = 0; i < tables; i++) {
                const [at, table] = [i * each * matrix, (i * matrix) / 2];
                const calls = heap
                    .ranges(each, each * T * half * 1e-3)
                    .map(([from, to]) => [
                    ...[px + at + from * matrix, pc + table, ps + table, py + at + from * matrix],
                    ...[to - from, T, half, interleaved, sign],
                ]);
                heap.run("rope", calls);
            }
            return y;
        },
        Attention: ({ qkv }, { nHead }) => {
            const [B, T, L] = qkv.shape;
            const D = L / 3 / nHead;
            const [y, weights] = [output([B, T, L / 3]), output([B, nHead, T, T])];
            const us = B * nHead * T * T * (D * 1e-4 + 2e-3);
            const calls = heap
                .ranges(B * nHead, us)
                .map(([from, to]) => [...[p(qkv), p(y), p(weights)], ...[T, nHead, D, from, to]]);
            heap.run("attention", calls, K.gemmScratch());
            return [y, weights];
        },
        AttentionGrad: ({ qkv, weights, dy }, { nHead }) => {
            const [B, T, L] = qkv.shape;
            const D = L / 3 / nHead;
            const dqkv = output(qkv.shape);
            const us = B * nHead * T * T * (D * 2e-4 + 1e-3);
            const calls = heap
                .ranges(B * nHead, us)
                .map(([from, to]) => [...[p(qkv), p(weights), p(dy), p(dqkv)], ...[T, nHead, D, from, to]]);
            heap.run("attentionGrad", calls, K.attentionGradScratch(T));
            return dqkv;
        },
        CrossEntropy: ({ logits, targets }) => {
            const [R, N] = logits.shape;
            const [loss, probabilities, losses] = [output([]), output([R, N]), output([R])];
            const [pl, pt, pp, ps] = [logits, targets, probabilities, losses].map(p);
            cutRows("crossEntropy", R, N, 1.5e-3, (from, to) => {
                const at = 4 * N * from;
                return [pl + at, pt + 4 * from, pp + at, ps + 4 * from, to - from, N];
            });
            let sum = 0; // in 64 bits, in the order of the rows
            for (const x of heap.view(losses))
                sum += x;
            heap.release(losses);
            heap.view(loss)[0] = sum / R;
            return [loss, probabilities];
        },
        CrossEntropyGrad: ({ p: probabilities, targets, dy }) => {
            const [R, N] = probabilities.shape;
            const out = output([R, N]);
            const [pp, pt, po] = [probabilities, targets, out].map(p);
            const scale = heap.view(dy)[0] / R;
            cutRows("crossEntropyGrad", R, N, 2e-4, (from, to) => {
                const at = 4 * N * from;
                return [pp + at, pt + 4 * from, po + at, to - from, N, scale];
            });
            return out;
        },
        // Returns a tensor of one element when it has written, and an empty one when it must not write:
        // a buffer with a second user (a clone, a reshape, the tensor a variable was made from) would
        // change for that user, too.
        AdamW: ({ param, grad, m, v }, { lr, beta1, beta2, eps, weightDecay, step }) => {
            const written = [param, m, v];
            const free = written.every((x) => heap.users(x) === 1) &&
                new Set(written.map((x) => x.dataId)).size === 3;
            if (free) {
                const [keep, rate, root] = [
                    1 - lr * weightDecay,
                    lr / (1 - beta1 ** step),
                    1 / Math.sqrt(1 - beta2 ** step),
                ];
                const [pp, pg, pm, pv] = [param, grad, m, v].map(p);
                cut("adamw", (0, heap_1.count)(param.shape), 3e-4, (from, to) => {
                    const at = 4 * from;
                    return [
                        pp + at,
                        pg + at,
                        pm + at,
                        pv + at,
                        to - from,
                        beta1,
                        beta2,
                        keep,
                        rate,
                        root,
                        eps,
                    ];
                });
            }
            return output([free ? 1 : 0]);
        },
    };
    for (const [name, kernel] of Object.entries(table)) {
        tf.registerKernel({
            kernelName: `llm/${name}`,
            backendName: "wasm",
            kernelFunc: ({ inputs, attrs }) => kernel(inputs, (attrs ?? {})),
        });
    }
}
exports.registerWasmOps = registerWasmOps;
