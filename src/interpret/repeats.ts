// Texts in which a stretch of random tokens comes again, and a small GPT that learns to go on with
// them: the place where induction heads are looked for (Olsson et al., 2022, "In-context Learning and
// Induction Heads"). The tokens of a stretch are drawn anew for every row, so nothing can be known by
// heart: the second time, the only way to know the next token is to look what came after it the first
// time. The length of the stretch is drawn as well, so that "look 20 places back" is no answer.
import { inTurn } from "../data";
import { tf } from "../engine";
import { type GPTConfig, gptLoss, initGPT, isHiddenMatrix } from "../gpt";
import { adamw, grouped, muon } from "../optim";
import { Random } from "../random";
import { trainShortly } from "../train";
import type { Model } from "./run";

/** What rows of repeats are made from. */
export interface RepeatOptions {
  vocabSize: number;
  rows: number;
  /** Tokens of a row. */
  length: number;
  /** Tokens of a stretch: a number, or [shortest, longest]. */
  period: number | readonly [number, number];
}

/**
 * Rows in which a stretch of different random tokens is repeated until the row is full.
 * @returns `rows` lists of `length` ids
 * @throws if a stretch needs more different tokens than there are
 */
export function repeatedRows(
  rng: Random,
  { vocabSize, rows, length, period }: RepeatOptions,
): number[][] {
  const [low, high] = typeof period === "number" ? [period, period] : period;
  if (!(low >= 1 && low <= high && high <= vocabSize))
    throw new Error(
      `repeatedRows: expected a period from 1 to ${vocabSize}, got ${low} to ${high}`,
    );
  const all = Array.from({ length: vocabSize }, (_, id) => id);
  return Array.from({ length: rows }, () => {
    const stretch = rng.shuffle(all).slice(0, low + rng.integer(high - low + 1));
    return Array.from({ length }, (_, t) => stretch[t % stretch.length]);
  });
}

/** Tokens of the small model's text: 64 kinds, 48 in a row. */
export const REPEATS = { vocabSize: 64, length: 48 } as const;
/** Stretches of training have 6 to 20 tokens. */
export const TRAINED_PERIODS = [6, 20] as const;
/** Stretches of the tests: longer than any in training, so that distances learnt by heart fail. */
export const TEST_PERIOD = 24;

/**
 * A fresh small model: 4 heads, 64 wide, ALiBi for positions. ALiBi's steepest head begins with a
 * liking for the places just before, from which a previous-token head is soon made.
 */
export function createRepeater({
  seed,
  nLayer = 2,
  position = "alibi",
}: {
  seed: number;
  nLayer?: number;
  position?: GPTConfig["position"];
}): Model {
  const config: GPTConfig = {
    ...{ vocabSize: REPEATS.vocabSize, blockSize: REPEATS.length, nLayer, nHead: 4, nEmbd: 64 },
    ...{ dropout: 0, bias: false, position },
  };
  return { config, params: initGPT(config, { seed }) };
}

export interface TrainRepeaterOptions {
  /** Which rows are drawn. */
  seed: number;
  steps: number;
  /** After each step, with the loss of its rows in nats per token. */
  onStep?: (step: number, loss: number) => void | Promise<void>;
}

const BATCH = 32;

/** Trains the model in place: Muon for the matrices of the blocks, AdamW for the embeddings. */
export async function trainRepeater(
  { config, params }: Model,
  { seed, steps, onStep }: TrainRepeaterOptions,
): Promise<void> {
  type Batch = { ids: tf.Tensor2D; targets: tf.Tensor2D };
  const draw = (rng: Random): Batch => {
    const length = REPEATS.length + 1;
    const options = { ...REPEATS, rows: BATCH, length, period: TRAINED_PERIODS };
    const rows = repeatedRows(rng, options);
    const shape: [number, number] = [BATCH, REPEATS.length];
    return {
      ids: tf.tensor2d(
        rows.map((row) => row.slice(0, -1)),
        shape,
        "int32",
      ),
      targets: tf.tensor2d(
        rows.map((row) => row.slice(1)),
        shape,
        "int32",
      ),
    };
  };
  const maxLr = 4e-3;
  const parts = (name: string) => (name.endsWith("c_attn.weight") ? 3 : 1);
  const optimizer = grouped([
    {
      ...{ name: "matrices", has: isHiddenMatrix, lrScale: 0.02 / maxLr },
      optimizer: muon({ outputAxis: 1, parts }),
    },
    { name: "rest", has: () => true, optimizer: adamw({ beta1: 0.9, beta2: 0.99 }) },
  ]);
  await trainShortly<Batch>(
    {
      params,
      batch: inTurn(() => new Random(seed).fork("repeats"), draw),
      loss: (p, { ids, targets }) => gptLoss(p, config, ids, targets),
    },
    { seed, steps, maxLr, warmupSteps: 20, optimizer, onStep },
  );
}
