// The static picture of a figure, for GitHub, nbconvert and every page without our renderer: the
// same lines, points, bars and cells, drawn by Apache ECharts (server side, no browser), with the
// caption below. Loading ECharts takes Node 0.2 s, so that is put off until the first figure.
import { createRequire } from "node:module";
import type { Axis, Figure, Trace } from "./figure";
import { thin } from "./figure";
import { escapeHtml } from "./output";
import { indexedPng } from "./png";
import { font, grid, ink, textWidth, wrap } from "./style";

type Option = Record<string, unknown>;
type ECharts = typeof import("echarts");

const load = createRequire(__filename);
const WIDTH = 720;
const LINE_POINTS = 400;
const SIZE = { title: 15, legend: 12, axis: 12, tick: 11, caption: 12.5 };
const CAPTION_LINE = 18;

/** Draws any figure made by `curves`, `bars`, `points` or `heatmap`. */
export function figureToSvg(figure: Figure): string {
  const known = figure.data.every((t) =>
    ["scatter", "bar", "heatmap"].includes(t.type ?? "scatter"),
  );
  const caption = wrap(figure.layout.meta?.caption ?? "", WIDTH - 40, SIZE.caption);
  const height = Number(figure.layout.height ?? 360);
  const body = known
    ? draw(figure, height)
    : `<text x="20" y="40" fill="${ink}">This figure is interactive: open the notebook in JupyterLab.</text>`;
  const lines = caption.map(
    (line, i) =>
      `<text x="20" y="${height + 14 + i * CAPTION_LINE}" font-size="${SIZE.caption}" fill="${ink}">${escapeHtml(line)}</text>`,
  );
  const total = height + (caption.length > 0 ? caption.length * CAPTION_LINE + 10 : 0);
  const label = escapeHtml(figure.layout.title?.text ?? figure.layout.meta?.caption ?? "figure");
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${total}" viewBox="0 0 ${WIDTH} ${total}" role="img" aria-label="${label}" font-family="${font}">${body}${lines.join("")}</svg>`;
}

function draw(figure: Figure, height: number): string {
  const { init } = load("echarts") as ECharts;
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    const option = toOption(figure);
    chart.setOption(option);
    return slim(chart.renderToSVGString()) + bigHeatmap(figure, option.grid as Grid, height);
  } finally {
    chart.dispose(); // an undisposed chart keeps a timer, and Node never exits
  }
}

interface Grid {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/**
 * Beyond this many cells a heat map is a small embedded image, not a path for each cell: 5 KB
 * instead of 1 MB.
 */
const MAX_CELLS = 256;
const LEVELS = 200;
const cellsOf = (trace: Trace): number => (trace.z?.length ?? 0) * (trace.z?.[0]?.length ?? 0);

function bigHeatmap(figure: Figure, area: Grid, height: number): string {
  const trace = figure.data.find((t) => t.type === "heatmap");
  if (trace?.z === undefined || cellsOf(trace) <= MAX_CELLS) return "";
  const [rows, columns] = [trace.z.length, trace.z[0].length];
  const [low, high] = [Number(trace.zmin), Number(trace.zmax)];
  const pixels = new Uint8Array(rows * columns);
  for (const [r, row] of trace.z.entries())
    for (const [c, value] of row.entries()) {
      if (value === null) continue;
      const share = Math.min(1, Math.max(0, (value - low) / (high - low || 1)));
      pixels[r * columns + c] = 1 + Math.round(share * (LEVELS - 1));
    }
  const colors = (trace.colorscale as [number, string][]).map(([, color]) => color);
  const palette = Array.from({ length: LEVELS }, (_, i) => mix(colors, i / (LEVELS - 1)));
  const box = `x="${area.left}" y="${area.top}" width="${WIDTH - area.left - area.right}" height="${height - area.top - area.bottom}"`;
  return `<image ${box} preserveAspectRatio="none" style="image-rendering:pixelated" href="${indexedPng(pixels, columns, rows, palette)}"/>`;
}

/** The colour at `share`, from 0 to 1, of an even scale. */
function mix(colors: string[], share: number): string {
  const at = Math.min(colors.length - 2, Math.floor(share * (colors.length - 1)));
  const within = share * (colors.length - 1) - at;
  const channel = (color: string, i: number) => Number.parseInt(color.slice(i, i + 2), 16);
  const parts = [1, 3, 5].map((i) =>
    Math.round(channel(colors[at], i) * (1 - within) + channel(colors[at + 1], i) * within),
  );
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

let drawn = 0;

/**
 * Keeps the drawing and drops what ECharts adds for a mouse: hover styles, classes, one font per
 * text.
 */
function slim(svg: string): string {
  const unique = `f${process.pid.toString(36)}${(drawn++).toString(36)}`;
  return (
    svg
      .replace(/^<svg[^>]*>|<\/svg>\s*$/g, "")
      .replace(/<style[^>]*>[\s\S]*?<\/style>/g, "")
      .replace(/<rect width="\d+" height="\d+" x="0" y="0" fill="none"><\/rect>/, "")
      .replace(/ (class="[^"]*"|pointer-events="visible"|xml:space="preserve")/g, "")
      .replace(/font-family:[^;"]*;?/g, "")
      .replace(/style="font-size:([\d.]+)px;"/g, 'font-size="$1"')
      .replace(/(id="|url\(#)zr\d+-/g, `$1${unique}-`)
      // Only coordinates: numbers between the tags are for people, and would be cut off, not
      // rounded.
      .replace(/<[^>]*>/g, (tag) => tag.replace(/(\d+\.\d\d)\d+/g, "$1"))
      // A colour bar needs 20 stops, not 100: of each ten, the first and the last.
      .replace(
        /(<stop [^>]*>(?:<\/stop>)?\s*)(?:<stop [^>]*>(?:<\/stop>)?\s*){8}(<stop [^>]*>(?:<\/stop>)?\s*)/g,
        "$1$2",
      )
      .replace(/ ecmeta_[a-z_]+="[^"]*"/g, "")
      .replace(/<\/(path|rect)>\n?/g, "</$1>")
      .replace(/><\/(path|rect)>/g, "/>")
  );
}

function toOption(figure: Figure): Option {
  const { data, layout } = figure;
  const heat = data.find((t) => t.type === "heatmap");
  const named = data.filter((t) => t.name !== undefined && t.type !== "heatmap");
  // As in Plotly, a single series has no legend.
  const legendRows = named.length > 1 ? rowsOfLegend(named.map((t) => t.name as string)) : 0;
  const titleRoom = layout.title ? 30 : 8;
  const axes = heat
    ? heatAxes(heat, layout.xaxis, layout.yaxis)
    : lineAxes(data, layout.xaxis, layout.yaxis);
  const left = 30 + Math.max(...axes.tickTexts.map((t) => textWidth(t, SIZE.tick)));
  const yTitle = layout.yaxis?.title?.text ?? "";
  return {
    animation: false,
    backgroundColor: "transparent",
    textStyle: { fontFamily: "sans-serif", color: ink },
    ...(layout.title
      ? {
          title: {
            text: layout.title.text,
            left: 20,
            top: 6,
            textStyle: { color: ink, fontSize: SIZE.title },
          },
        }
      : {}),
    legend: {
      show: legendRows > 0,
      data: named.map(legendItem),
      itemGap: 18,
      top: titleRoom,
      left: left + 6,
      width: WIDTH - left - 90, // fonts differ from those that ECharts expects
      itemWidth: 26,
      itemHeight: 10,
      textStyle: { color: ink, fontSize: SIZE.legend },
    },
    grid: {
      left: left + 14,
      right: heat ? 110 : 30,
      top: titleRoom + 10 + legendRows * 24,
      bottom: 30 + axes.bottom,
      containLabel: false,
      outerBoundsMode: "none",
    },
    xAxis: axes.x,
    yAxis: axes.y,
    ...(heat ? { visualMap: colorbar(heat) } : {}),
    series: heat ? [heatSeries(heat)] : data.map((t) => series(t, layout.xaxis)),
    graphic: [
      {
        type: "text",
        left: 4,
        top: "middle",
        rotation: Math.PI / 2,
        style: { text: yTitle, fill: ink, fontSize: SIZE.axis },
      },
      ...(heat
        ? [
            {
              type: "text",
              right: 6,
              top: "middle",
              rotation: Math.PI / 2,
              style: { text: titleOf(heat.colorbar), fill: ink, fontSize: SIZE.axis },
            },
          ]
        : []),
    ],
  };
}

const titleOf = (colorbarOptions: unknown): string =>
  (colorbarOptions as { title?: { text?: string } } | undefined)?.title?.text ?? "";

/** ECharts puts a dot on every line of its legend; Plotly only where the line has markers. */
function legendItem({ name, type, mode }: Trace): Option {
  return type === "scatter" && mode === "lines" ? { name, itemStyle: { opacity: 0 } } : { name };
}

function rowsOfLegend(names: string[]): number {
  let rows = 1;
  let used = 0;
  for (const name of names) {
    const width = textWidth(name, SIZE.legend) + 50;
    if (used + width > WIDTH - 150 && used > 0) {
      rows++;
      used = 0;
    }
    used += width;
  }
  return rows;
}

interface Axes {
  x: Option;
  y: Option;
  /** Room under the plot for tick labels, slanted or not. */
  bottom: number;
  /** Samples of the y ticks, to leave room for them. */
  tickTexts: string[];
}

function common(a: Axis | undefined, name: boolean): Option {
  return {
    name: name ? (a?.title?.text ?? "") : "",
    nameLocation: "middle",
    nameTextStyle: { color: ink, fontSize: SIZE.axis },
    axisLabel: { color: ink, fontSize: SIZE.tick, hideOverlap: true },
    axisLine: { show: true, lineStyle: { color: ink, width: 1 } },
    axisTick: { show: false },
    splitLine: { show: true, lineStyle: { color: grid } },
  };
}

/** 12,000 → 12k; 0.0001 → 1e-4, as Plotly writes them. */
function tick(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e6) return `${Number((value / 1e6).toPrecision(3))}M`;
  if (size >= 1e4) return `${Number((value / 1e3).toPrecision(3))}k`;
  if (size > 0 && size < 1e-2)
    return Number(value.toPrecision(3)).toExponential().replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}

function lineAxes(data: Trace[], x: Axis | undefined, y: Axis | undefined): Axes {
  const categories = isCategory(data, x)
    ? [...new Set(data.flatMap((t) => (t.x ?? []).map(String)))]
    : null;
  const ys = data.flatMap((t) => (t.y ?? []) as number[]).filter(Number.isFinite);
  const extremes =
    ys.length === 0
      ? [0, 1]
      : [ys.reduce((a, b) => Math.min(a, b)), ys.reduce((a, b) => Math.max(a, b))];
  const value = (a: Axis | undefined): Option => {
    const range = a?.range as [number, number] | undefined;
    const limits =
      range === undefined
        ? {}
        : a?.type === "log"
          ? { min: 10 ** range[0], max: 10 ** range[1] }
          : { min: range[0], max: range[1] };
    return { type: a?.type === "log" ? "log" : "value", scale: true, ...limits };
  };
  const hasBars = data.some((t) => t.type === "bar");
  const axisLabel = { color: ink, fontSize: SIZE.tick, hideOverlap: true, formatter: tick };
  const rotate = categories && longest(categories) * categories.length > WIDTH - 140 ? 35 : 0;
  const depth = rotate ? longest(categories ?? []) * 0.58 : 12;
  const xOption = categories
    ? {
        type: "category",
        data: categories,
        boundaryGap: hasBars,
        axisLabel: {
          color: ink,
          fontSize: SIZE.tick,
          rotate,
          interval: categories.length > 40 ? "auto" : 0,
        },
        splitLine: { show: false },
      }
    : { ...value(x), axisLabel };
  return {
    x: { ...common(x, true), nameGap: depth + 16, ...xOption },
    y: {
      ...common(y, false),
      ...value(y),
      ...(hasBars ? floor(y, extremes[0] < 0) : {}),
      axisLabel,
    },
    bottom: depth + 10,
    tickTexts: extremes.map(tick).map((t) => `${t}00`),
  };
}

/**
 * What bars stand on: zero, or on a logarithmic axis its lower end. (ECharts would take 1, and let
 * smaller bars hang from it.)
 */
function floor(y: Axis | undefined, below: boolean): Option {
  if (y?.type !== "log") return { scale: false, boundaryGap: [below ? "6%" : 0, "6%"] };
  const range = y.range as [number, number] | undefined;
  return range ? { startValue: 10 ** range[0] } : {};
}

const longest = (texts: string[]): number =>
  Math.max(0, ...texts.map((t) => textWidth(t, SIZE.tick))) + 8;
const isCategory = (data: Trace[], x: Axis | undefined): boolean =>
  x?.type === "category" || data.some((t) => typeof t.x?.[0] === "string");

const DASH: Record<string, number[] | "solid"> = {
  dash: [7, 5],
  dot: [2, 4],
  dashdot: [7, 4, 2, 4],
  longdash: [12, 5],
  longdashdot: [12, 4, 2, 4],
};

/** The texts over points, and at the far end of bars. */
const labels = ({ text, type }: Trace) =>
  text
    ? {
        show: true,
        position: type === "bar" ? "outside" : "top",
        color: ink,
        fontSize: SIZE.tick,
        formatter: (p: { dataIndex: number }) => (text as string[])[p.dataIndex],
      }
    : {};

function series(trace: Trace, x: Axis | undefined): Option {
  const category = isCategory([trace], x);
  const pairs = (xs: (string | number)[], ys: (string | number)[]) =>
    xs.map((v, i) => [category ? String(v) : v, ys[i]]);
  const marker = trace.marker as { color?: string; size?: number } | undefined;
  if (trace.type === "bar") {
    return {
      type: "bar",
      name: trace.name,
      data: pairs(trace.x ?? [], trace.y ?? []),
      itemStyle: { color: marker?.color },
      barMaxWidth: 60,
      label: labels(trace),
    };
  }
  const mode = String(trace.mode ?? "lines");
  if (!mode.includes("lines")) {
    return {
      type: "scatter",
      name: trace.name,
      data: pairs(trace.x ?? [], trace.y ?? []),
      symbolSize: marker?.size ?? 8,
      itemStyle: { color: marker?.color, opacity: 1 },
      label: labels(trace),
    };
  }
  const line = trace.line as { color?: string; width?: number; dash?: string } | undefined;
  const ys = trace.y ?? [];
  const thinned = thin(trace.x ?? ys.map((_, i) => i), ys, LINE_POINTS);
  return {
    type: "line",
    name: trace.name,
    data: pairs(thinned.x, thinned.y),
    symbol: mode.includes("markers") ? "circle" : "none",
    symbolSize: 6,
    showAllSymbol: true,
    itemStyle: { color: line?.color },
    lineStyle: {
      color: line?.color,
      width: line?.width ?? 2,
      type: DASH[line?.dash ?? ""] ?? "solid",
    },
  };
}

function heatAxes(trace: Trace, x: Axis | undefined, y: Axis | undefined): Axes {
  const names = (a: Axis | undefined, count: number) =>
    (a?.ticktext as string[] | undefined) ?? Array.from({ length: count }, (_, i) => String(i));
  const z = trace.z ?? [];
  const columns = names(x, z[0]?.length ?? 0);
  const rows = names(y, z.length);
  const rotate =
    x?.ticktext !== undefined && longest(columns) * columns.length > WIDTH - 240 ? 45 : 0;
  const depth = rotate ? longest(columns) * 0.72 : 12;
  // The labels' positions, not their texts, are the categories: words may repeat.
  const axis = (a: Axis | undefined, texts: string[], isX: boolean): Option => ({
    ...common(a, isX),
    type: "category",
    data: texts.map((_, i) => String(i)),
    splitLine: { show: false },
    axisLine: { show: false },
    axisLabel: {
      color: ink,
      fontSize: SIZE.tick,
      interval:
        a?.ticktext === undefined
          ? Math.ceil(texts.length / 16) - 1
          : texts.length > 40
            ? "auto"
            : 0,
      rotate: isX ? rotate : 0,
      formatter: (i: string) => texts[Number(i)],
    },
  });
  return {
    x: { ...axis(x, columns, true), nameGap: depth + 16 },
    y: { ...axis(y, rows, false), inverse: true },
    bottom: depth + 10,
    tickTexts: rows,
  };
}

function heatSeries(trace: Trace): Option {
  const shown = cellsOf(trace) <= MAX_CELLS ? (trace.z ?? []) : [];
  const data = shown.flatMap((row, r) => row.flatMap((v, c) => (v === null ? [] : [[c, r, v]])));
  const [low, high] = [Number(trace.zmin), Number(trace.zmax)];
  const colors = trace.colorscale as [number, string][];
  const text = (value: number) => {
    const at = Math.round(((value - low) / (high - low || 1)) * (colors.length - 1));
    return isDark(colors[Math.max(0, Math.min(colors.length - 1, at))][1]) ? "#fff" : "#222";
  };
  return {
    type: "heatmap",
    data: data.map((value) => ({ value, label: { color: text(value[2]) } })),
    itemStyle: { borderColor: "transparent", borderWidth: 1 },
    label: {
      show: trace.texttemplate !== undefined,
      fontSize: SIZE.tick,
      formatter: (p: { value: number[] }) => String(Number(p.value[2].toFixed(2))),
    },
  };
}

function isDark(color: string): boolean {
  const [r, g, b] = [1, 3, 5].map((i) => Number.parseInt(color.slice(i, i + 2), 16));
  return 0.299 * r + 0.587 * g + 0.114 * b < 140;
}

function colorbar(trace: Trace): Option {
  const [low, high] = [Number(trace.zmin), Number(trace.zmax)];
  return {
    type: "continuous",
    min: low,
    max: high,
    dimension: 2,
    calculable: false,
    orient: "vertical",
    right: 34,
    top: "middle",
    itemWidth: 12,
    itemHeight: 140,
    text: [tick(high), tick(low)],
    textStyle: { color: ink, fontSize: SIZE.tick },
    inRange: { color: (trace.colorscale as [number, string][]).map(([, color]) => color) },
  };
}
