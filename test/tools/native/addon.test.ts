// The addition to tfjs-node's addon goes into the sources that package.json pins, and into no
// others.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { addonSources } = (await import(join(root, "tools/native/addon.mjs"))) as {
  addonSources: (from: string, to: string) => string[];
};
const folder = mkdtempSync(join(tmpdir(), "llm-addon-"));
const binding = join(root, "node_modules/@tensorflow/tfjs-node-gpu/binding");
afterAll(() => rmSync(folder, { recursive: true }));

test("adds the functions to a copy and leaves the package as it is", () => {
  const before = readFileSync(join(binding, "tfjs_binding.cc"), "utf8");
  const files = addonSources(binding, join(folder, "copy"));
  const all = files.map((file) => readFileSync(file, "utf8")).join("\n");
  for (const call of ["TFE_ContextAddFunctionDef(", "TFE_ContextRemoveFunction("])
    expect(all).toContain(call);
  expect(all).toMatch(/SignalsWait signals_wait;.*\n +TFE_Execute\(/);
  for (const name of ["addFunction", "removeFunction", "allowTf32"])
    expect(all).toContain(`{"${name}", nullptr,`);
  expect(readFileSync(join(binding, "tfjs_binding.cc"), "utf8")).toBe(before);
});

test("refuses sources that are not the pinned ones", () => {
  const other = join(folder, "other");
  cpSync(binding, other, { recursive: true });
  const file = join(other, "tfjs_backend.cc");
  writeFileSync(
    file,
    readFileSync(file, "utf8").replace(
      "GetNumOfSavedModels(napi_env env) {",
      "Renamed(napi_env env) {",
    ),
  );
  expect(() => addonSources(other, join(folder, "out"))).toThrow(
    /tfjs_backend\.cc is not the one of version 4\.22\.0/,
  );
});
