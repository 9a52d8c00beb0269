"use strict";
// BLEU (Papineni et al., BLEU: a Method for Automatic Evaluation of Machine Translation, 2002), with
// the tokenization and smoothing of sacrebleu, so that figures can be compared with published ones
// (Post, A Call for Clarity in Reporting BLEU Scores, 2018). Tokenizers: 13a and zh. Smoothing: exp.
// Left out: other smoothings, ja-mecab, lower case, orders other than 4.
Object.defineProperty(exports, "__esModule", { value: true });
exports.bleu = exports.ngramCounts = exports.bleuTokens = void 0;
const ORDER = 4;
/** mteval-v13a's rules for what stands alone: signs, and points and commas outside of numbers. */
const cutSigns = (line) => line
    .replace(/([{-~[-` -&(-+:-@/])/g, " $1 ")
    .replace(/([^0-9])([.,])/gu, "$1 $2 ")
    .replace(/([.,])([^0-9])/gu, " $1 $2")
    .replace(/([0-9])(-)/g, "$1 $2 ")
    .split(/\s+/)
    .filter((token) => token !== "");
/**
 * What sacrebleu's zh counts as Chinese. Its list means to hold U+20000 … U+2A6D6 and U+2F800 …
 * U+2FA1D, but its notation gives U+2001 … U+2A6D and U+2F81 … U+2FA1: quotation marks, dashes and
 * arrows stand alone, rare characters do not. Kept, because scores must be comparable.
 */
const CHINESE = /[\u3400-\u4db5\u4e00-\u9fbb\uf900-\ufa2d\ufa30-\ufa6a\ufa70-\ufad9\u2001-\u2a6d\u2f81-\u2fa1\uff00-\uffef\u2e80-\u2eff\u3000-\u303f\u31c0-\u31ef\u2f00-\u2fdf\u2ff0-\u2fff\u3100-\u312f\u31a0-\u31bf\ufe10-\ufe1f\ufe30-\ufe4f\u3200-\u33ff]/gu;
/** Cuts a text as sacrebleu does. */
function bleuTokens(text, tokenizer = "13a") {
    if (tokenizer === "none")
        return text.split(/\s+/).filter((token) => token !== "");
    if (tokenizer === "zh")
        return cutSigns(text.trim().replace(CHINESE, " $& "));
    const plain = text.trimEnd().replaceAll("<skipped>", "").replace(/-\n/g, "").replace(/\n/g, " ");
    const entities = [
        ["&quot;", '"'],
        ["&amp;", "&"],
        ["&lt;", "<"],
        ["&gt;", ">"],
    ];
    const decoded = entities.reduce((line, [name, sign]) => line.replaceAll(name, sign), plain);
    return cutSigns(` ${decoded} `);
}
exports.bleuTokens = bleuTokens;
/** How often each n-gram occurs. */
function ngramCounts(tokens, n) {
    const counts = new Map();
    for (let i = 0; i + n <= tokens.length; i++) {
        const key = tokens.slice(i, i + n).join("\u0000");
        counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    return counts;
}
exports.ngramCounts = ngramCounts;
/**
 * BLEU of a corpus: counts are summed over all candidates before anything is divided.
 *
 *     p_n = Σ min(count in the candidate, most in one reference) / Σ count in the candidate
 *     BP  = 1 if c ≥ r, else e^(1 − r/c)      c, r: lengths of candidates and nearest references
 *     BLEU = 100 · BP · (p₁ p₂ p₃ p₄)^¼
 *
 * A precision without a match becomes 1 / (2ᵏ · total) for the k-th such n (smoothing "exp").
 *
 * @param candidates one text each
 * @param references for each candidate, one or more right texts
 * @param options.effectiveOrder leave out orders for which a candidate is too short, for single
 *   sentences
 * @throws if there is nothing to compare
 */
function bleu(candidates, references, { tokenizer = "13a", effectiveOrder = false, } = {}) {
    if (candidates.length === 0 || candidates.length !== references.length)
        throw new Error("bleu: expected references for each of one or more candidates, got " +
            `${candidates.length} candidates and ${references.length} lists of references`);
    const matched = Array(ORDER).fill(0);
    const total = Array(ORDER).fill(0);
    let [candidateLength, referenceLength] = [0, 0];
    candidates.forEach((candidate, i) => {
        if (references[i].length === 0)
            throw new Error(`bleu: expected at least one reference for candidate ${i}, got none`);
        const tokens = bleuTokens(candidate, tokenizer);
        const rights = references[i].map((text) => bleuTokens(text, tokenizer));
        candidateLength += tokens.length;
        const off = (length) => Math.abs(length - tokens.length);
        referenceLength += rights
            .map(({ length }) => length)
            .reduce((a, b) => (off(b) < off(a) || (off(b) === off(a) && b < a) ? b : a));
        for (let n = 1; n <= ORDER; n++) {
            const most = rights.map((right) => ngramCounts(right, n));
            for (const [ngram, count] of ngramCounts(tokens, n)) {
                total[n - 1] += count;
                matched[n - 1] += Math.min(count, Math.max(...most.map((m) => m.get(ngram) ?? 0)));
            }
        }
    });
    return combined({ matched, total, candidateLength, referenceLength, effectiveOrder });
}
exports.bleu = bleu;
function combined({ matched, total, candidateLength, referenceLength, effectiveOrder, }) {
    const tooShort = candidateLength < referenceLength;
    const brevityPenalty = !tooShort
        ? 1
        : candidateLength > 0
            ? Math.exp(1 - referenceLength / candidateLength)
            : 0;
    const precisions = Array(ORDER).fill(0);
    const lengths = { candidateLength, referenceLength };
    if (matched.every((count) => count === 0))
        return { score: 0, precisions, brevityPenalty, ...lengths };
    let [halved, orders] = [1, ORDER];
    for (let n = 0; n < ORDER; n++) {
        if (total[n] === 0)
            break;
        if (effectiveOrder)
            orders = n + 1;
        if (matched[n] === 0)
            halved *= 2;
        precisions[n] = matched[n] === 0 ? 100 / (halved * total[n]) : (100 * matched[n]) / total[n];
    }
    const logs = precisions.slice(0, orders).map((p) => (p === 0 ? -Infinity : Math.log(p)));
    const score = brevityPenalty * Math.exp(logs.reduce((a, b) => a + b, 0) / orders);
    return { score, precisions, brevityPenalty, ...lengths };
}
