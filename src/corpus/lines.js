"use strict";
// Lines out of chunks of bytes. They are cut before they are decoded, so that one line of bad bytes
// costs that line and not the file.
Object.defineProperty(exports, "__esModule", { value: true });
exports.lines = void 0;
const LINE_FEED = 0x0a;
/**
 * The lines of a text in UTF-8, without their ends ("\n" or "\r\n").
 * @param most bytes of the longest line; of longer ones nothing is kept in memory
 */
async function* lines(chunks, most) {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    let parts = [];
    let length = 0;
    let number = 0;
    const take = (part) => {
        length += part.length;
        if (length > most)
            parts = [];
        else if (part.length > 0)
            parts.push(part);
    };
    const end = () => {
        const line = finish(parts, length > most, ++number);
        parts = [];
        length = 0;
        return line;
    };
    const finish = (all, tooLong, n) => {
        if (tooLong)
            return { line: "", number: n, why: `expected at most ${most} bytes, got more` };
        const bytes = all.length === 1 ? all[0] : Buffer.concat(all);
        try {
            return { line: decoder.decode(bytes).replace(/\r$/, ""), number: n };
        }
        catch {
            return { line: "", number: n, why: "expected text in UTF-8, got other bytes" };
        }
    };
    for await (const chunk of chunks) {
        let from = 0;
        for (;;) {
            const to = chunk.indexOf(LINE_FEED, from);
            if (to === -1)
                break;
            take(chunk.subarray(from, to));
            yield end();
            from = to + 1;
        }
        // a copy: streams may use the memory of a chunk again
        take(chunk.slice(from));
    }
    if (length > 0)
        yield end();
}
exports.lines = lines;
