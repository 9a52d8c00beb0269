"use strict";
// A run on the screen, in a terminal or a notebook's cell: a progress bar with loss and speed, and
// a line with a sample at each evaluation. `trainer.run(watch(trainer))` is all that a new kind of
// task needs.
Object.defineProperty(exports, "__esModule", { value: true });
exports.watch = void 0;
const display_1 = require("../display");
const report_1 = require("./report");
/**
 * Callbacks for `run` that show how it goes. Call `done` when it has ended, however it ended.
 *
 * @example const show = watch(trainer); await trainer.run(show).finally(show.done);
 */
function watch(trainer, { quiet = false, speed = (ms) => `${Math.round(1000 / ms)} steps/s`, label = "training", } = {}) {
    const { primary } = trainer.task;
    const first = trainer.step;
    const bar = (0, display_1.progress)(trainer.settings.steps - first, { label });
    let smooth = { loss: Number.NaN, ms: Number.NaN };
    const mix = (old, now) => (Number.isNaN(old) ? now : 0.95 * old + 0.05 * now);
    return {
        onEvaluating(done, total) {
            bar.update(trainer.step - first, `evaluating: ${Math.floor((100 * done) / total)} %`);
        },
        onStep({ step, loss, ms }) {
            smooth = { loss: mix(smooth.loss, loss), ms: mix(smooth.ms, ms) };
            bar.update(step - first, `loss ${smooth.loss.toFixed(3)} · ${speed(Math.max(smooth.ms, 1e-3))}`);
        },
        onEval({ step, metrics, whole, sample }) {
            const over = whole ? "all held-out examples" : `${trainer.settings.evalLimit} examples`;
            const baselines = Object.entries(primary.baselines ?? {}).map(([name, y]) => `${name} ${y.toFixed(2)}`);
            const against = baselines.length === 0 ? "" : ` (${baselines.join(", ")})`;
            console.log(`\nstep ${step}: ${(0, report_1.titleOf)(primary)} ${metrics[primary.name].toFixed(3)} on ${over}${against}`);
            if (!quiet && sample !== undefined)
                console.log((0, display_1.printable)(sample.trim()).replace(/^/gm, "  │ "));
        },
        onNotice: (line) => console.log(line),
        done: () => bar.done(),
    };
}
exports.watch = watch;
