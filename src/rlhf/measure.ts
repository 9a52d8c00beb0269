// What is written down about a policy: each rollout in a record, and in evaluations its rewards and
// its distance from the reference on held-out prompts.
import { Random } from "../random";
import type { TaskTools } from "../train";
import { type StartModel, shown } from "./model";
import type { Reward } from "./rewardModel";
import type { Text, WrittenText } from "./rows";
import type { PolicyWriter } from "./writer";

/** What a rollout was like. */
export interface RolloutRecord {
  /** Which one, from 0. */
  rollout: number;
  /** Mean reward of its texts. */
  reward: number;
  /** The mean over texts of Σ (ln π − ln π_ref), in nats; NaN where no reference was asked. */
  kl: number;
  /** Mean number of ids in an answer. */
  length: number;
  /** The mean of −ln π of the ids that were drawn, in nats per token: an estimate of the entropy. */
  surprise: number;
  /** Share of groups in which all rewards are equal: they teach GRPO nothing. */
  equalGroups: number;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** Σ (ln π − ln π_ref) of each text, in nats; its mean over the policy's texts is the KL divergence. */
export const textKL = (texts: readonly WrittenText[], reference: readonly number[][]): number[] =>
  texts.map(({ logProbs }, b) => sum(logProbs) - sum(reference[b]));

/** @param options.reference ln π_ref of each id, where it is known */
export function recordOf(
  rollout: number,
  {
    texts,
    rewards,
    reference,
    groupSize,
  }: { texts: WrittenText[]; rewards: number[]; reference?: number[][]; groupSize: number },
): RolloutRecord {
  const drawn = texts.flatMap(({ logProbs }) => logProbs);
  const firsts = rewards.filter((_, i) => i % groupSize === 0);
  const equal = firsts.filter((first, g) =>
    rewards.slice(g * groupSize, (g + 1) * groupSize).every((reward) => reward === first),
  );
  return {
    rollout,
    reward: mean(rewards),
    kl: reference ? mean(textKL(texts, reference)) : Number.NaN,
    length: drawn.length / texts.length,
    surprise: -mean(drawn),
    equalGroups: equal.length / firsts.length,
  };
}

/**
 * Gives the rewards back if they can be learnt from.
 * @throws if there are not as many as texts, or one is no finite number; the text is shown
 */
export function checkedRewards(
  caller: string,
  rewards: number[],
  { texts, model }: { texts: readonly Text[]; model: StartModel },
): number[] {
  if (rewards.length !== texts.length)
    throw new Error(
      `${caller}: expected a reward for each of ${texts.length} texts, got ${rewards.length}`,
    );
  const at = rewards.findIndex((reward) => !Number.isFinite(reward));
  if (at >= 0)
    throw new Error(
      `${caller}: expected rewards that are finite numbers, got ${rewards[at]} for the answer ` +
        `${shown(model, texts[at].answer)} to ${shown(model, texts[at].prompt)}. ` +
        "The policy is as it was, and so is the last checkpoint.",
    );
  return rewards;
}

export interface EvaluatePolicyOptions {
  model: StartModel;
  reward: Reward;
  heldOut: readonly number[][];
  measures?: Record<string, Reward>;
  seed: number;
}

/**
 * Answers to the held-out prompts, drawn with the same random numbers at every step: mean `reward`,
 * mean of each of the `measures`, `kl` in nats per text, `length` in ids, `stopped` as a share.
 */
export async function evaluatePolicy(
  { model, reward, heldOut, measures = {}, seed }: EvaluatePolicyOptions,
  writer: PolicyWriter,
  { limit, tools, name }: { limit: number; tools: Pick<TaskTools<never>, "pause">; name: string },
): Promise<Record<string, number>> {
  const prompts = heldOut.slice(0, limit);
  if (prompts.length === 0) throw new Error(`${name}: expected held-out prompts, got none`);
  await tools.pause(0, prompts.length);
  const texts = await writer.write(prompts, new Random(seed).fork("evaluation"));
  const measured = async (reward: Reward) =>
    mean(checkedRewards(name, await reward(texts), { texts, model }));
  const metrics: Record<string, number> = { reward: await measured(reward) };
  for (const [key, measure] of Object.entries(measures)) metrics[key] = await measured(measure);
  return {
    ...metrics,
    kl: mean(textKL(texts, await writer.reference(texts))),
    length: mean(texts.map(({ answer }) => answer.length)),
    stopped: mean(texts.map(({ stopped }) => (stopped ? 1 : 0))),
  };
}
