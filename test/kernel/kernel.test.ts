// The kernel as JupyterLab sees it: a real one, driven through jupyter_client by drive.py.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Cell,
  drive as driveIn,
  hasJupyter,
  makeFolder,
  root,
  run,
  type Step,
  text,
} from "./drive";

const { folder, remove } = makeFolder();
const drive = (steps: Step[], environment?: Record<string, string>) =>
  driveIn(folder, steps, environment);

describe.skipIf(!hasJupyter)("the kernel", () => {
  beforeAll(() => {
    writeFileSync(join(folder, "helper.ts"), "export const twice = (n: number) => 2 * n;\n");
  });
  afterAll(remove);

  it("reports errors, aborts what was queued, and runs on", { timeout: 170_000 }, () => {
    const { results, kernel, stderr } = drive([
      run("const a = 41;\na + 1"),
      run(
        `type T = { y?: { z: number } };

// a comment
function f(t: T) {
  return t.y.z;
}
f({})`,
        "console.log('never')",
      ),
      run("a", "function bad(): number { throw new RangeError('too far'); }"),
      {
        cells: [
          { code: "await null;\nbad();", stop_on_error: false },
          { code: "console.log('goes on')" },
        ],
      },
      run("const x: number = 'a';\nlet y = zz;"),
      run("process.exit(3)"),
      run("Promise.reject(new Error('lost'));\nawait new Promise((r) => setTimeout(r, 100));"),
      run("throw 'just text'"),
      run("for (let i = 0; i < 400000; i++) console.log('line number ' + i + ' of a long print')"),
      run("import { twice } from './helper';\ntwice(a)"),
      {
        ...run("twice(a) + 1"),
        touch: { [join(folder, "package.json")]: "{}", [join(folder, "x.d.ts")]: "export {};" },
      },
      run("import { table } from 'llm/display';\ntable([{ model: 'GPT', loss: 1.5 }]);"),
      run(
        "import { display } from 'tslab';\nfor (let i = 0; i < 600; i++) display.text(String(i));",
      ),
      { complete: "a.toF" },
      { inspect: "a" },
    ]);
    const [
      ok,
      typed,
      earlier,
      goesOn,
      diagnostics,
      exit,
      lost,
      thrown,
      long,
      helper,
      touched,
      table,
      many,
    ] = results as Cell[][];
    expect(ok[0]).toMatchObject({ stdout: "42\n", reply: "ok" });
    expect(typed[0].error).toMatchObject({ ename: "TypeError" });
    expect(text(typed[0])).toMatch(
      /f, this cell, line 5: {2}return t\.y\.z;\n {4}at this cell, line 7: {2}f\(\{\}\)$/,
    );
    expect(typed[1]).toMatchObject({ reply: "aborted", stdout: "" });
    expect(earlier[0].stdout).toBe("41\n");
    expect(text(goesOn[0])).toMatch(/bad, cell \[4\], line 1.*\n.*this cell, line 2: {2}bad\(\);/);
    expect(goesOn[1]).toMatchObject({ reply: "ok", stdout: "goes on\n" });
    expect(text(diagnostics[0])).toContain(
      "this cell, line 1: Type 'string' is not assignable to type 'number'.",
    );
    expect(text(diagnostics[0])).toContain("    let y = zz;\n            ^");
    expect(text(exit[0])).toContain("a cell cannot end the kernel");
    expect(lost[0]).toMatchObject({ reply: "ok" });
    expect(lost[0].stderr).toContain("nobody awaited it (a missing await?):\nError: lost");
    expect(thrown[0].error).toMatchObject({ evalue: "just text" });
    expect(long[0].stdout.length).toBeLessThan(210_000);
    expect(long[0].stdout).toContain("line number 0 of");
    expect(long[0].stdout).toContain("characters not shown");
    expect(long[0].stdout).toContain("line number 399999 of");
    expect(long[0].messages).toBeLessThan(500);
    expect(helper[0]).toMatchObject({ stdout: "82\n", reply: "ok" });
    expect(touched[0]).toMatchObject({ stdout: "83\n", reply: "ok" });
    expect(table[0].displays[0]["text/html"]).toContain("GPT");
    // zeromq lets 512 sends pass at once and then one at a time: the next would be "Socket is busy
    // writing".
    expect(many[0]).toMatchObject({ reply: "ok", error: null });
    expect(many[0].displays.at(-1)?.["text/plain"]).toBe("599");
    expect(results[13]).toMatchObject({ matches: expect.arrayContaining(["toFixed"]) });
    expect(JSON.stringify(results[14])).toContain("const a: 41");
    expect(kernel.alive).toBe(true);
    expect(kernel.shutdown).toBeLessThan(3);
    expect(stderr).not.toContain("terminate called");
  });

  it("tells messages that name a place the line of the cell as it was typed", {
    timeout: 60_000,
  }, () => {
    const { results } = drive([
      run(
        `import { Place } from "llm/engine/native/errors";

interface Unseen {
  by: "JavaScript";
}
const here = () => new Place();`,
      ),
      run("console.log(here().line());"),
    ]);
    expect((results as Cell[][])[1][0].stdout).toBe(
      "cell [1], line 6: const here = () => new Place();\n",
    );
  });

  it("stops a cell and keeps the variables", { timeout: 170_000 }, () => {
    const flag = "(globalThis as any)[Symbol.for('llm.interrupt')]";
    const { results, kernel } = drive([
      run("const kept = 7;"),
      { ...run("while (true) {}", "console.log('queued')"), interrupt: [1] },
      { ...run("await null;\nwhile (true) {}"), interrupt: [1] },
      { ...run("await new Promise(() => {});"), interrupt: [1] },
      {
        ...run(
          `let n = 0;\nwhile (!${flag}) { n++; await new Promise((r) => setImmediate(r)); }\nconsole.log('polite');`,
        ),
        interrupt: [1],
      },
      run(`console.log(n > 0, kept, ${flag});`),
      {
        ...run(
          `(globalThis as any).ticks = 0;
while (true) { (globalThis as any).ticks++; await new Promise((r) => setTimeout(r, 5)); }`,
        ),
        interrupt: [1],
      },
      run(
        `const before = (globalThis as any).ticks;
await new Promise((r) => setTimeout(r, 300));
console.log(before > 10, before === (globalThis as any).ticks, kept);`,
      ),
    ]);
    const [, sync, behindAwait, forever, polite, flagOff, loop, after] = results as Cell[][];
    expect(sync[0].error).toMatchObject({ ename: "Interrupted" });
    expect(sync[0].seconds).toBeLessThan(3);
    expect(sync[1].reply).toBe("aborted");
    expect(behindAwait[0].error?.evalue).toContain("never gave the thread back");
    expect(forever[0].error?.evalue).toContain("stopped waiting for this cell");
    expect(polite[0]).toMatchObject({ reply: "ok", stdout: "polite\n" });
    expect(flagOff[0].stdout).toBe("true 7 false\n");
    expect(loop[0].error).toMatchObject({ ename: "Interrupted" });
    expect(after[0].stdout).toBe("true true 7\n");
    expect(kernel.alive).toBe(true);
  });

  it("stops a cell that computes on two threads, and computes on", { timeout: 170_000 }, () => {
    const { results, kernel } = drive(
      [
        run("import { tf, useEngine } from 'llm/engine';", "await useEngine({ threads: 2 });"),
        run(
          `const a = tf.ones([500, 500]) as tf.Tensor2D;
const sum = () => tf.tidy(() => tf.matMul(a, a).sum().dataSync()[0]);`,
        ),
        { ...run("while (true) tf.matMul(a, a).dispose();"), interrupt: [1] },
        run("console.log(sum());"),
        { ...run("await null;\nwhile (true) tf.matMul(a, a).dispose();"), interrupt: [1] },
        run("console.log(sum());"),
      ],
      { LLM_ENGINE: "wasm" },
    );
    const [start, , stopped, after, behindAwait, last] = results as Cell[][];
    expect(start[1].stdout).toMatch(/^engine: wasm \(SIMD( with FMA)?, 2 threads\)/);
    expect(stopped[0].error).toMatchObject({ ename: "Interrupted" });
    expect(after[0].stdout).toBe("125000000\n");
    expect(behindAwait[0].error).toMatchObject({ ename: "Interrupted" });
    expect(last[0].stdout).toBe("125000000\n");
    expect(kernel.alive).toBe(true);
    expect(kernel.shutdown).toBeLessThan(3);
  });

  it("shows figures and tables under the launcher and under stock tslab", {
    timeout: 170_000,
  }, () => {
    const stock = join(folder, "stock");
    mkdirSync(join(stock, "kernels", "tslab"), { recursive: true });
    const argv = [
      "node",
      join(root, "node_modules", "tslab", "bin", "tslab"),
      "kernel",
      "--config-path={connection_file}",
    ];
    const spec = { argv, display_name: "stock", language: "typescript" };
    writeFileSync(join(stock, "kernels", "tslab", "kernel.json"), JSON.stringify(spec));
    const options =
      "{ caption: 'a line', x: { title: 'step' }, y: { title: 'loss' }, series: [{ name: 's', x: [0, 1], y: [VALUE, 2] }] }";
    const steps = [
      run("import { curves, markdown, plot, progress } from 'llm/display';"),
      run(`plot(curves(${options.replace("VALUE", "1")}));`),
      run(
        `const figure = plot(curves(${options.replace("VALUE", "1")}));\nfigure.update(curves(${options.replace("VALUE", "5")}));\nawait new Promise((r) => setTimeout(r, 400));`,
      ),
      run(
        `const quick = plot(curves(${options.replace("VALUE", "1")}));
for (const v of [7, 8, 9]) quick.update(curves({ caption: 'c', x: { title: 'x' }, y: { title: 'y' }, series: [{ name: 's', x: [0, 1], y: [v, v] }] }));`,
      ),
      run(
        `markdown('$x^2$ <b>');
const bar = progress(2, { label: 'p' });
bar.update(2);
bar.done();`,
      ),
    ];
    for (const environment of [{}, { JUPYTER_PATH: stock }]) {
      const { results } = drive(steps, environment as Record<string, string>);
      const [imports, still, live, quick, rest] = results as Cell[][];
      expect(imports[0].reply, imports[0].stderr).toBe("ok");
      expect(Object.keys(still[0].displays[0])).toEqual([
        "application/vnd.plotly.v1+json",
        "image/svg+xml",
        "text/plain",
      ]);
      expect(still[0].stdout.trim()).toBe("");
      expect(live[0].updates).toBe(1);
      expect(JSON.stringify(live[0].displays[0])).toContain("[5,2]");
      // Without the launcher the last frame comes 150 ms later, when the cell is already done.
      if (!("JUPYTER_PATH" in environment))
        expect(JSON.stringify(quick[0].displays[0])).toContain("[9,9]");
      expect(rest[0].displays[0]["text/html"]).toContain("&lt;b&gt;");
      expect(rest[0].displays[1]["text/html"]).toContain("2/2");
    }
  });
});
