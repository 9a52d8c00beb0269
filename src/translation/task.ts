// Learning to translate, as a task of the trainer.
import type { tf } from "../engine";
import { disposeParams, type Params } from "../params";
import { Random } from "../random";
import { initSeq2Seq, type Seq2SeqConfig, seq2seqLoss, validateSeq2SeqConfig } from "../seq2seq";
import type { Task } from "../train";
import type { BlockOps } from "../transformer";
import type { Pair, PairSource } from "./pairs";
import { translate } from "./translate";
import { BEGIN, END, PAD, type PairBatch, type PairSplit, PairVocabulary } from "./vocabulary";

/** What the task needs to know. */
export interface TranslationOptions {
  /** Kinds of pairs; every batch has about as many of each. */
  sources: PairSource[];
  /** The sizes and the design of the model. */
  model: Omit<Seq2SeqConfig, "vocabSize" | "padId" | "beginId" | "endId">;
  /** What a token is; default "words". */
  split?: PairSplit;
  /** A learner's own functions, in the place of those of llm/ops while training. */
  ops?: Partial<BlockOps>;
  batchSize: number;
  seed: number;
}

/** Metric: `exact`, the share of held-out texts whose translation is right to the last character. */
export interface TranslationTask extends Task<PairBatch> {
  readonly config: Seq2SeqConfig;
  readonly vocabulary: PairVocabulary;
  /** The share of exact translations of these pairs, greedily. */
  exactMatch(pairs: Pair[]): number;
  /** Up to `count` different pairs whose date or number is held out, always the same ones. */
  heldOut(kind: string, count: number): Pair[];
}

/**
 * The task of translating pairs that are drawn anew for every batch.
 * @throws when no model can be made of the settings
 */
export function translationTask({
  sources,
  model,
  split = "words",
  ops,
  batchSize,
  seed,
}: TranslationOptions): TranslationTask {
  if (sources.length === 0)
    throw new Error("translationTask: expected at least one source of pairs, got none");
  const vocabulary = new PairVocabulary(
    sources.flatMap(({ texts }) => texts),
    split,
  );
  const special = { padId: PAD, beginId: BEGIN, endId: END };
  const config = validateSeq2SeqConfig({ ...model, ...special, vocabSize: vocabulary.vocabSize });
  const params = initSeq2Seq(config, { seed });

  /** Evenly many of each kind, in turn. */
  const draw = (rng: Random, part: "train" | "held out", count: number): Pair[] =>
    Array.from({ length: count }, (_, i) => sources[i % sources.length].draw(rng, part));

  const exactMatch = (pairs: Pair[]): number => {
    const written = translate(
      { params, config, vocabulary },
      pairs.map(({ source }) => source),
    );
    return pairs.filter(({ target }, i) => written[i] === target).length / pairs.length;
  };

  return {
    params,
    config,
    vocabulary,
    exactMatch,
    heldOut(kind, count) {
      const source = sources.find(({ name }) => name === kind);
      if (!source)
        throw new Error(
          `heldOut: expected one of ${sources.map(({ name }) => name).join(", ")}, got ${kind}`,
        );
      const rng = new Random(99).fork(kind);
      const found = new Map<string, Pair>();
      for (let tries = 0; tries < 20 * count && found.size < count; tries++) {
        const pair = source.draw(rng, "held out");
        found.set(pair.source, pair);
      }
      return [...found.values()];
    },
    // All batches have one shape, so that the native engine compiles the step once.
    batch: (index) =>
      vocabulary.batch(draw(new Random(seed).fork("batch", index), "train", batchSize), {
        source: config.blockSize,
        target: config.blockSize + 1,
      }),
    loss: (params: Params, { source, target }, dropoutRng): tf.Scalar =>
      seq2seqLoss(params, config, source, target, {
        dropoutRng: config.dropout > 0 ? dropoutRng : undefined,
        ops,
      }),
    async evaluate(limit, tools) {
      const pairs = draw(new Random(99).fork("evaluate"), "held out", Math.min(limit, 200));
      let right = 0;
      for (let at = 0; at < pairs.length; at += 50) {
        const some = pairs.slice(at, at + 50);
        right += exactMatch(some) * some.length;
        await tools.pause(Math.min(at + 50, pairs.length), pairs.length);
      }
      return { exact: right / pairs.length, pairs: pairs.length };
    },
    primary: { name: "exact", better: "higher" },
    describe: () => ({ kind: "translation", model: config }),
    dispose: () => disposeParams(params),
  };
}
