// Schedules of a pipeline against PyTorch's order, the formula of the bubble against the simulation,
// and the memory of ZeRO against the paper's figure.
import fc from "fast-check";
import {
  measuredBubble,
  mostInFlight,
  type PipelineStep,
  pipelineSchedule,
  predictedBubble,
  timeSchedule,
  zeroMemory,
} from "llm/parallel";
import { describe, expect, it } from "vitest";
import { fixture } from "../reference";

const { oneForwardOneBackward } = fixture<{
  oneForwardOneBackward: { stages: number; microBatches: number; order: string[][] }[];
}>("parallel");
const names = (steps: PipelineStep[]) => steps.map(({ kind, micro }) => `${kind}${micro}`);
const sizes = [fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 12 })] as const;

describe("pipelineSchedule", () => {
  it.each(oneForwardOneBackward)(
    "1F1B, $stages stages, $microBatches micro-batches: PyTorch's",
    ({ order, ...size }) => {
      expect(pipelineSchedule({ ...size, kind: "1f1b" }).map(names)).toEqual(order);
    },
  );

  it("GPipe goes forward through all micro-batches, then backward through them, last first", () => {
    const order = ["F0", "F1", "F2", "B2", "B1", "B0"];
    expect(pipelineSchedule({ stages: 2, microBatches: 3 }).map(names)).toEqual([order, order]);
  });

  it("both do every pass once; 1F1B holds at most as many micro-batches as stages are left", () => {
    fc.assert(
      fc.property(...sizes, (stages, microBatches) => {
        for (const kind of ["gpipe", "1f1b"] as const)
          for (const [s, steps] of pipelineSchedule({ stages, microBatches, kind }).entries()) {
            expect(new Set(names(steps)).size).toBe(2 * microBatches);
            const most = kind === "gpipe" ? microBatches : Math.min(microBatches, stages - s);
            expect(mostInFlight(steps)).toBe(most);
          }
      }),
    );
  });

  it("refuses what is no pipeline", () => {
    expect(() => pipelineSchedule({ stages: 0, microBatches: 1 })).toThrow(
      "pipelineSchedule: expected stages to be a whole number ≥ 1, got 0",
    );
  });
});

describe("the bubble", () => {
  it("is (S − 1)/(M + S − 1) in both schedules, whatever backward costs", () => {
    fc.assert(
      fc.property(...sizes, fc.integer({ min: 1, max: 3 }), (stages, microBatches, backward) => {
        for (const kind of ["gpipe", "1f1b"] as const) {
          const schedule = pipelineSchedule({ stages, microBatches, kind });
          const timed = timeSchedule(schedule, { forward: 1, backward });
          expect(timed).toHaveLength(2 * stages * microBatches);
          const predicted = predictedBubble({ stages, microBatches });
          expect(measuredBubble(timed)).toBeCloseTo(predicted, 10);
        }
      }),
    );
  });

  it("no step begins before what it needs has ended, and no stage does two things at once", () => {
    const timed = timeSchedule(pipelineSchedule({ stages: 4, microBatches: 5, kind: "1f1b" }));
    for (const { kind, micro, stage, start } of timed) {
      const needed = timed.filter(
        (other) =>
          other.micro === micro &&
          (kind === "F"
            ? other.kind === "F" && other.stage === stage - 1
            : other.stage === stage + 1
              ? other.kind === "B"
              : other.stage === stage && other.kind === "F"),
      );
      for (const { end } of needed) expect(start).toBeGreaterThanOrEqual(end);
      const beside = timed.filter(
        (other) => other.stage === stage && other.start < start && other.end > start,
      );
      expect(beside).toEqual([]);
    }
  });

  it("a schedule in which stages wait for each other is refused", () => {
    const circle: PipelineStep[][] = [
      [
        { kind: "B", micro: 0 },
        { kind: "F", micro: 0 },
      ],
      [
        { kind: "F", micro: 0 },
        { kind: "B", micro: 0 },
      ],
    ];
    expect(() => timeSchedule(circle)).toThrow(/timeSchedule: expected a schedule that ends/);
  });
});

describe("zeroMemory", () => {
  it("gives figure 1 of the paper: 7.5 billion parameters on 64 workers, in GB", () => {
    const stages = [0, 1, 2, 3] as const;
    const sizes = { parameters: 7.5e9, workers: 64 };
    const gigabytes = stages.map((stage) => zeroMemory(stage, sizes).total / 1e9);
    expect(gigabytes.map((x) => x.toFixed(1))).toEqual(["120.0", "31.4", "16.6", "1.9"]);
  });

  it("in 32 bits as well it is 16 bytes per parameter, and one worker saves nothing", () => {
    for (const precision of ["mixed", "fp32"] as const)
      for (const stage of [0, 1, 2, 3] as const)
        expect(zeroMemory(stage, { parameters: 10, workers: 1, precision }).total).toBe(160);
    expect(zeroMemory(1, { parameters: 8, workers: 2, precision: "fp32" })).toEqual({
      ...{ parameters: 32, gradients: 32, optimizer: 32, total: 96 },
    });
  });

  it("refuses what is no stage and no number of workers", () => {
    expect(() => zeroMemory(4 as 3, { parameters: 1, workers: 1 })).toThrow(/stage from 0 to 3/);
    expect(() => zeroMemory(1, { parameters: 1, workers: 0 })).toThrow(/workers to be a whole/);
  });
});
