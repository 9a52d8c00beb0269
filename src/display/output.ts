// Where displays go: in a notebook kernel to the running cell, as a MIME bundle, else to the
// terminal. tslab keeps the writer of the current cell in a property of a module, and replaces it
// before each cell. The module is looked up in Node's module cache and never imported: outside the
// kernel that would load a whole TypeScript compiler.
import { createRequire } from "node:module";
import { resolve } from "node:path";
// Not the global timers: the kernel silences those when a cell is stopped by force, and the last
// frame must still be shown.
import { clearTimeout, setTimeout } from "node:timers";

import { wellFormed } from "./label";

export { escapeHtml } from "./xml";

/** MIME type → content, richest first; `text/plain` is what a terminal prints. */
export type Bundle = Record<string, unknown> & { "text/plain": string };

type Write = (
  message: { data: Bundle; metadata: object; transient: { display_id: string } },
  update: boolean,
) => void;

const { cache } = createRequire(resolve("display.js"));
let kernelModule: { lastWriteDisplayData: Write | null } | undefined;

/** @returns the current cell's writer, or null outside of a notebook */
export function cellWriter(): Write | null {
  if (kernelModule === undefined) {
    const file = Object.keys(cache).find((name) =>
      /[\\/]tslab[\\/]dist[\\/]jupyter\.js$/.test(name),
    );
    if (file === undefined) return null;
    kernelModule = cache[file]?.exports as { lastWriteDisplayData: Write | null };
  }
  return kernelModule.lastWriteDisplayData;
}

export function inNotebook(): boolean {
  return cellWriter() !== null;
}

/** A display that can be written again in place. */
export interface Display {
  update(bundle: Bundle): void;
}

let counter = 0;

/** Shows a bundle in the running cell, or prints its text in a terminal. */
export function show(content: Bundle): Display {
  const bundle = sendable(content);
  const id = `llm-${process.pid}-${++counter}`;
  const write = cellWriter();
  if (write === null) {
    console.log(bundle["text/plain"]);
    return { update: () => {} };
  }
  write({ data: bundle, metadata: {}, transient: { display_id: id } }, false);
  // The writer is kept: an update belongs to the cell that made the display, even while a later
  // cell runs.
  return {
    update: (next) =>
      write({ data: sendable(next), metadata: {}, transient: { display_id: id } }, true),
  };
}

/** A text with half a character would be refused when the notebook is saved. */
const sendable = (bundle: Bundle): Bundle => ({
  ...bundle,
  "text/plain": wellFormed(bundle["text/plain"]),
});

/** Frames that wait for their time. The kernel draws them before it reports a cell as done. */
const WAITING = Symbol.for("llm.waitingFrames");
const shared = globalThis as unknown as { [WAITING]?: Set<() => void> };

/**
 * Calls `draw` with the newest value at most once per `everyMs`; the last value is always drawn.
 * Training loops may update at every step: a browser cannot redraw a figure 200 times a second.
 */
export function throttle<T>(
  draw: (value: T) => void,
  everyMs: number,
): { set(value: T): void; flush(): void } {
  let pending: { value: T } | null = null;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const flush = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    shared[WAITING]?.delete(flush);
    if (pending === null) return;
    const { value } = pending;
    pending = null;
    drawnAt = performance.now();
    draw(value);
  };
  return {
    set(value) {
      pending = { value };
      const wait = drawnAt + everyMs - performance.now();
      if (wait <= 0) flush();
      else if (timer === null) {
        timer = setTimeout(flush, wait);
        shared[WAITING] ??= new Set();
        shared[WAITING].add(flush);
      }
    },
    flush,
  };
}

/**
 * Text of a model or a file for the terminal: control characters, which could move the cursor or
 * redraw what is there, are shown as pictures (␛ for escape); line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}]/gu, (character) => {
    if (character === "\n" || character === "\t") return character;
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? "␡" : "�";
  });
}
