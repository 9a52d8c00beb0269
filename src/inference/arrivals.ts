// Requests that come one after the other, for comparing ways to serve them (lesson 21, inference):
// continuous batching, where a text begins as soon as there is room (Yu et al., 2022, "Orca"), and
// static batches, where a group begins together and the next one waits until all of it has ended. The
// clock is the caller's: steps, or seconds measured. Left out: texts that share a server with other
// work, and clients that wait for an answer before they ask again.
import type { InferenceEngine } from "./engine";
import type { Generation } from "./generation";
import type { GenerationRequest } from "./request";

/** A request, and when it comes on the clock. */
export interface Arrival extends GenerationRequest {
  at: number;
}

/** What one text got. */
export interface Served {
  ids: number[];
  /** When it came, and when each of its new tokens was there. */
  at: number;
  times: number[];
}

export interface ServeOptions {
  /** In static batches of at most so many texts; continuously if absent. */
  batch?: number;
  /** How far the clock moves in a step in which so many tokens were read; 1 if absent. */
  cost?: (read: number) => number;
}

/**
 * Serves requests to the end.
 * @param engine with nothing to do
 * @param arrivals in the order in which they come
 * @returns for each of them what it got, when all had ended, and how many steps that took
 */
export function serveArrivals(
  engine: InferenceEngine,
  arrivals: readonly Arrival[],
  { batch, cost = () => 1 }: ServeOptions = {},
): { served: Served[]; end: number; steps: number } {
  const served = arrivals.map(({ at }): Served => ({ ids: [], at, times: [] }));
  const running = new Map<number, Generation>();
  let [clock, steps, next] = [0, 0, 0];
  const begin = () => {
    const { at, ...request } = arrivals[next];
    running.set(next++, engine.submit(request));
  };
  while (next < arrivals.length || running.size > 0) {
    if (running.size === 0) clock = Math.max(clock, arrivals[next].at);
    const most = batch === undefined ? Infinity : running.size === 0 ? batch : 0;
    for (let n = 0; n < most && next < arrivals.length && arrivals[next].at <= clock; n++) begin();
    clock += cost(engine.step());
    steps++;
    for (const [i, generation] of running) {
      while (served[i].times.length < generation.newIds.length) served[i].times.push(clock);
      if (!generation.finished) continue;
      served[i].ids = generation.finished.ids;
      running.delete(i);
    }
  }
  return { served, end: clock, steps };
}
