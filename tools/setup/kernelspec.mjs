// The course's kernel for programs that `npm start` does not start, such as VS Code: they look for
// kernels in the Python environment of the folder, and know no place relative to a kernel's own
// file, so Node and the kernel are named by their full paths.
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, venv } from "../kit.mjs";

const KERNEL = "jupyter/kernels/tslab";

/** Writes the kernel into .venv; a .venv that belongs to another checkout is left as it is. */
export function installKernelspec() {
  if (lstatSync(venv).isSymbolicLink()) return false;
  const spec = JSON.parse(readFileSync(join(root, KERNEL, "kernel.json"), "utf8"));
  const argv = spec.argv.map((word) => word.replace("{resource_dir}", join(root, KERNEL)));
  const name = "TypeScript (LLM from Scratch)";
  const ours = { ...spec, argv: [process.execPath, ...argv.slice(1)], display_name: name };
  const folder = join(venv, "share", KERNEL);
  const file = join(folder, "kernel.json");
  const text = `${JSON.stringify(ours, null, 2)}\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === text) return false;
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  return true;
}
