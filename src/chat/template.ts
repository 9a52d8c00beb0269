// A conversation as one text. Every chat model was trained on conversations in one written form,
// with special tokens between the messages, and understands no other; the form comes with the model
// as a template in Jinja, a language of Python's. @huggingface/jinja reads it, as it was made for
// these templates.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** One turn of a conversation. */
export interface Message {
  /** "tool" is the result of a tool that the assistant has called (lesson 26, agents). */
  role: "system" | "user" | "assistant" | "tool";
  content: string;
}

/** The part of @huggingface/jinja that is used: its types cannot be read by older compilers. */
interface Jinja {
  Template: new (source: string) => { render(values: Record<string, unknown>): string };
}

export interface TemplateOptions {
  /** Ends the text where the model's answer begins; true if absent. */
  addGenerationPrompt?: boolean;
  /** What else the template may name: `bos_token`, `eos_token`, `tools` … */
  values?: Record<string, unknown>;
}

/**
 * The text of a conversation, as the model of this template expects it.
 * @throws where the template has an error, or raises one: some refuse a system message
 * @example
 * fillTemplate(chatTemplate, [{ role: "user", content: "Hello" }]);
 * // "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n", with SmolLM2's default before it
 */
export function fillTemplate(
  template: string,
  messages: readonly Message[],
  { addGenerationPrompt = true, values = {} }: TemplateOptions = {},
): string {
  const { Template } = createRequire(__filename)("@huggingface/jinja") as Jinja;
  try {
    return new Template(template).render({
      ...{ bos_token: "", eos_token: "", ...values },
      ...{ messages, add_generation_prompt: addGenerationPrompt },
    });
  } catch (error) {
    throw new Error(`fillTemplate: ${(error as Error).message}`);
  }
}

/**
 * A template from a file: Jinja, or a tokenizer_config.json that has one as `chat_template`.
 * @throws if the file is JSON without a template
 */
export function readTemplate(file: string): string {
  const text = readFileSync(file, "utf8");
  if (!file.endsWith(".json")) return text;
  const { chat_template: template } = JSON.parse(text) as { chat_template?: unknown };
  if (typeof template === "string") return template;
  throw new Error(`readTemplate: expected a chat_template in ${file}, got ${typeof template}`);
}
