// The teacher's own inputs: a file to begin with, one that is tried on the reference, and what
// grading says of an answer that is right with everybody's inputs alone. Graded without a sandbox,
// so that it runs everywhere.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { load, printed, said, scratch, submissionOf, teachIn, tool } from "./tools";

const { privateInputs, privateVerb, tryPrivateInputs } = await tool("private");
const { grade, keyOf } = await tool("grade/one");
const { Reader } = await tool("grade/reader");
const { checkCourse } = await tool("course");
const { findLesson } = await load("tools/register.mjs");

const folder = scratch();
const lesson = findLesson("06");
const write = (text: string) => writeFileSync(join(folder, "private", "06.ts"), text);
const kinds = (record: string) => write(`export const inputs = { ${record} };\n`);
const WIDE = '{ cases: { "a long text": (draw) => [draw.integer(300, 320)] } }';
const mask = (guard: string) => `import { tf } from "llm/engine";
export function causalMask(T: number): tf.Tensor2D {
  const seen = (i: number, j: number) => j <= i${guard};
  const rows = Array.from({ length: T }, (_, i) => Array.from({ length: T }, (_, j) => seen(i, j)));
  return tf.tensor2d(rows, [T, T], "bool");
}
`;

beforeAll(() => {
  teachIn(folder, { "course.json": JSON.stringify({ lessons: [] }) });
  checkCourse({ lessons: [] }, "course.json");
});

describe("the file", () => {
  test("there is none at first; the verb makes one, which the reference passes", async () => {
    expect(privateInputs(lesson)).toBeUndefined();
    expect(await printed(() => privateVerb({ words: ["06"] }))).toContain("06.ts is new");
    const text = readFileSync(join(folder, "private", "06.ts"), "utf8");
    expect(text).toContain("// causalMask: { cases:");
    expect(text).toContain("(draw) => [scores, mask]");
    expect(await printed(() => privateVerb({ words: ["06"] }))).toContain("passes with 3 seeds");
    expect(readFileSync(join(folder, "private", "06.ts"), "utf8")).toBe(text);
  }, 60_000);

  test("what cannot be used is said", async () => {
    mkdirSync(join(folder, "private"), { recursive: true });
    const trouble = () => said(() => tryPrivateInputs(lesson, privateInputs(lesson), [1]));
    kinds(`mask: ${WIDE}`);
    expect(await trouble()).toContain("expected exercises of attentionByLoops");
    write("export const kinds = {};");
    expect(await trouble()).toContain("expected an export `inputs`");
    kinds("causalMask: [1, 2]");
    expect(await trouble()).toContain("causalMask: { cases:");
    write("export const inputs = {");
    expect(await trouble()).toMatch(/06\.ts cannot be used: [\s\S]*expected/i);
    kinds('maskedSoftmax: { cases: { "no scores": () => [null] } }');
    expect(await trouble()).toContain("the reference's own maskedSoftmax does not pass with");
  }, 120_000);
});

describe("grading", () => {
  const reader = new Reader();
  afterAll(() => reader.close());
  const graded = async (text: string) => {
    const options = { reader, secret: "a term", trusted: true, inputs: privateInputs(lesson) };
    const result = await grade(submissionOf(text), options);
    const one = result.exercises.find(({ name }: { name: string }) => name === "causalMask");
    return { ...result, one };
  };

  test("a right answer passes; one for everybody's inputs fails, and is held", async () => {
    kinds(`causalMask: ${WIDE}`);
    const right = await graded(mask(""));
    expect([right.one.status, right.points, right.flags]).toEqual(["passed", 2, []]);
    const wrong = await graded(mask(" && T < 300"));
    expect([wrong.one.status, wrong.points]).toEqual(["failed", 0]);
    expect(wrong.one.sentence).toContain("not with inputs that are drawn anew");
    expect(wrong.one.sentence).toContain("a long text");
    const flag = { kind: "hard-coded", line: 2, cleared: false };
    expect(wrong.flags).toEqual([expect.objectContaining(flag)]);
    expect(wrong.flags[0].text).toContain("causalMask is right with the inputs that everybody has");
  }, 120_000);

  test("an answer that fails everybody's test is no case of it", async () => {
    kinds(`causalMask: ${WIDE}`);
    const wrong = await graded(mask(" && j > 0"));
    expect([wrong.one.status, wrong.flags]).toEqual(["failed", []]);
  }, 60_000);

  test("another file is another key, and none is a third", () => {
    const work = submissionOf(mask(""));
    kinds(`causalMask: ${WIDE}`);
    const before = keyOf(work, { inputs: privateInputs(lesson) });
    kinds("");
    const keys = [before, keyOf(work, { inputs: privateInputs(lesson) }), keyOf(work, {})];
    expect(new Set(keys).size).toBe(3);
  });
});
