"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.countParamsByPart = exports.initGPT = exports.gptShapes = void 0;
// The parameters of a GPT: one flat record of variables under the names and layouts of Hugging
// Face's GPT2LMHeadModel or, in the other family, LlamaForCausalLM, so that their checkpoints load
// without a map.
const params_1 = require("../params");
const transformer_1 = require("../transformer");
const config_1 = require("./config");
const llama_1 = require("./llama");
const positions_1 = require("./positions");
/** How many different distances T5 tells apart. */
const RELATIVE_BUCKETS = 32;
/**
 * The name and shape of every parameter, in Hugging Face's order. GPT-2's linear weights are
 * (in, out), as its Conv1D; LLaMA's are (out, in).
 * @throws if the configuration is impossible
 */
function gptShapes(config) {
    const { vocabSize: V, blockSize, nLayer, nHead, nEmbd: C } = (0, config_1.validateGPTConfig)(config);
    if (config.family === "llama")
        return (0, llama_1.llamaShapes)(config);
    const { position = "learned" } = config;
    const shapes = {};
    shapes["transformer.wte.weight"] = [V, C];
    if (position === "learned")
        shapes["transformer.wpe.weight"] = [blockSize, C];
    if (position === "t5")
        shapes[`${positions_1.RELATIVE_BIAS}.weight`] = [RELATIVE_BUCKETS, nHead];
    for (let i = 0; i < nLayer; i++)
        for (const [name, shape] of Object.entries((0, transformer_1.blockShapes)(config)))
            shapes[`transformer.h.${i}.${name}`] = shape;
    Object.assign(shapes, (0, transformer_1.finalNormShapes)("transformer.ln_f", config));
    return shapes;
}
exports.gptShapes = gptShapes;
/**
 * Fresh parameters, as `initTransformer` draws them.
 * @returns variables; free them with `disposeParams`
 * @throws if the configuration is impossible
 */
function initGPT(config, { seed }) {
    return (0, transformer_1.initTransformer)(gptShapes(config), { seed, depth: config.nLayer });
}
exports.initGPT = initGPT;
/** How many numbers each part of the model has. nanoGPT's figure leaves out `positionEmbedding`. */
function countParamsByPart(params) {
    const sum = (part) => {
        const names = Object.keys(params).filter((name) => part.test(name));
        return names.reduce((total, name) => total + params[name].size, 0);
    };
    return {
        tokenEmbedding: sum(/\.wte\.|\.embed_tokens\./),
        positionEmbedding: sum(/\.wpe\.|\.relative_attention_bias\./),
        attention: sum(/\.(self_)?attn\./),
        feedForward: sum(/\.(mlp|block_sparse_moe)\./),
        layerNorm: sum(/\.ln_|layernorm\.|^model\.norm\./),
        ...("lm_head.weight" in params ? { head: sum(/^lm_head\./) } : {}),
        total: (0, params_1.countParams)(params),
    };
}
exports.countParamsByPart = countParamsByPart;
