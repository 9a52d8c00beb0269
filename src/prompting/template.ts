// A prompt as a function of its parts: a template with named places, and the few-shot form of Brown et
// al. ("Language Models are Few-Shot Learners", 2020), in which solved examples stand before the
// question. Chat templates, which are programs in Jinja, are in llm/chat. Left out: conditions and loops
// in a template; TypeScript has both.

/** One question of a task with its right answer. */
export interface PromptItem {
  input: string;
  output: string;
}

/**
 * Puts texts into the places of a template. A place is a name of letters, digits and _ in braces;
 * every other brace stays as it is, so a template may show JSON. What is put in is not read again: a
 * text that looks like a place stays a text.
 * @throws if a place has no value, or a value has no place
 * @example fillPrompt('Answer {question} as {"answer": …}', { question: "{x}?" })
 * // 'Answer {x}? as {"answer": …}'
 */
export function fillPrompt(template: string, values: Readonly<Record<string, string>>): string {
  const used = new Set<string>();
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (!Object.hasOwn(values, name))
      throw new Error(`fillPrompt: expected a value for {${name}}, got none`);
    used.add(name);
    return values[name];
  });
  for (const name of Object.keys(values))
    if (!used.has(name))
      throw new Error(`fillPrompt: expected a place {${name}} in the template, got none`);
  return filled;
}

/** How questions and answers are written. */
export interface ShotForm {
  /** What is to be done; may be empty. */
  instruction: string;
  /** What stands before a question and before an answer, such as "Sentence" and "Feeling". */
  inputName: string;
  outputName: string;
}

/**
 * A few-shot prompt: the instruction, solved examples, and the question, which ends where the answer
 * begins. No space stands at the end: tokens of words begin with their space.
 *
 *     instruction ⏎⏎ Sentence: … ⏎ Feeling: … ⏎⏎ Sentence: … ⏎ Feeling:
 *
 * @param examples in the order in which they stand; none: zero-shot
 */
export function fewShotPrompt(
  { instruction, inputName, outputName }: ShotForm,
  examples: readonly PromptItem[],
  input: string,
): string {
  const shots = examples.map(
    (example) => `${inputName}: ${example.input}\n${outputName}: ${example.output}`,
  );
  const question = `${inputName}: ${input}\n${outputName}:`;
  return [instruction, ...shots, question].filter((part) => part !== "").join("\n\n");
}

/**
 * All orders of a list, in lexicographic order of places: n! of them.
 * @throws for more than 8 members, which have 40,320 orders
 */
export function allOrders<T>(list: readonly T[]): T[][] {
  if (list.length > 8) throw new Error(`allOrders: expected at most 8 members, got ${list.length}`);
  if (list.length === 0) return [[]];
  return list.flatMap((first, i) =>
    allOrders(list.filter((_, j) => j !== i)).map((rest) => [first, ...rest]),
  );
}
