// The build of `llm`: it compiles again when something that it reads has changed, and only then;
// and nothing that was compiled from a file that has gone stays behind. A bare checkout with two
// small modules stands in for the course.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const checkout = resolve(__dirname, "../..");
const root = mkdtempSync(join(tmpdir(), "llm-build-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const write = (path: string, text: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
let builder: { build(options: { quiet: boolean }): boolean; stamp(): string };
const build = () => builder.build({ quiet: true });

beforeAll(async () => {
  for (const path of [
    "tools",
    "src/cli/options.cjs",
    "src/display/wrap.cjs",
    "tsconfig.json",
    "src/tsconfig.json",
    "solutions/tsconfig.json",
    "src/course/register.json",
  ])
    cpSync(join(checkout, path), join(root, path), { recursive: true });
  mkdirSync(join(root, "node_modules"));
  for (const name of ["typescript", "@types", "@typescript"])
    if (existsSync(join(checkout, "node_modules", name)))
      symlinkSync(join(checkout, "node_modules", name), join(root, "node_modules", name));
  write("package-lock.json", "{}");
  write("src/one.ts", 'import table from "./table.json";\nexport const one: number = table.one;\n');
  write("src/two.ts", "export const two = 2;\n");
  write("src/table.json", '{ "one": 1 }');
  write("src/course/lessons.ts", "export type Lessons = Record<string, unknown>;\n");
  write("src/engine/wasm/kernels.wasm", "binary");
  write("src/engine/wasm/kernels/gemm.ts", "// AssemblyScript");
  write("src/engine/wasm/worker.cjs", "// a worker");
  write("solutions/00-start-here.ts", "export const answer = 1;\n");
  builder = await import(pathToFileURL(join(root, "tools/build.mjs")).href);
});

test("the first build makes everything, the second nothing", () => {
  expect(build()).toBe(true);
  for (const file of ["one.js", "one.d.ts", "two.js", "table.json", "engine/wasm/worker.cjs"])
    expect(existsSync(join(root, "dist", file)), file).toBe(true);
  expect(existsSync(join(root, "dist/solutions/00-start-here.js"))).toBe(true);
  expect(readFileSync(join(root, "dist/course/lessons.d.ts"), "utf8")).toContain(
    '"00-start-here": typeof import("../solutions/00-start-here");',
  );
  expect(build()).toBe(false);
});

test.each([
  "tools/kit.mjs",
  "tools/build.mjs",
  "tools/gpu/gpu.py",
  "tools/bench/bench.mjs",
  "tools/new-tool.mjs",
  "src/engine/wasm/kernels/gemm.ts",
  "docs/page.md",
  "test/some.test.ts",
  "exercises/00-start-here.ts",
  "package.json",
])("%s is no input: it may change without a build", (path) => {
  const before = builder.stamp();
  write(path, "// something else, and of another length");
  expect(builder.stamp()).toBe(before);
});

test.each([
  "src/one.ts",
  "src/new.ts",
  "src/table.json",
  "src/engine/wasm/kernels.wasm",
  "src/engine/wasm/worker.cjs",
  "solutions/00-start-here.ts",
  "src/tsconfig.json",
  "tsconfig.json",
  "package-lock.json",
])("%s is an input: a change of it means a build", (path) => {
  const before = builder.stamp();
  write(path, "// something else, and of another length");
  expect(builder.stamp()).not.toBe(before);
});

test("what was compiled from a file that has moved is gone after the next build", () => {
  for (const path of ["tsconfig.json", "src/tsconfig.json"])
    cpSync(join(checkout, path), join(root, path));
  write("src/one.ts", 'export { two as one } from "./room/two";\n');
  write("src/table.json", "{}");
  rmSync(join(root, "src/two.ts"));
  rmSync(join(root, "src/new.ts"));
  write("src/room/two.ts", "export const two = 2;\n");
  expect(build()).toBe(true);
  expect(existsSync(join(root, "dist/room/two.js"))).toBe(true);
  for (const end of ["js", "js.map", "d.ts"])
    expect(existsSync(join(root, `dist/two.${end}`)), end).toBe(false);
  expect(existsSync(join(root, "dist/course/lessons.d.ts"))).toBe(true);
  expect(existsSync(join(root, "dist/solutions/00-start-here.js"))).toBe(true);
});
