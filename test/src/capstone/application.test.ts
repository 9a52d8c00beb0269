// Parts asked one after the other, guardrails, and the server in front of them.
import { ApiClient, type ChatShape } from "llm/api";
import {
  type Application,
  asLanguageModel,
  cascade,
  HAND_OVER,
  type Part,
  type ServiceRecord,
  serveApplication,
  watched,
} from "llm/capstone";
import { App } from "llm/serve";
import { expect, test } from "vitest";

const usage = (n: number) => ({ promptTokens: n, completionTokens: 1, cachedTokens: 0 });
const knows = (name: string, word: string, tokens = 0): Part => ({
  name,
  say: (question) => ({
    text: question.includes(word) ? `${name} about ${word}` : undefined,
    ...(tokens > 0 ? { usage: usage(tokens) } : {}),
  }),
});
const person: Part = {
  name: "person",
  say: (q) => (q.includes("fire") ? { isForPerson: true } : {}),
};

test("the first part that says something has answered, and later ones are not asked", async () => {
  const asked: string[] = [];
  const say = (question: string) => {
    asked.push(question);
    return { text: "spy" };
  };
  const spy: Part = { name: "spy", say };
  const shop = cascade("shop", [knows("rules", "lamp"), knows("agent", "cup", 10), spy]);
  expect((await shop.answer("a lamp")).part).toBe("rules");
  expect(asked).toEqual([]);
  expect(await shop.answer("a cup")).toEqual({
    ...{ text: "agent about cup", isHandedOver: false, part: "agent", usage: usage(10) },
  });
  expect((await shop.answer("a hat")).part).toBe("spy");
});

test("tokens count whether the answer is used or not", async () => {
  const shop = cascade("shop", [knows("a", "x", 5), knows("b", "y", 7)]);
  const { isHandedOver, text, part, usage: all } = await shop.answer("z");
  expect([isHandedOver, text, part]).toEqual([true, HAND_OVER, "nobody"]);
  expect(all).toEqual({ promptTokens: 12, completionTokens: 2, cachedTokens: 0 });
});

test("what is for a person is not answered by a later part", async () => {
  const shop = cascade("shop", [person, knows("rules", "lamp")]);
  expect(await shop.answer("the lamp is on fire")).toMatchObject({
    isHandedOver: true,
    part: "person",
  });
});

test("guardrails change texts or refuse them", async () => {
  const hide = (text: string) => text.replace(/\d{4,}/g, "…");
  const refuse = (text: string) => (text.includes("secret") ? null : text);
  const echo: Part = { name: "echo", say: (question) => ({ text: question }) };
  const inputs = cascade("in", [echo], { input: hide });
  expect((await inputs.answer("card 12345678")).text).toBe("card …");
  const both = cascade("both", [echo], { input: hide, output: refuse });
  expect(await both.answer("my secret")).toMatchObject({
    isHandedOver: true,
    part: "output guardrail",
  });
  const closed = cascade("closed", [echo], { input: refuse });
  expect((await closed.answer("secret")).part).toBe("input guardrail");
});

const ask = (app: App, body: object, path = "chat/completions") =>
  app.fetch(new Request(`http://local/v1/${path}`, { method: "POST", body: JSON.stringify(body) }));

test("behind the server: an answer, a stream, metrics, a prompt refused", async () => {
  const shop = cascade("shop", [knows("rules", "lamp", 3)]);
  const app = new App({ model: asLanguageModel(shop), cacheSize: 0 });
  const messages = [
    { role: "user", content: "Hello" },
    { role: "assistant", content: "Hello!" },
    { role: "user", content: "a lamp?" },
  ];
  const whole = (await (await ask(app, { model: "shop", messages })).json()) as ChatShape;
  expect(whole.choices[0].message.content).toBe("rules about lamp");
  expect(whole.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 1 });
  const stream = await (await ask(app, { model: "shop", messages, stream: true })).text();
  expect(stream).toContain("rules about lamp");
  expect(stream.trimEnd().endsWith("data: [DONE]")).toBe(true);
  const metrics = await (await app.fetch(new Request("http://local/metrics"))).text();
  expect(metrics).toContain('llm_requests_total{path="/v1/chat/completions",status="200"} 2');
  expect(metrics).not.toContain("llm_blocks_used");
  const refused = await ask(app, { model: "shop", prompt: "a lamp" }, "completions");
  expect(refused.status).toBe(400);
  const ids = await ask(app, { model: "shop", prompt: [1, 2], echo: true }, "completions");
  expect(ids.status).toBe(400);
  const nobody = await ask(app, { model: "shop", messages: [{ role: "system", content: "x" }] });
  expect(nobody.status).toBe(400);
});

test("an application that fails gives an error of the server, not an answer", async () => {
  const broken: Application = {
    name: "broken",
    answer: () => Promise.reject(new Error("no paper left")),
  };
  const { error } = console;
  console.error = () => {};
  try {
    const app = new App({ model: asLanguageModel(broken), cacheSize: 0 });
    const messages = [{ role: "user", content: "x" }];
    expect((await ask(app, { model: "broken", messages })).status).toBe(500);
  } finally {
    console.error = error;
  }
});

test("a real socket, and a log without texts", async () => {
  const records: ServiceRecord[] = [];
  let clock = 0;
  const shop = watched(cascade("shop", [knows("rules", "lamp", 3)]), {
    topicOf: (question) => (question.includes("lamp") ? "prices" : "other"),
    onRecord: (record) => records.push(record),
    now: () => (clock += 20),
  });
  const server = await serveApplication(shop, { port: 0 });
  try {
    const client = new ApiClient({ url: `${server.url}/v1` });
    const messages = [{ role: "user" as const, content: "a lamp" }];
    const { choices } = await client.chat({ model: "default", messages });
    expect(choices[0].message.content).toBe("rules about lamp");
    const page = await (await fetch(server.url)).text();
    expect(page).toContain("<textarea");
  } finally {
    await server.stop();
  }
  const [{ time, ...record }] = records;
  expect(Date.parse(time)).toBeGreaterThan(0);
  expect(record).toEqual({
    topic: "prices",
    part: "rules",
    isHandedOver: false,
    ms: 20,
    tokens: 4,
  });
});
