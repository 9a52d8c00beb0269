// The stop button, in three steps, gentlest first. (1) A flag that loops look at: `interrupted()`
// in llm/engine, so a training run ends by itself, reports, and keeps its variables. (2) If nobody
// looks at it, tslab stops waiting for the cell, and timers the cell has set never fire, so that
// its loop does not go on unseen. (3) Where code never gives the thread back, SIGINT breaks a
// synchronous cell, and the control worker breaks a loop behind an `await`.
const path = require("node:path");
const timers = require("node:timers");
const { Worker } = require("node:worker_threads");

const FLAG = Symbol.for("llm.interrupt");
/**
 * How long a cell may take to notice the flag, and to finish once it has (a training step, a last
 * evaluation).
 */
const UNSEEN_MS = 1_500;
const SEEN_MS = 30_000;

const MESSAGES = {
  sync: "stopped. Variables of earlier cells are kept",
  broken:
    "stopped in the middle of a loop that never gave the thread back. " +
    "Variables of earlier cells are kept",
  waiting:
    "stopped waiting for this cell. Variables of earlier cells are kept. Work that it started " +
    "elsewhere (a child process, a request) may go on until it ends by itself; " +
    "restarting the kernel ends all of it",
};

function createInterrupt(executor) {
  let raised = false;
  let seen = false;
  let running = false;
  let deadline = null;
  let reason = null;
  let epoch = 0;
  // [0] answers the worker's pings, [1] says that the worker has broken a loop
  const shared = new Int32Array(new SharedArrayBuffer(8));

  // An accessor, so that the kernel learns whether the cell's code looks at the flag at all.
  Object.defineProperty(globalThis, FLAG, {
    configurable: true,
    get: () => {
      if (raised) seen = true;
      return raised;
    },
    set: (value) => {
      raised = Boolean(value);
    },
  });

  // Timers set before a forced stop belong to the stopped cell. Libraries that need theirs take
  // node:timers.
  for (const name of ["setTimeout", "setInterval", "setImmediate"]) {
    const original = globalThis[name];
    const wrapped = (callback, ...rest) => {
      if (typeof callback !== "function") return original(callback, ...rest);
      const born = epoch;
      const handle = original(
        (...args) => {
          if (born === epoch) callback(...args);
          else if (name === "setInterval") clearInterval(handle);
        },
        ...rest,
      );
      return handle;
    };
    // util.promisify(setTimeout) and timers/promises look here
    globalThis[name] = Object.defineProperties(wrapped, Object.getOwnPropertyDescriptors(original));
  }

  function force(why) {
    timers.clearTimeout(deadline);
    if (!running) return;
    reason = why;
    epoch++;
    executor.interrupt();
  }

  function request() {
    if (!running) return;
    if (Atomics.exchange(shared, 1, 0) === 1) return force("broken");
    if (raised) return force("waiting"); // pressed twice: no more waiting
    raised = true;
    const begin = performance.now();
    const look = () => {
      const waited = performance.now() - begin;
      if (waited > (seen ? SEEN_MS : UNSEEN_MS)) return force("waiting");
      deadline = timers.setTimeout(look, 100);
    };
    look();
  }
  process.on("SIGINT", request);

  let worker = null;
  return {
    begin() {
      raised = false;
      seen = false;
      reason = null;
      running = true;
      Atomics.store(shared, 1, 0);
    },
    /** @returns the cell's failure, in words where the stop button caused it */
    end(failure) {
      running = false;
      timers.clearTimeout(deadline);
      if (failure?.evalue.includes("interrupted by `SIGINT`")) reason = "sync";
      if (reason === null || failure === null) return failure;
      const evalue = MESSAGES[reason];
      return {
        ename: "Interrupted",
        evalue,
        traceback: [`Interrupted: ${evalue}.`, ...failure.traceback.slice(1)],
      };
    },
    wasRequested: () => raised || reason !== null,
    close() {
      return new Promise((resolve) => {
        if (worker === null) return resolve();
        worker.once("exit", resolve);
        worker.postMessage("close");
      });
    },
    /**
     * Starts the worker that owns the control channel; `handle(socket, frames)` gets what is not an
     * interrupt.
     */
    listen({ fromTslab, connection, port, handle }) {
      worker = new Worker(path.join(__dirname, "control-worker.cjs"), {
        workerData: { zeromq: fromTslab.resolve("zeromq"), connection, port, shared },
      });
      worker.unref();
      const socket = { send: (frames) => worker.postMessage(frames.map(String)) };
      return new Promise((resolve, reject) => {
        worker.once("error", reject);
        worker.on("message", ({ kind, frames, count }) => {
          if (kind === "ready") resolve();
          else if (kind === "ping") {
            Atomics.store(shared, 0, count);
            if (process.platform === "win32") request();
          } else
            handle(
              socket,
              frames.map((frame) => Buffer.from(frame)),
            );
        });
      });
    },
  };
}

module.exports = { createInterrupt };
