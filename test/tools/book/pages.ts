// What the tests of the book and the slides share: the modules, a small notebook, a browser.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";

export const root = resolve(__dirname, "../../..");
// biome-ignore lint/suspicious/noExplicitAny: the tools are JavaScript
export const tool = (path: string): Promise<any> =>
  import(pathToFileURL(join(root, "tools", path)).href);

export const chromiumPath = [
  process.env.LLM_CHROMIUM,
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => path && existsSync(path));
if (!chromiumPath)
  console.log("skipped: pages in the browser, because no Chromium was found (set LLM_CHROMIUM)");

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: ["--headless", "--no-sandbox", "--disable-gpu"],
  });

/** A page of a file, with what it asked of others and what went wrong on it. */
export async function openFile(browser: Browser, file: string, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1144, height: 770 }, ...options });
  const page = await context.newPage();
  const outside: string[] = [];
  const errors: string[] = [];
  page.on("request", (request) => {
    if (!/^(file|data|blob):/.test(request.url())) outside.push(request.url());
  });
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(pathToFileURL(file).href);
  return { page, outside, errors, close: () => context.close() };
}
export type Opened = { page: Page; outside: string[]; errors: string[] };

/** A cell as tools/book/notebook.mjs reads one. */
export const cell = (kind: "markdown" | "code", source: string, more: object = {}) => ({
  ...{ id: source.slice(0, 8).replace(/\W/g, "-"), kind, source, outputs: [] },
  ...{ foldedCode: false, foldedOutput: false, slide: undefined, ...more },
});
