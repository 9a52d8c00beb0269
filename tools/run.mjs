// `npm run check`, `train`, …: builds src/ if it changed, then runs the command of that name in
// src/cli/; or a tool that stands on the compiled module, named by its path from the root:
// `node tools/run.mjs tools/bench/bench.mjs`.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { join } from "node:path";
import { build } from "./build.mjs";
import { root } from "./kit.mjs";

const [name, ...args] = process.argv.slice(2);
build({ quiet: true });
const file = name.endsWith(".mjs") ? join(root, name) : join(root, "dist", "cli", `${name}.js`);
const child = spawn(process.execPath, ["--enable-source-maps", file, ...args], {
  stdio: "inherit",
  cwd: process.env.INIT_CWD ?? root,
});
// Ctrl-C reaches the child by itself (same terminal); this process only waits for its answer.
process.on("SIGINT", () => {});
// The others are for one process: without this the child would go on as an orphan.
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
