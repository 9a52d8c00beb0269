"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.gptAttention = exports.gptLoss = exports.gptLogits = exports.gptHead = exports.gptHidden = void 0;
const engine_1 = require("../engine");
const ops_1 = require("../ops");
const params_1 = require("../params");
const transformer_1 = require("../transformer");
const llama_1 = require("./llama");
const positions_1 = require("./positions");
/**
 * The residual stream after the last LayerNorm: everything but the head.
 * @param ids as in `gptLogits`
 * @returns (B, T, C); the caller disposes it
 */
function gptHidden(params, config, ids, options = {}) {
    shapeOfIds(ids, config);
    const { dropoutRng, onHidden } = options;
    const { nLayer, dropout: rate } = config;
    const drop = dropoutRng && rate > 0 ? (x) => (0, ops_1.dropout)(x, rate, dropoutRng) : undefined;
    return engine_1.tf.tidy(() => {
        const { embed, block, norm } = (config.family === "llama" ? llamaParts : gpt2Parts)(params, config, options, drop);
        let x = embed(ids); // (B, T, C)
        if (drop)
            x = drop(x);
        onHidden?.(0, x);
        for (let i = 0; i < nLayer; i++) {
            x = block(x, i);
            onHidden?.(i + 1, x);
        }
        x = norm(x);
        onHidden?.(nLayer + 1, x);
        return x;
    });
}
exports.gptHidden = gptHidden;
const gpt2Parts = (params, config, { ops, positions, mixHeads, onAttention }, dropout) => {
    const { nHead, blockSize } = config;
    const design = { ...(0, transformer_1.designOf)(config), ops };
    return {
        embed: (ids) => (0, transformer_1.embedTokens)(ids, params, {
            ...{ tokens: "transformer.wte", places: "transformer.wpe", blockSize, positions },
            position: config.position ?? "learned",
        }),
        block: (x, layer) => (0, transformer_1.transformerBlock)(x, params, `transformer.h.${layer}.`, {
            ...{ ...design, nHead, dropout },
            position: (0, positions_1.attentionPosition)(params, config, x.shape[1], positions),
            mixHeads: mixHeads && ((q, k, v) => mixHeads(layer, q, k, v)),
            onAttention: onAttention && ((weights) => onAttention(layer, weights)),
        }),
        norm: (x) => (0, transformer_1.finalNorm)(x, params, "transformer.ln_f", design),
    };
};
const llamaParts = (params, config, options, dropout) => {
    if (options.ops?.attention || options.ops?.layerNorm || options.ops?.gelu)
        throw new Error("gptHidden: expected no replacements in the family llama, got ops");
    const [tokens] = (0, params_1.layerParams)(params, "model.embed_tokens"); // (V, C)
    return {
        embed: (ids) => (0, ops_1.embedding)(tokens, ids),
        block: (x, layer) => (0, llama_1.llamaBlock)(x, params, config, { ...options, dropout, layer }),
        norm: (x) => (0, llama_1.llamaNorm)(x, params, "model.norm", config),
    };
};
/**
 * The head, from hidden states to scores: the token embeddings again, or where the model has one, a
 * matrix of its own.
 * @param hidden (…, C)
 * @returns logits (N, V), where N is the product of the leading axes
 */
function gptHead(params, hidden) {
    const name = ["lm_head", "transformer.wte", "model.embed_tokens"].find((name) => `${name}.weight` in params);
    const [head] = (0, params_1.layerParams)(params, name ?? "transformer.wte"); // (V, C)
    return engine_1.tf.tidy(() => engine_1.tf.matMul(engine_1.tf.reshape(hidden, [-1, head.shape[1]]), head, false, true));
}
exports.gptHead = gptHead;
/**
 * The scores of every next token at every position.
 * @param ids (B, T) int32 token ids; with learned positions 1 ≤ T ≤ blockSize
 * @returns logits (B, T, V); the caller disposes them
 * @throws if ids are not (B, T) int32, longer than blockSize, or outside 0 … V − 1
 */
function gptLogits(params, config, ids, options = {}) {
    const [B, T] = shapeOfIds(ids, config);
    return engine_1.tf.tidy(() => {
        const logits = gptHead(params, gptHidden(params, config, ids, options)); // (B·T, V)
        return engine_1.tf.reshape(logits, [B, T, config.vocabSize]);
    });
}
exports.gptLogits = gptLogits;
/**
 * The mean of −ln p(target) over all B·T positions, in nats per token.
 * @param ids (B, T) int32
 * @param targets (B, T) int32: what follows each position, ids shifted by one (nothing is shifted
 *   in here)
 * @returns scalar; the caller disposes it
 */
function gptLoss(params, config, ids, targets, options = {}) {
    shapeOfIds(ids, config);
    if (targets.dtype !== "int32" || `${targets.shape}` !== `${ids.shape}`) {
        throw new Error(`gptLoss: expected int32 targets of shape [${ids.shape}], got ${describe(targets)}`);
    }
    const crossEntropy = options.ops?.crossEntropy ?? ops_1.softmaxCrossEntropy;
    return engine_1.tf.tidy(() => {
        const logits = gptHead(params, gptHidden(params, config, ids, options)); // (B·T, V)
        return crossEntropy(logits, targets.flatten());
    });
}
exports.gptLoss = gptLoss;
/**
 * Makes an attention for the model (`ops.attention`) out of the two functions that a learner writes
 * in lesson 06 (attention): the projections (B, T, 3C) come in, causal attention in heads is done,
 * (B, T, C) goes out.
 *
 * @example const ops = { attention: gptAttention(await learner("06-attention")) };
 */
function gptAttention(parts) {
    return (qkv, nHead) => engine_1.tf.tidy(() => {
        const [q, k, v] = engine_1.tf.split(qkv, 3, -1); // (B, T, C) each
        return parts.multiHead(q, k, v, { nHead, mask: parts.causalMask(qkv.shape[1]) }).output;
    });
}
exports.gptAttention = gptAttention;
/** @throws if ids are not (B, T) int32, or longer than there are learned positions */
function shapeOfIds(ids, { family, blockSize, position = "learned" }) {
    if (ids.rank !== 2 || ids.dtype !== "int32" || ids.size === 0) {
        throw new Error(`gptLogits: expected int32 ids of shape [B, T], got ${describe(ids)}`);
    }
    const [B, T] = ids.shape;
    if (T > blockSize && position === "learned" && family !== "llama") {
        throw new Error(`gptLogits: expected at most blockSize = ${blockSize} tokens in a sequence, got ${T}`);
    }
    return [B, T];
}
const describe = (x) => `${x.dtype} of shape [${x.shape}]`;
