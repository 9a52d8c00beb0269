"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.progress = void 0;
// progress(total): how far, how fast, and how long it still takes. In a cell it is a bar that is
// redrawn in place, in a terminal a line that is rewritten, and in a log (a file, CI) a line now
// and then.
const output_1 = require("./output");
const CELL_MS = 200;
const TERMINAL_MS = 100;
const LOG_MS = 10000;
function duration(seconds) {
    if (seconds < 90)
        return `${Math.ceil(seconds)} s`;
    const minutes = Math.round(seconds / 60);
    return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
/**
 * @param total how many steps there will be
 * @param options.label what is counted, such as "training"; `unit` names one step
 */
function progress(total, { label = "", unit = "it" } = {}) {
    const start = performance.now();
    const line = ({ done, note, ended }) => {
        const seconds = (performance.now() - start) / 1000;
        const rate = done / Math.max(seconds, 1e-9);
        const speed = done === 0 ? "" : ` · ${rate >= 10 ? rate.toFixed(0) : rate.toPrecision(2)} ${unit}/s`;
        const left = ended
            ? ` · took ${duration(seconds)}`
            : done === 0
                ? ""
                : ` · ${duration((total - done) / rate)} left`;
        const n = (count) => count.toLocaleString("en-US");
        const before = label ? `${label} ` : "";
        const after = note ? ` · ${note}` : "";
        return `${before}${n(done)}/${n(total)}${speed}${left}${after}`;
    };
    const draw = (0, output_1.inNotebook)()
        ? cellDrawer(total, line)
        : process.stdout.isTTY
            ? terminalDrawer(total, line)
            : logDrawer(line);
    const state = { done: 0, note: "", ended: false };
    draw.set({ ...state });
    return {
        update(done, note = "") {
            if (state.ended)
                return;
            state.done = done;
            state.note = note;
            draw.set({ ...state });
        },
        done() {
            if (state.ended)
                return;
            state.ended = true;
            draw.set({ ...state });
            draw.flush();
        },
    };
}
exports.progress = progress;
function cellDrawer(total, line) {
    const bundle = (state) => {
        const text = line(state);
        const share = Math.min(100, (100 * state.done) / Math.max(1, total)).toFixed(1);
        const shape = "height:8px;border-radius:4px";
        const filled = `<div style="${shape};width:${share}%;background:#0072B2"></div>`;
        const ground = "max-width:420px;background:rgba(128,128,128,0.25)";
        const bar = `<div style="${shape};${ground}">${filled}</div>`;
        return {
            "text/html": `${bar}<div style="font-variant-numeric:tabular-nums">${(0, output_1.escapeHtml)(text)}</div>`,
            "text/plain": text,
        };
    };
    const display = (0, output_1.show)(bundle({ done: 0, note: "", ended: false }));
    return (0, output_1.throttle)((state) => display.update(bundle(state)), CELL_MS);
}
function terminalDrawer(total, line) {
    return (0, output_1.throttle)((state) => {
        const filled = Math.round((20 * state.done) / Math.max(1, total));
        const text = `${"█".repeat(filled)}${"░".repeat(Math.max(0, 20 - filled))} ${line(state)}`;
        process.stdout.write(`\r${text.slice(0, (process.stdout.columns || 80) - 1)}\x1b[K${state.ended ? "\n" : ""}`);
    }, TERMINAL_MS);
}
/**
 * There is no timer here: a line is written when an update comes, so that a progress that waits
 * never keeps Node alive.
 */
function logDrawer(line) {
    let wroteAt = performance.now();
    let latest = null;
    const write = (state) => {
        wroteAt = performance.now();
        latest = null;
        console.log(line(state));
    };
    return {
        set(state) {
            latest = state;
            if (performance.now() - wroteAt > LOG_MS)
                write(state);
        },
        flush() {
            if (latest !== null)
                write(latest);
        },
    };
}
