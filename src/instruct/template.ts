// A conversation as ids, for the models of this course: <|user|> question <|end|> <|assistant|>
// answer <|end|>, each mark one special token. Beside the ids stands which of them are learnt: what
// the assistant says, and the mark that ends it. The questions are given, and somebody else writes
// them (the loss mask of Hugging Face's `assistant_only_loss`; whether masking helps is measured in
// lesson 16, instruction tuning).
//
// The same form as a template in Jinja is `chatTemplate`, for llm/chat and for other programs. Text
// that comes through a template can contain the marks and so pretend to be another turn; `chatIds`
// reads every message as plain text. Left out: a system message, tools.
import type { Message } from "../chat";
import type { GPTConfig } from "../gpt";
import type { Params } from "../params";
import type { Pretrained } from "../pretrained";
import { specialTokenId, type Tokenizer } from "../tokenizer";

/** The form of a conversation, in Jinja. */
export const chatTemplate =
  "{% for message in messages %}{% if message.role not in ['user', 'assistant'] %}" +
  "{{ raise_exception('expected the roles user and assistant, got ' + message.role) }}{% endif %}" +
  "{{ '<|' + message.role + '|>' + message.content + '<|end|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

/** A model as `loadGPT` and `loadBaseModel` give it. */
export interface InstructModel {
  params: Params;
  config: GPTConfig;
  tokenizer: Tokenizer;
}

/** The ids of the marks. */
export type ChatTokens = Record<"user" | "assistant" | "end" | "pad", number>;

/** A conversation as ids, and for each id whether it is learnt. */
export interface Conversation {
  ids: number[];
  /** 1 at what the assistant says and at the mark that ends it, 0 elsewhere; as long as `ids`. */
  learnt: number[];
}

/**
 * The ids of the marks in a vocabulary.
 * @throws if the tokenizer has not got one of them as one token
 */
export function chatTokens(tokenizer: Tokenizer): ChatTokens {
  const idOf = (name: string) => {
    const id = specialTokenId(tokenizer, `<|${name}|>`);
    if (id !== undefined) return id;
    throw new Error(
      `chatTokens: expected a tokenizer with the special token <|${name}|>, as the base model's ` +
        "has it, got one without",
    );
  };
  return { user: idOf("user"), assistant: idOf("assistant"), end: idOf("end"), pad: idOf("pad") };
}

/** A text as ids in which no special token is one. */
function plainIds(tokenizer: Tokenizer, text: string): number[] {
  const ordinary = tokenizer as Tokenizer & { encodeOrdinary?(text: string): Int32Array };
  return Array.from(ordinary.encodeOrdinary?.(text) ?? tokenizer.encodeText(text));
}

/**
 * A whole conversation.
 * @param messages user and assistant, in turn, the user first, an answer last
 * @throws if they are not in turn, or a message is empty
 * @example
 * chatIds([{ role: "user", content: "2 + 2" }, { role: "assistant", content: "4" }], tokenizer);
 * // ids <|user|> "2" " +" " " "2" <|end|> <|assistant|> "4" <|end|>
 * // learnt  0     0   0   0   0     0         0          1     1
 */
export function chatIds(messages: readonly Message[], tokenizer: Tokenizer): Conversation {
  if (messages.at(-1)?.role !== "assistant")
    throw new Error(
      `chatIds: expected a conversation that ends with an answer, got ${messages.length} messages`,
    );
  const tokens = chatTokens(tokenizer);
  const conversation: Conversation = { ids: [], learnt: [] };
  for (const [i, { role, content }] of messages.entries()) {
    if (role !== (i % 2 === 0 ? "user" : "assistant"))
      throw new Error(`chatIds: expected user and assistant in turn, got ${role} as message ${i}`);
    if (content.trim() === "")
      throw new Error(`chatIds: expected text in message ${i} (${role}), got none`);
    const text = plainIds(tokenizer, content);
    conversation.ids.push(tokens[role], ...text, tokens.end);
    const isLearnt = role === "assistant" ? 1 : 0;
    conversation.learnt.push(0, ...text.map(() => isLearnt), isLearnt);
  }
  return conversation;
}

/**
 * A conversation that waits for an answer: its last id is <|assistant|>.
 * @param messages user and assistant, in turn, ending with the user
 * @throws as `chatIds`
 */
export function promptIds(messages: readonly Message[], tokenizer: Tokenizer): number[] {
  const { ids } = chatIds([...messages, { role: "assistant", content: "?" }], tokenizer);
  return ids.slice(0, ids.lastIndexOf(chatTokens(tokenizer).assistant) + 1);
}

/** A run of `npm run train`: it can chat if its tokenizer has the marks of a conversation. */
export function asPretrained(run: InstructModel): Omit<Pretrained, "modelType"> {
  const { params, config, tokenizer } = run;
  return specialTokenId(tokenizer, "<|assistant|>") === undefined
    ? { params, config, tokenizer, generation: {} }
    : asChatModel({ params, config, tokenizer });
}

/**
 * A model of this course as llm/chat takes one.
 * @throws if its tokenizer has not got the marks
 */
export function asChatModel(model: InstructModel): Pretrained {
  const { end } = chatTokens(model.tokenizer);
  const { family, qkNorm } = model.config;
  const modelType = family !== "llama" ? "gpt2" : qkNorm ? "qwen3" : "llama";
  return { ...model, modelType, chatTemplate, generation: { eos_token_id: end } };
}
