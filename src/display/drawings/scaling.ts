// Lesson 14 (scaling): what follows from a model's size and its tokens, and how one training is
// divided among several workers.
import { type Diagram, diagram } from "../diagram";

/** From two numbers, parameters and tokens, to everything that can be said before a run. */
export function costFlow(): Diagram {
  return diagram({
    alt:
      "A model's number of parameters N and its number of tokens D lead two ways. Together they give " +
      "the operations, 6 N D; these and the rate of the machine give the time, and the time and its " +
      "power give energy and money. They also go into the scaling law, which gives the loss.",
    grid: [140, 84],
    nodes: [
      { id: "N", at: [0, 0], text: "parameters N", tone: "weights" },
      { id: "D", at: [0, 1.4], text: "tokens D", tone: "words" },
      { id: "C", at: [1.5, 0], text: "operations", note: "C ≈ 6 N D", tone: "data" },
      { id: "time", at: [2.9, 0], text: "time", note: "hours of a machine" },
      { id: "bill", at: [4.3, 0], text: "kWh, money" },
      { id: "law", at: [1.5, 1.4], text: "scaling law", note: "L(N, D)", tone: "state" },
      { id: "loss", at: [2.9, 1.4], text: "loss", note: "nats per token", tone: "loss" },
    ],
    edges: [
      { from: "N", to: "C" },
      { from: "D", to: "C" },
      { from: "C", to: "time", label: "÷ rate" },
      { from: "time", to: "bill", label: "× power" },
      { from: "N", to: "law" },
      { from: "D", to: "law" },
      { from: "law", to: "loss" },
    ],
  });
}

/** One training step of data parallelism with two workers. */
export function dataParallelFlow(): Diagram {
  const worker = (rank: number, y: number) => [
    { id: `half${rank}`, at: [1, y] as [number, number], text: `half ${rank}`, note: "(B/2, T)" },
    {
      ...{ id: `model${rank}`, at: [2.1, y] as [number, number], text: "model" },
      ...{ note: "the same weights", tone: "weights" as const },
    },
    {
      ...{ id: `own${rank}`, at: [3.2, y] as [number, number], text: "gradients" },
      ...{ note: "of its half", tone: "loss" as const },
    },
  ];
  return diagram({
    alt:
      "A batch is cut in two halves. Worker 0 and worker 1 have the same weights; each computes the " +
      "gradients of its half. An all-reduce gives both the mean of the two gradients, with which " +
      "both make the same update, so that their weights stay equal.",
    grid: [148, 90],
    nodes: [
      { id: "batch", at: [0, 0.75], text: "batch", note: "(B, T)", tone: "words" },
      ...worker(0, 0),
      ...worker(1, 1.5),
      { id: "sum", at: [4.3, 0.75], text: "all-reduce", note: "mean, on both", tone: "state" },
    ],
    edges: [
      { from: "batch", to: "half0" },
      { from: "batch", to: "half1" },
      ...[0, 1].flatMap((rank) => [
        { from: `half${rank}`, to: `model${rank}` },
        { from: `model${rank}`, to: `own${rank}` },
        { from: `own${rank}`, to: "sum" },
      ]),
    ],
    groups: [
      { nodes: ["half0", "model0", "own0"], title: "worker 0" },
      { nodes: ["half1", "model1", "own1"], title: "worker 1" },
    ],
  });
}

/** A feed-forward network cut into columns and rows, on two workers. */
export function tensorParallelFlow(): Diagram {
  const worker = (rank: number, y: number) => [
    {
      ...{ id: `in${rank}`, at: [1.05, y] as [number, number], text: `columns ${rank} of W_in` },
      ...{ note: "(C, F/2)", tone: "weights" as const },
    },
    {
      ...{ id: `hidden${rank}`, at: [2.25, y] as [number, number], text: "relu" },
      ...{ note: "(B, F/2)", tone: "data" as const },
    },
    {
      ...{ id: `out${rank}`, at: [3.35, y] as [number, number], text: `rows ${rank} of W_out` },
      ...{ note: "(F/2, C)", tone: "weights" as const },
    },
  ];
  return diagram({
    alt:
      "The same x of shape (B, C) goes to both workers. Each multiplies it with its half of the " +
      "columns of W_in, applies relu to its (B, F/2) hidden numbers, and multiplies with the rows of " +
      "W_out that belong to them. The two results of shape (B, C) are added by an all-reduce.",
    grid: [148, 90],
    nodes: [
      { id: "x", at: [0, 0.75], text: "x", note: "(B, C)", tone: "data" },
      ...worker(0, 0),
      ...worker(1, 1.5),
      { id: "sum", at: [4.4, 0.75], text: "all-reduce", note: "sum (B, C)", tone: "state" },
    ],
    edges: [
      { from: "x", to: "in0" },
      { from: "x", to: "in1" },
      ...[0, 1].flatMap((rank) => [
        { from: `in${rank}`, to: `hidden${rank}` },
        { from: `hidden${rank}`, to: `out${rank}` },
        { from: `out${rank}`, to: "sum" },
      ]),
    ],
    groups: [
      { nodes: ["in0", "hidden0", "out0"], title: "worker 0" },
      { nodes: ["in1", "hidden1", "out1"], title: "worker 1" },
    ],
  });
}
