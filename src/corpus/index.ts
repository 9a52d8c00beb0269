// A corpus, from files to shards of token ids: collect, normalise, filter, deduplicate, split, pack,
// step by step as async iterators, or all at once with `buildCorpus`. Also augmentation, leaks
// between test and training text, and stemming.

export {
  addTypos,
  type ChangeOptions,
  deleteWords,
  maskWords,
  replaceSynonyms,
  SYNONYMS,
  swapWords,
} from "./augment";
export { type BuildOptions, type BuildStanding, type BuiltCorpus, buildCorpus } from "./build";
export {
  type CollectOptions,
  collect,
  collectFile,
  corpusFiles,
  type Format,
  formatOf,
} from "./collect";
export {
  Deduplicator,
  type DeduplicatorOptions,
  type DuplicateMode,
  deduplicated,
  type Examined,
  type ExaminedDocument,
} from "./deduplicate";
export { DigestMap, digestOf } from "./digests";
export {
  type Document,
  type Documents,
  mapped,
  type OnDrop,
  type OnProblem,
  type Problem,
} from "./document";
export { decodeEntities } from "./entities";
export {
  basicRules,
  c4Page,
  filtered,
  firstRule,
  gopherQuality,
  gopherRepetition,
  inLanguages,
  type Rule,
  ruleSets,
} from "./filter";
export { type HtmlOptions, htmlToText } from "./html";
export { identifyLanguage, knownLanguages, type Language } from "./language";
export { SeenRuns } from "./leaks";
export { BANDS, type Bands, candidateProbability, LshIndex } from "./lsh";
export { markdownToText } from "./markdown";
export {
  estimatedJaccard,
  hashOf,
  jaccard,
  jaccardOfSorted,
  MinHasher,
  SHINGLE,
  shingleHashes,
  shingles,
} from "./minHash";
export {
  c4Lines,
  garble,
  type NormaliseOptions,
  normalise,
  repairMojibake,
  withoutGutenberg,
} from "./normalise";
export { type BuildReport, type BuildSettings, buildDefaults, type RuleSet } from "./progress";
export { type Repetition, repeatedLines, repetition } from "./repetition";
export { type CorpusIndex, readIndex, type Shard, ShardWriter, TokenShards } from "./shards";
export { Groups, type Side, sideOf } from "./split";
export { porterStem, stemText } from "./stem";
export { plainWords, spacedWords } from "./words";
