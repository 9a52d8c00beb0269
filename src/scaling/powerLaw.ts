// A power law with an irreducible loss, fitted to measured losses: L(x) = E + A / x^α, where x is a
// number of parameters, of tokens or of operations (Kaplan et al., 2020, section 1.2, without E;
// Henighan et al., 2020, with it).
//
// For a given α the law is a straight line in x^−α, and least squares gives E and A at once. What is
// left is a search over one number. The same idea serves the law of two quantities (./law).

import { nonNegativeFit } from "./leastSquares";
import { minimise } from "./minimise";

/** L(x) = E + A / x^α. */
export interface PowerLaw {
  /** The loss that no x can go below. */
  E: number;
  A: number;
  alpha: number;
}

/** What the law says at x. */
export const powerLawAt = ({ E, A, alpha }: PowerLaw, x: number): number => E + A / x ** alpha;

/** Exponents that are tried; published ones lie between 0.05 and 0.6. */
const exponents = { least: 0.01, most: 2 };

/**
 * Fits L(x) = E + A / x^α with E, A ≥ 0 and 0.01 ≤ α ≤ 2 by least squares.
 * @param x all above 0, of at least 3 different values
 * @param y as many losses
 * @param options.irreducible false holds E at 0: a straight line where both axes are logarithmic
 * @throws if there are fewer than three different x, or one is not above 0
 */
export function fitPowerLaw(
  x: readonly number[],
  y: readonly number[],
  { irreducible = true }: { irreducible?: boolean } = {},
): PowerLaw {
  expectPoints("fitPowerLaw", { x, y });
  const ones = x.map(() => 1);
  const scale = geometricMean(x); // x / scale is near 1, so no power of it is out of range
  const at = (alpha: number) => {
    const power = x.map((value) => (value / scale) ** -alpha);
    return nonNegativeFit(irreducible ? [power, ones] : [power], [...y]);
  };
  const [alpha] = minimise(([a]) => at(a).squares, [exponents]);
  const [A, E = 0] = at(alpha).coefficients;
  return { E, A: A * scale ** alpha, alpha };
}

/** e to the mean of the logarithms. */
export const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);

/** @throws unless all quantities are above 0, all lists equally long, with enough different values */
export function expectPoints(
  caller: string,
  { y, ...quantities }: { y: readonly number[]; [name: string]: readonly number[] },
): void {
  for (const [name, values] of Object.entries(quantities)) {
    if (values.length !== y.length)
      throw new Error(`${caller}: expected ${y.length} values of ${name}, got ${values.length}`);
    const wrong = values.find((value) => !(value > 0 && Number.isFinite(value)));
    if (wrong !== undefined) throw new Error(`${caller}: expected ${name} above 0, got ${wrong}`);
    const different = new Set(values).size;
    if (different < 3)
      throw new Error(`${caller}: expected at least 3 different ${name}, got ${different}`);
  }
  const wrong = y.find((value) => !Number.isFinite(value));
  if (wrong !== undefined) throw new Error(`${caller}: expected finite losses, got ${wrong}`);
}
