"use strict";
// Tang poetry as one string: the Chinese text of the course. 23,000 poems in simplified characters,
// every second of the regular ones (lines of five or of seven characters) in the Complete Tang Poems
// of 1705, without titles and authors. datasets/chinese-verse/make.mjs makes the file from the npm
// package chinese-poetry and says what it leaves out.
Object.defineProperty(exports, "__esModule", { value: true });
exports.chineseVerse = void 0;
const recordedRun_1 = require("./recordedRun");
const text_1 = require("./text");
let cached;
/**
 * The poems, one on each line, such as "落日双阙昏，回舆九重暮。长烟散初碧，皎月澄轻素。…". Poems of one
 * author stand near each other, so the end of the text is by other authors than the beginning.
 *
 * @returns about 1.4 million characters of 7,098 kinds; the same string at every call
 * @throws if the file is missing from the course's folder
 */
function chineseVerse() {
    cached ??= (0, text_1.loadText)([(0, recordedRun_1.courseFile)("chinese-verse")]);
    return cached;
}
exports.chineseVerse = chineseVerse;
