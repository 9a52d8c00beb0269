// JSON schemas: two hundred and more drawn at random, texts written under them with random numbers as
// logits, judged by ajv, which knows nothing of this course.
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import {
  Automaton,
  Constraint,
  Grammar,
  type JsonSchema,
  schemaPattern,
  TokenTree,
} from "llm/grammar";
import { Random } from "llm/random";
import { sampleFromLogits } from "llm/sampling";
import { describe, expect, it } from "vitest";

const ajv = new Ajv2020({ strict: false, allErrors: false });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);

/** All bytes, and some longer tokens across what belongs together in JSON, and an end. */
const pieces = ['{"', '":', '":"', '","', '"}', "true", "false", "null", ',"', "[]", "10", "-1"];
const words = ["name", "age", "ab", "猫", "é", "\\n", "\\u00", "2024-", "e+", '":{"'];
const vocabulary = [
  ...Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte)),
  ...[...pieces, ...words].map((text) => new TextEncoder().encode(text)),
  null,
];
const END = vocabulary.length - 1;
const tree = new TokenTree(vocabulary);

/** A schema of the part that is understood. */
function drawSchema(rng: Random, depth = 0): JsonSchema {
  const simple = [
    () => ({ type: "null" }),
    () => ({ type: "boolean" }),
    () => ({ type: "number" }),
    () => ({ type: "integer" }),
    () => ({
      type: "integer",
      minimum: rng.integer(300) - 200,
      maximum: 100 + rng.integer(99_999),
    }),
    () => ({ type: "integer", exclusiveMinimum: rng.integer(60) - 80.5 }),
    () => ({ type: "integer", exclusiveMaximum: rng.integer(2000) - 1000 }),
    () => ({ type: "string" }),
    () => ({ type: "string", minLength: rng.integer(4), maxLength: 4 + rng.integer(30) }),
    () => ({ type: "string", format: ["date", "time", "date-time", "uuid"][rng.integer(4)] }),
    () => ({ type: "string", format: ["email", "ipv4"][rng.integer(2)] }),
    () => ({
      type: "string",
      pattern: ["^[A-Z]{2}-\\d+$", "猫|é", '^"\\n?', "a.b$"][rng.integer(4)],
    }),
    () => ({ enum: ["low", 3, null, { a: [1] }, 'say "hi"'].slice(0, 1 + rng.integer(5)) }),
    () => ({ const: ["x", true, -1.5, "猫\n"][rng.integer(4)] }),
    () => ({ type: ["string", "null"], maxLength: 5 }),
    () => ({ type: ["integer", "number"] }),
  ];
  const nested = [
    () => ({
      ...{ type: "array", items: drawSchema(rng, depth + 1), minItems: rng.integer(3) },
      ...(rng.uniform() < 0.6 ? { maxItems: 2 + rng.integer(3) } : {}),
    }),
    () => {
      const names = ["name", "age", 'odd "name"', "猫", "list"].slice(0, rng.integer(6));
      const properties = Object.fromEntries(names.map((n) => [n, drawSchema(rng, depth + 1)]));
      const required = names.filter(() => rng.uniform() < 0.5);
      return { type: "object", properties, required, additionalProperties: false };
    },
    () => ({ anyOf: [drawSchema(rng, depth + 1), drawSchema(rng, depth + 1)] }),
    () => ({ oneOf: [{ type: "string", maxLength: 3 }, { type: "integer" }, { const: null }] }),
    () => ({
      oneOf: ["circle", "square"].map((kind) => ({
        ...{ type: "object", required: ["kind"] },
        properties: { kind: { const: kind }, [kind]: { type: "number" } },
      })),
    }),
  ];
  const all = depth < 2 ? [...simple, ...nested, ...nested] : simple;
  return all[rng.integer(all.length)]();
}

/** A text that random logits write. */
function write(grammar: Grammar, maxNewTokens: number, rng: Random): string {
  const constraint = new Constraint(grammar, { maxNewTokens, endId: END });
  const bytes: number[] = [];
  let tokens = 0;
  while (!constraint.done) {
    const logits = Float32Array.from({ length: vocabulary.length }, () => 9 * rng.uniform());
    const token = sampleFromLogits(constraint.mask(logits), { rng });
    constraint.accept(token);
    if (token === END) break;
    bytes.push(...(vocabulary[token] ?? []));
    tokens++;
  }
  expect(tokens).toBeLessThanOrEqual(maxNewTokens);
  return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(bytes));
}

describe("schemas drawn at random", () => {
  const drawn = Array.from({ length: 600 }, (_, i) => JSON.stringify(drawSchema(new Random(i))));
  const schemas: JsonSchema[] = [...new Set(drawn)].slice(0, 220).map((text) => JSON.parse(text));

  it("everything written under them is valid, with little room and with much", () => {
    const rng = new Random(5);
    let longest = 0;
    for (const schema of schemas) {
      const grammar = new Grammar(schemaPattern(schema), tree);
      const isValid = ajv.compile(schema);
      for (const room of [grammar.shortest, grammar.shortest + 60]) {
        const text = write(grammar, room, rng);
        const said = `${JSON.stringify(schema)} and ${text}`;
        const value: unknown = JSON.parse(text);
        expect(isValid(value), said).toBe(true);
        longest = Math.max(longest, text.length);
      }
      expect(() => new Constraint(grammar, { maxNewTokens: grammar.shortest - 1 })).toThrow(
        `has ${grammar.shortest} tokens, got maxNewTokens = ${grammar.shortest - 1}`,
      );
    }
    expect(schemas).toHaveLength(220);
    expect(longest).toBeGreaterThan(100);
  });

  it("the shortest text is the shortest: one token less and none can be written", () => {
    for (const schema of schemas.slice(0, 60)) {
      const grammar = new Grammar(schemaPattern(schema), tree);
      // Forward, ring by ring: after how many tokens may a text end for the first time?
      let ring = new Set([grammar.start]);
      let tokens = 0;
      while (![...ring].some((state) => grammar.ending(state) === 0)) {
        ring = new Set([...ring].flatMap((state) => [...grammar.next(state).values()]));
        tokens++;
      }
      expect(grammar.shortest).toBe(tokens);
    }
  });
});

const accepts = (schema: JsonSchema, value: unknown) =>
  new Automaton(schemaPattern(schema)).accepts(
    typeof value === "string" ? value : JSON.stringify(value),
  );

describe("what a schema allows and what not", () => {
  it("properties in their order, those that are not required may be missing", () => {
    const number = { type: "integer" };
    const schema = { type: "object", properties: { a: number, b: number, c: number } };
    const withB = { ...schema, required: ["b"] };
    for (const text of ["{}", '{"a":1}', '{"c":1}', '{"a":1,"c":1}', '{"a":1,"b":2,"c":3}'])
      expect([text, accepts(schema, text)]).toEqual([text, true]);
    for (const text of ['{"b":1}', '{"a":1,"b":2}', '{"b":1,"c":2}'])
      expect([text, accepts(withB, text)]).toEqual([text, true]);
    for (const text of [
      "{}",
      '{"a":1,"c":1}',
      '{"b":1,}',
      '{,"b":1}',
      '{"b":1"c":1}',
      '{"c":1,"b":1}',
    ])
      expect([text, accepts(withB, text)]).toEqual([text, false]);
  });

  it("strings are counted in characters and spelled as JSON.stringify spells them", () => {
    const schema = { type: "string", minLength: 2, maxLength: 3 };
    for (const text of ["ab", "猫😀", 'a"\\', "\n\t\u0001", "é\u2028x"])
      expect(accepts(schema, JSON.stringify(text))).toBe(true);
    for (const text of ["a", "abcd", "😀"])
      expect(accepts(schema, JSON.stringify(text))).toBe(false);
    for (const text of ['"\n\n"', '"\\u0061b"', '"a\\/b"', '"ab', 'ab"'])
      expect(accepts(schema, text)).toBe(false);
  });

  it.each([
    [-12, 7],
    [0, 0],
    [98, 1203],
    [-1000, -1],
    [-5, 5],
    [7, 70_000],
  ])("whole numbers from %i to %i and no others", (minimum, maximum) => {
    const machine = new Automaton(schemaPattern({ type: "integer", minimum, maximum }));
    for (let n = minimum - 50; n <= Math.min(maximum + 50, minimum + 3000); n++)
      expect([n, machine.accepts(String(n))]).toEqual([n, minimum <= n && n <= maximum]);
    for (const text of ["-0", "00", "+1", "1.0", "", "-", "01"])
      expect(machine.accepts(text)).toBe(false);
  });

  it("references are followed, and a space is written where it is asked for", () => {
    const schema = {
      $defs: { point: { type: "array", items: { type: "integer" }, minItems: 2, maxItems: 2 } },
      ...{ type: "object", required: ["at", "to"] },
      properties: { at: { $ref: "#/$defs/point" }, to: { $ref: "#/$defs/point" } },
    };
    expect(accepts(schema, { at: [1, 2], to: [3, 4] })).toBe(true);
    const spaced = new Automaton(schemaPattern(schema, { space: " " }));
    expect(spaced.accepts('{"at": [1, 2], "to": [3, 4]}')).toBe(true);
    expect(spaced.accepts('{"at":[1,2],"to":[3,4]}')).toBe(false);
  });

  it.each<[JsonSchema, RegExp]>([
    [{}, /a type .*at #, got undefined/],
    [{ type: "text" }, /a type .* got "text"/],
    [{ type: "string", minLength: 3, pattern: "a" }, /either limits of the length, or a pattern/],
    [{ type: "string", maxLength: -1 }, /minLength and maxLength that something fits/],
    [{ type: "string", format: "hostname" }, /a format of date, .* got hostname/],
    [{ type: "string", pattern: "(?!a)" }, /regexPattern: expected no looking ahead/],
    [{ type: "number", minimum: 3 }, /the keyword minimum/],
    [{ type: "integer", multipleOf: 3 }, /the keyword multipleOf/],
    [{ type: "integer", minimum: 3, maximum: 2 }, /limits that a whole number fits/],
    [{ type: "array" }, /a schema that says of which type the value is at #\/items/],
    [{ type: "array", items: { type: "null" }, uniqueItems: true }, /the keyword uniqueItems/],
    [{ type: "object", properties: { a: {} } }, /at #\/properties\/a/],
    [{ type: "object", required: ["a"] }, /a schema for every required property.* none for a/],
    [{ allOf: [{ type: "null" }] }, /a type/],
    [{ type: "string", enum: [1] }, /a value that fits at #, got none/],
    [{ oneOf: [{ type: "integer" }, { type: "number" }] }, /no value fits twice/],
    [{ oneOf: [{ enum: [1, 2] }, { enum: [2, 3] }] }, /no value fits twice/],
    [{ $ref: "other.json" }, /a reference to #\/\$defs/],
    [
      { $ref: "#/$defs/a", $defs: { a: { type: "array", items: { $ref: "#/$defs/a" } } } },
      /does not refer to itself at #\/\$defs\/a\/items\/\$ref/,
    ],
  ])("refuses %j", (schema, message) => {
    expect(() => schemaPattern(schema)).toThrow(message);
  });
});
