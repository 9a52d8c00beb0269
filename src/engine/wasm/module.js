"use strict";
// What the files of this folder share: the types of WebAssembly and of the kernels, and the error
// that says why they are not used.
Object.defineProperty(exports, "__esModule", { value: true });
exports.NotHere = exports.WebAssembly = void 0;
/** The part of the standard global that is used here; its types come only with the DOM's. */
exports.WebAssembly = globalThis.WebAssembly;
/** Why something does not work on this machine; the message is a sentence. */
class NotHere extends Error {
}
exports.NotHere = NotHere;
