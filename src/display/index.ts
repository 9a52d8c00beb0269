// Everything a lesson shows: figures, text with formulas, tables, tokens and progress. In a
// notebook they become rich output of the running cell, in a terminal or a log text. They return
// nothing, because tslab prints a cell's last value; only `plot` and `progress` return handles,
// which are meant to be kept: `const figure = plot(…)`.
export type { BarsOptions } from "./bars";
export { bars } from "./bars";
export type { Contour, ContourOptions } from "./contour";
export { contour } from "./contour";
export type { CurvesOptions } from "./curves";
export { curves } from "./curves";
export type {
  Diagram,
  DiagramEdge,
  DiagramGroup,
  DiagramNode,
  DiagramOptions,
  Tone,
} from "./diagram";
export { diagram } from "./diagram";
export {
  agentLoop,
  applicationPath,
  attentionFlow,
  blockTables,
  captionFlow,
  contrastFlow,
  corpusPipeline,
  costFlow,
  type DrawnModel,
  dataParallelFlow,
  decodingSteps,
  distillFlow,
  embeddingLookup,
  encoderDecoder,
  expertsFlow,
  gptBlock,
  gptModel,
  grpoRound,
  gruCell,
  headSplit,
  hnswLayers,
  injectionFlow,
  instructionFlow,
  labelHeads,
  loraLayer,
  loraPlaces,
  lstmCell,
  mergeTree,
  modelDiagram,
  nextTokenLoop,
  normPlaces,
  objectiveFlow,
  type PipelinePass,
  type PipelineTimelineOptions,
  pipelineTimeline,
  positionPlaces,
  quantizeFlow,
  retrievalFlow,
  rlhfStages,
  servingPath,
  sinkWindow,
  skipGramFlow,
  speculativeRound,
  tensorParallelFlow,
  tokenPipeline,
  trainingLoop,
  unrolledRnn,
} from "./drawings";
export type { Figure } from "./figure";
export type { Frame, Frames, FramesOptions } from "./frames";
export { frames } from "./frames";
export type { GrowingText } from "./growing";
export { growing } from "./growing";
export type { HeatmapOptions } from "./heatmap";
export { heatmap } from "./heatmap";
export { inNotebook, printable } from "./output";
export type { Picture, PicturesOptions } from "./pictures";
export { pictures } from "./pictures";
export type { PlotHandle } from "./plot";
export { plot } from "./plot";
export type { PointsOptions } from "./points";
export { points } from "./points";
export type { Points3d, Points3dOptions } from "./points3d";
export { points3d } from "./points3d";
export type { Progress } from "./progress";
export { progress } from "./progress";
export { figureToSvg } from "./svg";
export type { Table, TableRows } from "./table";
export { table } from "./table";
export { html, markdown, markdownToHtml } from "./text";
export { tokenGrid } from "./tokenGrid";
export type { Token } from "./tokens";
export { tokens } from "./tokens";
export type { PlotlyFigure } from "./traces";
export { escapeHtml } from "./xml";
