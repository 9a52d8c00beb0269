// Plotly in half of its size: the package holds it readable, with 10 MB. Made once and kept beside
// the other build results.
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { llm, root } from "../kit.mjs";

/** plotly.js as a script for a page, as text. */
export async function smallPlotly() {
  const { version } = llm("plotly.js-dist/package.json");
  const folder = join(root, "runs", ".book");
  const kept = join(folder, `plotly-${version}.js`);
  if (existsSync(kept)) return readFileSync(kept, "utf8");
  const { minifySync } = await import("rolldown/utils");
  const source = readFileSync(llm.resolve("plotly.js-dist/plotly.js"), "utf8");
  const { code, errors } = minifySync("plotly.js", source, { module: false });
  if (errors?.length) throw new Error(`smallPlotly: ${errors[0].message}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${kept}.part`, code);
  renameSync(`${kept}.part`, kept);
  return code;
}
