/**
 * How fast each pair of a head turns (./rope), and how a model trained on short texts is made to
 * read longer ones: its pairs turn more slowly. In a head of width D, pair i turns by
 *
 *     θ_i = base^(−2i/D)                                radians per position
 *
 * "linear" divides all θ by a factor, which is position interpolation (Chen et al., 2023,
 * arXiv:2306.15595). "dynamic" takes a larger base, so that quick pairs stay nearly as they are and
 * the slowest is divided by the factor ("NTK-aware": bloc97, 2023; `ntkBase`), and a base that grows
 * with the text. "llama3" (Meta, Llama 3.1, 2024) and "yarn" (Peng et al., 2023, arXiv:2309.00071)
 * divide only those that do not come round often enough in the texts the model was trained on, of L
 * positions. "llama3" says it by the wavelength λ_i = 2π / θ_i:
 *
 *     λ < L / high      θ
 *     λ > L / low       θ / factor
 *     between           (1 − s) θ / factor + s θ,       s = (L/λ − low) / (high − low)
 *
 * and "yarn" by the pair's number, with the same θ and θ / factor at the two ends ("NTK by parts";
 * see `yarnPairs`): so do its authors' code and transformers, while the paper's formula mixes by the
 * number of turns, L/λ. YaRN also makes the scores larger: cosines and sines are multiplied by
 * `ropeAttentionFactor`. Names are Hugging Face's `rope_type`. Left out: LongRoPE, whose factors are
 * searched for.
 */

/** What slows the pairs down. */
export type RopeScaling =
  | { type: "linear"; factor: number }
  | DynamicScaling
  | YarnScaling
  | {
      type: "llama3";
      factor: number;
      /** Pairs that turn fewer times than this within L are divided by the factor; Llama 3.1: 1. */
      lowFreqFactor: number;
      /** Pairs that turn more often are left alone; Llama 3.1: 4. */
      highFreqFactor: number;
      /** L: positions in the texts of the training before; Llama 3.1: 8,192. */
      originalBlockSize: number;
    }
  /** Each pair has a divisor of its own: llama.cpp's files hold them as numbers. */
  | { type: "pairs"; factors: number[] };

/** The base of NTK-aware scaling, worked out anew for the length of each text. */
export interface DynamicScaling {
  type: "dynamic";
  factor: number;
  /** L: up to this length nothing is scaled. */
  originalBlockSize: number;
}

/** NTK by parts, and a factor for the scores. */
export interface YarnScaling {
  type: "yarn";
  factor: number;
  /** L: positions in the texts of the training before. */
  originalBlockSize: number;
  /** Pairs that turn more often than this within L are left alone (by pair index); 32 if absent. */
  betaFast?: number;
  /** Pairs that turn less often than this within L are divided by the factor; 1 if absent. */
  betaSlow?: number;
  /** What cosines and sines are multiplied by; 0.1 · ln(factor) + 1 if absent. */
  attentionFactor?: number;
}

/**
 * Radians per position of each pair.
 * @param D head width, even
 * @param length how many positions the text has; only "dynamic" looks at it, and needs it
 * @returns D/2 numbers
 * @throws if there are not D/2 factors for "pairs", or no length for "dynamic"
 */
export function ropeFrequencies(
  D: number,
  base = 10000,
  scaling?: RopeScaling,
  length?: number,
): number[] {
  const plain = Array.from({ length: D / 2 }, (_, i) => base ** ((-2 * i) / D));
  if (scaling === undefined) return plain;
  if (scaling.type === "linear") return plain.map((frequency) => frequency / scaling.factor);
  if (scaling.type === "dynamic") return dynamic(D, base, scaling, length);
  if (scaling.type === "yarn") return yarn(plain, base, scaling);
  if (scaling.type === "llama3") return plain.map((frequency) => llama3(frequency, scaling));
  if (scaling.factors.length !== D / 2)
    throw new Error(
      `ropeFrequencies: expected ${D / 2} factors for heads of width ${D}, got ` +
        `${scaling.factors.length}`,
    );
  return plain.map((frequency, i) => frequency / scaling.factors[i]);
}

/**
 * NTK-aware scaling (bloc97, 2023): the base with which the slowest pair turns `factor` times more
 * slowly, while the quickest stays as it is.
 *
 *     base′ = base · factor^(D / (D − 2))
 *
 * @param D head width, even, above 2
 */
export const ntkBase = (base: number, D: number, factor: number): number =>
  base * factor ** (D / (D - 2));

/**
 * Between which pairs YaRN goes over from θ to θ / factor: pair i turns L · θ_i / 2π times within L
 * positions, which is solved for i at `betaFast` and `betaSlow` turns. As in transformers, the first
 * is rounded down, the second up, and both are kept within 0 … D − 1.
 */
export function yarnPairs(D: number, base: number, scaling: YarnScaling): [number, number] {
  const { originalBlockSize: L, betaFast = 32, betaSlow = 1 } = scaling;
  const pairOf = (turns: number) =>
    (D * Math.log(L / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  return [Math.max(Math.floor(pairOf(betaFast)), 0), Math.min(Math.ceil(pairOf(betaSlow)), D - 1)];
}

/**
 * What cosines and sines are multiplied by: 1, but for YaRN 0.1 · ln(factor) + 1 (or what the
 * configuration says). Queries and keys both have it, so scores are multiplied by its square.
 */
export function ropeAttentionFactor(scaling?: RopeScaling): number {
  if (scaling?.type !== "yarn") return 1;
  const { factor, attentionFactor } = scaling;
  return attentionFactor ?? (factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1);
}

/** By what each pair's θ is divided: D/2 numbers, 1 where nothing is scaled. */
export function ropeFactors(D: number, base = 10000, scaling?: RopeScaling): number[] {
  const scaled = ropeFrequencies(D, base, scaling);
  return ropeFrequencies(D, base).map((frequency, i) => frequency / scaled[i]);
}

function dynamic(D: number, base: number, scaling: DynamicScaling, length?: number): number[] {
  const { factor, originalBlockSize: L } = scaling;
  if (length === undefined)
    throw new Error("ropeFrequencies: expected the length of the text for dynamic, got none");
  const now = (factor * Math.max(length, L)) / L - (factor - 1); // 1 up to L
  return ropeFrequencies(D, ntkBase(base, D, now));
}

function yarn(plain: readonly number[], base: number, scaling: YarnScaling): number[] {
  const [first, last] = yarnPairs(2 * plain.length, base, scaling);
  const width = first === last ? 0.001 : last - first;
  return plain.map((frequency, i) => {
    const divided = Math.min(Math.max((i - first) / width, 0), 1); // 0: left alone
    return (1 - divided) * frequency + (divided * frequency) / scaling.factor;
  });
}

function llama3(frequency: number, scaling: RopeScaling & { type: "llama3" }): number {
  const { factor, lowFreqFactor: low, highFreqFactor: high, originalBlockSize: L } = scaling;
  const wavelength = (2 * Math.PI) / frequency;
  if (wavelength < L / high) return frequency;
  if (wavelength > L / low) return frequency / factor;
  const s = (L / wavelength - low) / (high - low);
  return ((1 - s) * frequency) / factor + s * frequency;
}

/** What is wrong with a scaling, as "factor above 0, got undefined"; nothing for a good one. */
export function wrongRopeScaling(scaling: RopeScaling): string[] {
  const numbers: Record<string, readonly string[]> = {
    linear: ["factor"],
    dynamic: ["factor", "originalBlockSize"],
    yarn: ["factor", "originalBlockSize"],
    llama3: ["factor", "lowFreqFactor", "highFreqFactor", "originalBlockSize"],
    pairs: [],
  };
  const names = numbers[scaling?.type];
  if (names === undefined)
    return [`type linear, dynamic, llama3, yarn or pairs, got ${JSON.stringify(scaling?.type)}`];
  const given = scaling as unknown as Record<string, number>;
  const wrong = names.filter((name) => !(given[name] > 0 && Number.isFinite(given[name])));
  if (wrong.length > 0) return wrong.map((name) => `${name} above 0, got ${given[name]}`);
  if (scaling.type === "llama3" && !(scaling.highFreqFactor > scaling.lowFreqFactor))
    return [
      `highFreqFactor above lowFreqFactor, got ${scaling.highFreqFactor} and ` +
        `${scaling.lowFreqFactor}`,
    ];
  if (scaling.type === "yarn") return wrongYarn(scaling);
  if (scaling.type === "pairs" && !scaling.factors?.every?.((x) => x > 0 && Number.isFinite(x)))
    return [`factors that are numbers above 0, got ${JSON.stringify(scaling.factors)}`];
  return [];
}

function wrongYarn({ betaFast = 32, betaSlow = 1, attentionFactor = 1 }: YarnScaling): string[] {
  if (!(betaFast > betaSlow && betaSlow > 0))
    return [`betaFast above betaSlow above 0, got ${betaFast} and ${betaSlow}`];
  return attentionFactor > 0 ? [] : [`attentionFactor above 0, got ${attentionFactor}`];
}
