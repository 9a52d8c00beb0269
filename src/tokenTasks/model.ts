// A small GPT that reads a question and writes an answer: what lesson 04 (tokenization) trains to see
// what the cutting of a text is worth. Questions are filled up on the left and answers on the
// right, so that every answer begins at the same place; the loss is of the answers alone.
//
// Letters: B examples, P places of a question, A places of an answer, V symbols.

import { inTurn } from "../data";
import { tf } from "../engine";
import { type GPTConfig, gptHead, gptHidden, initGPT } from "../gpt";
import { softmaxCrossEntropy } from "../ops";
import { countParams, disposeParams, type Params } from "../params";
import { Random } from "../random";
import { type Task, Trainer } from "../train";

/** A question and its answer, each as symbols: one symbol is one token. */
export interface Example {
  question: string[];
  answer: string[];
}

/** What stands before a question and after an answer. */
const FILL = "";

/** A way of writing examples down, and how many places its longest ones need. */
export interface Notation {
  name: string;
  /** All symbols that questions and answers may have. */
  symbols: readonly string[];
  /** P and A. */
  places: { question: number; answer: number };
}

export interface Answering {
  notation: Notation;
  config: GPTConfig;
  params: Params;
  ids: ReadonlyMap<string, number>;
}

/** The size of the model; the rest follows from the notation. */
export interface AnsweringSize {
  nLayer?: number;
  nHead?: number;
  nEmbd?: number;
}

/** A fresh model; whoever makes it frees it with `disposeParams(model.params)`. */
export function createAnswering(
  notation: Notation,
  { seed, nLayer = 2, nHead = 4, nEmbd = 64 }: AnsweringSize & { seed: number },
): Answering {
  const symbols = [FILL, ...notation.symbols];
  const config: GPTConfig = {
    ...{ vocabSize: symbols.length, nLayer, nHead, nEmbd, dropout: 0, bias: true },
    blockSize: notation.places.question + notation.places.answer, // the last symbol is never read
  };
  return {
    ...{ notation, config, params: initGPT(config, { seed }) },
    ids: new Map(symbols.map((symbol, id) => [symbol, id])),
  };
}

/** One row of ids: fill, question, answer, fill: P + A + 1 of them. */
function rowOf({ notation, ids }: Answering, { question, answer }: Example): number[] {
  const { question: P, answer: A } = notation.places;
  if (question.length > P || answer.length > A)
    throw new Error(
      `rowOf: expected at most ${P} and ${A} symbols in ${notation.name}, got ${question.length} ` +
        `and ${answer.length}: ${[...question, ...answer].join(" ")}`,
    );
  const before = Array<string>(P - question.length).fill(FILL);
  const after = Array<string>(A + 1 - answer.length).fill(FILL);
  return [...before, ...question, ...answer, ...after].map((symbol) => {
    const id = ids.get(symbol);
    if (id !== undefined) return id;
    throw new Error(`rowOf: expected a symbol of ${notation.name}, got ${JSON.stringify(symbol)}`);
  });
}

/** Scores of the symbols at the places `from` … `from + count` − 1, (B·count, V). */
function scoresAt(
  model: Answering,
  params: Params,
  ids: tf.Tensor2D,
  from: number,
  count: number,
): tf.Tensor2D {
  const hidden = gptHidden(params, model.config, ids); // (B, T, C)
  return gptHead(params, tf.slice(hidden, [0, from, 0], [-1, count, -1]), model.config);
}

/** `weights` are 0 at the fill after the end of an answer: there is nothing to learn there. */
type Batch = { ids: tf.Tensor2D; targets: tf.Tensor1D; weights: tf.Tensor1D };

function batchOf(model: Answering, examples: Example[]): Batch {
  const { question: P, answer: A } = model.notation.places;
  const rows = examples.map((example) => rowOf(model, example));
  return {
    ids: tf.tensor2d(
      rows.map((row) => row.slice(0, P + A)),
      [rows.length, P + A],
      "int32",
    ),
    targets: tf.tensor1d(
      rows.flatMap((row) => row.slice(P)),
      "int32",
    ),
    weights: tf.tensor1d(
      examples.flatMap(({ answer }) =>
        Array.from({ length: A + 1 }, (_, i) => (i <= answer.length ? 1 : 0)),
      ),
    ),
  };
}

export interface TrainAnsweringOptions {
  /** Which examples are drawn, and in which order. */
  seed: number;
  steps: number;
  draw: (rng: Random) => Example;
  /** 64 */
  batchSize?: number;
  /** 0.003, after a warm-up of a twentieth of the steps, falling to a tenth. */
  maxLr?: number;
  /** After each step, with the loss of its answers in nats per symbol. */
  onStep?: (step: number, loss: number) => void;
  /** Called every so many steps, while training waits; also after the last step. */
  look?: { every: number; onLook: (step: number) => void };
}

/** Trains the model in place. */
export async function trainAnswering(
  model: Answering,
  { seed, steps, draw, batchSize = 64, maxLr = 3e-3, onStep, look }: TrainAnsweringOptions,
): Promise<void> {
  const { question: P, answer: A } = model.notation.places;
  const drawBatch = (rng: Random) =>
    batchOf(
      model,
      Array.from({ length: batchSize }, () => draw(rng)),
    );
  // The first answer symbol is predicted at the last place of the question.
  const lossOf = (params: Params, { ids, targets, weights }: Batch) =>
    tf.tidy(() =>
      softmaxCrossEntropy(scoresAt(model, params, ids, P - 1, A + 1), targets, weights),
    );
  const task: Task<Batch> = {
    params: model.params,
    primary: { name: "val", better: "lower", unit: "nats per symbol", isLoss: true },
    batch: inTurn(() => new Random(seed).fork("examples"), drawBatch),
    loss: lossOf,
    evaluate: async () => ({
      val: tf.tidy(
        () => lossOf(model.params, drawBatch(new Random(seed).fork("val"))).dataSync()[0],
      ),
    }),
    describe: () => ({ kind: "answering", model: model.config }),
    dispose: () => {}, // the caller goes on with the model
  };
  const trainer = new Trainer({
    task,
    settings: {
      ...{ steps, seed, maxLr, minLr: maxLr / 10, warmupSteps: Math.ceil(steps / 20) },
      evalEvery: steps,
    },
  });
  const every = look?.every ?? steps;
  for (let done = 0; done < steps; ) {
    const more = Math.min(every, steps - done);
    await trainer.run({ steps: more, onStep: ({ step, loss }) => onStep?.(step, loss) });
    done += more;
    look?.onLook(done);
  }
  trainer.dispose();
}

/** What the model writes after each question, the most probable symbol at every place. */
export function answer(model: Answering, questions: string[][]): string[][] {
  const { question: P, answer: A } = model.notation.places;
  const symbols = [...model.ids.keys()];
  const rows = questions.map((question) => rowOf(model, { question, answer: [] }));
  for (let place = 0; place <= A; place++) {
    const best = tf.tidy(() => {
      const read = rows.map((row) => row.slice(0, P + A));
      const ids = tf.tensor2d(read, [rows.length, P + A], "int32");
      return tf.argMax(scoresAt(model, model.params, ids, P - 1 + place, 1), -1).dataSync();
    });
    rows.forEach((row, i) => {
      row[P + place] = best[i];
    });
  }
  return rows.map((row) => {
    const written = row.slice(P).map((id) => symbols[id]);
    const end = written.indexOf(FILL);
    return end < 0 ? written : written.slice(0, end);
  });
}

/** The share of examples whose answer ends with the right symbols: `wanted` of them, from the end. */
export function accuracy(model: Answering, examples: Example[], wanted?: number): number {
  const answers = answer(
    model,
    examples.map(({ question }) => question),
  );
  const end = (symbols: string[]) => symbols.slice(wanted === undefined ? 0 : -wanted).join(" ");
  const right = examples.filter((example, i) => end(answers[i]) === end(example.answer));
  return right.length / examples.length;
}

/** How good a model is at examples, by one measure that is all or nothing and two that are not. */
export interface AnswerScores {
  /** Share of the answers of which every symbol is right, the end included. */
  exact: number;
  /** Share of right symbols, each asked for after the right ones before it. */
  symbols: number;
  /** −log of the probability of the right symbols, in the mean: nats per symbol. */
  nats: number;
}

/** The scores of a model. `exact` is what `accuracy` gives: a wrong symbol is wrong either way. */
export function answerScores(model: Answering, examples: Example[]): AnswerScores {
  const { question: P, answer: A } = model.notation.places;
  return tf.tidy(() => {
    const { ids, targets, weights } = batchOf(model, examples);
    const logits = scoresAt(model, model.params, ids, P - 1, A + 1); // (B·(A + 1), V)
    const nats = softmaxCrossEntropy(logits, targets, weights).dataSync()[0];
    const hits = tf.equal(tf.argMax(logits, -1), tf.cast(targets, "int32")).dataSync();
    const counts = Array.from(weights.dataSync());
    const right = Array.from(hits, (hit, i) => (counts[i] === 0 || hit ? 1 : 0));
    const asked = counts.reduce((a, b) => a + b, 0);
    const missed = right.filter((one) => one === 0).length;
    const wrong = new Set(right.flatMap((one, i) => (one ? [] : [Math.floor(i / (A + 1))])));
    return {
      exact: 1 - wrong.size / examples.length,
      symbols: 1 - missed / asked,
      nats,
    };
  });
}

/** How many numbers the model has. */
export const sizeOf = (model: Answering): number => countParams(model.params);

/** Frees the model. */
export const disposeAnswering = (model: Answering): void => disposeParams(model.params);
