"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.stepOf = exports.powers = exports.powerText = exports.ticks = exports.within = exports.share = void 0;
const label_1 = require("./label");
/** Share of the axis, 0 at its lower and 1 at its upper end; beyond them outside of [0, 1]. */
function share({ range: [low, high], log }, value) {
    if (!log)
        return (value - low) / (high - low);
    return (Math.log10(value) - Math.log10(low)) / (Math.log10(high) - Math.log10(low));
}
exports.share = share;
const within = (axis, value) => value >= axis.range[0] && value <= axis.range[1];
exports.within = within;
/** At most about `most` ticks. */
function ticks(axis, most) {
    if (axis.labels !== undefined) {
        const step = Math.max(1, Math.ceil(axis.labels.length / most));
        return axis.labels.map((text, at) => ({ at, text })).filter(({ at }) => at % step === 0);
    }
    if (!axis.log)
        return linear(axis, most);
    return powers(axis.range).map((p) => ({ at: 10 ** p, text: powerText(p) }));
}
exports.ticks = ticks;
const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
const raised = (n) => String(n).replace(/[-\d]/g, (c) => (c === "-" ? "⁻" : DIGITS[Number(c)]));
/** 0.001, 0.01, …, 1,000, and beyond that 10⁴, 10⁻⁵. */
function powerText(power) {
    if (power < -3 || power > 3)
        return `10${raised(power)}`;
    return power < 0 ? (10 ** power).toFixed(-power) : (10 ** power).toLocaleString("en-US");
}
exports.powerText = powerText;
const POWER_STEPS = [1, 2, 3, 5, 10, 20, 50, 100, 200];
/**
 * Powers of ten on an axis, at most about 8; with `beyond`, some outside of its ends as well, for
 * readers who zoom out.
 */
function powers([low, high], beyond = false) {
    const [from, to] = [Math.log10(low) - 1e-9, Math.log10(high) + 1e-9];
    const step = POWER_STEPS.find((s) => (to - from) / s <= 8) ?? 300;
    const more = beyond ? 2 * step : 0;
    const list = [];
    for (let p = Math.ceil((from - more) / step) * step; p <= to + more; p += step)
        if (Math.abs(p) < 308)
            list.push(p);
    return list;
}
exports.powers = powers;
/** The distance of neighbouring ticks on a linear axis. */
function stepOf({ range: [low, high], whole }, most) {
    const rough = (high - low) / Math.max(1, most);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999) ?? rough;
    return whole ? Math.max(1, Math.round(step)) : step;
}
exports.stepOf = stepOf;
function linear(axis, most) {
    const [low, high] = axis.range;
    const step = stepOf(axis, most);
    const list = [];
    const first = Math.ceil(low / step - 1e-9);
    for (let i = first; list.length <= 2 * most && i * step <= high + step * 1e-9; i++)
        list.push({ at: i * step, text: tickText(i * step, step) });
    return list;
}
/** 0.25, 1500, 20k, 1.5M, 2e−5: as many digits as the distance of the ticks asks for. */
function tickText(value, step) {
    const size = Math.max(Math.abs(value), step);
    if (value === 0)
        return "0";
    if (size >= 1e9 || size < 1e-3)
        return (0, label_1.numberText)(Number(value.toPrecision(3)));
    const [unit, name] = size >= 1e6 ? [1e6, "M"] : size >= 1e4 ? [1e3, "k"] : [1, ""];
    const decimals = Math.max(0, -Math.floor(Math.log10(step / unit) + 1e-9));
    const text = (value / unit).toLocaleString("en-US", {
        minimumFractionDigits: decimals,
        maximumFractionDigits: decimals,
        useGrouping: false, // a year is no 2,018
    });
    return `${text.replace("-", "−")}${name}`;
}
