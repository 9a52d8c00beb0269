// Buckets and quotas against a list of all that was let through.

import fc from "fast-check";
import { DailyQuota, KeyRing, TokenBucket } from "llm/serve";
import { expect, test } from "vitest";

test("in no stretch of time more is let through than the bucket held and what came back", () => {
  const pauses = fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 60 });
  const sizes = fc.record({
    capacity: fc.integer({ min: 1, max: 6 }),
    rate: fc.constantFrom(0.5, 1, 4),
  });
  const property = fc.property(sizes, pauses, ({ capacity, rate }, all) => {
    const bucket = new TokenBucket(capacity, rate, 0);
    const passed: number[] = [];
    let now = 0;
    for (const pause of all) {
      now += pause;
      const wait = bucket.take(now);
      if (wait === 0) passed.push(now);
      else {
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(1 / rate + 1e-9);
      }
    }
    for (let i = 0; i < passed.length; i++)
      for (let j = i; j < passed.length; j++)
        expect(j - i + 1).toBeLessThanOrEqual(capacity + (passed[j] - passed[i]) * rate + 1e-9);
  });
  fc.assert(property, { numRuns: 300, seed: 24 });
});

test("after the time that it names, one is let through", () => {
  const bucket = new TokenBucket(2, 0.25, 100);
  expect([bucket.take(100), bucket.take(100)]).toEqual([0, 0]);
  const wait = bucket.take(101);
  expect(wait).toBeCloseTo(3, 9);
  expect(bucket.take(101 + wait - 0.01)).toBeGreaterThan(0);
  expect(bucket.take(101 + wait)).toBe(0);
});

test("a quiet time fills the bucket, and no further", () => {
  const bucket = new TokenBucket(2, 1, 0);
  expect([1000, 1000, 1000].map((now) => bucket.take(now) === 0)).toEqual([true, true, false]);
});

test("a quota counts until the end of the day", () => {
  const day = 86_400;
  const quota = new DailyQuota(100);
  quota.add(60, 5);
  expect(quota.wait(10)).toBe(0);
  quota.add(60, 20); // known only when the text has ended
  expect(quota.wait(30)).toBe(day - 30);
  expect(quota.wait(day)).toBe(0);
});

test("who may ask: wrong keys, rates and quotas have errors of their own", () => {
  let now = 1000;
  const rules = [
    { key: "sk-ada-12345", name: "ada", requestsPerMinute: 2, tokensPerDay: 50 },
    { key: "sk-bob-12345", name: "bob" },
  ];
  const ring = new KeyRing(rules, () => now);
  const refusal = (header: string | undefined) => {
    try {
      ring.admit(header);
    } catch (error) {
      return error;
    }
    throw new Error("expected a refusal");
  };
  expect(refusal(undefined)).toMatchObject({ status: 401, code: "missing_api_key" });
  expect(refusal("Basic abc")).toMatchObject({ status: 401, code: "missing_api_key" });
  expect(refusal("Bearer sk-ada-12346")).toMatchObject({ status: 401, code: "invalid_api_key" });
  const ada = ring.admit("Bearer sk-ada-12345");
  expect(ada.name).toBe("ada");
  ring.admit("bearer sk-ada-12345");
  expect(refusal("Bearer sk-ada-12345")).toMatchObject({
    ...{ status: 429, code: "rate_limit_exceeded", retryAfter: 30 },
  });
  expect(ring.admit("Bearer sk-bob-12345").name).toBe("bob");
  ada.spend(80);
  now += 60;
  expect(refusal("Bearer sk-ada-12345")).toMatchObject({ status: 429, code: "insufficient_quota" });
  now += 86_400;
  expect(ring.admit("Bearer sk-ada-12345").name).toBe("ada");
  expect(new KeyRing([]).admit(undefined).name).toBe("anybody");
});
