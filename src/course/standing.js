"use strict";
// How far a learner is with a lesson, from the records and the file as it is now.
Object.defineProperty(exports, "__esModule", { value: true });
exports.lessonProgress = void 0;
const answers_1 = require("./answers");
const progress_1 = require("./progress");
/**
 * How far a lesson is, from the records; an answer edited since its check does not count until it
 * is checked again.
 */
function lessonProgress(id) {
    const records = (0, progress_1.recordsOf)((0, progress_1.readProgress)(), id);
    const answers = (0, answers_1.readAnswers)(id);
    const result = {
        id,
        done: 0,
        count: answers.exercises.length,
        points: 0,
        total: 0,
    };
    for (const { name, points, minutes } of answers.exercises) {
        result.total += points;
        const record = records[name];
        const current = record?.content === (0, answers_1.fingerprint)(answers, name);
        if (record?.state === "passed" && current) {
            result.done++;
            result.points += points;
        }
        else if (!result.next) {
            const state = record?.state === undefined ? "todo" : current ? "failed" : "edited";
            result.next = { name, minutes, state: record?.state === "todo" && current ? "todo" : state };
        }
    }
    return result;
}
exports.lessonProgress = lessonProgress;
