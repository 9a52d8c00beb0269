// Loaded into a notebook's kernel before anything else (`node --require`, see calls.mjs): writes
// down with which arguments its cells call the exercises' functions, be it one that `learner()`
// handed out or one of the same name that a cell imports from `llm/…`. Of a function that a cell
// calls again and again the calls 1, 2, 4, 8, … are kept. Nothing in the module `llm` knows of it.
const { appendFileSync, existsSync } = require("node:fs");
const Module = require("node:module");
const path = require("node:path");
const { types } = require("node:util");
const { isMainThread } = require("node:worker_threads");

/** Where the calls go, one line of JSON each. */
const { LLM_CALLS } = process.env;
/** What a function that was passed along gave is kept for so many of its calls. */
const MOST_RESULTS = 4;
/** Of calls with more text than this only the first few are kept. */
const LONG = 20_000;
const MOST_LONG = 3;

const root = path.resolve(__dirname, "../..");
const register = require("../../src/course/register.json");
/** `llm/…` as the notebook has it. */
const llm = Module.createRequire(path.join(root, "package.json"));

/** Exercise → the lessons that have one of that name. */
function exercises() {
  const found = new Map();
  for (const { lessons } of register.parts)
    for (const { number, name } of lessons) {
      const id = `${number}-${name}`;
      const file = path.join(root, register.files.compiled.replace("{id}", id));
      if (!existsSync(file)) continue;
      for (const exercise of Object.keys(require(file)))
        found.set(exercise, [...(found.get(exercise) ?? []), id]);
    }
  return found;
}
let known;

/**
 * Whether calls can be noted on this engine: the native one also calls functions only to compile
 * them, and then their arguments hold no numbers.
 */
function isReadable() {
  const engine = llm("llm/engine").tf.getBackend() ?? "";
  if (["wasm", "cpu", ""].includes(engine)) return true;
  if (!counts.has("engine")) appendFileSync(LLM_CALLS, `${JSON.stringify({ engine })}\n`);
  counts.set("engine", true);
  return false;
}

/** How often a cell has called an exercise, and how many long calls of it are noted. */
const counts = new Map();

/**
 * A function that notes what `value` gives, in its place; the same for functions in a record.
 * @param {Map} results what each of them gave, by the function in its place
 */
function watched(value, results, fail) {
  if (typeof value === "function") {
    const gave = [];
    const watch = function (...given) {
      const result = value.apply(this, given);
      try {
        if (gave.length < MOST_RESULTS)
          gave.push(llm("llm/course/calls").packArguments([result])[0]);
      } catch (error) {
        fail(error.message);
      }
      return result;
    };
    results.set(watch, gave);
    return watch;
  }
  const isRecord = value !== null && Object.getPrototypeOf(Object(value)) === Object.prototype;
  if (!isRecord || !Object.values(value).some((item) => typeof item === "function")) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, watched(item, results, fail)]);
  return Object.fromEntries(entries);
}

/**
 * The function; some of its calls are noted. What a function gave that a cell has imported is noted
 * too, for it may have only the name of an exercise.
 */
function recorded(fn, exercise, lessons, isImported) {
  const wrapped = function (...args) {
    const cell = Number(/\d+/.exec(globalThis.llmReached?.[0])?.[0]);
    const key = `${cell} ${exercise}`;
    if (!counts.has(key)) counts.set(key, { calls: 0, long: 0 });
    const count = counts.get(key);
    count.calls++;
    const isKept = (count.calls & (count.calls - 1)) === 0 && count.long < MOST_LONG;
    if (!isKept || Number.isNaN(cell) || !isReadable()) return fn.apply(this, args);
    let why;
    const fail = (message) => {
      why ??= message;
    };
    const results = new Map();
    const given = args.map((arg) => watched(arg, results, fail));
    let packed;
    try {
      const options = { resultsOf: (watch) => results.get(watch) };
      packed = llm("llm/course/calls").packArguments(given, options);
    } catch (error) {
      fail(error.message);
    }
    const note = (result) => {
      for (const gave of results.values())
        if (gave.length === 0) fail("a function was passed along and not called");
      const call = { cell, exercise, lessons };
      if (!why && isImported) {
        try {
          call.gave = llm("llm/course/calls").packArguments([result]);
        } catch {
          return; // no exercise gives such a thing
        }
      }
      if (why && isImported) return;
      const line = JSON.stringify(why ? { ...call, why } : { ...call, args: packed });
      if (line.length > LONG) count.long++;
      appendFileSync(LLM_CALLS, `${line}\n`);
    };
    const result = fn.apply(this, given); // a call that throws is no example
    if (!types.isPromise(result)) {
      note(result);
      return result;
    }
    return result.then((value) => {
      note(value);
      return value;
    });
  };
  return Object.defineProperty(wrapped, "name", { value: fn.name });
}

/** `learner(lesson)`, whose functions are watched. */
const recordedLearner = (learner) => async (lesson) => {
  const functions = await learner(lesson);
  for (const [exercise, fn] of Object.entries(functions))
    if (typeof fn === "function") functions[exercise] = recorded(fn, exercise, [lesson]);
  return functions;
};

/** A module as a cell sees it. */
function watchedModule(request, module) {
  const made = new Map();
  return new Proxy(module, {
    get(target, name, receiver) {
      const value = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      known ??= exercises();
      const isLearner = request === "llm/course" && name === "learner";
      if (!isLearner && !known.has(name)) return value;
      if (!made.has(name))
        made.set(
          name,
          isLearner ? recordedLearner(value) : recorded(value, name, known.get(name), true),
        );
      return made.get(name);
    },
  });
}

// A kernel starts other processes and workers, which inherit this.
if (LLM_CALLS && isMainThread && /kernel\.cjs$/.test(process.argv[1] ?? "")) {
  const load = Module._load;
  const seen = new Map();
  Module._load = function (request, parent, ...rest) {
    const module = load.call(this, request, parent, ...rest);
    // tslab gives cells the `require` of a file "src.js" beside the notebook
    const byCell = path.basename(parent?.filename ?? "") === "src.js";
    if (!byCell || !/^llm(\/|$)/.test(request)) return module;
    if (!seen.has(request)) seen.set(request, watchedModule(request, module));
    return seen.get(request);
  };
}
