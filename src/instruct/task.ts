// Learning to answer, as a task of the trainer: next-token prediction as in pretraining, on
// conversations, with a loss that counts the answers alone (Ouyang et al., 2022, the supervised step
// of InstructGPT). Everything else (steps, checkpoints, logs, resuming) is the trainer's.
//
// Letters: B rows, T places of a row, V vocabulary.
import { createHash } from "node:crypto";
import { orderOfPass } from "../data";
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden, tokenLogProbs } from "../gpt";
import { cloneParams, disposeParams, type Params } from "../params";
import type { Task } from "../train";
import { instructAttention, type PackedRow, packRows, type RowTensors, rowTensors } from "./pack";
import { type Conversation, chatTokens, type InstructModel } from "./template";

export type InstructBatch = RowTensors;

export interface InstructOptions {
  /** Where the run begins; it stays as it is, and the caller disposes it. */
  model: InstructModel;
  conversations: readonly Conversation[];
  /** For `val`. */
  heldOut: readonly Conversation[];
  /** Rows of a batch. */
  batchSize: number;
  /** T: places of a row; blockSize if absent. */
  length?: number;
  /** Whether rows are shared; false: one conversation for each row. True if absent. */
  packed?: boolean;
  seed: number;
}

/**
 * −ln p of every learnt id, 0 elsewhere.
 * @returns (B·T); the caller disposes it
 */
export function answerLosses(
  params: Params,
  config: GPTConfig,
  { ids, targets, mask, segments }: RowTensors,
): tf.Tensor1D {
  return tf.tidy(() => {
    const hidden = gptHidden(params, config, ids, { mixHeads: instructAttention(segments) });
    const logits = gptHead(params, hidden, config); // (B·T, V)
    const ln = tokenLogProbs(logits, tf.reshape(targets, [-1]));
    return tf.mul(tf.neg(ln), tf.reshape(mask, [-1])) as tf.Tensor1D;
  });
}

/**
 * The task. Metric `val`: held-out loss in nats per learnt token.
 * Rows are packed anew, in another order, for each pass over the conversations.
 * @throws if there is nothing to learn or to measure with, a conversation is too long or has no
 *   answer, or the model's positions are learned
 */
export function instructTask(options: InstructOptions): Task<InstructBatch> {
  const { model, conversations, heldOut, batchSize, packed = true, seed } = options;
  const { config, tokenizer } = model;
  const { length = config.blockSize } = options;
  checkOptions(options, length);
  const { pad } = chatTokens(tokenizer);
  const rowsOf = (some: readonly Conversation[]): PackedRow[] =>
    packed ? packRows(some, length) : some.flatMap((one) => packRows([one], length));
  const passes = new Passes(conversations, rowsOf, seed);
  const params = cloneParams(model.params);
  const tensors = (rows: readonly PackedRow[]) => rowTensors(rows, { length, pad });
  const evalRows = rowsOf(heldOut);
  return {
    params,
    primary: { name: "val", better: "lower", unit: "nats per answer token", isLoss: true },
    batch: (index) =>
      tensors(Array.from({ length: batchSize }, (_, i) => passes.row(index * batchSize + i))),
    loss: (params, batch) =>
      tf.tidy(() => tf.div(tf.sum(answerLosses(params, config, batch)), tf.sum(batch.mask))),
    evaluate: async (limit, tools) => {
      const some = evalRows.slice(0, limit);
      let [sum, count] = [0, 0];
      for (let at = 0; at < some.length; at += batchSize) {
        await tools.pause(at, some.length);
        const batch = tensors(some.slice(at, at + batchSize));
        const [losses, learnt] = tf.tidy(() => [
          tf.sum(answerLosses(params, config, batch)),
          tf.sum(batch.mask),
        ]);
        sum += (await losses.data())[0];
        count += (await learnt.data())[0];
        tf.dispose([losses, learnt, batch]);
      }
      return { val: sum / count };
    },
    describe: () => ({
      kind: "gpt",
      model: config,
      tokenizer: tokenizer.toJSON(),
      data: { name: "conversations", sha256: digestOf(conversations, heldOut) },
    }),
    dispose: () => disposeParams(params),
  };
}

/** @throws unless the task can be learnt and measured */
function checkOptions({ model, conversations, heldOut, batchSize }: InstructOptions, T: number) {
  const { family, position = "learned", blockSize } = model.config;
  if (conversations.length === 0 || heldOut.length === 0)
    throw new Error(
      "instructTask: expected conversations to learn from and to measure with, got " +
        `${conversations.length} and ${heldOut.length}`,
    );
  if (family !== "llama" && position === "learned")
    throw new Error(
      "instructTask: expected a model with relative positions (such as RoPE), got learned ones, " +
        "which would have to begin anew in the middle of a row",
    );
  if (!(Number.isInteger(T) && T >= 2 && T <= blockSize))
    throw new Error(`instructTask: expected a length from 2 to ${blockSize}, got ${T}`);
  if (!(Number.isInteger(batchSize) && batchSize >= 1))
    throw new Error(`instructTask: expected a batchSize of 1 or more, got ${batchSize}`);
}

/** The rows of one pass after another, each in an order of its own; only the last two are kept. */
class Passes {
  /** How many rows the passes before have, in sum: entry p for pass p. */
  private readonly starts = [0];
  private readonly kept = new Map<number, PackedRow[]>();

  constructor(
    private readonly conversations: readonly Conversation[],
    private readonly rowsOf: (some: readonly Conversation[]) => PackedRow[],
    private readonly seed: number,
  ) {}

  private pass(p: number): PackedRow[] {
    const found = this.kept.get(p);
    if (found) return found;
    const { conversations, seed } = this;
    const order = orderOfPass(conversations.length, p, seed);
    const rows = this.rowsOf(order.map((i) => conversations[i]));
    if (this.kept.size > 1) this.kept.delete(Math.min(...this.kept.keys()));
    this.kept.set(p, rows);
    this.starts[p + 1] = this.starts[p] + rows.length;
    return rows;
  }

  /** Row `index` of all passes one after another. */
  row(index: number): PackedRow {
    let p = this.starts.findLastIndex((start) => start <= index);
    for (;;) {
      const rows = this.pass(p);
      if (index < this.starts[p + 1]) return rows[index - this.starts[p]];
      p++;
    }
  }
}

const digestOf = (...parts: unknown[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex");
