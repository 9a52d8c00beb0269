// Bodies of requests, checked: zod says whether a body has the shape of the API, and what it says
// becomes a request to a model. What the model itself refuses (a context that is too long, a
// temperature below 0) is said by the model. Parameters that this server cannot honour are refused where
// they would change the answer; unknown members are ignored, as vLLM does.
import { z } from "zod";
import { type JsonSchema, literalRegex } from "../grammar";
import type { TextOptions } from "../languageModel";
import { ServeError } from "./errors";

const number = z.number(); // JSON has no NaN and no Infinity, and neither has z.number()
const whole = z.number().int();
const optional = <T extends z.ZodType>(type: T) => type.nullish();
const text = z.string();

/** Not supported, unless it is what it would be without. */
const onlyDefault = (value: unknown) =>
  optional(
    z.unknown().refine((given) => JSON.stringify(given) === JSON.stringify(value), {
      message: "not supported here; leave it out",
    }),
  );

const sampling = {
  model: text,
  temperature: optional(number.min(0).max(2)),
  top_p: optional(number),
  top_k: optional(whole),
  min_p: optional(number),
  repetition_penalty: optional(number),
  n: optional(whole.min(1).max(64)),
  seed: optional(whole),
  stop: optional(z.union([text, z.array(text).max(16)])),
  stream: optional(z.boolean()),
  stream_options: optional(z.object({ include_usage: z.boolean().optional() })),
  guided_json: optional(z.unknown()),
  guided_regex: optional(text.max(2_000)),
  guided_choice: optional(z.array(text).min(1).max(100)),
  presence_penalty: onlyDefault(0),
  frequency_penalty: onlyDefault(0),
  logit_bias: onlyDefault({}),
  best_of: onlyDefault(1),
  suffix: onlyDefault(""),
};
const maxTokens = optional(whole.min(0));

/** The body of /v1/completions. */
export const completionBody = z.object({
  ...sampling,
  prompt: z.union([text, z.array(text), z.array(whole), z.array(z.array(whole))]),
  max_tokens: maxTokens,
  logprobs: optional(whole),
  echo: optional(z.boolean()),
});

const message = z.object({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: optional(z.unknown()),
  tool_calls: optional(z.unknown()),
});

/** The body of /v1/chat/completions. */
export const chatBody = z.object({
  ...sampling,
  messages: z.array(message).min(1),
  max_tokens: maxTokens,
  max_completion_tokens: maxTokens,
  logprobs: optional(z.boolean()),
  top_logprobs: optional(whole),
  response_format: optional(
    z.object({
      type: z.enum(["text", "json_object", "json_schema"]),
      json_schema: z.object({ schema: z.unknown().optional() }).optional(),
    }),
  ),
  tools: optional(z.unknown()),
  tool_choice: optional(
    z.union([
      z.enum(["none", "auto", "required"]),
      z.object({ type: z.literal("function"), function: z.object({ name: text }) }),
    ]),
  ),
});

/** The body of /v1/embeddings. */
export const embeddingsBody = z.object({
  model: text,
  input: z.union([text, z.array(text).min(1).max(2_048)]),
  encoding_format: optional(z.enum(["float", "base64"])),
  dimensions: onlyDefault(undefined),
});

export type CompletionInput = z.infer<typeof completionBody>;
export type ChatInput = z.infer<typeof chatBody>;
export type EmbeddingsInput = z.infer<typeof embeddingsBody>;

/**
 * A body as its schema has it.
 * @throws {ServeError} 400 if it is not JSON, or something in it is wrong: the first thing, by name
 */
export function checkedBody<T>(schema: z.ZodType<T>, body: string): T {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    const reason = (error as Error).message;
    throw new ServeError(400, `expected a body of JSON: ${reason}`, { code: "invalid_json" });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  const param = path.map(String).join(".") || undefined;
  throw new ServeError(400, `${param ? `${param}: ` : ""}${message}`, { param });
}

type Sampling = Pick<
  CompletionInput,
  | ("temperature" | "top_p" | "top_k" | "min_p" | "repetition_penalty" | "stop" | "seed")
  | ("guided_json" | "guided_regex" | "guided_choice")
>;

/** How a text is written, in our names. */
export function optionsOf(body: Sampling): TextOptions {
  const { top_k: topK, stop, guided_json: json, guided_regex: regex, guided_choice: list } = body;
  const forms: TextOptions["form"][] = [];
  if (json != null) forms.push({ schema: schemaOf(json, "guided_json") });
  if (regex != null) forms.push({ regex });
  if (list != null) forms.push({ regex: list.map(literalRegex).join("|") });
  if (forms.length > 1)
    throw new ServeError(400, "expected one of guided_json, guided_regex and guided_choice");
  return withoutNull({
    temperature: body.temperature,
    topP: body.top_p,
    topK: topK != null && topK <= 0 ? null : topK, // vLLM writes "all of them" as -1 or 0
    minP: body.min_p,
    repetitionPenalty: body.repetition_penalty,
    seed: body.seed,
    stop: typeof stop === "string" ? [stop] : stop,
    form: forms[0],
  });
}

/** A schema that came as an object, or as JSON in a string. */
export function schemaOf(value: unknown, param: string): JsonSchema {
  try {
    const schema: unknown = typeof value === "string" ? JSON.parse(value) : value;
    if (typeof schema === "object" && schema !== null) return schema as JsonSchema;
  } catch {} // the same sentence says it
  throw new ServeError(400, `${param}: expected a JSON schema`, { param });
}

type WithoutNull<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };
const withoutNull = <T extends object>(options: T): WithoutNull<T> =>
  Object.fromEntries(
    Object.entries(options).filter(([, value]) => value != null),
  ) as WithoutNull<T>;
