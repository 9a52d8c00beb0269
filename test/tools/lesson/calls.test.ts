// How the calls of a notebook are recorded (recorder.cjs), chosen and compared (calls.mjs). That
// the recorder works in the real kernel is shown by `npm test`, which compares each notebook's
// calls with the committed ones.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Call, type CallsFile, packArguments } from "../../../src/course/calls";

const checkout = resolve(__dirname, "../../..");
interface Found {
  code: string;
  kept: Map<string, Omit<Call, "notebook">[]>;
  left: string[];
}
const { distil, differences } = (await import(
  pathToFileURL(join(checkout, "tools/lesson/calls.mjs")).href
)) as {
  distil(id: string, file: string): Promise<Found>;
  differences(id: string, found: Found): string[];
};

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "calls of cells "));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Line {
  cell: number;
  exercise: string;
  lessons: string[];
  args?: unknown[];
  gave?: unknown;
  why?: string;
}

/** Runs cells as the kernel does, as far as the recorder can see. */
function record(cells: string[]): Line[] {
  const kernel = join(folder, "kernel.cjs");
  const bodies = cells.map(
    (code, i) => `globalThis.llmReached = ["cell-${i + 1}.ts", 1];\n${code}`,
  );
  writeFileSync(
    kernel,
    `require = module.constructor.createRequire(${JSON.stringify(join(checkout, "notebooks", "src.js"))});
(async () => {\n${bodies.join("\n")}\n})();`,
  );
  const file = join(folder, "calls.jsonl");
  rmSync(file, { force: true });
  const recorder = join(checkout, "tools/lesson/recorder.cjs");
  execFileSync(process.execPath, ["--require", recorder, kernel], {
    env: { ...process.env, LLM_CALLS: file },
    stdio: "pipe",
  });
  const text = readFileSync(file, "utf8").trim();
  return text.split("\n").map((line) => JSON.parse(line));
}

describe("the recorder", () => {
  test("notes what cells call, through learner() and by import, and nothing else", () => {
    const lines = record([
      'const { learner } = require("llm/course"); const mine = await learner("00-start-here");',
      "mine.countParameters([[2, 3], [3]]); try { mine.countParameters(null); } catch {}",
      "for (let i = 1; i <= 40; i++) mine.countParameters([[i]]);",
      'const engine = require("llm/engine"); await engine.useEngine({ prefer: "wasm", quiet: true });',
      'require("llm/optim").clipByGlobalNorm({ g: engine.tf.tensor1d([3, 4]) }, 1);',
    ]);
    const seen = lines.map(({ cell, exercise, lessons }) => `${cell} ${exercise} ${lessons}`);
    expect(new Set(seen)).toEqual(
      new Set([
        "2 countParameters 00-start-here",
        "3 countParameters 00-start-here",
        "5 clipByGlobalNorm 03-recurrent-networks",
      ]),
    );
    const shapes = lines.filter(({ cell }) => cell === 3).map(({ args }) => args?.[0]);
    expect(shapes).toEqual([1, 2, 4, 8, 16, 32].map((n) => [[n]]));
    expect(lines.at(-1)?.gave).toBeDefined();
  });
});

describe("what is kept", () => {
  const raw = (lines: object[]) => {
    const file = join(folder, "raw.jsonl");
    writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    return file;
  };
  const of = (exercise: string, args: unknown[], cell: number, lesson = "12-training") => ({
    cell,
    exercise,
    lessons: [lesson],
    args: packArguments(args),
  });

  test("calls of every form, long texts in pieces, large arrays stood in for", async () => {
    const text = Int32Array.from({ length: 300_000 }, (_, i) => (i * i) % 77);
    const table = Array.from({ length: 77 }, (_, i) =>
      Array.from({ length: 77 }, (_, j) => i / (j + 1)),
    );
    const steps = Array.from({ length: 20 }, (_, step) => of("roundToBf16", [step + 0.1], 4));
    const { kept, left } = await distil(
      "12-training",
      raw([
        of("getBatch", [text, [5, 299_000, 5], 32], 3),
        of("mostLikelyNext", [table, 3], 5, "00-start-here"),
        ...steps,
        of("roundToBf16", [0.1], 5), // as cell 4 has asked
        { ...of("getBatch", [text, [1], 2], 6), gave: packArguments([7]) }, // only its name
        { cell: 7, exercise: "adamw", lessons: ["12-training"], why: "it has a tokenizer" },
      ]),
    );
    const ours = kept.get("12-training")!;
    expect(ours.map(({ exercise }) => exercise)).toEqual([
      "getBatch",
      ...Array(4).fill("roundToBf16"),
    ]);
    const [long] = ours[0].args as { numbers: { length: number; pieces: [number][] } }[];
    expect(long.numbers.length).toBe(300_000);
    expect(long.numbers.pieces.map(([at]) => at)).toEqual([0, 298_944]);
    expect(kept.get("00-start-here")).toHaveLength(1);
    expect(JSON.stringify([...kept]).length).toBeLessThan(9000);
    expect(left).toEqual([
      expect.stringMatching(/a call of adamw is not kept: it has a tokenizer/),
    ]);
  });

  test("a committed file fits itself, and whatever differs is told by its cell", () => {
    const id = "06-attention";
    const file = JSON.parse(
      readFileSync(join(checkout, "test/calls", `${id}.json`), "utf8"),
    ) as CallsFile;
    const { code, calls } = file.notebooks[id];
    const found = (list: typeof calls, digest = code): Found => ({
      code: digest,
      kept: new Map([[id, list]]),
      left: [],
    });
    expect(differences(id, found(calls))).toEqual([]);
    const [first, ...others] = calls;
    const { cell } = first;
    const gone = calls.filter((call) => call.cell !== cell);
    expect(differences(id, found(gone))).toEqual([expect.stringContaining(`cell ${cell}: `)]);
    expect(differences(id, found([...calls, { ...first, cell: "new" }]))).toEqual([
      expect.stringMatching(/cell new: attentionByLoops is new/),
    ]);
    const other = { ...first, args: packArguments([[[1]], [[2]], [[3]]]) };
    expect(differences(id, found([other, ...others]))).toEqual([
      expect.stringMatching(/is called with other kinds of arguments/),
    ]);
    // Other numbers: another machine may have them, another notebook may not.
    const at = calls.findIndex(({ exercise }) => exercise === "causalMask");
    const numbers = calls.map((call, i) => (i === at ? { ...call, args: [13] } : call));
    expect(differences(id, found(numbers))).toEqual([]);
    expect(differences(id, found(numbers, "another"))).toEqual([
      expect.stringMatching(/its cells call with other arguments/),
    ]);
    expect(differences(id, found(calls, "another"))).toEqual([]);
  });
});
