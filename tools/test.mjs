// `npm test`: sets up what is missing, then proves the whole course. Independent parts run side by
// side in two lanes, because two cores are what CI has. The last line reads "N passed, N failed, N
// skipped".
// `npm test -- code tests notebooks browser` runs only the parts named.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commandLine } from "../src/cli/options.cjs";
import * as commands from "./commands.mjs";
import { reportAndExit, root, venvPython } from "./kit.mjs";
import { cellsFolder, writeCells } from "./lesson/cells.mjs";
import { editedExercises, lintTargets, typeProject } from "./lesson/edited.mjs";
import { isWritten, lessons } from "./register.mjs";
import { setup } from "./setup/setup.mjs";

const MINUTE = 60_000;
const node = process.execPath;
const bin = (...path) => join(root, "node_modules", ...path);
// What `npm ci` alone gives must do everything: the tests of another engine name it themselves.
process.env.LLM_ENGINE ??= "wasm";
const total = { passed: 0, failed: 0, skipped: 0 };
const scratch = mkdtempSync(join(tmpdir(), "llm-test-"));

function exec(command, args, { timeout = 10 * MINUTE, env } = {}) {
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

function report(name, start, { passed = 0, failed = 0, skipped = 0, output = "" }) {
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
async function one(name, command, args, options) {
  const start = performance.now();
  const { status, output } = await exec(command, args, options);
  report(name, start, status === 0 ? { passed: 1 } : { failed: 1, output });
}

const tsc = (name, project) =>
  one(name, node, [bin("typescript", "bin", "tsc"), "-p", project, "--pretty", "false"]);

async function code() {
  writeCells();
  const edited = editedExercises(root);
  if (edited.length)
    console.log(`your answers are left to \`npm run check\`: ${edited.join(", ")}`);
  const biome = bin("@biomejs", "biome", "bin", "biome");
  await one("Biome: src, tools, exercises, solutions, tests", node, [
    biome,
    "ci",
    "--colors=off",
    "--error-on-warnings",
    ...lintTargets(root, edited),
  ]);
  await one("Biome: notebooks' cells", node, [
    biome,
    "lint",
    "--colors=off",
    "--error-on-warnings",
    "--config-path",
    join(root, "test/notebooks/cells.biome.json"),
    cellsFolder,
  ]);
  await tsc("tsc --strict: src, exercises, solutions, tests", typeProject(root, edited));
  await tsc("tsc --strict: notebooks' cells", join(root, "test/notebooks"));
  await tsc("tsc --strict: the benchmark", join(root, "tools/bench"));
  await tsc("tsc --strict: the generator of operations", join(root, "tools/operations"));
  await consumer();
}

/**
 * What tslab's own compiler says about our declarations; what it says about tfjs's (browser types,
 * …) is not ours.
 */
async function consumer() {
  const start = performance.now();
  const compiler = bin("@tslab", "typescript-for-tslab", "bin", "tsc");
  const { output } = await exec(node, [
    compiler,
    "-p",
    join(root, "test/consumer"),
    "--pretty",
    "false",
  ]);
  const ours = output.split("\n").filter((line) => /^(dist|test|error)/.test(line));
  const name = "TypeScript 5.0.4, Node10: a consumer of llm";
  report(name, start, ours.length ? { failed: 1, output: ours.join("\n") } : { passed: 1 });
}

/** Runs vitest on the folders given; counts its tests and prints why any was skipped. */
async function vitest(name, folders, { timeout = 25 * MINUTE, workers = 1, env } = {}) {
  const start = performance.now();
  const file = join(scratch, `${name.replace(/\W+/g, "-")}.json`);
  const { status, output } = await exec(
    node,
    [
      bin("vitest", "vitest.mjs"),
      "run",
      ...folders,
      `--maxWorkers=${workers}`,
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
  const failed = result.numFailedTests + brokenFiles.length;
  const tests = result.testResults.flatMap((f) => f.assertionResults);
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

async function notebooks() {
  for (const { id } of lessons().filter(isWritten)) {
    const out = join(scratch, `${id}.ipynb`);
    const run = ["run", id, "--out", out, "--timeout", "240", "--calls", "check"];
    await one(
      `notebook ${id} at smoke size, and its calls of exercises as they are recorded`,
      venvPython,
      ["tools/lesson/notebook.py", ...run],
      { env: { LLM_SIZE: "smoke" } },
    );
  }
}

async function main() {
  const { words: asked } = commandLine(commands.test);
  const start = performance.now();
  await setup({ again: "npm test" });
  const wanted = (part) => asked.length === 0 || asked.includes(part);
  await Promise.all([
    (async () => {
      if (wanted("code")) await code();
      if (!wanted("tests")) return;
      await vitest("tests of src, tools, exercises and kernel", [
        "test/architecture.test.ts",
        "test/src",
        "test/tools",
        "test/exercises",
        "test/kernel",
        "test/notebooks",
      ]);
      // Where wasm lacks an operation, an answer is judged on the js engine: the checks must hold
      // there too.
      const env = { LLM_CHECK_ENGINE: "js" };
      await vitest("checks of the exercises on the js engine", ["test/exercises"], { env });
    })(),
    (async () => {
      if (wanted("notebooks")) await notebooks();
      if (wanted("browser")) await vitest("JupyterLab in the browser", ["test/browser"]);
    })(),
  ]);
  rmSync(scratch, { recursive: true, force: true });
  console.log(`\nfinished in ${((performance.now() - start) / MINUTE).toFixed(1)} minutes`);
  console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exit(total.failed ? 1 : 0);
}

main().catch(reportAndExit);
