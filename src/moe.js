"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.balanceLoss = exports.mixtureOfExperts = exports.routeTokens = void 0;
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
const engine_1 = require("./engine");
/**
 * The router: softmax(x Wᵀ), the k largest of each row, divided by their sum.
 * @param x (N, C)
 * @param router W, (E, C)
 * @param perToken k, from 1 to E
 */
function routeTokens(x, router, perToken) {
    const [E] = router.shape;
    if (!Number.isInteger(perToken) || perToken < 1 || perToken > E)
        throw new Error(`routeTokens: expected from 1 to ${E} experts per token, got ${perToken}`);
    return engine_1.tf.tidy(() => {
        const probabilities = engine_1.tf.softmax(engine_1.tf.matMul(x, router, false, true));
        const chosen = largest(probabilities, perToken);
        const kept = engine_1.tf.mul(probabilities, chosen);
        const weights = engine_1.tf.div(kept, engine_1.tf.sum(kept, 1, true));
        return { probabilities, chosen, weights };
    });
}
exports.routeTokens = routeTokens;
/** 1 at the k largest of each row, of equal ones the first; no gradient passes: (N, E) → (N, E). */
function largest(x, k) {
    const marks = engine_1.tf.customGrad((given) => {
        const { indices } = engine_1.tf.topk(given, k); // (N, k)
        const marked = engine_1.tf.equal(engine_1.tf.expandDims(indices, -1), engine_1.tf.range(0, x.shape[1], 1, "int32"));
        return {
            value: engine_1.tf.sum(engine_1.tf.cast(marked, "float32"), 1),
            gradFunc: () => engine_1.tf.zerosLike(x),
        };
    });
    return marks(x);
}
/**
 * Sends each token through its k experts.
 * @param x (N, C)
 * @param router (E, C)
 * @param expert the network of expert e, (n, C) → (n, C): every row by itself
 * @returns (N, C)
 */
function mixtureOfExperts(x, router, expert, { perToken, balance = 0, onRouting, clear = (0, engine_1.isTracing)() }) {
    const [N] = x.shape;
    const [E] = router.shape;
    return engine_1.tf.tidy(() => {
        const routing = routeTokens(x, router, perToken);
        onRouting?.(routing);
        const pulled = (y) => balance === 0 ? y : withGradientOf(y, engine_1.tf.mul(balanceLoss(routing), balance));
        const weightsOf = engine_1.tf.split(routing.weights, E, 1); // (N, 1) each
        const everyToken = (e) => engine_1.tf.mul(expert(x, e), weightsOf[e]);
        if (clear)
            return pulled(engine_1.tf.addN(weightsOf.map((_, e) => everyToken(e))));
        const rowsOf = rowsByExpert(routing.chosen);
        const parts = rowsOf.flatMap((rows, e) => {
            if (rows.length === 0)
                return [];
            const own = engine_1.tf.tensor1d(rows, "int32");
            const y = expert(engine_1.tf.gather(x, own), e); // (n, C)
            return engine_1.tf.mul(y, engine_1.tf.gather(weightsOf[e], own));
        });
        // All parts one below the other; token i finds its k rows there.
        const places = placesOf(rowsOf, N, perToken);
        const found = engine_1.tf.gather(engine_1.tf.concat(parts, 0), engine_1.tf.tensor1d(places, "int32")); // (N·k, C)
        return pulled(engine_1.tf.sum(engine_1.tf.reshape(found, [N, perToken, x.shape[1]]), 1));
    });
}
exports.mixtureOfExperts = mixtureOfExperts;
/** y itself; a gradient that reaches it also reaches `loss`, as if that were added to the loss. */
function withGradientOf(y, loss) {
    const attach = engine_1.tf.customGrad((y) => ({
        value: engine_1.tf.clone(y),
        gradFunc: (dy) => [dy, engine_1.tf.scalar(1)],
    }));
    return attach(y, loss);
}
/** For each expert the rows of its tokens. */
function rowsByExpert(chosen) {
    const [N, E] = chosen.shape;
    const flags = chosen.dataSync();
    return Array.from({ length: E }, (_, e) => Array.from({ length: N }, (_, n) => n).filter((n) => flags[n * E + e] === 1));
}
/** Where the k results of each token lie when the experts' results are put one below the other. */
function placesOf(rowsOf, N, perToken) {
    const places = new Array(N * perToken);
    const found = new Array(N).fill(0);
    let at = 0;
    for (const rows of rowsOf)
        for (const n of rows)
            places[n * perToken + found[n]++] = at++;
    return places;
}
/**
 * The load-balancing loss, E · Σₑ fₑ Pₑ, where fₑ is the number of tokens that chose expert e,
 * divided by N, and Pₑ the mean of its probabilities (Fedus et al., 2021, equation 4; for k > 1 as
 * in Hugging Face's Mixtral). It is k where all experts are used equally, and larger where the often
 * chosen ones are also the probable ones; the gradient comes through P alone.
 * @returns scalar
 */
function balanceLoss({ probabilities, chosen }) {
    const [, E] = probabilities.shape;
    return engine_1.tf.tidy(() => {
        const share = engine_1.tf.mean(chosen, 0); // fₑ
        return engine_1.tf.mul(engine_1.tf.sum(engine_1.tf.mul(share, engine_1.tf.mean(probabilities, 0))), E);
    });
}
exports.balanceLoss = balanceLoss;
