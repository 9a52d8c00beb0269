// The same model in two shapes that people know from elsewhere: `pipeline(task)` of Hugging Face's
// transformers.js, and `run(model, input)` as inference services have it (Replicate, Cloudflare Workers
// AI). A server, a library and a pipeline are one thing in other words: a request and its text.
import { type LanguageModel, openLanguageModel, type TextOptions, write } from "../languageModel";

/** Options in the names of transformers' `generate`. */
export interface PipelineOptions {
  max_new_tokens?: number;
  temperature?: number;
  /** false takes the likeliest token, whatever the temperature. */
  do_sample?: boolean;
  top_k?: number;
  top_p?: number;
  repetition_penalty?: number;
  /** Whether the prompt is part of the text; true, as there. */
  return_full_text?: boolean;
}

type Turn = { role: "system" | "user" | "assistant"; content: string };
/** What a pipeline takes: a text that goes on, or a conversation that waits for an answer. */
export type PipelineInput = string | Turn[];
/** What it gives: the text, or the conversation with the answer. */
export type PipelineOutput = { generated_text: string | Turn[] }[];

/**
 * A function from text to text.
 * @param task "text-generation" is the one that there is
 * @param model a model, or its name
 * @throws for another task
 * @example
 * const generator = await pipeline("text-generation", "smollm2");
 * await generator([{ role: "user", content: "Hello" }], { max_new_tokens: 40 });
 */
export async function pipeline(
  task: string,
  model: LanguageModel | string,
): Promise<(input: PipelineInput, options?: PipelineOptions) => Promise<PipelineOutput>> {
  if (task !== "text-generation")
    throw new Error(`pipeline: expected the task "text-generation", got "${task}"`);
  const opened = typeof model === "string" ? await openLanguageModel(model) : model;
  return async (input, options = {}) => {
    const settings = optionsOf(options);
    if (typeof input !== "string") {
      const { text } = await write(opened, { messages: input, ...settings });
      return [{ generated_text: [...input, { role: "assistant", content: text }] }];
    }
    const { text } = await write(opened, { prompt: input, ...settings });
    return [{ generated_text: options.return_full_text === false ? text : input + text }];
  };
}

function optionsOf(options: PipelineOptions): TextOptions {
  const { do_sample: draws = true, temperature, top_k, top_p, repetition_penalty } = options;
  return {
    maxTokens: options.max_new_tokens ?? 20,
    temperature: draws ? temperature : 0,
    ...{ topK: top_k, topP: top_p, repetitionPenalty: repetition_penalty },
  };
}

/** What `run` takes. */
export interface RunInput {
  prompt?: string;
  messages?: Turn[];
  max_tokens?: number;
  temperature?: number;
  seed?: number;
}

const opened = new Map<string, Promise<LanguageModel>>();

/**
 * Runs a model by its name; it stays open for the next time.
 * @throws unless there is a prompt or messages, and not both
 * @example (await run("own", { prompt: "What is 7 + 5?" })).response
 */
export async function run(model: string, input: RunInput): Promise<{ response: string }> {
  const { prompt, messages, max_tokens: maxTokens, temperature, seed } = input;
  if ((prompt === undefined) === (messages === undefined))
    throw new Error("run: expected a prompt or messages, got both or none");
  const known = opened.get(model) ?? openLanguageModel(model);
  opened.set(model, known);
  known.catch(() => opened.delete(model)); // it is tried again the next time
  const asked = messages ?? [{ role: "user" as const, content: prompt ?? "" }];
  const options = { maxTokens: maxTokens ?? 256, temperature, seed };
  return { response: (await write(await known, { messages: asked, ...options })).text };
}
