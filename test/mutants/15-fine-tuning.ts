/** Plausible wrong answers to lesson 15 (fine-tuning), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/15-fine-tuning";

/** A mask from a rule. */
const maskOf = (
  lengths: number[],
  T: number,
  sees: (i: number, j: number, n: number) => boolean,
): tf.Tensor4D =>
  tf.tensor4d(
    lengths.map((n) => [
      Array.from({ length: T }, (_, i) =>
        Array.from({ length: T }, (_, j) => (sees(i, j, n) ? 1 : 0)),
      ),
    ]),
  );

const layerOf = (name: string) => /\.layers\.(\d+)\./.exec(name)?.[1];

/** F1 of two lists of names. */
const f1Of = (there: string[], found: string[]) => {
  const same = found.filter((name) => there.includes(name)).length;
  return same === 0 ? 0 : (2 * same) / (there.length + found.length);
};

/** Names of tags: `joins` says whether a tag goes on with the name before it. */
const namesOf = (
  tags: string[],
  joins: (tag: string, kind: string) => boolean,
  key = (kind: string, from: number, to: number) => `${kind} ${from} ${to}`,
) => {
  const spans: { kind: string; from: number; to: number }[] = [];
  tags.forEach((tag, i) => {
    const last = spans[spans.length - 1];
    if (tag === "O") return;
    if (last?.to === i && joins(tag, last.kind)) last.to = i + 1;
    else spans.push({ kind: tag.slice(2), from: i, to: i + 1 });
  });
  return spans.map(({ kind, from, to }) => key(kind, from, to));
};

export const mutants: Mutants<typeof import("../../solutions/15-fine-tuning")> = {
  lastHidden: [
    {
      name: "the mean of the text",
      told: /mean over the text's tokens/,
      answer: (hidden, lengths) =>
        tf.tidy(() => {
          const rows = lengths.map((n, b) =>
            tf.mean(tf.slice(hidden, [b, 0, 0], [1, n, hidden.shape[2]]), 1),
          );
          return tf.concat(rows, 0) as tf.Tensor2D;
        }),
    },
    {
      name: "filled up on the left",
      told: /filled up on the left/,
      answer: (hidden, lengths) =>
        right.lastHidden(
          hidden,
          lengths.map((n) => hidden.shape[1] - n + 1),
        ),
    },
    {
      name: "the end of the row",
      told: /end of the row/,
      answer: (hidden, lengths) =>
        right.lastHidden(
          hidden,
          lengths.map(() => hidden.shape[1]),
        ),
    },
    {
      name: "one place too far",
      told: /n − 1, not n/,
      answer: (hidden, lengths) =>
        right.lastHidden(
          hidden,
          lengths.map((n) => Math.min(n + 1, hidden.shape[1])),
        ),
    },
    {
      name: "the first token",
      told: /first token/,
      answer: (hidden, lengths) =>
        right.lastHidden(
          hidden,
          lengths.map(() => 1),
        ),
    },
    {
      name: "the mean of the row",
      told: /mean over the row/,
      answer: (hidden) => tf.mean(hidden, 1),
    },
    {
      name: "the longest text's place for all",
      told: /same place of every row/,
      answer: (hidden, lengths) =>
        right.lastHidden(
          hidden,
          lengths.map(() => Math.max(...lengths)),
        ),
    },
  ],
  rowMask: [
    {
      name: "bool",
      told: /dtype bool, expected float32/,
      answer: (lengths, T, causal) => tf.cast(right.rowMask(lengths, T, causal), "bool"),
    },
    {
      name: "0 and −1e9",
      told: /to be added to scores/,
      answer: (lengths, T, causal) =>
        tf.mul(tf.sub(1, right.rowMask(lengths, T, causal)), -1e9) as tf.Tensor4D,
    },
    {
      name: "the filling not hidden under a causal mask",
      told: /not hidden from its own places/,
      answer: (lengths, T, causal) => maskOf(lengths, T, (i, j, n) => (causal ? j <= i : j < n)),
    },
    {
      name: "the filling not hidden",
      told: /filling is not hidden: without/,
      answer: (lengths, T, causal) => maskOf(lengths, T, (i, j) => !causal || j <= i),
    },
    {
      name: "or in place of and",
      told: /and, not or/,
      answer: (lengths, T, causal) => maskOf(lengths, T, (i, j, n) => j < n || (causal && j <= i)),
    },
    {
      name: "never causal",
      told: /later places are hidden/,
      answer: (lengths, T) => right.rowMask(lengths, T, false),
    },
    {
      name: "causal the wrong way round",
      told: /wrong way round/,
      answer: (lengths, T, causal) => right.rowMask(lengths, T, !causal),
    },
    {
      name: "filled up on the left",
      told: /filled up on the right/,
      answer: (lengths, T, causal) =>
        maskOf(lengths, T, (i, j, n) => j >= T - n && (!causal || j <= i)),
    },
    {
      name: "filling sees itself alone",
      told: /sees only itself/,
      answer: (lengths, T, causal) =>
        maskOf(lengths, T, (i, j, n) => (i < n ? j < n && (!causal || j <= i) : i === j)),
    },
    {
      name: "the places that look are hidden",
      told: /hidden as places that look/,
      answer: (lengths, T, causal) => maskOf(lengths, T, (i, j, n) => i < n && (!causal || j <= i)),
    },
    {
      name: "filling hidden both ways",
      told: /row without a single 1/,
      answer: (lengths, T, causal) =>
        maskOf(lengths, T, (i, j, n) => i < n && j < n && (!causal || j <= i)),
    },
    {
      name: "the triangle upside down",
      told: /upside down/,
      answer: (lengths, T, causal) => maskOf(lengths, T, (i, j, n) => j < n && (!causal || j >= i)),
    },
    {
      name: "a token does not see itself",
      told: /see itself/,
      answer: (lengths, T, causal) => maskOf(lengths, T, (i, j, n) => j < n && (!causal || j < i)),
    },
    {
      name: "the longest text's mask for all",
      told: /longest text/,
      answer: (lengths, T, causal) =>
        right.rowMask(
          lengths.map(() => Math.max(...lengths)),
          T,
          causal,
        ),
    },
    {
      name: "always causal",
      told: /`causal` is not used/,
      answer: (lengths, T) => right.rowMask(lengths, T, true),
    },
  ],
  trainedNames: [
    {
      name: "slice(-0)",
      told: /All blocks are chosen with count 0/,
      answer: (names, count) => {
        const all = [...new Set(names.map((n) => Number(layerOf(n) ?? -1)))].filter((i) => i >= 0);
        const last = all.sort((a, b) => a - b).slice(-count);
        return names.filter(
          (n) =>
            (count > 0 && n === "model.norm.weight") || last.includes(Number(layerOf(n) ?? -1)),
        );
      },
    },
    {
      name: "the embedding too",
      told: /not the embedding/,
      answer: (names, count) => {
        const some = new Set(right.trainedNames(names, count));
        return names.filter((n) => some.has(n) || (count > 0 && layerOf(n) === undefined));
      },
    },
    {
      name: "the norm at the end",
      told: /order of `names`/,
      answer: (names, count) => {
        const some = right.trainedNames(names, count);
        const blocks = some.filter((n) => n !== "model.norm.weight");
        return some.length === 0 ? [] : [...blocks, "model.norm.weight"];
      },
    },
    {
      name: "last in the list",
      told: /highest numbers, wherever/,
      answer: (names, count) => {
        const last = [...new Set(names.flatMap((n) => layerOf(n) ?? []))];
        const some = last.slice(last.length - count);
        if (count === 0) return [];
        return names.filter((n) => n === "model.norm.weight" || some.includes(layerOf(n) ?? ""));
      },
    },
    {
      name: "counted from the first block",
      told: /first blocks/,
      answer: (names, count) =>
        count === 0
          ? []
          : names.filter((n) => n === "model.norm.weight" || Number(layerOf(n) ?? 99) < count),
    },
    {
      name: "numbers compared as text",
      told: /as text/,
      answer: (names, count) => {
        const all = [...new Set(names.flatMap((n) => layerOf(n) ?? []))].sort();
        const last = new Set(all.slice(all.length - count));
        if (count === 0) return [];
        return names.filter((n) => n === "model.norm.weight" || last.has(layerOf(n) ?? ""));
      },
    },
    {
      name: "the norm forgotten",
      told: /norm after the blocks is missing/,
      answer: (names, count) =>
        right.trainedNames(names, count).filter((n) => n !== "model.norm.weight"),
    },
    {
      name: "every norm",
      told: /norms within/,
      answer: (names, count) => {
        const some = new Set(right.trainedNames(names, count));
        return names.filter((n) => some.has(n) || (count > 0 && /norm/.test(n)));
      },
    },
    {
      name: "one block too many",
      told: /one block too many/,
      answer: (names, count) => right.trainedNames(names, count === 0 ? 0 : count + 1),
    },
  ],
  tokenTargets: [
    {
      name: "targets at every token",
      told: /have target 0/,
      answer: (pieces, tags) => ({
        ...right.tokenTargets(pieces, tags),
        targets: pieces.flatMap((n, i) => Array<number>(n).fill(tags[i])),
      }),
    },
    {
      name: "weights shared out",
      told: /shared out/,
      answer: (pieces, tags) => ({
        targets: pieces.flatMap((n, i) => Array<number>(n).fill(tags[i])),
        weights: pieces.flatMap((n) => Array<number>(n).fill(1 / n)),
      }),
    },
    {
      name: "−100",
      told: /−100/,
      answer: (pieces, tags) => {
        const { targets, weights } = right.tokenTargets(pieces, tags);
        return { targets: targets.map((t, i) => (weights[i] ? t : -100)), weights };
      },
    },
    {
      name: "at the first token",
      told: /first token of the word/,
      answer: (pieces, tags) => ({
        targets: pieces.flatMap((n, i) => [tags[i], ...Array<number>(n - 1).fill(0)]),
        weights: pieces.flatMap((n) => [1, ...Array<number>(n - 1).fill(0)]),
      }),
    },
    {
      name: "at every token",
      told: /every token of the word/,
      answer: (pieces, tags) => ({
        targets: pieces.flatMap((n, i) => Array<number>(n).fill(tags[i])),
        weights: pieces.flatMap((n) => Array<number>(n).fill(1)),
      }),
    },
    {
      name: "everything counts",
      told: /counts as tag 0/,
      answer: (pieces, tags) => {
        const { targets } = right.tokenTargets(pieces, tags);
        return { targets, weights: targets.map(() => 1) };
      },
    },
    {
      name: "tag 0 does not count",
      told: /tag 0 has weight 0/,
      answer: (pieces, tags) => {
        const { targets } = right.tokenTargets(pieces, tags);
        return { targets, weights: targets.map((t) => (t === 0 ? 0 : 1)) };
      },
    },
    {
      name: "a number for each word",
      told: /for each token/,
      answer: (_pieces, tags) => ({ targets: [...tags], weights: tags.map(() => 1) }),
    },
  ],
  nameF1: [
    {
      name: "a name at the end is lost",
      told: /last word is lost/,
      answer: (actual, predicted) => {
        const names = (tags: string[]) => {
          const at = (_: string, from: number, to: number) =>
            `${tags[from].slice(2)} ${from} ${to}`;
          const all = namesOf(tags, (tag, kind) => tag === `I-${kind}`, at);
          return all.filter((name) => !name.endsWith(` ${tags.length}`));
        };
        return f1Of(names(actual), names(predicted));
      },
    },
    {
      name: "the first words alone",
      told: /Half a name is taken for right/,
      answer: (actual, predicted) => {
        const joins = (tag: string, kind: string) => tag === `I-${kind}`;
        const names = (tags: string[]) => namesOf(tags, joins, (kind, from) => `${kind} ${from}`);
        return f1Of(names(actual), names(predicted));
      },
    },
    {
      name: "the last words alone",
      told: /Half a name is taken for right/,
      answer: (actual, predicted) => {
        const joins = (tag: string, kind: string) => tag === `I-${kind}`;
        const names = (tags: string[]) => namesOf(tags, joins, (kind, _, to) => `${kind} ${to}`);
        return f1Of(names(actual), names(predicted));
      },
    },
    {
      name: "an I- begins only at B-",
      told: /passed over/,
      answer: (actual, predicted) => {
        const strict = (tags: string[]) =>
          tags.map((tag, i) => {
            let from = i;
            while (from > 0 && tags[from] === `I-${tag.slice(2)}`) from--;
            return tag.startsWith("I-") && tags[from] !== `B-${tag.slice(2)}` ? "O" : tag;
          });
        return right.nameF1(strict(actual), strict(predicted));
      },
    },
    {
      name: "the mean over kinds",
      told: /F1 for each kind/,
      answer: (actual, predicted) => {
        const kinds = [...new Set(actual.flatMap((tag) => (tag === "O" ? [] : tag.slice(2))))];
        const only = (tags: string[], kind: string) =>
          tags.map((tag) => (tag.slice(2) === kind ? tag : "O"));
        const each = kinds.map((kind) => right.nameF1(only(actual, kind), only(predicted, kind)));
        return each.length === 0 ? 0 : each.reduce((a, b) => a + b, 0) / each.length;
      },
    },
    {
      name: "tags in place of names",
      told: /counts tags/,
      answer: (actual, predicted) => {
        const tagged = (tags: string[]) =>
          tags.flatMap((tag, i) => (tag === "O" ? [] : [`${tag} ${i}`]));
        return f1Of(tagged(actual), tagged(predicted));
      },
    },
    {
      name: "the share of right tags",
      told: /share of right tags/,
      answer: (actual, predicted) =>
        actual.filter((tag, i) => tag === predicted[i]).length / actual.length,
    },
    {
      name: "two names side by side read as one",
      told: /side by side/,
      answer: (actual, predicted) => {
        const names = (tags: string[]) => namesOf(tags, (tag, kind) => tag.slice(2) === kind);
        return f1Of(names(actual), names(predicted));
      },
    },
    {
      name: "the kind is not compared",
      told: /kind of a name/,
      answer: (actual, predicted) => {
        const names = (tags: string[]) =>
          namesOf(
            tags,
            (tag, kind) => tag === `I-${kind}`,
            (_, from, to) => `${from} ${to}`,
          );
        return f1Of(names(actual), names(predicted));
      },
    },
    {
      name: "an I- of another kind goes on",
      told: /another kind/,
      answer: (actual, predicted) => {
        const names = (tags: string[]) => namesOf(tags, (tag) => tag.startsWith("I-"));
        return f1Of(names(actual), names(predicted));
      },
    },
    {
      name: "recall alone",
      told: /recall alone/,
      answer: (actual, predicted) => {
        const names = (tags: string[]) => namesOf(tags, (tag, kind) => tag === `I-${kind}`);
        const there = names(actual);
        const found = names(predicted);
        const same = found.filter((name) => there.includes(name)).length;
        return same === 0 ? 0 : same / there.length;
      },
    },
    {
      name: "NaN without names",
      told: /0, not NaN/,
      answer: (actual, predicted) => {
        const names = (tags: string[]) => namesOf(tags, (tag, kind) => tag === `I-${kind}`);
        const [there, found] = [names(actual), names(predicted)];
        const same = found.filter((name) => there.includes(name)).length;
        const [p, r] = [same / found.length, same / there.length];
        return (2 * p * r) / (p + r);
      },
    },
  ],
};
