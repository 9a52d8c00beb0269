"use strict";
// A check's results for the eye: a compact table in a notebook, the same as text in a terminal.
// Messages come from tests and from learners' code, so everything is escaped.
Object.defineProperty(exports, "__esModule", { value: true });
exports.toHtml = exports.toText = exports.stateWords = exports.CheckResult = void 0;
const node_util_1 = require("node:util");
const output_1 = require("../display/output");
const wrap_cjs_1 = require("../display/wrap.cjs");
/**
 * What `check` returns. Its one line, under the table, says how far the whole lesson is, also after
 * a check of one exercise only.
 */
class CheckResult {
    lesson;
    exercises;
    seconds;
    standing;
    constructor(lesson, exercises, seconds, standing) {
        this.lesson = lesson;
        this.exercises = exercises;
        this.seconds = seconds;
        this.standing = standing;
        // The table has said it all: the kernel need not print a cell's last value, if that is this
        // result.
        Object.defineProperty(this, Symbol.for("llm.silent"), { value: true });
    }
    get passed() {
        return this.exercises.length > 0 && this.exercises.every((e) => e.state === "passed");
    }
    /** Points of the exercises that were checked. */
    get points() {
        return this.exercises.filter((e) => e.state === "passed").reduce((sum, e) => sum + e.points, 0);
    }
    get total() {
        return this.exercises.reduce((sum, e) => sum + e.points, 0);
    }
    toString() {
        if (!this.standing)
            return `${this.lesson}: not checked`;
        const { done, count, points, total, next } = this.standing;
        const after = next ? `next: ${next.name}` : "everything passes";
        return `${this.lesson}: ${done} of ${count} done · ${points} of ${total} points · ${after}`;
    }
    [node_util_1.inspect.custom]() {
        return this.toString();
    }
}
exports.CheckResult = CheckResult;
exports.stateWords = { passed: "✓", failed: "✗", todo: "not done yet" };
/**
 * The notes under an exercise: types, message, printed text, without control characters. What all
 * have in common is said once.
 */
function notes(result, all) {
    const first = all.find((e) => e.message === result.message);
    const said = result.message
        ? [first === result ? result.message : `The same as for ${first?.name}.`]
        : [];
    const types = result.types?.slice(0, 3).map((t) => `TypeScript, ${t}`) ?? [];
    const printed = result.printed?.trimEnd();
    const shown = printed ? [`It printed:\n${(0, output_1.printable)(printed).replace(/^/gm, "  ")}`] : [];
    // A type error comes first: it may well be why "the function returned nothing".
    return [...types, ...said, ...shown].map(output_1.printable);
}
const stuck = (result) => result.state === "failed" || (result.state === "todo" && result.message);
/** A line under an exercise: sentences fit a terminal, code stays as it is. */
const indented = (line) => /^ {2}/.test(line) ? `      ${line}` : (0, wrap_cjs_1.wrap)(line, { first: "      " });
function toText(check, hintCommand) {
    const width = Math.max(8, ...check.exercises.map((e) => e.name.length));
    const lines = [];
    for (const result of check.exercises) {
        const points = `${result.points} point${result.points === 1 ? "" : "s"}`;
        lines.push(`  ${result.name.padEnd(width)}  ${points.padStart(9)}  ${exports.stateWords[result.state]}`);
        for (const note of notes(result, check.exercises))
            lines.push(...note.split("\n").map(indented));
        if (stuck(result))
            lines.push(`      next hint: ${hintCommand(result.name)}`);
    }
    lines.push(`  ${check}  (checked in ${check.seconds.toFixed(1)} s)`);
    return lines.join("\n");
}
exports.toText = toText;
const inline = (text) => (0, output_1.escapeHtml)(text).replace(/`([^`\n]+)`/g, "<code>$1</code>");
function toHtml(check, hintCommand) {
    const align = "text-align:left;vertical-align:top";
    const cell = `style="${align};padding:2px 18px 2px 0;width:1%;white-space:nowrap"`;
    const wide = `style="${align};padding:0 0 6px 1.5em;white-space:pre-wrap;max-width:60em"`;
    const colour = { passed: "#0072B2", failed: "#D55E00", todo: "inherit" };
    const below = (html) => `<tr><td colspan="3" ${wide}>${html}</td></tr>`;
    // Lines that begin with spaces are numbers or code, and stand in columns.
    const line = (text) => /^ {2}/.test(text) ? `<code style="white-space:pre">${(0, output_1.escapeHtml)(text)}</code>` : inline(text);
    const rows = check.exercises.map((result) => {
        const weight = result.state === "todo" ? 400 : 600;
        const state = `<span style="color:${colour[result.state]};font-weight:${weight}">${exports.stateWords[result.state]}</span>`;
        const head = `<tr><td ${cell}><code>${(0, output_1.escapeHtml)(result.name)}</code></td><td ${cell}>${result.points}</td><td style="${align};padding:2px 0">${state}</td></tr>`;
        const under = notes(result, check.exercises).map((note) => below(note.split("\n").map(line).join("\n")));
        if (stuck(result))
            under.push(below(`next hint: <code>${(0, output_1.escapeHtml)(hintCommand(result.name))}</code>`));
        return head + under.join("");
    });
    const title = `<tr><th ${cell}>exercise</th><th ${cell}>points</th><th style="${align};padding:2px 0">result</th></tr>`;
    const table = `<table class="llm-check" style="border-collapse:collapse;margin:0">${title}${rows.join("")}</table>`;
    return `${table}<p style="margin:4px 0 0">${(0, output_1.escapeHtml)(`${check}`)}</p>`;
}
exports.toHtml = toHtml;
