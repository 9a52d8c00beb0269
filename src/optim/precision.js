"use strict";
// Sixteen-bit floating point, simulated in float32: a number is rounded to the nearest one that the
// format has. That is what hardware does when it stores a value; sums inside a matrix product are
// kept in float32 on such hardware too. Formats: bfloat16 is float32 with 16 of its bits cut off (8
// exponent bits, 7 fraction bits); float16 is IEEE 754's binary16 (5 and 10). Mixed precision:
// Micikevicius et al., 2018. Not here: stochastic rounding, float8.
Object.defineProperty(exports, "__esModule", { value: true });
exports.roundTensor = exports.roundToFp16 = exports.roundToBf16 = void 0;
const engine_1 = require("../engine");
const bits = new Uint32Array(1);
const float = new Float32Array(bits.buffer);
/**
 * x as float32, then the nearest bfloat16 number; halfway cases go to the even one. Rounding twice can
 * differ from rounding once: 1 + 2⁻⁸ + 2⁻⁴⁰ gives 1. Infinity beyond 3.39e38.
 */
function roundToBf16(x) {
    float[0] = x;
    if (!Number.isFinite(float[0]))
        return float[0];
    const tieToEven = 0x7fff + ((bits[0] >>> 16) & 1);
    bits[0] = (bits[0] + tieToEven) & 0xffff0000;
    return float[0];
}
exports.roundToBf16 = roundToBf16;
/**
 * The nearest float16 number; halfway cases go to the even one. Infinity from 65,520 on, 0 below
 * 2⁻²⁵ ≈ 3e-8.
 */
function roundToFp16(x) {
    if (x === 0 || !Number.isFinite(x))
        return x;
    const exponent = Math.max(Math.floor(Math.log2(Math.abs(x))), -14); // below 2⁻¹⁴ the spacing stays 2⁻²⁴
    const spacing = 2 ** (exponent - 10);
    const n = x / spacing; // exact: a power of two
    const down = Math.floor(n);
    const rest = n - down;
    const even = rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down;
    const rounded = even * spacing;
    return Math.abs(rounded) > 65504 ? Math.sign(x) * Number.POSITIVE_INFINITY : rounded;
}
exports.roundToFp16 = roundToFp16;
/**
 * A tensor with every number rounded to the format. The work is done in JavaScript: for
 * experiments, not for speed.
 *
 * @returns a new tensor of the same shape
 */
function roundTensor(x, precision) {
    if (precision === "float32")
        return engine_1.tf.clone(x);
    const values = Float32Array.from(x.dataSync());
    if (precision === "float16") {
        for (let i = 0; i < values.length; i++)
            values[i] = roundToFp16(values[i]);
    }
    else {
        // roundToBf16 for a whole array: NaN and infinity (all exponent bits set) stay as they are.
        const all = new Uint32Array(values.buffer);
        for (let i = 0; i < all.length; i++)
            if ((all[i] & 0x7f800000) !== 0x7f800000)
                all[i] = (all[i] + 0x7fff + ((all[i] >>> 16) & 1)) & 0xffff0000;
    }
    return engine_1.tf.tensor(values, x.shape);
}
exports.roundTensor = roundTensor;
