// Server-sent events (WHATWG HTML, section 9.2), as far as streams of answers need them: events are
// lines "data: …" with an empty line behind them, and the last event of a stream is [DONE].
// Left out: the fields event, id and retry, which the API does not use.

/** The end of a stream. */
export const DONE = "[DONE]";

/** One event. Text of several lines becomes several data lines, which the reader joins again. */
export const sseEvent = (data: string): string =>
  `${data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join("")}\n`;

/** Puts events together from pieces that may end anywhere, within a character too. */
export class SseReader {
  private readonly decoder = new TextDecoder("utf-8");
  private rest = "";
  private data: string[] = [];

  /**
   * Takes the next piece.
   * @returns the data of every event that it completes
   */
  push(bytes: Uint8Array): string[] {
    const text = this.rest + this.decoder.decode(bytes, { stream: true });
    // a \r at the end may be the first half of \r\n
    const lines = text.split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.line(line));
  }

  private line(line: string): string[] {
    if (line === "") {
      const event = this.data.join("\n");
      const isEmpty = this.data.length === 0;
      this.data = [];
      return isEmpty ? [] : [event];
    }
    if (line.startsWith("data:")) this.data.push(line.slice(line[5] === " " ? 6 : 5));
    return []; // other fields, and comments, which begin with ":"
  }
}

/**
 * The events of a response's body, until [DONE].
 * @throws if the body ends before [DONE]: what came is not the whole answer
 */
export async function* sseEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const source = new SseReader();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error("sseEvents: expected [DONE] at the end of the stream, got none");
      for (const data of source.push(value)) {
        if (data === DONE) return;
        yield data;
      }
    }
  } finally {
    await reader.cancel().catch(() => {}); // whoever stops listening lets the server stop writing
  }
}
