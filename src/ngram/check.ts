// What all counting models ask of the token ids they get.
import { checkIdValues } from "../engine/ids";

/** @throws if there are fewer than `least` ids, or one is not from 0 to vocabSize − 1 */
export function checkTokens(
  ids: ArrayLike<number>,
  vocabSize: number,
  least: number,
  caller: string,
  name: string,
): void {
  if (!Number.isInteger(vocabSize) || vocabSize < 1) {
    throw new Error(`${caller}: expected a vocabSize of 1 or more, got ${vocabSize}`);
  }
  if (ids.length < least) {
    throw new Error(
      `${caller}: expected at least ${least} token ids in ${name}, got ${ids.length}`,
    );
  }
  checkIdValues(ids, vocabSize, caller, name);
}
