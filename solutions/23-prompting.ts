// Lesson 23 (prompting), reference answers.

export function fillPrompt(template: string, values: Record<string, string>): string {
  const used = new Set<string>();
  // A function as the second argument: a text there would have a meaning for "$&", and filling one
  // place after another would read again what was put in.
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    if (!Object.hasOwn(values, name)) throw new Error(`fillPrompt: no value for {${name}}`);
    used.add(name);
    return values[name];
  });
  // A value without a place is nearly always a slip of the pen in the template.
  for (const name of Object.keys(values))
    if (!used.has(name)) throw new Error(`fillPrompt: no place {${name}}`);
  return filled;
}

export function fewShotPrompt(
  form: { instruction: string; inputName: string; outputName: string },
  examples: { input: string; output: string }[],
  input: string,
): string {
  const { instruction, inputName, outputName } = form;
  const shots = examples.map((one) => `${inputName}: ${one.input}\n${outputName}: ${one.output}`);
  // No space at the end: tokens of words begin with theirs, and would be cut off from it.
  const question = `${inputName}: ${input}\n${outputName}:`;
  return [instruction, ...shots, question].filter((part) => part !== "").join("\n\n");
}

export function calibrated(logProbs: number[], neutral: number[]): number[] {
  // The quotient of probabilities is the difference of their logarithms.
  const scores = logProbs.map((logProb, i) => logProb - neutral[i]);
  // Subtracting the largest changes no quotient, and keeps e^x between 0 and 1.
  const largest = Math.max(...scores);
  const weights = scores.map((score) => Math.exp(score - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}

export function holmAdjusted(pValues: number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i] - pValues[j]);
  const adjusted = new Array<number>(pValues.length);
  let least = 0;
  order.forEach((i, rank) => {
    // Of m − rank things nothing is known yet when this one is looked at.
    least = Math.min(1, Math.max(least, pValues[i] * (pValues.length - rank)));
    adjusted[i] = least;
  });
  return adjusted;
}

export function finalNumber(text: string): number | null {
  const number = /-?\d+(\.\d+)?/g;
  const at = text.toLowerCase().lastIndexOf("answer is");
  // The steps have numbers, too, and some solutions go on: the words say which one is meant.
  const said = at === -1 ? undefined : text.slice(at).match(number)?.[0];
  const found = said ?? text.match(number)?.at(-1);
  return found === undefined ? null : Number(found);
}

export function expandedStates(
  root: string,
  tree: Record<string, string[]>,
  values: Record<string, number>,
  options: { width: number; budget: number },
): string[] {
  const expanded: string[] = [];
  let level = [root];
  while (level.length > 0) {
    const next: string[] = [];
    for (const state of level) {
      if (expanded.length === options.budget) return expanded; // each expansion asks a model
      expanded.push(state);
      next.push(...(tree[state] ?? []));
    }
    // One sort over the whole level, which is stable: equals stay in the order they were found in.
    next.sort((a, b) => values[b] - values[a]);
    level = next.slice(0, options.width);
  }
  return expanded;
}
