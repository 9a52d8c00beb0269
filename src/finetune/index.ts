// Lesson 15 (fine-tuning): a pretrained model learns labels, of texts or of words.
export { type EntitySpan, entityScores, spansOf, tagsOf, wordTokens } from "./bio";
export {
  type BaseModel,
  type Classified,
  type Classifier,
  classify,
  classifyAll,
  type LabelChoices,
  labelConfig,
  labelProbabilities,
  loadClassifier,
  saveClassifier,
  tagWords,
} from "./classifier";
export { type CsvRow, readCsv, writeCsv } from "./csv";
export { continuedPretrainingTask, languageLoss } from "./domain";
export {
  drawPerLabel,
  type LabelledText,
  labelsOf,
  readLabelled,
  readTagged,
  splitByGroup,
  type TaggedWords,
  tagSetOf,
} from "./examples";
export { layerCount, layerOf, splitParams, type Trained } from "./freeze";
export {
  initHead,
  type LabelBatch,
  type LabelConfig,
  type LabelRow,
  labelBatch,
  labelLogits,
  labelLoss,
  type Pool,
  poolWeights,
} from "./model";
export { type RecordedLabels, recordedLabels } from "./recorded";
export { nerSentences, serviceQuestions } from "./scripted";
export { type Speech, spamMails, speeches } from "./sets";
export { classificationTask, type LabelTask, type LabelTaskOptions, taggingTask } from "./task";
