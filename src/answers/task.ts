// Learning to answer from examples: prompts with answers, and the loss on the answers alone (the
// supervised step of InstructGPT: Ouyang et al., 2022). It trains a copy of a model, or what was put
// beside a frozen one, such as LoRA (lesson 17, light fine-tuning). Conversations with several
// answers, in rows that they share, are in llm/instruct.
//
// The head is the largest matrix of a small model (a fifth of SmolLM2's parameters), and what it says
// of a prompt is not needed: only the places whose next token is an answer's go through it. They are
// as many in every batch, so that the step has one shape and can be compiled.
//
// Letters: B texts, T places of a row, M places of a row that can be an answer's, C channels.
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden } from "../gpt";
import { embedding, softmaxCrossEntropy } from "../ops";
import { cloneParams, disposeParams, fingerprint, freezeParams, type Params } from "../params";
import { Random } from "../random";
import type { Tokenizer } from "../tokenizer";
import type { Task } from "../train";
import { type AnswerRows, answerRows, type PromptAnswer } from "./rows";

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
  /** The model; the caller keeps it. */
  model: { params: Params; config: GPTConfig; tokenizer?: Tokenizer };
  /**
   * Which of the model's parameters are trained, by name: they change, the others are frozen until
   * the task is disposed. If absent, all of a copy are, and the model stays as it is.
   */
  trained?: Params;
  /** Draws an example. */
  draw: (rng: Random) => PromptAnswer;
  heldOut: readonly PromptAnswer[];
  batchSize: number;
  /** T, at least the longest text. */
  length: number;
  /** M, at least the longest answer; T − 1 if absent. */
  answerLength?: number;
  seed: number;
}

/**
 * The task. Metric: `val`, the held-out loss in nats per token of the answers.
 * @throws if `trained` has a tensor that is not the model's, or an example does not fit
 */
export function answerTask(options: AnswerTaskOptions): Task<AnswerRows> {
  const { model, draw, heldOut, batchSize, length, seed } = options;
  const { answerLength = length - 1 } = options;
  const { config, tokenizer } = model;
  const { params, frozen, close } = parts(options);
  const rowsOf = (texts: readonly PromptAnswer[]) => answerRows(texts, { length, answerLength });
  const data = { name: "answers", sha256: fingerprint(frozen ?? model.params) };
  return {
    params,
    primary: { name: "val", better: "lower", unit: "nats per token", isLoss: true },
    batch: (index) => {
      const rng = new Random(seed).fork("batch", index);
      return rowsOf(Array.from({ length: batchSize }, (_, i) => draw(rng.fork(i))));
    },
    loss: (params, rows) => answerLoss({ ...frozen, ...params }, config, rows),
    evaluate: async (limit, tools) => {
      const some = heldOut.slice(0, limit);
      const lossOf = (chunk: readonly PromptAnswer[]) => {
        const rows = rowsOf(chunk);
        const mean = tools.loss(rows, { whole: chunk.length === batchSize });
        tf.dispose(rows);
        return mean;
      };
      const pause = (done: number) => tools.pause(done, some.length);
      return { val: await meanPerToken(some, batchSize, lossOf, pause) };
    },
    describe: () => ({
      kind: frozen ? "addition" : "answers",
      model: config,
      tokenizer: tokenizer?.toJSON(),
      data,
    }),
    dispose: close,
  };
}

/** What is trained, what is frozen beside it, and how to end. */
function parts({ model, trained }: AnswerTaskOptions): {
  params: Params;
  frozen?: Params;
  close(): void;
} {
  if (!trained) {
    const params = cloneParams(model.params);
    return { params, close: () => disposeParams(params) };
  }
  const strange = Object.keys(trained).find((name) => trained[name] !== model.params[name]);
  if (strange !== undefined)
    throw new Error(`answerTask: expected parameters of the model, got another ${strange}`);
  const others = Object.entries(model.params).filter(([name]) => !(name in trained));
  const frozen = Object.fromEntries(others);
  freezeParams(frozen);
  return { params: trained, frozen, close: () => freezeParams(frozen, false) };
}

/**
 * The mean over all tokens of many answers, a few texts at a time.
 * @param lossOf the mean over the tokens of some of them
 * @param pause called after each part, with how many texts are done
 */
export async function meanPerToken(
  texts: readonly PromptAnswer[],
  batchSize: number,
  lossOf: (some: readonly PromptAnswer[]) => tf.Scalar,
  pause: (done: number) => Promise<void> = async () => {},
): Promise<number> {
  let [sum, tokens] = [0, 0];
  for (let start = 0; start < texts.length; start += batchSize) {
    const chunk = texts.slice(start, start + batchSize);
    const mean = lossOf(chunk);
    const n = chunk.reduce((n, { answer }) => n + answer.length, 0);
    sum += (await mean.data())[0] * n;
    tokens += n;
    mean.dispose();
    await pause(start + chunk.length);
  }
  return sum / tokens;
}
