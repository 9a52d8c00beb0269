"use strict";
// Do two raters mean the same? Cohen's κ (A Coefficient of Agreement for Nominal Scales, 1960) takes
// off what they would agree on by chance. Left out: more than two raters, marks that have an order.
Object.defineProperty(exports, "__esModule", { value: true });
exports.cohenKappa = void 0;
/**
 * κ = (p_o − p_e) / (1 − p_e): p_o is the share of examples on which both say the same, p_e the share
 * that chance would give, Σ over labels of (share of a's) · (share of b's). 1: always the same, 0:
 * as by chance. NaN where both say one and the same label throughout, for chance explains all.
 * @throws unless both have rated the same number of examples, at least one
 */
function cohenKappa(a, b) {
    if (a.length === 0 || a.length !== b.length)
        throw new Error(`cohenKappa: expected two ratings of the same examples, got ${a.length} and ${b.length}`);
    const labels = [...new Set([...a, ...b])];
    const share = (ratings, label) => ratings.filter((rating) => rating === label).length / ratings.length;
    const observed = a.filter((rating, i) => rating === b[i]).length / a.length;
    const expected = labels.reduce((sum, label) => sum + share(a, label) * share(b, label), 0);
    return (observed - expected) / (1 - expected);
}
exports.cohenKappa = cohenKappa;
