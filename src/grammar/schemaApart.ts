// Whether no value can fit two schemas: oneOf is anyOf then. Seen by their types, by constants, and by
// a property that both require and whose schemas exclude each other, as discriminated unions have it.
import { isRecord, type JsonSchema, typeName } from "./json";

/** True only if it is certain. */
export function excludeEachOther(a: unknown, b: unknown): boolean {
  if (!isRecord(a) || !isRecord(b)) return false;
  const [valuesA, valuesB] = [valuesOf(a), valuesOf(b)];
  if (valuesA && valuesB) return !valuesA.some((value) => valuesB.includes(value));
  const [typesA, typesB] = [typesOf(a), typesOf(b)];
  if (!typesA || !typesB) return false;
  const common = typesA.filter((type) => typesB.includes(type));
  if (common.length === 0) return true;
  return common.length === 1 && common[0] === "object" && byProperty(a, b);
}

/** A required property on which they cannot agree. */
function byProperty(a: JsonSchema, b: JsonSchema): boolean {
  const [inA, inB] = [a, b].map(({ properties }) => (isRecord(properties) ? properties : {}));
  const required = ({ required }: JsonSchema) => (Array.isArray(required) ? required : []);
  return required(a).some(
    (name) => required(b).includes(name) && excludeEachOther(inA[name], inB[name]),
  );
}

/** All values that can fit, as JSON. */
function valuesOf(schema: JsonSchema): string[] | undefined {
  if ("const" in schema) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((v) => JSON.stringify(v)) : undefined;
}

/** Types of the values that can fit; a whole number is a number. */
function typesOf(schema: JsonSchema): string[] | undefined {
  const values = valuesOf(schema);
  const types = values
    ? values.map((text) => typeName(JSON.parse(text)))
    : [schema.type].flat().map((type) => (type === "integer" ? "number" : type));
  const isKnown = types.every((type) => typeof type === "string");
  return isKnown && types.length > 0 ? (types as string[]) : undefined;
}
