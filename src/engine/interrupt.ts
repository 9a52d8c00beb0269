// The stop button: Jupyter's, Ctrl-C, or a signal. Whoever hears it sets one flag; long loops look
// at the flag once per step and end politely, with what they have. The flag hangs on the global
// object under a registered symbol, because the kernel, which loads no course code, sets it as
// well.

const FLAG = Symbol.for("llm.interrupt");
const flags = globalThis as unknown as Record<symbol, unknown>;

/** Whether somebody asked to stop. */
export function interrupted(): boolean {
  return flags[FLAG] === true;
}

/** Asks the loops that are running to stop. */
export function requestInterrupt(): void {
  flags[FLAG] = true;
}

/** Forgets the request, so that the next loop runs. */
export function clearInterrupt(): void {
  flags[FLAG] = false;
}

/** Lets waiting output, timers and interrupts through. Await it once per step in long loops. */
export function nextFrame(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
