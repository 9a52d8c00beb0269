// Compiles src/ to dist/ (the package `llm`) and solutions/ to dist/solutions/, then writes the
// types of `learner(lesson)`. Skips all of it when nothing changed: a start must not wait for a
// compiler.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { commandLine } from "../src/cli/options.cjs";
import * as commands from "./commands.mjs";
import { filesUnder, isMain, root } from "./kit.mjs";
import { lessonFiles, lessons } from "./register.mjs";

const src = join(root, "src");
const solutions = join(root, "solutions");
const dist = join(root, "dist");
const stampFile = join(dist, ".stamp");

/**
 * Files that the compiler does not carry over and dist/ needs: wasm binaries, what a worker runs,
 * and the like.
 */
const isAsset = (file) => /\.(wasm|cjs|css|html)$/.test(file);
/** AssemblyScript, which tools/native/wasm.mjs compiles and commits as a binary. */
const isKernel = (file) => relative(src, file).startsWith(join("engine", "wasm", "kernels", ""));

/**
 * All that the build reads, and nothing else: whoever edits a tool or a page does not wait for a
 * compiler.
 */
export function inputs() {
  return [
    ...filesUnder(src).filter(
      (file) => (/\.(ts|json)$/.test(file) && !isKernel(file)) || isAsset(file),
    ),
    ...filesUnder(solutions).filter((file) => /\.(ts|json|cjs)$/.test(file)),
    join(root, "tsconfig.json"),
    join(root, "package-lock.json"),
  ].sort();
}

/**
 * Digest of every input's path, size and time: cheap (no contents read) and changes when an input
 * does.
 */
export function stamp() {
  const hash = createHash("sha256");
  for (const file of inputs()) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest("hex");
}

function copyAssets() {
  for (const file of filesUnder(src).filter(isAsset)) {
    const target = join(dist, relative(src, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
}

/** What was compiled from a file that has moved or gone would still be found by an import. */
function removeOrphans() {
  for (const file of filesUnder(dist)) {
    const found = /^(.*)\.(js|js\.map|d\.ts)$/.exec(relative(dist, file));
    if (!found) continue;
    const source = found[1].startsWith(join("solutions", "")) ? root : src;
    const isThere = ["ts", "cjs"].some((end) => existsSync(join(source, `${found[1]}.${end}`)));
    if (!isThere) rmSync(file);
  }
}

/**
 * A release for a class has some references compiled only (tools/teach/release): X.cjs and X.d.ts
 * in place of X.ts.
 */
function copyPacked() {
  for (const file of filesUnder(solutions).filter((path) => path.endsWith(".cjs"))) {
    const stem = file.slice(0, -4);
    if (existsSync(`${stem}.ts`)) continue;
    const target = join(dist, relative(root, stem));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, `${target}.js`);
    cpSync(`${stem}.d.ts`, `${target}.d.ts`);
  }
}

/**
 * `learner("06-attention")` is typed by its solutions; they are compiled after src, so the types
 * are written here.
 */
function writeLessonTypes() {
  const solved = lessons().filter(({ id }) => existsSync(lessonFiles(id).compiled));
  const body = solved
    .map(({ id }) => `  ${JSON.stringify(id)}: typeof import("../solutions/${id}");`)
    .join("\n");
  writeFileSync(
    join(dist, "course", "lessons.d.ts"),
    `/** Written by tools/build.mjs from solutions/. */\nexport interface Lessons {\n${body}\n}\n`,
  );
}

function tsc(project) {
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const run = spawnSync(process.execPath, [compiler, "-p", project, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8",
  });
  if (run.status !== 0)
    throw new Error(
      `build: ${relative(root, project)} does not compile:\n${run.stdout}${run.stderr}`,
    );
}

/** @returns whether anything had to be built */
export function build({ quiet = false, force = false } = {}) {
  const now = stamp();
  if (!force && existsSync(stampFile) && readFileSync(stampFile, "utf8") === now) return false;
  const start = performance.now();
  tsc(join(src, "tsconfig.json"));
  copyAssets();
  removeOrphans();
  if (existsSync(join(dist, "course", "lessons.d.ts"))) {
    if (filesUnder(solutions).some((file) => /(?<!\.d)\.ts$/.test(file)))
      tsc(join(solutions, "tsconfig.json"));
    copyPacked();
    writeLessonTypes();
  }
  writeFileSync(stampFile, now);
  if (!quiet) console.log(`built llm in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  return true;
}

if (isMain(import.meta.url)) {
  const { values } = commandLine(commands.build);
  build({ force: values.force });
}
