// An application as everything in this room sees it: a question goes in, an answer or a hand-over comes
// out. It is made of parts that are asked one after the other, the cheapest and surest first, until one
// of them answers (a cascade, as in Chen et al., 2023, "FrugalGPT"); where none does, a person has to.
// A guardrail is a function from text to text, or to nothing where the text must not pass; what such a
// function looks for is the subject of lesson 27 (safety). Left out: conversations of several turns.
import { noUsage, sumUsage, type Usage } from "../languageModel";

/** What a customer is told where the application does not answer. */
export const HAND_OVER = "I am passing you on to a colleague, who will answer you today.";

/** What became of a question. */
export interface Answer {
  text: string;
  /** Whether a person has to answer, because no part of the application would. */
  isHandedOver: boolean;
  /** The part that answered, or "nobody". */
  part: string;
  /** Tokens of all models that were asked, whether their answer was used or not. */
  usage: Usage;
}

/** What a part says: a text, or undefined if the question is not for it; with the tokens it spent. */
export interface Said {
  text?: string;
  /** The question has to go to a person, whatever later parts would say. */
  isForPerson?: boolean;
  usage?: Usage;
}

/** One way to answer questions. */
export interface Part {
  name: string;
  say(question: string): Promise<Said> | Said;
}

/** Something that answers customers. */
export interface Application {
  name: string;
  answer(question: string): Promise<Answer>;
}

/** A text that may pass, changed or not; null if it must not. */
export type Guardrail = (text: string) => string | null;

/** The answer that is none. */
export const handedOver = (usage = noUsage(), part = "nobody"): Answer => ({
  ...{ text: HAND_OVER, isHandedOver: true, part, usage },
});

/**
 * An application of parts: each is asked in turn, and the first that says something has answered.
 * @param parts the order matters: the cheapest and surest first
 * @param guardrails what every question, and every answer, has to pass
 * @example cascade("shop", [rulesPart(prices), faqPart(index, 2), agentPart(model, prices)])
 */
export function cascade(
  name: string,
  parts: readonly Part[],
  { input, output }: { input?: Guardrail; output?: Guardrail } = {},
): Application {
  return {
    name,
    async answer(question) {
      let usage = noUsage();
      const asked = input ? input(question) : question;
      if (asked === null) return handedOver(usage, "input guardrail");
      for (const part of parts) {
        const said = await part.say(asked);
        usage = sumUsage([usage, said.usage ?? noUsage()]);
        if (said.isForPerson) return handedOver(usage, part.name);
        if (said.text === undefined) continue;
        const text = output ? output(said.text) : said.text;
        if (text === null) return handedOver(usage, "output guardrail");
        return { text, isHandedOver: false, part: part.name, usage };
      }
      return handedOver(usage);
    },
  };
}
