// Dates in a zone, and the late rule as a table.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tool } from "./tools";

const { instantOf, shownDate, durationOf, spanInWords, isTimezone } = await tool("dates");
const { lateness, latenessOf, lateInWords } = await tool("lateness");

describe("dates", () => {
  test.each([
    ["2026-12-04 23:59", "Europe/London", "2026-12-04T23:59:00.000Z"],
    ["2026-12-04 23:59", "Europe/Berlin", "2026-12-04T22:59:00.000Z"],
    ["2026-07-04 23:59", "Europe/Berlin", "2026-07-04T21:59:00.000Z"],
    ["2026-12-04", "Asia/Shanghai", "2026-12-04T15:59:59.000Z"],
    ["2026-12-04T23:59:30+05:30", "UTC", "2026-12-04T18:29:30.000Z"],
    ["2026-12-04 23:59Z", "America/New_York", "2026-12-04T23:59:00.000Z"],
    // Clocks go forward on 29 March 2026 at 2:00 and back on 25 October at 3:00.
    ["2026-03-29 01:59", "Europe/Berlin", "2026-03-29T00:59:00.000Z"],
    ["2026-03-29 03:00", "Europe/Berlin", "2026-03-29T01:00:00.000Z"],
    ["2026-10-25 01:30", "Europe/Berlin", "2026-10-24T23:30:00.000Z"],
    ["2026-10-25 03:30", "Europe/Berlin", "2026-10-25T02:30:00.000Z"],
  ])("%s in %s", (text, zone, iso) => expect(instantOf(text, zone)).toBe(iso));

  test.each(["", "tomorrow", "04.12.2026", "2026-13-01", "2026-02-30", "2026-12-04 25:00"])(
    "%j is no date",
    (text) => expect(instantOf(text, "UTC")).toBeUndefined(),
  );

  test("a date is shown as it was written", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date("2020-01-01"), max: new Date("2039-12-31"), noInvalidDate: true }),
        fc.constantFrom("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"),
        (date, zone) => {
          const hour = date.getUTCHours();
          fc.pre(hour > 4); // the hour that a change of clocks leaves out or repeats
          const text = date.toISOString().slice(0, 16).replace("T", " ");
          expect(shownDate(instantOf(text, zone), zone)).toContain(text.slice(11));
        },
      ),
    );
  });

  test("spans and zones", () => {
    expect(["15m", "2h", "1d", "1.5h", "x", "-1m"].map(durationOf)).toEqual([
      ...[900_000, 7_200_000, 86_400_000, 5_400_000],
      ...[undefined, undefined],
    ]);
    const words = [60_000, 5_400_000, 7_200_000, 90_000_000, 86_400_000].map(spanInWords);
    expect(words).toEqual(["1 min", "1 h 30 min", "2 h", "1 d 1 h", "1 d"]);
    expect(isTimezone("Europe/London")).toBe(true);
    expect(isTimezone("Europe/Nowhere")).toBe(false);
  });
});

const rule = { grace: 15 * 60_000, perDay: 0.1, floor: 0.5, freeDays: 5 };
const due = "2026-12-04T23:59:00Z";
const after = (minutes: number) => new Date(Date.parse(due) + minutes * 60_000).toISOString();
const DAY = 1440;

describe("the late rule", () => {
  test.each([
    // minutes, free days left, days, spent, factor
    [-60, 5, 0, 0, 1],
    [0, 0, 0, 0, 1],
    [15, 0, 0, 0, 1],
    [16, 0, 1, 0, 0.9],
    [16, 5, 1, 1, 1],
    [DAY, 0, 1, 0, 0.9],
    [DAY + 1, 0, 2, 0, 0.8],
    [3 * DAY, 0, 3, 0, 0.7],
    [3 * DAY, 2, 3, 2, 0.9],
    [9 * DAY, 0, 9, 0, 0.5],
    [9 * DAY, 5, 9, 5, 0.6],
  ])("%i minutes late with %i free days", (minutes, free, days, spent, factor) => {
    expect(lateness(after(minutes), due, rule, free)).toMatchObject({ days, free: spent, factor });
  });

  test("a later time never gives more, and never less than the floor", () => {
    fc.assert(
      fc.property(fc.nat(50_000), fc.nat(50_000), fc.nat(6), (a, b, free) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)].map(
          (minutes) => lateness(after(minutes), due, rule, free).factor,
        );
        expect(second).toBeLessThanOrEqual(first);
        expect(second).toBeGreaterThanOrEqual(rule.floor);
      }),
    );
  });

  test("without a due date nobody is late", () => {
    expect(lateness(after(9e6), undefined, rule, 0)).toMatchObject({ ms: 0, factor: 1 });
  });

  test("free days go to the lessons that are due first; an extension moves one learner's date", () => {
    const lesson = (number: string) => ({ id: `${number}-x`, number });
    const course = {
      lessons: [
        { lesson: lesson("07"), due: "2026-12-11T23:59:00Z" },
        { lesson: lesson("06"), due },
      ],
      late: { ...rule, freeDays: 2 },
      extensions: { bob: { "06": "2026-12-20T00:00:00Z" } },
    };
    const times = new Map([
      ["06-x", after(2 * DAY - 5)],
      ["07-x", "2026-12-12T20:00:00Z"],
    ]);
    const ada = latenessOf("ada", times, course);
    expect(ada.get("06-x")).toMatchObject({ days: 2, free: 2, factor: 1 });
    expect(ada.get("07-x")).toMatchObject({ days: 1, free: 0, factor: 0.9 });
    const bob = latenessOf("bob", times, course);
    expect(bob.get("06-x")).toMatchObject({ ms: 0, factor: 1 });
    expect(bob.get("07-x")).toMatchObject({ free: 1, factor: 1 });
  });

  test("in words", () => {
    expect(lateInWords(lateness(after(-1), due, rule, 0))).toBe("");
    expect(lateInWords(lateness(after(10), due, rule, 0))).toBe("10 min late, within the grace");
    expect(lateInWords(lateness(after(3 * DAY), due, rule, 2))).toBe(
      "3 d late, 2 free days spent, × 0.9",
    );
    expect(lateInWords(lateness(after(60), due, rule, 1))).toBe(
      "1 h late, 1 free day spent, nothing taken off",
    );
  });
});
