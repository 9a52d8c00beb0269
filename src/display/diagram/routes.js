"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.placeEdge = void 0;
const mathText_1 = require("./mathText");
const shapes_1 = require("./shapes");
const OUT = { left: [-1, 0], right: [1, 0], top: [0, -1], bottom: [0, 1] };
const LOOP = 40;
/** A label keeps this much from its arrow. */
const LABEL_GAP = 5;
const LABEL_HEIGHT = 16;
/** @throws {Error} where an end names no node */
function placeEdge(edge, nodes, [pitchX, pitchY]) {
    const via = (edge.via ?? []).map(([c, r]) => [c * pitchX, r * pitchY]);
    const [from, to] = [parse(edge.from, nodes), parse(edge.to, nodes)];
    const curved = edge.route === "curve" || edge.route === "loop";
    const points = edge.route === "loop" ? loop(from, to) : through(edge, from, to, via);
    const sampled = curved ? alongCurve(points) : alongLines(points);
    const placed = { ...edge, ids: [from.node.id, to.node.id] };
    const labelBox = edge.label ? placeLabel(edge, sampled, curved ? sampled : points) : undefined;
    return { ...placed, points, curved, sampled, ...(labelBox ? { labelBox } : {}) };
}
exports.placeEdge = placeEdge;
function parse(end, nodes) {
    const [, id, side, share] = /^(.+?)(?:\.(left|right|top|bottom)(?::(\d*\.?\d+))?)?$/.exec(end) ?? [];
    const node = nodes.get(id ?? "");
    if (node === undefined)
        throw new Error(`diagram: expected arrows between nodes (${[...nodes.keys()].join(", ")}), got "${end}"`);
    return {
        node,
        ...(side ? { side: side } : {}),
        ...(share ? { share: Math.min(1, Number(share)) } : {}),
    };
}
function onSide({ box }, side, share = 0.5) {
    const x = box.left + share * (box.right - box.left);
    const y = box.top + share * (box.bottom - box.top);
    return side === "left"
        ? [box.left, y]
        : side === "right"
            ? [box.right, y]
            : side === "top"
                ? [x, box.top]
                : [x, box.bottom];
}
/** The sides on which two nodes face each other. */
function facing(a, b) {
    const across = Math.max(b.left - a.right, a.left - b.right);
    const down = Math.max(b.top - a.bottom, a.top - b.bottom);
    if (across >= down)
        return b.left >= a.right ? ["right", "left"] : ["left", "right"];
    return b.top >= a.bottom ? ["bottom", "top"] : ["top", "bottom"];
}
function through(edge, from, to, via) {
    const point = ([x, y]) => (0, shapes_1.boxAround)(x, y, 0, 0);
    const [first, last] = [via[0], via[via.length - 1]];
    const [sideA] = facing(from.node.box, first ? point(first) : to.node.box);
    const [, sideB] = facing(last ? point(last) : from.node.box, to.node.box);
    const elbowSides = edge.route === "elbow" && via.length === 0 ? corner(from, to) : undefined;
    const a = end(from, from.side ?? elbowSides?.[0] ?? sideA);
    const b = end(to, to.side ?? elbowSides?.[1] ?? sideB);
    if (via.length > 0)
        return [a.point, ...via, b.point];
    if (edge.route === "elbow")
        return elbow(a, b);
    if (edge.route === "curve")
        return curve(a, b);
    return aligned(a, b, from.share === undefined, to.share === undefined);
}
const end = ({ node, share }, side) => ({
    node,
    side,
    point: onSide(node, side, share),
});
/** Of an elbow without sides: out to the left or right, then up or down, where that is one bend. */
function corner({ node: a }, { node: b }) {
    const [from, to] = [(0, shapes_1.middleOf)(a.box), (0, shapes_1.middleOf)(b.box)];
    const beside = to.x > a.box.right + 8 || to.x < a.box.left - 8;
    const above = from.y > b.box.bottom + 8 || from.y < b.box.top - 8;
    if (!beside || !above)
        return undefined;
    return [to.x > from.x ? "right" : "left", to.y > from.y ? "top" : "bottom"];
}
const level = (side) => side === "left" || side === "right";
/** A straight arrow runs level or upright where both nodes have a place for that. */
function aligned(a, b, freeA, freeB) {
    if (level(a.side) !== level(b.side))
        return [a.point, b.point];
    const i = level(a.side) ? 1 : 0;
    const [low, high] = level(a.side) ? ["top", "bottom"] : ["left", "right"];
    const reach = ({ node }, at) => at >= node.box[low] + 4 && at <= node.box[high] - 4;
    const [p, q] = [[...a.point], [...b.point]];
    if (freeB && reach(b, p[i]) && (!freeA || size(a) <= size(b)))
        q[i] = p[i];
    else if (freeA && reach(a, q[i]))
        p[i] = q[i];
    else if (freeB && reach(b, p[i]))
        q[i] = p[i];
    return [p, q];
    function size({ node }) {
        return node.box[high] - node.box[low];
    }
}
const GAP = 18;
function elbow({ point: p, side: out }, { point: q, side: into }) {
    if (level(out) && !level(into))
        return [p, [q[0], p[1]], q];
    if (!level(out) && level(into))
        return [p, [p[0], q[1]], q];
    const i = level(out) ? 0 : 1;
    const far = out === into ? (OUT[out][i] > 0 ? Math.max : Math.min)(p[i], q[i]) : undefined;
    const middle = far === undefined ? (p[i] + q[i]) / 2 : far + OUT[out][i] * GAP;
    if (Math.abs(p[1 - i] - q[1 - i]) < 0.5 && far === undefined)
        return [p, q];
    const at = ([x, y]) => (level(out) ? [middle, y] : [x, middle]);
    return [p, at(p), at(q), q];
}
function curve({ point: p, side: out }, { point: q, side: into }) {
    const reach = Math.max(24, Math.hypot(q[0] - p[0], q[1] - p[1]) * 0.42);
    const beyond = ([x, y], side) => [
        x + OUT[side][0] * reach,
        y + OUT[side][1] * reach,
    ];
    return [p, beyond(p, out), beyond(q, into), q];
}
/** Out of one side and back into it. */
function loop(from, to) {
    const side = from.side ?? "top";
    const p = onSide(from.node, side, from.share ?? 0.28);
    const q = onSide(to.node, to.side ?? side, to.share ?? 0.72);
    const [dx, dy] = [OUT[side][0] * LOOP, OUT[side][1] * LOOP];
    const wide = level(side) ? [0, 14] : [14, 0];
    return [
        p,
        [p[0] + dx - wide[0], p[1] + dy - wide[1]],
        [q[0] + dx + wide[0], q[1] + dy + wide[1]],
        q,
    ];
}
function alongLines(points) {
    return points.slice(1).flatMap(([x2, y2], i) => {
        const [x1, y1] = points[i];
        const steps = Math.max(2, Math.ceil(Math.hypot(x2 - x1, y2 - y1) / 3));
        return Array.from({ length: steps + 1 }, (_, k) => {
            const t = k / steps;
            return [x1 + (x2 - x1) * t, y1 + (y2 - y1) * t];
        });
    });
}
function alongCurve([a, b, c, d]) {
    return Array.from({ length: 61 }, (_, k) => {
        const t = k / 60;
        const u = 1 - t;
        const at = (i) => u * u * u * a[i] + 3 * u * u * t * b[i] + 3 * u * t * t * c[i] + t * t * t * d[i];
        return [at(0), at(1)];
    });
}
/** Beside the longest part of the arrow, or beside the point at `labelAt`. */
function placeLabel(edge, sampled, corners) {
    const [[x, y], along] = spotOf(edge.labelAt, sampled, corners);
    const width = (0, mathText_1.mathWidth)(edge.label ?? "", shapes_1.NOTE);
    const flat = Math.abs(along[0]) >= Math.abs(along[1]) * 0.8;
    const side = edge.labelSide ?? (flat ? "above" : "right");
    const [w, h] = [width / 2 + LABEL_GAP, LABEL_HEIGHT / 2 + LABEL_GAP - 2];
    const shift = { above: [0, -h], below: [0, h], left: [-w, 0], right: [w, 0] }[side];
    return (0, shapes_1.boxAround)(x + shift[0], y + shift[1], width, LABEL_HEIGHT);
}
function spotOf(share, sampled, corners) {
    if (share === undefined && corners.length < 10) {
        const parts = corners.slice(1).map((q, i) => [corners[i], q]);
        const length = ([p, q]) => Math.hypot(q[0] - p[0], q[1] - p[1]);
        const [p, q] = parts.reduce((a, b) => (length(b) > length(a) + 0.5 ? b : a));
        return [
            [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2],
            [q[0] - p[0], q[1] - p[1]],
        ];
    }
    const i = Math.round(Math.min(1, Math.max(0, share ?? 0.5)) * (sampled.length - 1));
    const [before, after] = [
        sampled[Math.max(0, i - 1)],
        sampled[Math.min(sampled.length - 1, i + 1)],
    ];
    return [sampled[i], [after[0] - before[0], after[1] - before[1]]];
}
