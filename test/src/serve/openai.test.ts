// The official client, unchanged, against our server: answers, streams, forms, tools, errors.

import { datasetPath } from "llm/data";
import { useEngine } from "llm/engine";
import { type Embedder, type EngineModel, openLanguageModel, openRun } from "llm/languageModel";
import { type RunningServer, serve } from "llm/serve";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Vectors that say how many letters a text has. */
const embedder: Embedder = {
  name: "letters",
  dimensions: 3,
  embed: async (texts) =>
    texts.map((text) => ({
      vector: Float32Array.from([text.length, 0.5, -1]),
      tokens: text.length,
    })),
  dispose: () => {},
};

let model: EngineModel;
let servers: RunningServer[];
let client: OpenAI;
let base: OpenAI;
const connect = ({ url }: RunningServer) =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: "any", maxRetries: 0 });

beforeAll(async () => {
  await useEngine({ quiet: true });
  model = await openLanguageModel("own");
  const plain = await openRun(datasetPath("base-gpt/checkpoint.safetensors") as string, {
    name: "base",
  });
  servers = [
    await serve({ model, embedder, port: 0 }),
    await serve({ model: plain, port: 0, cacheSize: 0 }),
  ];
  [client, base] = servers.map(connect);
});
afterAll(async () => {
  for (const server of servers) await server.stop(1000);
  expect(model.engine.pool.stats().used).toBe(0);
});

const question = { role: "user" as const, content: "What is the reverse of: apple, pear?" };
const greedy = { model: "own", messages: [question], temperature: 0 };

describe("chat", () => {
  test("an answer, the same as a stream, with usage", async () => {
    const whole = await client.chat.completions.create(greedy);
    const [choice] = whole.choices;
    expect(choice.finish_reason).toBe("stop");
    expect(whole.usage!.total_tokens).toBe(
      whole.usage!.prompt_tokens + whole.usage!.completion_tokens,
    );
    const stream = await client.chat.completions.create({
      ...{ ...greedy, stream: true, stream_options: { include_usage: true } },
    });
    let text = "";
    let usage: OpenAI.CompletionUsage | null | undefined;
    const reasons: unknown[] = [];
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      if (chunk.choices[0]?.finish_reason) reasons.push(chunk.choices[0].finish_reason);
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(choice.message.content);
    expect(reasons).toEqual(["stop"]);
    expect(usage!.completion_tokens).toBe(whole.usage!.completion_tokens);
    // the second time the answer came from the cache
    expect(usage!.prompt_tokens_details!.cached_tokens).toBe(usage!.prompt_tokens);
  });

  test("several samples, a seed, log-probabilities", async () => {
    const asked = { ...greedy, temperature: 1, n: 3, seed: 7, logprobs: true, top_logprobs: 2 };
    const one = await client.chat.completions.create(asked);
    const two = await client.chat.completions.create(asked);
    const texts = one.choices.map(({ message }) => message.content);
    expect(two.choices.map(({ message }) => message.content)).toEqual(texts);
    for (const { logprobs, message } of one.choices) {
      const shown = logprobs!.content!.filter(({ token }) => !token.startsWith("<|"));
      expect(shown.map(({ token }) => token).join("")).toBe(message.content);
      for (const { logprob, top_logprobs: top } of logprobs!.content!) {
        expect(top).toHaveLength(2);
        expect(logprob).toBeLessThanOrEqual(top[0].logprob + 1e-9);
      }
    }
  });

  test("without a seed every call draws anew", async () => {
    const ask = () =>
      base.completions.create({ model: "base", prompt: "The", temperature: 1.5, max_tokens: 12 });
    const texts = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(new Set(texts.map(({ choices }) => choices[0].text)).size).toBeGreaterThan(1);
  });

  test("JSON of a schema, of any object, and a stop text", async () => {
    const schema = {
      type: "object",
      properties: { n: { type: "integer", minimum: 1, maximum: 9 } },
      required: ["n"],
    };
    const form = { type: "json_schema" as const, json_schema: { name: "digit", schema } };
    const asked = { ...greedy, max_completion_tokens: 60, seed: 1, temperature: 1 };
    const digit = await client.chat.completions.create({ ...asked, response_format: form });
    expect(digit.choices[0].message.content).toMatch(/^\{"n":[1-9]\}$/);
    const any = await client.chat.completions.create({
      ...{ ...asked, response_format: { type: "json_object" } },
    });
    expect(typeof JSON.parse(any.choices[0].message.content!)).toBe("object");
    const stopped = await client.chat.completions.create({ ...greedy, stop: [","] });
    expect(stopped.choices[0].message.content).not.toContain(",");
  });

  test("vLLM's own parameters", async () => {
    const body = { ...greedy, guided_choice: ["yes (a)", "no [b]"], max_tokens: 20 };
    const answer = await client.chat.completions.create(body as typeof greedy);
    expect(["yes (a)", "no [b]"]).toContain(answer.choices[0].message.content);
    const narrow = { ...greedy, temperature: 2, top_k: 1, seed: 3 };
    const likeliest = await client.chat.completions.create(narrow as typeof greedy);
    const expected = await client.chat.completions.create(greedy);
    expect(likeliest.choices[0].message.content).toBe(expected.choices[0].message.content);
  });
});

describe("tools", () => {
  // the course's own small model does not know system messages, so its template refuses them
  const tools: OpenAI.ChatCompletionTool[] = [
    {
      type: "function",
      function: {
        name: "look_up",
        description: "Looks a word up.",
        parameters: {
          type: "object",
          properties: { word: { enum: ["cat", "dog"] } },
          required: ["word"],
        },
      },
    },
  ];
  const isHere = () => model.name === "own";

  test("a template that knows no system message says so, as an error of the request", async () => {
    expect(isHere()).toBe(true);
    const asked = client.chat.completions.create({ ...greedy, tools, tool_choice: "required" });
    await expect(asked).rejects.toMatchObject({ status: 400, param: "messages" });
  });

  test("a choice of tools without tools is refused", async () => {
    const asked = client.chat.completions.create({ ...greedy, tool_choice: "required" });
    await expect(asked).rejects.toMatchObject({ status: 400, param: "tool_choice" });
  });
});

describe("completions", () => {
  test("several prompts, samples and ids; the prompt in front; log-probabilities of all of it", async () => {
    const asked = { model: "base", max_tokens: 3, temperature: 0 };
    const two = await base.completions.create({ ...asked, prompt: ["The", "A ship"], n: 2 });
    expect(two.choices.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    expect(two.choices[0].text).toBe(two.choices[1].text);
    expect(two.choices[0].text).not.toBe(two.choices[2].text);
    const echoed = await base.completions.create({
      ...{ ...asked, prompt: "The whale", echo: true, logprobs: 1 },
    });
    const [{ text, logprobs }] = echoed.choices;
    expect(text.startsWith("The whale")).toBe(true);
    expect(logprobs!.tokens!.join("")).toBe(text);
    expect(logprobs!.token_logprobs![0]).toBeNull();
    for (const [i, token] of logprobs!.tokens!.entries())
      expect(text.slice(logprobs!.text_offset![i]).startsWith(token)).toBe(true);
    const scored = await base.completions.create({
      ...{ ...asked, prompt: "The whale", echo: true, logprobs: 1, max_tokens: 0 },
    });
    expect(scored.choices[0].text).toBe("The whale");
    expect(scored.usage!.completion_tokens).toBe(0);
  });

  test("a stream of two texts, each in its own order", async () => {
    const asked = { model: "base", prompt: ["The", "A ship"], max_tokens: 8, temperature: 0 };
    const whole = await base.completions.create(asked);
    const texts = ["", ""];
    for await (const { choices } of await base.completions.create({ ...asked, stream: true }))
      for (const { index, text } of choices) texts[index] += text;
    expect(texts).toEqual(whole.choices.map(({ text }) => text));
  });
});

test("models and embeddings, as numbers and in base64", async () => {
  const names: string[] = [];
  for await (const { id } of client.models.list()) names.push(id);
  expect(names).toEqual(["own", "letters"]);
  const asked = { model: "letters", input: ["cat", "kitten"] };
  const numbers = await client.embeddings.create({ ...asked, encoding_format: "float" });
  const bytes = await client.embeddings.create(asked); // this client asks for base64 by itself
  expect(numbers.data.map(({ embedding }) => embedding)).toEqual([
    [3, 0.5, -1],
    [6, 0.5, -1],
  ]);
  expect(bytes.data.map(({ embedding }) => embedding)).toEqual(
    numbers.data.map(({ embedding }) => embedding),
  );
  expect(numbers.usage.prompt_tokens).toBe(9);
});

describe("errors are the client's own classes", () => {
  const cases: [string, object, object][] = [
    ["another model", { model: "gpt-4" }, { status: 404, code: "model_not_found" }],
    [
      "a temperature that is no number",
      { temperature: "hot" },
      { status: 400, param: "temperature" },
    ],
    ["a temperature below 0", { temperature: -1 }, { status: 400, param: "temperature" }],
    ["NaN, which JSON writes as null", { top_p: Number.NaN, max_tokens: 2 }, {}],
    ["a share above 1", { top_p: 3 }, { status: 400, param: "top_p" }],
    ["no messages", { messages: [] }, { status: 400, param: "messages" }],
    ["a role that there is not", { messages: [{ role: "king", content: "x" }] }, { status: 400 }],
    ["n of 0", { n: 0 }, { status: 400, param: "n" }],
    ["too many alternatives", { logprobs: true, top_logprobs: 50 }, { param: "logprobs" }],
    ["a penalty that we have not", { frequency_penalty: 0.5 }, { param: "frequency_penalty" }],
    [
      "a schema outside the subset",
      { guided_json: { not: {} } },
      { status: 400, param: "response_format" },
    ],
    ["too long", { max_tokens: 5000 }, { code: "context_length_exceeded" }],
  ];
  test.each(cases)("%s", async (_, change, expected) => {
    const asked = client.chat.completions.create({ ...greedy, ...change } as typeof greedy);
    if (Object.keys(expected).length === 0) await expect(asked).resolves.toBeDefined();
    else {
      const error = await asked.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(error).toMatchObject(expected);
    }
  });

  test("BadRequestError and NotFoundError", async () => {
    await expect(
      client.chat.completions.create({ ...greedy, model: "nobody" }),
    ).rejects.toBeInstanceOf(OpenAI.NotFoundError);
    await expect(
      client.chat.completions.create({ ...greedy, temperature: 9 }),
    ).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });
});
