// Runs a Python script with the course's own .venv, so that `npm run notebook` is one command on
// every system.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { root, venvPython } from "./kit.mjs";

if (!existsSync(venvPython)) {
  console.error(
    "python.mjs: expected the course's Python in .venv, found none. Run `npm start` (or " +
      "`npm test`) once: it makes it.",
  );
  process.exit(1);
}
const { status } = spawnSync(venvPython, process.argv.slice(2), {
  stdio: "inherit",
  cwd: root,
  env: { ...process.env, PYTHONUTF8: "1" }, // Windows' own code page has no 中文
});
process.exit(status ?? 1);
