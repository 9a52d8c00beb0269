// What `npm run teach -- grade` knows of one submission: the JSON in graded/06/ada.json, in the
// format llm-course/grade/v1, as zod's schemas. docs/teaching.md explains it to people. Only what a
// grader of its own kind wrote is read: whatever else lies there is refused in a sentence.
//
// A field that a later version adds is kept and ignored; what these fields mean does not change
// within v1.
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { SetupError } from "../kit.mjs";

export const SCHEMA = "llm-course/grade/v1";

const points = z.number().min(0);
const text = z.string();
const instant = z.iso.datetime();

export const exerciseSchema = z.looseObject({
  /** The function's name. */
  name: text,
  /** What it brings: all of `max` or nothing; the flags below are not taken into account. */
  points,
  max: points,
  /**
   * passed · failed · todo (not begun, or it calls one that is not) · follow-on (right, once the
   * helpers that it calls are the reference's) · error (the machine failed, not the answer: grade
   * again)
   */
  status: z.enum(["passed", "failed", "todo", "follow-on", "error"]),
  /** What the check says, one or more lines; "" where there is nothing to say. */
  sentence: text,
  /** The name of the known mistake, as the lesson's mutants list it. */
  mistake: text.optional(),
  /** How long its test took; the only number that differs between two runs. */
  ms: z.number().int().min(0),
});

/** What a status is called on a learner's page. */
export const STATUS = {
  passed: "right",
  failed: "not right yet",
  todo: "not done yet",
  "follow-on": "right, but what it calls is not",
  error: "could not be graded",
};
/** What a learner is told whose file somebody has to look at first. */
export const HELD =
  "Something in the file is not usual in an answer. The points count when your teacher has " +
  "looked at it.";

export const flagSchema = z.looseObject({
  /**
   * import · process · code (eval, Function) · global (globalThis) · prototype · hard-coded (right
   * with the inputs that everybody has, wrong with new ones)
   */
  kind: text,
  /** In the submission, from 1; 0 where it is about no single line. */
  line: z.number().int().min(0),
  /** That line, or what was seen. */
  text,
  /** Whether a person has looked at it and let it pass. */
  cleared: z.boolean(),
});

export const resultSchema = z.looseObject({
  schema: z.literal(SCHEMA),
  student: text,
  /** Its id: "06-attention". */
  lesson: text,
  /** sha256 of the answer, the tests and the manifest: while it stays, nothing is graded anew. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  exercises: z.array(exerciseSchema),
  flags: z.array(flagSchema),
  /** What the exercises bring together. */
  earned: points,
  /** What counts: `earned`, or 0 while a flag is not cleared. Lateness is not taken off here. */
  points,
  max: points,
  /**
   * One sentence where the whole submission could not be graded: refused, or the machine failed.
   */
  trouble: text.optional(),
  /** How late it came and what is left of the points, by the late rule: see late.mjs. */
  late: z.looseObject({}).optional(),
  submittedAt: instant,
  timeSource: z.enum(["lms", "commit", "zip", "file"]),
  /** sha256 of the submitted file's bytes, as it came. */
  sha256: text,
  attempt: z.number().int().min(1),
  /** Version and commit of the course that graded. */
  courseVersion: text,
});

/** Whether somebody has still to look at it before its points count. */
export const isHeld = (result) => result.flags.some(({ cleared }) => !cleared);

/** The sums of a result, from its exercises and flags. */
export function withSums(result) {
  const sum = (field) => result.exercises.reduce((total, e) => total + e[field], 0);
  const earned = sum("points");
  return { ...result, earned, points: isHeld(result) ? 0 : earned, max: sum("max") };
}

/** Where a schema finds fault first, in words: "exercises.0.status: Invalid option: …". */
export function faultOf(schema, data) {
  const read = schema.safeParse(data);
  if (read.success) return undefined;
  const [{ path, message }] = read.error.issues;
  return `${path.join(".") || "the file"}: ${message}`;
}

/**
 * The result in a file, or undefined where there is none.
 * @param shown how messages name the file
 * @throws SetupError where it is no result of this format
 */
export function readResult(file, shown = file) {
  if (!existsSync(file)) return undefined;
  const mend = "Delete it and run `npm run teach -- grade` again.";
  let data;
  try {
    data = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new SetupError(`${shown}: expected a result as JSON, got ${error.message}`, mend);
  }
  const fault = faultOf(resultSchema, data);
  if (fault) throw new SetupError(`${shown}: expected ${SCHEMA}, got ${fault}`, mend);
  return data;
}

/** A result as its file holds it: the same bytes for the same result. */
export const resultText = (result) => `${JSON.stringify(resultSchema.parse(result), null, 2)}\n`;
