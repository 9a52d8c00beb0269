"use strict";
// A character-level recurrent language model, after Karpathy's min-char-rnn (2015) and Mikolov et
// al. (2010): one-hot characters, one recurrent layer, a linear read-out, truncated backpropagation
// through time (Williams & Peng 1990). Left out: several layers, dropout.
Object.defineProperty(exports, "__esModule", { value: true });
exports.charTask = exports.CharRnn = exports.charLoss = void 0;
const engine_1 = require("../engine");
const params_1 = require("../params");
const random_1 = require("../random");
const sampling_1 = require("../sampling");
const run_1 = require("./run");
/**
 * Mean cross-entropy (nats per character) of predicting every next character: the inputs are ids[:,
 * 0…T−1], the targets the same ids one place on, ids[:, 1…T].
 *
 * @param ids (B, T + 1) int32
 * @param state the layer's state before the first of them
 * @returns the loss, and the state from which the next piece of text goes on
 */
function charLoss(layer, readOut, ids, state) {
    return engine_1.tf.tidy(() => {
        const [B, T] = [ids.shape[0], ids.shape[1] - 1];
        const V = readOut.bias.size;
        const inputs = engine_1.tf.oneHot(engine_1.tf.slice(ids, [0, 0], [B, T]), V).toFloat();
        const targets = engine_1.tf.oneHot(engine_1.tf.slice(ids, [0, 1], [B, T]).reshape([B * T]), V);
        const after = layer(inputs, state);
        const logits = logitsOf(readOut, after.outputs);
        const loss = engine_1.tf.neg(engine_1.tf.mean(engine_1.tf.sum(engine_1.tf.mul(engine_1.tf.logSoftmax(logits), targets), 1)));
        return { loss, state: after.state };
    });
}
exports.charLoss = charLoss;
const logitsOf = (readOut, outputs) => engine_1.tf
    .matMul(outputs.reshape([-1, outputs.shape[2]]), readOut.weight, false, true)
    .add(readOut.bias);
/** A recurrent layer that reads one-hot characters, and a read-out that scores the next one. */
class CharRnn {
    params;
    kind;
    vocabSize;
    hiddenSize;
    constructor(o) {
        this.kind = o.kind;
        this.vocabSize = o.vocabSize;
        this.hiddenSize = o.hiddenSize;
        const bound = 1 / Math.sqrt(o.hiddenSize);
        const forgetBias = o.kind === "rnn" ? undefined : 1;
        const weight = (0, random_1.randomUniform)([o.vocabSize, o.hiddenSize], {
            rng: o.rng,
            min: -bound,
            max: bound,
        });
        const bias = engine_1.tf.zeros([o.vocabSize]);
        this.params = {
            ...(0, run_1.initRnn)(o.kind, {
                inputSize: o.vocabSize,
                hiddenSize: o.hiddenSize,
                rng: o.rng,
                forgetBias,
            }),
            "readout.weight": engine_1.tf.variable(weight),
            "readout.bias": engine_1.tf.variable(bias),
        };
        engine_1.tf.dispose([weight, bias]);
    }
    layer = (x, state) => (0, run_1.runRnn)(this.kind, this.params, x, { state });
    get readOut() {
        return { weight: this.params["readout.weight"], bias: this.params["readout.bias"] };
    }
    /** A state of zeros; the caller disposes it. */
    start(batch) {
        return (0, run_1.zeroState)(this.kind, batch, this.hiddenSize);
    }
    /** Mean loss over a text read once from a state of zeros, in nats per character. */
    evaluate(ids, piece = 512) {
        let state = this.start(1);
        let total = 0;
        for (let at = 0; at + 1 < ids.length; at += piece) {
            const n = Math.min(piece, ids.length - 1 - at);
            const next = engine_1.tf.tidy(() => {
                const { loss, state: after } = charLoss(this.layer, this.readOut, engine_1.tf.tensor2d(ids.subarray(at, at + n + 1), [1, n + 1], "int32"), state);
                total += loss.dataSync()[0] * n;
                return after;
            });
            engine_1.tf.dispose(state);
            state = next;
        }
        engine_1.tf.dispose(state);
        return total / (ids.length - 1);
    }
    /**
     * Reads a text from a state of zeros and says, after every character, how likely each one is to
     * come next.
     *
     * @param ids T characters, at least one
     * @returns T arrays of V log-probabilities, in nats; the one at t is about what follows ids[t]
     */
    logProbabilities(ids) {
        const T = ids.length;
        if (T === 0)
            throw new Error("CharRnn.logProbabilities: expected at least one character, got none");
        return engine_1.tf.tidy(() => {
            const x = engine_1.tf.oneHot(engine_1.tf.tensor2d(Int32Array.from(ids), [1, T], "int32"), this.vocabSize);
            const { outputs } = this.layer(x.toFloat(), this.start(1));
            const logs = engine_1.tf.logSoftmax(logitsOf(this.readOut, outputs)).dataSync();
            return Array.from({ length: T }, (_, t) => logs.slice(t * this.vocabSize, (t + 1) * this.vocabSize));
        });
    }
    /**
     * Continues a text: the state carries everything that was read, so one step costs the same
     * however long it is.
     */
    sample(prompt, o) {
        if (prompt.length === 0)
            throw new Error("CharRnn.sample: expected a prompt of at least one character, got none");
        const out = [];
        let state = this.start(1);
        let read = prompt;
        while (out.length < o.length) {
            const next = engine_1.tf.tidy(() => {
                const x = engine_1.tf
                    .oneHot(engine_1.tf.tensor2d(read, [1, read.length], "int32"), this.vocabSize)
                    .toFloat();
                const after = this.layer(x, state);
                const logits = logitsOf(this.readOut, engine_1.tf.slice(after.outputs, [0, read.length - 1, 0], [1, 1, -1])).dataSync();
                read = [(0, sampling_1.sampleFromLogits)(logits, { temperature: o.temperature, rng: o.rng })];
                return after.state;
            });
            engine_1.tf.dispose(state);
            state = next;
            out.push(read[0]);
        }
        engine_1.tf.dispose(state);
        return out;
    }
    dispose() {
        (0, params_1.disposeParams)(this.params);
    }
}
exports.CharRnn = CharRnn;
/**
 * Truncated backpropagation through time as a task of the trainer (llm/train). The text is cut into
 * `batchSize` long streams; every step reads the next `chunk` characters of each. The state goes
 * from one step to the next as numbers: the model remembers across the cut, but the gradient stops
 * there. At the end of the streams they begin anew, and so does the memory.
 *
 * The state is part of a checkpoint, so a run can be resumed in the middle of the text. The model
 * stays the caller's.
 * @throws when the text is too short for one chunk of every stream
 */
function charTask({ model, trainIds, valIds, batchSize = 16, chunk = 32, loss: lossOf = charLoss, }) {
    const streamLength = Math.floor(trainIds.length / batchSize);
    if (streamLength <= chunk)
        throw new Error(`charTask: expected more than ${batchSize} × ${chunk} characters, got ${trainIds.length}`);
    const chunks = Math.floor((streamLength - 1) / chunk);
    const memory = engine_1.tf.tidy(() => model.start(batchSize).map((part) => engine_1.tf.keep(engine_1.tf.variable(part, false))));
    function batch(index) {
        const at = (index % chunks) * chunk;
        const ids = new Int32Array(batchSize * (chunk + 1));
        for (let b = 0; b < batchSize; b++)
            ids.set(trainIds.subarray(b * streamLength + at, b * streamLength + at + chunk + 1), b * (chunk + 1));
        return {
            ids: engine_1.tf.tensor2d(ids, [batchSize, chunk + 1], "int32"),
            carry: engine_1.tf.scalar(at === 0 ? 0 : 1),
        };
    }
    /** Goes on from the state that the step before left behind, and leaves its own. */
    function loss(_, { ids, carry }) {
        const before = memory.map((part) => engine_1.tf.mul(part, carry));
        const { loss, state } = lossOf(model.layer, model.readOut, ids, before);
        memory.forEach((part, i) => {
            part.assign(state[i]);
        });
        return loss;
    }
    return {
        params: model.params,
        primary: { name: "val", better: "lower", unit: "nats per character", isLoss: true },
        batch,
        loss,
        evaluate: async (limit) => ({
            val: model.evaluate(valIds.subarray(0, Math.min(limit + 1, valIds.length))),
        }),
        state: () => Object.fromEntries(memory.map((part, i) => [["h", "c"][i], part])),
        describe: () => {
            const { kind, vocabSize, hiddenSize } = model;
            return { kind: "char-rnn", model: { kind, vocabSize, hiddenSize } };
        },
        dispose: () => engine_1.tf.dispose(memory),
    };
}
exports.charTask = charTask;
