// Learning answers from examples, with the loss on the answers alone: the start of every run here,
// and distillation from the answers of a larger model (lesson 19, reasoning).
import { tf } from "../engine";
import { cloneParams, disposeParams, type Params, paramsDigest } from "../params";
import { Random } from "../random";
import type { Task } from "../train";
import { inChunks, rowLogProbs } from "./logProbs";
import { reduceLoss } from "./losses";
import type { StartModel } from "./model";
import { type Text, type TokenRows, textRows } from "./rows";

export interface SupervisedOptions {
  model: StartModel;
  /** Draws an example. */
  draw: (rng: Random) => Text;
  heldOut: readonly Text[];
  batchSize: number;
  /** T, at least the longest text. */
  length: number;
  seed: number;
}

type Rows = Omit<TokenRows, "last">;

/** The task. Metric: `val`, the held-out loss in nats per token of the answers. */
export function supervisedTask(options: SupervisedOptions): Task<Rows> {
  const { model, draw, heldOut, batchSize, length, seed } = options;
  const { config, tokenizer } = model;
  const params = cloneParams(model.params);
  const rowsOf = (texts: Text[]): Rows => {
    const { last, ...rows } = textRows(texts, length);
    last.dispose();
    return rows;
  };
  const losses = (params: Params, rows: Rows) => tf.neg(rowLogProbs(params, config, rows));
  return {
    params,
    primary: { name: "val", better: "lower", unit: "nats per token", isLoss: true },
    batch: (index) => {
      const rng = new Random(seed).fork("batch", index);
      return rowsOf(Array.from({ length: batchSize }, (_, i) => draw(rng.fork(i))));
    },
    loss: (params, rows) =>
      tf.tidy(() => reduceLoss(losses(params, rows) as tf.Tensor2D, rows.mask, { level: "token" })),
    evaluate: async (limit, tools) => {
      const some = heldOut.slice(0, limit);
      const sums = await inChunks(some, batchSize, async (chunk, start) => {
        await tools.pause(start, some.length);
        const rows = rowsOf(chunk);
        const sum = tf.tidy(() => tf.sum(tf.mul(losses(params, rows), rows.mask), 1));
        const values = Array.from(await sum.data());
        tf.dispose([rows, sum]);
        return values;
      });
      const tokens = some.reduce((n, { answer }) => n + answer.length, 0);
      return { val: sums.reduce((a, b) => a + b, 0) / tokens };
    },
    describe: () => ({
      kind: "answers",
      model: config,
      tokenizer: tokenizer?.toJSON(),
      data: { name: "examples", sha256: paramsDigest(model.params, heldOut) },
    }),
    dispose: () => disposeParams(params),
  };
}
