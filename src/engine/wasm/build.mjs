// Builds kernels.wasm and kernels-fma.wasm (relaxed SIMD) from kernels/*.ts. Run by hand after a change:
//   node src/engine/wasm/build.mjs        and commit the results
//   node src/engine/wasm/build.mjs --check   fails if the committed files are not what the sources give
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = resolve(fileURLToPath(import.meta.url), "..");
const check = process.argv.includes("--check");
const tmp = mkdtempSync(join(tmpdir(), "llm-wasm-"));
let stale = 0;
for (const [name, extra] of [
  ["kernels.wasm", []],
  ["kernels-fma.wasm", ["--enable", "relaxed-simd"]],
]) {
  const out = join(tmp, name);
  const options = "-O3 --noAssert --runtime stub --importMemory --enable simd".split(" ");
  const { error, stderr } = await asc.main([
    join(here, "kernels", "index.ts"),
    "-o",
    out,
    ...options,
    ...extra,
  ]);
  if (error) throw new Error(`${name}: ${error.message}\n${stderr}`);
  const built = readFileSync(out);
  const file = join(here, name);
  if (check) {
    if (!built.equals(readFileSync(file))) {
      stale++;
      console.error(`${name} is not what kernels/*.ts give: run node src/engine/wasm/build.mjs`);
    }
  } else {
    writeFileSync(file, built);
    console.log(`${name}: ${built.length} bytes`);
  }
}
rmSync(tmp, { recursive: true });
process.exitCode = stale ? 1 : 0;
