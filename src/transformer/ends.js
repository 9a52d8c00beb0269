"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.finalNormShapes = exports.finalNorm = exports.embedTokens = void 0;
// What every model of Transformer blocks has before its first block and after its last one: token
// embeddings with their positions, and a norm.
const engine_1 = require("../engine");
const ops_1 = require("../ops");
const params_1 = require("../params");
const position_1 = require("../position");
const block_1 = require("./block");
/**
 * Token embeddings, and position embeddings added to them where the model has any. Beside waves of
 * size 1, token embeddings are multiplied by √C (Vaswani et al., 2017, §3.4).
 * @param ids (B, T) int32
 * @returns (B, T, C)
 */
function embedTokens(ids, params, { tokens: name, places, position, blockSize, positions }) {
    const T = ids.shape[1];
    const tokens = (0, ops_1.embedding)((0, params_1.layerParams)(params, name)[0], ids); // (B, T, C)
    const C = tokens.shape[2];
    if (position === "sinusoidal") {
        const waves = positions
            ? (0, ops_1.embedding)((0, position_1.sinusoidalPositions)(blockSize, C), positions)
            : (0, position_1.sinusoidalPositions)(T, C);
        return engine_1.tf.add(engine_1.tf.mul(tokens, Math.sqrt(C)), waves);
    }
    if (position !== "learned")
        return tokens;
    const [table] = (0, params_1.layerParams)(params, places); // (blockSize, C)
    return engine_1.tf.add(tokens, positions ? (0, ops_1.embedding)(table, positions) : engine_1.tf.slice(table, 0, T));
}
exports.embedTokens = embedTokens;
/** Whether a stack of blocks ends with a norm of its own: post-norm blocks each end with one. */
const hasFinalNorm = ({ norm, normPlacement = "pre" }) => norm !== "none" && normPlacement === "pre";
/** The norm after the last block: (B, T, C) → (B, T, C). */
const finalNorm = (x, params, name, design) => (hasFinalNorm(design) ? (0, block_1.normalised)(x, params, name, design) : x);
exports.finalNorm = finalNorm;
/** Its parameters by name; none where there is no such norm. */
const finalNormShapes = (name, size) => (hasFinalNorm(size) ? (0, block_1.normShapes)(name, size) : {});
exports.finalNormShapes = finalNormShapes;
