// An application behind the server of lesson 24 (serving): to the server it is a language model like any
// other, so keys, quotas, the chat page and metrics are there without a line. Beside the server's log
// there is one of the application: topic, part, whether it was handed over, time and tokens, and no
// texts. Left out: earlier turns; only the last question is answered.
import { appendFileSync } from "node:fs";
import { countWords } from "../agents";
import {
  type LanguageModel,
  RequestError,
  type TextRequest,
  type TextStream,
  type Written,
} from "../languageModel";
import type { AppOptions } from "../serve";
import { type RunningServer, type ServerOptions, serve } from "../serve";
import type { Application } from "./application";
import type { ServiceRecord } from "./monitor";

export interface WatchOptions {
  /** What a question is about. */
  topicOf(question: string): string;
  /** Hears of every answer. */
  onRecord?(record: ServiceRecord): void;
  /** Where records are written, one line of JSON each. */
  file?: string;
  /** Milliseconds, for tests; `performance.now` if absent. */
  now?(): number;
}

/** The same application, which writes down what happens. */
export function watched(application: Application, options: WatchOptions): Application {
  const { topicOf, onRecord, file, now = () => performance.now() } = options;
  return {
    name: application.name,
    async answer(question) {
      const [start, time] = [now(), new Date().toISOString()];
      const answer = await application.answer(question);
      const { part, isHandedOver, usage } = answer;
      const tokens = usage.promptTokens + usage.completionTokens;
      const record = {
        time,
        topic: topicOf(question),
        part,
        isHandedOver,
        ms: now() - start,
        tokens,
      };
      onRecord?.(record);
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(record)}\n`);
      return answer;
    },
  };
}

/** An application as a language model. */
export function asLanguageModel(application: Application, contextLength = 4096): LanguageModel {
  return {
    ...{ name: application.name, contextLength, countTokens: countWords },
    write(request: TextRequest, samples = 1): TextStream[] {
      if (!("messages" in request))
        throw new RequestError("expected messages, got a prompt", "prompt");
      const question = request.messages.findLast(({ role }) => role === "user")?.content;
      if (question === undefined)
        throw new RequestError("expected a message of the user, got none", "messages");
      const promptTokens = countWords(question);
      if (promptTokens > contextLength)
        throw new RequestError(
          `expected a question of at most ${contextLength} words and signs, got ${promptTokens}`,
          "messages",
          "context_length_exceeded",
        );
      return Array.from({ length: samples }, () => {
        const done = application.answer(question).then(
          ({ text, usage }): Written => ({
            ...{ text, reason: "stop", tokens: [], promptTokens: [] },
            usage: usage.promptTokens > 0 ? usage : { ...usage, promptTokens },
          }),
        );
        done.catch(() => {}); // whoever reads the stream is told
        return {
          done,
          cancel: () => {},
          async *[Symbol.asyncIterator]() {
            const { text } = await done;
            if (text !== "") yield { text, tokens: [] };
          },
        };
      });
    },
  };
}

/** Serves an application with its chat page. @throws if the port is taken */
export const serveApplication = (
  application: Application,
  options: Omit<AppOptions, "model"> & ServerOptions = {},
): Promise<RunningServer> =>
  serve({ cacheSize: 0, ...options, model: asLanguageModel(application) });
