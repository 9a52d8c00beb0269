// Formats against what Hugging Face's library renders (test/fixtures/tools.json), forms against the
// automaton, and the course's own model under the form, which can write nothing but valid calls.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { useEngine } from "llm/engine";
import { Automaton, type JsonSchema, type SchemaOptions, schemaPattern } from "llm/grammar";
import { openLanguageModel, writeAll } from "llm/languageModel";
import {
  checkValue,
  fromOpenAIMessage,
  fromOpenAIToolCalls,
  fromOpenAITools,
  spacedJson,
  type ToolCall,
  type ToolSpec,
  toOpenAIAnswer,
  toOpenAIToolCalls,
  toOpenAITools,
  toolCallForm,
  toolCalls,
  toolConversation,
  toolFormats,
} from "llm/tools";
import { expect, test } from "vitest";

const tools: ToolSpec[] = [
  {
    name: "calculator",
    description: 'Works out an expression, such as "2 * (3 + 4)".',
    parameters: {
      type: "object",
      properties: { expression: { type: "string", maxLength: 40, description: "digits & signs" } },
      required: ["expression"],
    },
  },
  {
    name: "look_up",
    description: "Größe einer Stadt",
    parameters: {
      type: "object",
      properties: { city: { enum: ["Bonn", "Köln"] }, year: { type: "integer", minimum: 2000 } },
      required: ["city"],
    },
  },
];
const calls: ToolCall[] = [
  { name: "calculator", arguments: { expression: "1 + 1" } },
  { name: "look_up", arguments: { city: "Köln", year: 2020 } },
];

test("JSON is spaced as Python's json.dumps(…, ensure_ascii=False) writes it", () => {
  const file = join(__dirname, "../../fixtures/tools.json");
  const { values, python, systems } = JSON.parse(readFileSync(file, "utf8"));
  expect(values.map(spacedJson)).toEqual(python);
  expect(toolFormats.smollm2.system(toolsOf(values))).toBe(systems.smollm2);
  expect(toolFormats.hermes.system(toolsOf(values))).toBe(systems.hermes);
});
const toolsOf = (values: unknown[]): ToolSpec[] => fromOpenAITools(values[0]);

test.each(Object.values(toolFormats))("$name: what is written is read again", (format) => {
  expect(toolCalls(format.write(calls))).toEqual({ calls, errors: [], text: "" });
  expect(toolCalls(format.write([]))).toEqual({ calls: [], errors: [], text: "" });
});

test.each(Object.values(toolFormats))("$name: the form allows valid calls only", (format) => {
  const form = toolCallForm(tools, { format }) as { schema: JsonSchema } & SchemaOptions;
  const automaton = new Automaton(schemaPattern(form.schema, form));
  const fits = (call: ToolCall) => automaton.accepts(format.write([call]));
  expect(calls.map(fits)).toEqual([true, true]);
  expect(fits({ name: "look_up", arguments: { city: "Bonn" } })).toBe(true);
  expect(fits({ name: "look_up", arguments: { city: "Rom" } })).toBe(false);
  expect(fits({ name: "look_up", arguments: { year: 2020 } })).toBe(false);
  expect(fits({ name: "calculator", arguments: { city: "Bonn" } })).toBe(false);
  expect(fits({ name: "delete", arguments: {} })).toBe(false);
  expect(automaton.accepts("Two.")).toBe(false);
});

test("several calls only where the form allows them, and no tool is refused", () => {
  const automaton = (most: number) => {
    const form = toolCallForm(tools, { most }) as { schema: JsonSchema } & SchemaOptions;
    return new Automaton(schemaPattern(form.schema, form));
  };
  const two = toolFormats.smollm2.write(calls);
  expect([automaton(1).accepts(two), automaton(2).accepts(two)]).toEqual([false, true]);
  expect(() => toolCallForm([])).toThrow("expected 1 tool or more");
});

test("a conversation is shown with its tools and results", () => {
  const shown = toolConversation(
    [
      { role: "system", content: "Be brief." },
      { role: "user", content: "How many?" },
      { role: "assistant", content: toolFormats.hermes.write(calls) },
      { role: "tool", content: "2" },
      { role: "tool", content: "1000" },
    ],
    tools,
    { format: toolFormats.hermes },
  );
  expect(shown.map(({ role }) => role)).toEqual(["system", "user", "assistant", "user"]);
  expect(shown[0].content).toBe(`${toolFormats.hermes.system(tools)}\n\nBe brief.`);
  expect(shown[3].content).toBe(
    "<tool_response>\n2\n</tool_response>\n<tool_response>\n1000\n</tool_response>",
  );
  const user = { role: "user" as const, content: "Hello" };
  expect(toolConversation([user], [])).toEqual([user]);
  expect(toolConversation([user], tools)[0].role).toBe("system");
  const result = { role: "tool" as const, content: "2" };
  expect(toolConversation([result, user], [], { resultRole: "tool" })[0].role).toBe("tool");
});

test("OpenAI's shapes there and back", () => {
  expect(fromOpenAITools(toOpenAITools(tools))).toEqual(tools);
  expect(fromOpenAITools([{ type: "function", function: { name: "now" } }])).toEqual([
    { name: "now", description: "", parameters: { type: "object", properties: {} } },
  ]);
  const asked = toOpenAIToolCalls(calls);
  expect(asked[1]).toEqual({
    id: "call_1",
    type: "function",
    function: { name: "look_up", arguments: '{"city":"Köln","year":2020}' },
  });
  expect(fromOpenAIToolCalls(asked)).toEqual(calls);
  const written = toolFormats.smollm2.write(calls);
  expect(toOpenAIAnswer(written)).toEqual({ content: null, tool_calls: asked });
  expect(toOpenAIAnswer("Two.")).toEqual({ content: "Two." });
  expect(toOpenAIAnswer("<tool_call>{</tool_call>")).toEqual({
    content: "<tool_call>{</tool_call>",
  });
  expect(fromOpenAIMessage({ role: "assistant", content: null, tool_calls: asked })).toEqual({
    role: "assistant",
    content: written,
  });
  const parts = [
    { type: "text", text: "a" },
    { type: "text", text: "b" },
  ];
  expect(fromOpenAIMessage({ role: "developer", content: parts })).toEqual({
    role: "system",
    content: "ab",
  });
});

test.each<[name: string, run: () => unknown, message: string]>([
  ["no list", () => fromOpenAITools({}), "expected a list of tools"],
  ["no function", () => fromOpenAITools([{ type: "web_search" }]), "as tools[0]"],
  [
    "a bad name",
    () => fromOpenAITools([{ type: "function", function: { name: "a b" } }]),
    "a name of 1",
  ],
  ["no calls", () => fromOpenAIToolCalls("x"), "expected a list of calls"],
  ["no name", () => fromOpenAIToolCalls([{ function: {} }]), "a name in tool_calls[0]"],
  [
    "broken arguments",
    () => fromOpenAIToolCalls([{ function: { name: "a", arguments: "{" } }]),
    "arguments of a",
  ],
  ["a strange role", () => fromOpenAIMessage({ role: "root", content: "" }), "expected a role"],
  [
    "an image",
    () => fromOpenAIMessage({ role: "user", content: [{ type: "image_url" }] }),
    "content of text",
  ],
])("from outside: %s", (_, run, message) => {
  expect(run).toThrow(message);
});

test("a model that was never taught to call tools writes valid calls under the form", async () => {
  await useEngine({ quiet: true });
  const model = await openLanguageModel("own");
  const messages = [{ role: "user" as const, content: "What is 12 + 30?" }];
  const requests = Object.values(toolFormats).flatMap((format) =>
    [1, 2, 3].map((seed) => ({
      ...{ messages, seed, temperature: 1, maxTokens: 100 },
      form: toolCallForm(tools, { format }),
    })),
  );
  for (const { text } of await writeAll(model, requests)) {
    const { calls: written, errors } = toolCalls(text);
    expect([text, written.length, errors]).toEqual([text, 1, []]);
    const tool = tools.find(({ name }) => name === written[0].name);
    expect(checkValue(tool?.parameters ?? { enum: [] }, written[0].arguments)).toEqual([]);
  }
});
