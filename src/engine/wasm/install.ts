// Turns tfjs's wasm backend, which is made for inference, into one that trains, on several threads
// if wanted. What is replaced and why is in ./overrides and ./wasmOps, the code in ./kernels, how
// it reaches tfjs's memory in ./heap, and the threads are in ./shared and ./pool.
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { repairWasm } from "../repairs/wasm";
import { openHeap } from "./heap";
import { NotHere, WebAssembly } from "./module";
import { registerOverrides, registerSegmentSum } from "./overrides";
import type { Pool } from "./pool";
import { sharedBuild } from "./shared";
import { registerWasmOps } from "./wasmOps";

const done = Symbol.for("llm.wasm");
const requireHere = createRequire(__filename);

/**
 * What is kept with the backend: the beginning of its description, and its threads if its memory is
 * shared.
 */
interface Installed {
  kernels: string;
  pool?: Pool;
}

const installed = () => (tf.backend() as unknown as Record<symbol, Installed | undefined>)[done];

/**
 * Starts tfjs's wasm backend, makes it the current one and registers the fast kernels. A second
 * call only makes it current.
 * @param threads how many; more than one needs shared memory, which only the first call can choose
 * @param asked whether somebody asked for that number just now; otherwise a second call leaves it
 *   as it is
 * @param reasons gets a sentence when there are fewer than that
 * @returns a description of the engine: "SIMD, one thread"
 */
export async function startWasm(
  threads: number,
  asked: boolean,
  reasons: string[],
): Promise<string> {
  const wasm = await import("@tensorflow/tfjs-backend-wasm");
  if (!("wasm" in tf.engine().registry)) {
    const folder = dirname(requireHere.resolve("@tensorflow/tfjs-backend-wasm")) + sep;
    const shared =
      threads > 1
        ? orReason(() => sharedBuild(join(folder, "tfjs-backend-wasm-simd.wasm")), reasons)
        : undefined;
    if (shared) {
      const builds = ["", "-simd", "-threaded-simd"].map((kind) => [
        `tfjs-backend-wasm${kind}.wasm`,
        shared,
      ]);
      wasm.setWasmPaths(Object.fromEntries(builds), true);
    } else wasm.setWasmPaths(folder);
  }
  if (!(await withoutItsListeners(() => tf.setBackend("wasm"))))
    throw new Error("the wasm backend does not start");
  const first = installed() === undefined;
  (tf.backend() as unknown as Record<symbol, Installed>)[done] ??= install();
  repairWasm();
  const said = () => reasons.some((reason) => reason.startsWith("threads:"));
  if ((first || asked) && !(await setThreads(threads, reasons)) && !said())
    reasons.push(
      "threads: tfjs was started before, on memory that cannot be shared, so one thread",
    );
  return describe();
}

/**
 * tfjs's wasm code, made by Emscripten, listens to the errors of the whole process and throws each
 * of them once more, with a page of its own source: a promise that nobody awaits would end a
 * notebook's kernel. Those two listeners go.
 */
async function withoutItsListeners<T>(start: () => Promise<T>): Promise<T> {
  const events = ["uncaughtException", "unhandledRejection"] as const;
  const listenersOf = (event: string) => process.listeners(event as NodeJS.Signals);
  const before = events.map(listenersOf);
  const result = await start();
  for (const [i, event] of events.entries())
    for (const listener of listenersOf(event))
      if (
        !before[i].includes(listener) &&
        /^function ?\((\w+)\)[\s\S]*\bthrow \1\b/.test(String(listener))
      )
        process.removeListener(event, listener);
  return result;
}

/** The threads of the wasm backend, the current one; undefined where its memory is not shared. */
export const pool = (): Pool | undefined => installed()?.pool;

/**
 * Changes how many threads the wasm backend, the current one, uses.
 * @param reasons gets a sentence when they do not start
 * @returns whether it can: not if it was started with one
 */
export async function setThreads(threads: number, reasons: string[]): Promise<boolean> {
  const all = pool();
  if (!all) return threads === 1;
  try {
    await all.use(threads);
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    all.close();
    reasons.push(`threads: ${error.message}, so one thread`);
  }
  return true;
}

/** A description of the wasm backend, the current one: "SIMD, one thread". */
export function describe(): string {
  const { kernels, pool: all } = installed()!;
  const threads = all?.threads ?? 1;
  return kernels.startsWith("SIMD")
    ? `${kernels}, ${threads === 1 ? "one thread" : `${threads} threads`}`
    : kernels;
}

function orReason<T>(work: () => T, reasons: string[]): T | undefined {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof NotHere)) throw error;
    reasons.push(`threads: ${error.message}, so one thread`);
    return undefined;
  }
}

function install(): Installed {
  try {
    const heap = openHeap();
    registerOverrides(heap);
    registerWasmOps(heap);
    return { kernels: heap.fma ? "SIMD with FMA" : "SIMD", pool: heap.pool };
  } catch (error) {
    if (!(error instanceof NotHere || error instanceof WebAssembly.CompileError)) throw error;
    registerSegmentSum();
    return { kernels: `tfjs's own kernels, slow: ${error.message}` };
  }
}
