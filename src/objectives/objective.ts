// The five objectives under one name each: what a lesson loops over.
import type { Random } from "../random";
import { blankInfillingExample } from "./blankInfilling";
import { causalExample } from "./causal";
import { diffusionExample, spreadTimes } from "./diffusion";
import type { Example } from "./example";
import { maskedExample } from "./masked";
import { spanCorruptionExample } from "./spanCorruption";
import { MOST_SPANS } from "./spans";
import type { BlankTokens } from "./tokens";

export type ObjectiveName = "causal" | "masked" | "spans" | "blanks" | "diffusion";

/** The five in the order of their years. */
export const objectiveNames: readonly ObjectiveName[] = [
  "causal",
  "masked",
  "spans",
  "blanks",
  "diffusion",
];

/** What people call them, and the model each is known from. */
export const objectiveTitles: Record<ObjectiveName, string> = {
  causal: "causal LM (GPT)",
  masked: "masked LM (BERT)",
  spans: "span corruption (T5)",
  blanks: "blank infilling (GLM)",
  diffusion: "masked diffusion",
};

/** Makes the examples of a batch; a lesson passes one that uses the learner's functions. */
export type MakeExamples = (
  texts: readonly (readonly number[])[],
  tokens: BlankTokens,
  rng: Random,
) => Example[];

/**
 * One example for each text.
 * @param texts rows of T ids
 */
export function examplesOf(
  name: ObjectiveName,
  texts: readonly (readonly number[])[],
  tokens: BlankTokens,
  rng: Random,
): Example[] {
  if (name === "diffusion") {
    const times = spreadTimes(texts.length, rng);
    return texts.map((text, b) => diffusionExample(text, tokens, rng, { t: times[b] }));
  }
  return texts.map((text) => exampleOf(name, text, tokens, rng));
}

/** One example. */
export function exampleOf(
  name: ObjectiveName,
  text: readonly number[],
  tokens: BlankTokens,
  rng: Random,
): Example {
  if (name === "causal") return causalExample(text);
  if (name === "masked") return maskedExample(text, tokens, rng);
  if (name === "spans") return spanCorruptionExample(text, tokens, rng);
  if (name === "blanks") return blankInfillingExample(text, tokens, rng);
  return diffusionExample(text, tokens, rng);
}

/**
 * How long a row of the objective can become for a text of T tokens: batches are filled up to it,
 * so that all have one shape.
 */
export function rowLength(name: ObjectiveName, T: number): number {
  if (name === "causal") return T - 1;
  if (name === "masked" || name === "diffusion") return T;
  return T + 2 * MOST_SPANS; // a sentinel, [MASK], [START] or [END] before and behind each span
}
