"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.largest = exports.forWindows = exports.convolve = exports.axesOf = void 0;
const repair_1 = require("./repair");
/**
 * Where the filter stands along each axis of an image.
 * @param caller for the message
 * @throws Error where it fits nowhere
 */
function axesOf(caller, space, steps) {
    const { filter, strides, dilations, pad, rounding = "floor" } = steps;
    return space.map((size, i) => {
        const [stride, dilation] = [strides[i], dilations[i]];
        const extent = (filter[i] - 1) * dilation + 1;
        let [before, out] = [0, Math.ceil((size - extent + 1) / stride)]; // "valid"
        if (pad === "same") {
            out = Math.ceil(size / stride);
            before = Math.floor(Math.max((out - 1) * stride + extent - size, 0) / 2);
        }
        else if (pad !== "valid") {
            const [first, last] = typeof pad === "number" ? [pad, pad] : pad[i];
            before = first;
            out = Math[rounding]((size - extent + first + last) / stride) + 1;
        }
        if (out < 1)
            throw new Error(`${caller}: expected a filter that fits into the image, ` +
                `got ${filter.join(" × ")} for ${space.join(" × ")}`);
        return { size, filter: filter[i], stride, dilation, before, out };
    });
}
exports.axesOf = axesOf;
/** For every output cell and every place of the filter the cell of the image; −1: outside. */
function cellsUnder(axes) {
    let cells = [0];
    let shape = [1, 1]; // outputs, places
    for (const { size, filter, stride, dilation, before, out } of axes) {
        const next = new Array(shape[0] * out * shape[1] * filter);
        for (let o = 0; o < shape[0]; o++)
            for (let p = 0; p < out; p++)
                for (let t = 0; t < shape[1]; t++)
                    for (let f = 0; f < filter; f++) {
                        const outer = cells[o * shape[1] + t];
                        const at = p * stride - before + f * dilation;
                        const inside = outer >= 0 && at >= 0 && at < size;
                        next[((o * out + p) * shape[1] + t) * filter + f] = inside ? outer * size + at : -1;
                    }
        cells = next;
        shape = [shape[0] * out, shape[1] * filter];
    }
    return Int32Array.from(cells);
}
/** Adds up all products for one of the three, from the other two. */
function convolve({ axes, batch, C, K, depthwise }, wanted, parts) {
    const cells = cellsUnder(axes);
    const [I, O] = [(0, repair_1.sizeOf)(axes.map((a) => a.size)), (0, repair_1.sizeOf)(axes.map((a) => a.out))];
    const T = (0, repair_1.sizeOf)(axes.map((a) => a.filter));
    const channels = depthwise ? C * K : K;
    const sizes = { x: batch * I * C, w: T * C * K, y: batch * O * channels };
    const sums = new Float64Array(sizes[wanted]);
    const { x = sums, w = sums, y = sums } = parts;
    for (let b = 0; b < batch; b++)
        for (let o = 0; o < O; o++)
            for (let t = 0; t < T; t++) {
                const cell = cells[o * T + t];
                if (cell < 0)
                    continue;
                for (let c = 0; c < C; c++) {
                    const atX = (b * I + cell) * C + c;
                    const atW = (t * C + c) * K;
                    const atY = (b * O + o) * channels + (depthwise ? c * K : 0);
                    if (wanted === "y")
                        for (let k = 0; k < K; k++)
                            sums[atY + k] += x[atX] * w[atW + k];
                    else if (wanted === "x")
                        for (let k = 0; k < K; k++)
                            sums[atX] += y[atY + k] * w[atW + k];
                    else
                        for (let k = 0; k < K; k++)
                            sums[atW + k] += x[atX] * y[atY + k];
                }
            }
    return Float32Array.from(sums);
}
exports.convolve = convolve;
/**
 * Calls back for each window of each channel, with the cells that lie inside of the image.
 * @param caller for the message
 * @throws Error where none does
 */
function forWindows(caller, { axes, batch, C }, visit) {
    const cells = cellsUnder(axes);
    const [I, O] = [(0, repair_1.sizeOf)(axes.map((a) => a.size)), (0, repair_1.sizeOf)(axes.map((a) => a.out))];
    const T = (0, repair_1.sizeOf)(axes.map((a) => a.filter));
    for (let b = 0; b < batch; b++)
        for (let o = 0; o < O; o++) {
            const inside = Array.from(cells.subarray(o * T, o * T + T)).filter((cell) => cell >= 0);
            if (inside.length === 0)
                throw new Error(`${caller}: expected a padding smaller than the filter, got windows without cells`);
            for (let c = 0; c < C; c++)
                visit((b * O + o) * C + c, inside.map((cell) => (b * I + cell) * C + c));
        }
}
exports.forWindows = forWindows;
/** The first of the largest, or the first NaN. */
function largest(x, places) {
    let best = places[0];
    for (const at of places) {
        if (Number.isNaN(x[at]))
            return at;
        if (x[at] > x[best])
            best = at;
    }
    return best;
}
exports.largest = largest;
