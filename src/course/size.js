"use strict";
// How large a lesson's experiments are: LLM_SIZE, read by the notebooks.
Object.defineProperty(exports, "__esModule", { value: true });
exports.bySize = exports.size = void 0;
/**
 * The size of the training runs, from `LLM_SIZE`: `smoke` (the whole notebook within a minute on
 * two cores; the default), `laptop` or `gpu`.
 * @throws Error when `LLM_SIZE` is something else
 */
function size() {
    const value = process.env.LLM_SIZE || "smoke";
    if (value !== "smoke" && value !== "laptop" && value !== "gpu") {
        throw new Error(`size: expected LLM_SIZE to be smoke, laptop or gpu, got ${JSON.stringify(value)}`);
    }
    return value;
}
exports.size = size;
/** The value for the current `size()`: `bySize({ smoke: 50, laptop: 2000, gpu: 5000 })`. */
function bySize(choices) {
    return choices[size()];
}
exports.bySize = bySize;
