// When something was handed in, and who says so. The learning platform's own record comes first: a
// table in the inbox, `times.csv` (`student,submitted`) or Moodle's grading worksheet as it was
// downloaded. Then a commit's time, then a zip's, then the file's. A commit, a zip and a file carry
// what the learner's own clock said, which a learner can set: the source is always shown.

import { parseCsv } from "../csv.mjs";
import { instantOf } from "../dates.mjs";
import { byWord } from "./names.mjs";

const MONTHS =
  "january february march april may june july august september october november december";

/** "Friday, 4 December 2026, 9:13 PM", as Moodle writes it in English, in the course's zone. */
function moodleDate(text, timezone) {
  const found = /(\d{1,2}) (\p{L}+) (\d{4}),? (\d{1,2}):(\d\d)(?::(\d\d))?\s*([AP]M)?/iu.exec(text);
  if (!found) return instantOf(text, timezone);
  const [, day, word, year, hour, minute, second = "00", half] = found;
  const month = MONTHS.split(" ").findIndex((name) => name.startsWith(word.toLowerCase())) + 1;
  if (month === 0) return undefined;
  const h = half ? (Number(hour) % 12) + (/p/i.test(half) ? 12 : 0) : Number(hour);
  const two = (n) => String(n).padStart(2, "0");
  return instantOf(`${year}-${two(month)}-${two(day)} ${two(h)}:${minute}:${second}`, timezone);
}

/** Whether a CSV file is one of the tables that say when. */
export function isTimes(text) {
  const head = parseCsv(text.split(/\r?\n/, 1)[0] ?? "").rows[0];
  const names = head?.cells.map((cell) => cell.text.trim().toLowerCase()) ?? [];
  return (
    (names.includes("student") && names.includes("submitted")) ||
    (names.includes("identifier") && names.some((name) => /^last modified/.test(name)))
  );
}

/**
 * The platform's record.
 * @returns { times: Map of student → ISO, problems: [reason] }
 */
export function readTimes(text, roster, timezone) {
  const [head, ...rows] = parseCsv(text).rows;
  const names = head.cells.map((cell) => cell.text.trim().toLowerCase());
  const column = (test) => names.findIndex((name) => test.test(name));
  const [who, when] = names.includes("submitted")
    ? [column(/^student$/), column(/^submitted$/)]
    : [column(/^identifier$/), column(/^last modified \(submission\)/)];
  const times = new Map();
  const problems = [];
  for (const { line, cells } of rows) {
    const [name, date] = [cells[who]?.text.trim() ?? "", cells[when]?.text.trim() ?? ""];
    if (date === "" || date === "-") continue;
    const number = /(\d+)$/.exec(name)?.[1];
    const row =
      byWord(name, roster) ?? roster.find(({ moodle }) => moodle !== "" && moodle === number);
    const instant = moodleDate(date, timezone);
    if (!row) problems.push(`line ${line}: nobody of the roster is ${JSON.stringify(name)}`);
    else if (!instant)
      problems.push(`line ${line}: expected a date as 2026-12-04 21:13, got ${date}`);
    else times.set(row.student, instant);
  }
  return { times, problems };
}

/**
 * A file's time and its source, without the platform's record.
 * @param note what submission.json says, if there is one
 */
export function timeOf(file, note, timezone) {
  if (file.clone) {
    const within = file.path.slice(file.clone.at.length + 1);
    const committed = file.clone.commitOf(within, file.bytes);
    if (committed) return { submittedAt: committed, timeSource: "commit" };
  }
  const claimed = new Date(note?.time ?? "");
  if (!Number.isNaN(claimed.getTime()))
    return { submittedAt: claimed.toISOString(), timeSource: "zip" };
  const zip = file.zipTime ?? (file.wallTime && instantOf(file.wallTime, timezone));
  if (zip) return { submittedAt: zip, timeSource: "zip" };
  return { submittedAt: file.mtime, timeSource: "file" };
}
