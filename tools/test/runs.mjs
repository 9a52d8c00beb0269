// How the parts of `npm test` are run and told: one command that succeeds or not, or a run of
// vitest whose tests are counted. Whatever runs, ends up in `total`.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../kit.mjs";

export const MINUTE = 60_000;
export const node = process.execPath;
export const bin = (...path) => join(root, "node_modules", ...path);
export const total = { passed: 0, failed: 0, skipped: 0 };

let folder;
/** A folder for what the runs write, made when it is first asked for. */
export function scratch() {
  folder ??= mkdtempSync(join(tmpdir(), "llm-test-"));
  return folder;
}

/** Runs a command. @returns its exit code and everything that it printed */
export function exec(command, args, { timeout = 10 * MINUTE, env } = {}) {
  return new Promise((done) => {
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, PYTHONUTF8: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    const timer = setTimeout(() => {
      output += `\nstopped: it ran longer than ${timeout / MINUTE} minutes`;
      child.kill("SIGKILL");
    }, timeout);
    child.on("error", (error) => (output += String(error)));
    child.on("close", (status) => {
      clearTimeout(timer);
      done({ status: status ?? 1, output });
    });
  });
}

/** Counts and prints one part. @param start performance.now() when it began */
export function report(name, start, { passed = 0, failed = 0, skipped = 0, output = "" }) {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const counts = [`${passed} passed`, failed && `${failed} failed`, skipped && `${skipped} skipped`]
    .filter(Boolean)
    .join(", ");
  console.log(
    `${failed ? "✗" : "✓"} ${name}: ${counts} ` +
      `(${((performance.now() - start) / 1000).toFixed(0)} s)`,
  );
  if (output) console.log(output.trimEnd().replace(/^/gm, "    "));
}

/** One command that either succeeds or not. */
export async function one(name, command, args, options) {
  const start = performance.now();
  const { status, output } = await exec(command, args, options);
  report(name, start, status === 0 ? { passed: 1 } : { failed: 1, output });
}

export const tsc = (name, project) =>
  one(name, node, [bin("typescript", "bin", "tsc"), "-p", project, "--pretty", "false"]);

export const biome = (name, args) =>
  one(name, node, [
    bin("@biomejs", "biome", "bin", "biome"),
    args[0],
    "--colors=off",
    "--error-on-warnings",
    ...args.slice(1),
  ]);

/**
 * Runs vitest on the files or folders given; counts its tests and prints why any was skipped.
 * @param options.only a regular expression: only tests whose full name matches it run and count
 */
export async function vitest(name, files, { timeout = 25 * MINUTE, env, only } = {}) {
  const start = performance.now();
  const file = join(scratch(), `${name.replace(/\W+/g, "-")}.json`);
  const { status, output } = await exec(
    node,
    [
      bin("vitest", "vitest.mjs"),
      "run",
      ...files,
      ...(only ? ["-t", only.source] : []),
      "--maxWorkers=1",
      "--reporter=json",
      `--outputFile=${file}`,
      "--reporter=dot",
    ],
    { timeout, env: { NO_COLOR: "1", ...env } },
  );
  if (!existsSync(file)) return report(name, start, { failed: 1, output });
  const result = JSON.parse(readFileSync(file, "utf8"));
  const brokenFiles = result.testResults.filter(
    (f) => f.status === "failed" && f.assertionResults.length === 0,
  );
  const tests = result.testResults
    .flatMap((f) => f.assertionResults)
    .filter(({ fullName }) => !only || only.test(fullName));
  const failed = result.numFailedTests + brokenFiles.length;
  const failures = tests
    .filter((t) => t.status === "failed")
    .map((t) => `${t.fullName}\n${t.failureMessages.join("\n")}`);
  const skips = tests.filter((t) => ["skipped", "pending", "todo", "disabled"].includes(t.status));
  // Test files print why they skip; the list of skipped tests would say it less clearly.
  const reasons = new Set(
    output.split("\n").filter((line) => / (is )?skipped: |^skipped: /.test(line)),
  );
  const lines = [
    ...failures,
    ...brokenFiles.map((f) => `${f.name}\n${f.message}`),
    ...(reasons.size ? reasons : skips.map((t) => `skipped: ${t.fullName}`)),
  ];
  const crashed = status !== 0 && failed === 0;
  report(name, start, {
    passed: result.numPassedTests,
    failed: failed + (crashed ? 1 : 0),
    skipped: skips.length,
    output: crashed ? output : lines.join("\n"),
  });
}

/**
 * Does all jobs, two at a time: one lane takes them from the front, the other from the back, until
 * they meet. So neither waits while there is work, and neighbours hardly ever run side by side.
 */
export async function sideBySide(jobs) {
  const left = [...jobs];
  const lane = async (next) => {
    for (let job = next(); job; job = next()) await job();
  };
  await Promise.all([lane(() => left.shift()), lane(() => left.pop())]);
}

/** Prints the last two lines, and ends the process: 1 if anything failed. */
export function finish(start) {
  if (folder) rmSync(folder, { recursive: true, force: true });
  console.log(`\nfinished in ${((performance.now() - start) / MINUTE).toFixed(1)} minutes`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exit(total.failed ? 1 : 0);
}
