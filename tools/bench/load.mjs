// Load for a server, from a process of its own:  node tools/bench/load.mjs JSON
//
//     { "url": "http://127.0.0.1:8000", "model": "default", "streams": 64, "tokens": 64,
//       "slow": 0, "vanish": 0, "times": 1, "spread": 0, "prompt": "Once upon a time", "key": "…" }
//
// Opens so many streams at once, each a completion of so many tokens. `slow` of them read a piece
// only every 50 ms; `vanish` of them hang up after their third piece. With `times` above 1 each
// stream that ends is followed by another, so many in all: a steady load. With `spread` a stream
// has up to so many tokens more or less than the others, and the streams do not end together. The
// last line of the output is JSON: how each stream ended, and its times in milliseconds from the
// beginning of all.
import { ApiClient, ApiError } from "llm/api/index.js";

const job = {
  ...{ model: "default", streams: 1, tokens: 64, slow: 0, vanish: 0, times: 1, seed: 0 },
  ...{ spread: 0, prompt: "Once upon a time", temperature: 1 },
  ...JSON.parse(process.argv[2] ?? "{}"),
};
const client = new ApiClient({ url: `${job.url}/v1`, key: job.key });
const begun = performance.now();
const now = () => performance.now() - begun;
const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * One stream: "done", "vanished", an error of the server by its status, or what went wrong.
 * @param {number} i its place among those that are open at the same time
 * @param {number} time 0 for the first stream of this place, 1 for the one that follows it …
 */
async function stream(i, time) {
  const [isSlow, vanishes] = [i < job.slow, i >= job.streams - job.vanish];
  const gone = new AbortController();
  const start = now();
  /** @type {number | undefined} */
  let first;
  let pieces = 0;
  const more = ((i * 7919 + time * 104729) % (2 * job.spread + 1)) - job.spread;
  const body = {
    ...{ model: job.model, prompt: job.prompt, max_tokens: job.tokens + more, stop: job.stop },
    ...{ temperature: job.temperature, seed: job.seed + time * job.streams + i },
    stream_options: { include_usage: true },
  };
  let tokens = 0;
  try {
    for await (const { choices, usage } of client.completeStream(body, gone.signal)) {
      if (usage) tokens = usage.completion_tokens;
      if (choices.length === 0 || choices[0].text === "") continue;
      first ??= now();
      pieces++;
      if (isSlow) await pause(50);
      if (vanishes && pieces === 3) gone.abort();
    }
    return { end: "done", tokens, pieces, start, first, last: now() };
  } catch (error) {
    const end = gone.signal.aborted
      ? "vanished"
      : error instanceof ApiError
        ? `${error.status} ${error.error.type}`
        : `broken: ${String(error)}`;
    return { end, tokens, pieces, start, first, last: now() };
  }
}

const byPlace = await Promise.all(
  Array.from({ length: job.streams }, async (_, i) => {
    const own = []; // one after the other
    for (let time = 0; time < job.times; time++) own.push(await stream(i, time));
    return own;
  }),
);
const all = byPlace.flat();
const wall = now();
/** @type {Record<string, number>} */
const ends = {};
for (const { end } of all) ends[end] = (ends[end] ?? 0) + 1;
console.log(JSON.stringify({ ends, wall, all }));
