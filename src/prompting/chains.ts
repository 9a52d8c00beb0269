// Tree of thoughts with a GPT that calculates (lesson 19, reasoning): the last digit of a sum of eight
// digits, one digit of the chain per step. The model proposes the likeliest next digits, and the same
// call tells how probable each is. Three values decide which beginnings are kept: the model's own ln p,
// a rule that checks the steps, and chance. Left out: a learnt value, such as that lesson's verifier.
import type { LanguageModel, TokenLogprob } from "../languageModel";
import type { Random } from "../random";
import { firstWrongStep } from "../reasoning";
import { treeSearch } from "./treeSearch";

/** What decides which beginnings of chains are kept. */
export type ChainValue = "own" | "rule" | "chance";

export interface ChainSearch {
  /** The chain that was chosen. */
  answer: string;
  /** How many tokens the model was asked for. */
  tokens: number;
}

interface Beginning {
  text: string;
  logProb: number;
}

/**
 * A chain by breadth-first search: `width` beginnings are kept, each proposes its `branches`
 * likeliest digits, so the model is asked for at most `width` tokens per step.
 * @param model a calculator, as opened by `openRun`
 * @param question "38576="
 */
export async function searchChain(
  model: LanguageModel,
  question: string,
  options: { width: number; branches?: number; value: ChainValue; rng: Random },
): Promise<ChainSearch> {
  const { width, branches = 3, value, rng } = options;
  const root: Beginning = { text: "", logProb: 0 };
  const { found, expanded } = await treeSearch(root, {
    async propose({ text, logProb }) {
      const digits = await nextDigits(model, question + text, branches);
      return digits.map(({ token, logprob }) => ({
        text: text + token,
        logProb: logProb + logprob,
      }));
    },
    value: (beginning) => judged(beginning, { question, value, rng }),
    isGoal: ({ text }) => text.length === question.length - 1,
    ...{ order: "breadth", width, budget: width * question.length },
  });
  if (!found) throw new Error(`searchChain: expected a chain for ${question}, found none`);
  return { answer: found.text, tokens: expanded.length };
}

async function nextDigits(
  model: LanguageModel,
  prompt: string,
  branches: number,
): Promise<TokenLogprob["top"]> {
  // "=" and "$" may be among the likeliest
  const request = { prompt, maxTokens: 1, temperature: 0, logprobs: branches + 2 };
  const { tokens } = await model.write(request)[0].done;
  return tokens[0].top.filter(({ token }) => /^\d$/.test(token)).slice(0, branches);
}

/** The rule: right steps count first, and the model's ln p decides between equals. */
function judged(
  { text, logProb }: Beginning,
  { question, value, rng }: { question: string; value: ChainValue; rng: Random },
): number {
  if (value === "chance") return rng.uniform();
  if (value === "own") return logProb;
  const wrong = firstWrongStep(question.slice(0, text.length), text);
  return logProb - (wrong === -1 ? 0 : 1e6);
}
