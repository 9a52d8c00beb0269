// A board to look at: figures of the losses at equal steps and over time, a table, and one page that
// holds them, without scripts or network.

import { curves, escapeHtml, type Figure, figureToSvg, points } from "../display";
import { goalOf, type Interval, type Ranked, rank } from "./rank";
import type { Board, BoardRun } from "./run";

/** The last loss of every run, recipe by recipe, the best first. */
export function lossFigure(board: Board, baseline: string): Figure {
  const rows = rank(board, baseline);
  return points({
    caption: "Validation loss at equal steps: one point for each seed. Grey: the baseline's mean.",
    x: { title: "recipe, numbered from the best" },
    y: { title: "loss (nats per token)" },
    groups: rows.map(({ recipe }, i) => {
      const runs = runsOf(board, recipe);
      return { name: recipe, x: runs.map(() => i + 1), y: runs.map(({ val }) => val) };
    }),
    baselines: rows
      .filter(({ recipe }) => recipe === baseline)
      .map(({ loss }) => ({ name: baseline, y: loss.mean })),
  });
}

/**
 * Loss over steps, or over training time in multiples of what the baseline took for all its steps;
 * means over the seeds.
 */
export function curveFigure(board: Board, baseline: string, by: "step" | "time"): Figure {
  const whole = meanOf(runsOf(board, baseline).map(({ curve }) => curve[curve.length - 1].cpu));
  const later = (run: BoardRun) => run.curve.slice(1); // the untrained model is far above
  return curves({
    caption:
      by === "step"
        ? "Validation loss over the steps, means over the seeds."
        : "The same over the processor time of the training steps.",
    x: { title: by === "step" ? "step" : `time (multiples of ${baseline})` },
    y: { title: "loss (nats per token)" },
    series: rank(board, baseline).map(({ recipe }) => {
      const runs = runsOf(board, recipe);
      const mean = (of: (at: BoardRun["curve"][number]) => number) =>
        later(runs[0]).map((_, i) => meanOf(runs.map((run) => of(later(run)[i]))));
      const x = by === "step" ? mean(({ step }) => step) : mean(({ cpu }) => cpu / whole);
      return { name: recipe, marker: true, x, y: mean(({ val }) => val) };
    }),
  });
}

/** The rows of the board's table, as texts. */
export function boardRows(board: Board, baseline: string): Record<string, string>[] {
  return rank(board, baseline).map((row) => ({
    place: String(row.place),
    recipe: row.recipe,
    "validation loss": row.loss.mean.toFixed(3),
    "95 % interval": `${row.loss.low.toFixed(3)} to ${row.loss.high.toFixed(3)}`,
    [`against ${baseline}`]: row.recipe === baseline ? "–" : row.verdict,
    "time to its loss": row.time === null ? "not reached" : times(row.time),
    "time of all steps": `${row.cost.toFixed(2)} ×`,
    parameters: row.parameters.toLocaleString("en"),
  }));
}

const times = ({ mean }: Interval): string => `${mean.toFixed(2)} ×`;

/** The page. */
export function boardHtml(board: Board, baseline: string): string {
  const rows = boardRows(board, baseline);
  const tags = (values: string[], tag: string) =>
    `<tr>${values.map((x) => `<${tag}>${escapeHtml(x)}</${tag}>`).join("")}</tr>`;
  const figures = [
    lossFigure(board, baseline),
    curveFigure(board, baseline, "step"),
    curveFigure(board, baseline, "time"),
  ];
  const { about, made, recipes } = board;
  const told = rank(board, baseline).map(
    ({ recipe }: Ranked) =>
      `<h3>${escapeHtml(recipe)}</h3><p>${escapeHtml(recipes[recipe].about)}</p>` +
      `<pre>${escapeHtml(JSON.stringify({ ...recipes[recipe], about: undefined }, null, 1))}</pre>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Speedrun board</title>
<style>
:root { color-scheme: light dark } body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse } td, th { text-align: left; padding: .3rem .6rem; border-top: 1px solid #8886 }
pre { overflow-x: auto } svg { width: 100%; height: auto }
</style></head><body>
<h1>Speedrun board</h1>
<p>${escapeHtml(about)}</p>
<p>Recipes share a place where the 95 % intervals of their losses touch. Times are to a loss of
${goalOf(board, baseline).toFixed(3)}, which ${escapeHtml(baseline)} reaches with every seed, in
multiples of the processor time it takes for all its steps.</p>
<table>${tags(Object.keys(rows[0]), "th")}${rows.map((row) => tags(Object.values(row), "td")).join("\n")}</table>
${figures.map((figure) => `<figure>${figureToSvg(figure)}</figure>`).join("\n")}
<h2>Recipes</h2>
${told.join("\n")}
<p>${escapeHtml(`${made.command}, ${made.date}, ${made.engine}, ${made.machine}`)}</p>
</body></html>
`;
}

const runsOf = ({ runs }: Board, name: string) => runs.filter(({ recipe }) => recipe === name);
const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
