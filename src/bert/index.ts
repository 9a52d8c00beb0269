// BERT (lesson 09, pretraining objectives): the encoder with its masked-LM head, models from Hugging
// Face's folders, and vectors of sentences.
export { bertBlocks } from "./blocks";
export {
  type BertActivation,
  type BertConfig,
  bertShapes,
  initBert,
  validateBertConfig,
} from "./config";
export type { Pooling } from "./folder";
export { type BertIds, type BertText, bertBatch, bertIds } from "./inputs";
export { disposeBert, type LoadedBert, loadBert } from "./load";
export { type BertOptions, bertHead, bertHidden, bertLogits, bertPooled } from "./model";
export { embedTexts, meanPool, normaliseRows } from "./sentences";
