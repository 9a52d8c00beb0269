// A set of instructions: drawn by seed, held out by kind and by question, checked, and written as
// lines of JSON in the two familiar forms, Alpaca's three fields and chat messages.
import { pick, Random } from "../random";
import { codeKinds } from "./codeKinds";
import type { Instruction, Kind, Language, Question } from "./kind";
import { listKinds } from "./listKinds";
import { numberKinds } from "./numberKinds";
import { textKinds } from "./textKinds";

/** All kinds of tasks, by name. */
export const instructionKinds: ReadonlyMap<string, Kind> = new Map(
  [...numberKinds, ...listKinds, ...textKinds, ...codeKinds].map((kind) => [kind.name, kind]),
);

/** @throws with all names, if there is no such kind */
function kindOf(caller: string, name: string): Kind {
  const kind = instructionKinds.get(name);
  if (!kind)
    throw new Error(
      `${caller}: expected one of the kinds ${[...instructionKinds.keys()].join(", ")}, ` +
        `got "${name}"`,
    );
  return kind;
}

const HELD_OUT = 0.1;
const lot = new Random(16);

/**
 * Whether a question is held out from training: one thing in ten is, always the same ones, in all
 * wordings of the instruction. A number in words is held out in both directions and languages, and so
 * is a translation.
 */
export function isHeldOutQuestion(kind: string, question: Question): boolean {
  const subject = kindOf("isHeldOutQuestion", kind).subject?.(question);
  return lot.fork(subject ?? `${kind} ${question.input}`).uniform() < HELD_OUT;
}

export interface DrawOptions {
  /** The kinds to draw from, each equally often; all of them if absent. */
  kinds?: readonly string[];
  languages?: readonly Language[];
  /** Questions that training may see, held-out ones, or any. */
  part?: "train" | "held out" | "any";
  rng: Random;
}

/** Draws one example. Of one kind, questions can repeat: `distinct` leaves those out. */
export function drawInstruction({
  kinds = [...instructionKinds.keys()],
  languages = ["en", "zh"],
  part = "any",
  rng,
}: DrawOptions): Instruction {
  const able = kinds
    .map((name) => kindOf("drawInstruction", name))
    .filter((kind) => kind.languages.some((language) => languages.includes(language)));
  if (able.length === 0)
    throw new Error(
      `drawInstruction: expected a kind with ${languages.join(" or ")}, got ${kinds.join(", ")}`,
    );
  const kind = pick(rng, able);
  const language = pick(
    rng,
    languages.filter((language) => kind.languages.includes(language)),
  );
  for (let i = 0; i < 1000; i++) {
    const question: Question = { language, ...kind.draw(rng, language) };
    if (part !== "any" && isHeldOutQuestion(kind.name, question) !== (part === "held out"))
      continue;
    const [output] = kind.answers(question);
    return { kind: kind.name, ...question, output };
  }
  throw new Error(`drawInstruction: expected a ${part} question of ${kind.name}, got none in 1000`);
}

/** What makes two examples the same question. */
export const questionKey = ({ instruction, input }: { instruction: string; input: string }) =>
  `${instruction}\n${input}`;

/**
 * `count` examples with different questions.
 * @throws if the kinds have not got so many
 */
export function drawInstructions(count: number, options: DrawOptions): Instruction[] {
  const examples = new Map<string, Instruction>();
  for (let tries = 0; examples.size < count; tries++) {
    if (tries > 50 * count + 1000)
      throw new Error(
        `drawInstructions: expected ${count} different questions, found ${examples.size}`,
      );
    const example = drawInstruction(options);
    examples.set(questionKey(example), example);
  }
  return [...examples.values()];
}

/** Without spaces at the ends, and with one space where there are several. */
const normalised = (text: string) => text.trim().replace(/\s+/g, " ");

/**
 * Whether an answer is right, to the letter but for spaces.
 * @throws if the kind is unknown or the text is no question of this kind
 */
export function isRightAnswer(question: Omit<Instruction, "output">, answer: string): boolean {
  const right = kindOf("isRightAnswer", question.kind).answers(question);
  return right.map(normalised).includes(normalised(answer));
}
