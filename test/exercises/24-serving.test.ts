// Lesson 24 (serving): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectEqual, expectTrue, lesson } from "llm/course/kit";
import type * as answers from "../../solutions/24-serving";
import { mutants } from "../mutants/24-serving";

/** A stream of such events, cut into pieces at random. */
function piecesOf(d: Draw, text: string, most = 5): string[] {
  const cuts = Array.from({ length: d.integer(0, most) }, () => d.integer(0, text.length));
  const ends = [...cuts.sort((a, b) => a - b), text.length];
  return ends.map((end, i) => text.slice(i === 0 ? 0 : ends[i - 1], end));
}
const WORDS = ["Hel", "lo", '{"a": 1}', " ", "data", "[DONE", "x: y", "猫"];
const word = (d: Draw) => d.pick(WORDS) + d.pick(WORDS);
const eventOf = (d: Draw, lines = 1) =>
  `${Array.from({ length: lines }, () => `data: ${word(d)}\n`).join("")}\n`;

type Bucket = Parameters<typeof answers.takeToken>[0];
const bucketOf = (d: Draw, level: number): Bucket => ({
  ...{ capacity: d.integer(2, 6), perSecond: d.pick([0.25, 0.5, 2]), level, at: d.integer(5, 90) },
});

const requestOf = (d: Draw) => ({
  model: "own",
  seed: d.integer(0, 9),
  messages: [{ role: "user", content: word(d) }],
  form: { type: "object", properties: { a: { type: "integer", minimum: d.integer(0, 4) } } },
});
/** The same with all keys the other way round, at every depth. */
const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, one]) => [key, turned(one)]),
  );
};

type Server = Parameters<typeof answers.admission>[0];
const serverOf = (more: Partial<Server> = {}): Server => ({
  ...{ stopping: false, keys: {}, open: 3, most: 10, longestBody: 1000 },
  ...more,
});
const KEYS = { ada: { perDay: 100, used: 40 }, bob: { perDay: 100, used: 100 } };

lesson<typeof answers>("24-serving", mutants, (exercise) => {
  exercise(
    "readEvents",
    (readEvents) => {
      const told = (
        pieces: string[],
        right: string[],
        message: string,
        mistakes: [string, string][] = [],
      ) => {
        const events = readEvents([...pieces]);
        expectTrue(
          Array.isArray(events),
          "readEvents gives a list of texts, the data of the events.",
        );
        const [got, expected] = [events, right].map((list) => JSON.stringify(list));
        const asked = `The events of ${JSON.stringify(pieces)} are ${expected}, got ${got}.`;
        expectEqual(got, expected, { mistakes, message, asked });
      };
      told(
        ["data: one\n\ndata: two\n\n"],
        ["one", "two"],
        "An event is what stands between `data: ` and an empty line.",
        [
          [
            '["one","one\\ntwo"]',
            "The lines of an event that was given back are done with: empty them.",
          ],
        ],
      );
      told(
        ["data: He", "llo\n", "\nda", "ta: you\n\n"],
        ["Hello", "you"],
        "A piece may end in the middle of a line: what stands behind the last \\n has to be kept for " +
          "the next piece.",
      );
      told(
        ["data: a\ndata: b\n\n"],
        ["a\nb"],
        "Data lines without an empty line between them are one event, joined by \\n.",
      );
      told(
        ["data: a\n\ndata: [DONE]\n\n", "data: b\n\n"],
        ["a"],
        "[DONE] ends the stream: it is no data, and nothing behind it is read.",
      );
      told(
        ["data: a\n\ndata: half\n"],
        ["a"],
        "An event without its empty line is not complete: it is left out.",
      );
      told(
        [": ping\n\nevent: x\ndata: a\nid: 3\n\n\n\n"],
        ["a"],
        "Lines that begin with something else are left out, and an empty line without data is no event.",
      );
      told(
        ["data:  two spaces \n\n"],
        [" two spaces "],
        "Only `data: ` is taken away, with its one space: the rest is the server's text as it is.",
      );
      told(
        ["data: a\ndata: [DONE]\n\n", "data: b\n\n"],
        ["a\n[DONE]", "b"],
        "[DONE] ends the stream only where it is the whole event, not one of its lines.",
      );
      told(
        ["data: \n\ndata: x\n\n"],
        ["", "x"],
        "The data of an event may be an empty text: what counts is that a data line was there.",
      );
      told(
        ["data: say [DONE] twice\n\n", "data: data: x\n\n"],
        ["say [DONE] twice", "data: x"],
        "[DONE] ends the stream only where it is the whole event, and `data: ` may stand in the data.",
      );
    },
    {
      cases: {
        "one event in one piece": (d) => [[eventOf(d)]],
        "events in pieces that end anywhere": (d) => [
          piecesOf(d, eventOf(d) + eventOf(d) + eventOf(d)),
        ],
        "events of several lines": (d) => [piecesOf(d, eventOf(d, 3) + eventOf(d, 2))],
        "an end that is announced": (d) => [
          piecesOf(d, `${eventOf(d)}data: [DONE]\n\n${eventOf(d)}`),
        ],
        "an end that is missing": (d) => [piecesOf(d, `${eventOf(d)}data: ${word(d)}\n`)],
        comments: (d) => [piecesOf(d, `: ping\n\n${eventOf(d)}event: x\n${eventOf(d, 2)}`)],
        "a piece for each character": (d) => [[...(eventOf(d) + eventOf(d))]],
        nothing: () => [[]],
        "an empty event": (d) => [piecesOf(d, `data: \n\n${eventOf(d)}`)],
      },
    },
  );

  exercise(
    "takeToken",
    (takeToken) => {
      const told = (
        bucket: Bucket,
        now: number,
        right: [number, number, number],
        mistakes: [[number, number, number], string][],
        message: string,
      ) => {
        const { level, at, wait } = takeToken({ ...bucket }, now);
        const what = `level, at and wait of ${JSON.stringify(bucket)} at ${now}`;
        expectClose([level, at, wait], right, { what, mistakes, message });
      };
      const bucket = { capacity: 5, perSecond: 0.5, level: 2, at: 10 };
      told(
        bucket,
        12,
        [2, 12, 0],
        [
          [[3, 12, 0], "The request takes a token: after it there is one less."],
          [[1, 12, 0], "In two seconds one token has come back: level + (now − at) · perSecond."],
          [[2, 10, 0], "`at` is the time of the level that is given back: now."],
          [[4, 12, 0], "The bucket is not always full: it held `level` tokens at the time `at`."],
        ],
        "The level now, less the token that is taken.",
      );
      told(
        bucket,
        1000,
        [4, 1000, 0],
        [
          [[496, 1000, 0], "A bucket holds at most `capacity` tokens, however long it was quiet."],
          [[5, 1000, 0], "First the bucket overflows, then the request takes its token from it."],
        ],
        "A full bucket, less one.",
      );
      told(
        { ...bucket, level: 0.25 },
        10.5,
        [0.5, 10.5, 1],
        [
          [[-0.5, 10.5, 0], "Less than one token is not enough: the request has to wait."],
          [[-0.5, 10.5, 1], "A request that waits has taken nothing: the level stays what it is."],
          [[0.5, 10.5, 0.5], "What is missing comes back at `perSecond`: divide by it."],
          [[0.5, 10.5, 0.25], "What is missing comes back at `perSecond`: divide by it."],
          [[0.5, 10.5, 11.5], "`wait` says how long to wait, not until when."],
          [[0, 11.5, 1], "Give back the bucket as it is now, not as it will be after the wait."],
          [[0.25, 10.5, 1], "What has come back by now is lost: give back the level of now."],
          [[0.25, 10.5, 1.5], "Parts of a token come back as well, a quarter in half a second."],
          [[0.5, 10.5, 2], "Only what is missing to a whole token has to come back."],
          [[0.25, 10, 1.5], "The level now counts: what has come back since `at` is there."],
          [
            [0.25, 10, 1],
            "Level and time go together: give back those of now, also after a refusal.",
          ],
          [
            [0.5, 10, 1],
            "With the level of now and the time of before, the same seconds count twice.",
          ],
        ],
        "Without a whole token: the level and time of now, and (1 − level) / perSecond to wait.",
      );
      told({ ...bucket, level: 1 }, 10, [0, 10, 0], [], "Exactly one token is enough.");
    },
    {
      cases: {
        "a full bucket": (d) => [bucketOf(d, 2), d.integer(90, 95)],
        "an empty bucket": (d) => {
          const bucket = bucketOf(d, 0);
          return [bucket, bucket.at + d.number(0, 8)];
        },
        "a part of a token": (d) => {
          const bucket = bucketOf(d, d.number(0, 0.99));
          return [bucket, bucket.at + d.number(0, 1)];
        },
        "two requests in one moment": (d) => {
          const bucket = bucketOf(d, d.number(0.2, 1.8));
          return [bucket, bucket.at];
        },
        "a long quiet time": (d) => [bucketOf(d, d.number(0, 2)), d.integer(900, 9000)],
      },
    },
  );

  exercise(
    "requestCost",
    (requestCost) => {
      const usage = { promptTokens: 1000, cachedTokens: 400, completionTokens: 200 };
      const prices = { prompt: 2, completion: 8, cached: 0.5 };
      const million = 1e6;
      expectClose([requestCost({ ...usage }, { ...prices })], [3000 / million], {
        what: "the cost of 1,000 + 200 tokens, 400 of them cached, at 2, 8 and 0.5",
        mistakes: [
          [
            [3800 / million],
            "Cached tokens are among those of the prompt: here they are paid twice, once at each price.",
          ],
          [[3600 / million], "The cached tokens have a price of their own, 0.5."],
          [[3000 / 1000], "Prices are for a million tokens, not for a thousand."],
          [[3000], "Prices are for a million tokens: divide by 10⁶."],
          [[600 / million], "Cached tokens are a part of the prompt, not of the answer."],
          [[2800 / million], "Cached tokens are cheap, but they do cost something here."],
          [[5400 / million], "The two prices are exchanged: new tokens cost `completion`."],
        ],
        message: "((prompt − cached) · prompt + cached · cached + completion · completion) / 10⁶.",
      });
      expectClose([requestCost({ ...usage }, { prompt: 2, completion: 8 })], [3600 / million], {
        what: "the cost without a price for cached tokens",
        mistakes: [
          [
            [2800 / million],
            "Without a price of their own, cached tokens cost what the others of the prompt do, not nothing.",
          ],
          [
            [6000 / million],
            "They are tokens of the prompt, not new ones: their price is `prompt`.",
          ],
        ],
        message: "Where `cached` is absent, it is `prompt`.",
      });
      expectClose([requestCost({ ...usage }, { ...prices, cached: 0 })], [2800 / million], {
        what: "the cost where cached tokens are free",
        mistakes: [
          [
            [3600 / million],
            "A price of 0 is a price: only an absent one is replaced (?? and not ||).",
          ],
        ],
        message: "A price of 0 is a price.",
      });
    },
    {
      cases: {
        "nothing cached": (d) => [
          { promptTokens: d.integer(1, 999), cachedTokens: 0, completionTokens: d.integer(1, 99) },
          { prompt: 0.15, completion: 0.6, cached: 0.075 },
        ],
        "a part of the prompt cached": (d) => [
          {
            promptTokens: 900,
            cachedTokens: d.integer(1, 899),
            completionTokens: d.integer(0, 50),
          },
          { prompt: 3, completion: 15, cached: 0.3 },
        ],
        "the whole prompt cached, no price for that": (d) => {
          const n = d.integer(1, 900);
          const usage = { promptTokens: n, cachedTokens: n, completionTokens: 7 };
          return [usage, { prompt: 5, completion: 3 }];
        },
        "everything free": (d) => [
          { promptTokens: d.integer(1, 99), cachedTokens: 1, completionTokens: 5 },
          { prompt: 0, completion: 0, cached: 0 },
        ],
      },
    },
  );

  exercise(
    "sameRequest",
    (sameRequest) => {
      const told = (a: unknown, b: unknown, right: boolean, sentence: string) => {
        const texts = [a, b].map((one) =>
          JSON.stringify(one, (_, value) => (value === undefined ? "undefined" : value)).replaceAll(
            '"undefined"',
            "undefined",
          ),
        );
        for (const [x, y] of [
          [a, b],
          [b, a],
        ]) {
          const got = String(sameRequest(structuredClone(x), structuredClone(y)));
          const asked = `sameRequest of ${texts.join(" and ")} is ${got}, expected ${right}.`;
          expectEqual(got, String(right), { message: sentence, asked });
        }
      };
      told({ a: 1, b: "x" }, { a: 1, b: "x" }, true, "What looks the same is the same.");
      told(
        { a: 1, b: 2 },
        { b: 2, a: 1 },
        true,
        "The order of the keys does not matter: JSON.stringify alone keeps it.",
      );
      told(
        { m: [{ role: "user", content: "x" }] },
        { m: [{ content: "x", role: "user" }] },
        true,
        "The order of keys does not matter at any depth, in objects within lists, too.",
      );
      told(
        { a: 1, stop: undefined },
        { a: 1 },
        true,
        "A key whose value is undefined is as good as absent.",
      );
      told({ stop: ["a", "b"] }, { stop: ["b", "a"] }, false, "The order of a list does matter.");
      told({ seed: 1 }, { seed: "1" }, false, '1 and "1" are of different types.');
      told(
        { stop: ["a"] },
        { stop: ["a", "b"] },
        false,
        "Lists of different lengths are different.",
      );
      told({ a: null }, { a: null }, true, "null is the same as null.");
      told(
        { a: null },
        { a: {} },
        false,
        "null is no empty object, though its typeof says object.",
      );
      told(
        { a: 1 },
        { a: 1, b: 2 },
        false,
        "One has a key that the other has not: look at both sides.",
      );
      for (const value of [0, false, "", null])
        told(
          { top: value, a: 1 },
          { a: 1 },
          false,
          'Only undefined is as good as absent: 0, false, "" and null are values.',
        );
      told({ seed: 0 }, { seed: null }, false, "null and 0 are different values.");
      told({ a: undefined, b: 1 }, { c: 1, b: 1 }, false, "One has a key that the other has not.");
      told({ a: {} }, { a: [] }, false, "An empty list is no empty object.");
      told(["ab", "c"], ["a", "bc"], false, "Texts must not run into each other.");
      told(
        ['a","b'],
        ["a", "b"],
        false,
        "A text may hold quotation marks: JSON.stringify escapes them.",
      );
      told({ a: "1,b:2" }, { a: "1", b: "2" }, false, "Texts must not run into each other.");
      told(null, undefined, false, "null and undefined are different values.");
    },
    {
      cases: {
        "the same requests": (d) => {
          const request = requestOf(d);
          return [request, structuredClone(request)];
        },
        "keys in another order": (d) => {
          const request = requestOf(d);
          return [request, turned(request)];
        },
        "only the outermost keys in another order": (d) => {
          const request = requestOf(d);
          return [request, Object.fromEntries(Object.entries(request).reverse())];
        },
        "another number deep inside": (d) => {
          const request = requestOf(d);
          const other = structuredClone(request);
          other.form.properties.a.minimum++;
          return [request, other];
        },
        "another text": (d) => [requestOf(d), requestOf(d)],
        "a key more": (d) => {
          const request = requestOf(d);
          return [request, { ...request, temperature: d.pick([0, null, "", false]) }];
        },
        "a key less": (d) => {
          const request = requestOf(d);
          return [{ ...request, temperature: d.pick([0, null, "", false]) }, request];
        },
        "keys without a value": (d) => {
          const request = requestOf(d);
          return [{ ...request, stop: undefined }, turned({ ...request, top: undefined })];
        },
        lists: (d) => {
          const list = [d.integer(0, 2), d.integer(0, 2), d.integer(0, 2)];
          return [list, [...list].sort()];
        },
        "plain values": (d) => [
          d.pick([0, 1, "1", null, true, ""]),
          d.pick([0, 1, "1", null, true, ""]),
        ],
      },
      repeats: 6,
    },
  );

  exercise(
    "admission",
    (admission) => {
      const told = (
        server: Partial<Server>,
        request: Parameters<typeof answers.admission>[1],
        right: number,
        what: string,
        mistakes: [number, string][],
        message: string,
      ) => {
        const status: number = admission(structuredClone(serverOf(server)), { ...request });
        expectEqual(status, right, {
          mistakes,
          message,
          asked: `${what}: ${status}, expected ${right}.`,
        });
      };
      told(
        {},
        { bytes: 10 },
        200,
        "a server without keys that has time",
        [],
        "Without keys everybody may ask.",
      );
      told(
        {},
        { key: "ada", bytes: 10 },
        200,
        "a request with a key to a server without keys",
        [[401, "Without keys everybody may ask, also with a key that the server does not know."]],
        "Without keys everybody may ask.",
      );
      told(
        { keys: KEYS },
        { bytes: 10 },
        401,
        "no key where keys are wanted",
        [
          [200, "There are keys, and this request has none: 401."],
          [403, "Without a known key it is 401; 403 is for somebody known who may not do this."],
        ],
        "A request without a key gets 401 where there are keys.",
      );
      told(
        { keys: KEYS },
        { key: "ada", bytes: 10 },
        200,
        "a key that has used 40 tokens of 100",
        [[429, "Only the key of this request counts: ada has tokens left, whatever bob has used."]],
        "A key with tokens left may ask.",
      );
      told(
        { keys: KEYS },
        { key: "ada", bytes: 900 },
        200,
        "a key that has used 40 tokens of 100, with 900 bytes",
        [[429, "The quota counts tokens that were used; the bytes of this body are no tokens."]],
        "A key with tokens left may ask.",
      );
      told(
        { keys: KEYS },
        { key: "bob", bytes: 10 },
        429,
        "a key that has used 100 tokens of 100",
        [[200, "A key that has used as many tokens as it may has none left: ≥ and not >."]],
        "A key whose tokens are used up gets 429.",
      );
      told(
        { keys: { eve: { perDay: 0, used: 0 } } },
        { key: "eve", bytes: 10 },
        429,
        "a key that may use 0 tokens",
        [[200, "A key that may use 0 tokens has used as many as it may: 0 is a number here."]],
        "A key whose tokens are used up gets 429.",
      );
      told(
        { open: 10 },
        { bytes: 10 },
        429,
        "the request number 11 of at most 10",
        [
          [200, "With `most` requests being answered there is no room for one more: ≥ and not >."],
          [503, "503 is for a server that stops. One that is full says 429: come again later."],
        ],
        "A full server gets 429.",
      );
      told(
        {},
        { bytes: 1001 },
        413,
        "a body of 1,001 bytes of 1,000",
        [],
        "A body that is too long gets 413.",
      );
      told(
        {},
        { bytes: 1000 },
        200,
        "a body of exactly 1,000 bytes",
        [[413, "Only a longer body is too long: > and not ≥."]],
        "It is not longer than 1,000.",
      );
      told(
        { keys: KEYS, open: 10, stopping: true },
        { key: "nobody", bytes: 5000 },
        503,
        "everything is wrong and the server is stopping",
        [[401, "The first that applies counts, and 503 comes first."]],
        "503 comes first.",
      );
      told(
        { keys: KEYS, open: 10 },
        { key: "nobody", bytes: 5000 },
        401,
        "a wrong key at a full server",
        [
          [
            429,
            "A request without a known key is told so first (401): a stranger learns nothing of how full it is.",
          ],
          [413, "The order says 401 before 413."],
        ],
        "The order: 503, 401, 429, 413.",
      );
      told(
        { keys: KEYS, open: 10 },
        { key: "ada", bytes: 5000 },
        429,
        "a right key with a long body at a full server",
        [[413, "The order says 429 before 413."]],
        "The order: 503, 401, 429, 413.",
      );
      told(
        { keys: KEYS },
        { key: "toString", bytes: 10 },
        401,
        'the key "toString"',
        [
          [
            200,
            '"toString" is a member of every object, but it is not among the keys: Object.hasOwn.',
          ],
          [
            429,
            '"toString" is a member of every object, but it is not among the keys: Object.hasOwn.',
          ],
        ],
        "A key that is not among them gets 401.",
      );
    },
    {
      cases: {
        "no keys": (d) => [
          serverOf({ open: d.integer(8, 11) }),
          { key: d.pick(["ada", undefined]), bytes: d.integer(990, 1010) },
        ],
        "a known key": (d) => [
          serverOf({ keys: KEYS, open: d.integer(8, 11) }),
          { key: d.pick(["ada", "bob"]), bytes: d.integer(990, 1010) },
        ],
        "a wrong key": (d) => [
          serverOf({ keys: KEYS, open: d.integer(8, 11) }),
          { key: d.pick(["Ada", "", "constructor", undefined]), bytes: d.integer(990, 1010) },
        ],
        "a server that stops": (d) => [
          serverOf({ keys: KEYS, stopping: true, open: d.integer(8, 11) }),
          { key: d.pick(["ada", "eve"]), bytes: d.integer(990, 1010) },
        ],
        "tokens used": (d) => [
          serverOf({ keys: { eve: { perDay: 50, used: d.integer(48, 52) } } }),
          { key: "eve", bytes: 10 },
        ],
      },
      repeats: 6,
    },
  );

  exercise(
    "percentile",
    (percentile) => {
      const told = (
        times: number[],
        p: number,
        right: number,
        mistakes: [number, string][],
        message: string,
      ) => {
        const time = percentile([...times], p);
        const asked = `percentile([${times}], ${p}) is ${time}, expected ${right}.`;
        expectEqual(time, right, { mistakes, message, asked });
      };
      const between = "This is between two times: the nearest rank is a time that was measured.";
      told(
        [30, 50, 80, 10, 70, 20, 60, 40],
        25,
        20,
        [
          [27.5, between],
          [25, between],
          [30, "Rank 1 is at place 0 of a list: round p / 100 · n up, then subtract 1."],
          [50, "The times have to be put in order first."],
          [70, "The order goes from the smallest time to the largest: (a, b) => a − b."],
          [80, "p is in percent: divide by 100."],
        ],
        "The time number ⌈p / 100 · n⌉ in order.",
      );
      told(
        [30, 10, 20, 40],
        50,
        20,
        [
          [25, between],
          [30, "⌈0.5 · 4⌉ = 2: the second time in order, which is at place 1 of a list."],
        ],
        "The time number ⌈p / 100 · n⌉ in order.",
      );
      told(
        [8, 3, 3, 3],
        75,
        3,
        [[8, "Every time counts, also one that comes up again: three of four are 3 or less."]],
        "⌈0.75 · 4⌉ = 3.",
      );
      told(
        [5, 1, 3, 2, 4],
        90,
        5,
        [
          [
            4,
            "4 of 5 times are only 80 percent: round up, so that at least p percent are covered.",
          ],
        ],
        "The smallest time that at least 90 % do not exceed.",
      );
      told(
        [100, 9, 20],
        100,
        100,
        [[9, 'Sorted as texts, "9" comes behind "100": sort with (a, b) => a − b.']],
        "The 100th percentile is the largest.",
      );
      told([7], 1, 7, [], "One time is every percentile.");
      told(
        [40, 10, 30, 20],
        25,
        10,
        [[20, "One of four is 25 percent: ⌈0.25 · 4⌉ = 1."]],
        "⌈0.25 · 4⌉ = 1.",
      );
    },
    {
      cases: {
        "some times": (d) => [d.list(d.integer(2, 30)), d.integer(1, 100)],
        "equal times": (d) => [[3, 3, 3, 8, 8], d.integer(1, 100)],
        "one time": (d) => [[d.number(0, 9)], d.integer(1, 100)],
        "the largest": (d) => [d.list(7), 100],
        "times of several lengths": (d) => [
          [5, 100, 20, 1000, 9, 80],
          d.pick([17, 34, 50, 67, 84]),
        ],
      },
    },
  );
});
