// Builds kernels.wasm and kernels-fma.wasm (relaxed SIMD) in src/engine/wasm from its kernels/*.ts.
// Run it by hand after a change, and commit the results:  node tools/native/wasm.mjs kernels.sha256
// is the digest of the sources they were built from, so that a test can tell, without a compiler,
// that somebody changed the one and forgot the other.
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMain, root } from "../kit.mjs";

const home = join(root, "src", "engine", "wasm");
const sources = join(home, "kernels");

/** Digest of all sources, whatever the line ends of the checkout. */
export function digest() {
  const hash = createHash("sha256");
  for (const name of readdirSync(sources).sort()) {
    hash.update(`${name}\n${readFileSync(join(sources, name), "utf8").replaceAll("\r\n", "\n")}\n`);
  }
  return hash.digest("hex");
}

async function build() {
  const { default: asc } = await import("assemblyscript/asc");
  const tmp = mkdtempSync(join(tmpdir(), "llm-wasm-"));
  for (const [name, extra] of [
    ["kernels.wasm", []],
    ["kernels-fma.wasm", ["--enable", "relaxed-simd"]],
  ]) {
    const out = join(tmp, name);
    // Memory with a maximum, tfjs's own 4 GiB: only such a one can be made a shared one
    // (shared.ts).
    const options =
      "-O3 --noAssert --runtime stub --importMemory --maximumMemory 65536 --enable simd".split(" ");
    const { error, stderr } = await asc.main([
      join(sources, "index.ts"),
      "-o",
      out,
      ...options,
      ...extra,
    ]);
    if (error) throw new Error(`${name}: ${error.message}\n${stderr}`);
    const built = readFileSync(out);
    writeFileSync(join(home, name), built);
    console.log(`${name}: ${built.length} bytes`);
  }
  rmSync(tmp, { recursive: true });
  writeFileSync(join(home, "kernels.sha256"), digest() + "\n");
}

if (isMain(import.meta.url)) await build();
