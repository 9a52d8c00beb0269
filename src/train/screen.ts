// A run on the screen, in a terminal or a notebook's cell: a progress bar with loss and speed, and
// a line with a sample at each evaluation. `trainer.run(watch(trainer))` is all that a new kind of
// task needs.

import { printable, progress } from "../display";
import type { EvalRecord, StepRecord } from "./log";
import { titleOf } from "./report";
import type { RunOptions, Trainer } from "./trainer";

export interface WatchOptions {
  /** No samples. */
  quiet?: boolean;
  /** What to say about the speed, given milliseconds per step; default: steps per second. */
  speed?: (msPerStep: number) => string;
  /** What is done, before the bar. */
  label?: string;
}

/**
 * Callbacks for `run` that show how it goes. Call `done` when it has ended, however it ended.
 *
 * @example const show = watch(trainer); await trainer.run(show).finally(show.done);
 */
export function watch(
  trainer: Trainer,
  {
    quiet = false,
    speed = (ms) => `${Math.round(1000 / ms)} steps/s`,
    label = "training",
  }: WatchOptions = {},
): Required<Pick<RunOptions, "onStep" | "onEval" | "onNotice" | "onEvaluating">> & {
  done: () => void;
} {
  const { primary } = trainer.task;
  const first = trainer.step;
  const bar = progress(trainer.settings.steps - first, { label });
  let smooth = { loss: Number.NaN, ms: Number.NaN };
  const mix = (old: number, now: number) => (Number.isNaN(old) ? now : 0.95 * old + 0.05 * now);
  return {
    onEvaluating(done, total) {
      bar.update(trainer.step - first, `evaluating: ${Math.floor((100 * done) / total)} %`);
    },
    onStep({ step, loss, ms }: StepRecord) {
      smooth = { loss: mix(smooth.loss, loss), ms: mix(smooth.ms, ms) };
      bar.update(
        step - first,
        `loss ${smooth.loss.toFixed(3)} · ${speed(Math.max(smooth.ms, 1e-3))}`,
      );
    },
    onEval({ step, metrics, whole, sample }: EvalRecord) {
      const over = whole ? "all held-out examples" : `${trainer.settings.evalLimit} examples`;
      const baselines = Object.entries(primary.baselines ?? {}).map(
        ([name, y]) => `${name} ${y.toFixed(2)}`,
      );
      const against = baselines.length === 0 ? "" : ` (${baselines.join(", ")})`;
      console.log(
        `\nstep ${step}: ${titleOf(primary)} ${metrics[primary.name].toFixed(3)} on ${over}${against}`,
      );
      if (!quiet && sample !== undefined)
        console.log(printable(sample.trim()).replace(/^/gm, "  │ "));
    },
    onNotice: (line: string) => console.log(line),
    done: () => bar.done(),
  };
}
