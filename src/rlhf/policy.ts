// Reinforcement learning of a GPT, what PPO and GRPO have in common:
//
//   1. rollout     the policy writes answers to prompts (llm/inference's sampleBatch)
//   2. rewards     a function of the texts: a reward model, or a rule
//   3. experience  advantages and whatever else the loss needs, as numbers
//   4. steps       `epochs` passes over the rollout in `minibatches` parts, by the trainer
//
// Steps 1 to 3 happen in `batch`, whenever the trainer asks for the first batch of a new rollout.
// The rollout is part of what a checkpoint saves, so that a run that was killed in the middle of its
// epochs goes on to the same losses. All shapes are fixed, so that steps are compiled once.
// Left out: writing and training at the same time, texts of older policies, several rewards.
//
// Letters: N texts of a rollout, T places of a row.
import { tf } from "../engine";
import { disposeParams, type Params, paramsDigest } from "../params";
import { Random } from "../random";
import { expectWholeNumber, type Task } from "../train";
import { checkedRewards, evaluatePolicy, type RolloutRecord, recordOf } from "./measure";
import type { Reward } from "./rewardModel";
import { atAnswers, rowArrays, type WrittenText } from "./rows";
import { PolicyWriter, type WriterOptions } from "./writer";

export interface PolicyOptions extends WriterOptions {
  /** Draws a prompt. */
  prompts: (rng: Random) => number[];
  reward: Reward;
  /** Prompts for evaluations. */
  heldOut: readonly number[][];
  /** Further rewards, measured in evaluations only: the true one, for example. */
  measures?: Record<string, Reward>;
  /** How many prompts a rollout has, and how many answers are written to each. */
  promptsPerRollout: number;
  groupSize: number;
  /** How often a rollout is gone over, and in how many parts; 1 each. */
  epochs?: number;
  minibatches?: number;
  seed: number;
  onRollout?: (record: RolloutRecord, texts: WrittenText[], rewards: number[]) => void;
}

/** A rollout with its rewards, as an algorithm gets it. */
export interface Rollout {
  texts: WrittenText[];
  rewards: number[];
  /** ln π_ref of each id of each answer; the reference reads when it is first asked. */
  reference(): Promise<number[][]>;
}

/** A part of a rollout: M rows. */
export type PolicyBatch = Record<string, tf.Tensor2D> & {
  ids: tf.Tensor2D;
  targets: tf.Tensor2D;
  mask: tf.Tensor2D;
  old: tf.Tensor2D;
};

/** What PPO and GRPO differ in. */
export interface Algorithm {
  kind: "ppo" | "grpo";
  params: Params;
  /** For the digest: a run is resumed with the same numbers only. */
  numbers: object;
  /** Names of what `experience` gives, beyond the rows and the old log-probabilities. */
  fields: readonly string[];
  /** N·T numbers for each of the fields. */
  experience(rollout: Rollout): Promise<Record<string, Float32Array>>;
  loss: Task<PolicyBatch>["loss"];
  dispose?(): void;
}

const ROWS = ["ids", "targets", "mask", "old"] as const;

/** Puts a task together out of what is common and an algorithm. */
export function policyTask(options: PolicyOptions, algorithm: Algorithm): Task<PolicyBatch> {
  const { model, promptsPerRollout, groupSize, epochs = 1, minibatches = 1, seed } = options;
  const name = `${algorithm.kind}Task`;
  for (const [key, value] of Object.entries({ promptsPerRollout, groupSize, epochs, minibatches }))
    expectWholeNumber(name, key, value, 1);
  const N = promptsPerRollout * groupSize;
  if (N % minibatches !== 0)
    throw new Error(`${name}: expected minibatches to divide ${N} texts, got ${minibatches}`);
  const writer = new PolicyWriter(options, algorithm.params, N);
  const T = writer.length;
  const fields = [...ROWS, ...algorithm.fields];
  /** The rollout that is gone over, and which one it is (−1: none yet). */
  const kept: Params = Object.fromEntries([
    ...fields.map((field) => [`rollout.${field}`, tf.tidy(() => tf.variable(tf.zeros([N, T])))]),
    ["rollout.number", tf.tidy(() => tf.variable(tf.scalar(-1)))],
  ]);

  async function roll(rollout: number): Promise<void> {
    const rng = new Random(seed).fork("rollout", rollout);
    const prompts = Array.from({ length: promptsPerRollout }, (_, i) =>
      options.prompts(rng.fork("prompt", i)),
    ).flatMap((prompt) => Array.from({ length: groupSize }, () => prompt));
    const texts = await writer.write(prompts, rng);
    const logProbs = texts.map(({ logProbs }) => logProbs);
    const rewards = checkedRewards(name, await options.reward(texts), { texts, model });
    let asked: Promise<number[][]> | undefined;
    const reference = () => (asked ??= writer.reference(texts));
    const arrays = {
      ...rowArrays(texts, T),
      old: atAnswers(texts, logProbs, T),
      ...(await algorithm.experience({ texts, rewards, reference })),
    } as Record<string, Float32Array>;
    tf.tidy(() => {
      for (const field of fields)
        kept[`rollout.${field}`].assign(tf.tensor2d(arrays[field], [N, T]));
      kept["rollout.number"].assign(tf.scalar(rollout));
    });
    options.onRollout?.(
      recordOf(rollout, { texts, rewards, reference: await asked, groupSize }),
      texts,
      rewards,
    );
  }

  async function batch(index: number): Promise<PolicyBatch> {
    const rollout = Math.floor(index / (epochs * minibatches));
    if ((await kept["rollout.number"].data())[0] !== rollout) await roll(rollout);
    const part = index % (epochs * minibatches);
    const rng = new Random(seed).fork("order", rollout, Math.floor(part / minibatches));
    const order = rng.shuffle(Array.from({ length: N }, (_, i) => i));
    const M = N / minibatches;
    const start = (part % minibatches) * M;
    return tf.tidy(() => {
      const rows = tf.tensor1d(order.slice(start, start + M), "int32");
      const of = (field: string) => tf.gather(kept[`rollout.${field}`], rows) as tf.Tensor2D;
      const all = Object.fromEntries(fields.map((field) => [field, of(field)]));
      return {
        ...all,
        ids: tf.cast(all.ids, "int32"),
        targets: tf.cast(all.targets, "int32"),
      } as PolicyBatch;
    });
  }

  return {
    params: algorithm.params,
    primary: { name: "reward", better: "higher" },
    batch,
    loss: algorithm.loss,
    evaluate: (limit, tools) => evaluatePolicy(options, writer, { limit, tools, name }),
    state: () => kept,
    describe: () => ({
      kind: algorithm.kind,
      model: model.config,
      tokenizer: model.tokenizer?.toJSON(),
      data: {
        name: "the reference model and the numbers of the run",
        sha256: paramsDigest(model.params, algorithm.numbers, [N, T, epochs, minibatches, seed]),
      },
    }),
    dispose: () => {
      writer.dispose();
      algorithm.dispose?.();
      disposeParams(kept);
      disposeParams(algorithm.params);
    },
  };
}
