// Dates as teachers write them, "2026-12-04 23:59", in the course's time zone; and times as all of
// our files keep them, in UTC. No date is read from the clock here.

/** "2026-12-04", "2026-12-04 23:59", with seconds, or with an offset as ISO has it. */
const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?)?$/;

/** How far a zone is from UTC at an instant, in milliseconds. */
function offsetAt(instant, timezone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hourCycle: "h23",
    ...{ year: "numeric", month: "2-digit", day: "2-digit" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit" },
  }).formatToParts(new Date(instant));
  const of = (type) => Number(parts.find((part) => part.type === type).value);
  const wall = Date.UTC(
    of("year"),
    of("month") - 1,
    of("day"),
    of("hour"),
    of("minute"),
    of("second"),
  );
  return wall - Math.floor(instant / 1000) * 1000;
}

/** Whether this Node knows a time zone such as "Europe/London". */
export function isTimezone(name) {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: name });
    return typeof name === "string" && name !== "";
  } catch {
    return false;
  }
}

/**
 * An instant as ISO in UTC, or undefined where the text is no date. A date without a time is the
 * end of that day, 23:59:59, or with `begins` its beginning.
 *
 *     instantOf("2026-12-04 23:59", "Europe/Berlin")  →  "2026-12-04T22:59:00.000Z"
 */
export function instantOf(text, timezone, { begins = false } = {}) {
  const found = DATE.exec(text.trim());
  if (!found) return undefined;
  const [usualHour, usualMinute, usualSecond] = begins ? ["00", "00", "00"] : ["23", "59", "59"];
  const [, y, mo, d, h = usualHour, mi = usualMinute, s, zone] = found;
  const second = s ?? (found[4] === undefined ? usualSecond : "00");
  const wall = Date.UTC(+y, +mo - 1, +d, +h, +mi, +second);
  const back = new Date(wall);
  if (back.getUTCMonth() !== +mo - 1 || back.getUTCDate() !== +d || +h > 23 || +mi > 59)
    return undefined;
  if (zone) {
    const [sign, hours, minutes] =
      zone === "Z" ? [1, 0, 0] : [zone[0] === "-" ? -1 : 1, +zone.slice(1, 3), +zone.slice(-2)];
    return new Date(wall - sign * (hours * 60 + minutes) * 60_000).toISOString();
  }
  // The offset at the instant itself, not at the guess: they differ when a clock is put forward.
  const guess = wall - offsetAt(wall, timezone);
  return new Date(wall - offsetAt(guess, timezone)).toISOString();
}

/** An instant in the course's zone, for people: "Fri 4 Dec 2026, 23:59". */
export function shownDate(iso, timezone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: timezone,
    hourCycle: "h23",
    ...{ weekday: "short", day: "numeric", month: "short", year: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit" },
  }).formatToParts(new Date(iso));
  const of = (type) => parts.find((part) => part.type === type).value;
  const day = `${of("weekday")} ${of("day")} ${of("month")} ${of("year")}`;
  return `${day}, ${of("hour")}:${of("minute")}`;
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "15m", "2h", "1d" in milliseconds; undefined where it is none. */
export function durationOf(text) {
  const found = /^(\d+(?:\.\d+)?)\s*([mhd])$/.exec(String(text).trim());
  return found ? Number(found[1]) * UNITS[found[2]] : undefined;
}

/** A span in words: "3 min", "2 h 5 min", "1 d 4 h". */
export function spanInWords(ms) {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  const [d, h, m] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  if (d > 0) return h > 0 ? `${d} d ${h} h` : `${d} d`;
  if (h > 0) return m > 0 ? `${h} h ${m} min` : `${h} h`;
  return `${m} min`;
}
