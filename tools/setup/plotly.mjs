// Puts plotly.js beside the JupyterLab extension that draws with it. The file is 5 MB, is not kept
// in the repository, and is copied again only when the installed version differs.
import { copyFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { isMain, root } from "../kit.mjs";

/** @returns whether a copy had to be made */
export function installPlotly() {
  const source = createRequire(import.meta.url).resolve("plotly.js-dist/plotly.js");
  const target = join(root, "jupyter", "labextensions", "course-plotly", "static", "plotly.js");
  const same =
    existsSync(target) &&
    statSync(target).size === statSync(source).size &&
    statSync(target).mtimeMs >= statSync(source).mtimeMs;
  if (same) return false;
  mkdirSync(dirname(target), { recursive: true });
  // By way of another name: a copy that was cut short must not look like a whole one.
  copyFileSync(source, `${target}.new`);
  renameSync(`${target}.new`, target);
  return true;
}

if (isMain(import.meta.url)) installPlotly();
