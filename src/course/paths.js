"use strict";
// Where the course's files are. The root is found by walking up from this file, so that notebooks
// (whose working directory is notebooks/), terminals and tests agree, whatever the folder is
// called.
Object.defineProperty(exports, "__esModule", { value: true });
exports.findLesson = exports.lessonIds = exports.pathInCourse = exports.answersFile = exports.learnersRoot = exports.lessonFiles = exports.lessonPaths = exports.courseRoot = exports.CourseError = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const register_json_1 = require("./register.json");
/** An error whose message is meant for the learner: shown without a stack. */
class CourseError extends Error {
    name = "CourseError";
}
exports.CourseError = CourseError;
let found;
/**
 * The folder that holds exercises/, solutions/ and notebooks/; `LLM_ROOT` names another (tests use
 * it).
 */
function courseRoot() {
    if (process.env.LLM_ROOT)
        return process.env.LLM_ROOT;
    if (found)
        return found;
    for (let folder = __dirname;; folder = (0, node_path_1.dirname)(folder)) {
        const manifest = (0, node_path_1.join)(folder, "package.json");
        if ((0, node_fs_1.existsSync)(manifest) && (0, node_fs_1.readFileSync)(manifest, "utf8").includes('"llm-from-scratch-ts"')) {
            found = folder;
            return folder;
        }
        if ((0, node_path_1.dirname)(folder) === folder)
            throw new CourseError(`course: expected the course's folder above ${__dirname}, found none.`);
    }
}
exports.courseRoot = courseRoot;
/**
 * The paths of a lesson's files from the course's folder, as register.json has them:
 * "exercises/06-attention.ts".
 */
function lessonPaths(id) {
    const templates = register_json_1.files;
    const paths = Object.entries(templates).map(([kind, path]) => [kind, path.replace("{id}", id)]);
    return Object.fromEntries(paths);
}
exports.lessonPaths = lessonPaths;
/** The same as full paths. */
function lessonFiles(id) {
    const root = courseRoot();
    const paths = Object.entries(lessonPaths(id)).map(([kind, path]) => [kind, (0, node_path_1.join)(root, path)]);
    return Object.fromEntries(paths);
}
exports.lessonFiles = lessonFiles;
/**
 * The learner's own folder, which `npm start` makes (tools/setup/copies.mjs), or undefined: an
 * author's fresh clone has none, and `LLM_ORIGINALS` passes it over.
 */
function learnersRoot() {
    const folder = (0, node_path_1.join)(courseRoot(), register_json_1.learnersFolder);
    if (process.env.LLM_ORIGINALS)
        return undefined;
    return (0, node_fs_1.statSync)(folder, { throwIfNoEntry: false })?.isDirectory() ? folder : undefined;
}
exports.learnersRoot = learnersRoot;
/** The file with a learner's answers: their own copy where it exists, the course's stubs else. */
function answersFile(id) {
    const { exercises } = lessonPaths(id);
    const own = learnersRoot();
    const copy = own && (0, node_path_1.join)(own, exercises);
    return copy && (0, node_fs_1.existsSync)(copy) ? copy : (0, node_path_1.join)(courseRoot(), exercises);
}
exports.answersFile = answersFile;
/** A file's path as messages name it: from the course's folder, "my-course/exercises/…". */
function pathInCourse(file) {
    const path = (0, node_path_1.relative)(courseRoot(), file).replaceAll("\\", "/");
    // An answer of a trial lies outside, in a temporary folder.
    return path.startsWith("..") ? `exercises/${path.replace(/.*\//, "")}` : path;
}
exports.pathInCourse = pathInCourse;
/** The lessons that have exercises, in order: ["00-start-here", …]. */
function lessonIds() {
    const folder = (0, node_path_1.dirname)(lessonFiles("").solutions);
    const names = (0, node_fs_1.existsSync)(folder) ? (0, node_fs_1.readdirSync)(folder) : [];
    return names
        .filter((name) => /^\d\d-[\w-]+\.ts$/.test(name))
        .map((name) => name.slice(0, -3))
        .sort();
}
exports.lessonIds = lessonIds;
/**
 * A lesson by its id, its number, the beginning of its name, or the path of one of its files, in
 * any case: "06-attention", "06", "6", "Att", "exercises/06-attention.ts".
 * @throws CourseError that lists the lessons
 */
function findLesson(query) {
    const ids = lessonIds();
    const wanted = query
        .trim()
        .toLowerCase()
        .replace(/^.*[\\/](?=.)/, "")
        .replace(/\.(ts|ipynb|md)$/, "")
        .replace(/\.(hints|test)$/, "");
    const number = /^\d$/.test(wanted) ? `0${wanted}` : wanted;
    const matches = ids.includes(wanted)
        ? [wanted]
        : ids.filter((id) => id.startsWith(number) || id.slice(3).startsWith(wanted));
    if (wanted && matches.length === 1)
        return matches[0];
    const what = matches.length > 1
        ? `"${query}" could be ${matches.join(" or ")}`
        : `there is no lesson "${query}"`;
    throw new CourseError(`${what}. Lessons with exercises: ${ids.join(", ") || "none yet"}.`);
}
exports.findLesson = findLesson;
