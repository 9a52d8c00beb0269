// A language model that follows rules: what an agent is tested with, and what a lesson shows where the
// same thing has to happen every time. It sees what a model would see, the messages alone, and counts
// words and signs as tokens. Left out: prompts without messages, log-probabilities, forms.
import type { Message } from "../chat";
import {
  type LanguageModel,
  RequestError,
  type TextRequest,
  type TextStream,
  type Written,
} from "../languageModel";

/** Decides what is written after a conversation. */
export type Script = (messages: readonly Message[]) => string;

/** Words and single signs; a text costs about as many tokens in a large vocabulary. */
export const countWords = (text: string): number => (text.match(/\w+|[^\s\w]/g) ?? []).length;

/** How many tokens a conversation has, with four for each message around it. */
export const countMessages = (
  messages: readonly Message[],
  count: (text: string) => number = countWords,
): number => messages.reduce((sum, { content }) => sum + count(content) + 4, 0);

/**
 * A model made of a function.
 * @param options.contextLength longer conversations are refused, as by any model; 4,096
 * @example scriptedModel((messages) => `You said: ${messages.at(-1)?.content}`)
 */
export function scriptedModel(
  script: Script,
  { name = "scripted", contextLength = 4096 }: { name?: string; contextLength?: number } = {},
): LanguageModel {
  return {
    ...{ name, contextLength, countTokens: countWords },
    write(request: TextRequest, samples = 1): TextStream[] {
      if (!("messages" in request))
        throw new RequestError("expected messages, got a prompt", "prompt");
      const promptTokens = countMessages(request.messages);
      const maxTokens = request.maxTokens ?? 1;
      if (promptTokens + maxTokens > contextLength)
        throw new RequestError(
          `expected a conversation and its answer within ${contextLength} tokens, ` +
            `got ${promptTokens} + ${maxTokens}`,
          "messages",
          "context_length_exceeded",
        );
      const text = script(request.messages);
      const usage = { promptTokens, completionTokens: countWords(text), cachedTokens: 0 };
      const written: Written = { text, reason: "stop", tokens: [], promptTokens: [], usage };
      return Array.from({ length: samples }, () => ({
        done: Promise.resolve(written),
        cancel: () => {},
        async *[Symbol.asyncIterator]() {
          if (text !== "") yield { text, tokens: [] };
        },
      }));
    },
  };
}

/**
 * A script that writes given texts, one after the other, then the last one again and again.
 * It counts the assistant's messages, so that it can serve several conversations.
 */
export const inTurn =
  (texts: readonly string[]): Script =>
  (messages) => {
    const said = messages.filter(({ role }) => role === "assistant").length;
    return texts[Math.min(said, texts.length - 1)];
  };
