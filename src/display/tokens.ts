// A text cut into tokens, each on a ground of its own, with spaces and line breaks made visible.
import { count, sentence, visible } from "./label";
import { show } from "./output";
import { captionHtml, escapeHtml } from "./xml";

export interface Token {
  text: string;
  /** 0…1: how strongly the token is coloured; without it, neighbours alternate. */
  weight?: number;
}

/** 0, 114, 178 is the palette's blue; alternating tokens take blue and orange. */
const TINTS = ["0,114,178", "230,159,0"];
const MAX_TOKENS = 1_000;
const MAX_TOKEN = 100;
const TOKEN =
  "border-radius:3px;padding:1px 3px;margin:1px;display:inline-block;font-family:monospace";

/**
 * Shows a text cut into tokens, of a long one the first 1,000. Spaces are shown as ␣, line breaks
 * as ⏎, and a token that ends with one also ends the line.
 * @param options.caption what to see, in a sentence
 */
export function tokens(list: Token[], { caption }: { caption?: string } = {}): void {
  show({
    "text/html": tokensToHtml(list, caption),
    "text/plain": tokensToText(list, caption),
  });
}

const piece = (text: string): string => {
  const shown = visible(String(text).slice(0, MAX_TOKEN)).replace(/ /g, "␣");
  return text.length > MAX_TOKEN ? `${shown}…` : shown;
};
const under = (list: Token[], caption: string | undefined): string[] =>
  [
    sentence(caption),
    list.length > MAX_TOKENS
      ? `The first ${count(MAX_TOKENS, "token", `of ${count(list.length, "token")}`)}.`
      : "",
  ].filter((line) => line !== "");

export function tokensToHtml(list: Token[], caption?: string): string {
  const spans = list.slice(0, MAX_TOKENS).map(({ text, weight }, i) => {
    const strength = Number.isFinite(weight) ? Math.min(1, Math.max(0, weight as number)) : 0;
    const ground =
      weight === undefined
        ? `rgba(${TINTS[i % 2]},0.28)`
        : `rgba(${TINTS[0]},${(0.7 * strength).toFixed(2)})`;
    const title = weight === undefined ? `token ${i}` : weight.toFixed(3);
    const end = /[\n\r]$/.test(text) ? "<br/>" : "";
    const shown = escapeHtml(piece(text));
    return `<span title="${title}" style="background:${ground};${TOKEN}">${shown}</span>${end}`;
  });
  const captions = under(list, caption).map(captionHtml);
  const line = `<div style="line-height:1.9;margin:0 0 6px 5px">${spans.join("")}</div>`;
  return `<figure style="margin:0">${line}${captions.join("")}</figure>`;
}

export function tokensToText(list: Token[], caption?: string): string {
  const plain = list
    .slice(0, MAX_TOKENS)
    .map(({ text, weight }) =>
      weight === undefined ? piece(text) : `${piece(text)}(${weight.toFixed(2)})`,
    )
    .join("|");
  return [plain, ...under(list, caption)].join("\n");
}
