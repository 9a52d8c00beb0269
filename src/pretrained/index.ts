// Models of others in this course's GPT, and ours in their programs: Hugging Face's folders, GGUF.
export { readConfig, writeConfig } from "./config";
export { type GgufWeights, type LoadedGguf, loadGguf, type OpenedGguf, openGguf } from "./gguf";
export { type LoadOptions, loadPretrained, type Pretrained } from "./load";
export { findModel, loadModel } from "./model";
export { type ModelType, modelTypeOf, modelTypes } from "./modelTypes";
export { type SaveOptions, savePretrained } from "./save";
export { type SaveGgufOptions, saveGguf } from "./saveGguf";
