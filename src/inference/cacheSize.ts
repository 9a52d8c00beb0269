// How many bytes keys and values take, counted from a configuration before there is a model: for full
// attention (MHA), grouped and multi-query attention (Ainslie et al., 2023, GQA; Shazeer, 2019, MQA),
// latent attention (DeepSeek-AI, 2024, "DeepSeek-V2", section 2.1), and sliding windows in some layers
// (Gemma Team, 2025, "Gemma 3": five layers with a window, then one without). Left out: the scales of
// quantized keys and values.
import { type GPTConfig, kvCacheBytes } from "../gpt";

/** Bytes of one number. */
export const dtypeBytes = {
  ...{ float32: 4, float16: 2, bfloat16: 2, int8: 1, int4: 0.5 },
} as const;

/** What of a model decides about its cache. */
export interface CacheConfig
  extends Pick<GPTConfig, "nLayer" | "nEmbd" | "nHead" | "nKvHead" | "headWidth" | "window"> {
  /**
   * In place of keys and values one vector for all heads, `width` numbers, from which both are made,
   * and one key of `ropeWidth` numbers that carries the position.
   */
  latent?: { width: number; ropeWidth: number };
  /** With `window`: so many layers with it are followed by one without; all have it if absent. */
  windowLayers?: number;
}

export interface CacheBytes {
  /** Of one token in a layer. */
  perLayer: number;
  /** Of one more token, as long as every window has room for it. */
  perToken: number;
  /** Of all tokens of one text. */
  total: number;
}

/**
 * The bytes of keys and values of one text.
 *
 *     MHA, GQA, MQA   2 · K · D numbers for each token and layer, with K = H, fewer, 1 heads
 *     MLA             width + ropeWidth
 *     window          a layer with one keeps at most `window` tokens
 *
 * @param options `tokens`: how long the text is; `dtype` of the numbers, bfloat16 if absent
 * @throws if a number makes no sense
 */
export function cacheSize(
  config: CacheConfig,
  { tokens, dtype = "bfloat16" }: { tokens: number; dtype?: keyof typeof dtypeBytes },
): CacheBytes {
  const { nLayer, latent, window, windowLayers } = config;
  for (const [name, value] of Object.entries({ nLayer, tokens, window, windowLayers }))
    if (value !== undefined && !(Number.isInteger(value) && value >= 1))
      throw new Error(`cacheSize: expected ${name} of 1 or more, got ${value}`);
  const bytes = dtypeBytes[dtype];
  if (bytes === undefined)
    throw new Error(`cacheSize: expected ${Object.keys(dtypeBytes).join(", ")}, got ${dtype}`);
  if (windowLayers !== undefined && window === undefined)
    throw new Error("cacheSize: expected a window with windowLayers, got none");
  const perLayer = latent
    ? (latent.width + latent.ropeWidth) * bytes
    : kvCacheBytes({ ...config, nLayer: 1 }, { tokens: 1, bytes });
  // Of each group of windowLayers + 1 layers the last one sees everything.
  const full =
    window === undefined ? nLayer : windowLayers ? Math.floor(nLayer / (windowLayers + 1)) : 0;
  const kept = full * tokens + (nLayer - full) * Math.min(tokens, window ?? tokens);
  return { perLayer, perToken: nLayer * perLayer, total: kept * perLayer };
}
