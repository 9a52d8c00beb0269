"use strict";
// The number types of weights in files, and float32, in which everything here computes. float16
// (IEEE 754 binary16) has 5 exponent bits and 10 of fraction; bfloat16 is the upper half of a
// float32: its range, with 7 bits of fraction. Both are half as large as float32.
// Left out: integers and 8-bit floats, which belong to quantization (lesson 22, compression).
Object.defineProperty(exports, "__esModule", { value: true });
exports.float16Of = exports.fromFloat32 = exports.toFloat32 = void 0;
/** Little-endian numbers of a file as float32. */
function toFloat32(type, bytes) {
    const copy = new Uint8Array(bytes).buffer; // a copy begins where every type may begin
    if (type === "F32")
        return new Float32Array(copy);
    if (type === "F64")
        return Float32Array.from(new Float64Array(copy));
    const halves = new Uint16Array(copy);
    if (type === "F16")
        return Float32Array.from(halves, float16Of);
    return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
exports.toFloat32 = toFloat32;
/** The numbers as they go into a file; a 16-bit type takes the nearest number that it has. */
function fromFloat32(type, data) {
    if (type === "F32")
        return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    if (type === "F64")
        return new Uint8Array(Float64Array.from(data).buffer);
    if (type === "F16")
        return new Uint8Array(Uint16Array.from(data, toFloat16).buffer);
    const bits = new Uint32Array(data.slice().buffer);
    return new Uint8Array(Uint16Array.from(bits, upperHalf).buffer);
}
exports.fromFloat32 = fromFloat32;
/** A float32's upper 16 bits, rounded to nearest, ties to even; NaN stays NaN. */
function upperHalf(bits) {
    if ((bits & 0x7fffffff) > 0x7f800000)
        return (bits >>> 16) | 0x40;
    return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
let values;
/** The float16 of 16 bits, out of a table of all, since a model has millions of them. */
function float16Of(bits) {
    values ??= Float32Array.from({ length: 65536 }, (_, half) => fromFloat16(half));
    return values[bits];
}
exports.float16Of = float16Of;
/** The number that 16 bits stand for: (−1)ˢ · 2^(e − 15) · 1.f, and below 2⁻¹⁴ a multiple of 2⁻²⁴. */
function fromFloat16(half) {
    const sign = half & 0x8000 ? -1 : 1;
    const exponent = (half >> 10) & 0x1f;
    const fraction = half & 0x3ff;
    if (exponent === 0)
        return sign * fraction * 2 ** -24;
    if (exponent === 0x1f)
        return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
/** The 16 bits of the float16 nearest to x; from 65520 on that is infinity. */
function toFloat16(x) {
    const sign = x < 0 || Object.is(x, -0) ? 0x8000 : 0;
    const size = Math.abs(x);
    if (Number.isNaN(size))
        return 0x7e00;
    if (size >= 65520)
        return sign | 0x7c00;
    // Rounding up may carry into the exponent, which is just the next number.
    if (size < 2 ** -14)
        return sign | roundToEven(size * 2 ** 24);
    let exponent = Math.floor(Math.log2(size));
    if (2 ** exponent > size)
        exponent--; // log2 may round up just below a power of two
    if (2 ** (exponent + 1) <= size)
        exponent++;
    return sign | (((exponent + 15) << 10) + roundToEven((size / 2 ** exponent - 1) * 1024));
}
function roundToEven(x) {
    const below = Math.floor(x);
    const rest = x - below;
    return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}
