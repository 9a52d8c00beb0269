// JSON schemas (draft 2020-12) as patterns: the part that describes a regular language. What is
// written by such a pattern is compact JSON with properties in the schema's order, and valid.
//
//     type       string, number, integer, boolean, null, array, object, or a list of them
//     any type   enum, const
//     string     minLength and maxLength, or pattern, or format (date, time, date-time, uuid, email, ipv4)
//     integer    minimum, maximum, exclusiveMinimum, exclusiveMaximum
//     array      items, minItems, maxItems
//     object     properties, required, additionalProperties (no others are written, so every value fits)
//     combined   anyOf; oneOf if no value fits two of its schemas; $ref to #/$defs or #/definitions
//
// A schema that asks for more (allOf, not, if, patternProperties, uniqueItems, multipleOf, …), that
// refers to itself, or says nothing about the type is refused, with the place and the keyword.
import {
  formats,
  integers,
  isRecord,
  type JsonSchema,
  jsonNumber,
  jsonString,
  LARGEST_INTEGER,
  list,
  members,
  typeName,
} from "./json";
import { anyCharacter, either, literal, type Pattern, repeat, sequence } from "./pattern";
import { regexPattern } from "./regex";
import { excludeEachOther } from "./schemaApart";

export interface SchemaOptions {
  /** What is written behind ":" and ",": nothing, or a space. */
  space?: "" | " ";
  /** Texts around the JSON, such as <tool_call> and </tool_call>. */
  before?: string;
  after?: string;
}

/** Keywords that restrict nothing. */
const NOTES = [
  ...["$schema", "$id", "$comment", "$anchor", "$defs", "definitions", "title", "description"],
  ...["default", "examples", "deprecated", "readOnly", "writeOnly"],
];
const KEYWORDS: Record<string, readonly string[]> = {
  string: ["minLength", "maxLength", "pattern", "format"],
  number: [],
  integer: ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"],
  boolean: [],
  null: [],
  array: ["items", "minItems", "maxItems"],
  object: ["properties", "required", "additionalProperties"],
};

/**
 * A JSON schema as the pattern of values that fit it, in compact JSON.
 * @throws for a schema outside the part above, or one that nothing fits; the message has the place
 */
export const schemaPattern = (
  schema: JsonSchema,
  { space = "", before = "", after = "" }: SchemaOptions = {},
): Pattern => {
  const json = new SchemaReader(schema, space).pattern(schema, "#", []);
  return before || after ? sequence(literal(before), json, literal(after)) : json;
};

class SchemaReader {
  private readonly comma: Pattern;
  private readonly colon: Pattern;

  constructor(
    private readonly root: JsonSchema,
    space: string,
  ) {
    this.comma = literal(`,${space}`);
    this.colon = literal(`:${space}`);
  }

  /** @param inside the references that led here */
  pattern(schema: unknown, path: string, inside: readonly string[]): Pattern {
    if (!isRecord(schema))
      throw refused(path, "a schema that says of which type the value is", JSON.stringify(schema));
    for (const [keyword, read] of Object.entries(this.combined))
      if (keyword in schema) {
        expectOnly(schema, [keyword], path);
        return read(schema[keyword], `${path}/${keyword}`, inside);
      }
    if ("enum" in schema || "const" in schema) return this.listed(schema, path);
    const types = typesOf(schema, path);
    expectOnly(schema, ["type", ...types.flatMap((type) => KEYWORDS[type])], path);
    return either(...types.map((type) => this.byType[type](schema, path, inside)));
  }

  private readonly combined: Record<
    string,
    (value: unknown, path: string, inside: readonly string[]) => Pattern
  > = {
    $ref: (ref, path, inside) => {
      if (inside.includes(String(ref)))
        throw refused(path, "a schema that does not refer to itself", String(ref));
      return this.pattern(resolve(this.root, ref, path), String(ref), [...inside, String(ref)]);
    },
    anyOf: (all, path, inside) => either(...this.each(all, path, inside)),
    oneOf: (all, path, inside) => {
      const patterns = this.each(all, path, inside);
      const schemas = (all as JsonSchema[]).map((one) =>
        isRecord(one) && "$ref" in one ? resolve(this.root, one.$ref, path) : one,
      );
      for (const [i, one] of schemas.entries())
        for (const other of schemas.slice(i + 1))
          if (!excludeEachOther(one, other))
            throw refused(
              path,
              "schemas that no value fits twice (by their types, or a required property with const)",
              JSON.stringify(other),
            );
      return either(...patterns);
    },
  };

  private each(all: unknown, path: string, inside: readonly string[]): Pattern[] {
    if (!Array.isArray(all) || all.length === 0)
      throw refused(path, "a list of schemas", JSON.stringify(all));
    return all.map((one, i) => this.pattern(one, `${path}/${i}`, inside));
  }

  private listed(schema: JsonSchema, path: string): Pattern {
    expectOnly(schema, ["enum", "const", "type"], path);
    const values = "const" in schema ? [schema.const] : schema.enum;
    if (!Array.isArray(values)) throw refused(path, "a list of values", JSON.stringify(values));
    const types = "type" in schema ? typesOf(schema, path) : undefined;
    const fitting = values.filter((value) => !types || types.some((type) => isOf(type, value)));
    const listed = Array.isArray(schema.enum) ? schema.enum.map((v) => JSON.stringify(v)) : null;
    const all = fitting.map((v) => JSON.stringify(v)).filter((v) => !listed || listed.includes(v));
    if (all.length === 0) throw refused(path, "a value that fits", "none");
    return either(...all.map((value) => literal(value)));
  }

  private readonly byType: Record<
    string,
    (schema: JsonSchema, path: string, inside: readonly string[]) => Pattern
  > = {
    null: () => literal("null"),
    boolean: () => either(literal("true"), literal("false")),
    number: () => jsonNumber,
    integer: (schema, path) => integer(schema, path),
    string: (schema, path) => string(schema, path),
    array: (schema, path, inside) => {
      const [min, max] = limits(schema, path, "Items");
      if (max === 0) return literal("[]");
      const item = this.pattern(schema.items, `${path}/items`, inside);
      return sequence(literal("["), list(item, min, max, this.comma), literal("]"));
    },
    object: (schema, path, inside) => this.object(schema, path, inside),
  };

  private object(schema: JsonSchema, path: string, inside: readonly string[]): Pattern {
    const { properties = {}, required = [] } = schema;
    if (!isRecord(properties) || !Array.isArray(required))
      throw refused(path, "properties by name and a list of those that are required", "others");
    const unknown = required.find((name) => !(name in properties));
    if (unknown !== undefined)
      throw refused(path, "a schema for every required property", `none for ${unknown}`);
    const all = Object.entries(properties).map(([name, value]) => ({
      required: required.includes(name),
      pattern: sequence(
        literal(JSON.stringify(name)),
        this.colon,
        this.pattern(value, `${path}/properties/${name}`, inside),
      ),
    }));
    return sequence(literal("{"), members(all, this.comma), literal("}"));
  }
}

const refused = (path: string, expected: string, got: string): Error =>
  new Error(`schemaPattern: expected ${expected} at ${path}, got ${got}`);

function expectOnly(schema: JsonSchema, keywords: readonly string[], path: string): void {
  const other = Object.keys(schema).find((k) => !keywords.includes(k) && !NOTES.includes(k));
  if (other !== undefined)
    throw refused(path, `only ${keywords.join(", ")} beside notes`, `the keyword ${other}`);
}

/** The types a schema allows; of number and integer only number. */
function typesOf({ type }: JsonSchema, path: string): string[] {
  const types: unknown[] = Array.isArray(type) ? type : [type];
  const strange = types.find((one) => typeof one !== "string" || !(one in KEYWORDS));
  if (strange !== undefined || types.length === 0 || type === undefined)
    throw refused(path, `a type (${Object.keys(KEYWORDS).join(", ")})`, JSON.stringify(type));
  return (types as string[]).filter((one) => one !== "integer" || !types.includes("number"));
}

const isOf = (type: string, value: unknown): boolean =>
  type === "integer" ? Number.isInteger(value) : typeName(value) === type;

function resolve(root: JsonSchema, ref: unknown, path: string): JsonSchema {
  const names = typeof ref === "string" ? /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref) : null;
  const place = names && root[names[1]];
  const found = names && isRecord(place) ? place[names[2]] : undefined;
  if (!isRecord(found))
    throw refused(path, "a reference to #/$defs/… or #/definitions/…", JSON.stringify(ref));
  return found;
}

/** minItems and maxItems, or minLength and maxLength. */
function limits(schema: JsonSchema, path: string, of: "Items" | "Length"): [number, number] {
  const [min, max] = [schema[`min${of}`] ?? 0, schema[`max${of}`] ?? Infinity] as number[];
  const isWhole = Number.isInteger(min) && (Number.isInteger(max) || max === Infinity);
  if (!isWhole || min < 0 || max < min)
    throw refused(path, `min${of} and max${of} that something fits`, `${min} and ${max}`);
  return [min, max];
}

function integer(schema: JsonSchema, path: string): Pattern {
  const of = (keyword: string, none: number): number => {
    const value = schema[keyword] ?? none;
    if (typeof value !== "number") throw refused(path, `a number as ${keyword}`, `${value}`);
    return value;
  };
  const min = Math.max(
    Math.ceil(of("minimum", -LARGEST_INTEGER)),
    Math.floor(of("exclusiveMinimum", -LARGEST_INTEGER - 1)) + 1,
  );
  const max = Math.min(
    Math.floor(of("maximum", LARGEST_INTEGER)),
    Math.ceil(of("exclusiveMaximum", LARGEST_INTEGER + 1)) - 1,
  );
  if (min > max) throw refused(path, "limits that a whole number fits", `${min} and ${max}`);
  return integers(Math.max(min, -LARGEST_INTEGER), Math.min(max, LARGEST_INTEGER));
}

function string(schema: JsonSchema, path: string): Pattern {
  const { pattern, format } = schema;
  const given = ["pattern", "format"].filter((keyword) => keyword in schema);
  const hasLimits = "minLength" in schema || "maxLength" in schema;
  if (given.length > 1 || (given.length === 1 && hasLimits))
    throw refused(path, "either limits of the length, or a pattern, or a format", "more than one");
  if (typeof pattern === "string") return jsonString(regexPattern(pattern, { match: "part" }));
  if (format !== undefined) {
    if (typeof format !== "string" || !(format in formats))
      throw refused(path, `a format of ${Object.keys(formats).join(", ")}`, `${format}`);
    return jsonString(formats[format]);
  }
  return jsonString(repeat(anyCharacter, ...limits(schema, path, "Length")));
}
