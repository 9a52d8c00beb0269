// From an inbox to submissions: the made-up class as a whole, then what may go wrong, one by one.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeZip } from "llm/zip";
import { beforeEach, describe, expect, test } from "vitest";
import { load, printed, root, said, scratch, teachIn, tool } from "./tools";

const LESSON = "06";

const { intake, printIntake } = await tool("intake/intake");
const { decode } = await tool("intake/decode");
const { ownerOf, platformName } = await tool("intake/names");
const { readTimes, isTimes } = await tool("intake/times");
const { readCourse } = await tool("course");
const { readRoster } = await tool("roster");
const { makeClass } = await load("test/class/make.mjs");
const { answers, notebook } = await load("test/class/answers.mjs");
const { findLesson } = await load("tools/register.mjs");
const lesson = findLesson("06");

interface Submission {
  student: string;
  text: string;
  encoding: string;
  submittedAt: string;
  timeSource: string;
  origin: string;
  attempt: number;
  sha256: string;
  notes: string[];
}
interface Taken {
  submissions: Submission[];
  unmatched: { path: string; reason: string }[];
  missing: string[];
}
const read = (): Taken => intake(lesson, { course: readCourse(), roster: readRoster() });
const roster = "student,name,email,section,canvas,moodle,github\n";

describe("the class of thirty", () => {
  const folder = join(scratch(), "class");
  makeClass(folder);
  teachIn(folder);
  const { submissions, unmatched, missing } = read();
  const of = (student: string) => submissions.find((one) => one.student === student)!;

  test("twenty-nine hand in an answer, one a notebook", () => {
    expect(submissions.length).toBe(29);
    expect(missing).toEqual(["tess"]);
  });

  test("every text is the learner's own, whatever it was saved as", () => {
    for (const { student, text } of submissions) expect(text, student).toBe(answers[student]);
    expect(of("leo").encoding).toBe("utf-8 with BOM");
    expect(of("mia").encoding).toBe("utf-16le");
    expect(of("nils").encoding).toBe("windows-1252");
  });

  test("each time has its source", () => {
    const sources = (name: string) =>
      submissions.filter(({ timeSource }) => timeSource === name).map(({ student }) => student);
    expect(sources("commit")).toEqual(["rosa"]);
    expect(sources("lms")).toEqual(["sam", "zoe", "dee"]);
    expect(sources("zip")).toEqual(["cleo", "iris", "paul", "quin", "will"]);
    expect(of("rosa").submittedAt).toBe("2026-12-04T22:40:00.000Z");
    expect(of("sam").submittedAt).toBe("2026-12-04T20:13:00.000Z");
    expect(of("quin").submittedAt).toBe("2026-12-02T09:30:00.000Z");
  });

  test("the newest attempt counts, and what Canvas says is kept", () => {
    expect(of("yuri")).toMatchObject({ origin: "yuri/second.ts", attempt: 2 });
    expect(of("will").attempt).toBe(2);
    expect(of("paul").notes).toEqual(["Canvas marks it LATE"]);
  });

  test("what was not taken has its reason", () => {
    const rows = Object.fromEntries(unmatched.map(({ path, reason }) => [path, reason]));
    expect(Object.keys(rows).sort()).toEqual([
      ...["ada/.DS_Store", "bob/notes.pdf", "eve/05-embeddings.ts", "stranger/06-attention.ts"],
      ...["tess/06-attention.ipynb", "yuri/first.ts"],
    ]);
    expect(rows["tess/06-attention.ipynb"]).toMatch(
      /^is a notebook, which is not graded; expected/,
    );
    expect(rows["eve/05-embeddings.ts"]).toMatch(/^holds the functions of lesson 05-embeddings/);
    expect(rows["yuri/first.ts"]).toMatch(/yuri\/second\.ts is graded/);
  });

  test("nothing in the inbox is changed, and the list of what was left is written", async () => {
    const text = await printed(() => printIntake({ words: ["06"] }));
    expect(text).toContain("29 submissions; nothing from tess");
    const list = readFileSync(join(folder, "graded/06/unmatched.csv"), "utf8");
    expect(list.split("\n").length).toBe(unmatched.length + 2);
    expect(existsSync(join(folder, "inbox/06/lesson-06-rosaline/.git/index"))).toBe(true);
  });
});

describe("one inbox", () => {
  const outer = scratch();
  let number = 0;
  let folder: string;
  const put = (path: string, contents: string | Uint8Array) => {
    const file = join(folder, "inbox/06", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
    return file;
  };
  beforeEach(() => {
    folder = join(outer, `n${++number}`);
    mkdirSync(join(folder, "inbox/06"), { recursive: true });
    cpSync(join(root, "test/class/course.json"), join(folder, "course.json"));
    const rows = ["ada,Ada Lovelace,ada@example.org,,11,21,adalove", "bob,Bob Berg,,,12,22,"];
    teachIn(folder, { "roster.csv": `${roster}${rows.join("\n")}\n` });
  });
  const reasons = () => read().unmatched.map(({ path, reason }) => `${path}: ${reason}`);

  test("a link leads nowhere, nor does one in a zip", () => {
    put("secret.txt", answers.ada);
    mkdirSync(join(folder, "inbox/06/ada"));
    symlinkSync("../secret.txt", join(folder, "inbox/06/ada/06-attention.ts"));
    symlinkSync(outer, join(folder, "inbox/06/bob"));
    expect(read().submissions).toEqual([]);
    expect(reasons().filter((reason) => reason.includes("a link")).length).toBe(2);
  });

  test("a path that climbs out of a zip is only a name", () => {
    put("ada.zip", writeZip([{ path: "../../../out.ts", contents: answers.ada }]));
    expect(read().submissions[0].origin).toBe("ada.zip/../../../out.ts");
    expect(existsSync(join(outer, "out.ts"))).toBe(false);
  });

  test("large files, bombs, broken zips and zips in zips are told, not read", () => {
    put("ada/large.ts", "x".repeat(1_000_001));
    put("ada/bomb.zip", writeZip([{ path: "a.ts", contents: Buffer.alloc(2_000_000) }]));
    put("ada/broken.zip", "PK no");
    let nested = writeZip([{ path: "06-attention.ts", contents: answers.ada }]);
    for (let k = 0; k < 4; k++) nested = writeZip([{ path: "in.zip", contents: nested }]);
    put("bob/deep.zip", nested);
    expect(read().submissions).toEqual([]);
    const all = reasons().join("\n");
    expect(all).toContain("ada/large.ts: is larger than 1 MB, as no file of answers is");
    expect(all).toContain("ada/bomb.zip/a.ts: is larger than 1 MB");
    expect(all).toContain("ada/broken.zip: expected a zip archive");
    expect(all).toContain("a zip in a zip in a zip; not opened");
  });

  test("a clone's own settings run nothing, and a file that was edited later has the file's time", () => {
    const clone = join(folder, "inbox/06/attention-adalove");
    put("attention-adalove/exercises/06-attention.ts", answers.ada);
    const git = (...args: string[]) =>
      spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: clone });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "answers");
    const ran = join(outer, "it-ran");
    const program = join(outer, "program.sh");
    writeFileSync(program, `#!/bin/sh\ntouch '${ran}'\n`, { mode: 0o755 });
    for (const name of ["core.fsmonitor", "gpg.program", "core.pager", "core.sshCommand"])
      git("config", name, program);
    git("config", "log.showSignature", "true");
    git("config", "core.hooksPath", outer);
    expect(read().submissions[0]).toMatchObject({ student: "ada", timeSource: "commit" });
    expect(existsSync(ran)).toBe(false);
    writeFileSync(join(clone, "exercises/06-attention.ts"), `${answers.ada}// later\n`);
    expect(read().submissions[0]).toMatchObject({ student: "ada", timeSource: "file" });
  });

  test("a clone without answers is a row, its large files and links are none", () => {
    const clone = join(folder, "inbox/06/attention-adalove");
    put("attention-adalove/datasets/book.txt", "x".repeat(1_200_000));
    put("attention-adalove/README.md", "# Course");
    symlinkSync("README.md", join(clone, "LINK.md"));
    const git = (...args: string[]) =>
      spawnSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: clone });
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "nothing");
    expect(reasons()).toEqual([
      `attention-adalove: is a clone without a file that answers lesson ${LESSON}`,
    ]);
  });

  test("the platform's word on who it was counts more than submission.json's", () => {
    const note = {
      schema: "llm-course/submission/v1",
      student: "bob",
      time: "2026-12-01T00:00:00Z",
    };
    const files = [
      { path: "06-attention.ts", contents: answers.ada },
      { path: "submission.json", contents: JSON.stringify({ ...note, sha256: "0" }) },
    ];
    put("lovelaceada_11_99_06-attention_bob.zip", writeZip(files));
    const [one] = read().submissions;
    expect(one.student).toBe("ada");
    expect(one.notes.join("\n")).toContain("submission.json says bob");
    expect(one.notes.join("\n")).toContain("was changed after `npm run submit`");
  });

  test("without a name in its place, a zip is whose submission.json says", () => {
    const note = {
      schema: "llm-course/submission/v1",
      student: "bob",
      time: "2026-12-01T00:00:00Z",
    };
    const files = [
      { path: "06-attention.ts", contents: answers.ada },
      { path: "submission.json", contents: JSON.stringify({ ...note, sha256: "0" }) },
    ];
    put("upload-17.zip", writeZip(files));
    expect(read().submissions[0].student).toBe("bob");
  });

  test("a notebook under another name, an empty file, another lesson's answers", () => {
    put("ada.ts", notebook);
    put("bob/06-attention.ts", "");
    expect(read().submissions).toEqual([]);
    expect(reasons().join("\n")).toMatch(
      /ada\.ts: is a notebook[\s\S]*bob\/06-attention\.ts: is empty/,
    );
  });

  test("a file that only passes the reference on is taken, to be judged", () => {
    put("ada.ts", 'export * from "../solutions/06-attention";\n');
    expect(read().submissions[0].student).toBe("ada");
  });

  test("a whole copy of the course: the answers are found, its other files are one row", () => {
    const files = ["solutions/06-attention.ts", "src/attention.ts", "test/mutants/06-attention.ts"]
      .concat(["dist/a.js", "tools/b.ts", "docs/c.ts"])
      .map((path) => ({ path: `llm/${path}`, contents: answers.ada }));
    files.push({ path: "llm/exercises/06-attention.ts", contents: answers.eve });
    put("ada.zip", writeZip(files));
    expect(read().submissions.map(({ text }) => text)).toEqual([answers.eve]);
    expect(reasons()).toEqual(["ada.zip/…: 6 files: is a part of the course, not an answer"]);
  });

  test("nothing there is a sentence with its mend", async () => {
    expect(await said(read)).toContain("expected submissions, got an empty folder");
    process.env.LLM_TEACHING = join(outer, "nowhere");
    expect(await said(read)).toContain("expected the course's settings, got no such file");
  });
});

describe("names of platforms", () => {
  test.each([
    ["lovelaceada_12_345_06-attention.ts", { by: "canvas", number: "12", late: false, attempt: 1 }],
    ["lovelaceada_LATE_12_345_a-2.ts", { by: "canvas", number: "12", late: true, attempt: 3 }],
    ["Ada Lovelace_77_assignsubmission_file_", { by: "moodle", number: "77" }],
    ["Ada Lovelace_77_assignsubmission_file_06.ts", { by: "moodle", name: "Ada Lovelace" }],
  ])("%s", (name, expected) => expect(platformName(name)).toMatchObject(expected));

  test.each(["06-attention.ts", "ada_06.ts", "my_own_file_06.ts"])("%s is none", (name) =>
    expect(platformName(name)).toBeUndefined(),
  );

  const rows = [
    { student: "ada", name: "Ada Lovelace", email: "", canvas: "12", moodle: "77", github: "al" },
    {
      student: "ada-l",
      name: "Ada Lund",
      email: "al@x.org",
      canvas: "13",
      moodle: "78",
      github: "",
    },
    { student: "joergen", name: "Jørgen Ås", email: "", canvas: "", moodle: "", github: "" },
  ];
  test.each([
    ["ada-l_06.ts", "ada-l"],
    ["ada_06.ts", "ada"],
    ["06-ada.ts", "ada"],
    ["al/x.ts", "ada"],
    ["al@x.org/x.ts", "ada-l"],
    ["lesson-06-al/exercises/06-attention.ts", "ada"],
    ["lovelaceada_99_5_x.ts", "ada"],
    ["lundada_13_5_x.ts", "ada-l"],
    ["Ada Lund_1_assignsubmission_file_/x.ts", "ada-l"],
    ["Jørgen Ås/x.ts", "joergen"],
    ["ada/ada-l.ts", "ada"],
  ])("%s is %s's", (path, student) => expect(ownerOf(path, rows).row?.student).toBe(student));

  test.each(["canada_06.ts", "x.ts", "adaada/x.ts", "somebodyelse_99_5_x.ts"])(
    "%s is nobody's",
    (path) => expect(ownerOf(path, rows).row).toBeUndefined(),
  );
});

describe("encodings", () => {
  const text = "export const größe = 1; // 陈 😀\r\n";
  const swapped = (bytes: Buffer) => Buffer.from(bytes).swap16();
  test.each([
    ["utf-8", Buffer.from(text)],
    ["utf-8 with BOM", Buffer.from(`\uFEFF${text}`)],
    ["utf-16le", Buffer.from(`\uFEFF${text}`, "utf16le")],
    ["utf-16be", swapped(Buffer.from(`\uFEFF${text}`, "utf16le"))],
    ["utf-16le", Buffer.from(text, "utf16le")],
    ["utf-16be", swapped(Buffer.from(text, "utf16le"))],
  ])("%s", (encoding, bytes) => expect(decode(bytes)).toEqual({ text, encoding }));
  test("Windows-1252, and what is no text", () => {
    const bytes = Buffer.from([0x67, 0x72, 0xf6, 0xdf, 0x65, 0x80]);
    expect(decode(bytes)).toEqual({ text: "größe€", encoding: "windows-1252" });
    expect(decode(Buffer.from([0, 1, 2, 0, 0, 0, 3]))).toEqual({ reason: "is no text file" });
  });
});

describe("the platform's record of times", () => {
  const rows = [{ student: "ada", name: "Ada", email: "", canvas: "", moodle: "77", github: "" }];
  test.each([
    ["Friday, 4 December 2026, 9:13 PM", "2026-12-04T20:13:00.000Z"],
    ["Friday, 4 December 2026, 12:05 AM", "2026-12-03T23:05:00.000Z"],
    ["2026-12-04 21:13", "2026-12-04T20:13:00.000Z"],
  ])("Moodle's %s", (date, iso) => {
    const text = `Identifier,Last modified (submission)\nParticipant 77,"${date}"\n`;
    expect(isTimes(text)).toBe(true);
    expect(readTimes(text, rows, "Europe/Berlin").times.get("ada")).toBe(iso);
  });
  test("a stranger and a date that is none are told", () => {
    const text = "student,submitted\nada,soon\neve,2026-12-04\n";
    expect(readTimes(text, rows, "UTC").problems).toEqual([
      "line 2: expected a date as 2026-12-04 21:13, got soon",
      'line 3: nobody of the roster is "eve"',
    ]);
  });
});
