"use strict";
// `await check("06-attention")` in a notebook.
Object.defineProperty(exports, "__esModule", { value: true });
exports.check = exports.checkQuietly = exports.hintCommand = void 0;
const output_1 = require("../display/output");
const paths_1 = require("./paths");
const report_1 = require("./report");
const run_1 = require("./run");
const standing_1 = require("./standing");
/** The command for the next hint: a call in a notebook, a command in a terminal. */
const hintCommand = (lesson) => (exercise) => (0, output_1.inNotebook)()
    ? `await hint("${lesson}", "${exercise}")`
    : `npm run hint ${lesson.slice(0, 2)} ${exercise}`;
exports.hintCommand = hintCommand;
/** Runs and measures, shows nothing. */
async function checkQuietly(lesson, options = {}) {
    const id = (0, paths_1.findLesson)(lesson);
    const begin = performance.now();
    const results = await (0, run_1.runLesson)(id, options);
    return new report_1.CheckResult(id, results, (performance.now() - begin) / 1000, (0, standing_1.lessonProgress)(id));
}
exports.checkQuietly = checkQuietly;
/**
 * Checks your answers in exercises/ and shows, per exercise: points, ✓, ✗ or "not done yet", the
 * first failure in words and how to get a hint.
 * @param lesson id, number or beginning of a name: "06-attention", "06", "att"
 */
async function check(lesson, options = {}) {
    const place = (0, output_1.inNotebook)()
        ? (0, output_1.show)({ "text/html": "<i>checking…</i>", "text/plain": "checking…" })
        : undefined;
    const put = (html, text) => {
        const bundle = { "text/html": html, "text/plain": text };
        if (place)
            place.update(bundle);
        else
            (0, output_1.show)(bundle);
    };
    try {
        const result = await checkQuietly(lesson, options);
        const next = (0, exports.hintCommand)(result.lesson);
        put((0, report_1.toHtml)(result, next), (0, report_1.toText)(result, next));
        return result;
    }
    catch (error) {
        if (!(error instanceof paths_1.CourseError))
            throw error;
        put(`<p>${(0, output_1.escapeHtml)(error.message)}</p>`, error.message);
        return new report_1.CheckResult(lesson, [], 0);
    }
}
exports.check = check;
