"use strict";
// Hints in three steps (idea, pseudocode, how the answer goes), and the reference answer itself.
// Which ones were shown is remembered in the learner's own file.
Object.defineProperty(exports, "__esModule", { value: true });
exports.hint = exports.withoutMarkup = exports.hintText = exports.solutionText = exports.nextHint = void 0;
const node_fs_1 = require("node:fs");
const output_1 = require("../display/output");
const wrap_cjs_1 = require("../display/wrap.cjs");
const answers_1 = require("./answers");
const paths_1 = require("./paths");
const progress_1 = require("./progress");
const source_1 = require("./source");
/** The next hint as Markdown, remembered as shown; after the last one, all of them again. */
function nextHint(lesson, exercise) {
    const id = (0, paths_1.findLesson)(lesson);
    const name = (0, answers_1.findExercise)((0, answers_1.readAnswers)(id), exercise);
    const { hints: file } = (0, paths_1.lessonFiles)(id);
    const hints = (0, node_fs_1.existsSync)(file) ? ((0, source_1.readHints)((0, node_fs_1.readFileSync)(file, "utf8"))[name] ?? []) : [];
    if (hints.length === 0)
        throw new paths_1.CourseError(`There are no hints for ${name} yet.`);
    const shown = (0, progress_1.recordsOf)((0, progress_1.readProgress)(), id)[name]?.hints ?? 0;
    const title = (k) => `**Hint ${k + 1} of ${hints.length} for \`${name}\`: ${hints[k].title}**`;
    if (shown >= hints.length) {
        const all = hints.map((hint, k) => `${title(k)}\n\n${hint.text}`).join("\n\n");
        return `${all}\n\nThat was all of them. The reference answer: npm run solution ${id.slice(0, 2)} ${name}`;
    }
    (0, progress_1.updateProgress)((progress) => {
        (0, progress_1.recordOf)(progress, id, name).hints = shown + 1;
    });
    const more = shown + 1 < hints.length ? "Run it again for the next hint." : "This was the last hint.";
    return `${title(shown)}\n\n${hints[shown].text}\n\n${more}`;
}
exports.nextHint = nextHint;
/** The reference answer with its task and reasons; remembered as shown. */
function solutionText(lesson, exercise) {
    const id = (0, paths_1.findLesson)(lesson);
    const name = (0, answers_1.findExercise)((0, answers_1.readAnswers)(id), exercise);
    const task = (0, answers_1.readAnswers)(id).exercises.find((e) => e.name === name);
    const text = (0, node_fs_1.readFileSync)((0, paths_1.lessonFiles)(id).solutions, "utf8");
    const answer = (0, source_1.readFunctions)(text).find((f) => f.name === name);
    (0, progress_1.updateProgress)((progress) => {
        (0, progress_1.recordOf)(progress, id, name).solution = true;
    });
    const why = answer.doc && answer.doc !== task.doc ? `\n\nWhy: ${answer.doc}` : "";
    return `${name}, lesson ${id}\n\n${task.doc}\n\n${answer.code}${why}\n\n${(0, paths_1.lessonPaths)(id).solutions}, line ${answer.line}. That you looked is noted in your progress; the points stay yours to earn.`;
}
exports.solutionText = solutionText;
/** A hint, which is Markdown, for a terminal: titles and lines of text; code stays as it is. */
function hintText(hint) {
    let fenced = false;
    const lines = hint.split("\n").flatMap((line) => {
        if (/^\s*```/.test(line)) {
            fenced = !fenced;
            return [];
        }
        if (fenced)
            return [`    ${line}`.trimEnd()];
        if (/^ {4}|^$/.test(line))
            return [line];
        const title = /^\*\*(Hint .*)\*\*$/.exec(line);
        if (title)
            return [title[1].replace(/`/g, "")];
        const text = line.replace(/(?<![\w`])([_*])(?=\S)([^_*`]+?)(?<=\S)\1(?!\w)/g, "$2");
        const bullet = /^(\s*(?:[-*]|\d+\.) )/.exec(text)?.[1] ?? "";
        const rest = " ".repeat(bullet.length);
        return [(0, wrap_cjs_1.wrap)(text.slice(bullet.length), { first: bullet, rest })];
    });
    return (0, output_1.printable)(lines.join("\n"));
}
exports.hintText = hintText;
/** Markdown whose text, outside of code, holds no HTML: `Array<number>` is none. */
function withoutMarkup(text) {
    return text
        .split(/(^```[\s\S]*?^```|^ {4}.*$|`[^`\n]+`)/m)
        .map((part, i) => (i % 2 === 1 ? part : part.replace(/&/g, "&amp;").replace(/</g, "&lt;")))
        .join("");
}
exports.withoutMarkup = withoutMarkup;
/** `await hint("06-attention", "causalMask")` in a notebook: the next hint, shown in the cell. */
async function hint(lesson, exercise) {
    let text;
    try {
        text = nextHint(lesson, exercise);
    }
    catch (error) {
        if (!(error instanceof paths_1.CourseError))
            throw error;
        text = error.message;
    }
    if (!(0, output_1.inNotebook)())
        return console.log(hintText(text));
    // As Markdown and not as HTML: JupyterLab highlights the code in it.
    (0, output_1.show)({ "text/markdown": withoutMarkup(text), "text/plain": text });
}
exports.hint = hint;
