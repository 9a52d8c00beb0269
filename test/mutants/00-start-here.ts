/** Plausible wrong answers to lesson 00 (start here), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";

type Swaps = ReadonlyMap<string, string>;

export const mutants: Mutants<typeof import("../../solutions/00-start-here")> = {
  countParameters: [
    {
      name: "only the first two tensors are counted",
      answer: (shapes: number[][]) =>
        shapes.slice(0, 2).reduce((n, s) => n + s.reduce((a, b) => a * b, 1), 0),
    },
    {
      name: "adds the sizes of a shape",
      told: /sizes within one shape multiply/,
      answer: (shapes: number[][]) => shapes.flat().reduce((a, b) => a + b, 0),
    },
    {
      name: "counts the tensors",
      told: /That is the number of tensors/,
      answer: (shapes: number[][]) => shapes.length,
    },
    {
      name: "multiplies everything",
      told: /different tensors add up/,
      answer: (shapes: number[][]) => shapes.flat().reduce((a, b) => a * b, 1),
    },
    {
      name: "forgets the biases",
      told: /tensors with one axis/,
      answer: (shapes: number[][]) =>
        shapes.filter((s) => s.length !== 1).reduce((n, s) => n + s.reduce((a, b) => a * b, 1), 0),
    },
    {
      name: "a scalar holds nothing",
      told: /A scalar has shape \[\]/,
      answer: (shapes: number[][]) =>
        shapes.reduce((n, s) => n + (s.length === 0 ? 0 : s.reduce((a, b) => a * b, 1)), 0),
    },
    {
      name: "empties the shapes it was given",
      told: /changed `shapes\[0\]`.*pop, shift and splice/,
      answer: (shapes: number[][]) => {
        let total = 0;
        for (const shape of shapes) {
          let size = 1;
          while (shape.length > 0) size *= shape.pop() as number;
          total += size;
        }
        return total;
      },
    },
    {
      name: "counts in 32 bits",
      told: /32 bits/,
      answer: (shapes: number[][]) =>
        shapes.reduce((n, s) => (n + s.reduce((a, b) => (a * b) | 0, 1)) | 0, 0),
    },
  ],
  reflect: [
    {
      name: "digits are taken for parts of a word, but a word is letters and apostrophes only",
      answer: (text: string, swaps: Swaps) =>
        text.replace(/[\p{L}\p{M}\p{N}_']+/gu, (word) => swaps.get(word.toLowerCase()) ?? word),
    },
    {
      name: "\\b and \\w are used, which know the letters a to z only",
      answer: (text: string, swaps: Swaps) =>
        text.replace(/\b[\w']+\b/g, (word) => swaps.get(word.toLowerCase()) ?? word),
    },
    {
      name: "apostrophes are cut off the ends of a word before it is looked up",
      answer: (text: string, swaps: Swaps) =>
        text.replace(/[\p{L}\p{M}']+/gu, (word) => {
          const [, open, inner, close] = /^('*)(.*?)('*)$/.exec(word) ?? ["", "", word, ""];
          const found = swaps.get(inner.toLowerCase());
          return found === undefined ? word : `${open}${found}${close}`;
        }),
    },
    {
      name: "only the first word is swapped, because the flag g is missing",
      told: /flag g/,
      answer: (text: string, swaps: Swaps) => {
        const word = /[\p{L}\p{M}']+/u.exec(text)?.[0] ?? "";
        return text.replace(word, () => swaps.get(word.toLowerCase()) ?? word);
      },
    },
    {
      name: "says it back unchanged",
      told: /stayed as it was/,
      answer: (text: string) => text,
    },
    {
      name: "keeps the capital",
      told: /without a capital/,
      answer: (text: string, swaps: Swaps) =>
        text.replace(/[a-z']+/gi, (w) => {
          const to = swaps.get(w.toLowerCase());
          if (to === undefined) return w;
          return /^[A-Z]/.test(w) ? to[0].toUpperCase() + to.slice(1) : to;
        }),
    },
    {
      name: "looks words up in an object",
      told: /every object has a property of that name/,
      answer: (text: string, swaps: Swaps) => {
        const table = Object.fromEntries(swaps);
        return text.replace(/[a-z']+/gi, (w) => table[w.toLowerCase()] ?? w);
      },
    },
    {
      name: "swaps one word after the other",
      told: /changed back/,
      answer: (text: string, swaps: Swaps) =>
        [...swaps].reduce(
          (t, [from, to]) => t.replace(new RegExp(`\\b${from}\\b`, "gi"), to),
          text,
        ),
    },
    {
      name: "swaps inside words",
      told: /whole words/,
      answer: (text: string, swaps: Swaps) =>
        text.replace(
          new RegExp([...swaps.keys()].join("|"), "gi"),
          (w) => swaps.get(w.toLowerCase()) ?? w,
        ),
    },
    {
      name: "only the first word",
      told: /every word/,
      answer: (text: string, swaps: Swaps) => {
        const found = text.match(/[a-z']+/gi)?.find((w) => swaps.has(w.toLowerCase()));
        return found ? text.replace(found, swaps.get(found.toLowerCase())!) : text;
      },
    },
    {
      name: "capitals are not found",
      told: /lower case/,
      answer: (text: string, swaps: Swaps) => text.replace(/[a-z']+/gi, (w) => swaps.get(w) ?? w),
    },
    {
      name: "splits at spaces only",
      told: /comma or a full stop/,
      answer: (text: string, swaps: Swaps) =>
        text
          .split(" ")
          .map((w) => swaps.get(w.toLowerCase()) ?? w)
          .join(" "),
    },
    {
      name: "the apostrophe ends a word",
      told: /apostrophe/,
      answer: (text: string, swaps: Swaps) =>
        text.replace(/\b[a-z]+\b/gi, (w) => swaps.get(w.toLowerCase()) ?? w),
    },
    {
      name: "answers in lower case",
      told: /stay as they were/,
      answer: (text: string, swaps: Swaps) =>
        text.toLowerCase().replace(/[a-z']+/g, (w) => swaps.get(w) ?? w),
    },
  ],
  mostLikelyNext: [
    {
      name: "the first column is cut off, and the place is counted without it",
      told: /is a column left out/,
      answer: (counts: number[][], current: number) => {
        const row = counts[current].slice(1);
        return row.indexOf(Math.max(...row));
      },
    },
    {
      name: "compares numbers as texts",
      told: /as texts/,
      answer: (counts: number[][], current: number) =>
        counts[current].indexOf([...counts[current]].sort().reverse()[0]),
    },
    {
      name: "never repeats a token",
      told: /may follow itself/,
      answer: (counts: number[][], current: number) => {
        const others = counts[current].map((n, j) => (j === current ? -1 : n));
        return others.indexOf(Math.max(...others));
      },
    },
    {
      name: "leaves tensors behind",
      told: /tidy/,
      answer: (counts: number[][], current: number) => {
        const least = Math.min(...counts[current]); // so that float32 holds the differences
        return tf
          .tensor1d(counts[current].map((n) => n - least))
          .argMax()
          .dataSync()[0];
      },
    },
    {
      name: "looks down the column",
      told: /column/,
      answer: (counts: number[][], current: number) => {
        const column = counts.map((row) => row[current]);
        return column.indexOf(Math.max(...column));
      },
    },
    {
      name: "returns the count",
      told: /the count itself/,
      answer: (counts: number[][], current: number) => Math.max(...counts[current]),
    },
    {
      name: "the last of equals",
      told: /tie/,
      answer: (counts: number[][], current: number) =>
        counts[current].lastIndexOf(Math.max(...counts[current])),
    },
    {
      name: "ignores where it stands",
      told: /another row looked at/,
      answer: (counts: number[][]) => {
        const total = counts[0].map((_, j) => counts.reduce((sum, row) => sum + row[j], 0));
        return total.indexOf(Math.max(...total));
      },
    },
    {
      name: "sorts the caller's table",
      told: /changed `counts\[\d\]`.*sort\(\) and reverse\(\)/,
      answer: (counts: number[][], current: number) => {
        const place = counts[current].indexOf(Math.max(...counts[current]));
        counts[current].sort((a, b) => b - a);
        return place;
      },
    },
  ],
  toProbabilities: [
    {
      name: "returns the counts",
      told: /returned `counts` itself/,
      answer: (counts: tf.Tensor2D) => counts,
    },
    {
      name: "adds 1 to the sum only once",
      told: /number of columns/,
      answer: (counts: tf.Tensor2D) =>
        tf.tidy(() => counts.add(1).div(counts.sum(1, true).add(1)) as tf.Tensor2D),
    },
    {
      name: "takes the number of rows for that of columns",
      told: /need not be square/,
      answer: (counts: tf.Tensor2D) =>
        tf.tidy(() => counts.add(1).div(counts.sum(1, true).add(counts.shape[0])) as tf.Tensor2D),
    },
    {
      name: "adds hardly anything",
      told: /far less than 1/,
      answer: (counts: tf.Tensor2D) =>
        tf.tidy(() => counts.add(1e-8).div(counts.add(1e-8).sum(1, true)) as tf.Tensor2D),
    },
    {
      name: "sums down the columns",
      told: /axis 0/,
      answer: (counts: tf.Tensor2D) =>
        tf.tidy(() => counts.add(1).div(counts.add(1).sum(0, true)) as tf.Tensor2D),
    },
    {
      name: "loses the summed axis",
      told: /keepDims|keep the axis/,
      answer: (counts: tf.Tensor2D) =>
        tf.tidy(() => counts.add(1).div(counts.add(1).sum(1)) as tf.Tensor2D),
    },
    {
      name: "does not add one",
      told: /Nothing was added/,
      answer: (counts: tf.Tensor2D) =>
        tf.tidy(() => counts.div(counts.sum(1, true)) as tf.Tensor2D),
    },
    {
      name: "divides by the old sums",
      told: /after adding 1/,
      answer: (counts: tf.Tensor2D) =>
        tf.tidy(() => counts.add(1).div(counts.sum(1, true).maximum(1)) as tf.Tensor2D),
    },
    {
      name: "divides by the sum of the whole table",
      told: /whole table/,
      answer: (counts: tf.Tensor2D) =>
        tf.tidy(() => counts.add(1).div(counts.add(1).sum()) as tf.Tensor2D),
    },
    {
      name: "a softmax",
      told: /softmax/,
      answer: (counts: tf.Tensor2D) => tf.tidy(() => tf.softmax(counts.toFloat()) as tf.Tensor2D),
    },
    {
      name: "leaves its intermediate tensors behind",
      told: /tidy/,
      answer: (counts: tf.Tensor2D) => {
        const smoothed = counts.add(1);
        return smoothed.div(smoothed.sum(1, true)) as tf.Tensor2D;
      },
    },
  ],
};
