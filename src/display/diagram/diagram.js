"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.diagram = exports.WIDEST = void 0;
// Drawings of mechanisms: boxes, arrows with the shapes of the tensors on them, groups. The author
// gives places on a grid and says what an arrow joins; sizes, routes and words are worked out here,
// and a drawing in which something overlaps is refused. It is one picture in the colours of the
// page, light or dark, with its description for those who do not see it.
const geometry_1 = require("../geometry");
const label_1 = require("../label");
const style_1 = require("../style");
const xml_1 = require("../xml");
const check_1 = require("./check");
const mathText_1 = require("./mathText");
const routes_1 = require("./routes");
const shapes_1 = require("./shapes");
/** The column of a notebook. */
exports.WIDEST = 760;
const LEAST_FOR_WORDS = 560;
const MARGIN = 14;
const GROUP = { pad: 12, title: 24 };
const CAPTION_LINE = 19;
const LEAST_ALT = 20;
/**
 * A drawing of a mechanism, for `plot`. Places are columns and rows, parts allowed.
 *
 *     plot(diagram({
 *       alt: "The input x_t and the last state h_{t−1} enter the cell; it gives the state h_t.",
 *       nodes: [
 *         { id: "x", at: [0, 1], text: "x_t", tone: "data" },
 *         { id: "cell", at: [1, 1], text: "cell", note: "W, U, b", tone: "weights" },
 *         { id: "h", at: [2, 1], text: "h_t", tone: "state" },
 *       ],
 *       edges: [
 *         { from: "x", to: "cell", label: "(B, I)" },
 *         { from: "cell", to: "h", label: "(B, H)" },
 *         { from: "cell.top", to: "cell", route: "loop", label: "h_{t−1}", tone: "state" },
 *       ],
 *     }));
 *
 * @throws {Error} without a description of at least 20 characters; where an id is used twice or
 *   names no node; where boxes, words or arrows overlap; where the drawing is wider than 760 pixels
 */
function diagram(options) {
    const { edges = [], grid = [130, 80], title = "", caption = "" } = options;
    const alt = (0, label_1.sentence)(options.alt);
    if (alt.length < LEAST_ALT)
        throw new Error(`diagram: expected alt, a description of at least ${LEAST_ALT} characters, got "${alt}"`);
    const nodes = placeNodes(options.nodes, grid);
    const byId = new Map(nodes.map((node) => [node.id, node]));
    const arrows = edges.map((edge) => (0, routes_1.placeEdge)(edge, byId, grid));
    const groups = placeGroups(options.groups ?? [], byId, arrows);
    const fault = (0, check_1.faultOf)(nodes, arrows, groups);
    if (fault)
        throw new Error(`diagram: ${fault}`);
    const bounds = around([
        ...nodes.map(({ box }) => box),
        ...groups.map(({ box }) => box),
        ...arrows.flatMap(({ sampled, labelBox }) => [
            ...sampled.map(dot),
            ...(labelBox ? [labelBox] : []),
        ]),
    ]);
    const drawn = [
        ...groups.map((group, i) => drawGroup(group, options.groups?.[i].tone)),
        ...arrows.map(drawArrow),
        ...nodes.map(shapes_1.drawNode),
        ...arrows.map(drawLabel),
    ].join("");
    const page = pageOf(bounds, drawn, {
        title: (0, label_1.sentence)(title, 200),
        caption: (0, label_1.sentence)(caption),
        legend: options.legend ? tonesOf(options) : [],
        alt: (0, mathText_1.plainText)(alt),
    });
    if (page.width > exports.WIDEST)
        throw new Error(`diagram: expected at most ${exports.WIDEST} pixels in width, got ${page.width}: ` +
            "fewer columns, shorter texts, or a smaller grid");
    return {
        kind: "diagram",
        alt: (0, mathText_1.plainText)(alt),
        title: (0, label_1.sentence)(title, 200),
        caption: (0, label_1.sentence)(caption),
        ...page,
    };
}
exports.diagram = diagram;
function placeNodes(given, grid) {
    if (given.length === 0)
        throw new Error("diagram: expected at least one node, got none");
    const seen = new Set();
    return given.map((node) => {
        if (seen.has(node.id))
            throw new Error(`diagram: expected ids of one node each, got two "${node.id}"`);
        seen.add(node.id);
        const placed = (0, shapes_1.placeNode)(node, grid);
        const fault = (0, shapes_1.tooWide)(placed);
        if (fault)
            throw new Error(`diagram: ${fault}`);
        return placed;
    });
}
const dot = ([x, y]) => ({ left: x - 2, right: x + 2, top: y - 2, bottom: y + 2 });
function around(boxes) {
    return {
        left: Math.min(...boxes.map((box) => box.left)),
        right: Math.max(...boxes.map((box) => box.right)),
        top: Math.min(...boxes.map((box) => box.top)),
        bottom: Math.max(...boxes.map((box) => box.bottom)),
    };
}
/** A group holds its nodes, the arrows among them, and the groups within it. */
function placeGroups(given, nodes, arrows) {
    const placed = new Map();
    for (const group of [...given].sort((a, b) => a.nodes.length - b.nodes.length)) {
        const members = group.nodes.map((id) => {
            const node = nodes.get(id);
            if (node)
                return node.box;
            throw new Error(`diagram: expected nodes in the group "${group.title}", got "${id}"`);
        });
        const within = [...placed]
            .filter(([other]) => other.nodes.every((id) => group.nodes.includes(id)))
            .map(([, { box }]) => box);
        const inner = arrows.filter(({ ids }) => ids.every((id) => group.nodes.includes(id)));
        const paths = inner.flatMap(({ sampled, labelBox }) => [
            ...sampled.map(dot),
            ...(labelBox ? [labelBox] : []),
        ]);
        placed.set(group, placeGroup(group, around([...members, ...within, ...paths])));
    }
    // Outer groups are drawn first.
    return given.map((group) => placed.get(group));
}
function placeGroup({ title, times, nodes }, inner) {
    const [wide, right] = [(0, mathText_1.mathWidth)(title, shapes_1.NOTE), times ? (0, mathText_1.mathWidth)(times, shapes_1.NOTE) + 10 : 0];
    const missing = Math.max(0, wide + right + 4 - (inner.right - inner.left));
    const box = {
        left: inner.left - GROUP.pad - missing / 2,
        right: inner.right + GROUP.pad + missing / 2,
        top: inner.top - GROUP.title - 4,
        bottom: inner.bottom + GROUP.pad,
    };
    const y = { top: box.top + 4, bottom: box.top + 4 + 17 };
    const left = { left: box.left + 9, right: box.left + 9 + wide, ...y };
    const words = [{ text: title, box: left, anchor: "start" }];
    if (times)
        words.push({
            text: times,
            box: { left: box.right - 9 - (0, mathText_1.mathWidth)(times, shapes_1.NOTE), right: box.right - 9, ...y },
            anchor: "end",
        });
    return { title, nodes, box, words };
}
function drawGroup({ box, words }, tone = "plain") {
    const size = { width: box.right - box.left, height: box.bottom - box.top };
    const paint = { fill: style_1.toneColors[tone], "fill-opacity": 0.07, stroke: style_1.toneColors[tone] };
    const frame = { x: box.left, y: box.top, ...size, rx: 9, "stroke-dasharray": "5 4", ...paint };
    const titles = words.map(({ text, box: place, anchor }) => (0, mathText_1.mathText)(text, anchor === "start" ? place.left : place.right, (0, shapes_1.middleOf)(place).y, {
        size: shapes_1.NOTE,
        anchor,
        bold: true,
    }));
    return (0, xml_1.element)("rect", frame) + titles.join("");
}
const HEAD = { length: 8, half: 4 };
const CORNER = 9;
function drawArrow({ points, curved, sampled, arrow = true, dashed, tone = "plain" }) {
    const color = style_1.toneColors[tone];
    const tip = points[points.length - 1];
    // The direction of the last pixels: a curve bends until its end.
    const before = curved ? sampled[sampled.length - 4] : points[points.length - 2];
    const length = Math.hypot(tip[0] - before[0], tip[1] - before[1]) || 1;
    const [ux, uy] = [(tip[0] - before[0]) / length, (tip[1] - before[1]) / length];
    const neck = [tip[0] - ux * HEAD.length, tip[1] - uy * HEAD.length];
    const stop = arrow
        ? [tip[0] - ux * (HEAD.length - 2), tip[1] - uy * (HEAD.length - 2)]
        : tip;
    const whole = [...points.slice(0, -1), stop];
    const line = {
        d: curved
            ? `M${(0, xml_1.at)(...whole[0])}C${whole
                .slice(1)
                .map((p) => (0, xml_1.at)(...p))
                .join(" ")}`
            : rounded(whole),
        fill: "none",
        stroke: color,
        "stroke-width": 1.8,
        ...(dashed ? { "stroke-dasharray": "6 4" } : {}),
    };
    const side = (s) => (0, xml_1.at)(neck[0] - uy * HEAD.half * s, neck[1] + ux * HEAD.half * s);
    const head = arrow
        ? (0, xml_1.element)("path", { d: `M${(0, xml_1.at)(...tip)}L${side(1)}L${side(-1)}z`, fill: color })
        : "";
    return (0, xml_1.element)("path", line) + head;
}
/** Lines with round corners. */
function rounded(points) {
    return points
        .map((point, i) => {
        if (i === 0)
            return `M${(0, xml_1.at)(...point)}`;
        const next = points[i + 1];
        if (next === undefined)
            return `L${(0, xml_1.at)(...point)}`;
        const towards = (other) => {
            const [dx, dy] = [other[0] - point[0], other[1] - point[1]];
            const far = Math.hypot(dx, dy) || 1;
            const r = Math.min(CORNER, far / 2);
            return [point[0] + (dx / far) * r, point[1] + (dy / far) * r];
        };
        return `L${(0, xml_1.at)(...towards(points[i - 1]))}Q${(0, xml_1.at)(...point)} ${(0, xml_1.at)(...towards(next))}`;
    })
        .join("");
}
function drawLabel({ label, labelBox }) {
    if (!label || !labelBox)
        return "";
    const { x, y } = (0, shapes_1.middleOf)(labelBox);
    return (0, mathText_1.mathText)((0, label_1.sentence)(label), x, y, { size: shapes_1.NOTE });
}
const MEANINGS = {
    data: "data",
    weights: "learned",
    state: "remembered",
    loss: "loss and gradients",
    words: "text and tokens",
    plain: "",
};
function tonesOf({ nodes, edges = [], groups = [] }) {
    const used = new Set([...nodes, ...edges, ...groups].map(({ tone }) => tone));
    return Object.keys(MEANINGS).filter((tone) => used.has(tone) && MEANINGS[tone]);
}
/** The drawing in the middle of its page; title above, legend and caption below. */
function pageOf(bounds, drawn, { title, caption, legend, alt }) {
    const wide = bounds.right - bounds.left + 2 * MARGIN;
    const width = Math.ceil(Math.max(wide, title || caption ? LEAST_FOR_WORDS : 0));
    const top = title === "" ? MARGIN : 38;
    const tall = bounds.bottom - bounds.top;
    const lines = (0, style_1.wrap)(caption, width - 2 * MARGIN, geometry_1.SIZE.caption);
    let below = top + tall + MARGIN;
    const shift = `translate(${(0, xml_1.at)((width - wide) / 2 + MARGIN - bounds.left, top - bounds.top)})`;
    const body = [
        (0, xml_1.svgText)(title, {
            x: MARGIN,
            y: 24,
            "font-size": geometry_1.SIZE.title,
            "font-weight": 600,
            ...(0, xml_1.filled)("ink"),
        }),
        (0, xml_1.element)("g", { transform: shift }, drawn),
    ];
    if (legend.length > 0) {
        body.push(drawLegend(legend, below + 8));
        below += 24;
    }
    for (const [i, line] of lines.entries()) {
        const place = { x: MARGIN, y: below + 14 + i * CAPTION_LINE, "font-size": geometry_1.SIZE.caption };
        body.push((0, xml_1.svgText)(line, { ...place, ...(0, xml_1.filled)("ink") }));
    }
    const height = Math.ceil(below + (lines.length > 0 ? lines.length * CAPTION_LINE + 8 : 0));
    return { width, height, svg: (0, xml_1.svgPage)(width, height, alt, body.join("")) };
}
function drawLegend(tones, y) {
    let x = MARGIN;
    return tones
        .map((tone) => {
        const paint = { fill: style_1.toneColors[tone], "fill-opacity": 0.16, stroke: style_1.toneColors[tone] };
        const sample = (0, xml_1.element)("rect", { x, y: y - 6, width: 16, height: 12, rx: 3, ...paint });
        const style = { size: shapes_1.NOTE, anchor: "start" };
        const text = (0, mathText_1.mathText)(MEANINGS[tone], x + 22, y, style);
        x += 22 + (0, mathText_1.mathWidth)(MEANINGS[tone], shapes_1.NOTE) + 18;
        return sample + text;
    })
        .join("");
}
