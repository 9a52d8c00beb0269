"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.checkTokens = void 0;
// What all counting models ask of the token ids they get.
const ids_1 = require("../engine/ids");
/** @throws if there are fewer than `least` ids, or one is not from 0 to vocabSize − 1 */
function checkTokens(ids, vocabSize, least, caller, name) {
    if (!Number.isInteger(vocabSize) || vocabSize < 1) {
        throw new Error(`${caller}: expected a vocabSize of 1 or more, got ${vocabSize}`);
    }
    if (ids.length < least) {
        throw new Error(`${caller}: expected at least ${least} token ids in ${name}, got ${ids.length}`);
    }
    (0, ids_1.checkIdValues)(ids, vocabSize, caller, name);
}
exports.checkTokens = checkTokens;
