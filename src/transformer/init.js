"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.initTransformer = void 0;
// Fresh parameters for any model made of Transformer blocks.
const engine_1 = require("../engine");
const random_1 = require("../random");
/**
 * Parameters of the given names and shapes: weights N(0, 0.02²), as in GPT-1 and in Hugging Face's
 * GPT-2; those that write into the residual stream (`c_proj`) 0.02/√(2·depth), so that its variance
 * does not grow with depth (the factor is from GPT-2, §2.3); gains 1, biases 0.
 * Each tensor has its own random stream, so one does not depend on which others there are.
 * @param options `depth`: number of blocks one after another
 * @returns variables; free them with `disposeParams`
 */
function initTransformer(shapes, { seed, depth }) {
    const rng = new random_1.Random(seed);
    const params = {};
    for (const [name, shape] of Object.entries(shapes)) {
        const std = name.endsWith("c_proj.weight") ? 0.02 / Math.sqrt(2 * depth) : 0.02;
        params[name] = engine_1.tf.tidy(() => {
            if (shape.length === 1)
                return engine_1.tf.variable(name.endsWith(".bias") ? engine_1.tf.zeros(shape) : engine_1.tf.ones(shape));
            return engine_1.tf.variable((0, random_1.randomNormal)(shape, { rng: rng.fork(name), std }));
        });
    }
    return params;
}
exports.initTransformer = initTransformer;
