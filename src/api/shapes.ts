// OpenAI's HTTP API as its clients and servers write it: the part that this course speaks (lesson 24,
// serving). Names are theirs, so they are in snake case here and nowhere else. After the API
// reference of 2025; the members beginning with top_k are vLLM's. Left out: images, audio, the
// Responses API, batches, files.

/** Why a text ended. */
export type FinishReason = "stop" | "length" | "tool_calls";

export interface UsageShape {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details?: { cached_tokens: number };
}

/** How texts are written. */
export interface SamplingBody {
  model: string;
  temperature?: number | null;
  top_p?: number | null;
  n?: number | null;
  seed?: number | null;
  stop?: string | string[] | null;
  stream?: boolean | null;
  stream_options?: { include_usage?: boolean } | null;
  user?: string;
  top_k?: number | null;
  min_p?: number | null;
  repetition_penalty?: number | null;
  guided_json?: unknown;
  guided_regex?: string;
  guided_choice?: string[];
}

/** The body of POST /v1/completions. */
export interface CompletionBody extends SamplingBody {
  prompt: string | string[] | number[] | number[][];
  max_tokens?: number | null;
  logprobs?: number | null;
  echo?: boolean | null;
}

export interface ToolCallShape {
  id: string;
  type: "function";
  function: { name: string; arguments: string };
}

export interface MessageShape {
  role: "system" | "developer" | "user" | "assistant" | "tool";
  content?: string | { type: "text"; text: string }[] | null;
  tool_calls?: ToolCallShape[];
  tool_call_id?: string;
  name?: string;
}

export interface ToolShape {
  type: "function";
  function: { name: string; description?: string; parameters?: Record<string, unknown> };
}

/** The body of POST /v1/chat/completions. */
export interface ChatBody extends SamplingBody {
  messages: MessageShape[];
  max_tokens?: number | null;
  max_completion_tokens?: number | null;
  logprobs?: boolean | null;
  top_logprobs?: number | null;
  response_format?: { type: string; json_schema?: { name?: string; schema?: unknown } } | null;
  tools?: ToolShape[];
  tool_choice?: "none" | "auto" | "required" | { type: "function"; function: { name: string } };
}

/** Log-probabilities of a completion: one entry for each token. */
export interface CompletionLogprobs {
  tokens: string[];
  token_logprobs: (number | null)[];
  top_logprobs: (Record<string, number> | null)[];
  text_offset: number[];
}

export interface TokenLogprobShape {
  token: string;
  logprob: number;
  bytes: number[] | null;
  top_logprobs: { token: string; logprob: number; bytes: number[] | null }[];
}

/** The answer of /v1/completions; in a stream every chunk has this shape, too. */
export interface CompletionShape {
  id: string;
  object: "text_completion";
  created: number;
  model: string;
  choices: {
    index: number;
    text: string;
    logprobs: CompletionLogprobs | null;
    finish_reason: FinishReason | null;
  }[];
  usage?: UsageShape | null;
}

/** The answer of /v1/chat/completions. */
export interface ChatShape {
  id: string;
  object: "chat.completion";
  created: number;
  model: string;
  choices: {
    index: number;
    message: {
      role: "assistant";
      content: string | null;
      refusal: null;
      tool_calls?: ToolCallShape[];
    };
    logprobs: { content: TokenLogprobShape[]; refusal: null } | null;
    finish_reason: FinishReason;
  }[];
  usage: UsageShape;
}

/** A chunk of a streamed chat answer. */
export interface ChatChunk {
  id: string;
  object: "chat.completion.chunk";
  created: number;
  model: string;
  choices: {
    index: number;
    delta: {
      role?: "assistant";
      content?: string | null;
      tool_calls?: ({ index: number } & ToolCallShape)[];
    };
    logprobs: { content: TokenLogprobShape[]; refusal: null } | null;
    finish_reason: FinishReason | null;
  }[];
  usage?: UsageShape | null;
}

export interface EmbeddingsBody {
  model: string;
  input: string | string[];
  encoding_format?: "float" | "base64";
  user?: string;
}

export interface EmbeddingsShape {
  object: "list";
  model: string;
  data: { object: "embedding"; index: number; embedding: number[] | string }[];
  usage: { prompt_tokens: number; total_tokens: number };
}

export interface ModelsShape {
  object: "list";
  data: { id: string; object: "model"; created: number; owned_by: string }[];
}

/** What a request that failed gets. */
export interface ErrorShape {
  error: { message: string; type: string; param: string | null; code: string | null };
}
