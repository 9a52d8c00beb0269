"use strict";
// report.html: one page about a run that opens anywhere, without scripts or network: the curve over
// its baselines as an SVG, the evaluations, the samples, the settings. `lossCurve` is also the
// notebooks' live figure.
Object.defineProperty(exports, "__esModule", { value: true });
exports.titleOf = exports.metricCurve = exports.lossCurve = exports.reportHtml = exports.writeReport = void 0;
const display_1 = require("../display");
const files_1 = require("../files");
/** Writes the page. @throws {WriteError} */
function writeReport(path, content) {
    (0, files_1.writeAtomically)(path, [reportHtml(content)]);
}
exports.writeReport = writeReport;
/** The page as a string. Text from the run is escaped: a sample can contain any character. */
function reportHtml({ settings, task, parameters, history, step }) {
    const { primary } = task;
    const { kind, data } = task.describe();
    const name = data?.name ?? kind;
    const last = history.evals.at(-1);
    const n = (x) => x.toLocaleString("en");
    const metrics = [...new Set(history.evals.flatMap((record) => Object.keys(record.metrics)))];
    const cells = (values) => values.map((value) => `<td>${(0, display_1.escapeHtml)(value)}</td>`).join("");
    const rows = history.evals.map((record) => `<tr>${cells([
        n(record.step),
        ...metrics.map((metric) => shown(record.metrics[metric])),
        record.whole ? "all" : "some",
    ])}<td><pre>${(0, display_1.escapeHtml)(record.sample ?? "")}</pre></td></tr>`);
    const result = last === undefined
        ? "no evaluation yet"
        : `${(0, exports.titleOf)(primary)} ${shown(last.metrics[primary.name])} after ${n(last.step)} steps`;
    const baselines = Object.entries(primary.baselines ?? {}).map(([label, y]) => `${label} ${y.toFixed(3)}`);
    return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Training run: ${(0, display_1.escapeHtml)(name)}, step ${step}</title>
<style>
:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 54rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% } td, th { text-align: left; vertical-align: top; padding: .3rem .6rem; border-top: 1px solid #8886 }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere } svg { width: 100%; height: auto }
</style></head><body>
<h1>${(0, display_1.escapeHtml)(`${name}: ${result}`)}</h1>
<p>${(0, display_1.escapeHtml)([
        `${n(parameters)} parameters trained, ${n(step)} of ${n(settings.steps)} steps done.`,
        primary.unit === undefined ? "" : `${capital((0, exports.titleOf)(primary))} in ${primary.unit}.`,
        baselines.length === 0 ? "" : `Simple models on the same data: ${baselines.join(", ")}.`,
    ]
        .filter(Boolean)
        .join(" "))}</p>
<figure>${(0, display_1.figureToSvg)(lossCurve(history, primary))}</figure>
${primary.isLoss ? "" : `<figure>${(0, display_1.figureToSvg)(metricCurve(history, primary))}</figure>`}
<h2>Evaluations and samples</h2>
<table><tr><th>step</th>${metrics.map((metric) => `<th>${(0, display_1.escapeHtml)(metric)}</th>`).join("")}<th>examples</th><th>sample</th></tr>${rows.join("\n")}</table>
<h2>Settings</h2><pre>${(0, display_1.escapeHtml)(JSON.stringify(settings, null, 2))}</pre>
</body></html>
`;
}
exports.reportHtml = reportHtml;
/** Training loss over the steps, with the evaluations and baselines where they are losses too. */
function lossCurve({ steps, evals }, primary) {
    const { isLoss, name, unit, baselines = {} } = primary;
    const training = { name: "training", x: steps.map((r) => r.step), y: steps.map((r) => r.loss) };
    const y = { title: unit !== undefined && isLoss ? `loss, ${unit}` : "loss" };
    if (!isLoss)
        return (0, display_1.curves)({
            caption: "Training loss of every step",
            x: { title: "step" },
            y,
            series: [training],
        });
    return (0, display_1.curves)({
        caption: "Training loss of every step and validation loss (points), over what simpler models reach",
        x: { title: "step" },
        y,
        series: [
            training,
            {
                name: "validation",
                x: evals.map((r) => r.step),
                y: evals.map((r) => r.metrics[name]),
                marker: true,
            },
        ],
        baselines: Object.entries(baselines).map(([label, level]) => ({ name: label, y: level })),
    });
}
exports.lossCurve = lossCurve;
/** The metric over the steps, where it is no loss: accuracy, reward. */
function metricCurve({ evals }, primary) {
    const { name, unit, better, baselines = {} } = primary;
    return (0, display_1.curves)({
        caption: `${capital((0, exports.titleOf)(primary))} on held-out examples; ${better} is better`,
        x: { title: "step" },
        y: { title: unit === undefined ? (0, exports.titleOf)(primary) : `${(0, exports.titleOf)(primary)}, ${unit}` },
        series: [
            {
                name: (0, exports.titleOf)(primary),
                x: evals.map((r) => r.step),
                y: evals.map((r) => r.metrics[name]),
                marker: true,
            },
        ],
        baselines: Object.entries(baselines).map(([label, level]) => ({ name: label, y: level })),
    });
}
exports.metricCurve = metricCurve;
/** What people call the metric. */
const titleOf = ({ name }) => (name === "val" ? "validation loss" : name);
exports.titleOf = titleOf;
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const shown = (x) => x === undefined ? "" : Number.isInteger(x) ? x.toLocaleString("en") : x.toFixed(3);
