// One change in the learner's own code that makes it right is found, with its line.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTensors } from "llm/course/kit/assert";
import { inTime } from "llm/course/kit/compiled";
import { repairsOf } from "llm/course/kit/repairs";
import { fresh } from "llm/course/kit/values";
import { readFunctions } from "llm/course/source";
import { tf, useEngine } from "llm/engine";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let folder: string;
beforeAll(async () => {
  await useEngine({ prefer: "js", quiet: true });
  setTensors(tf);
  folder = mkdtempSync(join(tmpdir(), "llm-repairs-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

type Call = [args: unknown[], expected: unknown];

/** The texts of all repairs of `f` in a file that give what is expected in every call. */
function found(code: string, calls: Call[]): string[] {
  const path = join(folder, "answer.ts");
  writeFileSync(path, code);
  const source = readFunctions(code).find(({ name }) => name === "f")!;
  const texts: string[] = [];
  for (const { text, answer } of repairsOf(path, source, { "llm/engine": { tf } })) {
    const right = ([args, expected]: Call) => {
      try {
        const result = answer(...fresh(args)); // a changed line may write into them
        const value = result instanceof tf.Tensor ? result.arraySync() : result;
        return JSON.stringify(value) === JSON.stringify(expected);
      } catch {
        return false;
      }
    };
    if (calls.every(right)) texts.push(text());
  }
  return texts;
}

describe("repairs of a learner's file", () => {
  it("leaves the sizes of arrays alone, which no time limit would interrupt", () => {
    const path = join(folder, "answer.ts");
    const code = `/** Fills. */
export function f(): number[] {
  const made = Array(14).fill(0);
  const other = Array.from({ length: 9 }, () => Math.min(7, made.length));
  return [...made, ...other];
}`;
    writeFileSync(path, code);
    const texts = [...repairsOf(path, readFunctions(code)[0], {})].map(({ text }) => text());
    const changed = texts.filter((text) => text.includes("1e9"));
    expect(changed).toHaveLength(1);
    expect(changed[0]).toContain("Math.min(1e9, made.length)");
  });

  it.each<[string, string, Call[], string]>([
    [
      "a comparison",
      `/** Counts. */
export function f(xs: number[], most: number): number {
  let count = 0;
  for (const x of xs) {
    if (x < most) count++;
  }
  return count;
}`,
      [
        [[[1, 2, 3], 2], 2],
        [[[5], 1], 0],
        [[[1, 1], 1], 2],
      ], // prettier-ignore
      "line 5: `x <= most` where it says `x < most`",
    ],
    [
      "a condition too many",
      `/** Counts. */
export function f(xs: (number | null)[]): number {
  return xs.slice(0, 9).filter((x) => x && x !== null).length;
}`,
      [
        [[[1, 2, 3]], 3],
        [[[0, null]], 1],
        [[[]], 0],
      ], // prettier-ignore
      "xs.slice(0, 9).filter((x) => (x !== null)).length;` where it says",
    ],
    [
      "another number in a quotient",
      `import { tf } from "llm/engine";
export function f(rows: number[][]): number {
  const [n, width] = [rows.length, rows[0].length];
  let sum = 0;
  for (const row of rows) for (const x of row) sum += x;
  return sum / width;
}`,
      [
        [
          [
            [
              [1, 2, 3],
              [5, 6, 7],
            ],
          ],
          12,
        ],
        [[[[4], [2], [0]]], 2],
      ], // prettier-ignore
      "line 6: `return sum / n;` where it says `return sum / width;`",
    ],
    [
      "another index, as the number that it is",
      `export function f(xs: number[]): number {
  return 2 * xs[1];
}`,
      [
        [[[4, 5]], 8],
        [[[1, 7]], 2],
      ], // prettier-ignore
      "line 2: `return 2 * xs[0];` where it says `return 2 * xs[1];`",
    ],
    [
      "a helper that the file keeps to itself",
      `const unused = 1;
function half(x: number): number {
  return x / 3;
}
export function f(x: number): number {
  return half(x) + 1;
}`,
      [
        [[4], 3],
        [[1], 1.5],
      ], // prettier-ignore
      "line 3: ",
    ],
    [
      "a factor that two names make",
      `export function f(step: number, warm: number, total: number): number {
  return (step - warm) / total;
}`,
      [
        [[3, 1, 5], 0.5],
        [[9, 1, 9], 1],
      ], // prettier-ignore
      "line 2: ",
    ],
    [
      "a matrix that is to be transposed",
      `import { tf } from "llm/engine";
export function f(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(a, b);
}`,
      [],
      "line 3: `return tf.matMul(a, b, false, true);` where it says `return tf.matMul(a, b);`",
    ],
  ])("find %s", (_, code, calls, said) => {
    const given: Call[] = calls.length
      ? calls
      : [
          [
            [
              tf.tensor2d([
                [1, 2],
                [0, 1],
              ]),
              tf.tensor2d([
                [1, 0],
                [5, 1],
              ]),
            ],
            [
              [1, 7],
              [0, 1],
            ],
          ],
        ]; // prettier-ignore
    const texts = found(code, given);
    expect(texts.map((text) => text.replace(/\s+/g, " ")).join("\n")).toContain(
      said.replace(/\s+/g, " "),
    );
  });

  it("names the wrong size before it renames the axes, which is right by chance", () => {
    const code = `import { tf } from "llm/engine";
export function f(x: tf.Tensor2D, b: number, n: number): number {
  const [B, T] = x.shape;
  return b * B + n;
}`;
    const calls: Call[] = [[[tf.zeros([2, 5]), 3, 1], 16]];
    expect(found(code, calls)[0]).toContain("b * T + n");
  });

  it("quotes slice(0, width) as it was written", () => {
    const code = `export function f(xs: number[], width: number): number[] {
  return [...xs].sort((a, b) => b - a).slice(0, width).sort((a, b) => a - b);
}`;
    const [text] = found(code, [
      [
        [[1, 3, 2], 2],
        [3, 2],
      ],
    ]);
    expect(text).toContain(".slice(0, width)");
    expect(text).not.toContain("slicewidth");
  });

  it("takes no root of a condition, and changes a negative number as a whole", () => {
    const code = `export function f(xs: number[]): number[] {
  return xs.map((x) => (x < 0 || x > 9 ? -100 : x));
}`;
    const path = join(folder, "answer.ts");
    writeFileSync(path, code);
    const texts = [...repairsOf(path, readFunctions(code)[0], {})].map(({ text }) => text());
    const after = texts.map((text) => text.split("where it says")[0]).join("\n");
    expect(after).not.toMatch(/Math\.\w+\(\(?x < 0|-0\b/);
    expect(after).toMatch(/\? 0 : x/);
  });

  it("a change that makes a loop endless costs a moment, and is none", () => {
    const code = `export function f(n: number): number {
  let k = 0;
  while (k < n) k += 2;
  return k;
}`;
    const started = performance.now();
    expect(
      found(code, [
        [[4], 5],
        [[3], 4],
      ]),
    ).toEqual([]); // prettier-ignore
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  it("a call that is cut off leaves the engine as it was", () => {
    const { state } = tf.engine();
    const before = [state.scopeStack.length, state.kernelDepth, tf.memory().numTensors];
    const endless = () =>
      tf.tidy(() => {
        for (;;) tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(2)).sum());
      });
    expect(() => inTime(endless)).toThrow(/timed out/);
    expect([state.scopeStack.length, state.kernelDepth, tf.memory().numTensors]).toEqual(before);
    expect(tf.tidy(() => tf.scalar(2).square().dataSync()[0])).toBe(4);
  });

  it("a call that is cut off while it disposes a tensor leaves the counts as they were", () => {
    const state = tf.engine().state as unknown as Record<"numTensors" | "numBytes", number>;
    const before = { ...tf.memory() };
    const disposing = () =>
      tf.tidy(() => {
        const half = tf.scalar(1);
        state.numTensors--; // as `dispose` begins
        state.numBytes -= 4;
        for (;;) half.rank;
      });
    expect(() => inTime(disposing)).toThrow(/timed out/);
    expect(tf.memory()).toEqual(before);
  });

  it("a file that does not compile has none", () => {
    expect(found("export function f(x: number) { return x + ; }", [[[1], 2]])).toEqual([]);
  });
});

it("leaving out a constant factor is told before an exchange that does as well", () => {
  const code = `/** The range of some numbers. */
export function f(xs: number[]): number {
  const scaled = xs.map((x) => x * 3);
  return Math.max(...scaled) - Math.min(...scaled);
}`;
  const texts = found(code, [
    [[[1, 5, 2]], 4],
    [[[-7, 7]], 14],
  ]);
  const at = (change: string) => texts.findIndex((text) => text.includes(change));
  expect(at("=> x);` where it says")).toBe(0);
  expect(at("x) => x + 3")).toBeGreaterThan(0);
});
