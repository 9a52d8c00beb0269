// The law of two quantities: L(N, D) = E + A / N^α + B / D^β for a model of N parameters that has
// read D tokens (Hoffmann et al., 2022, "Chinchilla", section 3.3), and what follows from it: the
// best way to spend a number of operations.
//
// Hoffmann et al. minimise a Huber loss of differences of logarithms by L-BFGS from many starts.
// Here it is the Huber loss of the differences themselves, by weighted least squares: for given
// exponents and weights the law is linear. Their other two approaches (envelopes of training curves,
// curves of equal operations) are left out.

import { nonNegativeFit } from "./leastSquares";
import { type Limits, minimise } from "./minimise";
import { expectPoints, geometricMean } from "./powerLaw";

/** L(N, D) = E + A / N^α + B / D^β. */
export interface ScalingLaw {
  /** The loss that neither size nor data can go below. */
  E: number;
  A: number;
  alpha: number;
  B: number;
  beta: number;
}

/** A training run: a size, a number of tokens, and the held-out loss at its end. */
export interface Run {
  /** N */
  parameters: number;
  /** D */
  tokens: number;
  loss: number;
}

/** What the law says of N parameters and D tokens. */
export const lossAt = ({ E, A, alpha, B, beta }: ScalingLaw, N: number, D: number): number =>
  E + A / N ** alpha + B / D ** beta;

/** Exponents that are tried; published ones lie between 0.05 and 0.6. */
const exponents = { least: 0.02, most: 2 };

/** The weights of the runs are found again so many times. */
const ROUNDS = 12;

/**
 * Fits the law with E, A, B ≥ 0 and exponents between 0.02 and 2. It minimises the Huber loss of the
 * differences r between runs and law: r² / 2 up to |r| = δ, and δ |r| − δ² / 2 beyond, so that a few
 * unlucky runs do not decide (Huber, 1964). The way there is weighted least squares, in which a run
 * beyond δ has the weight δ / |r|.
 * @param options `delta` in nats: differences that are still ordinary; Infinity: plain least squares
 * @throws if there are fewer than 3 different sizes or numbers of tokens, or fewer than 6 runs
 */
export function fitScalingLaw(
  runs: readonly Run[],
  { delta = 0.02 }: { delta?: number } = {},
): ScalingLaw {
  const N = runs.map((run) => run.parameters);
  const D = runs.map((run) => run.tokens);
  const y = runs.map((run) => run.loss);
  if (runs.length < 6)
    throw new Error(`fitScalingLaw: expected at least 6 runs for 5 numbers, got ${runs.length}`);
  expectPoints("fitScalingLaw", { parameters: N, tokens: D, y });
  const ones = runs.map(() => 1);
  let law = weightedFit(runs, ones, [exponents, exponents]);
  if (delta === Number.POSITIVE_INFINITY) return law;
  for (let round = 0; round < ROUNDS; round++) {
    const weights = runs.map(({ parameters, tokens, loss }) => {
      const miss = Math.abs(loss - lossAt(law, parameters, tokens));
      return miss <= delta ? 1 : delta / miss;
    });
    law = weightedFit(runs, weights, [near(law.alpha), near(law.beta)]);
  }
  return law;
}

/** The exponent changes little from one round to the next. */
const near = (exponent: number): Limits => ({
  least: Math.max(exponents.least, exponent / 1.5),
  most: Math.min(exponents.most, exponent * 1.5),
});

/** Least squares, each square with its weight. */
function weightedFit(
  runs: readonly Run[],
  weights: number[],
  limits: [alpha: Limits, beta: Limits],
): ScalingLaw {
  const roots = weights.map(Math.sqrt);
  const scale = {
    N: geometricMean(runs.map((run) => run.parameters)),
    D: geometricMean(runs.map((run) => run.tokens)),
  };
  const logs = {
    N: runs.map((run) => Math.log(run.parameters / scale.N)),
    D: runs.map((run) => Math.log(run.tokens / scale.D)),
  };
  const y = runs.map((run, i) => roots[i] * run.loss);
  const power = (log: number[], exponent: number) =>
    log.map((value, i) => roots[i] * Math.exp(-exponent * value));
  const at = ([alpha, beta]: number[]) =>
    nonNegativeFit([power(logs.N, alpha), power(logs.D, beta), roots], y);
  const best = minimise((both) => at(both).squares, limits);
  const [alpha, beta] = best;
  const [A, B, E] = at(best).coefficients;
  return { E, A: A * scale.N ** alpha, alpha, B: B * scale.D ** beta, beta };
}

/** How to spend a number of operations. */
export interface Allocation {
  /** N */
  parameters: number;
  /** D */
  tokens: number;
  loss: number;
}

/**
 * The size and the tokens with the least loss among all that cost C = 6 N D operations:
 *
 *     N = G (C / 6)^a,   D = (C / 6) / N,   a = β / (α + β),   G = (α A / (β B))^(1 / (α + β))
 *
 * (Hoffmann et al., 2022, equation 4).
 * @param flops C, for the whole training
 * @throws unless A and B are above 0: a law without one of its terms has no best size
 */
export function computeOptimal(law: ScalingLaw, flops: number): Allocation {
  const { A, alpha, B, beta } = law;
  if (!(A > 0 && B > 0))
    throw new Error(`computeOptimal: expected a law with A and B above 0, got ${A} and ${B}`);
  if (!(flops > 0)) throw new Error(`computeOptimal: expected operations above 0, got ${flops}`);
  const G = ((alpha * A) / (beta * B)) ** (1 / (alpha + beta));
  const parameters = G * (flops / 6) ** (beta / (alpha + beta));
  const tokens = flops / 6 / parameters;
  return { parameters, tokens, loss: lossAt(law, parameters, tokens) };
}
