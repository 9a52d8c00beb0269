// The game of 24, on which Yao et al. (2023) tried tree of thoughts: four numbers, each used once, and
// + − × ÷ make 24. A state is what is left after some steps; a step replaces two numbers by one. Here
// a rule proposes all steps, so the search can be seen without a model. Fractions are kept exactly, as
// numerator and denominator. Left out: models that propose, as in the paper.

/** A number as a quotient of whole numbers, with the smallest denominator above 0. */
export type Fraction = readonly [top: number, bottom: number];

export interface GameState {
  /** What is left. */
  numbers: readonly Fraction[];
  /** The steps so far, such as "13 − 9 = 4". */
  steps: readonly string[];
}

const gcd = (a: number, b: number): number => (b === 0 ? Math.abs(a) : gcd(b, a % b));

function fraction(top: number, bottom: number): Fraction {
  const divisor = gcd(top, bottom) * Math.sign(bottom) || 1;
  return [top / divisor, bottom / divisor];
}

/** "7", "-2" or "8/3". */
export const fractionText = ([top, bottom]: Fraction): string =>
  bottom === 1 ? `${top}` : `${top}/${bottom}`;

/** The start of a game. @example startGame([4, 9, 10, 13]) */
export const startGame = (numbers: readonly number[]): GameState => ({
  numbers: numbers.map((n) => [n, 1]),
  steps: [],
});

/** Whether one number is left and it is 24. */
export const is24 = ({ numbers }: GameState): boolean =>
  numbers.length === 1 && numbers[0][0] === 24 && numbers[0][1] === 1;

/** Every state that one step leads to; states with the same numbers left appear once. */
export function gameSteps({ numbers, steps }: GameState): GameState[] {
  const found = new Map<string, GameState>();
  numbers.forEach((a, i) => {
    numbers.forEach((b, j) => {
      if (i === j) return;
      const rest = numbers.filter((_, k) => k !== i && k !== j);
      for (const [sign, result] of results(a, b, i < j)) {
        const left = [...rest, result].sort((x, y) => x[0] / x[1] - y[0] / y[1]);
        const key = left.map(fractionText).join(" ");
        if (found.has(key)) continue;
        const step = `${fractionText(a)} ${sign} ${fractionText(b)} = ${fractionText(result)}`;
        found.set(key, { numbers: left, steps: [...steps, step] });
      }
    });
  });
  return [...found.values()];
}

/** a sign b; sums and products once for each pair. */
function results(a: Fraction, b: Fraction, isFirst: boolean): [string, Fraction][] {
  const all: [string, Fraction][] = [["−", fraction(a[0] * b[1] - b[0] * a[1], a[1] * b[1])]];
  if (b[0] !== 0) all.push(["÷", fraction(a[0] * b[1], a[1] * b[0])]);
  if (!isFirst) return all;
  return [
    ["+", fraction(a[0] * b[1] + b[0] * a[1], a[1] * b[1])],
    ["×", fraction(a[0] * b[0], a[1] * b[1])],
    ...all,
  ];
}

/**
 * A guess at how promising a state is, without looking ahead further than one step: −(the distance
 * to 24 of the nearest number that the next step can make), and 0 at 24 itself.
 */
export function nearness(state: GameState): number {
  const { numbers } = state;
  if (numbers.length === 1) return -Math.abs(numbers[0][0] / numbers[0][1] - 24);
  const reached = gameSteps(state).flatMap((next) => next.numbers);
  return -Math.min(...reached.map(([top, bottom]) => Math.abs(top / bottom - 24)));
}
