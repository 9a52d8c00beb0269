// A neuron, a layer and a multi-layer perceptron of scalar values (Rosenblatt, 1958; with
// back-propagation, Rumelhart, Hinton and Williams, 1986), and how its weights start. For a network
// of more than a few hundred numbers, use tensors: scalars are for reading.
import type { Random } from "../random";
import { asValue, Value } from "./value";

/** What is applied to the weighted sum; "linear" leaves it as it is. */
export type Activation = "tanh" | "relu" | "sigmoid" | "linear";

/** One layer: `weights[j]` are those of neuron j. */
export interface Layer {
  weights: Value[][];
  biases: Value[];
  activation: Activation;
}

/** The same with plain numbers. */
export interface LayerNumbers {
  weights: number[][];
  biases: number[];
  activation: Activation;
}

/**
 * Standard deviations of starting weights for a layer with `fanIn` inputs and `fanOut` outputs.
 * `xavier`: √(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010), for tanh. `he`: √(2 / fanIn) (He and
 * others, 2015), for ReLU, which lets half of the variance through.
 */
export const initialStd = {
  zero: () => 0,
  xavier: (fanIn: number, fanOut: number) => Math.sqrt(2 / (fanIn + fanOut)),
  he: (fanIn: number) => Math.sqrt(2 / fanIn),
} as const;
export type Initialisation = keyof typeof initialStd;

/** activation(w · x + b) of one neuron. */
export function neuron(
  x: readonly (Value | number)[],
  w: readonly Value[],
  b: Value,
  activation: Activation = "tanh",
): Value {
  if (x.length !== w.length)
    throw new Error(`neuron: expected ${w.length} inputs, got ${x.length}`);
  const sum = w.reduce((total, weight, i) => total.add(weight.mul(x[i])), b);
  return activation === "linear" ? sum : sum[activation]();
}

/** All neurons of a layer look at the same inputs. */
export const layer = (x: readonly (Value | number)[], of: Layer): Value[] =>
  of.weights.map((w, j) => neuron(x, w, of.biases[j], of.activation));

/** A network is layer after layer. */
export const mlp = (layers: readonly Layer[], x: readonly number[]): Value[] =>
  layers.reduce((input: Value[], one) => layer(input, one), x.map(asValue));

export interface MlpOptions {
  rng: Random;
  /** Of all layers but the last, which is linear; default "tanh". */
  activation?: Activation;
  /** How the weights start; default "xavier". Biases start at zero. */
  init?: Initialisation;
}

/**
 * A network with random weights.
 * @param sizes inputs, neurons of each layer: [2, 8, 8, 1]
 */
export function createMlp(sizes: readonly number[], options: MlpOptions): Layer[] {
  const { rng, activation = "tanh", init = "xavier" } = options;
  if (sizes.length < 2 || !sizes.every((n) => Number.isInteger(n) && n > 0))
    throw new Error(`createMlp: expected two sizes or more, all above 0, got [${sizes}]`);
  return sizes.slice(1).map((fanOut, i): Layer => {
    const fanIn = sizes[i];
    const std = initialStd[init](fanIn, fanOut);
    const weights = Array.from({ length: fanOut }, () =>
      Array.from({ length: fanIn }, () => new Value(std * rng.normal())),
    );
    const biases = Array.from({ length: fanOut }, () => new Value(0));
    return { weights, biases, activation: i === sizes.length - 2 ? "linear" : activation };
  });
}

/** All weights and biases, layer by layer: what training changes. */
export const parametersOf = (layers: readonly Layer[]): Value[] =>
  layers.flatMap(({ weights, biases }) => [...weights.flat(), ...biases]);

/** The network as plain numbers: for looking at it, and for fast predictions. */
export const numbersOf = (layers: readonly Layer[]): LayerNumbers[] =>
  layers.map(({ weights, biases, activation }) => ({
    weights: weights.map((row) => row.map((w) => w.data)),
    biases: biases.map((b) => b.data),
    activation,
  }));
