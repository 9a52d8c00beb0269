"use strict";
// A checkpoint is one safetensors file with everything that the next step depends on: the
// parameters, under Hugging Face's names; the optimizer's state under `optimizer.`; whatever else a
// task has to remember under `task.`; and in the metadata the step, the kind of model with its
// configuration, the settings and the tokenizer. One file, so that model and optimizer can never be
// of different steps; written atomically, so that it is whole; with a SHA-256 of all that it says,
// names and information included, so that no changed bit goes unnoticed.
// Batches and dropout masks depend on (seed, step) only: no state of random generators is needed.
Object.defineProperty(exports, "__esModule", { value: true });
exports.expectShapes = exports.assignTensors = exports.readCheckpoint = exports.loadCheckpoint = exports.saveCheckpoint = exports.previousFile = exports.checkpointFile = void 0;
const node_crypto_1 = require("node:crypto");
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const engine_1 = require("../engine");
const files_1 = require("../files");
const numbers_1 = require("../numbers");
const safetensors_1 = require("./safetensors");
/** Names of the files in a run's folder: the last checkpoint, and the one before it. */
exports.checkpointFile = "checkpoint.safetensors";
exports.previousFile = "checkpoint.previous.safetensors";
/**
 * Writes `checkpoint.safetensors` in `dir`; the one before it stays as
 * `checkpoint.previous.safetensors`.
 *
 * @param type how numbers are stored: a 16-bit type makes a file of half the size, of rounded
 *   numbers, for a model that is shipped; training goes on exactly only from F32
 * @throws when a parameter is not finite, or when the file cannot be written; then the last
 *   checkpoint is untouched
 */
async function saveCheckpoint(dir, tensors, info, { type = "F32" } = {}) {
    const data = {};
    const add = async (name, tensor) => {
        const given = (await tensor.data());
        const values = type === "F32" ? given : (0, numbers_1.toFloat32)(type, (0, numbers_1.fromFloat32)(type, given));
        if (!values.every(Number.isFinite))
            throw new Error(`saveCheckpoint: ${name} contains NaN or infinity${type === "F32" ? "" : ` as ${type}`} at step ${info.step}; not saved`);
        data[name] = { shape: tensor.shape, data: values };
    };
    for (const name in tensors.params)
        await add(name, tensors.params[name]);
    for (const part of ["optimizer", "task"])
        for (const [name, tensor] of Object.entries(tensors[part] ?? {}))
            await add(`${part}.${name}`, tensor);
    const said = { format: "pt", info: JSON.stringify(info) };
    const metadata = { ...said, digest: digestOf(data, said) };
    try {
        (0, files_1.writeAtomically)((0, node_path_1.join)(dir, exports.checkpointFile), (0, safetensors_1.encodeSafetensors)(data, metadata, type), {
            keep: (0, node_path_1.join)(dir, exports.previousFile),
        });
    }
    catch (error) {
        if (!(error instanceof files_1.WriteError))
            throw error;
        throw new files_1.WriteError(`saveCheckpoint: ${error.message}. The last good checkpoint is kept.`, error.code);
    }
}
exports.saveCheckpoint = saveCheckpoint;
/**
 * Reads the checkpoint in `dir`, or, where that file is damaged, the one before it.
 *
 * @param onDamaged told about the damaged file before the older one is read
 * @throws when there is none, or none that is whole; the message says which file and what is wrong
 */
function loadCheckpoint(dir, onDamaged = console.warn) {
    const [last, previous] = [(0, node_path_1.join)(dir, exports.checkpointFile), (0, node_path_1.join)(dir, exports.previousFile)];
    if (!(0, node_fs_1.existsSync)(last)) {
        if ((0, node_fs_1.existsSync)(previous))
            return readCheckpoint(previous);
        throw new Error(`loadCheckpoint: no checkpoint in ${dir} (expected ${exports.checkpointFile})`);
    }
    try {
        return readCheckpoint(last);
    }
    catch (error) {
        if (!(0, node_fs_1.existsSync)(previous))
            throw error;
        const checkpoint = readCheckpoint(previous);
        onDamaged(`${error.message}\nGoing on from the one before it, of step ${checkpoint.step}.`);
        return checkpoint;
    }
}
exports.loadCheckpoint = loadCheckpoint;
/** Reads one checkpoint file and checks that it is whole. */
function readCheckpoint(file) {
    const damaged = (why) => new Error(`loadCheckpoint: ${file} is damaged: ${why}`);
    let content;
    try {
        content = (0, safetensors_1.decodeSafetensors)((0, node_fs_1.readFileSync)(file));
    }
    catch (error) {
        throw damaged(error.message);
    }
    const { tensors, metadata } = content;
    if (metadata.info === undefined)
        throw new Error(`loadCheckpoint: ${file} was not written by this course's trainer`);
    const { digest, ...said } = metadata;
    if (digest !== undefined ? digest !== digestOf(tensors, said) : !isFirstDigest(tensors, metadata))
        throw damaged("what it says does not match its SHA-256");
    let info;
    try {
        info = readInfo(JSON.parse(metadata.info));
    }
    catch (error) {
        throw damaged(`its information cannot be read: ${error.message}`);
    }
    const checkpoint = {
        ...info,
        params: {},
        optimizer: {},
        task: {},
        file,
    };
    for (const name in tensors) {
        const [part, own] = /^(optimizer|task)\.(.*)$/.exec(name)?.slice(1) ?? ["params", name];
        checkpoint[part][own] = tensors[name];
    }
    return checkpoint;
}
exports.readCheckpoint = readCheckpoint;
/**
 * SHA-256 of everything that a file says: names, shapes and numbers of its tensors, and its other
 * metadata. In the order of the names, because another program that reads and writes the file keeps
 * no other.
 */
function digestOf(tensors, metadata) {
    const digest = (0, node_crypto_1.createHash)("sha256");
    for (const name of Object.keys(metadata).sort())
        digest.update(JSON.stringify([name, metadata[name]]));
    for (const name of Object.keys(tensors).sort()) {
        const { shape, data } = tensors[name];
        digest.update(JSON.stringify([name, "F32", shape]));
        digest.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    return digest.digest("hex");
}
/**
 * Whether the numbers match the digest that the first checkpoints had: of the numbers only, in the
 * file's order.
 */
function isFirstDigest(tensors, { sha256 }) {
    const digest = (0, node_crypto_1.createHash)("sha256");
    for (const { data } of Object.values(tensors))
        digest.update(new Uint8Array(data.buffer));
    return sha256 === digest.digest("hex");
}
/**
 * The information in today's form. The first checkpoints were all of GPTs, and had other names for
 * its parts.
 */
function readInfo(given) {
    if (typeof given !== "object" || given === null)
        throw new Error("expected an object");
    const info = "kind" in given ? given : firstInfo(given);
    if (!Number.isSafeInteger(info.step) || info.step < 0)
        throw new Error(`expected a step that is a whole number ≥ 0, got ${JSON.stringify(info.step)}`);
    if (typeof info.kind !== "string" || typeof info.model !== "object" || info.model === null)
        throw new Error("expected a kind and a model");
    return info;
}
function firstInfo(info) {
    const { step, config: model, tokenizer } = info;
    const { settings, data } = info.extra ?? {};
    const { evalWindows: evalLimit, ...others } = settings ?? {};
    return { step, kind: "gpt", model, tokenizer, data, settings: { ...others, evalLimit } };
}
/**
 * Copies a checkpoint's tensors into variables of the same names and shapes.
 *
 * @throws at the first name or shape that differs, before anything is changed
 */
function assignTensors(variables, data, file) {
    const shapes = Object.fromEntries(Object.entries(variables).map(([name, { shape }]) => [name, shape]));
    expectShapes(shapes, data, file);
    for (const name in variables)
        engine_1.tf.tidy(() => variables[name].assign(engine_1.tf.tensor(data[name].data, data[name].shape)));
}
exports.assignTensors = assignTensors;
/**
 * Says whether a model of these shapes can take a checkpoint's tensors: asked before the model is
 * made, since a file from elsewhere may speak of one that no memory holds.
 *
 * @throws at the first name or shape that differs
 */
function expectShapes(shapes, data, file) {
    for (const name in shapes) {
        const [expected, got] = [shapes[name], data[name]?.shape];
        if (got === undefined)
            throw new Error(`loadCheckpoint: ${file} has no ${name}: it is of another model`);
        if (expected.length !== got.length || expected.some((size, i) => size !== got[i]))
            throw new Error(`loadCheckpoint: ${name}: expected shape [${expected}], got [${got}] in ${file}: it is of another model`);
    }
    const unknown = Object.keys(data).find((name) => shapes[name] === undefined);
    if (unknown !== undefined)
        throw new Error(`loadCheckpoint: ${file} has ${unknown}, which this model does not have`);
}
exports.expectShapes = expectShapes;
