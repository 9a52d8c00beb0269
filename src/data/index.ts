// Texts and batches: from a book or a file to the tensors of one training step.
export type { Batch, GetBatch, TextBatchesOptions, TokenSource } from "./batches";
export { getBatch, inTurn, TextBatches } from "./batches";
export { chineseVerse } from "./chinese-verse";
export { mobyDick } from "./moby-dick";
export type { Points } from "./moons";
export { twoMoons } from "./moons";
export { drawnInPasses, orderOfPass } from "./passes";
export { courseFile, recordedKind, recordedLines, recordedRun } from "./recordedRun";
export { padRows } from "./rows";
export type { Split } from "./text";
export { datasetPath, documentsOf, loadText, splitText } from "./text";
