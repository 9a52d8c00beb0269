// `npm run notebook`: runs tools/lesson/notebook.py with the course's own .venv, so that it is one
// command on every system.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../src/cli/options.cjs";
import * as commands from "./commands.mjs";
import { root, venvPython } from "./kit.mjs";

commandLine(commands.notebook);

if (!existsSync(venvPython)) {
  console.error(
    "python.mjs: expected the course's Python in .venv, found none. Run `npm start` (or " +
      "`npm test`) once: it makes it.",
  );
  process.exit(1);
}
const script = join("tools", "lesson", "notebook.py");
const { status } = spawnSync(venvPython, [script, ...process.argv.slice(2)], {
  stdio: "inherit",
  cwd: root,
  env: { ...process.env, PYTHONUTF8: "1" }, // Windows' own code page has no 中文
});
process.exit(status ?? 1);
