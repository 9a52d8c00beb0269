// Finding passages, and answering from them (lesson 25, retrieval): chunks, words and vectors, several
// lists fused, an index on disk, answers with citations that are checked.
export { cosineSimilarity } from "../embedding";
export {
  extractedAnswer,
  type GroundedAnswer,
  type GroundedOptions,
  groundedAnswer,
  groundedPrompt,
  UNKNOWN,
} from "./answer";
export { Bm25, type Bm25Options, type Hit } from "./bm25";
export {
  type Chunk,
  type ChunkOptions,
  chunkText,
  fixedChunks,
  sentenceChunks,
  sentenceSpans,
  structureChunks,
} from "./chunks";
export { type CheckedSentence, checkCitations } from "./citations";
export {
  debianFaq,
  faqMarkdown,
  notebookText,
  type RetrievalQuestion,
  retrievalDocuments,
  retrievalQuestions,
  rightChunks,
} from "./documents";
export { reciprocalRankFusion } from "./fusion";
export { Hnsw, type HnswOptions } from "./hnsw";
export { recallAtK, reciprocalRank } from "./metrics";
export { type OwnEmbedderOptions, ownEmbedder } from "./ownEmbedder";
export { type PdfOptions, type PdfText, pagesText, readPdf } from "./pdf";
export {
  type RecordedAnswer,
  type RecordedRetrieval,
  recordedRetrieval,
} from "./recorded";
export { rerankByLikelihood, rerankBySentences } from "./rerank";
export {
  type FoundChunk,
  SearchIndex,
  type SearchIndexOptions,
  type SearchMethod,
  type SearchOptions,
} from "./searchIndex";
export { searchTerms } from "./terms";
export { normalised, type VectorIndex, VectorStore } from "./vectors";
