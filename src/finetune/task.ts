// Fine-tuning as tasks of the trainer: texts with labels, words with tags. What is frozen is not in
// `params`, so the trainer computes no gradient for it and keeps no moments of it.
import { drawnInPasses } from "../data";
import { classificationScores, confusionMatrix } from "../evaluate";
import { cloneParams, disposeParams, type Params, paramsDigest } from "../params";
import { Random } from "../random";
import { expectWholeNumber, type Task } from "../train";
import { entityScores } from "./bio";
import {
  type BaseModel,
  type Classifier,
  classifyAll,
  type LabelChoices,
  labelConfig,
  labelProbabilities,
  tagWords,
  textRow,
  wordsRow,
} from "./classifier";
import { type LabelledText, labelsOf, type TaggedWords, tagSetOf } from "./examples";
import { splitParams, type Trained } from "./freeze";
import {
  initHead,
  type LabelBatch,
  type LabelConfig,
  type LabelRow,
  labelBatch,
  labelLoss,
} from "./model";

export interface LabelTaskOptions<E> extends LabelChoices {
  /** Where it begins. It is not changed, but what is frozen is used: dispose it after the task. */
  base: BaseModel;
  examples: readonly E[];
  /** What it is measured on. */
  heldOut: readonly E[];
  /** What is trained besides the head; "all" if absent. */
  trained?: Trained;
  batchSize: number;
  seed: number;
  /** A change of an example each time it is drawn, such as an augmentation. */
  change?: (example: E, rng: Random) => E;
}

/** A task whose model can be used at any time; `dispose` frees what it trains. */
export interface LabelTask extends Task<LabelBatch> {
  readonly model: Classifier;
}

/** How one kind of example is read, and how its predictions are judged. */
interface Reading<E> {
  config: LabelConfig;
  row(example: E): LabelRow;
  judge(model: Classifier, examples: readonly E[]): Record<string, number>;
  metric: string;
}

/**
 * Labels of texts. Metrics: `accuracy`, `macroF1`, and `loss` in nats per text.
 * @throws for a text that is empty, a held-out label that training does not have, fewer than two
 *   labels
 */
export function classificationTask(options: LabelTaskOptions<LabelledText>): LabelTask {
  const { base, examples } = options;
  const config = labelConfig(base, "classify", labelsOf(examples), options);
  const numberOf = labelNumber("classificationTask", config.labels);
  return labelTask(options, {
    config,
    row: ({ text, label }) => ({
      ...textRow(base.tokenizer, config, text),
      labels: [numberOf(label)],
    }),
    judge: (model, some) => {
      const said = classifyAll(
        model,
        some.map(({ text }) => text),
      ).map(({ label }) => label);
      const right = some.map(({ label }) => label);
      const scores = classificationScores(confusionMatrix(right, said, config.labels));
      return { accuracy: scores.accuracy, macroF1: scores.macro.f1 };
    },
    metric: "accuracy",
  });
}

/**
 * Tags of words. Metrics: `f1` of whole names, `accuracy` of tags, and `loss` in nats per word.
 * @throws for a sentence without words or one that is too long, or where words and tags differ in
 *   number
 */
export function taggingTask(options: LabelTaskOptions<TaggedWords>): LabelTask {
  const { base, examples } = options;
  const config = labelConfig(base, "tag", tagSetOf(examples), options);
  const numberOf = labelNumber("taggingTask", config.labels);
  return labelTask(options, {
    config,
    row: ({ words, tags }) => {
      if (words.length !== tags.length)
        throw new Error(
          `taggingTask: expected a tag for each of ${words.length} words, got ${tags.length}`,
        );
      return { ...wordsRow(base.tokenizer, config, words), labels: tags.map(numberOf) };
    },
    judge: (model, some) => {
      const said = tagWords(
        model,
        some.map(({ words }) => words),
      );
      const right = some.map(({ tags }) => tags);
      const pairs = right.flatMap((tags, i) => tags.map((tag, j) => tag === said[i][j]));
      return {
        f1: entityScores(right, said).f1,
        accuracy: pairs.filter(Boolean).length / pairs.length,
      };
    },
    metric: "f1",
  });
}

/** @returns the number of a label; throws for one that training does not have, or an empty one */
const labelNumber = (caller: string, labels: readonly string[]) => (label: string) => {
  const at = labels.indexOf(label);
  if (label.trim() === "" || at < 0)
    throw new Error(
      `${caller}: expected one of the labels ${labels.join(", ")}, got ${JSON.stringify(label)}`,
    );
  return at;
};

function labelTask<E>(options: LabelTaskOptions<E>, reading: Reading<E>): LabelTask {
  const { base, examples, heldOut, trained = "all", batchSize, seed, change } = options;
  const { config, row, judge, metric } = reading;
  expectWholeNumber("labelTask", "batchSize", batchSize, 1);
  if (examples.length === 0 || heldOut.length === 0)
    throw new Error(
      "labelTask: expected examples to learn from and to measure with, got " +
        `${examples.length} and ${heldOut.length}`,
    );
  const rows = examples.map(row);
  const heldOutRows = heldOut.map(row);
  const parts = splitParams(base.params, trained);
  const params: Params = { ...cloneParams(parts.trained), ...initHead(config, { seed }) };
  const whole = (some: Params): Params => ({ ...parts.frozen, ...some });
  const model: Classifier = { params: whole(params), config, tokenizer: base.tokenizer };
  const sha256 = paramsDigest(base.params, examples, heldOut);

  /** Example `i`, as it is drawn in place `n` of the run. */
  const drawn = (i: number, n: number): LabelRow =>
    change ? row(change(examples[i], new Random(seed).fork("change", n))) : rows[i];

  return {
    params,
    model,
    primary: { name: metric, better: "higher" },
    batch: (index) =>
      labelBatch(
        config,
        drawnInPasses(rows.length, index, { batchSize, seed }).map((i, b) =>
          drawn(i, index * batchSize + b),
        ),
      ),
    loss: (params, batch) => labelLoss(whole(params), config, batch),
    evaluate: async (limit, tools) => {
      const some = heldOut.slice(0, limit);
      const loss = meanLoss(model, heldOutRows.slice(0, some.length));
      await tools.pause(some.length, some.length);
      return { ...judge(model, some), loss };
    },
    describe: () => ({
      kind: "fine-tuning",
      model: config,
      tokenizer: base.tokenizer.toJSON(),
      data: { name: "labelled examples", sha256 },
    }),
    dispose: () => disposeParams(params),
  };
}

/** −ln p of the right label: the mean over texts, or over words. */
function meanLoss(model: Classifier, rows: readonly LabelRow[]): number {
  const p = labelProbabilities(model, rows);
  const { task, length } = model.config;
  const losses = rows.flatMap(({ labels = [], at = [] }, b) =>
    labels.map((label, i) => -Math.log(p[task === "tag" ? b * length + at[i] : b][label])),
  );
  return losses.reduce((a, b) => a + b, 0) / losses.length;
}
