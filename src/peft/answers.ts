// The task that adapts a model: prompts with answers, the loss on the answers alone. It trains an
// addition beside a frozen model, or for comparison the model itself.
//
// The head is the largest matrix of a small model (a fifth of SmolLM2's parameters), and what it says
// of a prompt is not needed: only the places whose next token is an answer's go through it. They are
// as many in every batch, so that the step has one shape and can be compiled.
//
// Letters: B texts, T places of a row, M places of a row that can be an answer's, C channels.
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden } from "../gpt";
import { embedding, softmaxCrossEntropy } from "../ops";
import { freezeParams, type Params } from "../params";
import { Random } from "../random";
import type { Tokenizer } from "../tokenizer";
import type { Task, TaskTools } from "../train";
import { type Addition, adapted, fingerprint } from "./method";

/** A prompt and its answer, as token ids; what ends the answer is its last. */
export interface PromptAnswer {
  prompt: number[];
  answer: number[];
}

/** Rows of texts, each with the places that are to be learnt. */
export type AnswerRows = {
  /** (B, T) int32 */
  ids: tf.Tensor2D;
  /** (B·M) int32: which of the B·T places come before a token of an answer. */
  places: tf.Tensor1D;
  /** (B·M) int32: that token. */
  targets: tf.Tensor1D;
  /** (B·M): 1, and 0 where an answer has fewer than M tokens. */
  weights: tf.Tensor1D;
};

/**
 * Texts as a batch; the caller disposes it.
 * @param options `length` T and `answerLength` M
 * @throws if a prompt or an answer is empty, or one is too long
 */
export function answerRows(
  texts: readonly PromptAnswer[],
  { length: T, answerLength: M }: { length: number; answerLength: number },
): AnswerRows {
  const B = texts.length;
  const ids = new Int32Array(B * T);
  const [places, targets, weights] = [0, 1, 2].map(() => new Int32Array(B * M));
  for (const [b, { prompt, answer }] of texts.entries()) {
    const said = `${prompt.length} and ${answer.length} in text ${b}`;
    if (prompt.length === 0 || answer.length === 0)
      throw new Error(`answerRows: expected prompts and answers of 1 id or more, got ${said}`);
    if (answer.length > M || prompt.length + answer.length > T)
      throw new Error(
        `answerRows: expected at most ${T} ids with an answer of at most ${M}, got ${said}`,
      );
    ids.set([...prompt, ...answer], b * T);
    for (const [i, id] of answer.entries()) {
      places[b * M + i] = b * T + prompt.length - 1 + i;
      targets[b * M + i] = id;
      weights[b * M + i] = 1;
    }
  }
  return {
    ids: tf.tensor2d(ids, [B, T], "int32"),
    places: tf.tensor1d(places, "int32"),
    targets: tf.tensor1d(targets, "int32"),
    weights: tf.tensor1d(Float32Array.from(weights)),
  };
}

/**
 * The mean of −ln p over the tokens of the answers, in nats per token.
 * @param params of the adapted model
 */
export function answerLoss(
  params: Params,
  config: GPTConfig,
  { ids, places, targets, weights }: AnswerRows,
): tf.Scalar {
  return tf.tidy(() => {
    const hidden = gptHidden(params, config, ids); // (B, T, C)
    const rows = tf.reshape(hidden, [-1, hidden.shape[2]]); // (B·T, C)
    const logits = gptHead(params, embedding(rows, places), config); // (B·M, V)
    return softmaxCrossEntropy(logits, targets, weights);
  });
}

export interface AnswerTaskOptions {
  /** The model; the caller keeps it. It is frozen until the task is disposed. */
  base: { params: Params; config: GPTConfig; tokenizer?: Tokenizer };
  /**
   * What is trained beside it; the caller keeps it, too. If absent, the model itself is trained:
   * full fine-tuning, which changes it.
   */
  addition?: Addition;
  /** Draws an example. */
  draw: (rng: Random) => PromptAnswer;
  heldOut: readonly PromptAnswer[];
  batchSize: number;
  /** T, the longest text, and M, the longest answer. */
  length: number;
  answerLength: number;
  seed: number;
}

/** The task. Metric: `val`, the held-out loss in nats per token of the answers. */
export function answerTask(options: AnswerTaskOptions): Task<AnswerRows> {
  const { base, addition, draw, heldOut, batchSize, seed } = options;
  const { params: frozen, config, tokenizer } = base;
  const params = addition?.params ?? frozen;
  const all = addition ? adapted(frozen, addition) : frozen;
  const data = { name: "answers", sha256: fingerprint(frozen) };
  if (addition) freezeParams(frozen);
  const loss = (_: Params, rows: AnswerRows) => answerLoss(all, config, rows);
  return {
    params,
    primary: { name: "val", better: "lower", unit: "nats per token", isLoss: true },
    batch: (index) => {
      const rng = new Random(seed).fork("batch", index);
      const texts = Array.from({ length: batchSize }, (_, i) => draw(rng.fork(i)));
      return answerRows(texts, options);
    },
    loss,
    evaluate: async (limit, tools) => ({
      val: await heldOutLoss(heldOut.slice(0, limit), options, tools),
    }),
    describe: () => ({
      kind: addition ? "addition" : "answers",
      model: config,
      tokenizer: tokenizer?.toJSON(),
      data,
    }),
    dispose: () => {
      if (addition) freezeParams(frozen, false);
    },
  };
}

async function heldOutLoss(
  texts: readonly PromptAnswer[],
  { batchSize, length, answerLength }: AnswerTaskOptions,
  tools: TaskTools<AnswerRows>,
): Promise<number> {
  let [sum, tokens] = [0, 0];
  for (let start = 0; start < texts.length; start += batchSize) {
    const chunk = texts.slice(start, start + batchSize);
    const rows = answerRows(chunk, { length, answerLength });
    const mean = tools.loss(rows, { whole: chunk.length === batchSize });
    const n = chunk.reduce((n, { answer }) => n + answer.length, 0);
    sum += (await mean.data())[0] * n;
    tokens += n;
    tf.dispose([rows, mean]);
    await tools.pause(start + chunk.length, texts.length);
  }
  return sum / tokens;
}
