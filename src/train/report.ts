// report.html: one page about a run that opens anywhere, without scripts or network: the loss curve over its
// baselines as an SVG, the evaluations, the samples, the settings. `lossCurve` is also the notebooks' live figure.

import { curves, escapeHtml, type Figure, figureToSvg } from "../display";
import type { Baselines } from "../ngram";
import { writeAtomically } from "./files";
import type { History } from "./log";
import type { TrainSettings } from "./settings";

/** What the page shows; a Trainer is one. */
export interface ReportContent {
  settings: TrainSettings;
  data: { name: string; characters: number };
  parameters: number;
  baselines: Baselines;
  history: History;
  step: number;
}

/** Writes the page. @throws {WriteError} */
export function writeReport(path: string, content: ReportContent): void {
  writeAtomically(path, [reportHtml(content)]);
}

/** The page as a string. Text from the run is escaped: a sample can contain any character. */
export function reportHtml({ settings, data, parameters, baselines, history, step }: ReportContent): string {
  const last = history.evals.at(-1);
  const n = (x: number) => x.toLocaleString("en");
  const rows = history.evals.map(
    ({ step, val, windows, whole, sample }) =>
      `<tr><td>${step}</td><td>${val.toFixed(3)}</td><td>${whole ? "all" : windows}</td><td><pre>${escapeHtml(sample ?? "")}</pre></td></tr>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Training run: ${escapeHtml(data.name)}, step ${step}</title>
<style>
:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem; border-top: 1px solid #8886 }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere } svg { width: 100%; height: auto }
</style></head><body>
<h1>${escapeHtml(data.name)}: ${last === undefined ? "no evaluation yet" : `validation loss ${last.val.toFixed(3)} after ${n(last.step)} steps`}</h1>
<p>${n(parameters)} parameters, ${n(data.characters)} characters of text, ${n(step)} of ${n(settings.steps)} steps done.
Losses in nats per character.
Counting models on the same text: ${Object.entries(baselines)
    .map(([name, loss]) => `${name} ${loss.toFixed(3)}`)
    .join(", ")}.</p>
<figure>${figureToSvg(lossCurve(history, baselines))}</figure>
<h2>Evaluations and samples</h2>
<table><tr><th>step</th><th>validation</th><th>windows</th><th>sample, temperature 0.8</th></tr>${rows.join("\n")}</table>
<h2>Settings</h2><pre>${escapeHtml(JSON.stringify(settings, null, 2))}</pre>
</body></html>
`;
}

/** Training and validation loss over the steps, and the three baselines as dashed lines. */
export function lossCurve({ steps, evals }: History, baselines: Baselines): Figure {
  return curves({
    caption:
      "Training loss of every step, and validation loss (points), over the losses of three counting models",
    x: { title: "step" },
    y: { title: "loss, nats per token" },
    series: [
      { name: "training", x: steps.map((r) => r.step), y: steps.map((r) => r.loss) },
      { name: "validation", x: evals.map((r) => r.step), y: evals.map((r) => r.val), marker: true },
    ],
    baselines: Object.entries(baselines).map(([name, y]) => ({ name, y })),
  });
}
