// What lesson 10 (data) measures: a book with planted dirt, and what dirt, duplicates and leaks cost
// a small GPT on one budget.
export {
  type Budget,
  bitsPerCharacter,
  commonTokenizer,
  disposeSmall,
  idsOf,
  type SmallGPT,
  trainSmall,
} from "./model";
export { type Dirt, type DirtShares, type Planted, passages, plantDirt } from "./plant";
export { type StemmingCosts, stemmingCosts } from "./stems";
