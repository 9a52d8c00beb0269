// The small model of lesson 06 (attention): sentences in which the next word may depend on a word
// far back, one layer of attention that learns to look for it, its training, and what each link of
// its attention is worth. A layer as a GPT has it, with normalisation and a feed-forward network,
// is in llm/transformer.
export type { LinkReport, MeasureOptions } from "./links";
export { measureLinks } from "./links";
export type { LookBack, LookBackParts, Reading } from "./model";
export { createLookBack, lookBack, readSentence } from "./model";
export type { RecordedLinks, RecordedRuns } from "./recorded";
export { loadLookBack, recordedRuns, saveLookBack } from "./recorded";
export type { Kind, Role, Sentence } from "./sentences";
export {
  animals,
  encodeWords,
  longest,
  roles,
  sounds,
  vocabulary,
  writeSentence,
} from "./sentences";
export { type TrainLookBackOptions, trainLookBack } from "./training";
