"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.CachedGPT = void 0;
// Decoding with a KV cache: each token costs a pass over itself, not over the whole text before it.
//
// Later positions need only the keys and values of a position, and in a causal model these never
// change. So they are kept, and a new token needs one query per layer (Shazeer, 2019, "Fast
// Transformer Decoding", section 2.4; Pope et al., 2022, "Efficiently Scaling Transformer
// Inference"). To the model in llm/gpt the cache is another attention function; everything else
// stays as it is, in both families (grouped queries need K / H of the memory). Buffers have their
// full length from the start and the position is an input, so that the step has one shape and is
// compiled once (`compile` of llm/engine). The step only reads the buffers and returns the new rows,
// which are written afterwards: inside a compiled step, XLA would copy all buffers for every token.
//
// Letters: H heads of queries, K of keys and values, D width of a head, T = blockSize, C channels, V
// vocabulary. One text at a time, so B = 1.
const engine_1 = require("../engine");
const gpt_1 = require("../gpt");
const cachedAttention_1 = require("./cachedAttention");
/**
 * A GPT that remembers what it has read: it is given a text token by token, and returns each time
 * the scores of the next token.
 *
 * Positions are absolute, 0 … blockSize − 1. When the text grows longer, the window slides: every
 * token in it moves to another position, all its keys and values change, and nothing that was kept
 * can be used. From there on every token costs a pass over the whole window, and nothing is kept.
 * (Relative positions, such as RoPE's, do not have this limit.)
 *
 * @example
 * const model = new CachedGPT(params, config);
 * let logits = await model.begin(prompt);
 * for (…) logits = await model.next(id); // id drawn from logits
 * model.dispose();
 */
class CachedGPT {
    params;
    config;
    /** The last blockSize tokens of the text. */
    window = [];
    /** For each layer (K·T, D): row k·T + t is what position t has in head k. */
    keys;
    values;
    step;
    pass;
    compiled = [];
    /**
     * @param options.compiled what is compiled on the native engine when it is first used, which is
     *   worth it for 100 to 200 tokens and more
     */
    constructor(params, config, { compiled = false } = {}) {
        this.params = params;
        this.config = config;
        const { nLayer, blockSize } = config;
        const { K, D } = (0, gpt_1.headsOf)(config);
        const buffers = () => Array.from({ length: nLayer }, () => engine_1.tf.tidy(() => engine_1.tf.variable(engine_1.tf.zeros([K * blockSize, D]), false)));
        this.keys = buffers();
        this.values = buffers();
        const wanted = typeof compiled === "boolean" ? { step: compiled, pass: compiled } : compiled;
        this.step = this.compiledWhere(wanted.step, "decoding step", (id, position) => this.readNew(id, position));
        this.pass = this.compiledWhere(wanted.pass, "pass over a window", (ids) => this.lastLogits((0, gpt_1.gptHidden)(params, config, ids)));
    }
    /** `fn` itself, or its compiled form. */
    compiledWhere(compiled, name, fn) {
        if (!compiled)
            return fn;
        const result = (0, engine_1.compile)(fn, { name });
        this.compiled.push(result);
        return result;
    }
    /**
     * Begins a text: reads all of `ids` in one pass. To be called again after the parameters have
     * changed.
     * @param ids one token id or more
     * @returns the scores of the next token, V numbers
     */
    async begin(ids) {
        if (ids.length === 0)
            throw new Error("CachedGPT: expected at least one token id to begin with, got none");
        const window = Array.from(ids).slice(-this.config.blockSize);
        return window.length < this.config.blockSize ? this.readAll(window) : this.readWindow(window);
    }
    /**
     * Adds one token to the text.
     * @returns the scores of the token after it, V numbers
     */
    async next(id) {
        const position = this.window.length;
        if (position === 0)
            throw new Error("CachedGPT: expected begin(ids) before next(id)");
        if (position === this.config.blockSize)
            return this.readWindow([...this.window.slice(1), id]);
        return this.readRest([...this.window, id], position);
    }
    /**
     * Begins a text as `begin` does, but what it shares with the text before, from the first token
     * on, is not read again: for conversations. The parameters must be the same as then.
     * @param ids one token id or more
     * @returns the scores of the next token, V numbers
     */
    async continueTo(ids) {
        const { blockSize } = this.config;
        const text = Array.from(ids);
        let same = 0; // but the last token is read, for its logits
        while (same < text.length - 1 && text[same] === this.window[same])
            same++;
        const isKept = this.window.length < blockSize && text.length <= blockSize; // else it has moved
        if (same === 0 || !isKept)
            return this.begin(text);
        return this.readRest(text, same);
    }
    /** Frees the buffers. */
    dispose() {
        for (const program of this.compiled)
            program.dispose();
        engine_1.tf.dispose([this.keys, this.values]);
    }
    /**
     * One pass over a full window, which becomes the text. The next token moves it, so nothing is
     * kept.
     */
    async readWindow(window) {
        const logits = await numbers(engine_1.tf.tidy(() => this.pass(engine_1.tf.tensor2d(window, [1, window.length], "int32"))));
        this.window = window;
        return logits;
    }
    /** One pass over the beginning of a text, shorter than a window. */
    async readAll(window) {
        const T = window.length;
        const logits = await this.remember(0, T, () => {
            const ids = engine_1.tf.tensor2d(window, [1, T], "int32");
            return this.read(ids, undefined, (_, q, k, v) => (0, gpt_1.groupedAttention)(q, k, v, this.config.window));
        });
        this.window = window;
        return logits;
    }
    /** One pass over the tokens of a text from number `first` on; those before it have been read. */
    async readRest(text, first) {
        const n = text.length - first;
        const logits = await this.remember(first, n, () => {
            const ids = engine_1.tf.tensor2d(text.slice(first), [1, n], "int32");
            const position = engine_1.tf.tensor1d([first], "int32");
            return n === 1 ? this.step(ids, position) : this.readNew(ids, position);
        });
        this.window = text;
        return logits;
    }
    /** One pass over new tokens (1, n), the first of them at `position` (1). */
    readNew(ids, position) {
        const { blockSize: T, window } = this.config;
        const { H, K, D } = (0, gpt_1.headsOf)(this.config);
        const [, n] = ids.shape;
        const hidden = (0, cachedAttention_1.hiddenScores)(n, T, position, { groups: H / K, window });
        const positions = n === 1 ? position : engine_1.tf.add(engine_1.tf.range(0, n, 1, "int32"), position);
        return this.read(ids, positions, (layer, q, k, v) => {
            const [keys, values] = [this.keys, this.values].map((buffers) => engine_1.tf.reshape(buffers[layer], [1, K, T, D]));
            return (0, cachedAttention_1.cachedAttention)(q, k, v, { keys, values }, hidden);
        });
    }
    /** Runs the model with another attention. Keys and values are part of the result. */
    read(ids, positions, attend) {
        const { params, config } = this;
        const { D } = (0, gpt_1.headsOf)(config);
        const [keys, values] = [[], []];
        const mixHeads = (layer, q, k, v) => {
            // Kept, or the model's own tidy would dispose them.
            keys.push(engine_1.tf.keep(engine_1.tf.reshape(k, [-1, D])));
            values.push(engine_1.tf.keep(engine_1.tf.reshape(v, [-1, D])));
            return attend(layer, q, k, v);
        };
        try {
            const hidden = (0, gpt_1.gptHidden)(params, config, ids, { positions, mixHeads });
            return { logits: this.lastLogits(hidden), keys, values };
        }
        catch (error) {
            engine_1.tf.dispose([keys, values]);
            throw error;
        }
    }
    /** The logits (1, V) after the last position of hidden states (1, n, C). */
    lastLogits(hidden) {
        const [, n, C] = hidden.shape;
        return (0, gpt_1.gptHead)(this.params, hidden.slice([0, n - 1, 0], [1, 1, C]));
    }
    /**
     * Writes the keys and values of `n` tokens, from `position` on, into the buffers.
     * @returns the logits as numbers
     */
    async remember(position, n, read) {
        const { blockSize } = this.config;
        const { K } = (0, gpt_1.headsOf)(this.config);
        const logits = engine_1.tf.tidy(() => {
            const { logits, keys, values } = read();
            const rows = Array.from({ length: K * n }, (_, i) => Math.floor(i / n) * blockSize + position + (i % n));
            (0, engine_1.writeRows)([...this.keys, ...this.values], rows, [...keys, ...values]);
            engine_1.tf.dispose([keys, values]);
            return logits;
        });
        return numbers(logits);
    }
}
exports.CachedGPT = CachedGPT;
/** A tensor's numbers; the tensor is disposed. */
async function numbers(x) {
    try {
        return (await x.data());
    }
    finally {
        x.dispose();
    }
}
