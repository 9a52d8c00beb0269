// Characters in Hugging Face's tokenizer.json: a model of type WordLevel, before which every code
// point is split off as a word of its own, and after which the words are joined. Only files of this
// form are read. There is no unknown token: a character that was never seen is an error there too.

import { CharTokenizer } from "./char";

// biome-ignore lint/suspicious/noExplicitAny: a file from elsewhere; every use is checked
type Any = any;

/** Any code point; "." would leave line breaks out. */
const ANY = "[\\s\\S]";

/** A tokenizer of characters as tokenizer.json. */
export function writeCharacters(tokenizer: CharTokenizer): object {
  const { vocabulary } = tokenizer.toJSON();
  return {
    ...{ version: "1.0", truncation: null, padding: null, added_tokens: [], normalizer: null },
    pre_tokenizer: { type: "Split", pattern: { Regex: ANY }, behavior: "Isolated", invert: false },
    post_processor: null,
    decoder: { type: "Fuse" },
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(vocabulary.map((character, id) => [character, id])),
      unk_token: "", // the library wants a name; no token has it
    },
  };
}

/** @throws where the file is another word-level model */
export function readCharacters({ model, normalizer, pre_tokenizer, added_tokens }: Any) {
  const expect = (part: string, expected: unknown, got: unknown) => {
    if (got === expected) return;
    throw new Error(
      `readHuggingFace: ${part}: expected ${JSON.stringify(expected)}, got ` +
        (JSON.stringify(got) ?? "nothing"),
    );
  };
  expect("pre_tokenizer, for characters", "Split", pre_tokenizer?.type);
  expect("pre_tokenizer.pattern.Regex, for characters", ANY, pre_tokenizer.pattern?.Regex);
  expect("pre_tokenizer.behavior", "Isolated", pre_tokenizer.behavior);
  expect("normalizer", null, normalizer ?? null);
  expect("added_tokens.length", 0, (added_tokens ?? []).length);
  const vocabulary: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) vocabulary[id as number] = token;
  return CharTokenizer.fromJSON({ type: "char", vocabulary: Array.from(vocabulary) });
}
