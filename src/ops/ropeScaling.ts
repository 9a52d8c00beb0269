/**
 * How fast each pair of a head turns (./rope), and how a model trained on short texts is made to
 * read longer ones: its pairs turn more slowly. In a head of width D, pair i turns by
 *
 *     θ_i = base^(−2i/D)                                radians per position
 *
 * "linear" divides all θ by a factor, which is position interpolation (Chen et al., 2023,
 * arXiv:2306.15595). "llama3" (Meta, Llama 3.1, 2024) divides only those that do not come round once
 * in the texts the model was trained on, of L positions. With the wavelength λ_i = 2π / θ_i:
 *
 *     λ < L / high      θ
 *     λ > L / low       θ / factor
 *     between           (1 − s) θ / factor + s θ,       s = (L/λ − low) / (high − low)
 *
 * Left out: YaRN, dynamic NTK and LongRoPE, which scale the scores as well or look at the length.
 */

/** What slows the pairs down. */
export type RopeScaling =
  | { type: "linear"; factor: number }
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

/**
 * Radians per position of each pair.
 * @param D head width, even
 * @returns D/2 numbers
 * @throws if there are not D/2 factors for "pairs"
 */
export function ropeFrequencies(D: number, base = 10000, scaling?: RopeScaling): number[] {
  const plain = Array.from({ length: D / 2 }, (_, i) => base ** ((-2 * i) / D));
  if (scaling === undefined) return plain;
  if (scaling.type === "linear") return plain.map((frequency) => frequency / scaling.factor);
  if (scaling.type === "llama3") return plain.map((frequency) => llama3(frequency, scaling));
  if (scaling.factors.length !== D / 2)
    throw new Error(
      `ropeFrequencies: expected ${D / 2} factors for heads of width ${D}, got ` +
        `${scaling.factors.length}`,
    );
  return plain.map((frequency, i) => frequency / scaling.factors[i]);
}

/** By what each pair's θ is divided: D/2 numbers, 1 where nothing is scaled. */
export function ropeFactors(D: number, base = 10000, scaling?: RopeScaling): number[] {
  const scaled = ropeFrequencies(D, base, scaling);
  return ropeFrequencies(D, base).map((frequency, i) => frequency / scaled[i]);
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
    llama3: ["factor", "lowFreqFactor", "highFreqFactor", "originalBlockSize"],
    pairs: [],
  };
  const names = numbers[scaling?.type];
  if (names === undefined)
    return [`type linear, llama3 or pairs, got ${JSON.stringify(scaling?.type)}`];
  const given = scaling as unknown as Record<string, number>;
  const wrong = names.filter((name) => !(given[name] > 0 && Number.isFinite(given[name])));
  if (wrong.length > 0) return wrong.map((name) => `${name} above 0, got ${given[name]}`);
  if (scaling.type === "llama3" && !(scaling.highFreqFactor > scaling.lowFreqFactor))
    return [
      `highFreqFactor above lowFreqFactor, got ${scaling.highFreqFactor} and ` +
        `${scaling.lowFreqFactor}`,
    ];
  if (scaling.type === "pairs" && !scaling.factors?.every?.((x) => x > 0 && Number.isFinite(x)))
    return [`factors that are numbers above 0, got ${JSON.stringify(scaling.factors)}`];
  return [];
}
