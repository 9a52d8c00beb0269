// report.html: one page about a run that opens anywhere, without scripts or network: the loss curve over its
// baselines as an SVG drawn here, the evaluations, the samples, the settings.
// The live figures of the notebooks come from llm/display; this page must not need it.

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
Losses in nats per character.</p>
${curveSvg(history, baselines, settings.steps)}
<h2>Evaluations and samples</h2>
<table><tr><th>step</th><th>validation</th><th>windows</th><th>sample, temperature 0.8</th></tr>${rows.join("\n")}</table>
<h2>Settings</h2><pre>${escapeHtml(JSON.stringify(settings, null, 2))}</pre>
</body></html>
`;
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c]!);

/** Okabe and Ito's colours, which colour-blind readers can tell apart: training, validation, baselines. */
const colours = { training: "#56b4e9", validation: "#d55e00", baseline: "#888888" };

/** Training and validation loss over the steps, and the three baselines as dashed lines. */
export function curveSvg({ steps, evals }: History, baselines: Baselines, totalSteps: number): string {
  const [W, H, left, right, top, bottom] = [860, 420, 56, 150, 14, 44];
  const losses = [...steps.map((r) => r.loss), ...evals.map((r) => r.val)];
  const [low, high] = [
    Math.min(baselines.bigram, ...losses) - 0.1,
    Math.max(baselines.uniform, ...losses.slice(0, 1)) + 0.1,
  ];
  const x = (step: number) => left + (step / totalSteps) * (W - left - right);
  const y = (loss: number) => top + ((high - Math.min(loss, high)) / (high - low)) * (H - top - bottom);
  const line = (points: [number, number][], style: string) =>
    `<polyline fill="none" ${style} points="${points.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(" ")}"/>`;
  const text = (at: string, words: string, more = "") =>
    `<text ${at} fill="currentColor" ${more}>${words}</text>`;
  const ticks = Array.from({ length: 5 }, (_, i) => i / 4);
  const every = Math.max(1, Math.ceil(steps.length / 400)); // 400 points are as many as the eye sees
  const smooth = steps
    .filter((_, i) => i % every === 0)
    .map(({ step }, i): [number, number] => {
      const part = steps.slice(i * every, (i + 1) * every);
      return [step, part.reduce((sum, r) => sum + r.loss, 0) / part.length];
    });
  return `<svg viewBox="0 0 ${W} ${H}" role="img" font-size="13" font-family="system-ui, sans-serif">
<title>Loss against step</title>
${ticks.map((t) => text(`x="${x(t * totalSteps)}" y="${H - bottom + 18}" text-anchor="middle"`, String(Math.round(t * totalSteps)))).join("")}
${ticks.map((t) => text(`x="${left - 8}" y="${y(low + t * (high - low)) + 4}" text-anchor="end"`, (low + t * (high - low)).toFixed(2))).join("")}
<path d="M${left},${top}V${H - bottom}H${W - right}" fill="none" stroke="currentColor"/>
${text(`x="${(left + W - right) / 2}" y="${H - 6}" text-anchor="middle"`, "step")}
${text(`transform="translate(14,${H / 2}) rotate(-90)" text-anchor="middle"`, "loss, nats per character")}
${Object.entries(baselines)
  .map(([name, value]) => {
    const points: [number, number][] = [
      [0, value],
      [totalSteps, value],
    ];
    return (
      line(points, `stroke="${colours.baseline}" stroke-dasharray="5 4"`) +
      text(`x="${W - right + 8}" y="${y(value) + 4}"`, `${name} ${value.toFixed(2)}`)
    );
  })
  .join("\n")}
${line(smooth, `stroke="${colours.training}" stroke-width="1.5"`)}
${line(
  evals.map((r): [number, number] => [r.step, r.val]),
  `stroke="${colours.validation}" stroke-width="2.5"`,
)}
${text(`x="${left + 12}" y="${H - bottom - 28}"`, "training", `style="fill:${colours.training}"`)}
${text(`x="${left + 12}" y="${H - bottom - 10}"`, "validation", `style="fill:${colours.validation}"`)}
</svg>`;
}
