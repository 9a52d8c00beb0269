// Errors as OpenAI's clients know them: a status, and a body that says what is wrong and with which
// parameter. The clients of others make their own exceptions of these (BadRequestError,
// AuthenticationError, RateLimitError), so the statuses matter as much as the words.
import type { ErrorShape } from "../api";
import { RequestError } from "../languageModel";

/** A request that is refused, or that failed. */
export class ServeError extends Error {
  override readonly name = "ServeError";
  readonly param: string | null;
  readonly code: string | null;
  /** Seconds after which it makes sense to ask again. */
  readonly retryAfter?: number;

  constructor(
    readonly status: number,
    message: string,
    about: { param?: string; code?: string; retryAfter?: number } = {},
  ) {
    super(message);
    this.param = about.param ?? null;
    this.code = about.code ?? null;
    this.retryAfter = about.retryAfter;
  }
}

/** OpenAI's words for the kinds of errors, by status. */
const types: Record<number, string> = {
  401: "authentication_error",
  403: "permission_error",
  404: "not_found_error",
  429: "rate_limit_error",
  500: "server_error",
  502: "server_error",
  503: "server_error",
};

/** The body of an error. */
export const errorBody = ({ status, message, param, code }: ServeError): ErrorShape => ({
  error: { message, type: types[status] ?? "invalid_request_error", param, code },
});

/** Our names of parameters in the API's. */
const apiNames: Record<string, string> = {
  ...{ maxTokens: "max_tokens", topK: "top_k", topP: "top_p", minP: "min_p" },
  ...{ repetitionPenalty: "repetition_penalty", form: "response_format" },
};

/** Whatever was thrown as an error for the client. What is our own fault is not told in detail. */
export function asServeError(thrown: unknown): ServeError {
  if (thrown instanceof ServeError) return thrown;
  if (thrown instanceof RequestError) {
    const { message, param, code } = thrown;
    return new ServeError(400, message, { param: param && (apiNames[param] ?? param), code });
  }
  return new ServeError(500, "The server failed to answer; its log says why.");
}

/** The response for an error. */
export function errorResponse(error: ServeError): Response {
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (error.retryAfter !== undefined) headers["retry-after"] = String(Math.ceil(error.retryAfter));
  return new Response(JSON.stringify(errorBody(error)), { status: error.status, headers });
}
