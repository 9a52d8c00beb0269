"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.faultOf = void 0;
/** Boxes may touch by this much, in pixels. */
const TOUCH = 1;
/** @returns a sentence for the first fault, or undefined */
function faultOf(nodes, edges, groups) {
    const words = [
        ...edges.flatMap(({ label, ids, labelBox }) => labelBox ? [{ name: `the label "${label}" (${ids.join(" → ")})`, box: labelBox }] : []),
        ...groups.flatMap((group) => group.words.map(({ text, box }) => ({ name: `the title "${text}"`, box }))),
    ];
    const all = [...nodes.map(({ id, box }) => ({ name: `"${id}"`, box })), ...words];
    for (const [i, a] of all.entries())
        for (const b of all.slice(i + 1)) {
            const by = overlap(a.box, b.box);
            if (by)
                return `expected ${a.name} and ${b.name} apart, got an overlap of ${by} pixels`;
        }
    for (const edge of edges) {
        const through = crossed(edge, nodes, words);
        if (through)
            return `expected the arrow ${edge.ids.join(" → ")} to keep clear of ${through}, got a crossing`;
    }
    for (const group of groups)
        for (const { id, box } of nodes)
            if (!group.nodes.includes(id) && overlap(box, group.box))
                return `expected "${id}" outside the group "${group.title}", got an overlap`;
    return undefined;
}
exports.faultOf = faultOf;
function overlap(a, b) {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const tall = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide <= TOUCH || tall <= TOUCH)
        return undefined;
    return `${Math.round(wide)} × ${Math.round(tall)}`;
}
function crossed(edge, nodes, words) {
    const inside = (box, room) => edge.sampled.some(([x, y]) => x > box.left + room && x < box.right - room && y > box.top + room && y < box.bottom - room);
    const node = nodes.find(({ box, kind }) => inside(box, kind === "circle" ? 3 : TOUCH));
    if (node)
        return `"${node.id}"`;
    return words.find(({ box }) => inside(box, TOUCH))?.name;
}
