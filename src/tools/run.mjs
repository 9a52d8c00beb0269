// `npm run check`, `train`, …: builds src/ if it changed, then runs the command of that name in src/cli/.
import { spawn } from "node:child_process";
import { build, root } from "./build.mjs";

const [name, ...args] = process.argv.slice(2);
build({ quiet: true });
const child = spawn(process.execPath, ["--enable-source-maps", `${root}/dist/cli/${name}.js`, ...args], {
  stdio: "inherit",
  cwd: process.env.INIT_CWD ?? root,
});
// Ctrl-C reaches the child by itself (same terminal); this process only waits for its answer.
process.on("SIGINT", () => {});
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
