"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.clear = exports.swiglu = exports.sumOfSquares = exports.softmaxCrossEntropy = exports.silu = exports.rope = exports.rmsNorm = exports.logSigmoid = exports.linear = exports.layerNorm = exports.geluExact = exports.gelu = exports.embedding = exports.dropout = exports.causalSelfAttention = exports.DropoutKey = exports.canUpdateInPlace = exports.adamwInPlace = void 0;
// The operations that Transformers are made of. `gelu.clear(x)` is the formula in a few tfjs
// calls: slower, and the one to read. `gelu(x)` is the same as one kernel with a gradient written
// by hand, on the engines that have such a kernel; elsewhere it is the clear version too. Tests
// hold the two to the same values and gradients. `logSigmoid`, `geluExact`, `embedding` and
// `dropout` have no kernel, only the clear version. How an operation is declared is in ./define;
// the kernels are in ../engine/wasm/wasmOps and ../engine/native/nativeOps.
const causalSelfAttention_1 = require("./causalSelfAttention");
Object.defineProperty(exports, "causalSelfAttention", { enumerable: true, get: function () { return causalSelfAttention_1.causalSelfAttention; } });
const dropout_1 = require("./dropout");
Object.defineProperty(exports, "dropout", { enumerable: true, get: function () { return dropout_1.dropout; } });
const embedding_1 = require("./embedding");
Object.defineProperty(exports, "embedding", { enumerable: true, get: function () { return embedding_1.embedding; } });
const gelu_1 = require("./gelu");
Object.defineProperty(exports, "gelu", { enumerable: true, get: function () { return gelu_1.gelu; } });
const geluExact_1 = require("./geluExact");
Object.defineProperty(exports, "geluExact", { enumerable: true, get: function () { return geluExact_1.geluExact; } });
const layerNorm_1 = require("./layerNorm");
Object.defineProperty(exports, "layerNorm", { enumerable: true, get: function () { return layerNorm_1.layerNorm; } });
const linear_1 = require("./linear");
Object.defineProperty(exports, "linear", { enumerable: true, get: function () { return linear_1.linear; } });
const logSigmoid_1 = require("./logSigmoid");
Object.defineProperty(exports, "logSigmoid", { enumerable: true, get: function () { return logSigmoid_1.logSigmoid; } });
const rmsNorm_1 = require("./rmsNorm");
Object.defineProperty(exports, "rmsNorm", { enumerable: true, get: function () { return rmsNorm_1.rmsNorm; } });
const rope_1 = require("./rope");
Object.defineProperty(exports, "rope", { enumerable: true, get: function () { return rope_1.rope; } });
const silu_1 = require("./silu");
Object.defineProperty(exports, "silu", { enumerable: true, get: function () { return silu_1.silu; } });
const softmaxCrossEntropy_1 = require("./softmaxCrossEntropy");
Object.defineProperty(exports, "softmaxCrossEntropy", { enumerable: true, get: function () { return softmaxCrossEntropy_1.softmaxCrossEntropy; } });
const sumOfSquares_1 = require("./sumOfSquares");
Object.defineProperty(exports, "sumOfSquares", { enumerable: true, get: function () { return sumOfSquares_1.sumOfSquares; } });
const swiglu_1 = require("./swiglu");
Object.defineProperty(exports, "swiglu", { enumerable: true, get: function () { return swiglu_1.swiglu; } });
var adamw_1 = require("./adamw");
Object.defineProperty(exports, "adamwInPlace", { enumerable: true, get: function () { return adamw_1.adamwInPlace; } });
Object.defineProperty(exports, "canUpdateInPlace", { enumerable: true, get: function () { return adamw_1.canUpdateInPlace; } });
var dropout_2 = require("./dropout");
Object.defineProperty(exports, "DropoutKey", { enumerable: true, get: function () { return dropout_2.DropoutKey; } });
/** The clear version of every operation. */
exports.clear = {
    causalSelfAttention: causalSelfAttention_1.causalSelfAttention.clear,
    dropout: dropout_1.dropout.clear,
    embedding: embedding_1.embedding.clear,
    gelu: gelu_1.gelu.clear,
    geluExact: geluExact_1.geluExact.clear,
    layerNorm: layerNorm_1.layerNorm.clear,
    linear: linear_1.linear.clear,
    logSigmoid: logSigmoid_1.logSigmoid.clear,
    rmsNorm: rmsNorm_1.rmsNorm.clear,
    rope: rope_1.rope.clear,
    silu: silu_1.silu.clear,
    softmaxCrossEntropy: softmaxCrossEntropy_1.softmaxCrossEntropy.clear,
    sumOfSquares: sumOfSquares_1.sumOfSquares.clear,
    swiglu: swiglu_1.swiglu.clear,
};
