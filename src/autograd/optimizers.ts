// Four rules that turn gradients into better parameters, on plain numbers so that each can be read
// at a glance: SGD (Robbins and Monro, 1951), momentum (Polyak, 1964; in PyTorch's form), RMSProp
// (Tieleman and Hinton, 2012) and Adam (Kingma and Ba, 2015). The ones that train models are on
// tensors, in llm/optim; a test shows that this Adam and AdamW without decay agree.

/** What a rule remembers between steps; one number per parameter. */
export interface Memory {
  /** Steps done so far. */
  step: number;
  /** Running sum or mean of the gradients. */
  velocity: number[];
  /** Running mean of their squares. */
  squares: number[];
}

export interface RuleOptions {
  /** Learning rate. */
  lr: number;
  /** How much of the velocity is kept from step to step; 0.9. */
  beta1?: number;
  /** The same for the squares; 0.999 in Adam, 0.9 in RMSProp. */
  beta2?: number;
  /** Added to the root of the squares; 1e-8. */
  eps?: number;
}

/** A step: new parameters and a new memory; the arguments stay as they are. */
export type Rule = (
  parameters: readonly number[],
  gradients: readonly number[],
  memory: Memory,
  options: RuleOptions,
) => { parameters: number[]; memory: Memory };

/** Nothing remembered yet, for n parameters. */
export const emptyMemory = (n: number): Memory => ({
  step: 0,
  velocity: Array(n).fill(0),
  squares: Array(n).fill(0),
});

/** Downhill: `p ← p − lr · g`. */
export const sgdStep: Rule = (parameters, gradients, memory, { lr }) => ({
  parameters: parameters.map((p, i) => p - lr * gradients[i]),
  memory: { ...memory, step: memory.step + 1 },
});

/** A ball that rolls: `v ← β₁ v + g`, `p ← p − lr · v`. */
export const momentumStep: Rule = (parameters, gradients, memory, { lr, beta1 = 0.9 }) => {
  const velocity = memory.velocity.map((v, i) => beta1 * v + gradients[i]);
  return {
    parameters: parameters.map((p, i) => p - lr * velocity[i]),
    memory: { ...memory, step: memory.step + 1, velocity },
  };
};

/** A step size for each parameter: `s ← β₂ s + (1−β₂) g²`, `p ← p − lr · g / (√s + ε)`. */
export const rmspropStep: Rule = (parameters, gradients, memory, options) => {
  const { lr, beta2 = 0.9, eps = 1e-8 } = options;
  const squares = memory.squares.map((s, i) => beta2 * s + (1 - beta2) * gradients[i] ** 2);
  return {
    parameters: parameters.map((p, i) => p - (lr * gradients[i]) / (Math.sqrt(squares[i]) + eps)),
    memory: { ...memory, step: memory.step + 1, squares },
  };
};

/**
 * Both, and a correction for starting at zero. With t counted from 1: `m ← β₁ m + (1−β₁) g`,
 * `s ← β₂ s + (1−β₂) g²`, `p ← p − lr · m̂ / (√ŝ + ε)`, where `m̂ = m / (1−β₁ᵗ)` and `ŝ = s /
 * (1−β₂ᵗ)`.
 */
export const adamStep: Rule = (parameters, gradients, memory, options) => {
  const { lr, beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = options;
  const step = memory.step + 1;
  const velocity = memory.velocity.map((m, i) => beta1 * m + (1 - beta1) * gradients[i]);
  const squares = memory.squares.map((s, i) => beta2 * s + (1 - beta2) * gradients[i] ** 2);
  const mean = velocity.map((m) => m / (1 - beta1 ** step));
  const size = squares.map((s) => Math.sqrt(s / (1 - beta2 ** step)));
  return {
    parameters: parameters.map((p, i) => p - (lr * mean[i]) / (size[i] + eps)),
    memory: { step, velocity, squares },
  };
};

/** All four by name. */
export const rules = {
  SGD: sgdStep,
  momentum: momentumStep,
  RMSProp: rmspropStep,
  Adam: adamStep,
} as const satisfies Record<string, Rule>;
export type RuleName = keyof typeof rules;
