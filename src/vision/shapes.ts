// Drawn shapes with captions: pictures whose content is known, for lesson 29 (long context and
// images). A scene has one object or two (left and right), each with a colour and a shape;
// place, size, background and noise are drawn at random and never named. Four pairs of colour
// and shape never occur in training: a model that has learnt colours and shapes, and not pairs
// by heart, recognises them all the same. Idea: CLEVR (Johnson et al., 2017) and its split by
// combinations; the rasteriser is our own. Left out: overlaps, textures, three dimensions.
import type { Random } from "../random";

export const colours = ["red", "green", "blue", "yellow", "purple", "white"] as const;
export const shapes = ["circle", "square", "triangle", "cross"] as const;
export type Colour = (typeof colours)[number];
export type Shape = (typeof shapes)[number];

/** What is said of an object. */
export interface Thing {
  colour: Colour;
  shape: Shape;
}

/** Pairs of colour and shape that no training picture has; each shape is in one. */
export const heldOut: readonly (readonly [Colour, Shape])[] = [
  ["red", "triangle"],
  ["green", "cross"],
  ["blue", "circle"],
  ["yellow", "square"],
];

export const isHeldOut = ({ colour, shape }: Thing): boolean =>
  heldOut.some(([c, s]) => c === colour && s === shape);

/** All things, or only those that training has, or has not. */
export function things(part: "all" | "train" | "held out" = "all"): Thing[] {
  return colours
    .flatMap((colour) => shapes.map((shape): Thing => ({ colour, shape })))
    .filter((thing) => part === "all" || isHeldOut(thing) === (part === "held out"));
}

/** An object with its place: centre and radius in shares of the picture's width. */
export interface Placed extends Thing {
  x: number;
  y: number;
  radius: number;
}

/** A picture before it is drawn. */
export interface Scene {
  objects: Placed[];
  /** Grey of the background, 0 to 1. */
  background: number;
}

export interface DrawSceneOptions {
  /** Which things may occur. */
  from: readonly Thing[];
  /** How many objects: drawn at random if absent. */
  count?: 1 | 2;
  rng: Random;
}

/** One object anywhere, or two side by side. */
export function drawScene({ from, count, rng }: DrawSceneOptions): Scene {
  const n = count ?? (rng.uniform() < 0.5 ? 1 : 2);
  const between = (low: number, high: number) => low + (high - low) * rng.uniform();
  const objects = Array.from({ length: n }, (_, i): Placed => {
    const thing = from[rng.integer(from.length)];
    const radius = between(0.17, 0.22);
    const [left, right] = n === 1 ? [radius, 1 - radius] : i === 0 ? [0.22, 0.27] : [0.73, 0.78];
    return { ...thing, radius, x: between(left, right), y: between(radius, 1 - radius) };
  });
  return { objects, background: between(0.1, 0.3) };
}

/** Things at fixed places: one in the middle, two side by side. @throws for more than two */
export function sceneOf(list: readonly Thing[]): Scene {
  if (list.length < 1 || list.length > 2)
    throw new Error(`sceneOf: expected one thing or two, got ${list.length}`);
  const places = list.length === 1 ? [0.5] : [0.25, 0.75];
  const objects = list.map((thing, i) => ({ ...thing, x: places[i], y: 0.5, radius: 0.2 }));
  return { objects, background: 0.2 };
}

/** "a red circle and a blue square": the left one first. */
export const captionOf = (objects: readonly Thing[]): string =>
  objects.map(({ colour, shape }) => `a ${colour} ${shape}`).join(" and ");

const rgb: Record<Colour, [number, number, number]> = {
  red: [0.9, 0.2, 0.2],
  green: [0.2, 0.75, 0.3],
  blue: [0.25, 0.4, 0.95],
  yellow: [0.95, 0.85, 0.2],
  purple: [0.65, 0.3, 0.8],
  white: [0.95, 0.95, 0.95],
};

/** Whether a point, in radii from the centre and y downwards, is inside. */
const inside: Record<Shape, (x: number, y: number) => boolean> = {
  circle: (x, y) => x * x + y * y < 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.88,
  triangle: (x, y) => y < 0.75 && y > 2 * Math.abs(x) - 1,
  cross: (x, y) =>
    Math.max(Math.abs(x), Math.abs(y)) < 1 && Math.min(Math.abs(x), Math.abs(y)) < 0.34,
};

/**
 * Draws a scene: each pixel is the mean of 3 × 3 points.
 * @param options `side` S in pixels, 24 if absent; `noise` standard deviation of a normal number
 *   that is added to every channel, with `rng`; none if absent
 * @returns (S, S, 3), row by row, red, green, blue; 0 to 1 before the noise
 */
export function renderScene(
  { objects, background }: Scene,
  { side: S = 24, noise = 0, rng }: { side?: number; noise?: number; rng?: Random } = {},
): Float32Array {
  if (noise > 0 && !rng)
    throw new Error("renderScene: expected an rng to draw the noise from, got none");
  const pixels = new Float32Array(S * S * 3).fill(background);
  for (const { x, y, radius, colour, shape } of objects)
    for (let r = 0; r < S; r++)
      for (let c = 0; c < S; c++) {
        let hits = 0;
        for (let n = 0; n < 9; n++) {
          const [px, py] = [(c + ((n % 3) + 0.5) / 3) / S, (r + (Math.floor(n / 3) + 0.5) / 3) / S];
          if (inside[shape]((px - x) / radius, (py - y) / radius)) hits++;
        }
        for (let k = 0; k < 3 && hits > 0; k++) {
          const at = (r * S + c) * 3 + k;
          pixels[at] += (hits / 9) * (rgb[colour][k] - pixels[at]);
        }
      }
  if (rng && noise > 0) for (let i = 0; i < pixels.length; i++) pixels[i] += noise * rng.normal();
  return pixels;
}
