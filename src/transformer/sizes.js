"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.wrongSizes = exports.wrongWhole = void 0;
// What every model made of blocks has in its configuration, and what can be wrong with it: GPT,
// encoder–decoder and BERT check their sizes here, in the same words.
const options_1 = require("./options");
/** A whole number that is at least `least`, as part of a message that begins "expected". */
function wrongWhole(config, keys, least) {
    return keys.flatMap((key) => {
        const value = config?.[key];
        if (Number.isInteger(value) && value >= least)
            return [];
        return `${key} a whole number of ${least} or more, got ${value}`;
    });
}
exports.wrongWhole = wrongWhole;
/**
 * What is wrong with sizes and design, as parts of a message that begins "expected"; empty if a
 * model can be made of them.
 * @param options.depths the keys that hold numbers of blocks: "nLayer", or one for each side
 * @param options.headWidth D, if it is chosen by itself: nEmbd need not be a multiple of nHead then
 * @param options.position how tokens know their place in this model
 * @param options.positions the ways that there are
 */
function wrongSizes(config, options) {
    const { depths, headWidth, position, positions } = options;
    const { nEmbd: C, nHead: H, dropout, bias } = config ?? {};
    const wrong = wrongWhole(config, ["vocabSize", "blockSize", ...depths, "nHead", "nEmbd"], 1);
    const isWhole = wrong.length === 0;
    if (isWhole && C % H !== 0)
        wrong.push(`nEmbd divisible by nHead, got nEmbd ${C} and nHead ${H}`);
    if (!(dropout >= 0 && dropout < 1))
        wrong.push(`dropout from 0 up to, but not including, 1, got ${dropout}`);
    if (!positions.includes(position))
        wrong.push(`position to be one of ${positions.join(", ")}, got ${JSON.stringify(position)}`);
    if (position === "rope" && headWidth !== undefined) {
        if (headWidth % 2 !== 0)
            wrong.push(`an even headWidth for rope, got ${headWidth}`);
    }
    else if (position === "rope" && isWhole && C % H === 0 && (C / H) % 2 !== 0)
        wrong.push(`an even width of a head for rope, got nEmbd ${C} / nHead ${H} = ${C / H}`);
    if (position === "sinusoidal" && C % 2 !== 0)
        wrong.push(`an even nEmbd for sinusoidal positions, got ${C}`);
    wrong.push(...(0, options_1.wrongDesign)(config));
    if (typeof bias !== "boolean")
        wrong.push(`bias true or false, got ${bias}`);
    return wrong;
}
exports.wrongSizes = wrongSizes;
