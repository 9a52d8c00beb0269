// Reads that are synchronous for the caller. WebGPU only knows mapAsync, whose promise JavaScript
// sees after it has returned to the event loop. The Node package works off Dawn's events in a
// function that it passes to `setImmediate`, and it looks that up at every call (AsyncRunner in
// Dawn's src/dawn/node/binding). So every call that begins something asynchronous is made here with
// another `setImmediate`, which keeps the function: whoever waits calls it until the buffer is
// mapped, without a thread of its own. Nothing of Dawn's is then in Node's event loop, and a script
// that has ended ends.

let ticks: (() => void)[] = [];
let sleeper: Int32Array<SharedArrayBuffer> | undefined;

/** Makes a call that begins something asynchronous in Dawn, whose events then wait for `pump`. */
export function begin<T>(call: () => T): T {
  const loop = globalThis as { setImmediate: unknown };
  const { setImmediate } = loop;
  loop.setImmediate = (tick: () => void) => {
    ticks.push(tick);
  };
  try {
    return call();
  } finally {
    loop.setImmediate = setImmediate;
  }
}

/** Works off what has happened on the GPU. */
export function pump(): void {
  const now = ticks;
  ticks = [];
  begin(() => {
    for (const tick of now) tick();
  });
}

/**
 * Settles what is still promised: Dawn ends a process with SIGABRT where a promise is left. To be
 * called when the device is gone, so that nothing new happens.
 */
export function settle(): void {
  for (let i = 0; i < 1000 && ticks.length > 0; i++) pump();
}

/** Waits in place: at first as fast as it can, then 0.1 ms at a time where Node can sleep. */
export function waitUntil(isDone: () => boolean): void {
  const start = performance.now();
  sleeper ??=
    typeof SharedArrayBuffer === "undefined" ? undefined : new Int32Array(new SharedArrayBuffer(4));
  while (!isDone()) {
    pump();
    if (sleeper && performance.now() - start > 2) Atomics.wait(sleeper, 0, 0, 0.1);
  }
}

const nextTurn = () => new Promise((done) => setImmediate(done));

/** Waits while everything else in Node goes on. */
export async function promised<T>(call: () => Promise<T>): Promise<T> {
  let isDone = false;
  const promise = begin(call);
  promise.then(
    () => {
      isDone = true;
    },
    () => {
      isDone = true;
    },
  );
  while (!isDone) {
    pump();
    await nextTurn();
  }
  return promise;
}
