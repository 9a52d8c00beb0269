// What a thread of the wasm engine does (./pool.ts has the other side, and the protocol): it waits
// until there is work, takes one piece after the other, and waits again, until the process ends.
// Plain JavaScript, because a worker is loaded by its file name, from src/ in tests as from dist/.
const { parentPort, workerData } = require("node:worker_threads");
const { id, names, code, memory, control, at, spinMs } = workerData;

const words = new Int32Array(control, 0, at.words);
const numbers = new Float64Array(control, at.numbers);
const message = new Uint8Array(control, at.message, at.messageBytes);
const { exports: wasm } = new WebAssembly.Instance(code, { env: { memory, log: Math.log } });
const kernels = names.map((name) => wasm[name]);
const BUSY = at.busy + id * at.line;
const FAILED = BUSY + 1;

/** One piece: some of the calls in the table. */
function compute(piece) {
  const [kernel, calls, width, group, scratch, stride] = numbers;
  const last = Math.min(calls, (piece + 1) * group);
  for (let call = piece * group; call < last; call++) {
    const from = at.table + call * at.width;
    const args = [];
    for (let i = from; i < from + width; i++) args.push(numbers[i]);
    if (stride > 0) args.push(scratch + id * stride);
    kernels[kernel](...args);
  }
}

function work() {
  while (id < Atomics.load(words, at.limit) && Atomics.load(words, at.tickets) > 0) {
    Atomics.store(words, BUSY, 1); // before a ticket is taken: who sees it 0 afterwards knows that none is held
    const ticket = Atomics.sub(words, at.tickets, 1);
    try {
      if (ticket > 0) compute(ticket - 1);
    } catch (error) {
      message.fill(0).set(Buffer.from(String(error)).subarray(0, message.length));
      Atomics.store(words, FAILED, 1);
    }
    Atomics.store(words, BUSY, 0);
    if (Atomics.load(words, at.mainWaits)) Atomics.notify(words, BUSY);
  }
}

parentPort.postMessage("ready");
for (;;) {
  const epoch = Atomics.load(words, at.epoch);
  work();
  const until = performance.now() + spinMs; // the next job often comes soon, and waking costs more than this
  while (Atomics.load(words, at.epoch) === epoch && performance.now() < until);
  Atomics.add(words, at.sleepers, 1);
  Atomics.wait(words, at.epoch, epoch);
  Atomics.sub(words, at.sleepers, 1);
}
