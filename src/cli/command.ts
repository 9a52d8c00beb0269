// What the commands share: how they end when they are asked to, how they speak to a pipe that has
// been closed, and how they print commands that work when they are pasted.

import { printable } from "../display";
import { interrupted, requestInterrupt } from "../engine";
import type { DecodingOptions } from "../sampling";

/**
 * Prints an error as a sentence, and ends with code 1. It may quote a file or a prompt, whose control
 * characters are shown as pictures.
 */
export function fail(message: string, code = 1): never {
  console.error(printable(message));
  process.exit(code);
}

/**
 * Ctrl-C, a closed terminal (SIGHUP) and `kill` (SIGTERM) ask the loops to stop politely; a second
 * Ctrl-C ends at once.
 * @param options.said told when the first one comes
 */
export function stopPolitely({ said = () => {} }: { said?: () => void } = {}): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (interrupted()) {
        if (signal === "SIGINT") fail("\nstopped at once; the last checkpoint is kept", 130);
        return; // a wrapper and a terminal may both pass the same signal on
      }
      requestInterrupt();
      said();
    });
}

/**
 * The same for a server: at first it ends what it has begun, and takes no more.
 * @param server with `stop`, which settles when nothing is open any more
 */
export function stopServer(server: { stop(): Promise<void> }): void {
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (isStopping) {
        if (signal === "SIGINT") fail("stopped at once", 130);
        return; // a wrapper and a terminal may both pass the same signal on
      }
      isStopping = true;
      console.error("stopping: answers that have begun are written to their end");
      void server.stop().then(() => process.exit(0));
    });
}

/** The options of commands that write, as llm/sampling takes them. */
export const decodingOf = (values: {
  temperature: number;
  "top-k"?: number;
  "top-p"?: number;
  "min-p"?: number;
  "repetition-penalty"?: number;
}): DecodingOptions => ({
  temperature: values.temperature,
  topK: values["top-k"],
  topP: values["top-p"],
  minP: values["min-p"],
  repetitionPenalty: values["repetition-penalty"],
});

/**
 * Whoever reads our output may close it early (`… | head`). That is no error: the work ends as with
 * Ctrl-C, saved, and nothing more is printed.
 */
export function allowClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      requestInterrupt();
    });
}

/** A word as a shell takes it: in quotes where it has to be. */
export function shellWord(word: string): string {
  if (/^[\w./:@%+=,-]+$/.test(word)) return word;
  if (process.platform === "win32") return `"${word.replaceAll('"', '\\"')}"`;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
