"use strict";
// The stop button: Jupyter's, Ctrl-C, or a signal. Whoever hears it sets one flag; long loops look
// at the flag once per step and end politely, with what they have. The flag hangs on the global
// object under a registered symbol, because the kernel, which loads no course code, sets it as
// well.
Object.defineProperty(exports, "__esModule", { value: true });
exports.nextFrame = exports.clearInterrupt = exports.requestInterrupt = exports.interrupted = void 0;
const FLAG = Symbol.for("llm.interrupt");
const flags = globalThis;
/** Whether somebody asked to stop. */
function interrupted() {
    return flags[FLAG] === true;
}
exports.interrupted = interrupted;
/** Asks the loops that are running to stop. */
function requestInterrupt() {
    flags[FLAG] = true;
}
exports.requestInterrupt = requestInterrupt;
/** Forgets the request, so that the next loop runs. */
function clearInterrupt() {
    flags[FLAG] = false;
}
exports.clearInterrupt = clearInterrupt;
/** Lets waiting output, timers and interrupts through. Await it once per step in long loops. */
function nextFrame() {
    return new Promise((resolve) => setImmediate(resolve));
}
exports.nextFrame = nextFrame;
