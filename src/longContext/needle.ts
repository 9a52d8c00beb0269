// Finding a needle in a haystack, in a language small enough to be learnt in a minute: some
// tokens are pairs of a key and a value, and a question for a key has to be answered with its
// value. Everything else is hay. Trained on texts of 64 tokens with many questions; tested with
// one needle at a chosen depth of a longer text and the question at the end. After Kamradt
// ("Needle In A Haystack", 2023). Left out: language (SmolLM2 is asked in words, ./haystack),
// and needles of two tokens, which need a head that looks one back before they can be found
// (Olsson et al., 2022): two layers did not learn that in 1,200 steps (docs/log).
//
// Tokens: 0 … 15 questions, 16 … 31 values, 32 … 287 pairs (32 + 16 · key + value), 288 … 319 hay.
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden, initGPT } from "../gpt";
import { softmaxCrossEntropy } from "../ops";
import type { Params } from "../params";
import { Random } from "../random";
import { type ShortOptions, trainShortly } from "../train";

/** Keys, and as many values; chance is 1/16. */
export const KEYS = 16;
const PAIRS = 2 * KEYS;
const HAY = PAIRS + KEYS * KEYS;
const VOCAB = HAY + 32;

/** The token of a pair: key and value from 0 to 15. */
export const pairToken = (key: number, value: number): number => PAIRS + KEYS * key + value;

/** A model of that language, and its sizes. */
export interface NeedleModel {
  config: GPTConfig;
  params: Params;
}

/** Fresh: 2 layers, 4 heads, 64 wide, trained later on texts of 64. */
export function createNeedleModel(seed: number): NeedleModel {
  const config: GPTConfig = {
    ...{ family: "llama", vocabSize: VOCAB, nLayer: 2, nHead: 4, nEmbd: 64, blockSize: 64 },
    ...{ dropout: 0, bias: false },
  };
  return { config, params: initGPT(config, { seed }) };
}

const hay = (rng: Random) => HAY + rng.integer(VOCAB - HAY);

/**
 * A text of T + 1 tokens with pairs and questions for them; 1 in `asked` where an answer follows.
 */
export function recallText(T: number, rng: Random): { ids: number[]; asked: number[] } {
  const values = Array.from({ length: KEYS }, () => rng.integer(KEYS));
  const [ids, asked, seen]: [number[], number[], number[]] = [[], [], []];
  while (ids.length <= T) {
    const kind = rng.uniform();
    if (kind < 0.4 && seen.length > 0) {
      const key = seen[rng.integer(seen.length)];
      ids.push(key, KEYS + values[key]);
      asked.push(1, 0);
      continue;
    }
    const key = rng.integer(KEYS);
    if (kind < 0.6) seen.push(key);
    ids.push(kind < 0.6 ? pairToken(key, values[key]) : hay(rng));
    asked.push(0);
  }
  return { ids: ids.slice(0, T + 1), asked: asked.slice(0, T) };
}

type Recall = { ids: tf.Tensor2D; targets: tf.Tensor1D; weights: tf.Tensor1D };

function recallBatch(count: number, T: number, rng: Random): Recall {
  const texts = Array.from({ length: count }, () => recallText(T, rng));
  return {
    ids: tf.tensor2d(
      texts.map(({ ids }) => ids.slice(0, T)),
      [count, T],
      "int32",
    ),
    targets: tf.tensor1d(
      texts.flatMap(({ ids }) => ids.slice(1)),
      "int32",
    ),
    weights: tf.tensor1d(
      texts.flatMap(({ asked }) => asked),
      "float32",
    ),
  };
}

/** Trains in place: the loss counts the answers. */
export async function trainNeedleModel(
  { config, params }: NeedleModel,
  {
    length = config.blockSize,
    tokensPerStep = 2048,
    ...options
  }: ShortOptions & { length?: number; tokensPerStep?: number },
): Promise<void> {
  await trainShortly<Recall>(
    {
      params,
      batch: (index) =>
        recallBatch(tokensPerStep / length, length, new Random(options.seed).fork("recall", index)),
      loss: (p, { ids, targets, weights }) => {
        const logits = gptHead(p, gptHidden(p, config, ids), config); // (B·T, V)
        return softmaxCrossEntropy(logits, targets, weights);
      },
    },
    options,
  );
}

/**
 * Hay with a needle, and the question for it at the end.
 * @param length tokens, the question included
 * @param depth where the needle stands: 0 at the beginning, 1 just before the question
 * @param others pairs with other keys, elsewhere in the hay
 * @returns the text, and the token that answers it
 */
export function needleText(
  { length, depth, others = 3 }: { length: number; depth: number; others?: number },
  rng: Random,
): { ids: number[]; value: number } {
  const ids = Array.from({ length }, () => hay(rng));
  const keys = rng.shuffle(Array.from({ length: KEYS }, (_, i) => i));
  const value = rng.integer(KEYS);
  const at = Math.round(depth * (length - 2));
  const free = rng.shuffle(ids.map((_, i) => i).filter((i) => i !== at && i < length - 1));
  for (let n = 1; n <= others; n++) ids[free[n]] = pairToken(keys[n], rng.integer(KEYS));
  ids[at] = pairToken(keys[0], value);
  ids[length - 1] = keys[0];
  return { ids, value: KEYS + value };
}

export interface MeasureNeedlesOptions {
  length: number;
  depth: number;
  count: number;
  seed: number;
  /** The needle is taken out of the text: the control. */
  without?: boolean;
}

/** @returns how many of `count` needles are found: the most probable token is the value */
export function needlesFound(
  { config, params }: NeedleModel,
  { length, depth, count, seed, without = false }: MeasureNeedlesOptions,
): number {
  const rng = new Random(seed).fork("needles", length, Math.round(100 * depth));
  let found = 0;
  const atOnce = Math.max(1, Math.floor(4096 / length));
  for (let at = 0; at < count; at += atOnce) {
    const texts = Array.from({ length: Math.min(atOnce, count - at) }, () => {
      const text = needleText({ length, depth }, rng);
      if (without) text.ids[Math.round(depth * (length - 2))] = hay(rng);
      return text;
    });
    const best = tf.tidy(() => {
      const rows = texts.map(({ ids }) => ids);
      const hidden = gptHidden(params, config, tf.tensor2d(rows, [texts.length, length], "int32"));
      const last = tf.slice(hidden, [0, length - 1, 0], [-1, 1, -1]);
      return tf.argMax(gptHead(params, last, config), -1).dataSync();
    });
    found += texts.filter(({ value }, i) => best[i] === value).length;
  }
  return found;
}
