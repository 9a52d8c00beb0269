"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.dropCopies = exports.expectTensors = exports.readFolderTensors = exports.readFolderJson = exports.indexFile = exports.weightsFile = void 0;
// A model's folder as Hugging Face's libraries write it: JSON files, and its weights in
// model.safetensors or, of a large model, in several files that model.safetensors.index.json
// lists. Here is what every kind of model reads alike; what the JSON means, and under which names
// the weights go, is the model's own matter (llm/pretrained, llm/bert). Left out: pickled weights
// (pytorch_model.bin), which can run code.
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const safetensors_1 = require("./safetensors");
exports.weightsFile = "model.safetensors";
exports.indexFile = "model.safetensors.index.json";
/** The largest file that Node reads at once. */
const LARGEST = 2 ** 31 - 1;
/**
 * A JSON file of a folder.
 * @param caller begins the message of an error
 * @returns undefined where there is no such file
 * @throws where it is not JSON
 */
function readFolderJson(folder, name, caller) {
    const file = (0, node_path_1.join)(folder, name);
    if (!(0, node_fs_1.existsSync)(file))
        return undefined;
    try {
        return JSON.parse((0, node_fs_1.readFileSync)(file, "utf8"));
    }
    catch (error) {
        throw new Error(`${caller}: ${file}: expected JSON, got ${error.message}`);
    }
}
exports.readFolderJson = readFolderJson;
/**
 * The weights of a folder, from one file or several.
 * @param options `wanted` says by name which are read: the others may be of any type
 * @returns the tensors under the names they have there, and the names of those not wanted
 * @throws where there are no weights, a file is damaged, or the index and the files disagree
 */
function readFolderTensors(folder, { caller, wanted = () => true }) {
    const places = placesOf(folder, caller);
    const tensors = Object.create(null);
    const ignored = [];
    for (const [file, names] of places) {
        const found = readTensors((0, node_path_1.join)(folder, file), caller, (name) => {
            const isWanted = wanted(name);
            if (!isWanted)
                ignored.push(name);
            return isWanted;
        });
        for (const name of names ?? [])
            if (!(name in found) && !ignored.includes(name))
                throw new Error(`${caller}: ${folder}: ${exports.indexFile}: expected ${name} in ${file}, got none`);
        for (const name in found) {
            if (name in tensors)
                throw new Error(`${caller}: ${folder}: expected ${name} once, got it in two files`);
            tensors[name] = found[name];
        }
    }
    return { tensors, ignored };
}
exports.readFolderTensors = readFolderTensors;
function readTensors(file, caller, wanted) {
    if ((0, node_fs_1.statSync)(file).size > LARGEST)
        throw new Error(`${caller}: ${file}: expected files below 2 GiB, got ${(0, node_fs_1.statSync)(file).size} bytes`);
    try {
        return (0, safetensors_1.decodeSafetensors)((0, node_fs_1.readFileSync)(file), { wanted }).tensors;
    }
    catch (error) {
        throw new Error(`${caller}: ${file}: ${error.message}`);
    }
}
/** The files with weights, and of those that an index lists, what each must hold. */
function placesOf(folder, caller) {
    if ((0, node_fs_1.existsSync)((0, node_path_1.join)(folder, exports.weightsFile)))
        return new Map([[exports.weightsFile, undefined]]);
    const index = readFolderJson(folder, exports.indexFile, caller);
    if (index === undefined) {
        const others = ["pytorch_model.bin", "pytorch_model.bin.index.json", "model.onnx"];
        const other = others.find((name) => (0, node_fs_1.existsSync)((0, node_path_1.join)(folder, name)));
        throw new Error(`${caller}: ${folder}: expected ${exports.weightsFile}, got ${other ?? "no such file"}` +
            (other ? ": let transformers read it and write it again by save_pretrained" : ""));
    }
    const places = new Map();
    for (const [name, file] of Object.entries(index?.weight_map ?? {})) {
        if (typeof file !== "string" || !/^[^/\\]+\.safetensors$/.test(file))
            throw new Error(`${caller}: ${folder}: ${exports.indexFile}: expected a safetensors file of the folder for ` +
                `${name}, got ${JSON.stringify(file)}`);
        if (!(0, node_fs_1.existsSync)((0, node_path_1.join)(folder, file)))
            throw new Error(`${caller}: ${folder}: expected ${file} by ${exports.indexFile}, got no such file`);
        places.set(file, [...(places.get(file) ?? []), name]);
    }
    if (places.size === 0)
        throw new Error(`${caller}: ${folder}: ${exports.indexFile}: expected a weight_map, got none`);
    return places;
}
/**
 * Everything that keeps tensors from being a model's parameters, as one error.
 * @param shapes of the model's parameters
 * @param where begins the message: caller and folder
 * @throws with the names of those that are missing, of those that have another shape, and of those
 *   that the model does not have
 */
function expectTensors(shapes, tensors, where) {
    const missing = Object.keys(shapes).filter((name) => !(name in tensors));
    const unused = Object.keys(tensors).filter((name) => !Object.hasOwn(shapes, name));
    const other = Object.keys(shapes).filter((name) => name in tensors && `${tensors[name].shape}` !== `${shapes[name]}`);
    const shown = other.map((n) => `${n} [${tensors[n].shape}] instead of [${shapes[n]}]`);
    const lists = [
        listOf("missing", missing),
        listOf("of another shape", shown),
        listOf("not used", unused),
    ].filter((list) => list !== "");
    if (lists.length > 0)
        throw new Error(`${where}: expected the model's ${Object.keys(shapes).length} tensors, got ` +
            `${Object.keys(tensors).length}: ${lists.join("; ")}`);
}
exports.expectTensors = expectTensors;
/** "2 missing (a, b)"; of more than 12 the first ones. */
function listOf(what, names) {
    if (names.length === 0)
        return "";
    const more = names.length > 12 ? `, and ${names.length - 12} more` : "";
    return `${names.length} ${what} (${names.slice(0, 12).join(", ")}${more})`;
}
/**
 * Takes out copies of tied tensors: some files hold them a second time.
 * @param pairs names of a copy and of its original
 * @throws where the copy holds other numbers
 */
function dropCopies(tensors, pairs, where) {
    for (const [copy, original] of pairs) {
        const [a, b] = [tensors[copy], tensors[original]];
        if (a && !(b && a.data.length === b.data.length && a.data.every((x, i) => x === b.data[i])))
            throw new Error(`${where}: ${copy}: expected the numbers of ${original}, got others`);
        delete tensors[copy];
    }
}
exports.dropCopies = dropCopies;
