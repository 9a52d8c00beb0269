// Plausible wrong answers of lesson 04 (tokenization), each with the sentence it must be told.

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/04-tokenization";

type Words = ReadonlyMap<string, number>;
const bytes = (word: string) => [...new TextEncoder().encode(word)];

/** Counts with one thing changed. */
function counting(change: {
  add?: (count: number) => number;
  key?: (left: number, right: number) => string;
  places?: (ids: number[]) => number;
  step?: (ids: number[], i: number) => number;
}) {
  const { add = (count) => count, key = (l, r) => `${l},${r}` } = change;
  const { places = (ids) => ids.length - 1, step = () => 1 } = change;
  return (words: number[][], counts: number[]): Map<string, number> => {
    const pairs = new Map<string, number>();
    words.forEach((ids, w) => {
      for (let i = 0; i < places(ids); i += step(ids, i)) {
        const name = key(ids[i], ids[i + 1]);
        pairs.set(name, (pairs.get(name) ?? 0) + add(counts[w]));
      }
    });
    return pairs;
  };
}

/** Trains with another choice, other tokens to begin with, or without counting again. */
function training(change: {
  better?: (a: number[], b: number[]) => boolean;
  begin?: (word: string) => number[];
  count?: typeof right.pairCounts;
  once?: boolean;
  least?: number;
}) {
  const { begin = bytes, count = right.pairCounts, once = false, least = 1 } = change;
  const {
    better = (a, b) =>
      a[2] > b[2] || (a[2] === b[2] && (a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]))),
  } = change;
  return (words: Words, merges: number): [number, number][] => {
    let tokens = [...words.keys()].map(begin);
    const counts = [...words.values()];
    const learned: [number, number][] = [];
    let pairs = count(tokens, counts);
    while (learned.length < merges) {
      if (!once) pairs = count(tokens, counts);
      let best: number[] | undefined;
      for (const [key, n] of pairs) {
        const pair = [...key.split(",").map(Number), n];
        if (best === undefined || better(pair, best)) best = pair;
      }
      if (best === undefined || best[2] < least) break;
      const [left, r] = best;
      if (once) pairs.delete(`${left},${r}`);
      const id = 256 + learned.length;
      tokens = tokens.map((ids) => right.mergePair(ids, left, r, id));
      learned.push([left, r]);
    }
    return learned;
  };
}

type Merges = [number, number][];

/** Cuts a word greedily, with one thing changed. */
function pieces(change: {
  inside?: string;
  first?: string;
  ends?: (start: number, n: number) => number[];
  stuck?: (found: string[]) => string[];
}) {
  const { inside = "##", first = "", stuck = () => ["[UNK]"] } = change;
  const { ends = (start, n) => Array.from({ length: n - start }, (_, i) => n - i) } = change;
  return (word: string, vocabulary: Words): string[] => {
    const characters = [...word];
    const found: string[] = [];
    for (let start = 0; start < characters.length; ) {
      const prefix = start === 0 ? first : inside;
      const named = (end: number) => prefix + characters.slice(start, end).join("");
      const end = ends(start, characters.length).find((e) => vocabulary.has(named(e)));
      if (end === undefined) return stuck(found);
      found.push(named(end));
      start = end;
    }
    return found;
  };
}

/** All cuts into pieces with a score. */
function cuts(characters: string[], scores: Words): string[][] {
  if (characters.length === 0) return [[]];
  return characters.flatMap((_, i) => {
    const piece = characters.slice(0, i + 1).join("");
    if (!scores.has(piece)) return [];
    return cuts(characters.slice(i + 1), scores).map((rest) => [piece, ...rest]);
  });
}
const bestBy =
  (value: (cut: string[], scores: Words) => number) => (word: string, scores: Words) => {
    if (word.length > 14) return right.viterbi(word, scores);
    const all = cuts([...word], scores);
    return all.reduce((a, b) => (value(b, scores) > value(a, scores) ? b : a));
  };
const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);

export const mutants: Mutants<typeof import("../../solutions/04-tokenization")> = {
  pairCounts: [
    {
      name: "counts each word once",
      told: /worth as much as the word occurs/,
      answer: counting({ add: () => 1 }),
    },
    {
      name: "pairs reach into the next word",
      told: /reaches from one word into the next/,
      answer: (words: number[][], counts: number[]) => {
        const pairs = right.pairCounts(words, counts);
        for (let w = 0; w + 1 < words.length; w++) {
          if (words[w].length === 0 || words[w + 1].length === 0) continue;
          const key = `${words[w].at(-1)},${words[w + 1][0]}`;
          pairs.set(key, (pairs.get(key) ?? 0) + counts[w + 1]);
        }
        return pairs;
      },
    },
    {
      name: "a pair has no order",
      told: /A pair has an order/,
      answer: counting({ key: (l, r) => `${Math.min(l, r)},${Math.max(l, r)}` }),
    },
    {
      name: "forgets the last pair",
      told: /a word of n tokens has n − 1 pairs/,
      answer: counting({ places: (ids) => ids.length - 2 }),
    },
    {
      name: "equal neighbours do not overlap",
      told: /both count/,
      answer: counting({
        step: (ids, i) => (ids[i] === ids[i + 1] && ids[i] === ids[i + 2] ? 2 : 1),
      }),
    },
  ],
  mergePair: [
    {
      name: "a token is joined twice",
      told: /is used up/,
      answer: (ids: number[], left: number, r: number, id: number) => {
        const joined: number[] = [];
        for (let i = 0; i < ids.length; i++) {
          if (ids[i] === left && ids[i + 1] === r) joined.push(id);
          else if (!(i > 0 && ids[i - 1] === left && ids[i] === r)) joined.push(ids[i]);
        }
        return joined;
      },
    },
    {
      name: "joins the first pair only",
      told: /Only the first pair/,
      answer: (ids: number[], left: number, r: number, id: number) => {
        const at = ids.findIndex((x, i) => x === left && ids[i + 1] === r);
        return at < 0 ? [...ids] : [...ids.slice(0, at), id, ...ids.slice(at + 2)];
      },
    },
    {
      name: "joins from the right",
      told: /from left to right/,
      answer: (ids: number[], left: number, r: number, id: number) =>
        right.mergePair([...ids].reverse(), r, left, id).reverse(),
    },
    {
      name: "keeps the right token",
      told: /right token of the pair is still there/,
      answer: (ids: number[], left: number, r: number, id: number) =>
        ids.map((x, i) => (x === left && ids[i + 1] === r ? id : x)),
    },
    {
      name: "looks at the left token alone",
      told: /compare the right token as well/,
      answer: (ids: number[], left: number, _r: number, id: number) => {
        const joined: number[] = [];
        for (let i = 0; i < ids.length; i++) {
          if (ids[i] === left && i + 1 < ids.length) {
            joined.push(id);
            i++;
          } else joined.push(ids[i]);
        }
        return joined;
      },
    },
    {
      name: "replaces in the text",
      told: /compare the tokens as numbers/,
      answer: (ids: number[], left: number, r: number, id: number) =>
        ids.length === 0
          ? []
          : ids.join(",").replaceAll(`${left},${r}`, `${id}`).split(",").map(Number),
    },
    {
      name: "changes the array it was given",
      told: /changed `ids`/,
      answer: (ids: number[], left: number, r: number, id: number) => {
        for (let i = 0; i + 1 < ids.length; i++)
          if (ids[i] === left && ids[i + 1] === r) ids.splice(i, 2, id);
        return [...ids];
      },
    },
  ],
  trainBpe: [
    {
      name: "counts pairs once, at the beginning",
      told: /counted again/,
      answer: training({ once: true }),
    },
    {
      name: "counts each word once",
      told: /counts as often as it occurs|counted as often as it occurs/,
      answer: training({ count: (words, counts) => right.pairCounts(words, counts.map(() => 1)) }), // biome-ignore format: one line
    },
    {
      name: "ties go to the pair found first",
      told: /The smaller pair wins/,
      answer: training({ better: (a, b) => a[2] > b[2] }),
    },
    {
      name: "ties compared as text",
      told: /compare tokens as numbers/,
      answer: training({
        better: (a, b) => a[2] > b[2] || (a[2] === b[2] && `${a[0]},${a[1]}` < `${b[0]},${b[1]}`),
      }),
    },
    {
      name: "begins with characters instead of bytes",
      told: /one character but three bytes/,
      answer: training({ begin: (word) => [...word].map((c) => c.codePointAt(0) as number) }),
    },
    {
      name: "stops at pairs that occur once",
      answer: training({ least: 2 }),
    },
  ],
  encodeBpe: [
    {
      name: "joins from left to right, whatever was learned first",
      told: /the order in which they were learned/,
      answer: (word: string, merges: Merges) => {
        let ids = bytes(word);
        for (let i = 0; i + 1 < ids.length; ) {
          const at = merges.findIndex(([l, r]) => l === ids[i] && r === ids[i + 1]);
          if (at < 0) i++;
          else {
            ids = [...ids.slice(0, i), 256 + at, ...ids.slice(i + 2)];
            i = Math.max(0, i - 1);
          }
        }
        return ids;
      },
    },
    {
      name: "the merge learned last goes first",
      told: /the order in which they were learned/,
      answer: (word: string, merges: Merges) => {
        let ids = bytes(word);
        for (let i = merges.length - 1; i >= 0; i--)
          ids = right.mergePair(ids, merges[i][0], merges[i][1], 256 + i);
        return ids;
      },
    },
    {
      name: "new ids begin at 0",
      told: /ids up to 255 are bytes/,
      answer: (word: string, merges: Merges) =>
        right.encodeBpe(word, merges).map((id) => (id >= 256 ? id - 256 : id)),
    },
    {
      name: "begins with characters instead of bytes",
      told: /Tokens begin as bytes/,
      answer: (word: string, merges: Merges) =>
        merges.reduce(
          (ids, [l, r], i) => right.mergePair(ids, l, r, 256 + i),
          [...word].map((c) => c.codePointAt(0) as number),
        ),
    },
    {
      name: "joins each pair at one place only",
      told: /wherever it stands/,
      answer: (word: string, merges: Merges) => {
        let ids = bytes(word);
        merges.forEach(([l, r], i) => {
          const at = ids.findIndex((x, k) => x === l && ids[k + 1] === r);
          if (at >= 0) ids = [...ids.slice(0, at), 256 + i, ...ids.slice(at + 2)];
        });
        return ids;
      },
    },
  ],
  wordPiece: [
    {
      name: "no ## inside the word",
      told: /lack their ##/,
      answer: pieces({ inside: "" }),
    },
    {
      name: "shortest piece first",
      told: /The shortest piece was taken/,
      answer: pieces({
        ends: (start, n) => Array.from({ length: n - start }, (_, i) => start + 1 + i),
      }),
    },
    {
      name: "[UNK] for the rest only",
      told: /\[UNK\] stands for the whole word/,
      answer: pieces({ stuck: (found) => [...found, "[UNK]"] }),
    },
    {
      name: "drops the rest",
      told: /The c is lost/,
      answer: pieces({ stuck: (found) => found }),
    },
    {
      name: "takes a piece without ## inside the word",
      told: /only pieces with ## count/,
      answer: (word: string, vocabulary: Words) => {
        const bare = [...vocabulary.keys()].filter((piece) => !piece.startsWith("##"));
        return pieces({})(
          word,
          new Map([...vocabulary, ...bare.map((p) => [`##${p}`, 0] as const)]),
        );
      },
    },
    {
      name: "goes back where it is stuck",
      told: /does not go back/,
      answer: (word: string, vocabulary: Words) => {
        const characters = [...word];
        const from = (start: number): string[] | undefined => {
          if (start === characters.length) return [];
          for (let end = characters.length; end > start; end--) {
            const piece = (start === 0 ? "" : "##") + characters.slice(start, end).join("");
            const rest = vocabulary.has(piece) ? from(end) : undefined;
            if (rest !== undefined) return [piece, ...rest];
          }
          return undefined;
        };
        return from(0) ?? ["[UNK]"];
      },
    },
  ],
  viterbi: [
    {
      name: "longest piece first",
      told: /The longest piece was taken first/,
      answer: (word: string, scores: Words) => {
        const characters = [...word];
        const found: string[] = [];
        for (let start = 0; start < characters.length; ) {
          let end = characters.length;
          while (!scores.has(characters.slice(start, end).join(""))) end--;
          found.push(characters.slice(start, end).join(""));
          start = end;
        }
        return found;
      },
    },
    {
      name: "fewest pieces",
      told: /count scores, not pieces/,
      answer: bestBy((cut, scores) => -1e6 * cut.length + sum(cut.map((p) => scores.get(p) ?? 0))),
    },
    {
      name: "pieces from right to left",
      told: /finds the last piece first/,
      answer: (word: string, scores: Words) => right.viterbi(word, scores).reverse(),
    },
    {
      name: "the smallest sum",
      told: /nearest to 0/,
      answer: bestBy((cut, scores) => -sum(cut.map((p) => scores.get(p) ?? 0))),
    },
    {
      name: "probabilities added",
      told: /Are the scores added as they are/,
      answer: bestBy((cut, scores) => sum(cut.map((p) => Math.exp(scores.get(p) ?? 0)))),
    },
    {
      name: "always from the place before",
      told: /is the best of all s kept/,
      answer: (word: string) => [...word],
    },
  ],
};
