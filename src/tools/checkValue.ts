// Whether a value fits a JSON schema, and if not, what is wrong with it in words that a model can act
// on. It knows the same part of JSON Schema as llm/grammar, which writes values that fit:
//
//     type, enum, const · properties, required, additionalProperties · items, minItems, maxItems
//     minLength, maxLength, pattern · minimum, maximum, exclusiveMinimum, exclusiveMaximum
//     anyOf, oneOf, $ref to #/$defs/… or #/definitions/…
//
// Other keywords are not looked at. Patterns are read by the automaton of llm/grammar, whose time is
// linear in the text whatever the pattern, so a schema that comes from somebody else is no danger.
import { Automaton, type JsonSchema, regexPattern } from "../grammar";
import { isRecord, typeName } from "../grammar/json";

/** Deeper values are refused: a schema may refer to itself. */
const DEEPEST = 64;

/**
 * What does not fit, in sentences with the place; none if all fits.
 * @param path what the value is called in the sentences
 * @example
 * checkValue(schema, { expresion: "2 + 3" }, "arguments");
 * // ["arguments.expression is missing", "arguments.expresion is not known; known are: expression"]
 */
export const checkValue = (schema: JsonSchema, value: unknown, path = "value"): string[] =>
  new SchemaCheck(schema).faults(schema, value, { path, depth: 0 });

interface Place {
  path: string;
  depth: number;
}

class SchemaCheck {
  constructor(private readonly root: JsonSchema) {}

  faults(schema: unknown, value: unknown, place: Place): string[] {
    const { path, depth } = place;
    if (schema === true || !isRecord(schema)) return [];
    if (depth > DEEPEST) return [`${path} is nested more than ${DEEPEST} deep`];
    if (typeof schema.$ref === "string") {
      const target = this.resolve(schema.$ref);
      if (target === undefined) return [`${path} has a schema that is not there: ${schema.$ref}`];
      return this.faults(target, value, { path, depth: depth + 1 });
    }
    const one = this.alternatives(schema, value, place);
    if (one) return one;
    const listed = "const" in schema ? [schema.const] : schema.enum;
    if (Array.isArray(listed) && !listed.some((each) => equal(each, value)))
      return [`${path} has to be ${choices(listed.map(said))}, got ${said(value)}`];
    const types = [schema.type].flat().filter((type): type is string => typeof type === "string");
    if (types.length > 0 && !types.some((type) => isOfType(type, value)))
      return [`${path} has to be ${choices(types)}, got ${said(value)}`];
    if (typeof value === "string") return stringFaults(schema, value, path);
    if (typeof value === "number") return numberFaults(schema, value, path);
    if (Array.isArray(value)) return this.arrayFaults(schema, value, place);
    return isRecord(value) ? this.objectFaults(schema, value, place) : [];
  }

  /** What `anyOf` and `oneOf` say; undefined if they are not there. */
  private alternatives(schema: JsonSchema, value: unknown, place: Place): string[] | undefined {
    const all = schema.anyOf ?? schema.oneOf;
    if (!Array.isArray(all)) return undefined;
    const next = { ...place, depth: place.depth + 1 };
    const found = all.map((one) => this.faults(one, value, next));
    const fitting = found.filter((faults) => faults.length === 0).length;
    if (fitting === 1 || (fitting > 1 && "anyOf" in schema)) return [];
    if (fitting > 1) return [`${place.path} fits several forms of which it may fit one`];
    const nearest = [...found].sort((a, b) => a.length - b.length)[0] ?? [];
    return [`${place.path} fits none of ${all.length} forms; the nearest: ${nearest.join(", ")}`];
  }

  private arrayFaults(schema: JsonSchema, value: unknown[], { path, depth }: Place): string[] {
    const faults = limitFaults(schema, value.length, { path, of: "Items", unit: "items" });
    const items = value.flatMap((item, i) =>
      this.faults(schema.items, item, { path: `${path}[${i}]`, depth: depth + 1 }),
    );
    return [...faults, ...items];
  }

  private objectFaults(schema: JsonSchema, value: JsonSchema, { path, depth }: Place): string[] {
    const properties = isRecord(schema.properties) ? schema.properties : {};
    const required: unknown[] = Array.isArray(schema.required) ? schema.required : [];
    const missing = required
      .filter((name) => !Object.hasOwn(value, String(name)))
      .map((name) => `${path}.${name} is missing`);
    const inside = Object.entries(value).flatMap(([name, one]) => {
      const next = { path: `${path}.${name}`, depth: depth + 1 };
      if (Object.hasOwn(properties, name)) return this.faults(properties[name], one, next);
      if (isRecord(schema.additionalProperties))
        return this.faults(schema.additionalProperties, one, next);
      if (schema.additionalProperties === true || !isRecord(schema.properties)) return [];
      const known = Object.keys(properties).join(", ") || "none";
      return [`${path}.${name} is not known; known are: ${known}`];
    });
    return [...missing, ...inside];
  }

  private resolve(ref: string): unknown {
    const names = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(ref);
    const place = names && this.root[names[1]];
    return names && isRecord(place) && Object.hasOwn(place, names[2]) ? place[names[2]] : undefined;
  }
}

function stringFaults(schema: JsonSchema, value: string, path: string): string[] {
  const { length } = [...value]; // characters, as JSON Schema counts them
  const faults = limitFaults(schema, length, { path, of: "Length", unit: "characters" });
  if (typeof schema.pattern === "string") {
    const pattern = new Automaton(regexPattern(schema.pattern, { match: "part" }));
    if (!pattern.accepts(value))
      faults.push(`${path} has to match ${schema.pattern}, got ${said(value)}`);
  }
  return faults;
}

function numberFaults(schema: JsonSchema, value: number, path: string): string[] {
  const limits: [keyword: string, words: string, fits: (limit: number) => boolean][] = [
    ["minimum", "at least", (limit) => value >= limit],
    ["maximum", "at most", (limit) => value <= limit],
    ["exclusiveMinimum", "more than", (limit) => value > limit],
    ["exclusiveMaximum", "less than", (limit) => value < limit],
  ];
  return limits.flatMap(([keyword, words, fits]) => {
    const limit = schema[keyword];
    return typeof limit !== "number" || fits(limit)
      ? []
      : [`${path} has to be ${words} ${limit}, got ${value}`];
  });
}

function limitFaults(
  schema: JsonSchema,
  count: number,
  { path, of, unit }: { path: string; of: "Items" | "Length"; unit: string },
): string[] {
  const [min, max] = [schema[`min${of}`], schema[`max${of}`]];
  if (typeof min === "number" && count < min)
    return [`${path} has to have at least ${min} ${unit}, got ${count}`];
  if (typeof max === "number" && count > max)
    return [`${path} has to have at most ${max} ${unit}, got ${count}`];
  return [];
}

const isOfType = (type: string, value: unknown): boolean =>
  type === "integer" ? Number.isInteger(value) : typeName(value) === type;

/** Equal as JSON values, whatever the order of an object's members. */
function equal(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, i) => equal(one, b[i]));
  if (!isRecord(a) || !isRecord(b)) return a === b;
  const names = Object.keys(a);
  const same = names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]));
  return same && names.length === Object.keys(b).length;
}

function said(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
}

const choices = (all: readonly string[]): string =>
  all.length < 2 ? (all[0] ?? "nothing") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;
