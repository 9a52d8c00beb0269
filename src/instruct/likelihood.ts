// Whether the right answer is at least likelier than wrong ones: a finer measure than exact match,
// for models that do not find the right words yet (Brown et al., 2020, choose among answers so).

import { tf } from "../engine";
import { type Instruction, isRightAnswer, members, separator, toMessages } from "../instructions";
import { Random } from "../random";
import { packRows, rowTensors } from "./pack";
import { answerLosses } from "./task";
import { chatIds, chatTokens, type InstructModel } from "./template";

/**
 * −ln p per token of each answer to one question, the mark at its end included.
 * @returns nats per token, one number for each answer
 */
export async function answerSurprises(
  { params, config, tokenizer }: InstructModel,
  question: Pick<Instruction, "instruction" | "input">,
  answers: readonly string[],
): Promise<number[]> {
  const { pad } = chatTokens(tokenizer);
  const rows = answers.flatMap((output) => {
    const messages = toMessages({ ...question, output });
    return packRows([chatIds(messages, tokenizer)], config.blockSize);
  });
  const length = Math.max(...rows.map(([{ ids }]) => ids.length));
  const batch = rowTensors(rows, { length, pad });
  const means = tf.tidy(() => {
    const losses = tf.reshape(answerLosses(params, config, batch), [rows.length, length]);
    return tf.div(tf.sum(losses, 1), tf.sum(batch.mask, 1));
  });
  const values = Array.from(await means.data());
  tf.dispose([means, batch]);
  return values;
}

/**
 * For each example, whether its right answer is likelier than the answers to `others` questions of
 * the same set (ln p per token of the answer, the mark at its end included). Chance: 1/(others + 1).
 * @throws if the set has not got so many different answers
 */
export async function likelierThanOthers(
  model: InstructModel,
  examples: readonly Instruction[],
  { others = 3, seed = 1 }: { others?: number; seed?: number } = {},
): Promise<boolean[]> {
  const verdicts: boolean[] = [];
  for (const [i, example] of examples.entries()) {
    const rng = new Random(seed).fork(i);
    const wrong = wrongAnswers(example, examples);
    if (wrong.length < others)
      throw new Error(
        `likelierThanOthers: expected ${others} other answers for question ${i}, ` +
          `got ${wrong.length}`,
      );
    const choices = [example.output, ...rng.shuffle(wrong).slice(0, others)];
    verdicts.push(isFirstLeast(await answerSurprises(model, example, choices)));
  }
  return verdicts;
}

/** Different answers of a set that are wrong for one of its questions. */
const wrongAnswers = (example: Instruction, examples: readonly Instruction[]) =>
  [...new Set(examples.map(({ output }) => output))].filter(
    (output) => !isRightAnswer(example, output),
  );

const isFirstLeast = ([first, ...rest]: number[]) => rest.every((loss) => first < loss);

/** How often the right answer of a kind and language was the likeliest one. */
export interface LikelihoodScore {
  kind: string;
  language: Instruction["language"];
  right: number;
  asked: number;
  /** How many would be right by luck, in the mean. */
  byLuck: number;
}

export interface ChoiceOptions {
  /** How many wrong answers stand beside the right one, at most; 3 if absent. */
  others?: number;
  seed?: number;
  /** Wrong answers to choose from; if absent, the answers to other questions of the same list. */
  wrong?: (example: Instruction, same: readonly Instruction[]) => string[];
}

/**
 * As `likelierThanOthers`, with the wrong answers from the same kind and language, so that their
 * form gives nothing away; at most `others`, as many as there are. In the order in which the kinds
 * come. A question without any other answer is left out.
 */
export async function likelihoodByKind(
  model: InstructModel,
  examples: readonly Instruction[],
  { others = 3, seed = 1, wrong: wrongOf = wrongAnswers }: ChoiceOptions = {},
): Promise<LikelihoodScore[]> {
  const scores = new Map<string, LikelihoodScore>();
  for (const [i, example] of examples.entries()) {
    const { kind, language } = example;
    const same = examples.filter((one) => one.kind === kind && one.language === language);
    const wrong = new Random(seed).fork(i).shuffle(wrongOf(example, same)).slice(0, others);
    if (wrong.length === 0) continue;
    const key = `${kind} ${language}`;
    const score = scores.get(key) ?? { kind, language, right: 0, asked: 0, byLuck: 0 };
    score.asked++;
    score.byLuck += 1 / (wrong.length + 1);
    if (isFirstLeast(await answerSurprises(model, example, [example.output, ...wrong])))
      score.right++;
    scores.set(key, score);
  }
  return [...scores.values()];
}

/**
 * The words of a right answer in all other orders, for `wrong` of `likelihoodByKind`: a model that only
 * prefers the words of the question cannot tell these from the right answer.
 */
export function otherOrders({
  output,
  language,
}: Pick<Instruction, "output" | "language">): string[] {
  const orders = (words: readonly string[]): string[][] =>
    words.length < 2
      ? [[...words]]
      : words.flatMap((word, i) =>
          orders([...words.slice(0, i), ...words.slice(i + 1)]).map((rest) => [word, ...rest]),
        );
  const texts = orders(members(output)).map((words) => words.join(separator(language)));
  return [...new Set(texts)].filter((text) => text !== output);
}
