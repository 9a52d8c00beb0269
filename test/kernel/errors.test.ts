// What a failed cell says: its line also after an `await`, the learner's line before the library's,
// all parts of an AggregateError, a hostile value in words; and that none of it can flood the page.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Cell, driveCells, hasJupyter, makeFolder, text } from "./drive";

const { folder, remove } = makeFolder();

function expectTraceback(cell: Cell, expected: RegExp) {
  expect(text(cell)).toMatch(expected);
  expect(cell.reply).toBe("error");
}

describe.skipIf(!hasJupyter)("errors of a cell", () => {
  afterAll(remove);

  it("name its line, whatever the error has waited for", { timeout: 120_000 }, () => {
    writeFileSync(
      join(folder, "helper.ts"),
      `interface Unseen {
  a: number;
}

export function fail(): never {
  throw new Error("from the helper");
}
`,
    );
    const cases: [code: string, traceback: RegExp][] = [
      [
        'const a = 1;\nawait readFile("nope");',
        /^Error: ENOENT.*\n {4}at this cell, line 2: {2}await readFile\("nope"\);$/,
      ],
      [
        `async function inner() {
  await pause(1);
  throw new Error('deep');
}
const outer = async () => {
  await inner();
};

await outer();`,
        /^Error: deep\n {4}at inner, this cell, line 3: .*\n {4}at outer, this cell, line 6: .*\n {4}at this cell, line 9: {2}await outer\(\);$/,
      ],
      [
        `export {};
async function* numbers() {
  yield 1;
  throw new Error('at two');
}
for await (const n of numbers()) {
  await pause(n);
}`,
        /^Error: at two\n {4}at numbers, this cell, line 4: .*\n {4}at this cell, line 6: {2}for await/,
      ],
      // No stack has a frame of the cell here: the error comes from outside.
      [
        `const b = 1;
if (b) {
  await pause(1);
  await new Promise((_, reject) => execFile("no such program", reject));
}`,
        /^Error: spawn no such program ENOENT\n {4}at this cell, line 4: {2}await new Promise/,
      ],
      [
        "await pause(1);\n\nthrow 'just text';",
        /^Thrown: just text\n {4}at this cell, line 3: {2}throw 'just text';\n/,
      ],
      [
        "await Promise.all([pause(1), Promise.reject(new Error('one of them'))]);",
        /^Error: one of them\n {4}at this cell, line 1: /,
      ],
      [
        `class Model {
  async load() {
    return (await readFile('nope', 'utf8')).length;
  }
}
console.log(
  await new Model().load(),
);`,
        /at Model\.load, this cell, line 3: .*\n {4}at this cell, line \d: /,
      ],
      [
        "[3, 1].map((n) => {\n  if (n === 1) throw new Error('in a callback');\n});",
        /^Error: in a callback\n {4}at this cell, line 2: .*\n(?:.*\n)? {4}at this cell, line 1: /,
      ],
      [
        "console.log(import.meta.url);",
        /^SyntaxError: .*\n {4}at this cell, line 1: {2}console\.log\(import\.meta\.url\);$/,
      ],
      [
        "const c = 1;\neval('throw new Error(\"inside\")');",
        /^Error: inside\n(?:.*\n)* {4}at this cell, line 2: /,
      ],
      [
        "const cut = () => fail();\ncut();",
        /^Error: from the helper\n {4}at fail, helper\.ts, line 6\n {4}at cut, this cell, line 1: .*\n {4}at this cell, line 2: /,
      ],
    ];
    const start = `import { readFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { fail } from "./helper";
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));`;
    const { cells, kernel } = driveCells(folder, [start, ...cases.map(([code]) => code)]);
    expect(cells[0].reply, text(cells[0])).toBe("ok");
    for (const [i, [, traceback]] of cases.entries()) expectTraceback(cells[1 + i], traceback);
    expect(kernel.alive).toBe(true);
  });

  it("name the learner's line first where a tensor operation fails", { timeout: 120_000 }, () => {
    const { cells } = driveCells(
      folder,
      [
        `import { tf, useEngine } from "llm/engine";
import { layerNorm } from "llm/ops";
import { mobyDick } from "llm/data";
import { presets, pretrain } from "llm/pretrain";
await useEngine({ quiet: true });`,
        `const product = (a: tf.Tensor2D) => tf.matMul(a, a);
tf.tidy(() => {
  const x = tf.ones([2, 3]) as tf.Tensor2D;
  return product(x);
});`,
        `const x = tf.ones([2, 3]);
layerNorm(x, tf.ones([4]) as tf.Tensor1D, tf.ones([4]) as tf.Tensor1D);`,
        `const w = tf.variable(tf.ones([2, 3]));
tf.variableGrads(() => {
  return tf.matMul(w as tf.Tensor2D, w as tf.Tensor2D).sum() as tf.Scalar;
}, [w]);`,
        `const settings = { ...presets.smoke, steps: 40, maxLr: 1e30 };
const text = mobyDick().slice(0, 30_000);
await pretrain({ text, settings }).run();`,
      ],
      { LLM_ENGINE: "wasm" },
    );
    expect(cells[0].reply, text(cells[0])).toBe("ok");
    const [, product, norm, grads, diverged] = cells;
    expectTraceback(
      product,
      /^Error: .*inner shapes.*\n {4}at product, this cell, line 1: .*\n {4}at this cell, line 4: {2}return product\(x\);\n/,
    );
    expectTraceback(
      norm,
      /^Error: layerNorm: .*\n {4}at this cell, line 2: {2}layerNorm\(x, .*\n {4}in .*src\/ops\//,
    );
    expectTraceback(
      grads,
      /^Error: .*inner shapes.*\n {4}at .*this cell, line 3: {2}return tf\.matMul/,
    );
    expectTraceback(
      diverged,
      /^Diverged: Trainer: .*\n {4}at this cell, line 3: {2}await pretrain/,
    );
    for (const cell of [product, norm, grads, diverged])
      expect(text(cell)).not.toContain("node_modules");
  });

  it("tell all parts and causes, hostile ones too", { timeout: 120_000 }, () => {
    const { cells, kernel } = driveCells(folder, [
      'throw new AggregateError([new Error("one"), new TypeError("two"), "three"], "both");',
      'await Promise.any([Promise.reject(new Error("a")), Promise.reject(new RangeError("b"))]);',
      'throw new AggregateError(Array.from({ length: 1000 }, (_, i) => new Error("part " + i)), "many");',
      'throw new Error("outer", { cause: new Error("inner", { cause: "text" }) });',
      'const e: any = new Error("c");\ne.cause = e;\nthrow e;',
      `const chain = [1, 2, 3, 4, 5, 6, 7, 8, 9].reduce((cause, n) => new Error("no " + n, { cause }), new Error("first"));
throw chain;`,
      'throw new Proxy({}, { get() { throw new Error("no") }, getPrototypeOf() { throw new Error("never") } });',
      'throw Object.assign(new Error("odd"), { name: 5, stack: null });',
      `class Nasty extends Error { get message(): string { throw 1; } get name(): string { throw 2; } }
throw new Nasty();`,
      "throw null;",
      'try {\n  throw new Error("caught");\n} catch (error) {\n  console.log("failed:", error);\n}',
      "Promise.resolve(5)",
    ]);
    const [both, any, many, causes, circle, chain, proxy, odd, nasty, nothing, caught, promise] =
      cells;
    expectTraceback(
      both,
      /^AggregateError: both\n {4}at this cell, line 1: .*\n {2}1\. Error: one\n.*\n {2}2\. TypeError: two\n.*\n {2}3\. three$/,
    );
    expectTraceback(
      any,
      /^AggregateError: All promises were rejected\n[\s\S]* {2}1\. Error: a\n[\s\S]* {2}2\. RangeError: b\n/,
    );
    expectTraceback(many, / {2}8\. Error: part 7\n.*\n {2}… and 992 more$/);
    expectTraceback(
      causes,
      /^Error: outer\n[\s\S]*Caused by\nError: inner\n[\s\S]*Caused by\ntext$/,
    );
    expectTraceback(circle, /^Error: c\n.*line 1.*\n\nCaused by\n\(the same error again\)$/);
    expectTraceback(chain, /^Error: no 9\n[\s\S]*Error: no 5\n[\s\S]*Caused by\n…$/);
    expectTraceback(proxy, /^Thrown: .*\n {4}at this cell, line 1: /);
    expectTraceback(odd, /^5: odd/);
    expectTraceback(nasty, /line 2: {2}throw new Nasty/);
    expectTraceback(nothing, /^Thrown: null\n {4}at this cell, line 1: /);
    expect(caught.stdout).toBe(
      'failed: Error: caught\n    at this cell, line 2:  throw new Error("caught");\n',
    );
    expect(promise.stdout).toMatch(/^A promise, not awaited/);
    expect(kernel.alive).toBe(true);
  });

  it("stay small", { timeout: 120_000 }, () => {
    const long = "const long = '" + "x".repeat(1_000_000) + "'; ";
    const { cells } = driveCells(folder, [
      'throw new Error("start" + "x".repeat(5_000_000) + "end");',
      'throw "y".repeat(5_000_000);',
      'throw { values: Array.from({ length: 1e5 }, () => "z".repeat(1e4)) };',
      `${long}throw new Error("at the end of a long line");`,
      `${long}const n: number = "no";`,
      `const many: number[] = [\n${'"no",\n'.repeat(3_000)}];`,
      'const e = new Error("named");\ne.name = "N".repeat(1e6);\nthrow e;',
      'throw new AggregateError(Array.from({ length: 8 }, () => new Error("w".repeat(1e6))), "v".repeat(1e6));',
      `throw new Error(Array.from({ length: 1e5 }, (_, i) => "    at line (file.ts:" + i + ":1)").join("\\n"));`,
      "const down = (n: number): number => down(n + 1) + 1;\ndown(0);",
      'throw new Error("😀".repeat(4_000));',
    ]);
    const sizes = cells.map((cell) => JSON.stringify(cell.error).length);
    expect(Math.max(...sizes), String(sizes)).toBeLessThan(60_000);
    const [message, thrown, , longLine, longDiagnostic, diagnostics, , , frames, recursion] = cells;
    expect(message.error?.evalue).toMatch(/^startx+… 4,996,008 characters not shown …x+end$/);
    expectTraceback(thrown, /^Thrown: y+… .* characters not shown …y+\n/);
    expectTraceback(longLine, /at this cell, line 1: {2}… x+.*throw new Error/);
    expectTraceback(
      longDiagnostic,
      /Type 'string' is not assignable to type 'number'\.\n {4}… .*const n: number = "no";\n {4} +\^/,
    );
    expectTraceback(diagnostics, /this cell, line 11: .*\n.*\n.*\n… and 2,990 more$/);
    expectTraceback(frames, /this cell, line 1: /);
    expectTraceback(
      recursion,
      /^RangeError: Maximum call stack size exceeded\n {4}at down, this cell, line 1: .*\n {4}…\n {4}at this cell, line 2: {2}down\(0\);$/,
    );
  });
});
