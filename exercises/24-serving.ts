// Lesson 24 (serving). Replace each `notDoneYet(…)` with your answer, save, and run the check in the
// notebook (or `npm run check 24`). All six work with plain strings and numbers.

import { notDoneYet } from "llm/course/exercise";

/**
 * The events of a stream, which comes in pieces that may end anywhere. An event is one line or several
 * that begin with `data: `, and ends with an empty line; lines end with `\n`. Several data lines belong
 * to one event, joined by `\n`. Lines that begin with anything else (`: comment`, `event: x`) are left
 * out. The event `[DONE]` ends the stream: it is not given back, and what follows is not read.
 *
 * @param pieces of the stream, in the order in which they came; not changed
 * @returns the data of the events that are complete
 * @example ["data: He", "llo\n\nda", "ta: [DONE]\n\n"] → ["Hello"]
 * @example ["data: a\ndata: b\n\ndata: c\n"] → ["a\nb"]: the second event is not complete
 * @points 4 @minutes 20 @difficulty 3
 */
export function readEvents(pieces: string[]): string[] {
  return notDoneYet("readEvents", pieces);
}

/**
 * A token bucket. It holds at most `capacity` tokens, and `perSecond` of them come back each second. A
 * request takes one; if there is less than one, it has to wait.
 *
 * @param bucket `level` tokens were in it at the time `at` (seconds); not changed
 * @param now seconds, `at` or later
 * @returns the bucket at the time `now`, after the request if it was let through, and `wait`: 0 if it
 *   was, else the seconds until there will be a whole token
 * @example capacity 5, perSecond 0.5, level 0.5, at 10: now 11 → level 0, at 11, wait 0; now 10 →
 *   level 0.5, at 10, wait 1; now 100 → level 4, at 100, wait 0
 * @points 3 @minutes 12 @difficulty 2
 */
export function takeToken(
  bucket: { capacity: number; perSecond: number; level: number; at: number },
  now: number,
): { level: number; at: number; wait: number } {
  return notDoneYet("takeToken", bucket, now);
}

/**
 * What a request costs. Prices are for a million tokens. Tokens of the prompt that were in a cache have
 * a price of their own; they are among the `promptTokens`.
 *
 * @param usage how many tokens
 * @param prices `cached` may be absent: such tokens then cost as much as the others of the prompt
 * @example 1,000 prompt tokens, 400 of them cached, 200 new ones; prices 2, 8 and cached 0.5:
 *   (600 · 2 + 400 · 0.5 + 200 · 8) / 10⁶ = 0.003
 * @points 2 @minutes 6 @difficulty 1
 */
export function requestCost(
  usage: { promptTokens: number; cachedTokens: number; completionTokens: number },
  prices: { prompt: number; completion: number; cached?: number },
): number {
  return notDoneYet("requestCost", usage, prices);
}

/**
 * Whether two requests ask for the same, so that a cache may answer the second with the first's
 * answer. The order of an object's keys does not matter, at any depth, and a key whose value is
 * undefined is as good as absent. The order of a list does matter, and so does the type of a value.
 *
 * @param a what JSON can hold, and undefined; not changed
 * @param b the same
 * @example { model: "own", seed: 1 } and { seed: 1, stop: undefined, model: "own" } → true;
 *   { seed: 1 } and { seed: "1" } → false; { stop: ["a", "b"] } and { stop: ["b", "a"] } → false
 * @points 3 @minutes 12 @difficulty 3
 */
export function sameRequest(a: unknown, b: unknown): boolean {
  return notDoneYet("sameRequest", a, b);
}

/**
 * What the server answers before it has read what is asked: a status of HTTP, 200 if the request may go
 * on. The first that applies, in this order:
 *
 *   503  the server is stopping
 *   401  there are keys, and the request has none, or one that is not among them
 *   429  the key has used as many tokens of the day as it may, or more
 *   429  `most` requests are being answered already, or more
 *   413  the body is longer than `longestBody` bytes
 *
 * @param server `keys`: the tokens that a key may use in a day and those that it has used; without
 *   keys everybody may ask. `open`: how many requests are being answered
 * @param request `key` may be absent; `bytes` of its body
 * @example keys { abc: { perDay: 100, used: 100 } }, key "abc" → 429; key "abd" → 401
 * @points 3 @minutes 12 @difficulty 2
 */
export function admission(
  server: {
    stopping: boolean;
    keys: Record<string, { perDay: number; used: number }>;
    open: number;
    most: number;
    longestBody: number;
  },
  request: { key?: string; bytes: number },
): 200 | 401 | 413 | 429 | 503 {
  return notDoneYet("admission", server, request);
}

/**
 * The p-th percentile of times: the smallest of them that at least p percent of them do not exceed
 * ("nearest rank": the time number ⌈p / 100 · n⌉ of the n times in order).
 *
 * @param times in any order, at least one; not changed
 * @param p above 0, up to 100
 * @example [30, 10, 20, 40] → 20 for p = 50; 40 for p = 95; 10 for p = 25
 * @points 2 @minutes 8 @difficulty 2
 */
export function percentile(times: number[], p: number): number {
  return notDoneYet("percentile", times, p);
}
