// The part of `npm run native` that needs nothing but a C++ compiler: src/engine/native/kernels.cc,
// compiled for this processor into native/kernels. llm/runtime computes with it (lesson 21,
// inference); without it, with WebAssembly.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "../build.mjs";
import { root, runQuietly, step } from "../kit.mjs";
import { failed, findCompiler } from "./machine.mjs";
import { nodeHeaders } from "./wheel.mjs";

const source = join(root, "src", "engine", "native", "kernels.cc");
const require = createRequire(import.meta.url);

const FLAGS = [
  // For this processor: compilers call it by another name on ARM.
  process.arch === "arm64" ? "-mcpu=native" : "-march=native",
  ...["-O3", "-ffp-contract=fast", "-fno-math-errno", "-fno-trapping-math"],
  ...["-std=c++17", "-shared", "-fPIC", "-DNAPI_VERSION=8", "-DBUILDING_NODE_EXTENSION"],
  ...(process.platform === "darwin" ? ["-undefined", "dynamic_lookup"] : []),
];

/**
 * Compiles the kernels unless they are there: a few seconds.
 * @param options.quiet whether nothing is said of it
 * @throws NativeUnavailable where there is no compiler, or it fails
 */
export async function installKernels({ quiet = false } = {}) {
  build({ quiet: true });
  const { kernelAddonHome, processorDigest } = require(
    join(root, "dist/engine/native/kernelAddon.js"),
  );
  const home = kernelAddonHome();
  const marker = createHash("sha256")
    .update(readFileSync(source))
    .update(FLAGS.join(" "))
    .digest("hex");
  const isThere = (name, text) =>
    existsSync(join(home, name)) && readFileSync(join(home, name), "utf8").trim() === text;
  if (isThere("source", marker) && isThere("processor", processorDigest())) return;
  const compiler = findCompiler();
  const headers = await nodeHeaders();
  const work = `${home}.part`;
  rmSync(work, { recursive: true, force: true });
  mkdirSync(work, { recursive: true });
  try {
    const compile = async () => {
      const out = ["-o", join(work, "kernels.node")];
      const done = await runQuietly(compiler, [...FLAGS, `-I${headers}`, source, ...out]);
      if (done.status !== 0) throw failed("the kernels do not compile here", done.output);
    };
    await (quiet ? compile() : step("compiling the kernels for inference", compile));
    writeFileSync(join(work, "processor"), `${processorDigest()}\n`);
    writeFileSync(join(work, "source"), `${marker}\n`);
    rmSync(home, { recursive: true, force: true });
    renameSync(work, home);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
