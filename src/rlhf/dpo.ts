// Direct preference optimization (Rafailov et al., 2023): the policy is trained on the pairs
// themselves, without a reward model and without writing anything. What the reference thinks of the
// texts is computed once, before the first step.
import { canCompile, tf } from "../engine";
import { cloneParams, disposeParams, type Params, paramsDigest } from "../params";
import type { Task } from "../train";
import { rowLogProbs, sumOfRows, TextReader } from "./logProbs";
import { dpoLoss } from "./losses";
import type { StartModel } from "./model";
import type { Pair } from "./preferences";
import { pairsOfBatch, pairTexts } from "./rewardModel";
import { textRows } from "./rows";

export interface DPOOptions {
  /** Where the policy starts, and the reference. */
  model: StartModel;
  pairs: readonly Pair[];
  heldOut: readonly Pair[];
  /** β: how strongly the policy is held to the reference. */
  beta: number;
  batchSize: number;
  /** T, at least the longest text. */
  length: number;
  seed: number;
  compiled?: boolean;
  /** Further metrics of the policy, such as a true reward. */
  measure?: (params: Params) => Promise<Record<string, number>>;
}

/** The chosen texts, then the rejected ones: 2B rows. */
export type DPOBatch = Record<"ids" | "targets" | "mask", tf.Tensor2D> & {
  /** (2B) ln π_ref of each answer. */
  reference: tf.Tensor1D;
};

/**
 * The task. Metrics: `val`, the loss of the held-out pairs in nats (ln 2 at the start), and
 * `accuracy`, the share in which the chosen answer has gained more than the rejected one.
 */
export async function dpoTask(options: DPOOptions): Promise<Task<DPOBatch>> {
  const { model, pairs, heldOut, beta, batchSize, length, seed } = options;
  const { config, tokenizer } = model;
  if (!(beta > 0)) throw new Error(`dpoTask: expected beta above 0, got ${beta}`);
  const compiled = options.compiled ?? canCompile();
  const reader = new TextReader(model.params, config, { rows: 2 * batchSize, length, compiled });
  const known = new Map<Pair, [chosen: number, rejected: number]>();
  for (const list of [pairs, heldOut]) {
    const [chosen, rejected] = [
      await reader.logProbs(pairTexts(list, "chosen")),
      await reader.logProbs(pairTexts(list, "rejected")),
    ].map((rows) => rows.map((row) => row.reduce((a, b) => a + b, 0)));
    for (const [i, pair] of list.entries()) known.set(pair, [chosen[i], rejected[i]]);
  }
  reader.dispose();
  const params = cloneParams(model.params);
  const batchOf = (list: readonly Pair[]): DPOBatch => {
    const texts = [...pairTexts(list, "chosen"), ...pairTexts(list, "rejected")];
    const { ids, targets, mask, last } = textRows(texts, length);
    last.dispose();
    const of = (side: 0 | 1) => list.map((pair) => known.get(pair)?.[side] ?? Number.NaN);
    return { ids, targets, mask, reference: tf.tensor1d([...of(0), ...of(1)]) };
  };
  /** ln π − ln π_ref of chosen and rejected, (B) each. */
  const sides = (params: Params, batch: DPOBatch) => {
    const policy = sumOfRows(rowLogProbs(params, config, batch), batch.mask); // (2B)
    return [policy, batch.reference].map((all) => {
      const [chosen, rejected] = tf.split(all, 2) as [tf.Tensor1D, tf.Tensor1D];
      return { chosen, rejected };
    });
  };
  const loss: Task<DPOBatch>["loss"] = (params, batch) =>
    tf.tidy(() => {
      const [policy, reference] = sides(params, batch);
      return dpoLoss(policy, reference, { beta });
    });
  return {
    params,
    primary: { name: "val", better: "lower", unit: "nats", isLoss: true },
    batch: (index) => batchOf(pairsOfBatch(pairs, index, { batchSize, seed })),
    loss,
    evaluate: async (limit, tools) => {
      const gaps: number[] = [];
      const some = heldOut.slice(0, limit);
      for (let start = 0; start < some.length; start += batchSize) {
        await tools.pause(start, some.length);
        const batch = batchOf(some.slice(start, start + batchSize));
        const gap = tf.tidy(() => {
          const [policy, reference] = sides(params, batch);
          const gain = (side: "chosen" | "rejected") => tf.sub(policy[side], reference[side]);
          return tf.mul(tf.sub(gain("chosen"), gain("rejected")), beta);
        });
        gaps.push(...(await gap.data()));
        tf.dispose([gap, batch]);
      }
      const mean = (f: (gap: number) => number) =>
        gaps.reduce((sum, gap) => sum + f(gap), 0) / gaps.length;
      return {
        val: mean((gap) => Math.log1p(Math.exp(-gap))),
        accuracy: mean((gap) => (gap > 0 ? 1 : gap === 0 ? 0.5 : 0)),
        ...(await options.measure?.(params)),
      };
    },
    describe: () => ({
      kind: "dpo",
      model: config,
      tokenizer: tokenizer?.toJSON(),
      data: { name: "preferences", sha256: paramsDigest(model.params, pairs, beta) },
    }),
    dispose: () => disposeParams(params),
  };
}
