"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.points = void 0;
// Points in the plane, each with its label beside it: models by year and size, words by their
// vectors.
const curves_1 = require("./curves");
const figure_1 = require("./figure");
const label_1 = require("./label");
/** More points than these cannot be told apart, and would make a notebook large. */
const MAX_POINTS = 1500;
const MAX_LABELLED = 150;
const MAX_GROUPS = 60;
const MAX_NAMED = 5;
const MAX_LINES = 40;
/** More than a saved picture draws of a line. */
const MAX_LINE_POINTS = 400;
/** Points in the plane. */
function points(options) {
    const [groups, fewer] = (0, figure_1.firstOf)(options.groups, MAX_GROUPS, "group");
    for (const g of groups) {
        (0, figure_1.expectSameLength)(`points: group "${(0, label_1.nameText)(g.name)}"`, g.x, g.y);
        if (g.labels !== undefined && g.labels.length !== g.y.length)
            throw new Error(`points: group "${(0, label_1.nameText)(g.name)}": ` +
                `expected ${g.y.length} labels, got ${g.labels.length}`);
    }
    const named = groups.some((g) => Array.prototype.some.call(g.x, (v) => typeof v === "string"));
    const { labels, places } = named
        ? (0, figure_1.placesOf)(groups.map((g) => g.x))
        : { labels: undefined, places: groups.map((g) => g.x) };
    // Which points can be drawn, and which of them are.
    const fits = (v, { log }) => Math.abs(v) <= figure_1.LARGEST && (!log || v > 1 / figure_1.LARGEST);
    const lost = [];
    const drawable = groups.map((g, i) => {
        const kept = [];
        for (let k = 0; k < g.y.length; k++)
            if (fits(places[i][k], options.x) && fits(g.y[k], options.y))
                kept.push(k);
            else
                lost.push(g.labels ? `"${(0, label_1.labelText)(g.labels[k])}"` : "");
        return kept;
    });
    const total = drawable.reduce((sum, kept) => sum + kept.length, 0);
    const shown = drawable.map((kept, i) => sample(kept, Math.ceil((MAX_POINTS * kept.length) / Math.max(total, MAX_POINTS)), [
        places[i],
        groups[i].y,
    ]));
    const drawn = shown.reduce((sum, kept) => sum + kept.length, 0);
    const withLabels = shown.reduce((n, kept, i) => n + (groups[i].labels ? kept.length : 0), 0);
    const letters = withLabels > MAX_LABELLED ? label_1.FEW_LETTERS : undefined;
    const marks = groups.map((g, i) => ({
        mark: "points",
        name: (0, label_1.nameText)(g.name),
        color: (0, figure_1.colorOf)("points", i, g.color),
        x: shown[i].map((k) => (0, figure_1.short)(places[i][k], 7)),
        y: shown[i].map((k) => (0, figure_1.short)(g.y[k])),
        ...(g.labels ? { labels: shown[i].map((k) => (0, label_1.labelText)(g.labels[k], letters)) } : {}),
        labelled: withLabels <= MAX_LABELLED,
    }));
    const [given, fewerLines] = (0, figure_1.firstOf)(options.lines ?? [], MAX_LINES, "line");
    const lines = given.map((l, i) => lineOf(l, groups.length + i));
    const all = [...lines, ...marks]; // points lie on top of lines
    const { baselines = [], thresholds = [] } = options;
    const { levels, notes } = (0, figure_1.makeLevels)(baselines, thresholds, options.y.log ?? false);
    const ys = (0, figure_1.extent)([...all.flatMap((m) => m.y), ...levels.map((l) => l.y)]);
    const room = [0.06, 0.06];
    const y = (0, figure_1.makeAxis)("points", options.y, ys, room);
    return {
        kind: "points",
        ...(0, figure_1.texts)(options, [
            ...fewer,
            ...fewerLines,
            ...(drawn < total ? [`${(0, label_1.count)(drawn, "point", `of ${(0, label_1.count)(total, "point")}`)}.`] : []),
            ...(withLabels > MAX_LABELLED
                ? [`With more than ${MAX_LABELLED} points, point at one to see its label.`]
                : []),
            ...withoutPlace(lost),
            ...notes,
            ...(0, figure_1.outside)(levels, y),
        ]),
        x: labels
            ? (0, figure_1.namedAxis)(options.x.title, labels)
            : (0, figure_1.makeAxis)("points", options.x, (0, figure_1.extent)(all.flatMap((m) => m.x)), room),
        y,
        marks: all,
        levels,
        words: [],
    };
}
exports.points = points;
function lineOf(line, i) {
    const { name, x, y, dash = "solid", color, marker = false } = line;
    (0, figure_1.expectSameLength)(`points: line "${(0, label_1.nameText)(name)}"`, x, y);
    const finite = (v, k) => v !== null && Math.abs(v) + Math.abs(x[k]) <= figure_1.LARGEST;
    const few = (0, curves_1.thin)(Array.from(x, (v) => (Number.isFinite(v) ? (0, figure_1.short)(v) : 0)), Array.from(y, (v, k) => (finite(v, k) ? (0, figure_1.short)(v) : null)), MAX_LINE_POINTS);
    return {
        ...{ mark: "line", name: (0, label_1.nameText)(name), color: (0, figure_1.colorOf)("points", i, color) },
        ...{ dash, dots: marker, ...few },
    };
}
function withoutPlace(lost) {
    if (lost.length === 0)
        return [];
    const names = lost.filter((name) => name !== "");
    const some = names.slice(0, MAX_NAMED).join(", ");
    const rest = names.length > MAX_NAMED ? " and others" : "";
    const who = some === "" ? "" : ` (${some}${rest})`;
    return [`${(0, label_1.count)(lost.length, "point has", "points have")} no place on these axes${who}.`];
}
/**
 * An even sample, in order, with the extremes of both coordinates. It is drawn by a hash of the
 * index: every tenth point would see the pattern of data that repeat.
 */
function sample(kept, limit, coordinates) {
    if (kept.length <= limit)
        return kept;
    const chosen = new Set();
    for (const values of coordinates) {
        let [low, high] = [kept[0], kept[0]];
        for (const k of kept) {
            if (values[k] < values[low])
                low = k;
            if (values[k] > values[high])
                high = k;
        }
        chosen.add(low).add(high);
    }
    const hashed = (k) => Math.imul(k + 1, 0x9e3779b1) >>> 0; // Knuth's multiplicative hash
    for (const k of [...kept].sort((a, b) => hashed(a) - hashed(b))) {
        if (chosen.size >= limit)
            break;
        chosen.add(k);
    }
    return [...chosen].sort((a, b) => a - b);
}
