// Draws docs/architecture.svg from the first table of docs/architecture.md; run it after a change
// there: `node tools/architecture.mjs`. A room is a box on its floor, an arrow says "stands on".
// Arrows that a longer way implies are left out, and so are those to the two rooms that nearly
// everything stands on, which are drawn as the ground. A test checks the table against the imports,
// and the drawing against the table.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isMain, root } from "./kit.mjs";

/**
 * The tables of a page whose first column is "floor": for each row { floor, room, holds, on }.
 * @returns an array of tables
 */
export function readTables(markdown) {
  const tables = [];
  for (const line of markdown.split("\n")) {
    if (line.startsWith("| floor |")) tables.push([]);
    const cells = line.split("|").map((cell) => cell.trim());
    if (!/^\d+$/.test(cells[1] ?? "") || tables.length === 0) continue;
    const names = (cell) => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]);
    const [room] = names(cells[2]);
    tables.at(-1).push({ floor: Number(cells[1]), room, holds: cells[3], on: names(cells[4]) });
  }
  return tables;
}

/** The arrows that no longer way implies: room → what it stands on. */
export function withoutDetours(rooms) {
  const on = new Map(rooms.map((room) => [room.room, room.on]));
  const below = (name) => {
    const direct = on.get(name) ?? [];
    return new Set([...direct, ...direct.flatMap((next) => [...below(next)])]);
  };
  return new Map(
    rooms.map(({ room, on }) => [
      room,
      on.filter((name) => !on.some((other) => other !== name && below(other).has(name))),
    ]),
  );
}

/** Nearly everything stands on these: they are drawn as ground, without arrows. */
const GROUND = ["engine", "random"];
const WIDTH = 1000;
const BOX = { width: 142, height: 46 };
const STOREY = 84;
const TOP = 20;
/**
 * Middles of the boxes, found by trying so that few arrows cross or pass behind a box; a room that
 * has none yet stands where its floor is free.
 */
const MIDDLE = {
  cli: 459,
  pretrain: 419,
  inference: 219,
  rnn: 879,
  course: 679,
  gpt: 179,
  train: 539,
  transformer: 99,
  optim: 299,
  display: 699,
  ops: 90,
  sampling: 739,
  checkpoint: 579,
  data: 899,
  ngram: 419,
  tokenizer: 250,
  attention: 90,
  params: 399,
  files: 599,
};
// Dark enough for white letters (4.5 : 1 and more), so that the picture reads on light and dark
// pages.
const COLOURS = {
  model: "#005A8C",
  learning: "#8A3F00",
  text: "#00664B",
  base: "#5F5F5F",
  course: "#7A3E66",
};
const KIND = {
  inference: "model",
  gpt: "model",
  transformer: "model",
  attention: "model",
  rnn: "model",
  pretrain: "learning",
  train: "learning",
  optim: "learning",
  checkpoint: "learning",
  data: "text",
  ngram: "text",
  tokenizer: "text",
  sampling: "text",
  course: "course",
  display: "course",
  cli: "course",
};
const INK = "#757575"; // readable on white and on near-black, as in src/display/style.ts
const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

/** The drawing of one table, as SVG with a description for those who cannot see it. */
export function draw(rooms) {
  const floors = Math.max(...rooms.map(({ floor }) => floor));
  const place = new Map();
  const known = rooms.filter(({ room }) => MIDDLE[room] !== undefined);
  for (const { room, floor } of [...known, ...rooms.filter((room) => !known.includes(room))]) {
    const y = TOP + (floors - floor) * STOREY;
    const taken = [...place.values()].filter((other) => other.y === y).map(({ x }) => x);
    place.set(room, { x: MIDDLE[room] ?? freeMiddle(taken), y });
  }
  const arrows = [...withoutDetours(rooms)].flatMap(([room, on]) =>
    on.filter((name) => !GROUND.includes(name)).map((name) => ({ from: room, to: name })),
  );
  const height = TOP + (floors - 1) * STOREY + BOX.height + 20;
  const said = rooms
    .filter(({ on }) => on.length)
    .map(({ room, on }) => `${room} stands on ${on.join(", ")}`);
  const title =
    "The rooms of src, floor by floor, from the engine at the bottom to the commands at the top";
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
  const tip =
    '<marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" ' +
    `orient="auto"><path d="M0 0L8 4L0 8z" fill="${INK}"/></marker>`;
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-labelledby="title desc"`,
    `font-family="${FONT}">`,
    `<title id="title">${title}</title>`,
    `<desc id="desc">${said.join("; ")}.</desc>`,
    `<defs>${tip}</defs>`,
    ...arrows.map((arrow) => line(arrow, arrows, place)),
    ...rooms.map((room) => box(room, place.get(room.room))),
    "</svg>",
  ].join("\n")}\n`;
}

/** The place on a floor that is farthest from the boxes that stand there. */
function freeMiddle(taken) {
  const edge = BOX.width / 2 + 8;
  const distance = (x) => Math.min(...taken.map((other) => Math.abs(other - x)));
  const places = Array.from({ length: 43 }, (_, i) => edge + (i * (WIDTH - 2 * edge)) / 42);
  return places.reduce((best, x) => (distance(x) > distance(best) ? x : best));
}

/**
 * An arrow from the lower edge of a box to the upper edge of another; arrows share an edge evenly.
 */
function line({ from, to }, arrows, place) {
  const [a, b] = [place.get(from), place.get(to)];
  const spread = (mine, others, middle) => {
    const sorted = others.sort((one, two) => place.get(one).x - place.get(two).x);
    const step = Math.min(26, (BOX.width - 24) / Math.max(1, sorted.length - 1));
    return middle + (sorted.indexOf(mine) - (sorted.length - 1) / 2) * step;
  };
  const x1 = spread(
    to,
    arrows.filter((one) => one.from === from).map((one) => one.to),
    a.x,
  );
  const x2 = spread(
    from,
    arrows.filter((one) => one.to === to).map((one) => one.from),
    b.x,
  );
  const [y1, y2] = [a.y + BOX.height, b.y];
  const bend = Math.min(70, (y2 - y1) / 2);
  const path = `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2 - 1}`;
  const style = `fill="none" stroke="${INK}" stroke-width="1.3"`;
  return `<path d="${path}" ${style} marker-end="url(#tip)"/>`;
}

function box({ room, holds }, { x, y }) {
  const ground = GROUND.includes(room);
  const [left, width] = ground ? [12, WIDTH - 24] : [x - BOX.width / 2, BOX.width];
  const middle = left + width / 2;
  const caption = ground ? `${holds} · all above may use it` : holds.split(/[:,]/)[0];
  const fill = COLOURS[KIND[room] ?? "base"];
  const text = (dy, style, words) =>
    `<text x="${middle}" y="${y + dy}" text-anchor="middle" fill="#fff" ${style}>${words}</text>`;
  return [
    `<rect x="${left}" y="${y}" width="${width}" height="${BOX.height}" rx="5" fill="${fill}"/>`,
    text(20, 'font-size="14" font-weight="600"', room),
    text(36, 'font-size="11"', caption),
  ].join("");
}

const PAGE = join(root, "docs", "architecture.md");
export const DRAWING = join(root, "docs", "architecture.svg");

/** The drawing that belongs to the page as it is. */
export const drawing = () => draw(readTables(readFileSync(PAGE, "utf8"))[0]);

if (isMain(import.meta.url)) writeFileSync(DRAWING, drawing());
