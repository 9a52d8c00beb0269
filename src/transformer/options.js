"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.wrongDesign = exports.designOf = exports.dropNothing = void 0;
/** Leaves everything as it is. */
const dropNothing = (x) => x;
exports.dropNothing = dropNothing;
/** The design alone, out of a model's configuration. */
const designOf = ({ norm, normPlacement, residual, activation, }) => ({ norm, normPlacement, residual, activation });
exports.designOf = designOf;
/** What a block can be made of. */
const designs = {
    norm: ["layerNorm", "rmsNorm", "none"],
    normPlacement: ["pre", "post"],
    residual: [true, false],
    activation: ["gelu", "relu", "relu2", "swiglu"],
};
/** What is wrong with a design, as parts of a message that begins "expected". */
function wrongDesign(design) {
    return Object.entries(designs).flatMap(([key, allowed]) => {
        const value = design?.[key];
        if (value === undefined || allowed.includes(value))
            return [];
        return `${key} to be one of ${allowed.join(", ")}, got ${JSON.stringify(value)}`;
    });
}
exports.wrongDesign = wrongDesign;
