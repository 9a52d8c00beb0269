"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.modelFolder = void 0;
// Real models, which `npm run model` fetches into models/ (docs/models.md). No lesson needs one:
// where it is missing, a lesson says so and goes on without it.
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
/** Where `npm run model` puts them. */
const models = (0, node_path_1.resolve)(__dirname, "../../models");
/**
 * The folder of a real model: in the folder that the environment variable LLM_MODELS names, or in
 * models/ of the course.
 * @param name as `npm run model` has it, such as "minilm"
 * @returns its path, or undefined where it has not been fetched
 */
function modelFolder(name) {
    const folders = [process.env.LLM_MODELS, models].filter(Boolean);
    return folders.map((folder) => (0, node_path_1.join)(folder, name)).find((folder) => (0, node_fs_1.existsSync)(folder));
}
exports.modelFolder = modelFolder;
