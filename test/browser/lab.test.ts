// JupyterLab itself, in a real browser, started as `npm start` does: a learner meets the course
// home, opens lesson 06 (attention), runs it, sees figures, fails a check, mends the exercise, passes; saves and reopens;
// stops a training cell and keeps the variables.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { curves, frames, lstmCell } from "llm/display";
import { figureBundle, type Plottable } from "llm/display/plot";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeSandbox, type Sandbox } from "../sandbox";

const executablePath = [
  process.env.LLM_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));
if (!executablePath)
  console.log(
    "skipped: JupyterLab in the browser, because no Chromium was found (set LLM_CHROMIUM to one)",
  );

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

/**
 * A person's own settings that stand in the way: another address, a certificate, a module that
 * clashes.
 */
function personalSettings(folder: string): Record<string, string> {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "jupyter_server_config.py"),
    "c.ServerApp.base_url = '/elsewhere/'\nc.ServerApp.certfile = '/nowhere.pem'\n",
  );
  writeFileSync(join(folder, "tornado.py"), "raise SystemExit('another tornado')\n");
  return { JUPYTER_CONFIG_DIR: folder, PYTHONPATH: folder };
}

describe.skipIf(!executablePath)("JupyterLab (skipped where there is no Chromium)", () => {
  const outside: string[] = [];
  let sandbox: Sandbox;
  let lesson: string;
  /** What the saved lesson holds: that many code cells, that many figures. */
  let expected: { cells: number; figures: number };
  let server: ChildProcess;
  let browser: Browser;
  let page: Page;
  let base = "";
  let token = "";

  beforeAll(async () => {
    sandbox = makeSandbox();
    // Nothing that was saved can pass for something that ran.
    expected = clearOutputs(join(sandbox.root, "notebooks", "06-attention.ipynb"));
    git("init", "-q");
    git("add", ".");
    git("commit", "-qm", "the course");
    const notebooks = join(sandbox.root, "my-course", "notebooks");
    lesson = join(notebooks, "06-attention.ipynb");
    mkdirSync(notebooks, { recursive: true });
    writeFileSync(join(notebooks, "interrupt.ipynb"), interruptNotebook());
    writeFileSync(join(notebooks, "errors.ipynb"), notebookOf(ERROR_CELLS.map(({ code }) => code)));
    writeFileSync(join(notebooks, "moves.ipynb"), savedNotebook());
    const options = ["--no-browser", "--port", "8900", "--expose-app-in-browser"];
    server = spawn(process.execPath, ["tools/setup/start.mjs", ...options], {
      cwd: sandbox.root,
      env: {
        ...process.env,
        ...personalSettings(join(dirname(sandbox.root), "personal")),
        LLM_ORIGINALS: "",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    [base, token] = await addressOf(server);
    browser = await chromium.launch({ executablePath, args: ARGUMENTS });
    page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
    page.setDefaultTimeout(MINUTE);
    page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "127.0.0.1") outside.push(request.url());
    });
  }, 3 * MINUTE);

  afterEach(async ({ task }) => {
    if (task.result?.state !== "fail" || page.isClosed()) return;
    const path = join(tmpdir(), `llm-browser-${Date.now()}.png`);
    await page.screenshot({ path });
    console.log(`"${task.name}" failed; the page looked like this: ${path}`);
  });

  afterAll(async () => {
    await browser?.close();
    if (server) await stop(server);
    sandbox?.remove();
  }, MINUTE);

  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd: sandbox.root,
      encoding: "utf8",
    });

  const codeCells = () => page.locator(".jp-Notebook .jp-CodeCell");
  const codeCellWith = (source: string) => codeCells().filter({ hasText: source }).first();
  const outputOf = (cell: Locator) => cell.locator(".jp-OutputArea");

  /**
   * Opens a notebook and waits until its kernel answers and all its cells are there. JupyterLab
   * says "idle" before there is any kernel, and forgets what it is then told to run; it draws the
   * cells one after another, for some seconds.
   */
  async function open(notebook: string, cells: number) {
    await page.goto(`${base}/lab/tree/notebooks/${notebook}?token=${token}&reset`);
    await page.locator(".jp-KernelName", { hasText: "TypeScript" }).waitFor();
    await page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
    await codeCells()
      .nth(cells - 1)
      .waitFor();
  }

  async function menu(name: string, item: string) {
    await page.locator(".lm-MenuBar-itemLabel", { hasText: new RegExp(`^${name}$`) }).click();
    await page.locator(".lm-Menu-itemLabel", { hasText: new RegExp(`^${item}$`) }).click();
  }

  /** The numbers before the code cells, "[7]:"; "[*]:" while a cell waits or runs. */
  const prompts = () => codeCells().locator(".jp-InputPrompt").allTextContents();

  /** Waits until the first cell has its number and no cell is waiting or running. */
  const finished = (timeout: number) =>
    expect
      .poll(
        async () => {
          const [first, ...rest] = await prompts();
          return /\d/.test(first) && ![first, ...rest].some((prompt) => prompt.includes("*"));
        },
        { timeout, interval: 300, message: "all cells have run" },
      )
      .toBe(true);

  /**
   * Waits until every figure holds shapes that Plotly has drawn: bars and lines are paths, a heat
   * map is an image.
   */
  const figuresDrawn = () =>
    expect
      .poll(
        () =>
          page
            .locator(".js-plotly-plot")
            .filter({ has: page.locator(".cartesianlayer .mlayer :is(path, image)") })
            .count(),
        { timeout: MINUTE, interval: 300, message: "figures drawn" },
      )
      .toBe(expected.figures);

  const home = () => page.locator(".course-Home");
  const bar = () => page.locator(".course-Bar:visible");

  test("JupyterLab opens on the course home, which asks no kernel and needs no mouse", {
    timeout: 3 * MINUTE,
  }, async () => {
    await page.goto(`${base}/lab?token=${token}&reset`);
    const next = home().locator(".course-Home-next");
    await next.filter({ hasText: "00 · Start here" }).waitFor();
    expect(await home().textContent()).toMatch(/0 of \d+ exercises passed, 0 of \d+ points/);
    const last = home().locator("li", { hasText: "30 · In practice" });
    expect(
      await last.locator("a").count(),
      "every lesson of the map can be opened",
    ).toBeGreaterThan(0);
    await page.setViewportSize({ width: 640, height: 360 });
    const [needed, there] = await home().evaluate((node) => [node.scrollWidth, node.clientWidth]);
    expect(needed, "no overflow at 200 % zoom").toBeLessThanOrEqual(there);
    await page.setViewportSize({ width: 1400, height: 1000 });
    const answer = await page.request.get(`${base}/api/kernels?token=${token}`);
    expect(await answer.json(), "kernels").toEqual([]);
    await next.press("Enter");
    const path = new URL("../../tools/register.mjs", import.meta.url).href;
    const { lessons, isWritten } = (await import(path)) as {
      lessons(): { number: string; title: string }[];
      isWritten(lesson: object): boolean;
    };
    const [, after] = lessons().filter(isWritten); // the bar leads to the next one that is written
    await bar()
      .getByRole("link", { name: `${after.number} · ${after.title} →` })
      .waitFor();
    expect(await bar().getByText("←").count(), "there is none before the first").toBe(0);
    await bar().getByRole("link", { name: "Home" }).press("Enter");
    await next.waitFor();
  });

  let lessonRan = false;

  test("lesson 06 (attention) runs from top to bottom and draws its figures and its check table", {
    timeout: 6 * MINUTE,
  }, async () => {
    await open("06-attention.ipynb", expected.cells);
    expect(await page.locator(".jp-OutputArea-output").count()).toBe(0);
    expect(
      await page.locator(".jp-mod-dirty").count(),
      "opening a lesson leaves its file as it is",
    ).toBe(0);
    await menu("Kernel", "Restart Kernel and Run All Cells…");
    await page.locator(".jp-Dialog .jp-mod-accept").click();
    await finished(5 * MINUTE);
    const failures = page.locator(
      ["stderr", "error"]
        .map((kind) => `.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.${kind}"]`)
        .join(),
    );
    expect((await failures.allTextContents()).join("\n")).toBe("");
    const shown = await prompts(); // a cell whose code is folded shows no number
    expect(
      shown.map((prompt, i) => prompt || `[${i + 1}]:`),
      "every cell ran, in order",
    ).toEqual(Array.from({ length: expected.cells }, (_, i) => `[${i + 1}]:`));
    await figuresDrawn();
    const check = outputOf(codeCellWith('only: ["scaledScores"]'));
    expect(await check.locator("table").textContent()).toMatch(/scaledScores.*not done yet/s);
    lessonRan = true;
  });

  test("an exercise opens beside the notebook, at its function, and the next one in the same pane", {
    timeout: 2 * MINUTE,
  }, async () => {
    const notebook = page.locator(".jp-NotebookPanel");
    const editor = page.locator(".jp-FileEditor:visible");
    const exercises = join(sandbox.root, "my-course", "exercises", "06-attention.ts");
    const line = editor.locator(".cm-line");
    /** How far the line that begins so is below the top of the pane, in pixels. */
    const depth = async (start: string) => {
      const box = await line.filter({ hasText: start }).first().boundingBox();
      return (box?.y ?? 1e6) - ((await editor.boundingBox())?.y ?? 0);
    };
    const status = page.locator(".jp-StatusBar-Right");
    const shows = async (name: string, key?: string, linkTo?: Locator) => {
      const link = linkTo ?? page.getByRole("link", { name: `Open the exercise ${name}` });
      await (key ? link.press(key) : link.click());
      const text = readFileSync(exercises, "utf8");
      const rows = text.split("\n");
      const at = rows.findIndex((row) => row.includes(`export function ${name}(`));
      const task = rows[rows.lastIndexOf("/**", at) + 1].trim(); // its comment's first line
      await status.filter({ hasText: `Ln ${at + 1}, Col 1` }).waitFor();
      await expect.poll(() => depth(task), { message: `the task of ${name}` }).toBeLessThan(80);
      expect(await depth(task)).toBeGreaterThan(0);
      expect(await notebook.isVisible(), "the notebook is not covered").toBe(true);
      expect(await page.locator(".jp-FileEditor").count(), "panes with exercises").toBe(1);
    };
    if (!lessonRan) await open("06-attention.ipynb", expected.cells);
    await shows("causalMask");
    await status.filter({ hasText: "Spaces: 2" }).waitFor();
    const [page1, page2] = [await notebook.boundingBox(), await editor.boundingBox()];
    expect(page2?.x).toBeGreaterThanOrEqual((page1?.x ?? 0) + (page1?.width ?? 1e6));
    await shows("splitHeads");
    // From the keyboard, and with the file as a tab over the notebook, as it may have been left.
    await page.evaluate(() => {
      const { shell } = (globalThis as unknown as { jupyterapp: LabApp }).jupyterapp;
      const [file, book] = ["FileEditor", "Notebook"].map(
        (kind) => [...shell.widgets("main")].find((w) => w.content.hasClass(`jp-${kind}`))!,
      );
      shell.add(file, "main", { mode: "tab-after", ref: book.id });
      shell.activateById(book.id);
    });
    expect(await page.locator(".jp-FileEditor:visible").count()).toBe(0);
    await shows("scaledScores", "Enter");
    // The bar above the lesson leads to the first exercise that is not done.
    const fromBar = bar().getByRole("link", { name: "Exercises (0 of 6)" });
    await shows("attentionByLoops", undefined, fromBar);
  });

  test("an exercise that is mended passes when it is checked again", {
    timeout: 3 * MINUTE,
  }, async () => {
    expect(lessonRan, "the lesson ran").toBe(true);
    const answers = readFileSync(join(sandbox.root, "solutions", "06-attention.ts"), "utf8");
    writeFileSync(join(sandbox.root, "my-course", "exercises", "06-attention.ts"), answers);
    const cell = codeCellWith('only: ["scaledScores"]');
    await cell.locator(".jp-InputArea-editor").click();
    await page.keyboard.press("Control+Enter");
    await outputOf(cell).locator("table", { hasText: "✓" }).waitFor();
    expect(await outputOf(cell).textContent()).not.toContain("not done yet");
    await bar().getByRole("link", { name: "Exercises (1 of 6)" }).waitFor();
    await bar().getByRole("link", { name: "Home" }).click();
    await home().locator("li", { hasText: "06 · Attention" }).getByText("1 of 6").waitFor();
  });

  test("a saved notebook shows its pictures when it is opened again", {
    timeout: 3 * MINUTE,
  }, async () => {
    expect(lessonRan, "the lesson ran").toBe(true);
    await page.locator(".lm-TabBar-tab", { hasText: "06-attention.ipynb" }).click();
    await codeCells().first().locator(".jp-InputArea-editor").click();
    await page.keyboard.press("Control+s");
    await expect
      .poll(() => figuresIn(readNotebook(lesson)), {
        timeout: MINUTE,
        message: "figures in the saved file",
      })
      .toBe(expected.figures);
    expect(git("status", "--porcelain"), "the checkout after a lesson was run and saved").toBe("");
    await open("06-attention.ipynb", expected.cells);
    await figuresDrawn();
  });

  test("a saved notebook that nobody has trusted shows its drawing, and its slider moves", {
    timeout: 2 * MINUTE,
  }, async () => {
    await open("moves.ipynb", 2);
    await page.locator(".jp-RenderedDrawing svg", { hasText: "forget" }).waitFor();
    const figure = page.locator(".jp-RenderedPlotly");
    await figure.getByText("The slope is 1.").waitFor();
    const rail = figure.locator(".slider-rail-touch-rect");
    const { width = 0, height = 0 } = (await rail.boundingBox()) ?? {};
    await rail.click({ position: { x: width - 3, y: height / 2 }, force: true });
    await figure.getByText("The slope is 3.").waitFor();
    const last = await figure.evaluate(
      (node) => (node.querySelector(".js-plotly-plot") as unknown as Drawn).data[0].y[1],
    );
    expect(last).toBe(3);
  });

  test("cells that fail say so in their place, and the kernel lives on", {
    timeout: 3 * MINUTE,
  }, async () => {
    await open("errors.ipynb", ERROR_CELLS.length);
    expect(await bar().count(), "a bar above a notebook that is no lesson").toBe(0);
    for (const [i, { shows }] of ERROR_CELLS.entries()) {
      const cell = codeCells().nth(i);
      await cell.locator(".jp-InputArea-editor").click();
      await page.keyboard.press("Control+Enter");
      const output = outputOf(cell).filter({ hasText: shows });
      await output.waitFor();
      expect((await output.textContent())?.length).toBeLessThan(10_000);
    }
  });

  let kernel = 0;

  test("the stop button ends a training cell, and its variables survive", {
    timeout: 3 * MINUTE,
  }, async () => {
    await open("interrupt.ipynb", 3);
    const [first, training, after] = await codeCells().all();
    await menu("Run", "Run All Cells");
    await outputOf(training).filter({ hasText: "training, step 20" }).waitFor();
    await menu("Kernel", "Interrupt Kernel");
    await finished(MINUTE);
    expect((await prompts())[2], "a stop also drops the cells that were waiting").toMatch(
      /\[\s*\]/,
    );
    await after.locator(".jp-InputArea-editor").click();
    await page.keyboard.press("Control+Enter");
    await outputOf(after)
      .filter({ hasText: /kept after \d+ steps, loss \d/ })
      .waitFor();
    kernel = Number(/kernel (\d+)/.exec((await outputOf(first).textContent()) ?? "")?.[1]);
  });

  test("nothing outside this machine was asked for", () => expect(outside).toEqual([]));

  test("the server stops when it is told to, and takes its kernels along", {
    timeout: MINUTE,
  }, async () => {
    await browser.close();
    expect(await stop(server), "exit status of npm start").toBe(0);
    expect(kernel).toBeGreaterThan(0);
    await expect
      .poll(() => isRunning(kernel), { timeout: 10_000, message: "the kernel runs" })
      .toBe(false);
  });
});

/** What Plotly keeps at the element that it draws into. */
interface Drawn {
  data: { y: number[] }[];
}

/** What the tests use of JupyterLab's own application object. */
interface LabApp {
  shell: {
    widgets(area: string): Iterable<{ id: string; content: { hasClass(name: string): boolean } }>;
    add(widget: object, area: string, options: object): void;
    activateById(id: string): void;
  };
}

interface Notebook {
  cells: {
    cell_type: string;
    outputs?: { data?: Record<string, unknown> }[];
    execution_count?: number | null;
  }[];
}

/** JupyterLab writes the file in place: a half-written one is read as an empty one. */
function readNotebook(file: string): Notebook {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { cells: [] };
  }
}

const figuresIn = ({ cells }: Notebook) =>
  cells
    .flatMap((cell) => cell.outputs ?? [])
    .filter((output) => output.data && "application/vnd.plotly.v1+json" in output.data).length;

function clearOutputs(file: string) {
  const notebook = readNotebook(file);
  const figures = figuresIn(notebook);
  const code = notebook.cells.filter((cell) => cell.cell_type === "code");
  for (const cell of code) {
    cell.outputs = [];
    cell.execution_count = null;
  }
  writeFileSync(file, JSON.stringify(notebook));
  return { cells: code.length, figures };
}

/**
 * Asks the server to stop; kills it if it has not after 20 seconds. Returns its exit status, null
 * if it was killed.
 */
async function stop(server: ChildProcess): Promise<number | null> {
  if (server.exitCode === null && server.signalCode === null) {
    const ended = new Promise((done) => server.once("exit", done));
    const patience = setTimeout(() => server.kill("SIGKILL"), 20_000);
    server.kill("SIGTERM");
    await ended;
    clearTimeout(patience);
  }
  return server.exitCode;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function addressOf(server: ChildProcess): Promise<[string, string]> {
  let output = "";
  return new Promise((found, failed) => {
    const listen = (data: Buffer) => {
      output += data;
      const match = output.match(/(http:\/\/127\.0\.0\.1:\d+)\/lab\?token=(\w+)/);
      if (match) found([match[1], match[2]]);
    };
    server.stdout?.on("data", listen);
    server.stderr?.on("data", listen);
    server.on("exit", () => failed(new Error(`npm start ended before it served:\n${output}`)));
  });
}

const TRAINING_CELL = `const text = mobyDick().slice(0, 50_000);
const trainer = pretrain({ text, settings: { ...presets.smoke, steps: 100_000 } });
let steps = 0;
let lastLoss = Number.NaN;
await trainer.run({
  onStep: (record) => {
    steps = record.step;
    lastLoss = record.loss;
    if (steps % 5 === 0) console.log("training, step", steps);
  },
});`;

/** On the wasm engine, where a promise that failed used to end the kernel. */
const ERROR_CELLS: { code: string; shows: RegExp }[] = [
  {
    code: `import { readFile } from "node:fs/promises";
import { useEngine } from "llm/engine";
const seed = 3;
await useEngine({ prefer: "wasm" });`,
    shows: /engine: wasm/,
  },
  { code: "console.log({ seed });", shows: /\{ seed: 3 \}/ },
  {
    code: 'const forgotten = Promise.reject(new Error("forgotten"));',
    shows: /nobody awaited it \(a missing await\?\):\s+Error: forgotten\s+at this cell, line 1:/,
  },
  {
    code: 'const before = 1;\nawait readFile("nope");',
    shows: /Error: ENOENT.*\s+at this cell, line 2: {1,2}await readFile\("nope"\);/,
  },
  { code: 'throw new Error("x".repeat(5_000_000));', shows: /4,996,000 characters not shown/ },
  { code: 'console.log("alive", { seed });', shows: /alive \{ seed: 3 \}/ },
];

function interruptNotebook(): string {
  const sources = [
    `import { useEngine } from "llm/engine";\nimport { mobyDick } from "llm/data";\nimport { presets, pretrain } from "llm/pretrain";\nawait useEngine();\nconsole.log("kernel", process.pid);`,
    TRAINING_CELL,
    'console.log("kept after", steps, "steps, loss", lastLoss.toFixed(2));',
  ];
  return notebookOf(sources);
}

/** A drawing and a figure with a slider, as they lie in a notebook. */
function savedNotebook(): string {
  const axes = { x: { title: "x" }, y: { title: "y" } };
  const line = (k: number) =>
    curves({
      ...axes,
      caption: `The slope is ${k}.`,
      series: [{ name: "line", x: [0, 1], y: [0, k] }],
    });
  const list = [1, 2, 3].map((k) => ({ label: k, figure: line(k) }));
  const shown: Plottable[] = [lstmCell(), frames(list, { slider: "slope", caption: "" })];
  return notebookOf(["// drawing", "// slider"], shown);
}

function notebookOf(sources: string[], shown: Plottable[] = []): string {
  const cells = sources.map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    metadata: {},
    execution_count: null,
    outputs: shown
      .slice(i, i + 1)
      .map((figure) => ({ output_type: "display_data", metadata: {}, data: figureBundle(figure) })),
    source,
  }));
  const metadata = {
    kernelspec: { name: "tslab", display_name: "TypeScript", language: "typescript" },
    language_info: { name: "typescript" },
  };
  return JSON.stringify({ cells, metadata, nbformat: 4, nbformat_minor: 5 });
}
