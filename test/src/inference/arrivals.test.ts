// Requests over time: the texts are those of an engine alone, and the clock says what was waited for.
import { type Arrival, InferenceEngine, serveArrivals } from "llm/inference";
import { expect, it } from "vitest";
import { FakeModel, writtenAlone } from "./fakeModel";

const sizes = { blocks: 40, blockTokens: 4 };
const arrivals = (at: number[], lengths: number[]): Arrival[] =>
  at.map((when, i) => ({ ids: [1, 2, 3 + i], maxNewTokens: lengths[i], seed: i, at: when }));
const serve = (list: Arrival[], options = {}) =>
  serveArrivals(new InferenceEngine(new FakeModel(sizes)), list, options);

it("static batches wait for all of a batch, continuous ones do not", () => {
  // Steps of 1. Static, 2 at a time: the third begins when the second has ended, after 6 steps.
  const list = arrivals([0, 0, 0], [2, 6, 1]);
  const { served, end, steps } = serve(list, { batch: 2 });
  expect(served.map(({ times }) => times)).toEqual([[1, 2], [1, 2, 3, 4, 5, 6], [7]]);
  expect([end, steps]).toEqual([7, 7]);
  const continuous = serve(list);
  expect(continuous.served[2].times).toEqual([1]);
  expect(continuous.end).toBe(6);
  for (const way of [served, continuous.served])
    expect(way.map(({ ids }) => ids)).toEqual(list.map((one) => writtenAlone(one, sizes).ids));
});

it("nothing begins before it comes, and an idle clock moves on", () => {
  const { served, end } = serve(arrivals([0, 10.5], [2, 1]), { cost: (read: number) => read / 2 });
  expect(served[0].times).toEqual([1.5, 2]); // a prompt of 3 tokens, then one token
  expect(served[1].times).toEqual([12]);
  expect(end).toBe(12);
});
