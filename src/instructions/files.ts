// Sets of instructions as files: one JSON object per line, as Alpaca's fields or as chat messages.
import type { Instruction } from "./kind";

/** One turn of a conversation, as chat templates take it. */
export interface Message {
  role: "user" | "assistant";
  content: string;
}

/** The question of an example as one text: the instruction and, on its own line, the input. */
export const questionText = ({ instruction, input }: Pick<Instruction, "instruction" | "input">) =>
  input === "" ? instruction : `${instruction}\n${input}`;

/** An example as a conversation of two messages. */
export const toMessages = (
  example: Partial<Instruction> & Pick<Instruction, "instruction" | "input" | "output">,
): Message[] => [
  { role: "user", content: questionText(example) },
  { role: "assistant", content: example.output },
];

/**
 * Lines of JSON.
 * @param form `alpaca`: instruction, input, output; `messages`: a conversation. Kind and language
 *   stand beside them
 */
export function writeInstructions(
  examples: readonly Instruction[],
  form: "alpaca" | "messages" = "alpaca",
): string {
  const lines = examples.map((example) => {
    const { kind, language } = example;
    const record = form === "alpaca" ? example : { kind, language, messages: toMessages(example) };
    return JSON.stringify(record);
  });
  return lines.map((line) => `${line}\n`).join("");
}

const FIELDS = ["kind", "language", "instruction", "input", "output"] as const;

/**
 * Reads what `writeInstructions` wrote as Alpaca's fields.
 * @throws for a line that is none, with its number
 */
export function readInstructions(text: string): Instruction[] {
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === "") return [];
    const bad = (what: string) =>
      new Error(`readInstructions: expected ${FIELDS.join(", ")} in line ${i + 1}, got ${what}`);
    let value: Record<string, unknown>;
    try {
      value = JSON.parse(line);
    } catch {
      throw bad(`no JSON: ${line.slice(0, 60)}`);
    }
    if (value === null || typeof value !== "object") throw bad(JSON.stringify(value));
    const missing = FIELDS.filter((field) => typeof value[field] !== "string");
    if (missing.length > 0) throw bad(`no text for ${missing.join(", ")}`);
    if (value.language !== "en" && value.language !== "zh")
      throw bad(`the language ${value.language}`);
    return [Object.fromEntries(FIELDS.map((field) => [field, value[field]])) as never];
  });
}
