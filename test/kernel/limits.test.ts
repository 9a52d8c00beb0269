// What cells show has limits, as what they print: no cell can freeze the page or fill the notebook
// file.
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { type Cell, driveCells, hasJupyter, makeFolder, root, text } from "./drive";

const { folder, remove } = makeFolder();
const size = (cell: Cell) => JSON.stringify(cell.displays).length;

describe.skipIf(!hasJupyter)("the limits of a cell's output", () => {
  afterAll(remove);

  it("hold for displays, updates and what comes after the end", { timeout: 120_000 }, () => {
    const { cells, kernel } = driveCells(
      folder,
      [
        `import { display, newDisplay } from "tslab";
import { show } from "llm/display/output";
const mb = (n: number) => "x".repeat(n * 1e6);`,
        "display.html(mb(16));",
        'show({ "text/html": "<b>kept</b>", "image/svg+xml": mb(11), "text/plain": "kept" });',
        'for (let i = 0; i < 20_000; i++) display.text("number " + i);\nconsole.log("done");',
        "for (let i = 0; i < 8; i++) display.html(mb(1));",
        "const live = newDisplay();\nfor (let i = 0; i < 50_000; i++) live.text(String(i));",
        "const big = newDisplay();\nbig.text('small');\nbig.text(mb(5));",
        `for (let i = 0; i < 2_000; i++) display.text('.');
const late = newDisplay();
late.text('not shown');
late.text('not shown either');`,
        `const timer = setInterval(() => console.log('tick '.repeat(20_000)), 1);
setTimeout(() => clearInterval(timer), 500);`,
        "await new Promise((resolve) => setTimeout(resolve, 1_000));",
        "console.log(process.env.JUPYTER_TOKEN, Object.values(process.env).includes('secret'));",
      ],
      { JUPYTER_TOKEN: "secret" },
    );
    const [start, html, bundle, many, large, updates, big, late, , , token] = cells;
    expect(start.reply, text(start)).toBe("ok");
    expect(html.displays[0]).toEqual({
      "text/plain":
        "A display of 16,000,002 characters is not shown: the limit is 2,000,000. Show less of it.",
    });
    expect(bundle.displays[0]).toEqual({ "text/html": "<b>kept</b>", "text/plain": "kept" });
    expect(many.displays.length).toBe(1_000);
    expect(many.stdout).toMatch(/^done\n\n… 19,000 figures or tables not shown: /);
    expect(size(large)).toBeLessThan(4.1e6);
    expect(large.stdout).toContain("… 5 figures or tables not shown: ");
    expect(updates.displays[0]["text/plain"]).toBe("49999");
    expect(updates.messages).toBeLessThan(500);
    expect(big.displays[0]["text/plain"]).toContain(
      "A display of 5,000,002 characters is not shown",
    );
    expect(late.stdout).toContain("… 1,001 figures or tables not shown: ");
    expect(JSON.stringify(late.displays)).not.toContain("not shown");
    expect(token.stdout).toBe("undefined false\n");
    expect(kernel.alive).toBe(true);
  });
});

it("what a cell prints after its end is cut as well, with one sentence", async () => {
  const output = join(root, "jupyter", "kernels", "tslab", "output.cjs");
  const { limitOutput } = createRequire(__filename)(output);
  let written = "";
  const cell = limitOutput(
    (_: string, part: string) => {
      written += part;
    },
    () => {},
  );
  cell.stream("stdout", "before\n");
  cell.end();
  for (let i = 0; i < 1_000; i++) cell.stream("stdout", "tick ".repeat(1_000));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(written.length).toBeLessThan(201_000);
  expect(written.match(/nothing more of this cell is shown/g)?.length).toBe(1);
});
