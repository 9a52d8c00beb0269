// Outside: what a generated stand-in (../standin.mjs) is made of, in the process that runs the
// tests. It starts the sandbox, calls the answers there, and watches from a thread of its own how
// much memory they take. A sandbox that ends is not asked again by the same exercise; the next one
// gets a new one.

const { spawn, execFileSync } = require("node:child_process");
const { closeSync, openSync, readFileSync, rmSync, writeFileSync } = require("node:fs");
const { SourceMap } = require("node:module");
const { join } = require("node:path");
const { Worker } = require("node:worker_threads");
const { frames, Ended } = require("./frames.cjs");
const { Peer } = require("./peer.cjs");

/** How long a sandbox may take until it says hello: Node and the engine on a busy machine. */
const HELLO_MS = 240_000;

/**
 * Watches the sandbox from a thread: the memory that all its processes hold, and their processor
 * time since the exercise began. The clock would be unjust where the machine is busy, so it is only
 * the last resort, for answers that sleep. What is over a limit is ended, with the reason in
 * `state`.
 */
const WATCH = `
const { workerData } = require("node:worker_threads");
const { readFileSync } = require("node:fs");
const { state, megabytes, seconds, hello } = workerData;
const read = (file) => { try { return readFileSync(file, "utf8"); } catch { return ""; } };
const below = (pid) => [pid, ...read("/proc/" + pid + "/task/" + pid + "/children")
  .split(" ").filter(Boolean).flatMap(below)];
const held = (pid) => 4096 * Number(read("/proc/" + pid + "/statm").split(" ")[1] || 0) / 2 ** 20;
const worked = (pid) => {
  const fields = read("/proc/" + pid + "/stat").replace(/^.*\\) /s, "").split(" ");
  return (Number(fields[11] || 0) + Number(fields[12] || 0)) / 100;
};
const sum = (list) => list.reduce((a, b) => a + b, 0);
let exercise = -1, began = 0;
setInterval(() => {
  const pid = Atomics.load(state, 0);
  if (pid === 0) return;
  const all = below(pid);
  const work = sum(all.map(worked));
  if (exercise !== Atomics.load(state, 3)) {
    exercise = Atomics.load(state, 3);
    began = work;
  }
  const reason = sum(all.map(held)) > megabytes ? 1
    : Atomics.load(state, 2) === 0 && Date.now() - workerData.begin > hello ? 2
    : work - began > seconds ? 3 : 0;
  if (reason === 0) return;
  Atomics.store(state, 1, reason);
  for (const p of all.reverse()) try { process.kill(p, "SIGKILL"); } catch {}
}, 25);`;

/** A pair of pipes that block, for [our reading, our writing, its reading, its writing]. */
function pipes(folder) {
  const ends = ["to", "from"].map((name) => {
    const path = join(folder, `${name}-${process.pid}-${Date.now()}`);
    execFileSync("mkfifo", ["-m", "600", path]);
    const hold = openSync(path, "r+"); // so that opening either end waits for nobody
    const [input, output] = [openSync(path, "r"), openSync(path, "w")];
    closeSync(hold);
    rmSync(path);
    return { input, output };
  });
  const [to, from] = ends;
  return { ours: [from.input, to.output], theirs: [to.input, from.output] };
}

class Bridge {
  /**
   * @param settings what ./standin.mjs wrote: { command, args, folder, megabytes, seconds, fault,
   *   map, lines, name, given }
   * @param kit { tf, noteRefusal, Told } of the process that runs the tests
   */
  constructor(settings, kit) {
    Object.assign(this, { settings, kit });
    this.state = new Int32Array(new SharedArrayBuffer(4 * 4)); // pid, why ended, hello, exercise
    const map = new SourceMap(JSON.parse(settings.map));
    this.lineOf = ([line, column]) => map.findEntry(line - 1, column - 1).originalLine;
  }

  /** Starts a sandbox. @throws an error named MachineFault, which is noted in a file as well */
  start() {
    const { command, args, folder, megabytes, seconds } = this.settings;
    const { ours, theirs } = pipes(folder);
    Atomics.store(this.state, 1, 0);
    Atomics.store(this.state, 2, 0);
    const child = spawn(command, args, { stdio: [...theirs, "ignore"], env: {}, cwd: "/" });
    child.on("error", () => {}); // seen as the end of the pipe
    child.unref();
    for (const fd of theirs) closeSync(fd);
    Atomics.store(this.state, 0, child.pid ?? 0);
    this.watch?.terminate();
    const limits = { megabytes, seconds, hello: HELLO_MS };
    const workerData = { state: this.state, ...limits, begin: Date.now() };
    this.watch = new Worker(WATCH, { eval: true, workerData });
    this.watch.unref();
    this.fds = ours;
    const { tf } = this.kit;
    this.peer = new Peer({
      talk: frames(...ours),
      sign: 1,
      engine: () => tf,
      explain: (error, said) => this.explain(error, said),
      broken: (error) => this.broken(error),
    });
    this.engine = undefined;
    try {
      const { json } = frames(...ours).receive();
      if (json.op !== "hello") throw new TypeError("no greeting");
    } catch (error) {
      const said = `the sandbox could not be started (${error.message})`;
      writeFileSync(this.settings.fault, said);
      this.stop();
      throw Object.assign(new Error(said), { name: "MachineFault" });
    }
    Atomics.store(this.state, 2, 1);
  }

  stop() {
    this.watch?.terminate();
    const pid = Atomics.exchange(this.state, 0, 0);
    for (const fd of this.fds ?? [])
      try {
        closeSync(fd);
      } catch {}
    this.fds = this.peer = undefined;
    try {
      if (pid > 0) process.kill(pid, "SIGKILL");
    } catch {}
  }

  /** Why the talk with the answers ended, as an error for the tests. */
  broken(error) {
    const why = Atomics.load(this.state, 1);
    this.stop();
    const gigabytes = (this.settings.megabytes / 1024).toFixed(1).replace(".0", "");
    const what = this.exercise ?? "Loading the file (the code outside its functions)";
    const said =
      why === 1
        ? `${what} took more than ${gigabytes} GB of memory and was stopped. ` +
          "The usual causes: an array that grows in a loop that never ends, or a shape with one " +
          "factor too many."
        : why === 3
          ? `${what} did not finish within ${this.settings.seconds} seconds and was stopped. The ` +
            "usual cause: a loop that never ends (is its condition ever false, does its counter " +
            "move?)."
          : error instanceof Ended
            ? `${what} ended the whole process before its test was over. Does it call ` +
              "process.exit, process.kill or process.abort?"
            : `What ${what} returned could not be read: ${error.message}.`;
    this.ended = new this.kit.Told(said);
    return this.ended;
  }

  /** Says where in the learner's file an error arose, and what the engine there lacks. */
  explain(error, { refused, at }) {
    const { lines, name } = this.settings;
    if (Array.isArray(at) && at.every(Number.isSafeInteger)) {
      const line = this.lineOf(at);
      const code = lines[line]?.trim();
      if (code !== undefined) error.place = `\n  exercises/${name}, line ${line + 1}:  ${code}`;
    }
    if (refused) this.kit.noteRefusal(refused);
    if (error.name === "NeverSettles")
      error.message = `${this.exercise} waits for a promise that never settles.`;
  }

  /** Both sides compute on the same engine. */
  follow() {
    const backend = this.kit.tf?.getBackend();
    if (backend === this.engine) return;
    this.engine = backend;
    if (backend !== undefined) this.peer.call(-2, [backend === "cpu" ? "js" : backend], true);
  }

  /** A module of answers of its own: no other has called them. */
  module(given = {}) {
    const made = { bridge: this, given, exercise: undefined };
    this.load(made);
    return made;
  }

  load(module) {
    if (!this.peer) this.start();
    this.follow();
    module.peer = this.peer;
    const loaded = this.peer.call(-1, [module.given], true);
    if (!Array.isArray(loaded) || typeof loaded[0] !== "object" || loaded[0] === null)
      throw this.broken(new TypeError("no functions"));
    module.functions = loaded[0];
  }

  /** The answer to one exercise, or undefined where there is none. */
  answer(module, name) {
    if (!Object.hasOwn(module.functions, name)) return undefined;
    const f = (...args) => {
      if (this.exercise !== name) {
        this.ended = undefined;
        this.exercise = name;
        Atomics.add(this.state, 3, 1);
      }
      // What ended the process once would end it again: an exercise gets no second one.
      if (this.ended) throw this.ended;
      if (module.peer !== this.peer || !this.peer) this.load(module);
      this.follow();
      return module.functions[name](...args);
    };
    return Object.defineProperty(f, "name", { value: name });
  }
}

const bridges = new Map();

/** The bridge of these settings. A process has one sandbox at a time: the others are closed. */
function open(settingsFile, kit) {
  for (const [file, other] of bridges) if (file !== settingsFile) other.stop();
  if (!bridges.has(settingsFile))
    bridges.set(settingsFile, new Bridge(JSON.parse(readFileSync(settingsFile, "utf8")), kit));
  return bridges.get(settingsFile);
}

module.exports = { open };
