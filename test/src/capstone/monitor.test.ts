// Drift and alarms. χ² quantiles are those of SciPy 1.16 (scipy.stats.chi2.ppf).
import {
  alarmsOf,
  chiSquaredQuantile,
  countTopics,
  driftAlarm,
  driftIndex,
  driftLimit,
  normalOf,
  OTHER,
  type ServiceRecord,
  topicFinder,
} from "llm/capstone";
import { Random } from "llm/random";
import { expect, test } from "vitest";

test("PSI of counts, by hand", () => {
  // shares with halves: 30.5/41 · 10.5/41 before, 20.5/41 · 20.5/41 now
  const p = [30.5 / 41, 10.5 / 41];
  const expected = (0.5 - p[0]) * Math.log(0.5 / p[0]) + (0.5 - p[1]) * Math.log(0.5 / p[1]);
  expect(driftIndex({ a: 30, b: 10 }, { a: 20, b: 20 })).toBeCloseTo(expected, 12);
  expect(driftIndex({ a: 20, b: 20 }, { a: 30, b: 10 })).toBeCloseTo(expected, 12);
  expect(driftIndex({ a: 10, b: 10 }, { b: 10, a: 10 })).toBe(0);
  // a topic that is new: 0.5 / 21.5 before, 10.5 / 21.5 now
  const q = [20.5 / 21, 0.5 / 21];
  const r = [10.5 / 21, 10.5 / 21];
  const isNew = q.reduce((sum, one, k) => sum + (r[k] - one) * Math.log(r[k] / one), 0);
  expect(driftIndex({ a: 20 }, { a: 10, b: 10 })).toBeCloseTo(isNew, 12);
});

test("χ² quantiles within one percent", () => {
  for (const [p, k, value] of [
    [0.95, 5, 11.0705],
    [0.99, 7, 18.4753],
    [0.99, 3, 11.3449],
    [0.999, 9, 27.8772],
  ] as const)
    expect(Math.abs(chiSquaredQuantile(p, k) / value - 1)).toBeLessThan(0.01);
  expect(driftLimit(200, 400, 8)).toBeCloseTo(
    (1 / 200 + 1 / 400) * chiSquaredQuantile(0.99, 7),
    12,
  );
});

const topics = ["a", "b", "c", "d", "e"];
function drawn(shares: readonly number[], n: number, rng: Random) {
  const ends = shares.map((_, i) => shares.slice(0, i + 1).reduce((x, y) => x + y, 0));
  const pick = () => {
    const place = rng.uniform();
    return topics[
      Math.max(
        0,
        ends.findIndex((end) => place < end),
      )
    ];
  };
  return countTopics(Array.from({ length: n }, pick), topics);
}

test("the alarm is silent without a change, and goes off with one", () => {
  const same = [0.3, 0.3, 0.2, 0.15, 0.05];
  const changed = [0.2, 0.2, 0.15, 0.15, 0.3];
  const before = drawn(same, 400, new Random(1));
  const alarms = (shares: number[], seed: number) =>
    Array.from({ length: 300 }, (_, i) =>
      Number(driftAlarm(before, drawn(shares, 200, new Random(seed).fork(i))).isAlarm),
    ).reduce((a, b) => a + b, 0) / 300;
  expect(alarms(same, 2)).toBeLessThan(0.05);
  expect(alarms(changed, 3)).toBeGreaterThan(0.95);
});

test("a question has the topic of the most similar one, or none", () => {
  const known = [
    { split: "choose", topic: "delivery", question: "Do you deliver parcels?", accept: ["yes"] },
    { split: "choose", topic: "hours", question: "When are you open on Monday?", accept: ["9"] },
  ] as const;
  const topicOf = topicFinder(
    known.map((one) => ({ ...one, accept: [...one.accept] })),
    0.1,
  );
  expect(topicOf("Can you deliver it?")).toBe("delivery");
  expect(topicOf("Are you open on Sunday?")).toBe("hours");
  expect(topicOf("Quantum chromodynamics")).toBe(OTHER);
});

const record = (topic: string, isHandedOver = false, ms = 10): ServiceRecord => ({
  ...{ time: "", topic, part: "rules", isHandedOver, ms, tokens: 1 },
});
const many = (n: number, of: (i: number) => ServiceRecord) =>
  Array.from({ length: n }, (_, i) => of(i));

test("alarms name what has changed, each by itself", () => {
  const normal = normalOf(many(400, (i) => record(topics[i % 5], i % 10 === 0)));
  expect(normal.handOverShare).toBe(0.1);
  expect(normal.ms95).toBe(10);
  const kinds = (records: ServiceRecord[]) => alarmsOf(records, normal).map(({ what }) => what);
  expect(kinds([])).toEqual([]);
  expect(kinds(many(200, (i) => record(topics[i % 5], i % 10 === 0)))).toEqual([]);
  expect(kinds(many(200, (i) => record(topics[i % 5], i % 4 === 0)))).toEqual(["hand-overs"]);
  expect(
    kinds(many(200, (i) => record(topics[i % 5], i % 10 === 0, i % 10 === 1 ? 50 : 10))),
  ).toEqual(["latency"]);
  const drifted = alarmsOf(
    many(200, (i) => record(i % 2 ? "e" : topics[i % 5], i % 10 === 0)),
    normal,
  );
  expect(drifted.map(({ what }) => what)).toEqual(["drift"]);
  expect(drifted[0].text).toContain('"e"');
});
