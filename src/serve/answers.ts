// Texts of a model in the shapes of OpenAI's API: completions and chat answers, whole and in chunks.
import type {
  ApiFinishReason,
  ChatChunk,
  ChatShape,
  CompletionLogprobs,
  CompletionShape,
  TokenLogprobShape,
  UsageShape,
} from "../api";
import type { TextPiece, TokenLogprob, Usage, Written } from "../languageModel";
import { toOpenAIAnswer } from "../tools";

/** What all chunks of an answer have in common. */
export interface AnswerHead {
  id: string;
  /** Seconds since 1970. */
  created: number;
  model: string;
}

export const usageShape = ({
  promptTokens,
  completionTokens,
  cachedTokens,
}: Usage): UsageShape => ({
  prompt_tokens: promptTokens,
  completion_tokens: completionTokens,
  total_tokens: promptTokens + completionTokens,
  prompt_tokens_details: { cached_tokens: cachedTokens },
});

/** Of several texts: a prompt that several samples share counts once. */
export function usageOfAll(all: readonly Written[], samples: number): Usage {
  const sum = (texts: readonly Written[], key: keyof Usage) =>
    texts.reduce((total, { usage }) => total + usage[key], 0);
  const first = all.filter((_, i) => i % samples === 0);
  return {
    promptTokens: sum(first, "promptTokens"),
    completionTokens: sum(all, "completionTokens"),
    cachedTokens: sum(first, "cachedTokens"),
  };
}

/** A text that the client ended is one that stopped. */
export const finishReason = ({ reason }: Written): ApiFinishReason =>
  reason === "length" ? "length" : "stop";

/** Log-probabilities of a completion. @param start where in the text the first token begins */
export function completionLogprobs(tokens: readonly TokenLogprob[], start = 0): CompletionLogprobs {
  let offset = start;
  const text_offset = tokens.map(({ token }) => {
    const at = offset;
    offset += token.length;
    return at;
  });
  return {
    tokens: tokens.map(({ token }) => token),
    token_logprobs: tokens.map(({ logprob }) => logprob ?? null),
    top_logprobs: tokens.map(({ top, logprob }) =>
      logprob === undefined ? null : Object.fromEntries(top.map((one) => [one.token, one.logprob])),
    ),
    text_offset,
  };
}

const bytesOf = (token: string) => [...new TextEncoder().encode(token)];

/** Log-probabilities of a chat answer. */
export const chatLogprobs = (tokens: readonly TokenLogprob[]): TokenLogprobShape[] =>
  tokens.map(({ token, logprob = 0, top }) => ({
    ...{ token, logprob, bytes: bytesOf(token) },
    top_logprobs: top.map((one) => ({
      ...{ token: one.token, logprob: one.logprob, bytes: bytesOf(one.token) },
    })),
  }));

export interface CompletionParts {
  index: number;
  /** Whether log-probabilities were asked for. */
  logprobs: boolean;
  /** The prompt as text, where it is to be part of the answer. */
  echo?: string;
}

/** One choice of a whole completion. */
export function completionChoice(
  written: Written,
  { index, logprobs, echo }: CompletionParts,
): CompletionShape["choices"][number] {
  const tokens = echo === undefined ? written.tokens : [...written.promptTokens, ...written.tokens];
  return {
    ...{ index, text: (echo ?? "") + written.text },
    logprobs: logprobs ? completionLogprobs(tokens) : null,
    finish_reason: finishReason(written),
  };
}

/** A chunk of a completion that is streamed. */
export function completionChunk(
  head: AnswerHead,
  { index, logprobs, start = 0 }: CompletionParts & { start?: number },
  piece: TextPiece | undefined,
  reason: ApiFinishReason | null = null,
): CompletionShape {
  const told = logprobs && piece ? completionLogprobs(piece.tokens, start) : null;
  const choice = { index, text: piece?.text ?? "", logprobs: told, finish_reason: reason };
  return { ...head, object: "text_completion", choices: [choice] };
}

/** One choice of a whole chat answer. @param withTools whether calls are looked for */
export function chatChoice(
  written: Written,
  { index, logprobs, withTools }: { index: number; logprobs: boolean; withTools: boolean },
): ChatShape["choices"][number] {
  const answer = withTools ? callsOf(written, index) : { content: written.text };
  return {
    index,
    message: { role: "assistant", refusal: null, ...answer },
    logprobs: logprobs ? { content: chatLogprobs(written.tokens), refusal: null } : null,
    finish_reason: "tool_calls" in answer ? "tool_calls" : finishReason(written),
  };
}

/** Calls have ids that no other answer has, so that results find them. */
export const callsOf = ({ text }: Written, index: number) =>
  toOpenAIAnswer(text, (i) => `call_${index}_${i}_${Math.random().toString(36).slice(2, 12)}`);

/** A chunk of a chat answer that is streamed. */
export function chatChunk(
  head: AnswerHead,
  index: number,
  delta: ChatChunk["choices"][number]["delta"],
  more: { tokens?: readonly TokenLogprob[]; reason?: ApiFinishReason } = {},
): ChatChunk {
  const { tokens, reason = null } = more;
  const logprobs = tokens ? { content: chatLogprobs(tokens), refusal: null } : null;
  const choice = { index, delta, logprobs, finish_reason: reason };
  return { ...head, object: "chat.completion.chunk", choices: [choice] };
}
