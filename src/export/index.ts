// A model for other programs: Hugging Face's folders, GGUF files, Ollama's Modelfile.
export {
  type ExportOptions,
  type ExportTarget,
  exportModel,
  exportTargets,
  GGUF_FILE,
} from "./exportModel";
export { goTemplate, modelfile } from "./modelfile";
export { exportPage, modelPage, PAGE_FILE, type PageModel, type PageOptions } from "./page";
