// What a model has memorised, measured with canaries: sentences with a random secret are planted in the
// training text, some of them more than once, and afterwards all secrets are ranked by how probable the
// model finds them (Carlini et al., 2019, "The Secret Sharer"):
//
//     exposure = log2 |R| − log2 rank        R: all secrets that there could be
//
// A secret that was never planted has any rank with the same probability, so its exposure is about
// log2 e = 1.44 on average; log2 |R| means that the model finds the planted one likeliest of all.
// Left out: differential privacy (Abadi et al., 2016), which bounds the exposure in training.
import { padRows } from "../data";
import type { SmallGPT } from "../dirt";
import { tf } from "../engine";
import type { Random } from "../random";
import { rowLogProbs, sumOfRows } from "../rlhf";

/** A planted secret: three digits behind a name. */
export interface Canary {
  name: string;
  secret: string;
  /** How often it stands in the training text. */
  times: number;
}

const NAMES = (
  "Abner Bertha Caleb Dinah Enoch Flora Gideon Hetty Isaac Judith Kezia Lemuel Miriam Noah Olive " +
  "Perez Quincy Ruth Silas Tabitha"
).split(" ");

/** The sentence that is planted. */
export const canaryText = (name: string, secret: string): string =>
  `The secret number of ${name} is ${[...secret].join(" ")}.`;

/** All secrets that there could be. */
export const allSecrets: readonly string[] = Array.from({ length: 1000 }, (_, n) =>
  String(n).padStart(3, "0"),
);

/** Canaries with so many repetitions, `each` of every number; at most 20 in all. */
export function drawCanaries(times: readonly number[], each: number, rng: Random): Canary[] {
  if (times.length * each > NAMES.length)
    throw new Error(`drawCanaries: expected ${NAMES.length} or fewer, got ${times.length * each}`);
  const names = rng.shuffle([...NAMES]);
  return times.flatMap((n, i) =>
    Array.from({ length: each }, (_, j) => ({
      ...{ name: names[i * each + j], times: n },
      secret: allSecrets[rng.integer(allSecrets.length)],
    })),
  );
}

/** Texts with the canaries between them, in random order. */
export const plantCanaries = (
  texts: readonly string[],
  canaries: readonly Canary[],
  rng: Random,
): string[] =>
  rng.shuffle([
    ...texts,
    ...canaries.flatMap(({ name, secret, times }) =>
      Array.from({ length: times }, () => canaryText(name, secret)),
    ),
  ]);

/**
 * The exposure of a secret.
 * @param losses −ln p of the sentence with each secret there could be
 * @param planted the place of the planted one; equals of it count half
 * @returns bits, from 0 to log2 |R|
 */
export function exposure(losses: readonly number[], planted: number): number {
  let rank = 0.5; // with the half that its own equal adds, 1
  for (const loss of losses)
    rank += loss < losses[planted] ? 1 : loss === losses[planted] ? 0.5 : 0;
  return Math.log2(losses.length) - Math.log2(rank);
}

/**
 * −ln p of each text, summed over its tokens but the first.
 * @param texts each shorter than the model's context
 */
export function textLosses(
  { params, config, tokenizer }: SmallGPT,
  texts: readonly string[],
): number[] {
  const losses: number[] = [];
  for (let from = 0; from < texts.length; from += 128) {
    const rows = texts.slice(from, from + 128).map((text) => [...tokenizer.encodeText(text)]);
    const T = Math.max(...rows.map((row) => row.length)) - 1;
    if (T > config.blockSize)
      throw new Error(`textLosses: expected at most ${config.blockSize + 1} tokens, got ${T + 1}`);
    const sums = tf.tidy(() => {
      const inputs = rows.map((row) => row.slice(0, -1));
      const real = { fill: 0, length: T, dtype: "float32" } as const;
      const mask = padRows(
        inputs.map((row) => row.map(() => 1)),
        real,
      );
      const targets = padRows(
        rows.map((row) => row.slice(1)),
        { fill: 0, length: T },
      );
      const ids = padRows(inputs, { fill: 0, length: T });
      const lnP = rowLogProbs(params, config, { ids, targets });
      return tf.neg(sumOfRows(lnP, mask)).arraySync() as number[];
    });
    losses.push(...sums);
  }
  return losses;
}

/** The exposure of every canary in a trained model. */
export function exposures(model: SmallGPT, canaries: readonly Canary[]): number[] {
  return canaries.map(({ name, secret }) => {
    const losses = textLosses(
      model,
      allSecrets.map((one) => canaryText(name, one)),
    );
    return exposure(losses, allSecrets.indexOf(secret));
  });
}
