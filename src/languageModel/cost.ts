// What a text costs. Providers charge by the token: less for a prompt than for an answer, and less again
// for the part of a prompt that they have in a cache.
import type { Usage } from "./languageModel";

/** Money for a million tokens, in any currency. */
export interface Prices {
  prompt: number;
  completion: number;
  /** For tokens that were in a cache; as `prompt` if absent. */
  cached?: number;
}

/**
 * The price of a text.
 *
 *     cost = ((promptTokens − cachedTokens) · prompt + cachedTokens · cached
 *             + completionTokens · completion) / 10⁶
 */
export function costOf(usage: Usage, { prompt, completion, cached = prompt }: Prices): number {
  const { promptTokens, completionTokens, cachedTokens } = usage;
  const computed = (promptTokens - cachedTokens) * prompt;
  return (computed + cachedTokens * cached + completionTokens * completion) / 1e6;
}

/** The tokens of no text at all. */
export const noUsage = (): Usage => sumUsage([]);

/** All tokens of several texts. */
export function sumUsage(all: readonly Usage[]): Usage {
  const sum = (key: keyof Usage) => all.reduce((total, usage) => total + usage[key], 0);
  return {
    promptTokens: sum("promptTokens"),
    completionTokens: sum("completionTokens"),
    cachedTokens: sum("cachedTokens"),
  };
}
