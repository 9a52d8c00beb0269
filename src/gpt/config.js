"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.validateGPTConfig = exports.innerWidth = exports.headsOf = void 0;
// What a GPT is made from: the family, the sizes, and how positions enter. One record describes a
// model from the first parameter to the checkpoint's metadata.
const position_1 = require("../position");
const transformer_1 = require("../transformer");
/** The choices of the family "llama", none of which a GPT-2 can have. */
const llamaChoices = {
    ...{ nKvHead: true, headWidth: true, nInner: true, normEps: true, ropeBase: true },
    ...{ qkNorm: true, attentionBias: true, window: true, experts: true, tied: true },
};
/** H heads of queries, K of keys and values, and the width D of each. */
function headsOf({ nHead: H, nKvHead: K = H, nEmbd, headWidth: D = nEmbd / H }) {
    return { H, K, D };
}
exports.headsOf = headsOf;
/** F of the family "llama": two thirds of 4C unless the configuration says it. */
const innerWidth = ({ nEmbd: C, nInner = Math.round((8 * C) / 3) }) => nInner;
exports.innerWidth = innerWidth;
/**
 * Gives `config` back if a model can be made of it.
 * @throws with everything that is wrong, in one message
 */
function validateGPTConfig(config) {
    const { family = "gpt2", position = "learned" } = config ?? {};
    const wrong = family === "llama"
        ? wrongLlama(config)
        : (0, transformer_1.wrongSizes)(config, { depths: ["nLayer"], position, positions: position_1.positionKinds });
    if (family !== "llama") {
        if (family !== "gpt2")
            wrong.push(`family gpt2 or llama, got ${JSON.stringify(family)}`);
        for (const key of Object.keys(llamaChoices))
            if (config?.[key] !== undefined)
                wrong.push(`no ${key} in the family gpt2, got ${JSON.stringify(config[key])}`);
    }
    const far = config?.relativeMaxDistance ?? 128;
    if (!(Number.isInteger(far) && far > 16))
        wrong.push(`relativeMaxDistance a whole number of 17 or more, got ${far}`);
    if (wrong.length > 0)
        throw new Error(`validateGPTConfig: expected ${wrong.join("; ")}`);
    return config;
}
exports.validateGPTConfig = validateGPTConfig;
/** What is wrong with a configuration of the family "llama". */
function wrongLlama(config) {
    const { position = "rope", bias, headWidth, nKvHead, experts, attentionBias } = config;
    const positions = ["rope"];
    const wrong = (0, transformer_1.wrongSizes)(config, { depths: ["nLayer"], headWidth, position, positions });
    const given = ["nKvHead", "headWidth", "nInner", "window"].filter((key) => config[key] !== undefined);
    wrong.push(...(0, transformer_1.wrongWhole)(config, given, 1));
    for (const key of ["norm", "normPlacement", "residual", "activation"])
        if (config[key] !== undefined)
            wrong.push(`no ${key} in the family llama, got ${config[key]}`);
    if (bias)
        wrong.push("bias false in the family llama (attentionBias says which it has), got true");
    if (nKvHead !== undefined && config.nHead % nKvHead !== 0)
        wrong.push(`nHead divisible by nKvHead, got nHead ${config.nHead} and nKvHead ${nKvHead}`);
    if (attentionBias !== undefined && !["qkv", "all"].includes(attentionBias))
        wrong.push(`attentionBias qkv or all, got ${JSON.stringify(attentionBias)}`);
    for (const key of ["normEps", "ropeBase"])
        if (config[key] !== undefined && !(config[key] > 0))
            wrong.push(`${key} above 0, got ${config[key]}`);
    if (experts) {
        wrong.push(...(0, transformer_1.wrongWhole)(experts, ["count", "perToken"], 1));
        if (experts.perToken > experts.count)
            wrong.push(`at most ${experts.count} experts per token, got ${experts.perToken}`);
        if (experts.balance !== undefined && !(experts.balance >= 0))
            wrong.push(`a balance of experts ≥ 0, got ${experts.balance}`);
    }
    return wrong;
}
