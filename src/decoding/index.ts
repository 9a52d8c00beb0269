// Lesson 20 (decoding): held-out beginnings to continue, beam search with a GPT, the recorded runs.
// What is done to logits is llm/sampling, grammars are llm/grammar, measures of variety llm/evaluate.
export { type GPTBeamOptions, writeByBeam } from "./beam";
export { type BaseParts, baseParts, bookPassages, type Passage } from "./passages";
export {
  type ForcedAnswer,
  type RecordedBeamTranslation,
  type RecordedCondition,
  type RecordedCurve,
  type RecordedEndingBeam,
  type RecordedForms,
  type RecordedOpenBeam,
  recordedAnswers,
  recordedDecoding,
  recordedJudge,
  recordedSpeed,
  type TextMeasures,
} from "./recorded";
