// Ready-made drawings for lessons: `plot(lstmCell())`.
export { agentLoop } from "./agents";
export { applicationPath } from "./application";
export { attentionFlow, headSplit } from "./attention";
export { distillFlow, quantizeFlow } from "./compress";
export { corpusPipeline } from "./corpus";
export { decodingSteps } from "./decoding";
export { embeddingLookup } from "./embedding";
export { expertsFlow } from "./experts";
export { labelHeads } from "./finetune";
export { gruCell, lstmCell } from "./gates";
export { gptBlock, gptModel } from "./gpt";
export { grpoRound } from "./grpo";
export { blockTables, speculativeRound } from "./inference";
export { instructionFlow } from "./instruct";
export { nextTokenLoop, trainingLoop } from "./loops";
export { loraLayer, loraPlaces } from "./lora";
export { type DrawnModel, modelDiagram } from "./model";
export { objectiveFlow } from "./objectives";
export {
  type PipelinePass,
  type PipelineTimelineOptions,
  pipelineTimeline,
} from "./pipeline";
export { positionPlaces } from "./positions";
export { hnswLayers, retrievalFlow } from "./retrieval";
export { rlhfStages } from "./rlhf";
export { unrolledRnn } from "./rnn";
export { injectionFlow } from "./safety";
export { costFlow, dataParallelFlow, tensorParallelFlow } from "./scaling";
export { servingPath } from "./serving";
export { mergeTree, tokenPipeline } from "./tokenize";
export { encoderDecoder, normPlaces } from "./transformer";
export { captionFlow, contrastFlow, sinkWindow } from "./vision";
export { skipGramFlow } from "./words";
