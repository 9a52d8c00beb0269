// A model as a page: its script in Node against the engine's own steps, in a browser from the disk where
// there is one, and what is refused.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { useEngine } from "llm/engine";
import { exportPage, modelPage } from "llm/export";
import { type GPTConfig, initGPT } from "llm/gpt";
import { disposeParams } from "llm/params";
import { PagedGPT } from "llm/runtime";
import { CharTokenizer } from "llm/tokenizer";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const chromiumPath = [process.env.LLM_CHROMIUM, "/usr/bin/chromium", "/usr/bin/google-chrome"].find(
  (path) => path && existsSync(path),
);
const tokenizer = CharTokenizer.train("Call me Ishmael – some years ago. <naïve>");
const V = tokenizer.vocabSize;
const base = { vocabSize: V, nLayer: 2, nHead: 4, nEmbd: 32, blockSize: 40, dropout: 0 };
const configs: Record<string, GPTConfig> = {
  gpt2: { ...base, bias: true },
  llama: { ...base, family: "llama", nKvHead: 2, bias: false },
};
const beginnings = ["Call me", "som"];
const folder = mkdtempSync(join(tmpdir(), "page-"));
beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const made = (config: GPTConfig, seed = 5) => ({
  params: initGPT(config, { seed }),
  config,
  tokenizer,
});

/** The most probable tokens by the engine. */
async function written(
  model: ReturnType<typeof made>,
  text: string,
  count: number,
  format: "int8" | "float32",
) {
  const engine = await PagedGPT.fromParams(model.params, model.config, { format, cacheTokens: 40 });
  const ids = tokenizer.encode(text);
  const table = Array.from({ length: engine.blocks }, (_, n) => n);
  const logits: number[][] = [];
  for (let start = 0, next = ids; start < ids.length && logits.length < count; ) {
    const row = engine.step([{ ids: next, start, table, logits: "last" }]);
    logits.push(Array.from(row));
    start = ids.length;
    ids.push(row.indexOf(Math.max(...row)));
    next = ids.slice(-1);
  }
  engine.close();
  return { ids, logits };
}

/** The functions of the page's script, and what its JSON says. */
function ofPage(html: string) {
  const [, json] = html.match(/<script type="application\/json" id="model">(.*?)<\/script>/s)!;
  const [, script] = html.match(/<script>(.*?)<\/script>/s)!;
  const { WebAssembly } = globalThis as unknown as { WebAssembly: object };
  const context = vm.createContext({ atob, Blob, Response, DecompressionStream, WebAssembly });
  return {
    model: JSON.parse(json),
    functions: vm.runInContext(`${script}; ({ load, choose })`, context),
  };
}

describe.each(Object.keys(configs))("a %s as a page", (family) => {
  it.each(["float32", "int8"] as const)("computes the engine's logits in %s", async (format) => {
    const model = made(configs[family]);
    const html = await modelPage(model, { beginnings, format });
    const page = ofPage(html);
    const gpt = await page.functions.load(page.model);
    for (const [b, text] of beginnings.entries()) {
      const { ids, logits } = await written(model, text, 12, format);
      gpt.begin(); // again from the start: nothing is left of the text before
      const prompt = page.model.beginnings[b].ids as number[];
      expect(prompt).toEqual(tokenizer.encode(text));
      let row: Float32Array = new Float32Array();
      for (const id of prompt) row = gpt.next(id);
      for (let i = 0; i < 12; i++) {
        const gap = Math.max(...logits[i].map((x, j) => Math.abs(x - row[j])));
        expect(gap, `token ${i}`).toBeLessThan(1e-4);
        const id = page.functions.choose(row, 0);
        expect(id).toBe(ids[prompt.length + i]);
        row = gpt.next(id);
      }
    }
    disposeParams(model.params);
  });
});

describe("a page", () => {
  it("draws tokens by their probabilities", async () => {
    const model = made(configs.gpt2);
    const { choose } = ofPage(await modelPage(model, { beginnings })).functions;
    const logits = [0, Math.log(3), -1e9];
    const draws = [0.1, 0.24, 0.26, 0.9].map((u) => choose(logits, 1, () => u));
    expect(draws).toEqual([0, 0, 1, 1]); // a quarter and three quarters
    disposeParams(model.params);
  });

  it("fetches nothing, and no name or text ends its script", async () => {
    const model = made(configs.gpt2);
    const html = await modelPage(model, { beginnings: ["some <"], name: "</title><script>" });
    expect(html).toContain("default-src 'none'");
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html).not.toMatch(/https?:/);
    disposeParams(model.params);
  });

  it("is refused without a beginning, or with one that fills the window", async () => {
    const model = made(configs.gpt2);
    await expect(modelPage(model, { beginnings: [] })).rejects.toThrow("got none");
    await expect(modelPage(model, { beginnings: ["Call me"], maxLength: 7 })).rejects.toThrow(
      "expected beginnings of 1 to 6 tokens, got 7",
    );
    const capped = { ...model, config: { ...configs.gpt2, logitCap: 20 } };
    await expect(modelPage(capped, { beginnings })).rejects.toThrow("without logitCap");
    disposeParams(model.params);
  });

  it.skipIf(!chromiumPath)(
    "opened from the disk writes what the engine writes",
    async () => {
      const model = made(configs.llama, 8);
      expect(await exportPage(join(folder, "page"), model, { beginnings })).toEqual(["index.html"]);
      const { ids } = await written(model, beginnings[1], 20, "int8");
      const browser = await chromium.launch({
        executablePath: chromiumPath,
        args: ["--headless", "--no-sandbox", "--disable-gpu"],
      });
      try {
        const page = await browser.newPage();
        const asked: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        const url = pathToFileURL(join(folder, "page", "index.html")).href;
        await page.goto(url);
        await page.locator("#beginning").selectOption("1");
        await page.locator("#temperature").fill("0");
        await page.locator("#count").fill("20");
        await page.locator("#write:enabled").click();
        await page.locator("body[data-done='1']").waitFor({ timeout: 60_000 });
        expect(await page.locator("#text").textContent()).toBe(tokenizer.decode(ids.slice(0, 23)));
        expect(asked).toEqual([url]);
      } finally {
        await browser.close();
      }
      disposeParams(model.params);
    },
    120_000,
  );
});
