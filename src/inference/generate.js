"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.generate = void 0;
/**
 * Writing with a GPT, one token at a time: the model reads with a KV cache (./cache), and the next
 * token is drawn from the distribution that it gives (llm/sampling). Left out: beam search (lesson
 * 20, decoding), many texts at once (lesson 21, inference).
 */
const engine_1 = require("../engine");
const ids_1 = require("../engine/ids");
const sampling_1 = require("../sampling");
const cache_1 = require("./cache");
/**
 * From this many tokens on compiling saves time. On the native engine it takes 1 to 3 s, or 0.3 s
 * from the cache on disk, and saves 5 to 40 ms per token.
 */
const WORTH_COMPILING = 100;
/**
 * Continues `ids`. The model sees at most the last blockSize tokens. Jupyter's stop button and
 * Ctrl-C end the text early.
 * @param ids the prompt, at least one token id
 * @returns the prompt followed by the new ids
 * @throws if the prompt is empty or has an id outside the vocabulary, or an option makes no sense
 */
async function generate(params, config, ids, { maxNewTokens, temperature = 1, topK, rng, stop, onToken, model: given, keep }) {
    if (!Number.isInteger(maxNewTokens) || maxNewTokens < 0) {
        throw new Error(`generate: expected maxNewTokens of 0 or more, got ${maxNewTokens}`);
    }
    if (ids.length === 0)
        throw new Error("generate: expected at least one token id to begin with, got none");
    (0, ids_1.checkIdValues)(ids, config.vocabSize, "generate", "ids");
    (0, sampling_1.checkSampling)("generate", { temperature, topK });
    const text = Array.from(ids);
    if (maxNewTokens === 0 || (0, engine_1.interrupted)())
        return text;
    const cached = Math.max(0, Math.min(maxNewTokens, config.blockSize - ids.length));
    const compiled = {
        step: cached >= WORTH_COMPILING,
        pass: maxNewTokens - cached >= WORTH_COMPILING,
    };
    const model = given ?? new cache_1.CachedGPT(params, config, { compiled });
    const begin = (ids) => (keep ? model.continueTo(ids) : model.begin(ids));
    try {
        for (let i = 0; i < maxNewTokens && !(0, engine_1.interrupted)(); i++) {
            const logits = i === 0 ? await begin(ids) : await model.next(text[text.length - 1]);
            const id = (0, sampling_1.sampleFromLogits)(logits, { temperature, topK, rng });
            text.push(id);
            onToken?.(id);
            if (stop?.(text))
                break;
            await (0, engine_1.nextFrame)();
        }
    }
    finally {
        if (!given)
            model.dispose();
    }
    return text;
}
exports.generate = generate;
