// What an author says of a drawing: boxes on a grid, arrows between them, groups around them.

/**
 * What a colour means, in all drawings: `data` what flows through (blue), `weights` what is learned
 * (orange), `state` what is remembered from step to step (green), `loss` what is minimised
 * (vermilion), `words` text and tokens (pink), `plain` everything else (grey).
 */
export type Tone = "data" | "weights" | "state" | "loss" | "words" | "plain";

export interface DiagramNode {
  /** By which arrows and groups name it. */
  id: string;
  /** Column and row of its middle; parts are allowed: [1.5, 0]. */
  at: [column: number, row: number];
  /**
   * Its text; "\n" breaks a line, "h_{t−1}" and "h_t" have an index, "K^T" an exponent. Of a
   * matrix, the line above it.
   */
  text: string;
  /**
   * `box` (default); `circle` for an operation (+, ×, σ, tanh); `text` without a frame; `matrix`, a
   * grid of `values`.
   */
  kind?: "box" | "circle" | "text" | "matrix";
  /** A smaller line under the text. */
  note?: string;
  /** What its colour means (default: "plain"). */
  tone?: Tone;
  /** Least width and height in pixels; 0 leaves one free. */
  size?: [width: number, height: number];
  /** Of a matrix: what its cells say. */
  values?: readonly (readonly (number | string)[])[];
  /** Of a matrix: how dark each cell is, from 0 to 1 (default: all alike). */
  shades?: readonly (readonly number[])[];
}

export interface DiagramEdge {
  /**
   * The node where it begins: "id"; with the side, "id.right"; or with the place on that side,
   * "id.right:0.25" (from left to right, from top to bottom).
   */
  from: string;
  /** Where it ends, in the same way. */
  to: string;
  /** Beside it: a shape, "(B, T, C)", or a word. */
  label?: string;
  /** How far along the arrow the label stands, from 0 to 1 (default: on its longest part). */
  labelAt?: number;
  /** Which side of the arrow the label stands on (default: above it, or to its right). */
  labelSide?: "above" | "below" | "left" | "right";
  /**
   * `straight` (default), `elbow` (right angles), `curve`, or `loop` (from a node to itself).
   * With `via`, right on through those places.
   */
  route?: "straight" | "elbow" | "curve" | "loop";
  /** Columns and rows that the arrow passes. */
  via?: readonly [column: number, row: number][];
  dashed?: boolean;
  /** A head at its end (default true). */
  arrow?: boolean;
  tone?: Tone;
}

export interface DiagramGroup {
  /** Ids of all nodes within, those of inner groups too. */
  nodes: readonly string[];
  /** At the top left, inside. */
  title: string;
  /** At the top right, inside: "× 12". */
  times?: string;
  tone?: Tone;
}

export interface DiagramOptions {
  /**
   * What the drawing says, in words, for those who do not see it: not "a diagram of an LSTM" but
   * what goes where.
   */
  alt: string;
  nodes: readonly DiagramNode[];
  edges?: readonly DiagramEdge[];
  groups?: readonly DiagramGroup[];
  title?: string;
  /** Under the drawing: what to see. */
  caption?: string;
  /** Pixels from one column to the next and from one row to the next (default [130, 80]). */
  grid?: [number, number];
  /** A line that says what the colours mean (default false). */
  legend?: boolean;
}
