// The operations of a scalar graph, one row each: how the value comes from the inputs, and how
// steep it is in each of them. Everything else of reverse-mode differentiation (./value) is the
// same for all operations, so a new one needs a row here and a method there.

/** What an operation knows: its value, and its slope in each input. */
export interface Operation {
  /** How a drawing writes it. */
  sign: string;
  /** The value of the output. */
  value(inputs: readonly number[]): number;
  /**
   * ∂output/∂input for each input, in order.
   * @param output what `value` gave: tanh, sigmoid and exp can reuse it
   */
  slopes(inputs: readonly number[], output: number): number[];
}

const logistic = (x: number): number => {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x); // e^−x would overflow below −709
  return e / (1 + e);
};

/** All operations by name. `softplus` is ln(1 + eˣ), written so that it cannot overflow. */
export const operations = {
  add: { sign: "+", value: ([a, b]) => a + b, slopes: () => [1, 1] },
  sub: { sign: "−", value: ([a, b]) => a - b, slopes: () => [1, -1] },
  mul: { sign: "×", value: ([a, b]) => a * b, slopes: ([a, b]) => [b, a] },
  div: { sign: "÷", value: ([a, b]) => a / b, slopes: ([a, b]) => [1 / b, -a / (b * b)] },
  exp: { sign: "exp", value: ([x]) => Math.exp(x), slopes: (_, y) => [y] },
  log: { sign: "ln", value: ([x]) => Math.log(x), slopes: ([x]) => [1 / x] },
  tanh: { sign: "tanh", value: ([x]) => Math.tanh(x), slopes: (_, y) => [1 - y * y] },
  sigmoid: { sign: "σ", value: ([x]) => logistic(x), slopes: (_, y) => [y * (1 - y)] },
  relu: { sign: "relu", value: ([x]) => Math.max(0, x), slopes: ([x]) => [x > 0 ? 1 : 0] },
  softplus: {
    sign: "softplus",
    value: ([x]) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slopes: ([x]) => [logistic(x)],
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
