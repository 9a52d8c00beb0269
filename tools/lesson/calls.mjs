// test/calls/<lesson>.json: with which arguments the notebooks call the exercises' functions, so
// that a check can ask an answer the same (src/course/kit/notebook.ts). What recorder.cjs wrote
// down while a notebook ran is chosen from here, and shortened:
//
//   npm run notebook -- run 06-attention    at smoke size this records as well
//   npm run lesson -- calls 06              runs the notebook only to record
//
// `npm test` runs every notebook at smoke size anyway; then what is kept is compared with it.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "../build.mjs";
import { isMain, llm, reportAndExit, root, SetupError, venvPython } from "../kit.mjs";
import { isWritten, lessonFiles, lessonPaths, lessons, writtenLesson } from "../register.mjs";
import { codeCellsOf, digestOf } from "./digest.mjs";

/** Of one cell and exercise at most so many calls are kept. */
const MOST_CALLS = 4;
/** So many characters may one call take, and all calls of an exercise in one notebook. */
const MOST_TEXT = 4_000;
const MOST_TEXT_TOGETHER = 10_000;
/**
 * So many numbers may a call take and give, and all calls of an exercise in one notebook: a check
 * has 0.3 s for them.
 */
const MOST_NUMBERS = 250_000;
const MOST_NUMBERS_TOGETHER = 400_000;
/** How a call is shortened until it fits; see PackOptions in src/course/calls.ts. */
const LADDER = [
  {},
  { most: 512, sample: 256 },
  { most: 128, sample: 64 },
  { most: 64, sample: 32 },
  { most: 32, sample: 16 },
];
/** Of rows of whole numbers that are longer than this only what was read is kept, in pieces. */
const LONG_ROW = 4096;
const PIECE = 64;

const ABOUT =
  "With which arguments the notebooks call this lesson's exercises. Recorded by " +
  "`npm run lesson -- calls`: do not edit.";

/** The code cells of a notebook, in the order in which they run. */
function codeCells(id) {
  return codeCellsOf(JSON.parse(readFileSync(lessonFiles(id).notebook, "utf8")));
}

/** A call without its numbers: names, types, shapes, texts. */
const formOf = (packed) =>
  JSON.stringify(packed, (key, value) => {
    if (key === "shape") return String(value);
    return key === "numbers" || typeof value === "number" ? 0 : value;
  });

/** How many numbers and texts a value holds: what a call costs. */
function sizeOf(value, seen = new Set()) {
  if (typeof value !== "object" || value === null) return 1;
  if (seen.has(value)) return 0;
  seen.add(value);
  if (typeof value.dataSync === "function") return value.size;
  // a text costs only what is read of it
  if (ArrayBuffer.isView(value)) return value.length / (value.length > LONG_ROW ? 32 : 1);
  const items = value instanceof Map ? [...value].flat() : Object.values(value);
  return items.reduce((sum, item) => sum + sizeOf(item, seen), 0);
}

/** Of the calls of one cell: of each form one, and the last ones. */
function chosen(calls) {
  const byForm = new Map();
  for (const call of calls) if (!byForm.has(formOf(call.args))) byForm.set(formOf(call.args), call);
  const firsts = [...byForm.values()];
  if (firsts.length >= MOST_CALLS) {
    const step = (firsts.length - 1) / (MOST_CALLS - 1);
    return Array.from({ length: MOST_CALLS }, (_, i) => firsts[Math.round(i * step)]);
  }
  const others = calls.filter((call) => !firsts.includes(call));
  return [...firsts, ...others.slice(firsts.length - MOST_CALLS)];
}

/** Runs something whose tensors are freed afterwards. */
async function scoped(tf, run) {
  const variables = [];
  tf.engine().startScope();
  try {
    return await run(variables);
  } finally {
    tf.engine().endScope();
    for (const variable of variables) variable.dispose();
  }
}

/** What a function gives, as a text, and how much it takes and gives; undefined where it stops. */
async function outcome(fn, args) {
  const { packArguments } = llm("llm/course/calls");
  try {
    const result = await fn(...args);
    const text = JSON.stringify(packArguments([result]));
    return { text, size: sizeOf([args, result]) };
  } catch {
    return undefined;
  }
}

/**
 * A long row of whole numbers of which a function reads little, as a text that is cut into windows:
 * only what was read is kept, which is what changes the result when it is changed.
 */
async function piecesOf(row, read) {
  const { packNumbers } = llm("llm/course/calls");
  const whole = row.slice();
  const lowest = whole.reduce((a, b) => Math.min(a, b));
  const highest = whole.reduce((a, b) => Math.max(a, b));
  const right = await read();
  let asked = 0;
  const matters = async (from, to) => {
    if (++asked > 3000) throw new Error("too much of it is read");
    for (let i = from; i < to; i++) row[i] = whole[i] < highest ? whole[i] + 1 : lowest;
    const now = await read();
    for (let i = from; i < to; i++) row[i] = whole[i];
    return now !== right;
  };
  const pieces = [];
  let kept = 0;
  const look = async (from, to) => {
    if (!(await matters(from, to))) return;
    const before = pieces.at(-1);
    if (to - from > PIECE) {
      const middle = from + PIECE * Math.ceil((to - from) / PIECE / 2);
      await look(from, middle);
      await look(middle, to);
      return;
    }
    kept += to - from;
    if (kept > LONG_ROW) throw new Error("too much of it is read");
    if (before?.[1] === from) before[1] = to;
    else pieces.push([from, to]);
  };
  try {
    await look(0, row.length);
  } catch {
    return undefined;
  }
  return {
    length: row.length,
    fill: lowest,
    pieces: pieces.map(([from, to]) => [from, packNumbers(whole.slice(from, to))]),
  };
}

/** The rows of whole numbers among arguments that are too long to be kept. */
const longRows = (args) =>
  args.filter(
    (arg) =>
      (Array.isArray(arg) || ArrayBuffer.isView(arg)) &&
      arg.length > LONG_ROW &&
      arg.every(Number.isInteger),
  );

/** A call's arguments, short enough to keep; or why they are not kept. */
async function shortened(packed, reference, tf) {
  const { packArguments, unpackArguments, resultsOf } = llm("llm/course/calls");
  const short = await scoped(tf, async (variables) => {
    const args = unpackArguments(packed, tf, variables);
    if (!(await outcome(reference, args))) return "the reference cannot be called so";
    const pieces = new Map();
    for (const row of longRows(args))
      pieces.set(row, await piecesOf(row, async () => (await outcome(reference, args))?.text));
    let text;
    for (const step of LADDER) {
      const gave = (fn) =>
        resultsOf(fn).map((one) => packArguments(unpackArguments([one], tf), step)[0]);
      const made = packArguments(args, {
        ...step,
        resultsOf: gave,
        instead: (row) => pieces.get(row),
      });
      text = JSON.stringify(made);
      if (text.length <= MOST_TEXT) break;
    }
    return text.length <= 3 * MOST_TEXT ? JSON.parse(text) : "its arguments are too large";
  });
  if (typeof short === "string") return short;
  return scoped(tf, async (variables) => {
    const found = await outcome(reference, unpackArguments(short, tf, variables));
    if (!found) return "the reference cannot be called with shortened arguments";
    return found.size > MOST_NUMBERS ? "it takes too long" : { args: short, size: found.size };
  });
}

/**
 * Whether a function of the module that has an exercise's name does what the exercise asks: in
 * `llm/optim`, `adamw` is another thing.
 */
async function isTwin({ args, gave }, reference, tf) {
  if (gave === undefined) return true; // of learner(): no twin, the function itself
  const { packArguments, unpackArguments } = llm("llm/course/calls");
  return scoped(tf, async (variables) => {
    try {
      const result = await reference(...unpackArguments(args, tf, variables));
      return formOf(packArguments([result])) === formOf(gave);
    } catch {
      return false;
    }
  });
}

/**
 * What is kept of what a notebook's cells called.
 * @param file what recorder.cjs wrote
 * @returns lesson → calls, and a sentence for each kind of call that could not be kept
 */
export async function distil(id, file) {
  const { tf, useEngine } = llm("llm/engine");
  await useEngine({ prefer: "wasm", quiet: true });
  const cells = codeCells(id);
  const left = new Map();
  const groups = new Map();
  const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  const seen = new Set();
  for (const line of lines.filter(Boolean)) {
    const { cell, exercise, lessons: of, args, why, gave } = JSON.parse(line);
    const name = cells[cell - 1]?.id;
    if (why)
      left.set(`${name} ${exercise}`, `cell ${name}: a call of ${exercise} is not kept: ${why}`);
    for (const lesson of why ? [] : of) {
      const key = `${lesson} ${exercise}`;
      const text = `${key} ${JSON.stringify(args)}`;
      if (seen.has(text)) continue; // as it was asked before
      seen.add(text);
      if (!groups.has(key)) groups.set(key, { lesson, exercise, cells: new Map() });
      const byCell = groups.get(key).cells;
      byCell.set(name, [...(byCell.get(name) ?? []), { args, gave }]);
    }
  }
  const kept = new Map();
  for (const { lesson, exercise, cells: byCell } of groups.values()) {
    const reference = llm(lessonFiles(lesson).compiled)[exercise];
    const room = { text: MOST_TEXT_TOGETHER, numbers: MOST_NUMBERS_TOGETHER };
    const calls = [];
    const lists = [...byCell].map(([cell, list]) => ({ cell, list: chosen(list) }));
    // The first of each cell, then the second ones: room is shared.
    for (let turn = 0; turn < MOST_CALLS; turn++)
      for (const { cell, list } of lists) {
        if (!list[turn] || !(await isTwin(list[turn], reference, tf))) continue;
        const short = await shortened(list[turn].args, reference, tf);
        if (typeof short === "string") {
          left.set(
            `${cell} ${exercise}`,
            `cell ${cell}: a call of ${exercise} is not kept: ${short}`,
          );
          continue;
        }
        const { args, size } = short;
        const text = JSON.stringify(args);
        if (text.length > room.text || size > room.numbers) continue;
        if (calls.some((call) => JSON.stringify(call.args) === text)) continue;
        room.text -= text.length;
        room.numbers -= size;
        calls.push({ cell, exercise, args });
      }
    const place = ({ cell }) => cells.findIndex((one) => one.id === cell);
    calls.sort((a, b) => place(a) - place(b));
    kept.set(lesson, [...(kept.get(lesson) ?? []), ...calls]);
  }
  return { code: digestOf(cells), kept, left: [...left.values()] };
}

const read = (lesson) => {
  const { calls } = lessonFiles(lesson);
  return existsSync(calls) ? JSON.parse(readFileSync(calls, "utf8")).notebooks : {};
};

/** One call on each line, so that a diff shows which have changed. */
export function write(lesson, notebooks) {
  const { calls: file } = lessonFiles(lesson);
  const entries = Object.entries(notebooks)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { code, calls }]) => {
      const lines = calls.map((call) => `        ${JSON.stringify(call)}`);
      const list = lines.length ? `[\n${lines.join(",\n")}\n      ]` : "[]";
      const body = `      "code": ${JSON.stringify(code)},\n      "calls": ${list}`;
      return `    ${JSON.stringify(id)}: {\n${body}\n    }`;
    });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(
    file,
    `{\n  "about": ${JSON.stringify(ABOUT)},\n  "notebooks": {\n${entries.join(",\n")}\n  }\n}\n`,
  );
}

/** The lessons whose exercises a notebook calls or called, and its own. */
const lessonsOf = (id, kept) =>
  lessons()
    .filter(isWritten)
    .map((lesson) => lesson.id)
    .filter((lesson) => lesson === id || kept.has(lesson) || id in read(lesson));

/** Whether two packed values have the same texts and forms, and numbers within a thousandth. */
function isAlike(a, b) {
  if (typeof a === "number" && typeof b === "number")
    return Math.abs(a - b) <= 1e-6 + 1e-3 * Math.abs(b);
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a === b;
  const { unpackNumbers } = llm("llm/course/calls");
  const keys = Object.keys(b);
  if (`${Object.keys(a)}` !== `${keys}`) return false;
  return keys.every((key) => {
    if (key !== "numbers") return isAlike(a[key], b[key]);
    const [x, y] = [a, b].map(({ numbers }) => Array.from(unpackNumbers(numbers)));
    const largest = y.reduce((most, n) => Math.max(most, Math.abs(n)), 0);
    return (
      x.length === y.length &&
      x.every((n, i) => Object.is(n, y[i]) || Math.abs(n - y[i]) <= 1e-6 + 1e-3 * largest)
    );
  });
}

/**
 * What no longer fits, a sentence each. A notebook whose code is the recorded one may give other
 * numbers on another machine: then only cells, functions and forms must be as they were.
 */
export function differences(id, { code, kept }) {
  return lessonsOf(id, kept).flatMap((lesson) => {
    const was = read(lesson)[id] ?? { code, calls: [] };
    const now = kept.get(lesson) ?? [];
    const formsOf = (calls) => {
      const firsts = new Map();
      for (const { cell, exercise, args } of calls) {
        const key = `${cell}: ${exercise}`;
        if (!firsts.has(key)) firsts.set(key, formOf(args).replace(/"(?!#)[^"#]{12,}"/g, '"…"'));
      }
      return firsts;
    };
    const [before, after] = [formsOf(was.calls), formsOf(now)];
    const said = (key, text) => `${lessonPaths(lesson).calls}: cell ${key} ${text}`;
    const changed = [
      ...[...after.keys()].filter((key) => !before.has(key)).map((key) => said(key, "is new")),
      ...[...before.keys()].filter((key) => !after.has(key)).map((key) => said(key, "is gone")),
      ...[...after.keys()]
        .filter((key) => before.has(key) && before.get(key) !== after.get(key))
        .map((key) => said(key, "is called with other kinds of arguments")),
    ];
    if (changed.length || was.code === code) return changed;
    const isSame =
      was.calls.length === now.length && now.every((call, i) => isAlike(call, was.calls[i]));
    return isSame ? [] : [`${lessonPaths(lesson).calls}: its cells call with other arguments`];
  });
}

/** Writes the calls that a notebook has made, or compares them with what is kept. */
async function settle(id, file, mode) {
  const first = existsSync(file) ? JSON.parse(readFileSync(file, "utf8").split("\n")[0]) : {};
  if (first.engine) {
    console.log(`${id}: calls are recorded on the engine wasm only, not on ${first.engine}.`);
    return;
  }
  const found = await distil(id, file);
  if (mode === "check") {
    const wrong = differences(id, found);
    if (wrong.length)
      throw new SetupError(
        `The recorded calls of notebook ${id} are out of date:\n  ${wrong.join("\n  ")}`,
        `Record them anew: npm run lesson -- calls ${id}`,
      );
    return;
  }
  let count = 0;
  for (const lesson of lessonsOf(id, found.kept)) {
    const { [id]: _, ...others } = read(lesson);
    const calls = found.kept.get(lesson) ?? [];
    count += calls.length;
    write(
      lesson,
      calls.length || lesson === id ? { ...others, [id]: { code: found.code, calls } } : others,
    );
  }
  console.log(`${id}: ${count} calls of exercises are kept.`);
  for (const line of found.left) console.log(`  ${line}`);
}

/** `npm run lesson -- calls 06`: runs the notebook at smoke size, and keeps its calls. */
export async function calls([query]) {
  const lesson = writtenLesson(query, "npm run lesson");
  build({ quiet: true });
  const scratch = mkdtempSync(join(tmpdir(), "llm-calls-"));
  try {
    const args = ["run", lesson.id, "--out", join(scratch, "run.ipynb"), "--calls", "write"];
    const { status } = spawnSync(venvPython, ["tools/lesson/notebook.py", ...args], {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, PYTHONUTF8: "1", LLM_SIZE: "smoke", LLM_ENGINE: "wasm" },
    });
    process.exitCode = status ?? 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

// notebook.py calls this when the notebook has run: calls.mjs write|check 06-attention FILE
if (isMain(import.meta.url)) {
  const [mode, id, file] = process.argv.slice(2);
  settle(id, file, mode).catch(reportAndExit);
}
