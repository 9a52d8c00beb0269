// JupyterLab itself, in a real browser, started as `npm start` does: a learner opens lesson 06, runs it, sees figures,
// fails a check, mends the exercise, passes; interrupts a training cell and keeps the variables; saves and reopens.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeSandbox, type Sandbox } from "./sandbox";

const executablePath = [
  process.env.LLM_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));
if (!executablePath)
  console.log("skipped: JupyterLab in the browser, because no Chromium was found (set LLM_CHROMIUM to one)");

const MINUTE = 60_000;
const ARGUMENTS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

describe.skipIf(!executablePath)("JupyterLab (skipped where there is no Chromium)", () => {
  let sandbox: Sandbox;
  let server: ChildProcess;
  let browser: Browser;
  let page: Page;
  let base = "";
  let token = "";
  const outside: string[] = [];

  beforeAll(async () => {
    sandbox = makeSandbox();
    writeFileSync(join(sandbox.root, "notebooks", "interrupt.ipynb"), interruptNotebook());
    server = spawn(process.execPath, ["src/tools/start.mjs", "--no-browser", "--port", "8900"], {
      cwd: sandbox.root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    [base, token] = await addressOf(server);
    browser = await chromium.launch({ executablePath, args: ARGUMENTS });
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "127.0.0.1") outside.push(request.url());
    });
  }, 3 * MINUTE);

  afterAll(async () => {
    await browser?.close();
    server?.kill("SIGTERM");
    await new Promise((done) => setTimeout(done, 1500));
    sandbox?.remove();
  });

  async function open(notebook: string) {
    await page.goto(`${base}/lab/tree/notebooks/${notebook}?token=${token}&reset`);
    await page.locator(".jp-Notebook .jp-Cell").first().waitFor({ timeout: MINUTE });
    await page
      .locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
      .first()
      .waitFor({ timeout: MINUTE });
  }

  async function menu(...path: string[]) {
    await page.locator(".lm-MenuBar-itemLabel", { hasText: new RegExp(`^${path[0]}$`) }).click();
    await page.locator(".lm-Menu-itemLabel", { hasText: new RegExp(`^${path[1]}$`) }).click();
  }

  /** The lesson's cell whose source begins so; scrolled to, since JupyterLab draws cells when they are seen. */
  const cellWith = (text: string) => page.locator(".jp-Notebook .jp-CodeCell", { hasText: text }).first();

  test("lesson 06 runs from top to bottom and draws its figures and its check table", {
    timeout: 6 * MINUTE,
  }, async () => {
    await open("06-attention.ipynb");
    await menu("Kernel", "Restart Kernel and Clear Outputs of All Cells…");
    await page.locator(".jp-Dialog .jp-mod-accept").click();
    await page.locator(".jp-Dialog").waitFor({ state: "detached" });
    expect(await page.locator(".js-plotly-plot").count()).toBe(0);
    await menu("Run", "Run All Cells");
    await idle(page, 5 * MINUTE);
    const errors = await page
      .locator(
        '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"], .jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]',
      )
      .allTextContents();
    expect(errors.join("\n")).toBe("");
    expect(await page.locator(".js-plotly-plot .main-svg").count()).toBeGreaterThan(3);
    const prompts = await page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents();
    expect(
      prompts.filter((prompt) => !/\d/.test(prompt)),
      "cells that did not run",
    ).toEqual([]);
    expect(await page.locator(".jp-RenderedHTMLCommon", { hasText: "not done yet" }).count()).toBeGreaterThan(
      0,
    );
  });

  test("an exercise that is mended passes when it is checked again", { timeout: 3 * MINUTE }, async () => {
    const check = cellWith('only: ["scaledScores"]');
    await check.scrollIntoViewIfNeeded();
    const file = join(sandbox.root, "exercises", "06-attention.ts");
    writeFileSync(file, readFileSync(join(sandbox.root, "solutions", "06-attention.ts"), "utf8"));
    await check.locator(".jp-InputArea-editor").click();
    await page.keyboard.press("Control+Enter");
    await check.locator(".jp-OutputArea", { hasText: "✓" }).waitFor({ timeout: 2 * MINUTE });
    expect(await check.locator(".jp-OutputArea").first().textContent()).not.toContain("not done yet");
  });

  test("a saved notebook shows its pictures when it is opened again", { timeout: 2 * MINUTE }, async () => {
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+s");
    await page.waitForTimeout(1500);
    const saved = JSON.parse(readFileSync(join(sandbox.root, "notebooks", "06-attention.ipynb"), "utf8"));
    expect(JSON.stringify(saved)).toContain("application/vnd.plotly.v1+json");
    await open("06-attention.ipynb");
    await page.locator(".js-plotly-plot .main-svg").first().waitFor({ timeout: MINUTE });
    expect(await page.locator(".js-plotly-plot .main-svg").count()).toBeGreaterThan(0);
  });

  test("the stop button ends a training cell, and its variables survive", {
    timeout: 3 * MINUTE,
  }, async () => {
    await open("interrupt.ipynb");
    const cells = page.locator(".jp-Notebook .jp-CodeCell");
    await menu("Run", "Run All Cells");
    await cells.nth(1).locator(".jp-OutputArea", { hasText: "training" }).waitFor({ timeout: MINUTE });
    await page.waitForTimeout(1500);
    await menu("Kernel", "Interrupt Kernel");
    await idle(page, MINUTE);
    await cells.nth(2).locator(".jp-InputArea-editor").click(); // a stop also drops the cells that were waiting
    await page.keyboard.press("Control+Enter");
    await cells
      .nth(2)
      .locator(".jp-OutputArea", { hasText: /kept after \d+ steps, loss \d/ })
      .waitFor({ timeout: MINUTE });
  });

  test("nothing outside this machine was asked for", () => expect(outside).toEqual([]));
});

async function addressOf(server: ChildProcess): Promise<[string, string]> {
  let output = "";
  return new Promise((found, failed) => {
    const listen = (data: Buffer) => {
      output += data;
      const match = output.match(/(http:\/\/127\.0\.0\.1:\d+)\/lab\/tree\/\S+\?token=(\w+)/);
      if (match) found([match[1], match[2]]);
    };
    server.stdout?.on("data", listen);
    server.stderr?.on("data", listen);
    server.on("exit", () => failed(new Error(`npm start ended before it served:\n${output}`)));
  });
}

/** Waits until no cell is waiting and the kernel has been idle for two seconds. */
async function idle(page: Page, timeout: number) {
  const end = Date.now() + timeout;
  let calm = 0;
  while (calm < 4) {
    if (Date.now() > end) throw new Error(`the notebook was still running after ${timeout / MINUTE} minutes`);
    const resting = await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').count();
    const prompts = await page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents();
    calm = resting > 0 && prompts.every((prompt) => !prompt.includes("*")) ? calm + 1 : 0;
    await page.waitForTimeout(500);
  }
}

const TRAINING_CELL = `const trainer = new Trainer({ text: mobyDick().slice(0, 50_000), settings: { ...presets.smoke, steps: 100_000 } });
let steps = 0;
let lastLoss = Number.NaN;
await trainer.run({
  onStep: (record) => {
    steps = record.step;
    lastLoss = record.loss;
    if (steps % 5 === 0) console.log("training, step", steps);
  },
});`;

function interruptNotebook(): string {
  const sources = [
    `import { useEngine } from "llm/engine";\nimport { mobyDick } from "llm/data";\nimport { presets, Trainer } from "llm/train";\nawait useEngine();`,
    TRAINING_CELL,
    'console.log("kept after", steps, "steps, loss", lastLoss.toFixed(2));',
  ];
  const cells = sources.map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const metadata = {
    kernelspec: { name: "tslab", display_name: "TypeScript", language: "typescript" },
    language_info: { name: "typescript" },
  };
  return JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 });
}
