"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.attentionPosition = exports.RELATIVE_BIAS = void 0;
const ops_1 = require("../ops");
const params_1 = require("../params");
const position_1 = require("../position");
/** T5's name for the table of its first layer, which all layers share. */
exports.RELATIVE_BIAS = "transformer.relative_attention_bias";
/** What position does inside attention, the same in every layer. */
function attentionPosition(params, { nHead: H, position, relativeMaxDistance: maxDistance }, T, positions) {
    if (position === "rope")
        return { rotate: (x) => (0, ops_1.rope)(x, positions ? { positions } : {}) };
    if (position !== "alibi" && position !== "t5")
        return undefined;
    if (positions)
        throw new Error(`gptHidden: expected a model without a bias of the scores for a KV cache, got ${position}`);
    if (position === "alibi")
        return { bias: (0, position_1.alibiBias)(H, T) };
    const [table] = (0, params_1.layerParams)(params, exports.RELATIVE_BIAS); // (buckets, H)
    return { bias: (0, position_1.relativeBias)(table, T, T, { maxDistance }) };
}
exports.attentionPosition = attentionPosition;
