"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.gptScorer = exports.rnnScorer = exports.countingScorer = void 0;
// The models of the course as scorers: each says ln p of every token of a text. A GPT reads windows
// that overlap, a recurrent network and a counting model read from beginning to end.
const engine_1 = require("../engine");
const gpt_1 = require("../gpt");
const perplexity_1 = require("./perplexity");
/** Windows that are computed at once. */
const BATCH = 32;
/** A counting model. */
const countingScorer = (model) => (ids) => Float64Array.from({ length: Math.max(0, ids.length - 1) }, (_, i) => Math.log(model.probability(ids, ids[i + 1], i + 1)));
exports.countingScorer = countingScorer;
/** A recurrent character model, which reads a text from a state of zeros. */
const rnnScorer = (model) => (ids) => {
    const read = Array.from(ids).slice(0, -1);
    if (read.length === 0)
        return new Float64Array(0);
    return Float64Array.from(model.logProbabilities(read), (row, i) => row[ids[i + 1]]);
};
exports.rnnScorer = rnnScorer;
/**
 * A GPT.
 * @param options.stride how far apart its windows begin; half a window unless given. Smaller: more
 *   context for each token, more windows
 */
function gptScorer({ params, config }, { stride = Math.max(1, config.blockSize >> 1) } = {}) {
    return (ids) => {
        const logProbs = new Float64Array(Math.max(0, ids.length - 1));
        const windows = (0, perplexity_1.stridedWindows)(ids.length, { blockSize: config.blockSize, stride });
        for (let at = 0; at < windows.length;) {
            const length = windows[at].end - windows[at].start;
            let to = at + 1;
            while (to < windows.length && to - at < BATCH && lengthOf(windows[to]) === length)
                to++;
            scoreWindows({ params, config }, ids, windows.slice(at, to), logProbs);
            at = to;
        }
        return logProbs;
    };
}
exports.gptScorer = gptScorer;
const lengthOf = ({ start, end }) => end - start;
/** Puts ln p of what windows of one length predict into `logProbs`. */
function scoreWindows({ params, config }, ids, windows, logProbs) {
    const [B, T] = [windows.length, lengthOf(windows[0])];
    const read = new Int32Array(B * T);
    const wanted = new Int32Array(B * T);
    windows.forEach(({ start }, b) => {
        for (let t = 0; t < T; t++) {
            read[b * T + t] = ids[start + t];
            wanted[b * T + t] = ids[start + t + 1];
        }
    });
    const values = engine_1.tf.tidy(() => {
        const logs = engine_1.tf.logSoftmax((0, gpt_1.gptLogits)(params, config, engine_1.tf.tensor2d(read, [B, T], "int32")));
        const V = config.vocabSize;
        const places = Int32Array.from(wanted, (id, i) => i * V + id);
        return engine_1.tf.gather(engine_1.tf.reshape(logs, [-1]), engine_1.tf.tensor1d(places, "int32")).dataSync();
    });
    windows.forEach(({ start, end, from }, b) => {
        for (let i = from; i <= end; i++)
            logProbs[i - 1] = values[b * T + i - start - 1];
    });
}
