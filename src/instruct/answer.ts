// What a model answers to instructions, and whether it is right: greedily written answers compared
// with the right ones (exact match), and, for models that do not find the right words yet, whether
// the right answer is at least likelier than answers to other questions.

import { tf } from "../engine";
import { sampleBatch } from "../inference";
import { type Instruction, isRightAnswer, toMessages } from "../instructions";
import { Random } from "../random";
import { packRows, rowTensors } from "./pack";
import { answerLosses } from "./task";
import { chatIds, chatTokens, type InstructModel, promptIds } from "./template";

export interface AnswerOptions {
  /** How many answers are written side by side. */
  rows?: number;
  maxNewTokens?: number;
  /** 0 (if absent) always takes the likeliest token. */
  temperature?: number;
  seed?: number;
  /** Examples that are shown before each question, as turns of the same conversation. */
  shots?: readonly Instruction[];
}

/**
 * The answers to instructions, in their order.
 * @returns texts without the mark that ends them
 */
export async function answerAll(
  { params, config, tokenizer }: InstructModel,
  questions: readonly Pick<Instruction, "instruction" | "input">[],
  { rows = 64, maxNewTokens = 48, temperature = 0, seed = 1, shots = [] }: AnswerOptions = {},
): Promise<string[]> {
  const { end } = chatTokens(tokenizer);
  const before = shots.flatMap(toMessages);
  const asked = questions.map((question, i) => {
    const [user] = toMessages({ ...question, output: "?" } as Instruction);
    return { i, ids: promptIds([...before, user], tokenizer) };
  });
  // Prompts of about one length side by side: a batch costs what its longest row costs.
  asked.sort((a, b) => a.ids.length - b.ids.length);
  const answers = new Array<string>(questions.length);
  for (let at = 0; at < asked.length; at += rows) {
    const some = asked.slice(at, at + rows);
    const texts = await sampleBatch(
      params,
      config,
      some.map(({ ids }) => ids),
      {
        ...{ maxNewTokens, temperature, stopIds: [end] },
        rngs: some.map(({ i }) => new Random(seed).fork(i)),
      },
    );
    for (const [b, { i, ids }] of some.entries()) {
      const written = texts[b].ids.slice(ids.length);
      answers[i] = tokenizer.decode(written.at(-1) === end ? written.slice(0, -1) : written);
    }
  }
  return answers;
}

/** How many of a kind's questions were answered rightly. */
export interface KindScore {
  kind: string;
  right: number;
  asked: number;
}

/** Exact matches by kind of task, in the order in which the kinds come. */
export async function exactByKind(
  model: InstructModel,
  examples: readonly Instruction[],
  options: AnswerOptions = {},
): Promise<KindScore[]> {
  const answers = await answerAll(model, examples, options);
  const scores = new Map<string, KindScore>();
  for (const [i, example] of examples.entries()) {
    const score = scores.get(example.kind) ?? { kind: example.kind, right: 0, asked: 0 };
    score.asked++;
    if (isRightAnswer(example, answers[i])) score.right++;
    scores.set(example.kind, score);
  }
  return [...scores.values()];
}

/**
 * For each example, whether its right answer is likelier than the answers to `others` questions of
 * the same set (ln p per token of the answer, the mark at its end included). Chance: 1/(others + 1).
 * @throws if the set has not got so many different answers
 */
export async function likelierThanOthers(
  { params, config, tokenizer }: InstructModel,
  examples: readonly Instruction[],
  { others = 3, seed = 1 }: { others?: number; seed?: number } = {},
): Promise<boolean[]> {
  const { pad } = chatTokens(tokenizer);
  const verdicts: boolean[] = [];
  for (const [i, example] of examples.entries()) {
    const rng = new Random(seed).fork(i);
    const wrong = [...new Set(examples.map(({ output }) => output))].filter(
      (output) => !isRightAnswer(example, output),
    );
    if (wrong.length < others)
      throw new Error(
        `likelierThanOthers: expected ${others} other answers for question ${i}, ` +
          `got ${wrong.length}`,
      );
    const choices = [example.output, ...rng.shuffle(wrong).slice(0, others)];
    const rows = choices.flatMap((output) =>
      packRows([chatIds(toMessages({ ...example, output }), tokenizer)], config.blockSize),
    );
    const length = Math.max(...rows.map(([{ ids }]) => ids.length));
    const batch = rowTensors(rows, { length, pad });
    const means = tf.tidy(() => {
      const losses = tf.reshape(answerLosses(params, config, batch), [rows.length, length]);
      return tf.div(tf.sum(losses, 1), tf.sum(batch.mask, 1));
    });
    const [right, ...rest] = Array.from(await means.data());
    tf.dispose([means, batch]);
    verdicts.push(rest.every((loss) => right < loss));
  }
  return verdicts;
}
