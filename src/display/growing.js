"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.growing = exports.growingToHtml = void 0;
// A text that appears while it is being written: in a cell it grows in place, in a terminal or a
// log its pieces are printed one after another.
const output_1 = require("./output");
const xml_1 = require("./xml");
const CELL_MS = 80;
const TEXT = "white-space:pre-wrap;line-height:1.5;max-width:46em;margin:0 0 6px 5px";
/** What a cell shows: the given beginning in bold, then what was written. */
function growingToHtml(beginning, written, note = "") {
    const text = `<b>${(0, xml_1.escapeHtml)(beginning)}</b>${(0, xml_1.escapeHtml)(written)}`;
    const under = note === "" ? "" : (0, xml_1.captionHtml)(note);
    return `<figure style="margin:0"><div style="${TEXT}">${text}</div>${under}</figure>`;
}
exports.growingToHtml = growingToHtml;
/**
 * Begins a text that grows. `beginning`, which a model was given, is shown in bold.
 *
 *     const text = growing("Call me");
 *     for (const piece of pieces) text.add(piece);
 *     text.done("Stopped after 120 characters.");
 */
function growing(beginning) {
    let written = "";
    if (!(0, output_1.inNotebook)()) {
        process.stdout.write((0, output_1.printable)(beginning));
        return {
            add: (piece) => void process.stdout.write((0, output_1.printable)(piece)),
            done: (note = "") => void process.stdout.write(note === "" ? "\n" : `\n${note}\n`),
        };
    }
    const bundle = (note = "") => ({
        "text/html": growingToHtml(beginning, written, note),
        "text/plain": beginning + written + (note === "" ? "" : `\n${note}`),
    });
    const display = (0, output_1.show)(bundle());
    const draw = (0, output_1.throttle)((shown) => display.update(shown), CELL_MS);
    return {
        add: (piece) => {
            written += piece;
            draw.set(bundle());
        },
        done: (note) => {
            draw.set(bundle(note));
            draw.flush();
        },
    };
}
exports.growing = growing;
