"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.Pool = exports.threadCount = exports.MAX_THREADS = void 0;
// The wasm engine's threads: workers with an instance of ./kernels each, on tfjs's memory, which is
// shared (./shared.ts). A job is a list of calls of one kernel. It is written into a table that all
// threads read. Whichever thread is free takes the next piece, including this one, so a thread that
// the system keeps waiting holds up only its own piece. Pieces write different numbers, and every
// number is summed by one thread in one order, so results do not depend on the number of threads.
// Only this thread allocates, and only between jobs.
//
// The protocol uses atomics only. This thread writes the table, then TICKETS = number of pieces,
// then EPOCH + 1, which wakes sleeping workers. To take a piece, a thread subtracts 1 from TICKETS;
// the piece is its own if the value before was above 0. A worker sets its BUSY word before it takes
// a piece and clears it when it has computed it. So when TICKETS is 0 or less and no worker is
// busy, the job is done and the table may be written again. There is no other state: a job that was
// broken off (a notebook's stop button ends whatever this thread runs) is settled in the same way
// before the next one.
const node_os_1 = require("node:os");
const node_path_1 = require("node:path");
const node_worker_threads_1 = require("node:worker_threads");
const cut_1 = require("./cut");
const module_1 = require("./module");
/** More than this is refused. */
exports.MAX_THREADS = 32;
const AUTO_THREADS = 8; // the steps of small models do not have work for more
const LINE = 16; // 32-bit words in 64 bytes, so that no two threads write to one cache line
const [TICKETS, EPOCH, SLEEPERS, LIMIT, MAIN_WAITS, BUSY] = [0, 1, 2, 3, 4, 5].map((i) => i * LINE);
const WORDS = BUSY + (exports.MAX_THREADS + 1) * LINE;
const MESSAGE_BYTES = 256;
// Kernel, number of calls, number of arguments, calls in a piece, scratch memory, its bytes per
// thread.
const HEAD = 8;
const WIDTH = 16; // numbers for one call
const CALLS = 256; // in one job; longer lists are cut
/** Where things lie in the control block, for the workers. */
const LAYOUT = {
    words: WORDS,
    tickets: TICKETS,
    epoch: EPOCH,
    sleepers: SLEEPERS,
    limit: LIMIT,
    mainWaits: MAIN_WAITS,
    busy: BUSY,
    line: LINE,
    message: 4 * WORDS,
    messageBytes: MESSAGE_BYTES,
    numbers: 4 * WORDS + MESSAGE_BYTES,
    table: HEAD,
    width: WIDTH,
};
/**
 * For how many milliseconds a worker looks for the next job, and this thread for the last piece.
 */
const SPIN_MS = 0.05;
const START_MS = 30000;
/**
 * The number of threads that `value` means.
 * @param value a whole number from 1 to 32, or "auto": as many as there are cores, at most 8
 * @param origin where it comes from, for the message
 * @throws Error when it is something else
 */
function threadCount(value, origin = "threads") {
    if (value === "auto")
        return Math.min((0, node_os_1.availableParallelism)(), AUTO_THREADS);
    const count = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
    if (typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= exports.MAX_THREADS)
        return count;
    throw new Error(`useEngine: expected ${origin} to be a whole number from 1 to ${exports.MAX_THREADS} or "auto", ` +
        `got ${JSON.stringify(value)}`);
}
exports.threadCount = threadCount;
/** A worker that has reported that it is ready. It does not keep the process alive. */
async function startWorker(workerData) {
    let worker;
    let timer;
    try {
        worker = new node_worker_threads_1.Worker((0, node_path_1.join)(__dirname, "worker.cjs"), {
            workerData,
            execArgv: [],
            env: {}, // NODE_OPTIONS are this process's own
        });
        const started = worker;
        await new Promise((resolve, reject) => {
            timer = setTimeout(reject, START_MS, new Error(`no answer after ${START_MS / 1000} s`));
            started.once("message", () => resolve());
            started.once("error", reject);
            started.once("exit", (code) => reject(new Error(`it ended with code ${code}`)));
        });
    }
    catch (error) {
        void worker?.terminate();
        throw new module_1.NotHere(`a thread does not start: ${error instanceof Error ? error.message : error}`);
    }
    finally {
        clearTimeout(timer);
        worker?.removeAllListeners();
        worker?.on("error", () => { }); // "exit" reports its end
    }
    worker.unref();
    return worker;
}
class Pool {
    kernels;
    code;
    memory;
    /** Work that takes one thread fewer microseconds than this is not divided. */
    worthwhile = 50;
    /** After how many milliseconds a thread that does not finish its piece is given up. */
    patience = 30000;
    /** Threads that may take part, this one included. */
    limit = 1;
    running = false;
    workers = [];
    control = new SharedArrayBuffer(LAYOUT.numbers + 8 * (HEAD + CALLS * WIDTH));
    words = new Int32Array(this.control, 0, WORDS);
    message = new Uint8Array(this.control, LAYOUT.message, MESSAGE_BYTES);
    numbers = new Float64Array(this.control, LAYOUT.numbers);
    names;
    /**
     * @param kernels this thread's instance
     * @param code the module that each worker makes an instance of
     * @param memory tfjs's, shared
     */
    constructor(kernels, code, memory) {
        this.kernels = kernels;
        this.code = code;
        this.memory = memory;
        this.names = Object.keys(kernels).filter((name) => typeof kernels[name] === "function");
    }
    /** Threads in use, this one included. */
    get threads() {
        return this.limit;
    }
    /** How many threads need scratch memory of their own. */
    get members() {
        return this.workers.length + 1;
    }
    /**
     * Starts the workers that are missing for `threads` threads; surplus ones stay asleep.
     * @throws NotHere when one does not start
     */
    async use(threads) {
        while (this.members < threads)
            await this.addWorker();
        this.limit = threads;
        Atomics.store(this.words, LIMIT, threads);
    }
    async addWorker() {
        const { names, code, memory, control } = this;
        const worker = await startWorker({
            id: this.members,
            names,
            code,
            memory,
            control,
            at: LAYOUT,
            spinMs: SPIN_MS,
        });
        worker.on("exit", () => {
            this.close();
            console.warn("engine: a thread of the wasm engine has ended; it goes on with one thread");
        });
        this.workers.push(worker);
    }
    /** Ends all workers; this thread goes on alone. */
    close() {
        this.limit = 1;
        this.running = false;
        for (const id of [0, ...this.workers.keys()])
            Atomics.store(this.words, BUSY + (id + 1) * LINE, 0);
        for (const address of [TICKETS, LIMIT, MAIN_WAITS])
            Atomics.store(this.words, address, 0);
        for (const worker of this.workers.splice(0)) {
            worker.removeAllListeners("exit");
            void worker.terminate();
        }
    }
    /**
     * Waits for the pieces of a job that was broken off. To be called before anything is allocated.
     */
    rest() {
        if (this.running)
            this.settle(performance.now());
    }
    /** How many threads to use for work that takes one thread so many microseconds. */
    worth(microseconds) {
        return microseconds < this.worthwhile ? 1 : this.limit;
    }
    /**
     * Calls a kernel once for each list of arguments, in any order, on all threads, and returns when
     * everything is done.
     * @param scratch memory for `members` threads, `stride` bytes each; with stride 0 the kernel gets
     *   none
     * @throws Error when a call fails, or when a thread has died over it
     */
    run(kernel, calls, scratch, stride) {
        this.rest();
        for (let from = 0; from < calls.length; from += CALLS) {
            const some = calls.length <= CALLS ? calls : calls.slice(from, from + CALLS);
            if (some.length === 1 || this.limit === 1)
                this.compute(kernel, some, 0, some.length, scratch, stride);
            else
                this.share(kernel, some, scratch, stride);
        }
    }
    compute(kernel, calls, from, to, scratch, stride) {
        const f = this.kernels[kernel];
        for (let i = from; i < to; i++) {
            if (stride > 0)
                f(...calls[i], scratch);
            else
                f(...calls[i]);
        }
    }
    share(kernel, calls, scratch, stride) {
        const { words, numbers } = this;
        const group = Math.ceil(calls.length / (this.limit * cut_1.PIECES));
        const pieces = Math.ceil(calls.length / group);
        const started = performance.now();
        this.running = true;
        numbers.set([
            this.names.indexOf(kernel),
            calls.length,
            calls[0].length,
            group,
            scratch,
            stride,
        ]);
        for (let i = 0; i < calls.length; i++) {
            const [call, row] = [calls[i], HEAD + i * WIDTH];
            for (let j = 0; j < call.length; j++)
                numbers[row + j] = call[j];
        }
        Atomics.store(words, TICKETS, pieces);
        Atomics.add(words, EPOCH, 1);
        if (Atomics.load(words, SLEEPERS) > 0)
            Atomics.notify(words, EPOCH);
        try {
            for (;;) {
                const piece = Atomics.sub(words, TICKETS, 1) - 1;
                if (piece < 0)
                    break;
                this.compute(kernel, calls, piece * group, Math.min(calls.length, (piece + 1) * group), scratch, stride);
            }
        }
        finally {
            this.settle(started);
        }
    }
    /** No thread takes another piece, and those that have one finish it. */
    settle(started) {
        const { words } = this;
        Atomics.store(words, TICKETS, 0);
        let failed = false;
        for (let id = 1; id < this.members; id++) {
            const busy = BUSY + id * LINE;
            const spinning = performance.now() + SPIN_MS;
            while (Atomics.load(words, busy) === 1 && performance.now() < spinning)
                ;
            while (Atomics.load(words, busy) === 1) {
                Atomics.store(words, MAIN_WAITS, 1);
                const patience = Math.max(this.patience, 20 * (performance.now() - started));
                if (Atomics.wait(words, busy, 1, patience) === "timed-out") {
                    this.close();
                    throw new Error(`wasm: a thread has not finished its piece for ${Math.round(patience / 1000)} s, and ` +
                        "what was being computed is lost. The engine goes on with one thread; start again " +
                        "from the last checkpoint");
                }
            }
            if (Atomics.exchange(words, busy + 1, 0) === 1)
                failed = true;
        }
        Atomics.store(words, MAIN_WAITS, 0);
        this.running = false;
        if (failed)
            throw new Error(`wasm: ${Buffer.from(this.message).toString().replace(/\0.*$/s, "")}`);
    }
}
exports.Pool = Pool;
