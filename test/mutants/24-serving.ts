/** Plausible wrong answers to lesson 24 (serving), and the sentence that each must be told. */

import type { Mutants } from "llm/course/kit";
import * as right from "../../solutions/24-serving";

const eventsOf = (text: string) =>
  text
    .split("\n\n")
    .slice(0, -1)
    .map((event) =>
      event
        .split("\n")
        .filter((line) => line.startsWith("data: "))
        .map((line) => line.slice(6))
        .join("\n"),
    );
const untilDone = (events: string[]) => {
  const end = events.indexOf("[DONE]");
  return end < 0 ? events : events.slice(0, end);
};
const level = (
  { capacity, perSecond, level, at }: Parameters<typeof right.takeToken>[0],
  now: number,
) => Math.min(capacity, level + (now - at) * perSecond);

export const mutants: Mutants<typeof import("../../solutions/24-serving")> = {
  readEvents: [
    {
      name: "every piece is read by itself",
      told: /kept for the next piece/,
      answer: (pieces) => untilDone(pieces.flatMap((piece) => right.readEvents([piece]))),
    },
    {
      name: "every data line is an event",
      told: /are one event/,
      answer: (pieces) => right.readEvents(pieces).flatMap((event) => event.split("\n")),
    },
    {
      name: "[DONE] is given back",
      told: /it is no data/,
      answer: (pieces) => eventsOf(pieces.join("")).filter((event) => event !== ""),
    },
    {
      name: "what comes after [DONE] is read",
      told: /nothing behind it is read/,
      answer: (pieces) =>
        eventsOf(pieces.join("")).filter((event) => !["", "[DONE]"].includes(event)),
    },
    {
      name: "half an event is given back",
      told: /is not complete/,
      answer: (pieces) => right.readEvents([...pieces, "\n\n"]),
    },
    {
      name: "the data is trimmed",
      told: /as it is/,
      answer: (pieces) => right.readEvents(pieces).map((event) => event.trim()),
    },
    {
      name: "[DONE] is looked for within the data",
      told: /the whole event/,
      answer: (pieces) => {
        const events = right.readEvents(pieces);
        const end = events.findIndex((event) => event.includes("[DONE]"));
        return end < 0 ? events : events.slice(0, end);
      },
    },
    {
      name: "[DONE] is looked for line by line",
      told: /not one of its lines/,
      answer: (pieces) => {
        const text = pieces.join("");
        const end = text.search(/^data: \[DONE\]$/m);
        return right.readEvents([end < 0 ? text : text.slice(0, end)]);
      },
    },
    {
      name: "an event with empty data is lost",
      told: /may be an empty text/,
      answer: (pieces) => right.readEvents(pieces).filter((event) => event !== ""),
    },
    {
      name: "the lines of an event are kept for the next",
      told: /empty them/,
      answer: (pieces) => {
        const events = right.readEvents(pieces);
        return events.map((_, i) => events.slice(0, i + 1).join("\n"));
      },
    },
  ],
  takeToken: [
    {
      name: "the bucket never overflows",
      told: /at most `capacity`/,
      answer: ({ capacity: _, ...bucket }, now) =>
        right.takeToken({ ...bucket, capacity: Infinity }, now),
    },
    {
      name: "nothing is taken",
      told: /takes a token/,
      answer: (bucket, now) => {
        const after = right.takeToken(bucket, now);
        return after.wait > 0 ? after : { ...after, level: after.level + 1 };
      },
    },
    {
      name: "nothing comes back",
      told: /one token has come back/,
      answer: (bucket, now) => right.takeToken({ ...bucket, at: now }, now),
    },
    {
      name: "the wait is not divided by the rate",
      told: /divide by it/,
      answer: (bucket, now) => {
        const after = right.takeToken(bucket, now);
        return { ...after, wait: after.wait * bucket.perSecond };
      },
    },
    {
      name: "the wait is that of a whole token",
      told: /missing to a whole token/,
      answer: (bucket, now) => {
        const after = right.takeToken(bucket, now);
        return { ...after, wait: after.wait > 0 ? 1 / bucket.perSecond : 0 };
      },
    },
    {
      name: "a refusal takes a token as well",
      told: /has taken nothing/,
      answer: (bucket, now) => ({ ...right.takeToken(bucket, now), level: level(bucket, now) - 1 }),
    },
    {
      name: "after a refusal the time of before is given back",
      told: /count twice/,
      answer: (bucket, now) => {
        const after = right.takeToken(bucket, now);
        return after.wait > 0 ? { ...after, at: bucket.at } : after;
      },
    },
    {
      name: "the token is taken before the bucket overflows",
      told: /First the bucket overflows/,
      answer: ({ capacity, ...bucket }, now) => {
        const after = right.takeToken({ ...bucket, capacity: Infinity }, now);
        return { ...after, level: Math.min(capacity, after.level) };
      },
    },
    {
      name: "a refusal forgets what has come back",
      told: /is lost/,
      answer: (bucket, now) => {
        const after = right.takeToken(bucket, now);
        return after.wait > 0 ? { ...after, level: bucket.level } : after;
      },
    },
    {
      name: "the bucket after the wait is given back",
      told: /not as it will be/,
      answer: (bucket, now) => {
        const { level, wait } = right.takeToken(bucket, now);
        return { level: wait > 0 ? 0 : level, at: now + wait, wait };
      },
    },
  ],
  requestCost: [
    {
      name: "cached tokens are paid twice",
      told: /paid twice/,
      answer: (usage, { prompt, completion, cached = prompt }) => {
        const { promptTokens, cachedTokens, completionTokens } = usage;
        return (
          (promptTokens * prompt + cachedTokens * cached + completionTokens * completion) / 1e6
        );
      },
    },
    {
      name: "the price of cached tokens is not used",
      told: /price of their own/,
      answer: (usage, { cached: _, ...prices }) => right.requestCost(usage, prices),
    },
    {
      name: "for a thousand tokens",
      told: /not for a thousand/,
      answer: (usage, prices) => right.requestCost(usage, prices) * 1000,
    },
    {
      name: "an absent price is none",
      told: /not nothing/,
      answer: (usage, { cached = 0, ...prices }) => right.requestCost(usage, { ...prices, cached }),
    },
    {
      name: "a price of 0 counts as absent",
      told: /A price of 0 is a price/,
      answer: (usage, { cached, ...prices }) =>
        right.requestCost(usage, { ...prices, cached: cached || prices.prompt }),
    },
    {
      name: "the prices of prompt and answer are exchanged",
      told: /exchanged/,
      answer: (usage, { prompt, completion, cached = prompt }) =>
        right.requestCost(usage, { prompt: completion, completion: prompt, cached }),
    },
  ],
  sameRequest: [
    {
      name: "the texts of JSON are compared",
      told: /order of the keys/,
      answer: (a, b) => JSON.stringify(a) === JSON.stringify(b),
    },
    {
      name: "only the outermost keys are sorted",
      told: /at any depth/,
      answer: (a, b) => {
        const sorted = (value: unknown) =>
          typeof value === "object" && value !== null && !Array.isArray(value)
            ? JSON.stringify(Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1)))
            : String(JSON.stringify(value));
        const clean = (value: unknown): unknown =>
          value === undefined ? undefined : JSON.parse(JSON.stringify(value));
        return sorted(clean(a)) === sorted(clean(b));
      },
    },
    {
      name: "lists are sorted",
      told: /order of a list does matter/,
      answer: (a, b) => {
        const sorted = (value: unknown): unknown => {
          if (Array.isArray(value))
            return value
              .map(sorted)
              .sort((x, y) => (JSON.stringify(x) < JSON.stringify(y) ? -1 : 1));
          if (typeof value !== "object" || value === null) return value;
          return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, sorted(one)]));
        };
        return right.sameRequest(sorted(a), sorted(b));
      },
    },
    {
      name: "undefined is a value",
      told: /as good as absent/,
      answer: (a, b) => {
        const told = (value: unknown): unknown => {
          if (Array.isArray(value)) return value.map(told);
          if (typeof value !== "object" || value === null) return value;
          return Object.fromEntries(
            Object.entries(value).map(([key, one]) => [key, one === undefined ? "—" : told(one)]),
          );
        };
        return right.sameRequest(told(a), told(b));
      },
    },
    {
      name: "types are not told apart",
      told: /different types/,
      answer: (a, b) => {
        const text = (value: unknown): unknown => {
          if (Array.isArray(value)) return value.map(text);
          if (typeof value !== "object" || value === null)
            return value === undefined ? undefined : String(value);
          return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, text(one)]));
        };
        return right.sameRequest(text(a), text(b));
      },
    },
    {
      name: "only the keys of the first are looked at",
      told: /look at both sides/,
      answer: function same(a: unknown, b: unknown): boolean {
        const isObject = (x: unknown): x is Record<string, unknown> =>
          typeof x === "object" && x !== null && !Array.isArray(x);
        if (Array.isArray(a) && Array.isArray(b))
          return a.length === b.length && a.every((value, i) => same(value, b[i]));
        if (!isObject(a) || !isObject(b)) return a === b;
        return Object.keys(a).every((key) => same(a[key], b[key]));
      },
    },
    {
      name: "what is falsy counts as absent",
      told: /Only undefined/,
      answer: (a, b) => {
        const bare = (value: unknown): unknown => {
          if (Array.isArray(value)) return value.map(bare);
          if (typeof value !== "object" || value === null) return value;
          const members = Object.entries(value).filter(([, one]) => one);
          return Object.fromEntries(members.map(([key, one]) => [key, bare(one)]));
        };
        return right.sameRequest(bare(a), bare(b));
      },
    },
    {
      name: "the longer list is not read to its end",
      told: /different lengths/,
      answer: function same(a: unknown, b: unknown): boolean {
        if (Array.isArray(a) && Array.isArray(b)) return a.every((value, i) => same(value, b[i]));
        const isObject = (x: unknown): x is Record<string, unknown> =>
          typeof x === "object" && x !== null && !Array.isArray(x);
        if (!isObject(a) || !isObject(b)) return right.sameRequest(a, b);
        const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
        return keys.every((key) => same(a[key], b[key]));
      },
    },
    {
      name: "texts are put between marks and not escaped",
      told: /quotation marks/,
      answer: (a, b) => {
        const text = (value: unknown): string => {
          if (Array.isArray(value)) return `[${value.map(text)}]`;
          if (typeof value === "string") return `"${value}"`;
          if (typeof value !== "object" || value === null) return String(value);
          const members = Object.entries(value).filter(([, one]) => one !== undefined);
          return `{${members.map(([key, one]) => `"${key}":${text(one)}`).sort()}}`;
        };
        return text(a) === text(b);
      },
    },
  ],
  admission: [
    {
      name: "the queue comes before the key",
      told: /a stranger learns nothing/,
      answer: (server, request) =>
        !server.stopping && server.open >= server.most ? 429 : right.admission(server, request),
    },
    {
      name: "one token too many is allowed",
      told: /has none left/,
      answer: (server, request) => {
        const { keys } = server;
        const more = Object.entries(keys).map(([key, one]) => [
          key,
          { ...one, perDay: one.perDay + 1 },
        ]);
        return right.admission({ ...server, keys: Object.fromEntries(more) }, request);
      },
    },
    {
      name: "one request too many is taken",
      told: /no room for one more/,
      answer: (server, request) => right.admission({ ...server, most: server.most + 1 }, request),
    },
    {
      name: "what every object has counts as a key",
      told: /Object\.hasOwn/,
      answer: (server, request) => {
        const { key } = request;
        const known = key !== undefined && key in server.keys;
        const keys = known && !Object.hasOwn(server.keys, key) ? {} : server.keys;
        return right.admission({ ...server, keys }, request);
      },
    },
    {
      name: "without a key everybody may ask",
      told: /this request has none/,
      answer: (server, request) =>
        right.admission({ ...server, keys: request.key === undefined ? {} : server.keys }, request),
    },
    {
      name: "a body as long as allowed is too long",
      told: /Only a longer body/,
      answer: (server, request) =>
        right.admission({ ...server, longestBody: server.longestBody - 1 }, request),
    },
    {
      name: "the body comes before the queue",
      told: /429 before 413/,
      answer: (server, request) => {
        const status = right.admission({ ...server, open: 0 }, request);
        return status === 413 ? 413 : right.admission(server, request);
      },
    },
    {
      name: "the quota of any key counts",
      told: /Only the key of this request/,
      answer: (server, request) => {
        const status = right.admission(server, request);
        const isUsedUp = Object.values(server.keys).some(({ perDay, used }) => used >= perDay);
        return [200, 413].includes(status) && isUsedUp ? 429 : status;
      },
    },
    {
      name: "a quota of 0 is none",
      told: /0 is a number/,
      answer: (server, request) => {
        const endless = Object.entries(server.keys).map(([key, one]) => [
          key,
          { ...one, perDay: one.perDay || Infinity },
        ]);
        return right.admission({ ...server, keys: Object.fromEntries(endless) }, request);
      },
    },
    {
      name: "a full server says that it stops",
      told: /One that is full says 429/,
      answer: (server, request) => {
        const status = right.admission(server, request);
        const hasRoom = right.admission({ ...server, open: 0 }, request) !== 429;
        return status === 429 && hasRoom ? 503 : status;
      },
    },
    {
      name: "without keys a key is looked for as well",
      told: /does not know/,
      answer: (server, request) =>
        request.key !== undefined && !Object.hasOwn(server.keys, request.key) && !server.stopping
          ? 401
          : right.admission(server, request),
    },
  ],
  percentile: [
    {
      name: "one place too far",
      told: /subtract 1/,
      answer: (times, p) => {
        const inOrder = [...times].sort((a, b) => a - b);
        return inOrder[Math.min(times.length - 1, Math.ceil((p / 100) * times.length))];
      },
    },
    {
      name: "not in order",
      told: /put in order/,
      answer: (times, p) => times[Math.ceil((p / 100) * times.length) - 1],
    },
    {
      name: "rounded down",
      told: /round up/,
      answer: (times, p) =>
        [...times].sort((a, b) => a - b)[Math.max(0, Math.floor((p / 100) * times.length) - 1)],
    },
    {
      name: "sorted as texts",
      told: /Sorted as texts/,
      answer: (times, p) => [...times].sort()[Math.ceil((p / 100) * times.length) - 1],
    },
    {
      name: "between two times",
      told: /a time that was measured/,
      answer: (times, p) => {
        const inOrder = [...times].sort((a, b) => a - b);
        const at = (p / 100) * (times.length - 1);
        const low = Math.floor(at);
        return inOrder[low] + (at - low) * ((inOrder[low + 1] ?? inOrder[low]) - inOrder[low]);
      },
    },
    {
      name: "equal times are counted once",
      told: /Every time counts/,
      answer: (times, p) => right.percentile([...new Set(times)], p),
    },
    {
      name: "the largest first",
      told: /from the smallest/,
      answer: (times, p) =>
        [...times].sort((a, b) => b - a)[Math.ceil((p / 100) * times.length) - 1],
    },
    {
      name: "percent are taken for a share",
      told: /divide by 100/,
      answer: (times, p) => right.percentile(times, Math.min(100, p * 100)),
    },
  ],
};
