/**
 * A mixture of experts in place of one feed-forward network: Shazeer et al., 2017, "Outrageously
 * Large Neural Networks", arXiv:1701.06538; in Transformers Lepikhin et al., 2020 (GShard), Fedus et
 * al., 2021 (Switch), Jiang et al., 2024 (Mixtral), whose form this is.
 *
 * A router gives every token a probability for each of E experts; the k most probable ones compute
 * it, and their outputs are added, weighted by their probabilities divided by the sum of the k. So a
 * model has E networks' parameters and pays for k. Nothing makes a router use all its experts: an
 * expert that is chosen seldom learns little and is chosen still less. The balance loss pulls the
 * other way.
 *
 * Letters: N tokens, C channels, E experts, k = perToken. Left out: a capacity that drops tokens
 * (GShard, Switch), experts that all tokens share (DeepSeekMoE).
 */
import { isTracing, tf } from "./engine";

/** Which experts the router has chosen, and how sure it was. */
export interface Routing {
  /** The router's probabilities, (N, E). */
  probabilities: tf.Tensor2D;
  /** 1 at the k chosen experts of each token, 0 elsewhere: (N, E). No gradient passes. */
  chosen: tf.Tensor2D;
  /** What the experts' outputs are multiplied by: 0 at those not chosen, rows sum to 1, (N, E). */
  weights: tf.Tensor2D;
}

/**
 * The router: softmax(x Wᵀ), the k largest of each row, divided by their sum.
 * @param x (N, C)
 * @param router W, (E, C)
 * @param perToken k, from 1 to E
 */
export function routeTokens(x: tf.Tensor2D, router: tf.Tensor2D, perToken: number): Routing {
  const [E] = router.shape;
  if (!Number.isInteger(perToken) || perToken < 1 || perToken > E)
    throw new Error(`routeTokens: expected from 1 to ${E} experts per token, got ${perToken}`);
  return tf.tidy(() => {
    const probabilities = tf.softmax(tf.matMul(x, router, false, true)) as tf.Tensor2D;
    const chosen = largest(probabilities, perToken);
    const kept = tf.mul(probabilities, chosen);
    const weights = tf.div(kept, tf.sum(kept, 1, true)) as tf.Tensor2D;
    return { probabilities, chosen, weights };
  });
}

/** 1 at the k largest of each row, of equal ones the first; no gradient passes: (N, E) → (N, E). */
function largest(x: tf.Tensor2D, k: number): tf.Tensor2D {
  const marks = tf.customGrad((given) => {
    const { indices } = tf.topk(given as tf.Tensor2D, k); // (N, k)
    const marked = tf.equal(tf.expandDims(indices, -1), tf.range(0, x.shape[1], 1, "int32"));
    return {
      value: tf.sum(tf.cast(marked, "float32"), 1),
      gradFunc: () => tf.zerosLike(x),
    };
  });
  return marks(x) as tf.Tensor2D;
}

export interface ExpertsOptions {
  /** k: how many experts compute a token. */
  perToken: number;
  /**
   * Adds this times the balance loss to the loss that is differentiated: to its gradient alone, as
   * the value is not passed on (0 if absent).
   */
  balance?: number;
  /** Sees the routing, whose tensors live only during the call. */
  onRouting?: (routing: Routing) => void;
  /**
   * true has every expert compute every token and multiplies most of it by 0: E / k times the work,
   * and the version to read. Within `compile` it is the only one, because how many tokens an expert
   * gets is not known there.
   */
  clear?: boolean;
}

/**
 * Sends each token through its k experts.
 * @param x (N, C)
 * @param router (E, C)
 * @param expert the network of expert e, (n, C) → (n, C): every row by itself
 * @returns (N, C)
 */
export function mixtureOfExperts(
  x: tf.Tensor2D,
  router: tf.Tensor2D,
  expert: (x: tf.Tensor2D, e: number) => tf.Tensor2D,
  { perToken, balance = 0, onRouting, clear = isTracing() }: ExpertsOptions,
): tf.Tensor2D {
  const [N] = x.shape;
  const [E] = router.shape;
  return tf.tidy(() => {
    const routing = routeTokens(x, router, perToken);
    onRouting?.(routing);
    const pulled = (y: tf.Tensor2D) =>
      balance === 0 ? y : withGradientOf(y, tf.mul(balanceLoss(routing), balance));
    const weightsOf = tf.split(routing.weights, E, 1); // (N, 1) each
    const everyToken = (e: number) => tf.mul<tf.Tensor2D>(expert(x, e), weightsOf[e]);
    if (clear) return pulled(tf.addN(weightsOf.map((_, e) => everyToken(e))));
    const rowsOf = rowsByExpert(routing.chosen);
    const parts = rowsOf.flatMap((rows, e) => {
      if (rows.length === 0) return [];
      const own = tf.tensor1d(rows, "int32");
      const y = expert(tf.gather(x, own), e); // (n, C)
      return tf.mul<tf.Tensor2D>(y, tf.gather(weightsOf[e], own));
    });
    // All parts one below the other; token i finds its k rows there.
    const places = placesOf(rowsOf, N, perToken);
    const found = tf.gather(tf.concat(parts, 0), tf.tensor1d(places, "int32")); // (N·k, C)
    return pulled(tf.sum(tf.reshape(found, [N, perToken, x.shape[1]]), 1));
  });
}

/** y itself; a gradient that reaches it also reaches `loss`, as if that were added to the loss. */
function withGradientOf(y: tf.Tensor2D, loss: tf.Scalar): tf.Tensor2D {
  const attach = tf.customGrad((y) => ({
    value: tf.clone(y as tf.Tensor2D),
    gradFunc: (dy: tf.Tensor2D) => [dy, tf.scalar(1)],
  }));
  return attach(y, loss) as tf.Tensor2D;
}

/** For each expert the rows of its tokens. */
function rowsByExpert(chosen: tf.Tensor2D): number[][] {
  const [N, E] = chosen.shape;
  const flags = chosen.dataSync();
  return Array.from({ length: E }, (_, e) =>
    Array.from({ length: N }, (_, n) => n).filter((n) => flags[n * E + e] === 1),
  );
}

/** Where the k results of each token lie when the experts' results are put one below the other. */
function placesOf(rowsOf: number[][], N: number, perToken: number): number[] {
  const places = new Array<number>(N * perToken);
  const found = new Array<number>(N).fill(0);
  let at = 0;
  for (const rows of rowsOf) for (const n of rows) places[n * perToken + found[n]++] = at++;
  return places;
}

/**
 * The load-balancing loss, E · Σₑ fₑ Pₑ, where fₑ is the number of tokens that chose expert e,
 * divided by N, and Pₑ the mean of its probabilities (Fedus et al., 2021, equation 4; for k > 1 as
 * in Hugging Face's Mixtral). It is k where all experts are used equally, and larger where the often
 * chosen ones are also the probable ones; the gradient comes through P alone.
 * @returns scalar
 */
export function balanceLoss({ probabilities, chosen }: Omit<Routing, "weights">): tf.Scalar {
  const [, E] = probabilities.shape;
  return tf.tidy(() => {
    const share = tf.mean(chosen, 0); // fₑ
    return tf.mul(tf.sum(tf.mul(share, tf.mean(probabilities, 0))), E);
  });
}
