// Tools through the official client on SmolLM2, where it is here: a call that is asked for comes as one,
// whole and streamed, and its result can be told.
import { modelFolder } from "llm/checkpoint";
import { type EngineModel, openLanguageModel } from "llm/languageModel";
import { type RunningServer, serve } from "llm/serve";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const isHere = modelFolder("smollm2") !== undefined;
if (!isHere) console.log("tools are not tried: SmolLM2 is not here (npm run model smollm2)");

const tool = (name: string, description: string, towns: string[]) => ({
  type: "function" as const,
  function: {
    ...{ name, description },
    parameters: {
      type: "object",
      properties: { town: { enum: towns }, days: { type: "integer", minimum: 1, maximum: 7 } },
      required: ["town", "days"],
    },
  },
});
const tools = [
  tool("weather", "The weather of the next days.", ["Rome", "Oslo"]),
  tool("hotels", "Hotels with free rooms.", ["Rome", "Oslo", "Kyiv"]),
];

describe.skipIf(!isHere)("tools on SmolLM2", () => {
  let model: EngineModel;
  let server: RunningServer;
  let client: OpenAI;
  beforeAll(async () => {
    model = await openLanguageModel("smollm2", { maxLength: 1024 });
    server = await serve({ model, port: 0 });
    client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: "any", maxRetries: 0 });
  }, 120_000);
  afterAll(async () => {
    await server?.stop(1000);
    expect(model.engine.pool.stats().used).toBe(0);
  });

  const messages: OpenAI.ChatCompletionMessageParam[] = [
    { role: "user", content: "How is the weather in Oslo tomorrow?" },
  ];
  const asked = { model: "smollm2", messages, tools, temperature: 0, max_tokens: 100 };

  /** What a call must be, whatever the model chose. */
  function checkCall({
    id,
    type,
    function: { name, arguments: args },
  }: {
    id: string;
    type: string;
    function: { name: string; arguments: string };
  }): void {
    expect(id).toMatch(/^call_/);
    expect(type).toBe("function");
    expect(["weather", "hotels"]).toContain(name);
    const { town, days, ...rest } = JSON.parse(args);
    const { parameters } = tools.find((one) => one.function.name === name)!.function;
    expect(parameters.properties.town.enum).toContain(town);
    expect(Number.isInteger(days) && days >= 1 && days <= 7).toBe(true);
    expect(rest).toEqual({});
  }

  test('"required" gives a valid call, the same in a stream', async () => {
    const whole = await client.chat.completions.create({ ...asked, tool_choice: "required" });
    const [{ message, finish_reason }] = whole.choices;
    expect(finish_reason).toBe("tool_calls");
    expect(message.content).toBeNull();
    const calls = message.tool_calls as OpenAI.ChatCompletionMessageFunctionToolCall[];
    expect(calls.length).toBeGreaterThan(0);
    for (const call of calls) checkCall(call);

    // a seed of its own, so that the stream is written and not taken from the cache
    const stream = client.chat.completions.stream({ ...asked, tool_choice: "required", seed: 2 });
    const [final] = (await stream.finalChatCompletion()).choices;
    expect(final.finish_reason).toBe("tool_calls");
    const streamed = final.message.tool_calls!;
    for (const call of streamed) checkCall(call);
    expect(streamed.map((call) => call.function)).toMatchObject(calls.map((call) => call.function));
  }, 120_000);

  test("a named function is the one that is called; a result is read and answered", async () => {
    const tool_choice = { type: "function" as const, function: { name: "hotels" } };
    const drawn = { ...asked, temperature: 1, seed: 5, tool_choice };
    const [{ message }] = (await client.chat.completions.create(drawn)).choices;
    const calls = message.tool_calls as OpenAI.ChatCompletionMessageFunctionToolCall[];
    for (const call of calls) checkCall(call);
    expect(calls.map((call) => call.function.name)).toEqual(["hotels"]);
    const told = await client.chat.completions.create({
      ...{ ...asked, max_tokens: 20, tool_choice: "none" },
      messages: [
        ...messages,
        message,
        { role: "tool", tool_call_id: calls[0].id, content: '["Hotel Nord"]' },
      ],
    });
    expect(told.choices[0].message.content).toBeTruthy();
    expect(told.choices[0].message.tool_calls).toBeUndefined();
  }, 120_000);
});
