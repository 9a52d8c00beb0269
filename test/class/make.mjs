// A made-up class of thirty and its inbox for lesson 06 (attention), with every way in which work is
// handed in: folders, zips, a clone, names of Canvas and Moodle, odd encodings, a notebook, late
// ones. The same bytes each time. To look at it, or to try the commands on it:
//
//   node test/class/make.mjs teaching      a folder that is not there yet
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isMain, root } from "../../tools/kit.mjs";
import { answers, earlier, notebook } from "./answers.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const NAME = "06-attention.ts";
/** On time, for those who are. */
const USUAL = "2026-12-03T18:00:00Z";

/** Files by their path from the inbox: { contents, time }. */
function inbox() {
  const { writeZip } = createRequire(join(root, "package.json"))("llm/zip");
  const files = {};
  const put = (path, contents, time = USUAL) => {
    files[path] = { contents, time };
  };
  const zip = (entries, time) =>
    writeZip(entries.map(([path, contents]) => ({ path, contents, modified: new Date(time) })));
  const submitted = (student, text, time) => {
    const sha256 = createHash("sha256").update(text).digest("hex");
    const schema = "llm-course/submission/v1";
    const note = { schema, student, lesson: "06-attention", sha256, time, courseVersion: "0.1.0" };
    return zip(
      [
        [NAME, text],
        ["submission.json", JSON.stringify(note)],
      ],
      time,
    );
  };

  // Folders and files named after the learner.
  for (const student of ["ada", "bob", "dan", "eve", "hugo", "kim", "umar", "vera", "abe", "bea"])
    put(`${student}/${NAME}`, answers[student]);
  put("finn.ts", answers.finn, "2026-12-04T23:10:00Z"); // 11 minutes late: within the grace
  put("gia_06.ts", answers.gia, "2026-12-05T08:00:00Z"); // a day late, a free one
  put("xena@example.org/answers.ts", answers.xena);
  put("cal.txt", answers.cal);
  put("olga/my answers final (2).ts", answers.olga);

  // What editors make of it.
  put(`leo/${NAME}`, `\uFEFF${answers.leo}`);
  put(`mia/${NAME}`, Buffer.from(`\uFEFF${answers.mia}`, "utf16le"));
  put(`nils/${NAME}`, Buffer.from(answers.nils, "latin1"));
  put(`jon/${NAME}`, answers.jon);
  put("tess/06-attention.ipynb", notebook);

  // Canvas's download: one zip of files whose names say who and whether late.
  const canvas = [
    [`brontecleo_3003_70003_${NAME}`, answers.cleo],
    [`irisk_3009_70009_${NAME}`, answers.iris],
    [`paulpaul_LATE_3016_70016_${NAME}`, answers.paul],
    ["willw_3023_70023_06-attention-1.ts", answers.will],
    [
      "quinq_3017_70017_06-attention_quin.zip",
      submitted("quin", answers.quin, "2026-12-02T09:30:00Z"),
    ],
  ];
  put("submissions.zip", zip(canvas, "2026-12-04T20:00:00Z"));

  // Moodle's download: folders of participants, with its grading worksheet beside them.
  put(`Sam Sande_900019_assignsubmission_file_/${NAME}`, answers.sam);
  put(`Zoë Zander_900026_assignsubmission_file_/zoe.ts`, answers.zoe);
  put(`Dee <b>Dot</b>_900030_assignsubmission_file_${NAME}`.replaceAll(/[<>/]/g, "_"), answers.dee);
  put("Grades-LLM-06--900.csv", worksheet());

  // Two attempts: the newer one counts.
  put("yuri/first.ts", earlier.yuri, "2026-12-01T10:00:00Z");
  put("yuri/second.ts", answers.yuri, "2026-12-13T12:00:00Z"); // nine days late

  // What nobody asked for.
  put("stranger/06-attention.ts", answers.ada);
  put("ada/.DS_Store", "x");
  put("bob/notes.pdf", Buffer.from([37, 80, 68, 70, 0, 1, 2]));
  put(
    "eve/05-embeddings.ts",
    "export function cosineSimilarity() {}\nexport function analogy() {}\n",
  );
  return files;
}

/** Moodle's grading worksheet, as it is downloaded. */
export function worksheet() {
  const heads =
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed," +
    "Last modified (submission),Last modified (grade),Feedback comments";
  const row = (number, name, email, when) =>
    `Participant ${number},"${name}",${email},"Submitted for grading - ",,100.00,Yes,` +
    `"${when}",-,""`;
  return `\uFEFF${[
    heads,
    row(900019, "Sam Sande", "sam@example.org", "Friday, 4 December 2026, 9:13 PM"),
    row(900020, "Tess Tam", "tess@example.org", "-"),
    row(900026, "Zoë Zander", "zoe@example.org", "Monday, 7 December 2026, 10:30 AM"),
    row(900030, "Dee <b>Dot</b>", "dee@example.org", "Friday, 4 December 2026, 8:00 PM"),
  ].join("\r\n")}\r\n`;
}

/** Rosa hands in a clone: the time is the commit's. */
function makeClone(folder) {
  const file = join(folder, "exercises", NAME);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, answers.rosa);
  mkdirSync(join(folder, "solutions"));
  writeFileSync(join(folder, "solutions", NAME), answers.ada);
  const date = "2026-12-04T22:40:00Z";
  const env = {
    ...process.env,
    ...{ GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date },
    ...{ GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" },
  };
  const git = (...args) => {
    const who = ["-c", "user.name=rosa", "-c", "user.email=rosa@example.org"];
    const run = spawnSync("git", [...who, ...args], { cwd: folder, env, encoding: "utf8" });
    if (run.status !== 0) throw new Error(`git ${args[0]}: ${run.stderr}`);
  };
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-q", "-m", "My answers");
}

/** The class with its inbox, settings, roster and overrides in a new folder. */
export function makeClass(folder) {
  if (existsSync(folder)) throw new Error(`makeClass: expected a new folder, got ${folder}`);
  for (const [path, { contents, time }] of Object.entries(inbox())) {
    const file = join(folder, "inbox", "06", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
    utimesSync(file, new Date(time), new Date(time));
  }
  makeClone(join(folder, "inbox", "06", "lesson-06-rosaline"));
  for (const name of ["course.json", "roster.csv", "overrides.csv"])
    cpSync(join(here, name), join(folder, name));
}

if (isMain(import.meta.url)) {
  const folder = process.argv[2];
  if (!folder) throw new Error("make.mjs: expected a folder that is not there yet, got nothing");
  makeClass(resolve(folder));
  console.log(`The class of thirty is in ${folder}: npm run teach -- intake 06`);
}
