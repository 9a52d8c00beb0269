// The server as the network sees it: keys and limits, clients that vanish, hostile input, the stop.
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApiClient, type ApiError } from "llm/api";
import { type EngineModel, openLanguageModel } from "llm/languageModel";
import { type RequestRecord, type RunningServer, readKeys, serve, serveUpstream } from "llm/serve";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let model: EngineModel;
let server: RunningServer;
const folder = mkdtempSync(join(tmpdir(), "serve-"));
const log = join(folder, "requests.jsonl");
const keys = [
  { key: "sk-class-7b", name: "class 7b" },
  { key: "sk-little-1", name: "little", requestsPerMinute: 2 },
  { key: "sk-poor-123", name: "poor", tokensPerDay: 5 },
];
const records = () =>
  readFileSync(log, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as RequestRecord);
const until = async (condition: () => boolean, most = 5000) => {
  for (const start = Date.now(); !condition(); await new Promise((r) => setTimeout(r, 10)))
    if (Date.now() - start > most) throw new Error("it never came to that");
};

beforeAll(async () => {
  model = await openLanguageModel("own");
  const prices = { prompt: 1, completion: 2 };
  server = await serve({ model, keys, log, prices, port: 0, longestBody: 100_000 });
});
afterAll(() => server.stop(1000));

const client = (key?: string, { url } = server) => new ApiClient({ url: `${url}/v1`, key });
const messages = [{ role: "user" as const, content: "What is 7 + 5?" }];
const body = { model: "own", messages, temperature: 0 };
const long = {
  model: "own",
  prompt: "The",
  max_tokens: 250,
  temperature: 1,
  guided_regex: "[a-z ]{900}",
};

describe("keys", () => {
  test("wrong, missing, too often, used up", async () => {
    await expect(client().chat(body)).rejects.toMatchObject({ status: 401 });
    await expect(client("sk-wrong-1").chat(body)).rejects.toMatchObject({ status: 401 });
    await expect(client("sk-wrong-1").models()).rejects.toMatchObject({ status: 401 });
    const little = client("sk-little-1");
    await little.chat(body);
    await little.chat(body);
    const refused = await little.chat(body).catch((error: unknown) => error as ApiError);
    expect(refused).toMatchObject({ status: 429, error: { code: "rate_limit_exceeded" } });
    expect((refused as ApiError).retryAfter).toBeGreaterThan(0);
    await client("sk-poor-123").chat(body);
    await expect(client("sk-poor-123").chat(body)).rejects.toMatchObject({
      error: { code: "insufficient_quota" },
    });
  });

  test("a file of keys is read, and what is wrong in it is named", () => {
    const file = join(folder, "keys.json");
    writeFileSync(file, JSON.stringify(keys));
    expect(readKeys(file)).toEqual(keys);
    for (const [value, words] of [
      [[{ key: "short", name: "x" }], "0.key: expected a key of 8 characters"],
      [[{ key: "sk-123456", name: "x", tokens: 5 }], "tokens"],
      [[keys[0], keys[0]], "got the same one twice"],
      [{}, "expected array"],
    ] as const) {
      writeFileSync(file, JSON.stringify(value));
      expect(() => readKeys(file)).toThrow(words);
    }
  });

  test("each request is written down with its cost, and no word of what was said", async () => {
    const { usage } = await client("sk-class-7b").complete({
      ...{ model: "own", prompt: "secret words", max_tokens: 2, temperature: 1, seed: 99 },
    });
    const last = records().at(-1)!;
    expect(last).toMatchObject({ caller: "class 7b", path: "/v1/completions", status: 200 });
    const expected = (usage!.prompt_tokens * 1 + usage!.completion_tokens * 2) / 1e6;
    expect(last.cost).toBeCloseTo(expected, 12);
    const text = readFileSync(log, "utf8");
    for (const hidden of ["secret", "sk-"]) expect(text).not.toContain(hidden);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/llm_requests_total\{path="\/v1\/completions",status="200"\} [1-9]/);
    for (const line of metrics.trim().split("\n"))
      expect(line).toMatch(/^(# TYPE \w+ (counter|gauge|histogram)|\w+(\{[^}]*\})? [\d.e+-]+)$/);
  });
});

describe("clients that vanish", () => {
  test("in a stream: the text is cancelled and its blocks are free", async () => {
    const gone = new AbortController();
    let chunks = 0;
    const reading = (async () => {
      for await (const _ of client("sk-class-7b").completeStream(long, gone.signal))
        if (++chunks === 3) gone.abort();
    })();
    await expect(reading).rejects.toThrow();
    await until(() => model.engine.idle);
    expect(model.engine.pool.stats().used).toBe(0);
    await until(() => records().at(-1)!.gone);
    expect(records().at(-1)!.usage.completionTokens).toBeLessThan(250);
  });

  test("while a whole answer is being written", async () => {
    const gone = new AbortController();
    const asking = client("sk-class-7b").complete(long, gone.signal);
    await until(() => !model.engine.idle);
    gone.abort();
    await expect(asking).rejects.toThrow();
    await until(() => model.engine.idle);
    await until(() => records().at(-1)!.gone);
  });
});

/** Sends raw bytes and returns what comes back. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let answer = "";
    socket.on("data", (data) => {
      answer += data;
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE" ? resolve(answer) : reject(error),
    );
    socket.setTimeout(5000, () => socket.end());
    socket.write(bytes);
  });

describe("hostile input gets an error in OpenAI's shape, and the server goes on", () => {
  const post = async (text: string, path = "/v1/chat/completions") => {
    const headers = { authorization: "Bearer sk-class-7b", "content-type": "application/json" };
    const response = await fetch(server.url + path, { method: "POST", headers, body: text });
    return { status: response.status, error: ((await response.json()) as { error: object }).error };
  };
  const shape = { message: expect.any(String), type: expect.any(String) };

  test.each([
    ["no JSON", "{", 400],
    ["nothing", "", 400],
    ["another kind of JSON", "[1, 2]", 400],
    ["null", "null", 400],
    ["NaN", '{"model": "own", "messages": [], "temperature": NaN}', 400],
    ["a deep nest", `{"model":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, 400],
    ["a prototype", '{"__proto__": {"model": "own"}, "constructor": 1}', 400],
  ])("%s", async (_, text, status) => {
    const answer = await post(text);
    expect(answer).toMatchObject({ status, error: shape });
  });

  test("a body of 100 MB is refused before it is read", async () => {
    const before = process.memoryUsage().rss;
    const answer = await post(`{"model": "${"x".repeat(100_000_000)}"}`).catch(
      (error: Error) => error,
    );
    // the server may close while the client still writes
    if (!(answer instanceof Error)) expect(answer).toMatchObject({ status: 413, error: shape });
    expect(process.memoryUsage().rss - before).toBeLessThan(400e6);
    const chunked =
      "POST /v1/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-class-7b\r\n" +
      "transfer-encoding: chunked\r\nconnection: close\r\n\r\n" +
      `20000\r\n${"x".repeat(0x20000)}\r\n0\r\n\r\n`;
    expect(await raw(chunked)).toMatch(/^HTTP\/1.1 413 /);
  });

  test("too long a body ends the connection, and says so, so that nobody uses it again", async () => {
    const long =
      "POST /v1/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer sk-class-7b\r\n" +
      `content-length: ${2 ** 22}\r\n\r\n${"x".repeat(1000)}`;
    expect(await raw(long)).toMatch(/^HTTP\/1.1 413 [\s\S]*\r\nconnection: close\r\n/i);
  });

  test("what is turned away is counted by itself, what had begun is not", async () => {
    const counts = async () => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      const found = text.matchAll(/llm_requests_refused_total\{status="(\d+)"\} (\d+)/g);
      return Object.fromEntries([...found].map(([, status, n]) => [status, Number(n)]));
    };
    const before = await counts();
    await post("{");
    await fetch(`${server.url}/v1/models`, { headers: { authorization: "Bearer sk-nobody-1" } });
    const far = { model: "own", messages: [{ role: "user", content: "word ".repeat(4000) }] };
    expect((await post(JSON.stringify(far))).status).toBe(400); // longer than the context: it had begun
    const after = await counts();
    const more = (status: string) => (after[status] ?? 0) - (before[status] ?? 0);
    expect([more("400"), more("401"), more("429")]).toEqual([1, 1, 0]);
  });

  test("headers without end, and what is no HTTP", async () => {
    const flood = `GET /v1/models HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(40_000)}\r\n\r\n`;
    expect(await raw(flood)).toMatch(/^HTTP\/1.1 431 [\s\S]*"type":"invalid_request_error"/);
    expect(await raw("\u0001\u0002\r\n\r\n")).toMatch(/^HTTP\/1.1 400 [\s\S]*expected HTTP/);
  });

  test("another path, another method", async () => {
    expect(await post("{}", "/v1/nothing")).toMatchObject({ status: 404, error: shape });
    expect((await fetch(`${server.url}/v1/chat/completions`)).status).toBe(404);
  });

  test("and after all this it answers", async () => {
    expect((await client("sk-class-7b").chat(body)).choices[0].message.content).toBeTruthy();
    expect(model.engine.pool.stats().used).toBe(0);
  });
});

test("where the queue is full, others are told to come later", async () => {
  const small = await serve({ model, port: 0, most: 1, cacheSize: 0 });
  const stream = client(undefined, small).completeStream(long);
  await stream.next();
  const refused = await client(undefined, small)
    .chat(body)
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ status: 429, retryAfter: 1, error: { code: "queue_full" } });
  await stream.return(undefined);
  await until(() => model.engine.idle);
  expect((await client(undefined, small).chat(body)).object).toBe("chat.completion");
  await small.stop(1000);
});

test("a stop lets answers end that have begun, and refuses others", async () => {
  const other = await serve({ model, port: 0 });
  const stream = client(undefined, other).completeStream({
    ...long,
    max_tokens: 100,
    guided_regex: "[a-z ]{300}",
  });
  await stream.next();
  const stopped = other.stop();
  await expect(client(undefined, other).chat(body)).rejects.toThrow();
  let chunks = 1;
  for await (const _ of stream) chunks++;
  expect(chunks).toBeGreaterThan(20);
  await stopped;
  await expect(fetch(`${other.url}/health`)).rejects.toThrow();
});

test("a proxy passes requests on under its own key, and counts for its callers", async () => {
  const file = join(folder, "proxy.jsonl");
  const proxy = await serveUpstream({
    ...{ upstream: `${server.url}/v1`, upstreamKey: "sk-class-7b", port: 0, log: file },
    keys: [{ key: "sk-outside", name: "outside" }],
  });
  const outside = client("sk-outside", proxy);
  const direct = await client("sk-class-7b").chat(body);
  const passed = await outside.chat(body);
  expect(passed.choices).toEqual(direct.choices);
  let text = "";
  const asked = { ...body, stream_options: { include_usage: true } };
  for await (const { choices } of outside.chatStream(asked))
    text += choices[0]?.delta.content ?? "";
  expect(text).toBe(direct.choices[0].message.content);
  await expect(client("sk-class-7b", proxy).chat(body)).rejects.toMatchObject({ status: 401 });
  await expect(outside.chat({ ...body, temperature: -1 })).rejects.toMatchObject({ status: 400 });
  const lines = readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ caller, status }) => [caller, status])).toEqual([
    ["outside", 200],
    ["outside", 200],
    ["outside", 400],
  ]);
  for (const { usage } of lines.slice(0, 2))
    expect(usage.completionTokens).toBe(direct.usage.completion_tokens);
  await proxy.stop(1000);
  const nowhere = await serveUpstream({ upstream: "http://127.0.0.1:9", port: 0 });
  await expect(client("x", nowhere).chat(body)).rejects.toMatchObject({ status: 502 });
  await nowhere.stop(1000);
});
