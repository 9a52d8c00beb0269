// What the stages of a pipeline do when: one row for each stage, a box for each pass of a micro-batch,
// forward (blue) or backward (vermilion), over time. Gaps are the bubble. The schedules come from
// llm/parallel, as planned or as measured.
import type { Diagram } from "../diagram";
import { WIDEST } from "../diagram/diagram";
import { SIZE } from "../geometry";
import { numberText, sentence } from "../label";
import { textOn, textWidth, toneColors, wrap } from "../style";
import { element, filled, stroked, svgPage, svgText } from "../xml";

/** A pass of one micro-batch through one stage; times in any unit, from any beginning. */
export interface PipelinePass {
  stage: number;
  kind: "F" | "B";
  micro: number;
  start: number;
  end: number;
}

export interface PipelineTimelineOptions {
  /** If absent: GPipe with four stages and four micro-batches. */
  steps?: readonly PipelinePass[];
  /** Of time, "ms": the axis then has numbers. If absent, time has no unit. */
  unit?: string;
  title?: string;
  /** What to see. */
  caption?: string;
}

const ROW = { height: 34, gap: 8 };
const FONT = 13;
const MARGIN = 14;
const COLORS = { F: toneColors.data, B: toneColors.loss };
const NAMES = { F: "forward", B: "backward" };

/**
 * The timeline of a pipeline, for `plot`.
 * @example plot(pipelineTimeline({ steps: timeSchedule(pipelineSchedule({ stages: 4, microBatches:
 *   8 })) }))
 * @throws without steps, or where a step has no length
 */
export function pipelineTimeline(options: PipelineTimelineOptions = {}): Diagram {
  const { steps = gpipe(4, 4), unit } = options;
  expectSteps(steps);
  const stages = Math.max(...steps.map(({ stage }) => stage)) + 1;
  const begin = Math.min(...steps.map(({ start }) => start));
  const end = Math.max(...steps.map(({ end }) => end));
  const [title, caption] = [sentence(options.title ?? "", 200), sentence(options.caption ?? "")];
  const names = Array.from({ length: stages }, (_, stage) => `stage ${stage + 1}`);
  const left = MARGIN + Math.ceil(Math.max(...names.map((name) => textWidth(name, FONT)))) + 12;
  const wide = WIDEST - left - MARGIN;
  const top = title === "" ? MARGIN : 38;
  const x = (time: number) => left + ((time - begin) / (end - begin)) * wide;
  const y = (stage: number) => top + stage * (ROW.height + ROW.gap);
  const rows = names.map((name, stage) => row(name, { left, wide, y: y(stage) }));
  const boxes = steps.map((step) => box(step, x(step.start), x(step.end), y(step.stage)));
  let below = y(stages) + 8;
  const axis = timeAxis({ left, wide, y: below, unit, length: end - begin });
  below += 22;
  const lines = wrap(caption, WIDEST - 2 * MARGIN, SIZE.caption).map((line, i) =>
    svgText(line, {
      ...{ x: MARGIN, y: below + 18 + i * 19, "font-size": SIZE.caption },
      ...filled("ink"),
    }),
  );
  const heading = svgText(title, {
    ...{ x: MARGIN, y: 24, "font-size": SIZE.title, "font-weight": 600 },
    ...filled("ink"),
  });
  const height = Math.ceil(below + (lines.length > 0 ? lines.length * 19 + 10 : 4));
  const alt = described(steps, stages);
  const body = [heading, ...rows, ...boxes, axis, ...lines].join("");
  const svg = svgPage(WIDEST, height, alt, body);
  return { kind: "diagram", alt, title, caption, width: WIDEST, height, svg };
}

/** The name of a stage and the strip on which its boxes stand. */
function row(name: string, { left, wide, y }: { left: number; wide: number; y: number }): string {
  const middle = { y: y + ROW.height / 2 + FONT * 0.35, "font-size": FONT };
  return (
    svgText(name, { x: left - 10, ...middle, "text-anchor": "end", ...filled("ink") }) +
    element("rect", { x: left, y, width: wide, height: ROW.height, rx: 4, ...filled("grid") })
  );
}

/** One pass; its micro-batch is written in it where there is room. */
function box({ kind, micro }: PipelinePass, from: number, to: number, y: number): string {
  const width = Math.max(1, to - from - 1);
  const color = COLORS[kind];
  const text = String(micro + 1);
  const frame = {
    x: from + 0.5,
    y: y + 2,
    width,
    height: ROW.height - 4,
    rx: Math.min(4, width / 3),
  };
  const label = textWidth(text, FONT) + 4 > width ? "" : text;
  return (
    element("rect", { ...frame, fill: color }) +
    svgText(label, {
      ...{ x: (from + to) / 2, y: y + ROW.height / 2 + FONT * 0.35 },
      ...{ "font-size": FONT, "text-anchor": "middle", fill: textOn(color) },
    })
  );
}

/** What the colours mean, and how long all of it takes. */
function timeAxis(place: {
  left: number;
  wide: number;
  y: number;
  unit: string | undefined;
  length: number;
}): string {
  const { left, wide, y, unit, length } = place;
  const duration = unit === undefined ? "time" : `${numberText(length, 3)} ${unit}`;
  const right = left + wide;
  const from = right - 90 - textWidth(duration, FONT);
  const samples = (["F", "B"] as const).map((kind, i) => {
    const at = left + i * 110;
    const sample = { x: at, y: y - 1, width: 16, height: 12, rx: 3, fill: COLORS[kind] };
    const words = { x: at + 22, y: y + 9.5, "font-size": FONT, ...filled("ink") };
    return element("rect", sample) + svgText(NAMES[kind], words);
  });
  const arrow = { d: `M${from} ${y + 5}H${right - textWidth(duration, FONT) - 14}`, fill: "none" };
  const tip = right - textWidth(duration, FONT) - 8;
  return [
    ...samples,
    element("path", { ...arrow, "stroke-width": 1.6, ...stroked("line") }),
    element("path", { d: `M${tip} ${y + 5}l-8 -4v8z`, ...filled("line") }),
    svgText(duration, {
      ...{ x: right, y: y + 9.5, "font-size": FONT, "text-anchor": "end" },
      ...filled("ink"),
    }),
  ].join("");
}

/** The order on every stage in words: "stage 1: F1 F2 B2 B1". */
function described(steps: readonly PipelinePass[], stages: number): string {
  const orders = Array.from({ length: stages }, (_, stage) => {
    const own = steps.filter((step) => step.stage === stage).sort((a, b) => a.start - b.start);
    return `stage ${stage + 1}: ${own.map(({ kind, micro }) => `${kind}${micro + 1}`).join(" ")}`;
  });
  return (
    "What each stage of a pipeline does, in order, F for the forward and B for the backward pass of " +
    `a micro-batch. ${orders.join("; ")}.`
  );
}

/** GPipe with passes of equal length, backward twice as long: what is drawn unless steps are given. */
function gpipe(S: number, M: number): PipelinePass[] {
  const half = M + S - 1;
  return Array.from({ length: S * M }, (_, i) => {
    const [stage, micro] = [Math.floor(i / M), i % M];
    const forward = stage + micro;
    const backward = half + 2 * (S - 1 - stage + M - 1 - micro);
    return [
      { stage, micro, kind: "F" as const, start: forward, end: forward + 1 },
      { stage, micro, kind: "B" as const, start: backward, end: backward + 2 },
    ];
  }).flat();
}

function expectSteps(steps: readonly PipelinePass[]): void {
  if (steps.length === 0) throw new Error("pipelineTimeline: expected steps, got none");
  for (const { stage, start, end } of steps)
    if (!(Number.isInteger(stage) && stage >= 0 && Number.isFinite(start) && end >= start))
      throw new Error(
        "pipelineTimeline: expected stages from 0 on and steps that end after they begin, " +
          `got stage ${stage} from ${start} to ${end}`,
      );
  if (!(Math.max(...steps.map(({ end }) => end)) > Math.min(...steps.map(({ start }) => start))))
    throw new Error("pipelineTimeline: expected steps that take time, got none");
}
