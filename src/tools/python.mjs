// Runs a Python script with the course's own .venv, so that `npm run notebook` is one command on every system.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(fileURLToPath(import.meta.url), "../../..");
const python = join(root, ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");
if (!existsSync(python)) {
  console.error(
    "python.mjs: expected the course's Python in .venv, found none. Run `npm start` (or `npm test`) once: it makes it.",
  );
  process.exit(1);
}
const { status } = spawnSync(python, process.argv.slice(2), {
  stdio: "inherit",
  cwd: root,
  env: { ...process.env, PYTHONUTF8: "1" }, // Windows' own code page has no 中文
});
process.exit(status ?? 1);
