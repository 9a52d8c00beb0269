// Weights as whole numbers with few bits (Jacob et al., 2018; Dettmers et al., 2022): numbers that
// share a scale become levels, and a level times the scale stands for the number. Who shares one is
// the choice: the whole matrix, a row (an output's weights), or a few neighbours of a row. Files of
// llama.cpp have blocks of their own (llm/gguf); error feedback is ./gptq.
//
// Letters: R rows (outputs), C columns (inputs), G numbers that share a scale.

/** Which numbers share a scale. */
export type Sharing = "matrix" | "row" | { group: number };

export interface QuantizeOptions {
  /** From 2 to 8. */
  bits: number;
  /** Which numbers share a scale; those of a row if absent. */
  sharing?: Sharing;
  /**
   * True (if absent): levels from −(2^(bits−1) − 1) to 2^(bits−1) − 1, zero is level 0. False: levels
   * from 0 to 2^bits − 1 between the least and the largest number, and one of them stands for zero.
   */
  symmetric?: boolean;
}

/** A matrix as levels and scales. */
export interface QuantizedMatrix {
  /** [R, C] */
  shape: readonly [number, number];
  bits: number;
  symmetric: boolean;
  /** G: how many numbers after one another share a scale. */
  group: number;
  /** R·C levels, row after row. */
  levels: Int16Array;
  /** A scale for each group. */
  scales: Float32Array;
  /** The level that stands for zero, for each group: 0 if symmetric. */
  zeros: Int16Array;
}

/** What a group of numbers is written with. */
export interface Grid {
  scale: number;
  zero: number;
  least: number;
  most: number;
}

/**
 * The levels for a group of numbers.
 *
 *     symmetric    scale = max |x| / most             level = round(x / scale)
 *     otherwise    scale = (max − min) / (2^bits − 1)  level = round(x / scale) + zero
 *
 * where min is at most 0 and max at least 0, so that zero is a level.
 */
export function gridOf(numbers: ArrayLike<number>, bits: number, symmetric: boolean): Grid {
  let [min, max] = [0, 0];
  for (let i = 0; i < numbers.length; i++) {
    min = Math.min(min, numbers[i]);
    max = Math.max(max, numbers[i]);
  }
  if (symmetric) {
    const most = 2 ** (bits - 1) - 1;
    const scale = Math.fround(Math.max(-min, max) / most) || 1;
    return { scale, zero: 0, least: -most, most };
  }
  const most = 2 ** bits - 1;
  const scale = Math.fround((max - min) / most) || 1;
  return { scale, zero: Math.round(-min / scale), least: 0, most };
}

/** The nearest level to a number. */
export function levelOf(x: number, { scale, zero, least, most }: Grid): number {
  return Math.min(most, Math.max(least, Math.round(x / scale) + zero));
}

/** What a level stands for. */
export const levelValue = (level: number, { scale, zero }: Pick<Grid, "scale" | "zero">): number =>
  Math.fround(scale * (level - zero));

/**
 * Rounds a matrix to the nearest levels.
 * @param values R·C numbers, row after row
 * @throws for numbers of bits or groups that make no sense, or a number that is not finite
 */
export function quantizeMatrix(
  values: Float32Array,
  shape: readonly [number, number],
  { bits, sharing = "row", symmetric = true }: QuantizeOptions,
): QuantizedMatrix {
  const group = groupSize("quantizeMatrix", values, shape, { bits, sharing });
  const levels = new Int16Array(values.length);
  const count = values.length / group;
  const [scales, zeros] = [new Float32Array(count), new Int16Array(count)];
  for (let g = 0; g < count; g++) {
    const grid = gridOf(values.subarray(g * group, (g + 1) * group), bits, symmetric);
    [scales[g], zeros[g]] = [grid.scale, grid.zero];
    for (let i = g * group; i < (g + 1) * group; i++) levels[i] = levelOf(values[i], grid);
  }
  return { shape, bits, symmetric, group, levels, scales, zeros };
}

/**
 * The matrix that the levels stand for.
 * @returns R·C numbers
 */
export function dequantizeMatrix({ levels, scales, zeros, group }: QuantizedMatrix): Float32Array {
  return Float32Array.from(levels, (level, i) => {
    const g = Math.floor(i / group);
    return levelValue(level, { scale: scales[g], zero: zeros[g] });
  });
}

/**
 * How many bits each number takes, its part of a scale (16 bits) and of a zero (`bits`) included.
 */
export function bitsPerNumber({ bits, symmetric, group }: QuantizedMatrix): number {
  return bits + (16 + (symmetric ? 0 : bits)) / group;
}

/** G. @throws as quantizeMatrix does */
export function groupSize(
  caller: string,
  values: Float32Array,
  [R, C]: readonly [number, number],
  { bits, sharing = "row" }: Pick<QuantizeOptions, "bits" | "sharing">,
): number {
  const refuse = (expected: string, got: unknown): never => {
    throw new Error(`${caller}: expected ${expected}, got ${got}`);
  };
  if (!(Number.isInteger(bits) && bits >= 2 && bits <= 8)) refuse("2 to 8 bits", bits);
  if (values.length !== R * C || values.length === 0)
    refuse(`${R} × ${C} numbers, at least one`, values.length);
  if (!values.every(Number.isFinite)) refuse("finite numbers", "others");
  if (sharing === "matrix") return R * C;
  if (sharing === "row") return C;
  const { group } = sharing;
  if (!(Number.isInteger(group) && group >= 1 && C % group === 0))
    refuse(`a group that divides rows of ${C}`, group);
  return group;
}

/**
 * Levels of up to 4 bits, two in a byte, the first of them in the lower half.
 * @param levels an even number of them, from −8 to 7 or from 0 to 15
 */
export function packFour(levels: ArrayLike<number>): Uint8Array {
  if (levels.length % 2 !== 0)
    throw new Error(`packFour: expected an even number of levels, got ${levels.length}`);
  return Uint8Array.from({ length: levels.length / 2 }, (_, i) => {
    const [low, high] = [levels[2 * i], levels[2 * i + 1]];
    return (low & 15) | ((high & 15) << 4);
  });
}

/**
 * The opposite of `packFour`.
 * @param signed whether levels are from −8 to 7
 */
export function unpackFour(bytes: Uint8Array, signed: boolean): Int16Array {
  const levels = new Int16Array(2 * bytes.length);
  const level = (four: number) => (signed ? (four << 28) >> 28 : four);
  for (const [i, byte] of bytes.entries()) {
    levels[2 * i] = level(byte & 15);
    levels[2 * i + 1] = level(byte >> 4);
  }
  return levels;
}
