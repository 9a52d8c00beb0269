// Decoding ids as they come. A token may end in the middle of a character: the first bytes of 猫 and
// the last are two tokens for GPT-2. Decoded one by one both would be �; a streaming decoder waits.

/** Text from ids that come one by one. */
export interface StreamingDecoder {
  /** The text that is certain now; may be empty. */
  push(id: number): string;
  /** What is left: � where a character was never completed. */
  end(): string;
}

/** A streaming decoder of tokens that are bytes of UTF-8. */
export function utf8Decoder(bytesOf: (id: number) => Uint8Array): StreamingDecoder {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push: (id) => decoder.decode(bytesOf(id), { stream: true }),
    end: () => decoder.decode(),
  };
}

/**
 * A streaming decoder of any tokenizer. Where it has none of its own, the text of an id is what
 * `decode` adds for it after the id before: the space between two words, for example.
 */
export function streamingDecoder(tokenizer: {
  decode(ids: ArrayLike<number>): string;
  decoder?(): StreamingDecoder;
}): StreamingDecoder {
  if (tokenizer.decoder !== undefined) return tokenizer.decoder();
  let before: number[] = [];
  return {
    push(id) {
      const text = tokenizer.decode([...before, id]).slice(tokenizer.decode(before).length);
      before = [id];
      return text;
    },
    end: () => "",
  };
}
