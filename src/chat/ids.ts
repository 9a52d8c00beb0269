// A conversation as the ids that a chat model reads, and the ids with which it ends its turn.
import type { Pretrained } from "../pretrained";
import { fillTemplate, type Message, type TemplateOptions } from "./template";

/** What of a model its conversations depend on. */
export type ChatForm = Pick<Pretrained, "tokenizer" | "chatTemplate" | "generation">;

/**
 * A conversation in the form of a model's template, as ids. A message that contains the model's
 * special tokens can pretend to be another turn (lesson 27, safety).
 * @param messages ending with the one that waits for an answer
 * @param values what else the template may name
 * @throws if the model has no tokenizer or no template, and where the template refuses the messages
 */
export function conversationIds(
  { tokenizer, chatTemplate, generation }: ChatForm,
  messages: readonly Message[],
  values: TemplateOptions["values"] = {},
): number[] {
  if (!tokenizer || chatTemplate === undefined)
    throw new Error(
      `conversationIds: expected a chat model, got one without ` +
        (tokenizer ? "a chat template" : "a tokenizer"),
    );
  const marks = templateMarks({ tokenizer, generation });
  return tokenizer.encode(
    fillTemplate(chatTemplate, messages, { values: { ...marks, ...values } }),
  );
}

/** What templates call `bos_token` and `eos_token`, as text; "" where a model has none. */
export function templateMarks({ tokenizer, generation }: Omit<ChatForm, "chatTemplate">) {
  const name = (id: unknown) => (typeof id === "number" ? (tokenizer?.decode([id]) ?? "") : "");
  return { bos_token: name(generation.bos_token_id), eos_token: name(generation.eos_token_id) };
}

/** The tokens that end a turn. */
export function endTokens({ generation }: Pick<ChatForm, "generation">): Set<number> {
  const given = generation.eos_token_id;
  const ids: unknown[] = Array.isArray(given) ? given : [given];
  return new Set(ids.filter((id): id is number => typeof id === "number"));
}
