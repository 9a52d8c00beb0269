// Errors that belong to no cell, on the default engine: tfjs's wasm code listens to the errors of
// the whole process and throws them again, which ended the kernel ("Kernel died", variables lost,
// not a word in the notebook).
import { afterAll, describe, expect, it } from "vitest";
import { driveCells, hasJupyter, makeFolder } from "./drive";

const { folder, remove } = makeFolder();

/** Each cell fails beside the way; the kernel has to say what is in `told`, and to live on. */
const strays: { code: string; told: RegExp }[] = [
  {
    code: 'Promise.reject(new Error("lost"));',
    told: /nobody awaited it \(a missing await\?\):\nError: lost\n {4}at this cell, line 1: /,
  },
  {
    code: 'setTimeout(() => {\n  throw new Error("late");\n}, 10);\nawait pause(100);',
    told: /Uncaught error, outside of any cell:\nError: late\n {4}at .*this cell, line 2: /,
  },
  {
    code: `async function work() {
  await pause(1);
  throw new RangeError("later");
}
work();
await pause(100);`,
    told: /RangeError: later\n {4}at work, this cell, line 3: /,
  },
  {
    code: `import { EventEmitter } from "node:events";
new EventEmitter().on("data", () => {});
setImmediate(() => new EventEmitter().emit("error", new Error("emitted")));
await pause(50);`,
    told: /Error: emitted\n/,
  },
  {
    code: `process.once("unhandledRejection", () => {
  throw new TypeError("in a listener");
});
Promise.reject(new Error("heard"));
await pause(50);`,
    told: /Error: heard[\s\S]*A listener of "unhandledRejection" failed:\nTypeError: in a listener/,
  },
  {
    code: "setTimeout(() => process.exit(1), 5);\nawait pause(50);",
    told: /process\.exit\(1\): a cell cannot end the kernel/,
  },
  {
    code: "Promise.reject(Object.defineProperty(new Error(), 'message', { get() { throw 1; } }));",
    told: /nobody awaited it/,
  },
  {
    code: `let ended = false;
process.once("unhandledRejection", () => {
  ended = true;
});
const settings = { ...presets.smoke, steps: 40, maxLr: 1e30 };
pretrain({ text: mobyDick().slice(0, 30_000), settings }).run();
for (let i = 0; i < 300 && !ended; i++) await pause(100);`,
    told: /nobody awaited it \(a missing await\?\):\nDiverged: Trainer: expected finite numbers/,
  },
  {
    code: `process.removeAllListeners("unhandledRejection");
process.removeAllListeners("uncaughtException");
Promise.reject(new Error("unheard"));`,
    told: /nobody awaited it \(a missing await\?\):\nError: unheard/,
  },
];

describe.skipIf(!hasJupyter)("errors outside of a cell, with the wasm engine started", () => {
  afterAll(remove);

  for (const threads of ["1", "2"]) {
    it(`are told, and the kernel lives on (threads: ${threads})`, { timeout: 150_000 }, () => {
      const start = `import { useEngine } from "llm/engine";
import { mobyDick } from "llm/data";
import { presets, pretrain } from "llm/pretrain";
await useEngine({ quiet: true });
const kept = 7;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));`;
      const codes = strays.flatMap(({ code }) => [code, "kept"]);
      const { cells, kernel } = driveCells(folder, [start, ...codes], {
        LLM_ENGINE: "wasm",
        LLM_THREADS: threads,
      });
      expect(cells[0].reply, cells[0].stderr).toBe("ok");
      for (const [i, { code, told }] of strays.entries()) {
        expect(cells[1 + 2 * i].stderr, code).toMatch(told);
        expect(cells[2 + 2 * i].stdout, `after: ${code}`).toBe("7\n");
      }
      expect(kernel.alive).toBe(true);
    });
  }
});
