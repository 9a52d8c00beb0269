"use strict";
// The lessons of the course, whether they are written yet or not: register.json, typed. That file
// is the only place where a lesson's number, name, title and the paths of its files stand;
// everything else that names a lesson is made from it or checked against it (`npm run lesson --
// sync`, tools/lesson/).
var __importDefault = (this && this.__importDefault) || function (mod) {
    return (mod && mod.__esModule) ? mod : { "default": mod };
};
Object.defineProperty(exports, "__esModule", { value: true });
exports.isWritten = exports.parts = void 0;
const node_fs_1 = require("node:fs");
const paths_1 = require("./paths");
const register_json_1 = __importDefault(require("./register.json"));
exports.parts = register_json_1.default.parts.map(({ title, lessons }) => ({
    title,
    lessons: lessons.map((lesson) => ({ id: `${lesson.number}-${lesson.name}`, ...lesson })),
}));
/** Whether a lesson is written: whether its notebook is there. */
function isWritten(id) {
    return (0, node_fs_1.existsSync)((0, paths_1.lessonFiles)(id).notebook);
}
exports.isWritten = isWritten;
