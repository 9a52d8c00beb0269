// Tree of thoughts with a GPT that calculates (lesson 19, reasoning): the last digit of a sum of eight
// digits, one digit of the chain a step. The model proposes the likeliest next digits, and the same
// call tells how probable each is. Three values decide which beginnings are kept: the model's own ln p,
// a rule that checks the steps, and chance. Left out: a learnt value, such as that lesson's verifier.
import type { LanguageModel, TokenLogprob } from "../languageModel";
import type { Random } from "../random";
import { firstWrongStep } from "../reasoning";

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
  value: number;
}

/**
 * A chain by breadth-first search: `width` beginnings are kept, each proposes its `branches`
 * likeliest digits, so the model is asked for at most `width` tokens a step.
 * @param model a calculator, as opened by `openRun`
 * @param question "38576="
 */
export async function searchChain(
  model: LanguageModel,
  question: string,
  options: { width: number; branches?: number; value: ChainValue; rng: Random },
): Promise<ChainSearch> {
  const { width, branches = 3, value, rng } = options;
  let [kept, tokens]: [Beginning[], number] = [[{ text: "", logProb: 0, value: 0 }], 0];
  for (let step = 0; step < question.length - 1; step++) {
    const proposals = await Promise.all(
      kept.map(({ text }) => nextDigits(model, question + text, branches)),
    );
    tokens += kept.length;
    const next = kept.flatMap(({ text, logProb }, i) =>
      proposals[i].map((one): Beginning => {
        const longer = { text: text + one.token, logProb: logProb + one.logprob };
        return { ...longer, value: judged(longer, { question, value, rng }) };
      }),
    );
    kept = next.sort((a, b) => b.value - a.value).slice(0, width);
  }
  return { answer: kept[0].text, tokens };
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
  { text, logProb }: Pick<Beginning, "text" | "logProb">,
  { question, value, rng }: { question: string; value: ChainValue; rng: Random },
): number {
  if (value === "chance") return rng.uniform();
  if (value === "own") return logProb;
  const wrong = firstWrongStep(question.slice(0, text.length), text);
  return logProb - (wrong === -1 ? 0 : 1e6);
}
