// Texts of a given form: regular expressions and JSON schemas as automata over the tokens of a
// vocabulary, which tell at every step what can come next (lesson 20, decoding).
import type { Tokenizer } from "../tokenizer";
import { Grammar } from "./constraint";
import type { JsonSchema } from "./json";
import { regexPattern } from "./regex";
import { type SchemaOptions, schemaPattern } from "./schema";
import { tokenTree } from "./vocabulary";

export { Automaton, DEAD } from "./automaton";
export { Constraint, type ConstraintOptions, Grammar } from "./constraint";
export type { JsonSchema } from "./json";
export type { CharRange, Pattern } from "./pattern";
export { literalRegex, type RegexOptions, regexPattern } from "./regex";
export { type SchemaOptions, schemaPattern } from "./schema";
export { TokenTree, tokenTree, vocabularyBytes } from "./vocabulary";

/**
 * The grammar of a regular expression; the whole text matches it.
 * @throws for an expression that is not understood, or that the tokenizer cannot write
 * @example
 * const grammar = regexGrammar("(yes|no), because .{1,40}", tokenizer);
 */
export const regexGrammar = (source: string, tokenizer: Tokenizer): Grammar =>
  new Grammar(regexPattern(source), tokenTree(tokenizer));

/**
 * The grammar of compact JSON that fits a schema.
 * @throws for a schema that is not understood, or that the tokenizer cannot write
 */
export const jsonGrammar = (
  schema: JsonSchema,
  tokenizer: Tokenizer,
  options: SchemaOptions = {},
): Grammar => new Grammar(schemaPattern(schema, options), tokenTree(tokenizer));
