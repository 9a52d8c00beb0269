// The late rule of course.json, { grace, perDay, floor, freeDays }:
//
//   within the grace       on time
//   after it               days = the days since the due date, each begun one counts whole
//   the free days first    a learner has so many in the term; they go to the lessons due first
//   what is left           factor = max(floor, 1 − perDay · days), and points = factor · points
//
// Who was given longer stands in `extensions` of course.json: that date takes the due date's place.
import { spanInWords } from "./dates.mjs";
import { count, points } from "./say.mjs";

const DAY = 86_400_000;

/**
 * What one submission's time costs.
 * @param submittedAt ISO
 * @param due ISO, or undefined where there is no due date
 * @param rule { grace (ms), perDay, floor }
 * @param free how many free days the learner has left
 * @returns { ms, days, free, factor }: how late (0: not at all), the days begun, how many of them
 *   are free, and what the points are multiplied with
 */
export function lateness(submittedAt, due, rule, free = 0) {
  const ms = due === undefined ? 0 : Math.max(0, Date.parse(submittedAt) - Date.parse(due));
  if (ms <= rule.grace) return { ms, days: 0, free: 0, factor: 1 };
  const days = Math.ceil(ms / DAY);
  const spent = Math.min(free, days);
  // Never above 1 or below the floor; to twelve digits, so that 1 − 3 · 0.1 is 0.7.
  const factor = Math.max(rule.floor, 1 - rule.perDay * (days - spent));
  return { ms, days, free: spent, factor: Math.min(1, Number(factor.toFixed(12))) };
}

/** A learner's due date: their own where there is one. */
export const dueFor = (entry, student, extensions) =>
  extensions[student]?.[entry.lesson.number] ?? entry.due;

/**
 * The lateness of one learner in all lessons, in the order of their due dates, so that free days
 * go to the earliest.
 * @param times Map of lesson id → ISO of what was handed in
 * @returns Map of lesson id → { ms, days, free, factor, due }
 */
export function latenessOf(student, times, course) {
  const entries = course.lessons
    .map((entry) => ({ ...entry, due: dueFor(entry, student, course.extensions) }))
    .sort((a, b) => (a.due ?? "9").localeCompare(b.due ?? "9"));
  let left = course.late.freeDays;
  const found = new Map();
  for (const { lesson, due } of entries) {
    const at = times.get(lesson.id);
    if (at === undefined) continue;
    const late = lateness(at, due, course.late, left);
    left -= late.free;
    found.set(lesson.id, { ...late, due });
  }
  return found;
}

/** The lateness in one sentence; "" for who was on time. */
export function lateInWords({ ms, days, free, factor }) {
  if (ms === 0) return "";
  const by = `${spanInWords(ms)} late`;
  if (days === 0) return `${by}, within the grace`;
  const spent = free > 0 ? `${count(free, "free day")} spent` : "";
  const cost = factor < 1 ? `× ${points(factor)}` : "nothing taken off";
  return [by, spent, cost].filter(Boolean).join(", ");
}
