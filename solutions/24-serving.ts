// Lesson 24 (serving): the reference answers, each with why it is so.

export function readEvents(pieces: string[]): string[] {
  const events: string[] = [];
  let [rest, data]: [string, string[]] = ["", []];
  for (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    // What stands behind the last \n is the beginning of a line whose end has not come yet.
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("data: ")) data.push(line.slice(6));
      if (line !== "" || data.length === 0) continue;
      const event = data.join("\n");
      if (event === "[DONE]") return events;
      events.push(event);
      data = [];
    }
  }
  return events;
}

export function takeToken(
  bucket: { capacity: number; perSecond: number; level: number; at: number },
  now: number,
): { level: number; at: number; wait: number } {
  const { capacity, perSecond, at } = bucket;
  // Nothing fills the bucket while nobody asks: what has come back is worked out now.
  const level = Math.min(capacity, bucket.level + (now - at) * perSecond);
  if (level >= 1) return { level: level - 1, at: now, wait: 0 };
  return { level, at: now, wait: (1 - level) / perSecond };
}

export function requestCost(
  usage: { promptTokens: number; cachedTokens: number; completionTokens: number },
  prices: { prompt: number; completion: number; cached?: number },
): number {
  const { promptTokens, cachedTokens, completionTokens } = usage;
  const { prompt, completion, cached = prompt } = prices;
  // Cached tokens are part of the prompt, so they are taken out before the rest is paid.
  const computed = promptTokens - cachedTokens;
  return (computed * prompt + cachedTokens * cached + completionTokens * completion) / 1e6;
}

export function sameRequest(a: unknown, b: unknown): boolean {
  const isObject = (value: unknown): value is Record<string, unknown> =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((value, i) => sameRequest(value, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  // Only members that say something: a server reads { stop: undefined } as {}.
  const [inA, inB] = [a, b].map((one) => Object.keys(one).filter((key) => one[key] !== undefined));
  // b may have a member that a has not, so the numbers are compared as well.
  return inA.length === inB.length && inA.every((key) => sameRequest(a[key], b[key]));
}
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
  const { stopping, keys, open, most, longestBody } = server;
  if (stopping) return 503;
  if (Object.keys(keys).length > 0) {
    const { key } = request;
    // Object.hasOwn: "constructor" is a member of every object, and nobody's key.
    if (key === undefined || !Object.hasOwn(keys, key)) return 401;
    if (keys[key].used >= keys[key].perDay) return 429;
  }
  if (open >= most) return 429;
  return request.bytes > longestBody ? 413 : 200;
}

export function percentile(times: number[], p: number): number {
  const inOrder = [...times].sort((a, b) => a - b);
  // Rank 1 is at place 0.
  return inOrder[Math.ceil((p / 100) * times.length) - 1];
}
