// Who has passages in common that others have not. Ignored: what stands in the stubs, and what more
// than a tenth of the learners has in the same exercise: a short task has one natural answer.
// What is left in both, in one exercise, is compared as a share of the smaller of the two, so that
// adding lines changes nothing. Under `SHORT` words nothing is said.
import { fingerprints } from "./winnow.mjs";

/** An answer of fewer words is the same in many heads. */
const SHORT = 25;
/** A pair is shown from here on: the share of what is compared, and how many runs of words. */
export const FLAG = { share: 0.6, runs: 15 };

const intersect = (a, b) => [...a.keys()].filter((key) => b.has(key));

/**
 * @param people `[{ name, words: { [exercise]: [{ word, line }] }, group }]`; `group` is "class",
 *   "earlier" or "reference"
 * @param stub the words of the stubs, by exercise
 * @returns pairs with at least one of the class, the most alike first: `{ a, b, share, runs,
 *   exercises: [{ name, share, runs, common }], flagged }`
 */
export function comparePeople(people, stub) {
  const exercises = [...new Set(people.flatMap(({ words }) => Object.keys(words)))];
  const prints = new Map(people.map((person) => [person, {}]));
  for (const name of exercises) {
    const written = people.filter(({ words }) => (words[name]?.length ?? 0) >= SHORT);
    const all = new Map(written.map((person) => [person, fingerprints(person.words[name])]));
    const learners = [...all].filter(([{ group }]) => group !== "reference");
    const usual = usualIn(learners.map(([, kept]) => kept));
    for (const key of fingerprints(stub[name] ?? []).keys()) usual.add(key);
    for (const [person, kept] of all)
      prints.get(person)[name] = new Map([...kept].filter(([key]) => !usual.has(key)));
  }
  const pairs = [];
  for (const [i, a] of people.entries())
    for (const b of people.slice(i + 1))
      if (a.group === "class" || b.group === "class")
        pairs.push(comparePair(a, b, prints.get(a), prints.get(b)));
  return pairs.filter(({ runs }) => runs > 0).sort((x, y) => y.share - x.share || y.runs - x.runs);
}

/** What more than a tenth of them has, and more than three. */
function usualIn(all) {
  const counts = new Map();
  for (const kept of all)
    for (const key of kept.keys()) counts.set(key, (counts.get(key) ?? 0) + 1);
  const most = Math.max(3, 0.1 * all.length);
  return new Set([...counts].filter(([, count]) => count > most).map(([key]) => key));
}

function comparePair(a, b, ofA, ofB) {
  const exercises = Object.keys(ofA)
    .filter((name) => ofB[name])
    .map((name) => {
      const common = intersect(ofA[name], ofB[name]);
      const least = Math.min(ofA[name].size, ofB[name].size);
      const lines = common.map((key) => ({ a: ofA[name].get(key), b: ofB[name].get(key) }));
      return { name, runs: common.length, least, share: least ? common.length / least : 0, lines };
    });
  const sum = (key) => exercises.reduce((total, exercise) => total + exercise[key], 0);
  const [runs, least] = [sum("runs"), sum("least")];
  // Half of an answer may be copied: the exercises that are alike count by themselves.
  const alike = exercises.filter(({ share }) => share >= FLAG.share);
  const evidence = alike.reduce((total, exercise) => total + exercise.runs, 0);
  const share = least ? runs / least : 0;
  // The reference is often the natural answer, and two of its functions prove nothing.
  const isReference = [a, b].some(({ group }) => group === "reference");
  const flagged = evidence >= FLAG.runs && (!isReference || share >= FLAG.share);
  return { a, b, share, runs, exercises, flagged };
}
