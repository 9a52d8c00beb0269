// What the commands share that record a lesson's runs in a file of lines (runs.jsonl): each run is one
// line of JSON, written as soon as the run has ended, with its CPU time. A command that was stopped and
// is started again sees which runs are there and goes on with the rest. Only CPU time is counted:
// these machines are shared with other work. Left out: what a lesson writes into its lines.

import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { arch, cpus, platform } from "node:os";
import { fileURLToPath } from "node:url";

/**
 * The recorder of one file.
 *
 *     const { has, lap, write } = recorder(new URL("runs.jsonl", import.meta.url));
 *     if (!has({ run: "chain", seed: 1 })) write({ run: "chain", seed: 1, …, cpuSeconds: lap() });
 *
 * @param {URL} url of the file; it is made by the first line that is written
 * @returns {{ has(fields: object): boolean, write(line: object): void, lap(digits?: number): number }}
 *   `has`: whether a line with these fields is there; `write`: appends a line, and shows its beginning;
 *   `lap`: CPU seconds since the last call, or since the recorder was made, rounded
 */
export function recorder(url) {
  const path = fileURLToPath(url);
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const lines = text.split("\n").filter(Boolean).map((line) => JSON.parse(line));
  let since = process.cpuUsage();
  return {
    has: (fields) =>
      lines.some((line) => Object.entries(fields).every(([key, value]) => line[key] === value)),
    write(line) {
      lines.push(line);
      appendFileSync(path, `${JSON.stringify(line)}\n`);
      console.log(JSON.stringify(line).slice(0, 300));
    },
    lap(digits = 0) {
      const { user, system } = process.cpuUsage(since);
      since = process.cpuUsage();
      return Number(((user + system) / 1e6).toFixed(digits));
    },
  };
}

/** The first line of such a file: when and where it was made, and with which numbers. */
export const aboutLine = (engine, numbers) => ({
  ...{ run: "about", made: new Date().toISOString().slice(0, 10) },
  machine: `${platform()} ${arch()}, ${cpus()[0].model}, ${engine}, Node ${process.version}`,
  ...numbers,
});
