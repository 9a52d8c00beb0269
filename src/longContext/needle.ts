// Finding a needle in a haystack, in a language small enough to be learnt in a minute: a key is
// followed by its value, and where the key comes again, the value has to be said again. Everything
// else is hay. Trained on texts of 64 tokens, in which many keys come again; tested with one needle
// at a chosen depth of a longer text and its key at the end. After Kamradt ("Needle In A Haystack",
// 2023) and associative recall (Olsson et al., 2022, find the "induction heads" that do it). Left
// out: language; SmolLM2 is asked in words (datasets/runs).
//
// Tokens: 0 … 15 keys, 16 … 31 values, 32 … 63 hay.
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden, initGPT } from "../gpt";
import { softmaxCrossEntropy } from "../ops";
import type { Params } from "../params";
import { Random } from "../random";
import { type ShortOptions, trainShortly } from "../train";

/** Keys, and as many values; chance is 1/16. */
export const KEYS = 16;
const VOCAB = 64;

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

const hay = (rng: Random) => 2 * KEYS + rng.integer(VOCAB - 2 * KEYS);

/** A text of T tokens in which keys come again; 1 in `asked` where a value can be known. */
export function recallText(T: number, rng: Random): { ids: number[]; asked: number[] } {
  const values = Array.from({ length: KEYS }, () => KEYS + rng.integer(KEYS));
  const [ids, asked, seen]: [number[], number[], Set<number>] = [[], [], new Set()];
  while (ids.length < T) {
    if (rng.uniform() < 0.5) {
      ids.push(hay(rng));
      asked.push(0);
      continue;
    }
    const key = rng.integer(KEYS);
    ids.push(key, values[key]);
    asked.push(seen.has(key) ? 1 : 0, 0); // at the key, the next token is the value
    seen.add(key);
  }
  return { ids: ids.slice(0, T + 1), asked: asked.slice(0, T) };
}

type Recall = { ids: tf.Tensor2D; targets: tf.Tensor1D; weights: tf.Tensor1D };

function recallBatch(count: number, T: number, rng: Random): Recall {
  const texts = Array.from({ length: count }, () => recallText(T + 1, rng));
  return {
    ids: tf.tensor2d(texts.map(({ ids }) => ids.slice(0, T)), [count, T], "int32"),
    targets: tf.tensor1d(texts.flatMap(({ ids }) => ids.slice(1, T + 1)), "int32"),
    weights: tf.tensor1d(texts.flatMap(({ asked }) => asked.slice(0, T)), "float32"),
  };
}

/** Trains in place: the loss counts values whose key has been seen. */
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
 * Hay with a needle and its key again at the end.
 * @param length tokens, the key at the end included
 * @param depth where the needle begins: 0 at the beginning, 1 just before the key at the end
 * @param others further keys with other values, elsewhere in the hay
 * @returns the text, and the value that follows it; undefined without a needle
 */
export function needleText(
  { length, depth, others = 3 }: { length: number; depth: number; others?: number },
  rng: Random,
): { ids: number[]; value: number } {
  const ids = Array.from({ length }, () => hay(rng));
  const keys = rng.shuffle(Array.from({ length: KEYS }, (_, i) => i));
  const value = KEYS + rng.integer(KEYS);
  const at = Math.round(depth * (length - 3));
  const free = Array.from({ length: length - 2 }, (_, i) => i).filter((i) => Math.abs(i - at) > 1);
  const taken: number[] = [];
  for (let n = 1; n <= others; n++) {
    const room = free.filter((i) => taken.every((t) => Math.abs(i - t) > 1));
    const place = room[rng.integer(room.length)];
    taken.push(place);
    ids.splice(place, 2, keys[n], KEYS + rng.integer(KEYS));
  }
  ids.splice(at, 2, keys[0], value);
  ids[length - 1] = keys[0];
  return { ids, value };
}

export interface MeasureNeedlesOptions {
  length: number;
  depth: number;
  count: number;
  seed: number;
  /** The key at the end is one that the text has not got: the control. */
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
      if (without) text.ids.splice(text.ids.indexOf(text.ids[length - 1]), 2, hay(rng), hay(rng));
      return text;
    });
    const best = tf.tidy(() => {
      const ids = tf.tensor2d(texts.map((text) => text.ids), [texts.length, length], "int32");
      const hidden = gptHidden(params, config, ids);
      const last = tf.slice(hidden, [0, length - 1, 0], [-1, 1, -1]);
      return tf.argMax(gptHead(params, last, config), -1).dataSync();
    });
    found += texts.filter(({ value }, i) => best[i] === value).length;
  }
  return found;
}
