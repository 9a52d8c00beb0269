// Words as vectors (lesson 05, embeddings): from one-hot and counts of neighbours (PPMI and its SVD)
// to vectors that are trained (skip-gram, GloVe), with what is asked of them: neighbours, analogies,
// maps, and triples of words by which they are judged.
export { AliasTable } from "./alias";
export { coOccurrence, type WindowOptions } from "./coOccurrence";
export { type Corpus, readCorpus, shuffledCorpus, splitWords } from "./corpus";
export { type GloveOptions, glove, gloveWeight } from "./glove";
export {
  frequencySimilarity,
  type Judged,
  judgeTriples,
  pairSimilarity,
  wilsonInterval,
} from "./judge";
export { type Pca, pca } from "./pca";
export { ppmi } from "./ppmi";
export { type RecordedEmbeddings, recordedEmbeddings } from "./recorded";
export {
  keepProbability,
  type NegativeSampling,
  negativeSampling,
  type SkipGramOptions,
  skipGram,
  type TrainingReport,
  trained,
} from "./skipGram";
export { columnSums, entryOf, rowSums, type SparseMatrix } from "./sparse";
export { type PpmiSvdOptions, ppmiSvd } from "./spectral";
export { type Eigen, type Svd, symmetricEigen, truncatedSvd } from "./svd";
export { chineseTriples, englishTriples, type Triple } from "./triples";
export * from "./vectors";
