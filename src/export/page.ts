// A model as one HTML file that writes text in the browser, opened from the disk: weights, kernels
// (WebAssembly), and a list of their calls. Nothing is fetched, so no text leaves the machine and no
// server has to run. The matrices are whole numbers of 8 bits if nothing else is asked for: a page of
// two million parameters has about 3 MB. Left out: encoding the reader's own text (a few beginnings
// are encoded here), threads, WebGPU.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { escapeHtml } from "../display";
import { kernelFile, type tf } from "../engine";
import { makeFolder, writeAtomically } from "../files";
import type { GPTConfig } from "../gpt";
import type { Params } from "../params";
import { PagedGPT, type WeightFormat } from "../runtime";
import type { Tokenizer } from "../tokenizer";
import { pageScript } from "./pageScript";

export const PAGE_FILE = "index.html";

export interface PageOptions {
  /** Shown at the top; "model" if absent. */
  name?: string;
  /** What the reader can begin with. */
  beginnings: readonly string[];
  /** The token that ends a text, if there is one. */
  end?: number;
  /** How matrices are kept; "int8" if absent. */
  format?: WeightFormat;
  /** How many tokens a text can have: the model's window, but at most 1,024, if absent. */
  maxLength?: number;
}

/** A model, as `loadGPT` of llm/pretrain gives it. */
export interface PageModel {
  params: Params<tf.Tensor>;
  config: GPTConfig;
  tokenizer: Tokenizer & { tokenBytes?: (id: number) => Uint8Array };
}

/**
 * The page.
 * @returns HTML
 * @throws where there is no beginning, or one is empty or too long, and as `PagedGPT` does
 */
export async function modelPage(
  { params, config, tokenizer }: PageModel,
  { name = "model", beginnings, end, format = "int8", ...options }: PageOptions,
): Promise<string> {
  const { maxLength = Math.min(config.blockSize, 1024) } = options;
  const encoded = beginnings.map((text) => ({ text, ids: tokenizer.encode(text) }));
  const wrong = encoded.find(({ ids }) => ids.length === 0 || ids.length >= maxLength);
  if (encoded.length === 0 || wrong)
    throw new Error(
      `modelPage: expected beginnings of 1 to ${maxLength - 1} tokens, got ` +
        (wrong ? `${wrong.ids.length} in ${JSON.stringify(wrong.text)}` : "none"),
    );
  const sizes = { format, maxLength, cacheTokens: maxLength, rowsAtOnce: 1 };
  const model = await PagedGPT.fromParams(params as Params, config, sizes);
  const step = model.recordStep();
  const C = config.nEmbd;
  const zip = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 }).toString("base64");
  const table = (rows: number, vector: (row: number) => Float32Array) => {
    const all = new Float32Array(rows * C);
    for (let r = 0; r < rows; r++) all.set(vector(r), r * C);
    return zip(new Uint8Array(all.buffer));
  };
  const hasPlaces =
    (config.family ?? "gpt2") === "gpt2" && (config.position ?? "learned") === "learned";
  const first = model.vectorOf(0, 0);
  const page = {
    ...{ step, width: C, vocabSize: model.vocabSize, length: maxLength, blocks: model.blocks },
    ...{
      beginnings: encoded,
      end: end ?? -1,
      kernels: Buffer.from(kernelFile()).toString("base64"),
    },
    memory: zip(model.memory.u8(0, model.memory.bytes)),
    tokens: table(model.vocabSize, (id) => model.vectorOf(id, 0)), // with place 0 in them
    places: hasPlaces
      ? table(maxLength, (p) => model.vectorOf(0, p).map((x, c) => x - first[c]))
      : undefined,
    pieces: Array.from({ length: model.vocabSize }, (_, id) =>
      Buffer.from(tokenizer.tokenBytes?.(id) ?? tokenizer.decode([id])).toString("base64"),
    ),
  };
  model.close();
  return markup(name, JSON.stringify(page));
}

/** Writes the page into a new or empty folder. @returns the files in it */
export async function exportPage(
  folder: string,
  model: PageModel,
  options: PageOptions,
): Promise<string[]> {
  const page = await modelPage(model, options);
  makeFolder(folder);
  writeAtomically(join(folder, PAGE_FILE), [page]);
  return [PAGE_FILE];
}

function markup(name: string, json: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline';
 script-src 'unsafe-inline' 'wasm-unsafe-eval'">
<title>${escapeHtml(name)}</title>
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 42em; margin: 2em auto; padding: 0 1em; }
label { display: block; margin: .5em 0; } select { max-width: 100%; }
#text { white-space: pre-wrap; border-left: 3px solid #888; padding-left: 1em; min-height: 8em; }
</style></head><body>
<h1>${escapeHtml(name)}</h1>
<p>The model computes in this page, with WebAssembly. Nothing is sent or fetched.</p>
<label>Beginning <select id="beginning"></select></label>
<label>Temperature <input id="temperature" type="range" min="0" max="1.5" step="0.1" value="0.8">
<output id="shown">0.8</output></label>
<label>Tokens <input id="count" type="number" value="120" min="1" max="2000"></label>
<button id="write" disabled>Write</button> <span id="speed" role="status"></span>
<p id="text"></p>
<script type="application/json" id="model">${json.replace(/</g, "\\u003c")}</script>
<script>${pageScript}</script>
</body></html>
`;
}
