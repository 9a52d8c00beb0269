"use strict";
// The learning rate over a run: a straight line up, then half a cosine down. Follows nanoGPT's
// get_lr; the cosine is from SGDR (Loshchilov & Hutter, 2017), without its restarts. Lesson 12
// (training) measures what the warm-up is for.
Object.defineProperty(exports, "__esModule", { value: true });
exports.warmupCosine = void 0;
/**
 * The learning rate of one step: `maxLr · (step + 1) / (warmupSteps + 1)` while `step <
 * warmupSteps`, then `minLr + (maxLr − minLr) · (1 + cos(π p)) / 2` with `p = (step − warmupSteps)
 * / (totalSteps − warmupSteps)`, and `minLr` from totalSteps on. The first step's rate is above
 * zero: a step with rate 0 would be wasted.
 *
 * @param step counted from 0
 */
function warmupCosine(step, { maxLr, minLr, warmupSteps, totalSteps }) {
    if (step < warmupSteps)
        return (maxLr * (step + 1)) / (warmupSteps + 1);
    if (step >= totalSteps)
        return minLr;
    const progress = (step - warmupSteps) / (totalSteps - warmupSteps);
    return minLr + ((maxLr - minLr) * (1 + Math.cos(Math.PI * progress))) / 2;
}
exports.warmupCosine = warmupCosine;
