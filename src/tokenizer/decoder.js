"use strict";
// Decoding ids as they come. A token may end in the middle of a character: the first bytes of 猫 and
// the last are two tokens for GPT-2. Decoded one by one both would be �; a streaming decoder waits.
Object.defineProperty(exports, "__esModule", { value: true });
exports.streamingDecoder = exports.utf8Decoder = void 0;
/** A streaming decoder of tokens that are bytes of UTF-8. */
function utf8Decoder(bytesOf) {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return {
        push: (id) => decoder.decode(bytesOf(id), { stream: true }),
        end: () => decoder.decode(),
    };
}
exports.utf8Decoder = utf8Decoder;
/**
 * A streaming decoder of any tokenizer. Where it has none of its own, the text of an id is what
 * `decode` adds for it after the id before: the space between two words, for example.
 */
function streamingDecoder(tokenizer) {
    if (tokenizer.decoder !== undefined)
        return tokenizer.decoder();
    let before = [];
    return {
        push(id) {
            const text = tokenizer.decode([...before, id]).slice(tokenizer.decode(before).length);
            before = [id];
            return text;
        },
        end: () => "",
    };
}
exports.streamingDecoder = streamingDecoder;
