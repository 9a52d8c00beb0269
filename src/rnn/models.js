"use strict";
// Small sequence models that differ in one thing only, how they reach the past: RNN, LSTM, GRU, or
// one layer of attention for comparison (single head, causal, learned positions; lesson 06
// (attention) builds it). And how one of them is trained on a task that needs memory, until it
// passes or its steps are used up.
Object.defineProperty(exports, "__esModule", { value: true });
exports.memoryTask = exports.sequenceModel = void 0;
const attention_1 = require("../attention");
const data_1 = require("../data");
const engine_1 = require("../engine");
const ops_1 = require("../ops");
const params_1 = require("../params");
const random_1 = require("../random");
const run_1 = require("./run");
/** A recurrent or attention layer with a linear read-out. */
function sequenceModel(kind, o) {
    const { inputSize: I, outputSize: O, hiddenSize: H, maxLength, rng, forgetBias } = o;
    const bound = 1 / Math.sqrt(H);
    const trainable = (make) => engine_1.tf.tidy(() => engine_1.tf.keep(engine_1.tf.variable(make())));
    const uniform = (...shape) => trainable(() => (0, random_1.randomUniform)(shape, { rng, min: -bound, max: bound }));
    const reach = () => kind === "attention"
        ? {
            embed: uniform(I, H),
            position: trainable(() => (0, random_1.randomNormal)([maxLength, H], { rng, std: bound })),
            query: uniform(H, H),
            key: uniform(H, H),
            value: uniform(H, H),
        }
        : {
            ...(0, run_1.initRnn)(kind, {
                inputSize: I,
                hiddenSize: H,
                rng,
                forgetBias: kind === "rnn" ? undefined : forgetBias,
            }),
        };
    const params = {
        ...reach(),
        "readout.weight": uniform(O, H),
        "readout.bias": trainable(() => engine_1.tf.zeros([O])),
    };
    return {
        params,
        forward: (x, n) => engine_1.tf.tidy(() => {
            const y = kind === "attention"
                ? attend(params, x, n)
                : lastSteps((0, run_1.runRnn)(kind, params, x).outputs, n);
            const flat = y.reshape([-1, H]);
            const out = engine_1.tf.matMul(flat, params["readout.weight"], false, true);
            return out.add(params["readout.bias"]).reshape([x.shape[0], n, O]);
        }),
        dispose: () => (0, params_1.disposeParams)(params),
    };
}
exports.sequenceModel = sequenceModel;
const lastSteps = (x, n) => engine_1.tf.slice(x, [0, x.shape[1] - n, 0], [-1, n, -1]);
/** Causal attention of the last n positions to all positions. */
function attend(params, x, n) {
    const [, T] = x.shape;
    const places = engine_1.tf.slice(params.position, 0, T); // (T, H)
    const h = engine_1.tf.add((0, ops_1.linear)(x, params.embed), places); // (B, T, H)
    const q = (0, ops_1.linear)(lastSteps(h, n), params.query); // (B, n, H)
    const [k, v] = [(0, ops_1.linear)(h, params.key), (0, ops_1.linear)(h, params.value)]; // (B, T, H)
    const mask = (0, attention_1.causalMask)(n, { keys: T });
    return (0, attention_1.scaledDotProductAttention)(q, k, v, { mask }).output;
}
/**
 * A model on a memory task, as a task of the trainer (llm/train).
 * @param rng its forks give the model's weights, the training examples, 512 held-out ones (when to
 *   stop) and 512 for the test
 */
function memoryTask(kind, task, { rng, hiddenSize = 32, batchSize = 32, forgetBias, }) {
    const { inputSize, outputSize, length: maxLength, answers } = task;
    const sizes = { inputSize, outputSize, hiddenSize, maxLength };
    const model = sequenceModel(kind, { ...sizes, rng: rng.fork("init"), forgetBias });
    const held = task.batch(512, rng.fork("held out"));
    const scoreOn = ({ x, y }) => engine_1.tf.tidy(() => task.score(model.forward(x, answers), y));
    const isError = task.name === "adding";
    const name = isError ? "squared error" : "accuracy";
    return {
        params: model.params,
        primary: {
            name,
            better: isError ? "lower" : "higher",
            baselines: { "no memory": task.baseline },
        },
        batch: (0, data_1.inTurn)(() => rng.fork("train"), (stream) => task.batch(batchSize, stream)),
        loss: (_, { x, y }) => task.loss(model.forward(x, answers), y),
        evaluate: async () => ({ [name]: scoreOn(held) }),
        /**
         * The score on 512 examples that decide nothing: neither the weights nor when to stop.
         * @param of another task with the same inputs and answers and no longer sequences, such as the
         *   same one with a shorter pause
         */
        test: (of = task) => {
            const fresh = of.batch(512, rng.fork("test"));
            const score = scoreOn(fresh);
            engine_1.tf.dispose(fresh);
            return score;
        },
        describe: () => ({ kind: "memory", model: { kind, ...sizes, task: task.name, T: task.T } }),
        dispose: () => {
            model.dispose();
            engine_1.tf.dispose(held);
        },
    };
}
exports.memoryTask = memoryTask;
