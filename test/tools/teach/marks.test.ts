// From graded results to marks, pages and the files of learning platforms. The results are made
// here: how they come about is grade's business.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readZip } from "llm/zip";
import { beforeEach, describe, expect, test } from "vitest";
import { load, printed, said, scratch, teachIn, tool } from "./tools";

const LESSON = "06";

const { marksOf } = await tool("marks");
const { feedback } = await tool("feedback");
const { exportMarks, fillIn } = await tool("export");
const { classPage, mistakesOf } = await tool("class");
const { readCourse } = await tool("course");
const { readRoster } = await tool("roster");
const { withSums, resultText } = await tool("result");
const { findLesson } = await load("tools/register.mjs");
const lesson = findLesson("06");

const HOSTILE = "</td><script>alert(1)</script> \u001b[31mred\u001b[0m `a` [x](javascript:1)";
const exercise = (name: string, max: number, status = "passed", more = {}) => ({
  ...{ name, max, status, ms: 5, sentence: "" },
  points: ["passed", "follow-on"].includes(status) ? max : 0,
  ...more,
});
const both = (status: string, more = {}) => [
  exercise("attentionByLoops", 3),
  exercise("maskedSoftmax", 3, status, more),
];
const mistake = { sentence: "The mask came after the softmax.", mistake: "mask after softmax" };

const outer = scratch();
let number = 0;
let folder: string;
function grade(student: string, exercises: object[], more = {}) {
  const result = withSums({
    ...{ schema: "llm-course/grade/v1", student, lesson: lesson.id, key: "0".repeat(64) },
    ...{ exercises, flags: [], earned: 0, points: 0, max: 0, sha256: "0", attempt: 1 },
    ...{ submittedAt: "2026-12-01T10:00:00Z", timeSource: "zip", courseVersion: "0.1.0" },
    ...more,
  });
  writeFileSync(join(folder, "graded/06", `${student}.json`), resultText(result));
}
const flag = { kind: "import", line: 2, text: HOSTILE, cleared: false };

beforeEach(() => {
  folder = join(outer, `n${++number}`);
  mkdirSync(join(folder, "graded/06"), { recursive: true });
  teachIn(folder, {
    "course.json": JSON.stringify({
      lessons: [{ lesson: "06", due: "2026-12-04 23:59" }],
      late: { grace: "15m", perDay: 0.1, floor: 0.5, freeDays: 0 },
    }),
    "roster.csv":
      "student,name,email,section,canvas,moodle,github\n" +
      "ada,Ada Lovelace,ada@example.org,A,11,21,\n" +
      'eve,"<b>Eve</b>, =cmd()",eve@example.org,A,12,22,\n' +
      "jo,Jo Ek,jo@example.org,B,13,23,\n" +
      "kim,Kim Ko,,B,14,24,\n" +
      "lee,Lee Li,,B,15,25,\n",
    "overrides.csv":
      "student,lesson,exercise,points,comment\n" +
      'ada,06,maskedSoftmax,2.5,"=1+1, nearly"\n' +
      "lee,06,*,4,by hand\n" +
      "jo,06,,,See me.\n",
  });
  grade("ada", both("failed", mistake), { submittedAt: "2026-12-06T10:00:00Z" });
  grade("eve", both("failed", { ...mistake, sentence: HOSTILE }), { flags: [flag] });
  grade("jo", both("error", { sentence: "The sandbox did not start." }));
});
interface Mark {
  row: { student: string };
  state: string;
  before?: number;
  final?: number;
  max: number;
}
const marks = (): Mark[] => marksOf(lesson, { course: readCourse(), roster: readRoster() });
const of = (student: string) => marks().find(({ row }) => row.student === student)!;

describe("marks", () => {
  test("an override, then the late rule", () => {
    expect(of("ada")).toMatchObject({ state: "graded", before: 5.5, final: 4.4, max: 6 });
  });
  test("a flag holds all points until a person has looked", () => {
    expect(of("eve")).toMatchObject({ state: "held", before: 0, final: 0 });
    grade("eve", both("passed"), { flags: [{ ...flag, cleared: true }] });
    expect(of("eve")).toMatchObject({ state: "graded", final: 6 });
  });
  test("a fault of the machine is no mark, and never 0", () => {
    expect(of("jo").state).toBe("error");
    expect(of("jo").final).toBeUndefined();
  });
  test("what was not handed in has no mark, unless the teacher gives one", () => {
    expect(of("kim")).toMatchObject({ state: "missing" });
    expect(of("kim").final).toBeUndefined();
    expect(of("lee")).toMatchObject({ state: "graded", final: 4, max: 6 });
  });
  test.each([
    ["bob,06,,,x", "line 2: expected a student of the roster"],
    ["ada,77,,,x", "line 2: expected a lesson"],
    ["ada,06,maskedSoftmax,-1,x", "line 2: expected points ≥ 0 or nothing"],
    ["ada,06,,3,x", "line 2: expected an exercise, or * for the whole lesson"],
    ["ada,06,maskedSoftmax,300,x", "line 2: expected at most 3 points, got 300"],
    ["ada,06,masked,1,x", "line 2: expected one of attentionByLoops, maskedSoftmax"],
  ])("the override %s is refused", async (line, message) => {
    teachIn(folder, { "overrides.csv": `student,lesson,exercise,points,comment\n${line}\n` });
    expect(await said(marks)).toContain(message);
  });
  test("a result that is damaged is named", async () => {
    writeFileSync(join(folder, "graded/06/ada.json"), "{");
    expect(await said(marks)).toContain("graded/06/ada.json: expected a result as JSON");
  });
});

describe("feedback", () => {
  const page = (name: string) => readFileSync(join(folder, "feedback/06", name), "utf8");

  test("what others wrote stays text", async () => {
    await printed(() => feedback({ words: ["06"] }));
    const [html, text] = [page("eve.html"), page("eve.md")];
    expect(html).not.toContain("<script>");
    expect(html).not.toContain("<b>Eve");
    expect(html).toContain("&lt;/td&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain("&lt;b&gt;Eve&lt;/b&gt;");
    expect(html).not.toContain("\u001b");
    expect(text).not.toContain("\u001b");
    expect(text.split("```text")[0]).not.toContain("<b>");
    expect(html).toContain("default-src 'none'");
  });

  test("points, lateness, comment, the first hint, and never an answer", async () => {
    await printed(() => feedback({ words: ["06"] }));
    const html = page("ada.html");
    expect(html).toContain("4.4 of 6 points");
    expect(html).toContain("1 d 10 h late, × 0.8: 5.5 → 4.4 points.");
    expect(html).toContain("=1+1, nearly");
    expect(page("eve.html")).toContain("A hint: Idea");
    expect(page("eve.html")).not.toContain("tf.softmax(tf.where");
    expect(page("jo.md")).toContain("See me.");
    expect(page("jo.md")).toContain("– of 6 points");
  });

  test("a zip in Moodle's names; one learner alone makes none", async () => {
    const text = await printed(() => feedback({ words: ["06"] }));
    expect(text).toContain("Nothing to say to kim");
    const zip = readZip(readFileSync(join(folder, "feedback/06/feedback-for-moodle.zip")));
    expect(zip.map(({ path }) => path)).toEqual([
      "Ada Lovelace_21_assignsubmission_file_/feedback.html",
      "_b_Eve__b_, =cmd()_22_assignsubmission_file_/feedback.html",
      "Jo Ek_23_assignsubmission_file_/feedback.html",
      "Lee Li_25_assignsubmission_file_/feedback.html",
    ]);
    expect(await said(() => feedback({ words: ["06", "nobody"] }))).toContain(
      'expected a student of the roster, got "nobody"',
    );
  });
});

describe("export", () => {
  const canvas = [
    "\uFEFFStudent,ID,SIS User ID,SIS Login ID,Section,Week 05 (90),06 Attention (91),Final",
    "    Points Possible,,,,,10,12,(read only)",
    '"Lovelace, Ada",11,s1,ada@example.org,A,7,,"x,y"',
    '"Eve, =cmd()",12,s2,eve@example.org,A,,5,',
    '"Ek, Jo",13,s3,jo@example.org,B,1,"2",é',
    '"Li, Lee",15,s5,,B,,,',
    "Test Student,99,,,,,,",
    "",
  ].join("\r\n");

  test("Canvas: the column's cells change, and no other byte", async () => {
    const file = join(folder, "canvas.csv");
    writeFileSync(file, canvas);
    const text = await printed(() => exportMarks({ values: { into: file }, words: ["06"] }));
    const filled = readFileSync(join(folder, "canvas-filled.csv"), "utf8");
    const expected = canvas
      .replace('A,7,,"x,y"', 'A,7,8.8,"x,y"') // 4.4 of 6, of 12 points
      .replace("A,,5,", "A,,0,")
      .replace("B,,,\r\nTest", "B,,8,\r\nTest");
    expect(filled).toBe(expected);
    expect(text).toContain("3 marks filled in");
    expect(text).toContain("6 points scaled to 12");
    expect(text).toContain("without a mark, left as they were: jo");
    expect(text).toContain("not in the roster: line 7");
    expect(text).toContain("eve: 0 points until its flags are cleared");
  });

  test("Moodle: grade and comment, with semicolons and commas of another language", () => {
    const heads = "Identifier;Full name;Grade;Maximum Grade;Feedback comments";
    const sheet = `${heads}\nParticipant 21;Ada;;100,00;""\nParticipant 24;Kim;12,00;100,00;"old"\n`;
    const { text } = fillIn(sheet, marks(), { lesson, shown: "sheet.csv" });
    const rows = text.split("\n");
    expect(rows[0]).toBe(heads);
    // In quotes, though a comma does not separate here: see quotedCell.
    expect(rows[1]).toBe('Participant 21;Ada;"73,33";100,00;"maskedSoftmax: =1+1, nearly"');
    expect(rows[2]).toBe('Participant 24;Kim;12,00;100,00;"old"');
  });

  test("what is neither platform's file, and a column that is not there", async () => {
    const fill = (text: string, column?: string) =>
      said(() => fillIn(text, marks(), { lesson, column, shown: "x.csv" }));
    expect(await fill("a,b\n1,2\n")).toContain("expected a file of Canvas's gradebook");
    expect(await fill(canvas, "Week 07")).toContain("expected one column of Week 07, got none");
    expect(await fill(canvas.replace("Week 05", "Attention"))).toContain("got Attention (90), 06");
  });

  test("gradebook.csv has nbgrader's columns, and formulas are quoted", async () => {
    await printed(() => exportMarks({ values: {}, words: ["06"] }));
    const lines = readFileSync(join(folder, "gradebook.csv"), "utf8").split("\n");
    expect(lines[0]).toBe(
      "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score," +
        "late_submission_penalty,score,max_score",
    );
    const day = "2026-12-04T23:59:00.000Z";
    expect(lines[1]).toBe(
      `06-attention,${day},2026-12-06T10:00:00Z,ada,Lovelace,Ada,ada@example.org,5.5,1.1,4.4,6`,
    );
    expect(lines[2]).toContain("eve,<b>Eve</b>,'=cmd(),eve@example.org,0,0,0,6");
    expect(lines[3]).toContain("jo,Ek,Jo,jo@example.org,,,,6");
    expect(lines[4]).toBe(`06-attention,${day},,kim,Ko,Kim,,0,0,0,6`);
  });
});

describe("the class", () => {
  test("mistakes that several make, the most frequent first", async () => {
    grade("kim", both("failed", mistake));
    expect(mistakesOf(marks())).toMatchObject([
      { exercise: "maskedSoftmax", mistake: "mask after softmax", students: ["ada", "eve", "kim"] },
    ]);
    const text = await printed(() => classPage({ words: ["06"] }));
    expect(text).toContain("3 of 5: mask after softmax (maskedSoftmax: ada, eve, kim)");
    expect(text).toContain("1 held until somebody has looked");
    expect(text).toContain("1 to grade again");
    expect(text).toMatch(/ada +✓ +✗ +4\.4 +1 d 10 h late, × 0\.8; set by the teacher/);
    const html = readFileSync(join(folder, "class.html"), "utf8");
    expect(html).not.toContain("<script>");
    expect(html).toContain("<strong>3 of 5</strong>: mask after softmax");
  });
  test("an empty class is a table all the same", async () => {
    process.env.LLM_TEACHING = join(outer, "empty");
    mkdirSync(join(outer, "empty"), { recursive: true });
    teachIn(join(outer, "empty"), {
      "course.json": JSON.stringify({ lessons: [{ lesson: "06" }] }),
      "roster.csv": "student,name\nada,Ada\n",
    });
    expect(await printed(() => classPage({ words: [] }))).toContain("0 of 1 graded · 1 missing");
    expect(await said(() => exportMarks({ values: {}, words: ["06"] }))).toContain(
      `expected marks of lesson ${LESSON}, got none`,
    );
  });
});

describe("settings and roster", () => {
  test.each([
    ["{", "expected JSON"],
    ["[]", "the file: expected an object"],
    ['{"lesson":[]}', "lesson: expected one of title"],
    ['{"timezone":"Mars"}', "timezone: expected a time zone"],
    ['{"lessons":[{"lesson":"77"}]}', "lessons[0].lesson: expected the number of a written lesson"],
    ['{"lessons":[{"lesson":"06","due":"soon"}]}', 'lessons[0].due: expected a date as "2026'],
    [
      '{"lessons":[{"lesson":"06"},{"lesson":"6"}]}',
      "lessons[1].lesson: expected each lesson once",
    ],
    ['{"late":{"grace":"soon"}}', "late.grace: expected a span"],
    ['{"late":{"perDay":2}}', "late.perDay: expected a number from 0 to 1"],
    ['{"late":{"freeDays":-1}}', "late.freeDays: expected a whole number"],
    ['{"late":{"days":1}}', "late.days: expected one of grace"],
  ])("course.json %s", async (text, message) => {
    teachIn(folder, { "course.json": text });
    expect(await said(readCourse)).toContain(message);
  });
  test.each([
    ["name\nAda\n", "line 1: expected the columns student, name, got no student"],
    ["student,name\n", "line 2: expected a learner, got an empty roster"],
    ["student,name\n../x,Ada\n", "line 2: expected a student made of letters"],
    ["student,name\nCON,Ada\n", "line 2: expected a student made of letters"],
    ["student,name\nada,\n", "line 2: expected a name, got an empty cell"],
    ["student,name\nada,A\nAda,B\n", "line 3: expected each student once"],
    ["student,name,email\na,A,x@y\nb,B,X@y\n", "line 3: expected each email once"],
    ["student,name\nada,A,b,c\n", "line 2: expected 2 cells, got 4"],
  ])("roster %j", async (text, message) => {
    teachIn(folder, { "roster.csv": text });
    expect(await said(readRoster)).toContain(message);
  });
});

test("what a check said keeps the columns of its matrices, and nothing in it is HTML", async () => {
  const { checkSaid } = await tool("page");
  const html = checkSaid(
    "Not <b>right</b>: see `mask`.\n  got   expected\n  0  1  1  1\nAnd more.",
  );
  expect(html).toBe(
    '<div class="said">Not &lt;b&gt;right&lt;/b&gt;: see <code>mask</code>.</div>' +
      '<pre class="numbers">  got   expected\n  0  1  1  1</pre><div class="said">And more.</div>',
  );
});
