// Everything a lesson shows: figures, text with formulas, tables, tokens and progress. In a
// notebook they become rich output of the running cell, in a terminal or a log text. They return
// nothing, because tslab prints a cell's last value; only `plot` and `progress` return handles,
// which are meant to be kept: `const figure = plot(…)`.
export type { BarsOptions, CurvesOptions, Figure, HeatmapOptions, PointsOptions } from "./figure";
export { bars, curves, heatmap, points } from "./figure";
export { escapeHtml, inNotebook, printable } from "./output";
export type { PlotHandle } from "./plot";
export { plot } from "./plot";
export type { Progress } from "./progress";
export { progress } from "./progress";
export { figureToSvg } from "./svg";
export type { Table, TableRows, Token } from "./text";
export { html, markdown, markdownToHtml, table, tokens } from "./text";
