// Who does what when in a pipeline of S stages, through which M micro-batches go. GPipe (Huang et
// al., 2019, arXiv:1811.06965): first all forward passes, then all backward passes. 1F1B (PipeDream's
// schedule with a flush: Narayanan et al., 2021, arXiv:2104.04473, section 2.2): a stage begins with
// backward passes as early as it can, so it keeps at most S micro-batches and not M. The bubble, in
// which stages wait for each other, is the same in both.

/** One pass of one micro-batch through one stage: forward or backward. */
export interface PipelineStep {
  kind: "F" | "B";
  micro: number;
}

/** A step with its place in time. */
export interface TimedStep extends PipelineStep {
  stage: number;
  start: number;
  end: number;
}

export type PipelineKind = "gpipe" | "1f1b";

/**
 * The steps of each stage, in its order.
 * @param options S `stages`, M `microBatches`, and the `kind` of schedule, GPipe if absent
 * @returns one list for each stage, first stage first; 2M steps in each
 */
export function pipelineSchedule({
  stages: S,
  microBatches: M,
  kind = "gpipe",
}: {
  stages: number;
  microBatches: number;
  kind?: PipelineKind;
}): PipelineStep[][] {
  for (const [name, value] of Object.entries({ stages: S, microBatches: M }))
    if (!(Number.isInteger(value) && value >= 1))
      throw new Error(`pipelineSchedule: expected ${name} to be a whole number ≥ 1, got ${value}`);
  const F = (micro: number): PipelineStep => ({ kind: "F", micro });
  const B = (micro: number): PipelineStep => ({ kind: "B", micro });
  const micros = Array.from({ length: M }, (_, m) => m);
  return Array.from({ length: S }, (_, s) => {
    if (kind === "gpipe") return [...micros.map(F), ...micros.map(B).reverse()];
    // The last stage can go backward at once; each one before it is a micro-batch further ahead.
    const ahead = Math.min(M, S - 1 - s);
    const steps = micros.slice(0, ahead).map(F);
    for (let m = ahead; m < M; m++) steps.push(F(m), B(m - ahead));
    return [...steps, ...micros.slice(M - ahead).map(B)];
  });
}

/**
 * When each step would begin and end if every pass took the same time on every stage and messages
 * took none: a step begins when its stage is free and its input is there.
 * @param schedule as from `pipelineSchedule`
 * @param options how long the passes take; a backward pass computes about twice as much
 */
export function timeSchedule(
  schedule: PipelineStep[][],
  { forward = 1, backward = 2 }: { forward?: number; backward?: number } = {},
): TimedStep[] {
  const S = schedule.length;
  const done = new Map<string, number>();
  const key = (kind: string, stage: number, micro: number) => `${kind} ${stage} ${micro}`;
  const queue = schedule.map((steps) => [...steps]);
  const free: number[] = Array(S).fill(0);
  const timed: TimedStep[] = [];
  while (queue.some((steps) => steps.length > 0)) {
    const before = timed.length;
    for (let stage = 0; stage < S; stage++) {
      const step = queue[stage][0];
      const input = step && inputOf(step, stage, S);
      const ready = input === undefined ? 0 : done.get(key(input.kind, input.stage, step.micro));
      if (!step || ready === undefined) continue;
      queue[stage].shift();
      const start = Math.max(free[stage], ready);
      const end = start + (step.kind === "F" ? forward : backward);
      done.set(key(step.kind, stage, step.micro), end);
      free[stage] = end;
      timed.push({ ...step, stage, start, end });
    }
    if (timed.length === before)
      throw new Error(
        "timeSchedule: expected a schedule that ends, got stages that wait in a circle",
      );
  }
  return timed.sort((a, b) => a.start - b.start || a.stage - b.stage);
}

/** Which step on which stage a step waits for; the first forward pass waits for none. */
function inputOf({ kind }: PipelineStep, stage: number, S: number) {
  if (kind === "F") return stage === 0 ? undefined : { kind: "F", stage: stage - 1 };
  return stage === S - 1 ? { kind: "F", stage } : { kind: "B", stage: stage + 1 };
}

/**
 * The share of the time in which a stage waits, on the average: 1 − busy/(S · duration).
 * For S stages that take equally long it is (S − 1)/(M + S − 1) (Huang et al., 2019, section 2.3).
 */
export function measuredBubble(steps: readonly TimedStep[]): number {
  if (steps.length === 0) throw new Error("measuredBubble: expected steps, got none");
  const stages = new Set(steps.map(({ stage }) => stage)).size;
  const busy = steps.reduce((sum, { start, end }) => sum + end - start, 0);
  const starts = steps.map(({ start }) => start);
  const ends = steps.map(({ end }) => end);
  return 1 - busy / (stages * (Math.max(...ends) - Math.min(...starts)));
}

/** The bubble that the formula predicts: (S − 1)/(M + S − 1). */
export function predictedBubble({
  stages: S,
  microBatches: M,
}: {
  stages: number;
  microBatches: number;
}): number {
  return (S - 1) / (M + S - 1);
}

/** The most micro-batches a stage holds at once: forward passes begun whose backward has not ended. */
export function mostInFlight(steps: PipelineStep[]): number {
  let [held, most] = [0, 0];
  for (const { kind } of steps) {
    held += kind === "F" ? 1 : -1;
    most = Math.max(most, held);
  }
  return most;
}
