// The one line of a notebook's header that says how long everything takes: "Runs in about a minute
// on a laptop; nothing to download. The exercises take about 40 minutes." It is made from what
// `npm run notebook -- run` measured and from the exercises' @minutes, never typed.
import { stubsOf } from "./exerciselinks.mjs";

/** Seconds of a run in words, as coarse as another machine bears. */
function runTime(seconds) {
  if (seconds < 20) return "in less than half a minute";
  if (seconds < 45) return "in about half a minute";
  if (seconds < 90) return "in about a minute";
  return `in about ${Math.round(seconds / 60)} minutes`;
}

/** Minutes of work in words: steps of five up to an hour, then half hours. */
function workTime(minutes) {
  if (minutes <= 52) return `${Math.max(5, 5 * Math.round(minutes / 5))} minutes`;
  const hours = Math.floor((minutes + 15) / 30) / 2;
  if (hours === 1) return "an hour";
  if (hours === 1.5) return "an hour and a half";
  return `${Math.floor(hours)}${hours % 1 ? "½" : ""} hours`;
}

/** @param options { seconds, megabytes, minutes }: of a run, of downloads, of all exercises */
export function runningLine({ seconds, megabytes = 0, minutes = 0 }) {
  const download = megabytes > 0 ? `${megabytes} MB to download` : "nothing to download";
  const work = minutes > 0 ? ` The exercises take about ${workTime(minutes)}.` : "";
  return `Runs ${runTime(seconds)} on a laptop; ${download}.${work}`;
}

/** What a notebook's header should say of its time; undefined before it has run. */
export function runningLineOf(lesson, { metadata }) {
  const { ran, megabytes } = metadata.llm ?? {};
  if (!ran) return undefined;
  const minutes = (stubsOf(lesson) ?? []).reduce((sum, stub) => sum + (stub.minutes ?? 0), 0);
  return runningLine({ seconds: ran.seconds, megabytes, minutes });
}

/** A header with its line: in place of the old one, or at the end. */
export function withRunningLine(header, line) {
  if (!line) return header;
  const old = /^Runs in .*$/m;
  return old.test(header) ? header.replace(old, () => line) : `${header.trimEnd()}\n\n${line}`;
}
