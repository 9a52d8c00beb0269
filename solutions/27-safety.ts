// Lesson 27 (safety): reference answers.

export interface ReadText {
  source: "user" | "tool";
  text: string;
}

export interface WantedCall {
  name: string;
  arguments: Record<string, string | number>;
}

export interface PairScore {
  pair: string;
  group: "A" | "B";
  p: number;
}

export interface RiskPoint {
  coverage: number;
  risk: number;
}

export function allowCall(call: WantedCall, writes: boolean, read: ReadText[]): "run" | "ask" {
  if (!writes) return "run";
  if (read.every(({ source }) => source === "user")) return "run";
  // Whole words: 9 must not be found in "90". Only the user's: a tool's text may be a stranger's.
  const own = read.filter(({ source }) => source === "user").map(({ text }) => text.toLowerCase());
  const words = new Set(own.flatMap((text) => text.match(/[\p{L}\p{N}]+/gu) ?? []));
  const values = Object.values(call.arguments).map((value) => String(value).toLowerCase());
  // `every` of an empty list is true, and "delete everything" needs no arguments.
  return values.length > 0 && values.every((value) => words.has(value)) ? "run" : "ask";
}

export function redactCards(text: string): string {
  // Not within a longer row: one part of every long number passes the test by chance.
  const row = /(?<![0-9A-Za-z])(?<!\d[ -])\d(?:[ -]?\d){12,18}(?![0-9A-Za-z])(?![ -]\d)/g;
  return text.replace(row, (found) => {
    const digits = [...found.replace(/\D/g, "")].map(Number).reverse(); // counted from the right
    const sum = digits.reduce((total, digit, i) => {
      const doubled = i % 2 === 1 ? 2 * digit : digit;
      return total + (doubled > 9 ? doubled - 9 : doubled);
    }, 0);
    return sum % 10 === 0 ? "[CARD]" : found;
  });
}

export function exposure(losses: number[], planted: number): number {
  const own = losses[planted];
  const smaller = losses.filter((loss) => loss < own).length;
  const equal = losses.filter((loss) => loss === own).length - 1; // without itself
  // Half of the equals: a model that knows nothing must not look as if it knew.
  return Math.log2(losses.length) - Math.log2(1 + smaller + equal / 2);
}

export function counterfactualGap(scores: PairScore[]): { gap: number; flips: number } {
  const pairs = new Map<string, Partial<Record<"A" | "B", number>>>();
  for (const { pair, group, p } of scores) pairs.set(pair, { ...pairs.get(pair), [group]: p });
  // hasOwn, not truth: a probability of 0 is there.
  const whole = [...pairs.values()].filter(
    (pair): pair is Record<"A" | "B", number> => "A" in pair && "B" in pair,
  );
  if (whole.length === 0) return { gap: 0, flips: 0 };
  const mean = (f: (pair: Record<"A" | "B", number>) => number) =>
    whole.reduce((sum, pair) => sum + f(pair), 0) / whole.length;
  return {
    gap: mean(({ A, B }) => A - B), // with its sign: differences in both directions cancel
    flips: mean(({ A, B }) => Number(A >= 0.5 !== B >= 0.5)), // these do not
  };
}

export function semanticEntropy(answers: string[]): number {
  const counts = new Map<string, number>();
  for (const answer of answers) {
    const meaning = answer.trim().toLowerCase().replace(/\.$/, "");
    counts.set(meaning, (counts.get(meaning) ?? 0) + 1);
  }
  let entropy = 0;
  for (const count of counts.values()) {
    const p = count / answers.length; // of all answers, not of all meanings
    entropy -= p * Math.log(p);
  }
  return entropy;
}

export function riskCoverage(uncertainty: number[], right: boolean[]): RiskPoint[] {
  const order = uncertainty.map((_, i) => i).sort((a, b) => uncertainty[a] - uncertainty[b]);
  const points: RiskPoint[] = [];
  let wrong = 0;
  for (const [k, i] of order.entries()) {
    if (!right[i]) wrong++;
    // Between equals there is no place to stop: a threshold takes all of them or none.
    if (k + 1 < order.length && uncertainty[order[k + 1]] === uncertainty[i]) continue;
    points.push({ coverage: (k + 1) / order.length, risk: wrong / (k + 1) });
  }
  return points;
}
