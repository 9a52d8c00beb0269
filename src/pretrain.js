"use strict";
// Pretraining: a GPT learns to predict the next token of a text. `npm run train` and lesson 12
// (training) give this task to the trainer, with its settings in the course's three sizes. `laptop`
// is nanoGPT's configuration for a laptop CPU, number for number (Karpathy, nanoGPT, 2022, README
// "I only have a macbook"), so that results can be compared; `gpu` is its train_shakespeare_char
// configuration.
// Not here: other objectives (lesson 09, pretraining objectives), data that does not fit into
// memory (lesson 10, data), fine-tuning (lesson 15, fine-tuning).
Object.defineProperty(exports, "__esModule", { value: true });
exports.lineBreak = exports.loadGPT = exports.resumePretraining = exports.pretrain = exports.gptTask = exports.presets = void 0;
const node_crypto_1 = require("node:crypto");
const checkpoint_1 = require("./checkpoint");
const data_1 = require("./data");
const engine_1 = require("./engine");
const gpt_1 = require("./gpt");
const inference_1 = require("./inference");
const ngram_1 = require("./ngram");
const params_1 = require("./params");
const random_1 = require("./random");
const tokenizer_1 = require("./tokenizer");
const train_1 = require("./train");
const shared = {
    seed: 1337,
    accumulate: 1,
    maxLr: 1e-3,
    minLr: 1e-4,
    warmupSteps: 100,
    beta1: 0.9,
    beta2: 0.99,
    eps: 1e-8,
    weightDecay: 0.1,
    clip: 1,
};
/**
 * The three sizes of the training run: half a minute of CPU, a quarter of an hour of CPU, a GPU.
 */
exports.presets = {
    smoke: {
        ...shared,
        model: { blockSize: 32, nLayer: 2, nHead: 4, nEmbd: 64, dropout: 0, bias: false },
        steps: 1000,
        batchSize: 16,
        maxLr: 4e-3,
        minLr: 4e-4,
        warmupSteps: 50,
        evalEvery: 200,
        evalLimit: 128,
        checkpointEvery: 200,
        sampleLength: 80,
    },
    laptop: {
        ...shared,
        model: { blockSize: 64, nLayer: 4, nHead: 4, nEmbd: 128, dropout: 0, bias: false },
        steps: 2000,
        batchSize: 12,
        evalEvery: 250,
        evalLimit: 240,
        checkpointEvery: 250,
        sampleLength: 200,
    },
    gpu: {
        ...shared,
        model: { blockSize: 256, nLayer: 6, nHead: 6, nEmbd: 384, dropout: 0.2, bias: false },
        steps: 5000,
        batchSize: 64,
        evalEvery: 250,
        evalLimit: 256,
        checkpointEvery: 500,
        sampleLength: 500,
    },
};
/**
 * The task of predicting the next token of `text`. The last tenth of it validates.
 *
 * @throws when no model can be made of the settings, the tokenizer cannot write the text, or the
 *   text is shorter than one block
 */
function gptTask({ text, settings, tokenizer = tokenizer_1.CharTokenizer.train(text), data: source = { name: "text" }, getBatch, loss: lossOf = gpt_1.gptLoss, ops = {}, }) {
    const { seed, accumulate = 1, batchSize, sampleLength } = settings;
    (0, train_1.expectWholeNumber)("gptTask", "batchSize", batchSize, 1);
    (0, train_1.expectWholeNumber)("gptTask", "sampleLength", sampleLength, 0);
    const config = (0, gpt_1.validateGPTConfig)({ ...settings.model, vocabSize: tokenizer.vocabSize });
    const { blockSize, vocabSize } = config;
    if (vocabSize < 2)
        throw new Error(`gptTask: expected a text with at least 2 different tokens, got ${vocabSize}: nothing to predict`);
    const split = (0, data_1.splitText)(tokenizer.encodeText(text));
    expectBlock(split, blockSize);
    const train = new data_1.TextBatches(split.train, { blockSize, batchSize, getBatch, seed });
    const val = new data_1.TextBatches(split.val, { blockSize, batchSize, seed });
    const baselines = (0, ngram_1.ngramBaselines)(split.train, split.val, config.vocabSize);
    const data = {
        ...source,
        sha256: sha256(text),
        characters: countCharacters(text),
    };
    const params = (0, gpt_1.initGPT)(config, { seed });
    let writer;
    const loss = (params, { ids, targets }, dropoutRng) => lossOf(params, config, ids, targets, {
        ops,
        dropoutRng: config.dropout > 0 ? dropoutRng : undefined,
    });
    async function evaluate(limit, tools) {
        const total = Math.min(limit, val.windowCount);
        let sum = 0;
        let windows = 0;
        for (const batch of val.windows(limit)) {
            const [B] = batch.ids.shape;
            const mean = tools.loss(batch, { whole: B === batchSize });
            sum += (await mean.data())[0] * B;
            windows += B;
            engine_1.tf.dispose([mean, batch]);
            await tools.pause(windows, total);
        }
        return { val: sum / windows, windows };
    }
    /**
     * Writes from a line break on, or from the first held-out token where the vocabulary has none.
     */
    async function sample(step, { compiles }) {
        writer ??= new inference_1.CachedGPT(params, config, { compiled: compiles }); // one for all samples: compiled once
        const ids = await (0, inference_1.generate)(params, config, lineBreak(tokenizer) ?? [val.ids[0]], {
            maxNewTokens: sampleLength,
            temperature: 0.8,
            rng: new random_1.Random(seed).fork("sample", step),
            model: writer,
        });
        return tokenizer.decode(ids);
    }
    return {
        params,
        config,
        tokenizer,
        data,
        baselines,
        firstWord: /[\p{L}\p{N}]+/u.exec(text.slice(0, 1000))?.[0] ?? "",
        tokensPerStep: batchSize * accumulate * blockSize,
        get tokensPerCharacter() {
            return split.val.length / [...tokenizer.decode(split.val)].length;
        },
        primary: {
            name: "val",
            better: "lower",
            unit: "nats per token",
            isLoss: true,
            baselines: { ...baselines },
        },
        batch: (index) => train.batch(index),
        loss,
        evaluate,
        sample: sampleLength > 0 ? sample : undefined,
        describe: () => ({ kind: "gpt", model: config, tokenizer: tokenizer.toJSON(), data }),
        dispose: () => {
            writer?.dispose();
            (0, params_1.disposeParams)(params);
        },
    };
}
exports.gptTask = gptTask;
/** What `npm run train` does, as a function: a trainer for a GPT on a text. */
function pretrain({ dir, schedule, clip, optimizer, ...task }) {
    return new train_1.Trainer({
        task: gptTask(task),
        settings: task.settings,
        dir,
        schedule,
        clip,
        optimizer,
    });
}
exports.pretrain = pretrain;
/**
 * Goes on with a pretraining run; see Trainer.resume.
 * @param options replaced parts; `text` where the run's text came from no file; `steps` for a
 *   longer or shorter run
 */
function resumePretraining(dir, { text, getBatch, loss, ops, ...rest } = {}) {
    const task = (checkpoint) => {
        const [config, tokenizer] = checkModel(checkpoint);
        if (checkpoint.settings === undefined || checkpoint.data === undefined)
            throw new Error(`resumePretraining: ${dir} holds a trained model, but no run that could go on`);
        const { name, files, ...saved } = checkpoint.data;
        const given = text ?? (files === undefined ? (0, data_1.mobyDick)() : (0, data_1.loadText)(files, { atMost: saved.characters }));
        if (sha256(given) !== saved.sha256)
            throw new Error(`resumePretraining: ${name} is not the text that ${dir} was trained on: it has changed`);
        return gptTask({
            text: given,
            settings: { ...checkpoint.settings, model: config },
            tokenizer,
            data: { name, files },
            getBatch,
            loss,
            ops,
        });
    };
    return train_1.Trainer.resume(dir, { task, ...rest });
}
exports.resumePretraining = resumePretraining;
/**
 * A trained GPT from a run's folder, or from one checkpoint file.
 *
 * @param path a folder (its last whole checkpoint is taken) or a file
 * @throws when there is no whole checkpoint of a GPT
 */
function loadGPT(path) {
    const checkpoint = path.endsWith(".safetensors") ? (0, checkpoint_1.readCheckpoint)(path) : (0, checkpoint_1.loadCheckpoint)(path);
    const { step, file } = checkpoint;
    const [config, tokenizer] = checkModel(checkpoint);
    const params = (0, gpt_1.initGPT)(config, { seed: 0 });
    (0, checkpoint_1.assignTensors)(params, checkpoint.params, file);
    return { params, config, tokenizer, step };
}
exports.loadGPT = loadGPT;
/**
 * The model and tokenizer that a checkpoint speaks of, once its tensors are found to be those of
 * such a model: nothing is allocated before, because a file from elsewhere may speak of a model
 * that no memory holds.
 */
function checkModel({ kind, model, tokenizer: json, params, file, }) {
    if (kind !== "gpt")
        throw new Error(`loadGPT: expected a model of kind "gpt" in ${file}, got "${kind}"`);
    const config = (0, gpt_1.validateGPTConfig)(model);
    if (config.nLayer > Object.keys(params).length)
        throw new Error(`loadGPT: expected tensors for ${config.nLayer} layers in ${file}, got fewer`);
    (0, checkpoint_1.expectShapes)((0, gpt_1.gptShapes)(config), params, file);
    const tokenizer = (0, tokenizer_1.tokenizerFromJSON)(json);
    if (tokenizer.vocabSize !== config.vocabSize)
        throw new Error(`loadGPT: expected a tokenizer of ${config.vocabSize} tokens in ${file}, got one of ${tokenizer.vocabSize}`);
    return [config, tokenizer];
}
/** Unicode code points: 🐈 is one. */
function countCharacters(text) {
    let count = 0;
    for (const _ of text)
        count++;
    return count;
}
const sha256 = (text) => (0, node_crypto_1.createHash)("sha256").update(text).digest("hex");
/** The ids of a line break, or null where this vocabulary cannot write one. */
function lineBreak(tokenizer) {
    try {
        return tokenizer.encode("\n");
    }
    catch {
        return null;
    }
}
exports.lineBreak = lineBreak;
/** @throws when a part of the text has no whole window with its last target */
function expectBlock({ train, val }, blockSize) {
    if (Math.min(train.length, val.length) > blockSize)
        return;
    throw new Error(`gptTask: the text is shorter than one block: of its ${train.length + val.length} tokens the last ${val.length} are ` +
        `for validation, and one block needs ${blockSize + 1}. Use a text of at least ${10 * (blockSize + 1)} tokens, or a ` +
        "smaller block size.");
}
