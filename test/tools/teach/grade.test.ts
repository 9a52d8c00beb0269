// One submission graded: what is run and what is not, partial credit, faults of the machine, flags.
// The part in the sandbox is skipped where there is none.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load, root, scratch, submissionOf, teachIn, tool } from "./tools";

const { grade, keyOf } = await tool("grade/one");
const { Reader } = await tool("grade/reader");
const { sandboxTrouble } = await tool("grade/box");
const { faultOf, resultSchema, resultText, withSums } = await tool("result");
const { answers } = await load("test/class/answers.mjs");

interface Result {
  exercises: { name: string; status: string; points: number; sentence: string; mistake?: string }[];
  [key: string]: unknown;
}
const statuses = ({ exercises }: Result) =>
  Object.fromEntries(exercises.map(({ name, status }) => [name, status]));

/** A reader that must not be asked: nothing may run. */
const nobody = {
  read: () => {
    throw new Error("this was read");
  },
};

describe("without a run", () => {
  const work = submissionOf("export function causalMask() {}");
  const before = () =>
    withSums({
      ...{ schema: "llm-course/grade/v1", student: "ada", lesson: work.lesson },
      key: keyOf(work, {}),
      exercises: [{ name: "causalMask", points: 2, max: 2, status: "passed", sentence: "", ms: 7 }],
      flags: [{ kind: "import", line: 3, text: "import x", cleared: false }],
      ...{ submittedAt: work.submittedAt, timeSource: "file", sha256: work.sha256, attempt: 1 },
      courseVersion: "0.1.0",
    });

  test("what is graded already is not graded again, and keeps its bytes", async () => {
    const previous = before();
    const result = await grade(work, { reader: nobody, previous: () => previous });
    expect(resultText({ ...result, courseVersion: "0.1.0" })).toBe(resultText(previous));
    expect([result.earned, result.points, result.max]).toEqual([2, 0, 2]);
  });

  test("a flag that a person lets pass gives the points back", async () => {
    const isCleared = (_: unknown, { line }: { line: number }) => line === 3;
    const options = { reader: nobody, previous: before, isCleared };
    const result = await grade(work, options);
    expect([result.points, result.flags[0].cleared]).toEqual([2, true]);
  });

  test("the key changes with the answer, the settings and the lesson", () => {
    const keys = [
      keyOf(work, {}),
      keyOf(submissionOf("export function causalMask() { }"), {}),
      keyOf(work, { followOn: "none" }),
      keyOf(work, { secret: "another" }),
      keyOf({ ...work, lesson: "07-positions" }, {}),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({ ...work }, { followOn: "full" })).toBe(keys[0]);
  });

  test("another answer, and a fault of the machine, are graded again", async () => {
    const changed = submissionOf("export function causalMask() { return 1; }");
    await expect(grade(changed, { reader: nobody, previous: before })).rejects.toThrow("read");
    const broken = before();
    broken.exercises[0].status = "error";
    await expect(grade(work, { reader: nobody, previous: () => broken })).rejects.toThrow("read");
  });

  test("what was let pass without a word about why is read again", async () => {
    teachIn(scratch());
    const { clear, readCleared } = await tool("grade/cleared");
    const { flags, ...result } = before();
    clear({ ...result, flags });
    clear({ ...result, flags: [{ ...flags[0], line: 4, text: "" }] });
    const has = (line: number) => readCleared().has(result, { kind: "import", line });
    expect([3, 4, 5].map(has)).toEqual([true, true, false]);
  });

  test("more than 1 MB is refused in a sentence", async () => {
    const result = await grade(submissionOf("x".repeat(1_000_001)), { reader: nobody });
    expect(result.exercises.map(({ points }: { points: number }) => points)).toEqual(
      Array(6).fill(0),
    );
    expect(result.exercises[0].sentence).toMatch(/larger than 1 MB/);
    expect(faultOf(resultSchema, result)).toBeUndefined();
  });

  test("why there is no sandbox is said, with what helps", () => {
    expect(sandboxTrouble("bwrap", "darwin").why).toMatch(/no sandbox on macOS/);
    expect(sandboxTrouble("no-such-bwrap").mend).toMatch(/apt-get install bubblewrap/);
    expect(sandboxTrouble("/bin/false").why).toMatch(/does not work here \(exit code 1\)/);
  });
});

describe.skipIf(sandboxTrouble())("in the sandbox", () => {
  const reader = new Reader();
  const folder = scratch();
  beforeAll(() => {
    process.env.TMPDIR = folder;
  });
  afterAll(() => reader.close());
  const run = (work: object, options = {}): Promise<Result> =>
    grade(work, { reader, secret: "a test", ...options });

  test("a right file has all points, with callbacks and gradients (lesson 03, recurrent networks)", async () => {
    const text = readFileSync(join(root, "solutions/03-recurrent-networks.ts"), "utf8");
    const only = text.slice(0, text.indexOf("export function rnnCell"));
    const charLoss = text.slice(text.indexOf("/** The loss of a character model"));
    const result = await run(submissionOf(only + charLoss, { lesson: "03-recurrent-networks" }));
    expect(result.exercises.at(-1)).toMatchObject({ status: "passed", sentence: "" });
  }, 600_000);

  test("wrong helpers cost what they are worth, and not the exercise that calls them", async () => {
    const result = await run(submissionOf(answers.gia));
    expect(statuses(result)).toMatchObject({
      scaledScores: "failed",
      causalMask: "passed",
      splitHeads: "failed",
      multiHead: "follow-on",
    });
    const multiHead = result.exercises.at(-1)!;
    expect(multiHead.points).toBe(4);
    expect(multiHead.sentence).toMatch(
      /^This is right. It failed only because scaledScores, splitHeads of the same file are not/,
    );
    expect(result.exercises[1].mistake).toBeDefined();
  }, 600_000);

  test("a sandbox that does not start is the machine's fault", async () => {
    const result = await run(submissionOf(answers.ada), { bwrap: "/bin/false" });
    expect(new Set(Object.values(statuses(result)))).toEqual(new Set(["error"]));
    expect(result.exercises[0].sentence).toMatch(/machine failed, not the answer.*Grade again/);
  }, 600_000);

  test("what is trusted is run as `npm run check` runs it", async () => {
    const text = answers.ada.slice(0, answers.ada.indexOf("export function maskedSoftmax"));
    const result = await run(submissionOf(text), { trusted: true, bwrap: "/bin/false" });
    expect(statuses(result)).toMatchObject({ causalMask: "passed", multiHead: "failed" });
  }, 600_000);
});
