// `npm run teach -- init` makes the teacher's folder with files to fill in, and never overwrites
// one; `npm run teach -- roster` reads the roster and the settings and says what it understood.
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { inTeaching, readCourse, shownPath } from "./course.mjs";
import { shownDate, spanInWords } from "./dates.mjs";
import { readRoster, rosterColumns } from "./roster.mjs";
import { count, table } from "./say.mjs";

const settings = (timezone) => ({
  title: "LLM from scratch",
  timezone,
  lessons: [{ lesson: "06", due: "2027-01-15 23:59", answers: "2027-01-22" }],
  late: { grace: "15m", perDay: 0.1, floor: 0.5, freeDays: 5 },
  followOn: "full",
  secret: randomBytes(12).toString("hex"),
});

const files = {
  "course.json": (timezone) => `${JSON.stringify(settings(timezone), null, 2)}\n`,
  "roster.csv": () => `${rosterColumns.join(",")}\nada,Ada Lovelace,ada@example.org,A,,,\n`,
  "overrides.csv": () => "student,lesson,exercise,points,comment\n",
};

/** `npm run teach -- init` */
export function init() {
  const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
  for (const [name, text] of Object.entries(files)) {
    const file = inTeaching(name);
    mkdirSync(dirname(file), { recursive: true });
    if (existsSync(file)) console.log(`  ${shownPath(file)} is there already, and stays.`);
    else {
      writeFileSync(file, text(timezone), { flag: "wx", mode: 0o600 });
      console.log(`  ${shownPath(file)} is new.`);
    }
  }
  mkdirSync(inTeaching("inbox"), { recursive: true });
  console.log(
    "\nFill in the lessons, their dates and the roster. `npm run teach -- roster` then says what " +
      "it understood.",
  );
}

/** `npm run teach -- roster` */
export function printRoster() {
  const course = readCourse();
  const roster = readRoster();
  const shown = roster.map(({ line, ...row }) => rosterColumns.map((name) => row[name]));
  console.log(table([rosterColumns, ...shown]));
  console.log(
    `\n${count(roster.length, "learner")}. ${course.title}, dates in ${course.timezone}:`,
  );
  for (const { lesson, due, answers } of course.lessons)
    console.log(
      `  ${lesson.number} ${lesson.title}: ` +
        (due ? `due ${shownDate(due, course.timezone)}` : "no due date") +
        (answers ? `; answers from ${shownDate(answers, course.timezone)}` : ""),
    );
  const { grace, perDay, floor, freeDays } = course.late;
  console.log(
    `Late: ${grace ? `${spanInWords(grace)} of grace` : "no grace"}, ${freeDays} free days a ` +
      `learner, then ${Math.round(perDay * 100)} % a day, never below ` +
      `${Math.round(floor * 100)} %.`,
  );
}
