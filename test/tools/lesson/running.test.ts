// The line of a notebook's header that says how long it takes.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const file = resolve(__dirname, "../../../tools/lesson/running.mjs");
const { runningLine, withRunningLine } = (await import(pathToFileURL(file).href)) as {
  runningLine(of: { seconds: number; megabytes?: number; minutes?: number }): string;
  withRunningLine(header: string, line?: string): string;
};

test.each([
  [5, "Runs in less than half a minute on a laptop; nothing to download."],
  [30, "Runs in about half a minute on a laptop; nothing to download."],
  [60, "Runs in about a minute on a laptop; nothing to download."],
  [170, "Runs in about 3 minutes on a laptop; nothing to download."],
])("%i seconds, as coarse as another machine bears", (seconds, line) => {
  expect(runningLine({ seconds })).toBe(line);
});

test.each([
  [3, "5 minutes"],
  [12, "10 minutes"],
  [50, "50 minutes"],
  [55, "an hour"],
  [80, "an hour and a half"],
  [130, "2 hours"],
  [155, "2½ hours"],
])("%i minutes of exercises", (minutes, words) => {
  expect(runningLine({ seconds: 60, megabytes: 12, minutes })).toBe(
    `Runs in about a minute on a laptop; 12 MB to download. The exercises take about ${words}.`,
  );
});

test("the line replaces the old one, or comes last", () => {
  const line = "Runs in about a minute on a laptop; nothing to download.";
  const header = withRunningLine("# T\n\nRuns in a year.\n\nMore.", line);
  expect(header).toBe(`# T\n\n${line}\n\nMore.`);
  expect(withRunningLine("# T\n\nMore.", line)).toBe(`# T\n\nMore.\n\n${line}`);
  expect(withRunningLine("# T")).toBe("# T");
});
