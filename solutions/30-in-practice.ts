// Lesson 30 (in practice): reference answers.

export interface SystemFigures {
  name: string;
  quality: number;
  costs: number[];
}

export interface Decoding {
  weightBytes: number;
  kvBytesPerToken: number;
  contextLength: number;
  texts: number;
  memory: number;
  bandwidth: number;
}

export type TopicCounts = Record<string, number>;

export function paretoFront(systems: SystemFigures[]): string[] {
  const beats = (a: SystemFigures, b: SystemFigures): boolean => {
    const isAsGood = a.quality >= b.quality && a.costs.every((cost, i) => cost <= b.costs[i]);
    // Without this second half, twins would beat each other, and both would be gone.
    const isBetter = a.quality > b.quality || a.costs.some((cost, i) => cost < b.costs[i]);
    return isAsGood && isBetter;
  };
  return systems
    .filter((one) => !systems.some((other) => beats(other, one)))
    .map(({ name }) => name);
}

export function decodeBound(model: Decoding): {
  needed: number;
  fits: boolean;
  tokensPerSecond: number;
} {
  const { weightBytes, kvBytesPerToken, contextLength, texts, memory, bandwidth } = model;
  const cache = texts * contextLength * kvBytesPerToken;
  const needed = weightBytes + cache;
  // One reading of the weights serves all texts: that is why a batch is worth so much.
  return { needed, fits: needed <= memory, tokensPerSecond: (texts * bandwidth) / needed };
}

export function breakEvenLoad(
  machine: { hourly: number; capacity: number },
  tokens: { prompt: number; completion: number },
  prices: { prompt: number; completion: number },
): number {
  const perAnswer = (tokens.prompt * prices.prompt + tokens.completion * prices.completion) / 1e6;
  const load = machine.hourly / perAnswer; // Infinity if the provider charges nothing
  // Beyond its capacity the machine would need a second one, which costs as much again.
  return load <= machine.capacity ? load : Number.POSITIVE_INFINITY;
}

export function driftIndex(before: TopicCounts, now: TopicCounts): number {
  // Topics of both: the new ones are just what one wants to hear of.
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const shares = (counts: TopicCounts): number[] => {
    const smoothed = names.map((name) => (counts[name] ?? 0) + 0.5);
    const all = smoothed.reduce((sum, count) => sum + count, 0);
    return smoothed.map((count) => count / all);
  };
  const [p, q] = [shares(before), shares(now)];
  return names.reduce((sum, _, k) => sum + (q[k] - p[k]) * Math.log(q[k] / p[k]), 0);
}

export function sequentialStop(
  a: number[],
  b: number[],
  alpha: number,
  rho: number,
): number | null {
  let sum = 0;
  for (let n = 1; n <= a.length; n++) {
    sum += b[n - 1] - a[n - 1];
    const bound = Math.sqrt(0.5 * (n + rho) * Math.log((n + rho) / (rho * alpha ** 2)));
    if (Math.abs(sum) > bound) return n; // in both directions: the new one may be worse
  }
  return null;
}
