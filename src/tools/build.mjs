// Compiles src/ to dist/ (the package `llm`) and solutions/ to dist/solutions/, then writes the types of
// `learner(lesson)`. Skips all of it when nothing changed: a start must not wait for a compiler.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const root = resolve(fileURLToPath(import.meta.url), "../../..");

/** Whether Node was started with this file. Real paths: a checkout may be reached through a link or a mapped drive. */
export const isMain = (url) =>
  process.argv[1] !== undefined && realpathSync(process.argv[1]) === realpathSync(fileURLToPath(url));

const dist = join(root, "dist");
const stampFile = join(dist, ".stamp");

const filesUnder = (dir) =>
  existsSync(dir)
    ? readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
        const path = join(dir, e.name);
        return e.isDirectory() ? filesUnder(path) : [path];
      })
    : [];

/** Digest of every input's path, size and time: cheap (no contents read) and changes when an input does. */
export function stamp() {
  const hash = createHash("sha256");
  const inputs = [
    ...filesUnder(join(root, "src")),
    ...filesUnder(join(root, "solutions")),
    join(root, "tsconfig.json"),
    join(root, "package-lock.json"),
  ];
  for (const file of inputs.sort()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

/** Files that the compiler does not carry over: wasm binaries, what a worker runs, and the like. */
function copyAssets() {
  for (const file of filesUnder(join(root, "src"))) {
    if (!/\.(wasm|cjs|css|html)$/.test(file)) continue;
    const target = join(dist, relative(join(root, "src"), file));
    mkdirSync(resolve(target, ".."), { recursive: true });
    cpSync(file, target);
  }
}

/** `learner("06-attention")` is typed by its solutions; they are compiled after src, so the types are written here. */
function writeLessonTypes() {
  const lessons = readdirSync(join(root, "solutions"))
    .filter((f) => f.endsWith(".ts"))
    .map((f) => f.slice(0, -3))
    .sort();
  const body = lessons
    .map((id) => `  ${JSON.stringify(id)}: typeof import("../solutions/${id}");`)
    .join("\n");
  writeFileSync(
    join(dist, "course", "lessons.d.ts"),
    `/** Written by src/tools/build.mjs from solutions/. */\nexport interface Lessons {\n${body}\n}\n`,
  );
}

function tsc(project) {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const run = spawnSync(process.execPath, [compiler, "-p", project, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
  });
  if (run.status !== 0)
    throw new Error(`build: ${relative(root, project)} does not compile:\n${run.stdout}${run.stderr}`);
}

/** @returns whether anything had to be built */
export function build({ quiet = false, force = false } = {}) {
  const now = stamp();
  if (!force && existsSync(stampFile) && readFileSync(stampFile, "utf8") === now) return false;
  const start = performance.now();
  tsc(join(root, "src", "tsconfig.json"));
  copyAssets();
  if (existsSync(join(dist, "course", "lessons.d.ts"))) {
    if (filesUnder(join(root, "solutions")).some((f) => f.endsWith(".ts")))
      tsc(join(root, "solutions", "tsconfig.json"));
    writeLessonTypes();
  }
  writeFileSync(stampFile, now);
  if (!quiet) console.log(`built llm in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return true;
}

if (isMain(import.meta.url)) build({ force: process.argv.includes("--force") });
