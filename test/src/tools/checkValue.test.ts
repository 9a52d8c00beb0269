// What fits a schema and what does not, value by value; and against llm/grammar, which writes values
// that fit: two readings of one schema, by different means.
import { Automaton, type JsonSchema, schemaPattern } from "llm/grammar";
import { checkValue } from "llm/tools";
import { expect, test } from "vitest";

const booking: JsonSchema = {
  type: "object",
  properties: {
    city: { type: "string", minLength: 1, maxLength: 10 },
    nights: { type: "integer", minimum: 1, maximum: 14 },
    room: { enum: ["single", "double"] },
    breakfast: { type: "boolean" },
  },
  required: ["city", "nights"],
};

test.each<[unknown, string[]]>([
  [{ city: "Bonn", nights: 2 }, []],
  [{ city: "Bonn", nights: 2, room: "double", breakfast: false }, []],
  [{ city: "Bonn" }, ["arguments.nights is missing"]],
  [{ nights: 0 }, ["arguments.city is missing", "arguments.nights has to be at least 1, got 0"]],
  [{ city: "Bonn", nights: 2.5 }, ["arguments.nights has to be integer, got 2.5"]],
  [{ city: "Bonn", nights: "2" }, ['arguments.nights has to be integer, got "2"']],
  [
    { city: "Bonn", nights: 2, room: "suite" },
    ['arguments.room has to be "single" or "double", got "suite"'],
  ],
  [
    { city: "Bonn", night: 2 },
    [
      "arguments.nights is missing",
      "arguments.night is not known; known are: city, nights, room, breakfast",
    ],
  ],
  [{ city: "", nights: 1 }, ["arguments.city has to have at least 1 characters, got 0"]],
  ["Bonn", ['arguments has to be object, got "Bonn"']],
  [null, ["arguments has to be object, got null"]],
  [[], ["arguments has to be object, got []"]],
])("%j", (value, faults) => {
  expect(checkValue(booking, value, "arguments")).toEqual(faults);
});

const schemas: Record<string, JsonSchema> = {
  booking,
  list: { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 3 },
  either: { anyOf: [{ type: "string", maxLength: 2 }, { type: "null" }] },
  reference: {
    $defs: { day: { enum: ["Mon", "Tue"] } },
    type: "object",
    properties: { day: { $ref: "#/$defs/day" } },
    required: ["day"],
  },
  pattern: { type: "string", pattern: "^[a-c]+$" },
  limits: { type: "integer", exclusiveMinimum: 0, exclusiveMaximum: 3 },
  types: { type: ["boolean", "null"] },
};
const values: unknown[] = [
  ...[null, true, 0, 1, 2, 3, 1.5, -1, "", "ab", "abd", "ünï", "😀😀", "😀😀😀"],
  ...[[], [1], [1, 2, 3], [1, 2, 3, 4], [1, "2"], [[1]]],
  ...[{}, { day: "Mon" }, { day: "Sun" }, { day: "Tue", other: 1 }],
  ...[
    { city: "Rom", nights: 14 },
    { city: "Rom", nights: 15 },
    { city: 3, nights: 1 },
  ],
];

test.each(Object.keys(schemas))("%s: the grammar accepts the same values", (name) => {
  const grammar = new Automaton(schemaPattern(schemas[name]));
  for (const value of values) {
    const fits = checkValue(schemas[name], value).length === 0;
    expect([value, fits]).toEqual([value, grammar.accepts(JSON.stringify(value))]);
  }
});

test("names of Object.prototype are no members", () => {
  const schema = { type: "object", properties: {}, required: ["toString"] };
  expect(checkValue(schema, {}, "a")).toEqual(["a.toString is missing"]);
  expect(checkValue(schema, JSON.parse('{"__proto__": 1}'), "a")).toEqual([
    "a.toString is missing",
    "a.__proto__ is not known; known are: none",
  ]);
});

test("a schema that refers to itself ends, and so does a pattern that others take ages for", () => {
  const tree: JsonSchema = {
    $defs: { node: { type: "object", properties: { next: { $ref: "#/$defs/node" } } } },
    $ref: "#/$defs/node",
  };
  let deep: unknown = {};
  for (let i = 0; i < 1000; i++) deep = { next: deep };
  expect(checkValue(tree, deep)[0]).toContain("nested more than 64 deep");
  expect(checkValue({ $defs: { a: { $ref: "#/$defs/a" } }, $ref: "#/$defs/a" }, 1)).toHaveLength(1);
  const slow: JsonSchema = { type: "string", pattern: "^(a+)+$" };
  expect(checkValue(slow, `${"a".repeat(50)}b`)).toHaveLength(1);
});
