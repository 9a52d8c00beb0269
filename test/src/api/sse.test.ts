// Events put together from pieces that end anywhere.

import fc from "fast-check";
import { DONE, SseReader, sseEvent, sseEvents } from "llm/api";
import { expect, test } from "vitest";

const bytes = (text: string) => new TextEncoder().encode(text);
const bodyOf = (pieces: Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
const all = async (body: ReadableStream<Uint8Array>) => {
  const events: string[] = [];
  for await (const event of sseEvents(body)) events.push(event);
  return events;
};

/** The same bytes in pieces that end at the given places. */
const cutAt = (whole: Uint8Array, places: number[]) => {
  const ends = [...new Set(places.map((place) => place % (whole.length + 1)))].sort(
    (a, b) => a - b,
  );
  return [0, ...ends].map((from, i) => whole.slice(from, ends[i] ?? whole.length));
};

test("whatever the texts and wherever the pieces end, the same events come out", () => {
  const text = fc.string({ unit: "binary", maxLength: 20 }).map((t) => t.replace(/[\r\n]/g, "\n"));
  const property = fc.property(fc.array(text), fc.array(fc.nat(400)), (texts, places) => {
    const reader = new SseReader();
    const found: string[] = [];
    for (const piece of cutAt(bytes(texts.map(sseEvent).join("")), places))
      found.push(...reader.push(piece));
    expect(found).toEqual(texts.map((one) => new TextDecoder().decode(bytes(one))));
  });
  fc.assert(property, { numRuns: 300, seed: 24 });
});

test("line ends of three kinds, comments, other fields, no space behind the colon", () => {
  const reader = new SseReader();
  const text = ": a comment\r\ndata:one\r\n\r\nevent: x\ndata: two\ndata: lines\n\rdata: three\r\r";
  // a \r at the very end may be half of \r\n, so the last event waits for one more byte
  expect(reader.push(bytes(text))).toEqual(["one", "two\nlines"]);
  expect(reader.push(bytes("\n"))).toEqual(["three"]);
});

test("a stream ends with [DONE], and what follows is not read", async () => {
  const text = sseEvent("1") + sseEvent(DONE) + sseEvent("2");
  expect(await all(bodyOf([bytes(text)]))).toEqual(["1"]);
});

test("a stream that breaks off is an error, not a short answer", async () => {
  await expect(all(bodyOf([bytes(sseEvent("1")), bytes("data: hal")]))).rejects.toThrow(
    "sseEvents: expected [DONE] at the end of the stream, got none",
  );
});

test("whoever stops reading cancels the body", async () => {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(bytes(sseEvent("more"))),
    cancel: () => {
      cancelled = true;
    },
  });
  for await (const _ of sseEvents(body)) break;
  expect(cancelled).toBe(true);
});
