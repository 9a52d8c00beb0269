// A GPT on plain memory, for inference: what an engine needs of a model, and the model itself.
export type { PagedModel, Piece } from "./model";
