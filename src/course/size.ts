// How large a lesson's experiments are: LLM_SIZE, read by the notebooks.

export type Size = "smoke" | "laptop" | "gpu";

/**
 * The size of the training runs, from `LLM_SIZE`: `smoke` (the whole notebook within a minute on
 * two cores; the default), `laptop` or `gpu`.
 * @throws Error when `LLM_SIZE` is something else
 */
export function size(): Size {
  const value = process.env.LLM_SIZE || "smoke";
  if (value !== "smoke" && value !== "laptop" && value !== "gpu") {
    throw new Error(
      `size: expected LLM_SIZE to be smoke, laptop or gpu, got ${JSON.stringify(value)}`,
    );
  }
  return value;
}

/** The value for the current `size()`: `bySize({ smoke: 50, laptop: 2000, gpu: 5000 })`. */
export function bySize<T>(choices: { smoke: T; laptop: T; gpu: T }): T {
  return choices[size()];
}
