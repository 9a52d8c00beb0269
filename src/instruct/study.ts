// The study of lesson 16 (instruction tuning): which questions are trained and which are asked, at
// three distances from training, and the training itself, for the notebook and for the command that
// records its runs (datasets/runs/16-instruction-tuning/record.mjs).
import type { Message } from "../chat";
import {
  drawDialogue,
  drawInstructions,
  type Instruction,
  instructionKinds,
  toMessages,
} from "../instructions";
import { Random } from "../random";
import { tunedCopy } from "./learn";
import { packRows } from "./pack";
import { type Conversation, chatIds, type InstructModel } from "./template";

/** Kinds of tasks that no training sees, in any language. */
export const heldOutKinds: readonly string[] = ["reverse", "capitals", "count"];

/** Kinds that are trained in English alone, and asked in Chinese. */
export const englishOnly: readonly string[] = ["feeling", "fill-code", "words-to-number"];

/**
 * The kinds that are trained. Sums, rows of numbers, JSON and some tasks with lists are left out: this
 * model needs far more than a few hundred steps for them.
 */
export const trainedKinds: readonly string[] = [
  ...["larger", "number-to-words", "words-to-number", "repeat", "contains", "translate"],
  ...["summarise", "feeling", "extract", "fill-code", "mend-code"],
];

/** How far a question is from what was trained. */
export const distances = ["new questions", "other language", "new kinds"] as const;
export type Distance = (typeof distances)[number];

/** Different questions of some kinds, of each kind and language equally many. */
function evenly(
  kinds: readonly string[],
  { each, seed, ...rest }: { each: number; seed: number; part: "held out" | "any"; only?: "zh" },
): Instruction[] {
  const { part, only } = rest;
  return kinds.flatMap((kind) => {
    const known = instructionKinds.get(kind)?.languages ?? [];
    const languages = known.filter((language) => only === undefined || language === only);
    return languages.flatMap((language) =>
      drawInstructions(each, {
        ...{ kinds: [kind], languages: [language], part },
        rng: new Random(seed).fork(kind, language),
      }),
    );
  });
}

/**
 * Training examples, and questions at the three distances from them.
 * @param options `train`: how many examples; `each`: questions of every kind and language that is
 *   trained, twice as many of those that are not
 */
export function studyData({ train, each, seed }: { train: number; each: number; seed: number }): {
  train: Instruction[];
  tests: Record<Distance, Instruction[]>;
} {
  const drawn = drawInstructions(Math.ceil(train * 1.2), {
    ...{ kinds: trainedKinds, part: "train", rng: new Random(seed).fork("train") },
  });
  const isTrained = ({ kind, language }: Instruction) =>
    language === "en" || !englishOnly.includes(kind);
  return {
    train: drawn.filter(isTrained).slice(0, train),
    tests: {
      "new questions": evenly(trainedKinds, { each, seed, part: "held out" }).filter(isTrained),
      "other language": evenly(englishOnly, { each: 2 * each, seed, part: "held out", only: "zh" }),
      "new kinds": evenly(heldOutKinds, { each: 2 * each, seed, part: "any" }),
    },
  };
}

type Dialogue = ReturnType<typeof drawDialogue>;

/**
 * Conversations of two and three turns for the longer run, of the kinds and languages that are
 * trained: those of `englishOnly` in English alone. Half of them are in each language.
 * @param options `fits`: whether a conversation can be used; the next one is drawn if not
 */
export function studyDialogues({
  count,
  seed,
  fits = () => true,
}: {
  count: number;
  seed: number;
  fits?: (messages: Dialogue) => boolean;
}): Dialogue[] {
  const rng = new Random(seed);
  const both = trainedKinds.filter((kind) => !englishOnly.includes(kind));
  const dialogues: Dialogue[] = [];
  for (let i = 0; dialogues.length < count; i++) {
    const language = i % 2 === 0 ? "en" : "zh";
    const messages = drawDialogue({
      ...{ kinds: language === "en" ? trainedKinds : both, languages: [language], part: "train" },
      ...{ turns: 2 + (Math.floor(i / 2) % 2), rng: rng.fork("turns", i) },
    });
    if (fits(messages)) dialogues.push(messages);
  }
  return dialogues;
}

export interface LearnOptions {
  examples: readonly Instruction[];
  /** Conversations of several turns that are learnt as well. */
  dialogues?: readonly (readonly Message[])[];
  heldOut: readonly Instruction[];
  steps: number;
  seed: number;
  /** Rows of a step. */
  batchSize: number;
  /** T: places of a row. */
  length: number;
  packed?: boolean;
  /** Whether the loss counts what the user says and the marks, too. False if absent. */
  everything?: boolean;
  maxLr?: number;
  /** Hears the held-out loss, in nats per learnt token. */
  onEval?(step: number, loss: number): void;
}

/** A conversation of which everything is learnt that can be: all ids but the first. */
export const learningEverything = ({ ids }: Conversation): Conversation => ({
  ids,
  learnt: ids.map((_, i) => (i === 0 ? 0 : 1)),
});

/** Instruction tuning of a copy of a model; the caller disposes its parameters. */
export async function learnInstructions(
  model: InstructModel,
  options: LearnOptions,
): Promise<InstructModel> {
  const { examples, heldOut, steps, seed, batchSize, length, packed, everything } = options;
  const { maxLr, onEval, dialogues = [] } = options;
  const conversation = (messages: readonly Message[]) => chatIds(messages, model.tokenizer);
  const learnt = [...examples.map(toMessages), ...dialogues].map(conversation);
  const task = {
    ...{ model, batchSize, length, packed, seed },
    conversations: everything ? learnt.map(learningEverything) : learnt,
    heldOut: heldOut.map(toMessages).map(conversation),
  };
  const warmupSteps = Math.min(20, Math.ceil(steps / 4));
  return tunedCopy(task, { steps, warmupSteps, maxLr, onEval });
}

/**
 * How many rows without packing hold as many conversations, in the mean, as `batchSize` packed ones,
 * and how long they have to be.
 */
export function unpackedRows(
  conversations: readonly Conversation[],
  { batchSize, length }: { batchSize: number; length: number },
): { batchSize: number; length: number } {
  const packed = packRows(conversations, length).length;
  return {
    batchSize: Math.round((batchSize * conversations.length) / packed),
    length: Math.max(...conversations.map(({ ids }) => ids.length)),
  };
}
