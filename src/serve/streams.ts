// Answers as server-sent events: all texts of a request in one stream, each chunk as soon as it is
// there. When the client goes away, its texts are cancelled, so that nobody writes for nobody.
import { type ChatChunk, type CompletionShape, DONE, type ErrorShape, sseEvent } from "../api";
import type { TextStream, Written } from "../languageModel";
import {
  type AnswerHead,
  callsOf,
  chatChunk,
  completionChunk,
  finishReason,
  usageOfAll,
  usageShape,
} from "./answers";
import { asServeError, errorBody } from "./errors";

/** What a stream is made of. */
export interface StreamParts {
  streams: TextStream[];
  head: AnswerHead;
  /** Samples of each prompt. */
  samples: number;
  logprobs: boolean;
  includeUsage: boolean;
  /** A chat answer: whether calls of tools are looked for. Their text is held back until it is whole. */
  withTools?: boolean;
  /** A completion: the prompts as text, if they are to be part of the answer. */
  echo?: string[];
  /** The first token of any text is there. */
  onFirst: () => void;
  /** All have ended; `gone` if the client left before. */
  onEnd: (all: Written[], gone: boolean) => void;
  onError: (error: unknown) => void;
}

type Send = (chunk: CompletionShape | ChatChunk | ErrorShape) => void;

/** The body of a response that is written while the texts are. */
export function eventStream(
  parts: StreamParts,
  write: typeof writeChat,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isGone = false;
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const put = (text: string) => {
        if (!isGone) controller.enqueue(encoder.encode(text));
      };
      const send: Send = (chunk) => put(sseEvent(JSON.stringify(chunk)));
      try {
        const all = await Promise.all(parts.streams.map((_, i) => write(parts, i, send)));
        if (parts.includeUsage) send(usageChunk(parts, all));
        put(sseEvent(DONE));
        parts.onEnd(all, isGone);
      } catch (error) {
        for (const stream of parts.streams) stream.cancel();
        parts.onError(error);
        send(errorBody(asServeError(error)));
        put(sseEvent(DONE));
      }
      if (!isGone) controller.close();
    },
    cancel() {
      isGone = true;
      for (const stream of parts.streams) stream.cancel();
    },
  });
}

function usageChunk({ head, samples, withTools }: StreamParts, all: Written[]) {
  const usage = usageShape(usageOfAll(all, samples));
  const object = withTools === undefined ? "text_completion" : "chat.completion.chunk";
  return { ...head, object, choices: [], usage } as CompletionShape | ChatChunk;
}

/** One text of a chat answer. */
export async function writeChat(parts: StreamParts, index: number, send: Send): Promise<Written> {
  const { streams, head, logprobs, withTools } = parts;
  const tell = (...rest: [Parameters<typeof chatChunk>[2], Parameters<typeof chatChunk>[3]?]) =>
    send(chatChunk(head, index, ...rest));
  tell({ role: "assistant", content: "" });
  for await (const { text, tokens } of streams[index]) {
    parts.onFirst();
    if (!withTools) tell({ content: text }, logprobs ? { tokens } : {});
  }
  const written = await streams[index].done;
  let reason = finishReason(written);
  if (withTools) {
    const answer = callsOf(written, index);
    const calls = "tool_calls" in answer ? answer.tool_calls : undefined;
    if (calls) reason = "tool_calls";
    const tool_calls = calls?.map((call, i) => ({ index: i, ...call }));
    tell({ content: answer.content, tool_calls }, logprobs ? { tokens: written.tokens } : {});
  }
  tell({}, { reason });
  return written;
}

/** One text of a completion. */
export async function writeCompletion(
  parts: StreamParts,
  index: number,
  send: Send,
): Promise<Written> {
  const { streams, head, logprobs, echo, samples } = parts;
  const prompt = echo?.[Math.floor(index / samples)];
  let start = prompt?.length ?? 0;
  let isFirst = prompt !== undefined;
  const tell = (piece: Parameters<typeof completionChunk>[2], reason: "stop" | "length" | null) =>
    send(completionChunk(head, { index, logprobs, start }, piece, reason));
  for await (const piece of streams[index]) {
    parts.onFirst();
    tell(isFirst ? { ...piece, text: prompt + piece.text } : piece, null);
    isFirst = false;
    start += piece.text.length;
  }
  const written = await streams[index].done;
  if (isFirst && prompt) tell({ text: prompt, tokens: written.promptTokens }, null);
  tell(undefined, written.reason === "length" ? "length" : "stop");
  return written;
}
