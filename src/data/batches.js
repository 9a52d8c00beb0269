"use strict";
// Batches of windows out of one long row of token ids. Follows nanoGPT's get_batch: windows start
// at random positions, and the target of every position is the token after it.
// The batch of a step depends on (seed, step) only, never on what was drawn before: a run that was
// killed at step 700 and resumed sees at step 701 exactly what it would have seen.
Object.defineProperty(exports, "__esModule", { value: true });
exports.inTurn = exports.TextBatches = exports.getBatch = void 0;
const engine_1 = require("../engine");
const random_1 = require("../random");
/** Windows of token ids that start at `starts`, and the same windows one token later. */
function getBatch(ids, starts, blockSize) {
    return {
        inputs: starts.map((start) => ids.subarray(start, start + blockSize)),
        targets: starts.map((start) => ids.subarray(start + 1, start + blockSize + 1)),
    };
}
exports.getBatch = getBatch;
/** Cuts one text into random batches for training, and into windows side by side for evaluation. */
class TextBatches {
    ids;
    blockSize;
    batchSize;
    random;
    cut;
    /**
     * @param ids the text, N token ids: in memory, or read window by window from where they are
     * @throws when the text is shorter than one window and its last target (`blockSize + 1` tokens)
     */
    constructor(ids, { blockSize, batchSize, seed, getBatch: cut = getBatch }) {
        if (ids.length < blockSize + 1)
            throw new Error(`TextBatches: expected at least blockSize + 1 = ${blockSize + 1} tokens, got ${ids.length}: ` +
                "the text is shorter than one block. Use a longer text or a smaller block size.");
        this.ids = ids;
        this.blockSize = blockSize;
        this.batchSize = batchSize;
        this.random = new random_1.Random(seed);
        this.cut = cut;
    }
    /** How many windows lie side by side in the text: what `windows()` walks over. */
    get windowCount() {
        return Math.floor((this.ids.length - 1) / this.blockSize);
    }
    /**
     * The batch of one step: batchSize windows that start at random.
     *
     * @param step any whole number; the same step always gives the same batch
     * @returns ids and targets, (B, T) each; the caller disposes them
     */
    batch(step) {
        const random = this.random.fork("batch", step);
        const starts = Array.from({ length: this.batchSize }, () => random.integer(this.ids.length - this.blockSize));
        return this.tensors(starts);
    }
    /**
     * Walks over the text in windows side by side, batchSize at a time, for evaluation: every token
     * is predicted once, and the figure has no sampling noise.
     *
     * @param limit at most this many windows, spread evenly over the text (default: all of them)
     */
    *windows(limit = Number.POSITIVE_INFINITY) {
        const count = Math.min(limit, this.windowCount);
        const starts = Array.from({ length: count }, (_, i) => Math.floor((i * this.windowCount) / count) * this.blockSize);
        for (let at = 0; at < count; at += this.batchSize)
            yield this.tensors(starts.slice(at, at + this.batchSize));
    }
    /** Ids in memory, and where in them the windows begin that begin at `starts` in the text. */
    inMemory(starts) {
        const source = this.ids;
        if (source instanceof Int32Array)
            return { ids: source, at: starts };
        const length = this.blockSize + 1;
        const ids = new Int32Array(starts.length * length);
        for (const [b, start] of starts.entries())
            ids.set(source.read(start, length), b * length);
        return { ids, at: starts.map((_, b) => b * length) };
    }
    tensors(starts) {
        const { ids, at } = this.inMemory(starts);
        const { inputs, targets } = this.cut(ids, at, this.blockSize);
        const shape = [starts.length, this.blockSize];
        return {
            ids: engine_1.tf.tensor2d(flat(inputs, shape), shape, "int32"),
            targets: engine_1.tf.tensor2d(flat(targets, shape), shape, "int32"),
        };
    }
}
exports.TextBatches = TextBatches;
function flat(rows, [B, T]) {
    const all = new Int32Array(B * T);
    if (rows.length !== B || rows.some((row) => row.length !== T))
        throw new Error(`getBatch: expected ${B} rows of ${T} tokens, got rows of ${rows.map((row) => row.length)}`);
    rows.forEach((row, b) => {
        all.set(row, b * T);
    });
    return all;
}
/**
 * Batches that come one after another out of one stream of random numbers, as a function of their
 * index. To give an earlier one, or one further on, the stream is run again or run ahead.
 *
 * @param begin the stream at its beginning
 * @param draw takes one batch from it; batches that are only passed over are disposed here
 */
function inTurn(begin, draw) {
    let stream = begin();
    let next = 0;
    return (index) => {
        if (index < next)
            [stream, next] = [begin(), 0];
        for (; next < index; next++)
            engine_1.tf.dispose(draw(stream));
        next++;
        return draw(stream);
    };
}
exports.inTurn = inTurn;
