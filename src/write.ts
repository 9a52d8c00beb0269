/**
 * A small GPT that writes while you watch. `courseGPT` loads the model that comes with the course
 * (datasets/moby-dick-gpt), `write` continues a text with it or with any other. The drawing of
 * tokens is llm/inference, which lesson 21 (inference) explains.
 */
import { datasetPath } from "./data";
import { growing } from "./display";
import { interrupted } from "./engine";
import type { GPTConfig } from "./gpt";
import { generate } from "./inference";
import type { Params } from "./params";
import { loadGPT } from "./pretrain";
import { Random } from "./random";
import { streamingDecoder, type Tokenizer } from "./tokenizer";

/** A trained GPT with its tokenizer, as `loadGPT` returns it. */
export interface TextModel {
  params: Params;
  config: GPTConfig;
  tokenizer: Tokenizer;
}

export interface WriteOptions {
  /** Default: the GPT that comes with the course. */
  model?: TextModel;
  /** How many tokens are written (default 240); the stop button ends the text earlier. */
  length?: number;
  /** Below 1 the likely tokens become likelier; 0 always takes the likeliest (default 1). */
  temperature?: number;
  /** The same seed gives the same text (default 1). */
  seed?: number;
}

let loaded: TextModel | undefined;

/** The GPT that comes with the course; it is loaded once and shared, so do not dispose it. */
export function courseGPT(): TextModel {
  const path = datasetPath("moby-dick-gpt/checkpoint.safetensors");
  if (path === null)
    throw new Error(
      "courseGPT: expected datasets/moby-dick-gpt/checkpoint.safetensors, got no such file; " +
        "`git checkout datasets` brings it back",
    );
  loaded ??= loadGPT(path);
  return loaded;
}

/**
 * What of `text` a tokenizer can encode, and which characters had to be left out, each once. A
 * model of characters knows only those of the text it was trained on.
 *
 *     readable("Größe", tokenizer)  →  { text: "Gre", missing: ["ö", "ß"] }
 */
export function readable(text: string, tokenizer: Tokenizer): { text: string; missing: string[] } {
  const missing = new Set<string>();
  const known = [...text].filter((character) => {
    try {
      tokenizer.encode(character);
      return true;
    } catch {
      missing.add(character);
      return false;
    }
  });
  return { text: known.join(""), missing: [...missing] };
}

/**
 * Continues `prompt` and shows the text as it is written, the prompt in bold. Characters that the
 * model does not know are left out, and a note says which.
 *
 *     await write("Call me Ishmael", { temperature: 0.8 });
 *
 * @throws where no character of the prompt is known, or an option makes no sense
 */
export async function write(
  prompt: string,
  { model = courseGPT(), length = 240, temperature = 1, seed = 1 }: WriteOptions = {},
): Promise<void> {
  const { params, config, tokenizer } = model;
  const { text, missing } = readable(prompt, tokenizer);
  if (text === "")
    throw new Error(
      `write: expected a prompt with at least one character that the model knows, got ` +
        JSON.stringify(prompt),
    );
  const shown = growing(text);
  const ids = tokenizer.encode(text);
  const decoder = streamingDecoder(tokenizer); // a token may be half a character
  for (const id of ids) decoder.push(id);
  let count = 0;
  const notes = missing.length
    ? [`The model has never seen ${missing.join(" ")}, so the prompt was read without.`]
    : [];
  try {
    await generate(params, config, ids, {
      ...{ maxNewTokens: length, temperature, rng: new Random(seed) },
      onToken: (id) => {
        count++;
        shown.add(decoder.push(id));
      },
    });
    shown.add(decoder.end());
    if (interrupted()) notes.push(`Stopped after ${count} of ${length} tokens.`);
  } finally {
    shown.done(notes.join(" "));
  }
}
