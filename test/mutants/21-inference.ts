/** Plausible wrong answers to lesson 21 (inference), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/21-inference";

const sameBeginning = (a: number[], b: number[]) => {
  let n = 0;
  while (n < Math.min(a.length, b.length) && a[n] === b[n]) n++;
  return n;
};
const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);
const residualOf = (p: number[], q: number[]) => {
  const missing = p.map((x, token) => Math.max(0, x - q[token]));
  return missing.map((x) => x / sum(missing));
};
const oneHot = (p: number[], guess: number) => p.map((_, token) => (token === guess ? 1 : 0));

export const mutants: Mutants<typeof import("../../solutions/21-inference")> = {
  kvBytes: [
    {
      name: "queries' heads are counted",
      told: /heads of queries/,
      answer: ({ nKvHead: _, ...model }, tokens, bytes) => right.kvBytes(model, tokens, bytes),
    },
    {
      name: "keys without values",
      told: /a key and a value/,
      answer: (...all) => right.kvBytes(...all) / 2,
    },
    {
      name: "the window is not used",
      told: /only the last `window` tokens/,
      answer: ({ window: _, ...model }, tokens, bytes) => right.kvBytes(model, tokens, bytes),
    },
    {
      name: "one layer",
      told: /Every layer/,
      answer: (model, ...rest) => right.kvBytes({ ...model, nLayer: 1 }, ...rest),
    },
  ],
  cacheRow: [
    {
      name: "the table is not asked",
      told: /as if it lay in one piece/,
      answer: (position, table, blockTokens) =>
        position < table.length * blockTokens ? position : -1,
    },
    {
      name: "block without the place in it",
      told: /first row of the block/,
      answer: (position, table, blockTokens) => {
        const block = table[Math.floor(position / blockTokens)] ?? -1;
        return block < 0 ? -1 : block * blockTokens;
      },
    },
    {
      name: "quotient and remainder changed",
      told: /remainder says the place/,
      answer: (position, table, blockTokens) => {
        const block = table[position % blockTokens] ?? -1;
        return block < 0 ? -1 : block * blockTokens + Math.floor(position / blockTokens);
      },
    },
    {
      name: "a block that was given back is read",
      told: /was given back/,
      answer: (position, table, blockTokens) => {
        const block = table[Math.floor(position / blockTokens)];
        return block === undefined ? -1 : block * blockTokens + (position % blockTokens);
      },
    },
  ],
  reusedTokens: [
    {
      name: "parts of blocks are found",
      told: /whole blocks/,
      answer: (ids, kept) =>
        Math.min(Math.max(0, ...kept.map((text) => sameBeginning(ids, text))), ids.length - 1),
    },
    {
      name: "the last token is not read",
      told: /last token/,
      answer: (ids, kept, blockTokens) =>
        Math.max(
          0,
          ...kept.map((text) => Math.floor(sameBeginning(ids, text) / blockTokens) * blockTokens),
        ),
    },
    {
      name: "blocks are compared without what comes before",
      told: /everything before/,
      answer: (ids, kept, blockTokens) => {
        const blocksOf = (text: number[]) =>
          Array.from({ length: Math.floor(text.length / blockTokens) }, (_, i) =>
            String(text.slice(i * blockTokens, (i + 1) * blockTokens)),
          );
        const known = new Set(kept.flatMap(blocksOf));
        const mine = blocksOf(ids);
        const first = mine.findIndex((block) => !known.has(block));
        const count = first < 0 ? mine.length : first;
        return Math.min(count * blockTokens, ids.length - 1);
      },
    },
    {
      name: "only the first kept text",
      told: /all kept texts/,
      answer: (ids, kept, blockTokens) => right.reusedTokens(ids, kept.slice(0, 1), blockTokens),
    },
  ],
  planStep: [
    {
      name: "every text gets the whole budget",
      told: /budget is for all/,
      answer: (texts, limits) => {
        let { free } = limits;
        return texts.map((text) => {
          const [count] = right.planStep([text], { ...limits, free });
          const blocks = (n: number) => Math.ceil(n / limits.blockTokens);
          free -= blocks(text.read + count) - blocks(text.read);
          return count;
        });
      },
    },
    {
      name: "every text has all free blocks",
      told: /no longer free/,
      answer: (texts, limits) => {
        let { budget } = limits;
        return texts.map((text) => {
          const [count] = right.planStep([text], { ...limits, budget });
          budget -= count;
          return count;
        });
      },
    },
    {
      name: "the rest of the last block is not used",
      told: /last block/,
      answer: (texts, { budget, free, blockTokens }) => {
        let [tokens, blocks] = [budget, free];
        return texts.map(({ unread }) => {
          const count = Math.min(unread, tokens, blocks * blockTokens);
          tokens -= count;
          blocks -= Math.ceil(count / blockTokens);
          return count;
        });
      },
    },
    {
      name: "prompts are not cut",
      told: /cut into pieces/,
      answer: (texts, limits) => {
        let { budget, free } = limits;
        return texts.map((text) => {
          const [count] = right.planStep([text], { ...limits, budget, free });
          if (count < text.unread) return 0;
          const blocks = (n: number) => Math.ceil(n / limits.blockTokens);
          budget -= count;
          free -= blocks(text.read + count) - blocks(text.read);
          return count;
        });
      },
    },
  ],
  mergeSoftmax: [
    {
      name: "nothing is rescaled",
      told: /relative to its own largest/,
      answer: (a, b) => ({
        largest: Math.max(a.largest, b.largest),
        sum: a.sum + b.sum,
        mixed: a.mixed.map((x, d) => x + b.mixed[d]),
      }),
    },
    {
      name: "the sum is not rescaled",
      told: /`sum` needs the same factor/,
      answer: (a, b) => ({ ...right.mergeSoftmax(a, b), sum: a.sum + b.sum }),
    },
    {
      name: "mixed is not rescaled",
      told: /`mixed` needs the same factor/,
      answer: (a, b) => ({
        ...right.mergeSoftmax(a, b),
        mixed: a.mixed.map((x, d) => x + b.mixed[d]),
      }),
    },
    {
      name: "the factor upside down",
      told: /upside down/,
      answer: (a, b) => {
        const largest = Math.max(a.largest, b.largest);
        const [ofA, ofB] = [a, b].map((x) =>
          x.largest === -Infinity ? 0 : Math.exp(largest - x.largest),
        );
        return {
          largest,
          sum: ofA * a.sum + ofB * b.sum,
          mixed: a.mixed.map((x, d) => ofA * x + ofB * b.mixed[d]),
        };
      },
    },
    {
      name: "NaN from two empty pieces",
      told: /NaN/,
      answer: (a, b) => {
        const largest = Math.max(a.largest, b.largest);
        const [ofA, ofB] = [a, b].map((x) => Math.exp(x.largest - largest));
        return {
          largest,
          sum: ofA * a.sum + ofB * b.sum,
          mixed: a.mixed.map((x, d) => ofA * x + ofB * b.mixed[d]),
        };
      },
    },
  ],
  afterGuess: [
    {
      name: "the model's distribution in place of the residual",
      told: /comes too often/,
      answer: (p, q, guess, u) =>
        u * q[guess] < p[guess] ? oneHot(p, guess) : p.map((x) => x / sum(p)),
    },
    {
      name: "the guess always stays",
      told: /always stays/,
      answer: (p, _q, guess) => oneHot(p, guess),
    },
    {
      name: "the quotient upside down",
      told: /p \/ q, not q \/ p/,
      answer: (p, q, guess, u) => (u * p[guess] < q[guess] ? oneHot(p, guess) : residualOf(p, q)),
    },
    {
      name: "the model's probability alone decides",
      told: /divided by q/,
      answer: (p, q, guess, u) => (u < p[guess] ? oneHot(p, guess) : residualOf(p, q)),
    },
    {
      name: "the residual is not divided",
      told: /adds up to 1/,
      answer: (p, q, guess, u) =>
        u * q[guess] < p[guess] ? oneHot(p, guess) : p.map((x, token) => Math.max(0, x - q[token])),
    },
  ],
};
