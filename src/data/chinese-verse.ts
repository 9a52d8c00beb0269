// Tang poetry as one string: the Chinese text of the course. 23,000 poems in simplified characters,
// every second of the regular ones (lines of five or of seven characters) in the Complete Tang Poems
// of 1705, without titles and authors. datasets/chinese-verse/make.mjs makes the file from the npm
// package chinese-poetry and says what it leaves out.

import { courseFile } from "./recordedRun";
import { loadText } from "./text";

let cached: string | undefined;

/**
 * The poems, one on each line, such as "落日双阙昏，回舆九重暮。长烟散初碧，皎月澄轻素。…". Poems of one
 * author stand near each other, so the end of the text is by other authors than the beginning.
 *
 * @returns about 1.4 million characters of 7,098 kinds; the same string at every call
 * @throws if the file is missing from the course's folder
 */
export function chineseVerse(): string {
  cached ??= loadText([courseFile("chinese-verse")]);
  return cached;
}
