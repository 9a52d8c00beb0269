// `npm run llamacpp`: installed whole or not at all, and checked. Each case is a bare copy of the
// tools; npm is a stand-in. Nothing is downloaded.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import pins from "../../../tools/llamacpp/pins.json";

const checkout = resolve(__dirname, "../../..");
const outer = mkdtempSync(join(tmpdir(), "llm-llamacpp-"));
afterAll(() => rmSync(outer, { recursive: true, force: true }));

let root = "";
let count = 0;
beforeEach(() => {
  root = join(outer, `a checkout ${++count}`);
  for (const path of ["tools", "src/cli/options.cjs", "src/display/wrap.cjs", "package.json"])
    cpSync(join(checkout, path), join(root, path), { recursive: true });
});

const { about: _, ...packages } = pins;
const locked = Object.fromEntries(
  Object.entries(packages).map(([name, { integrity }]) => [`node_modules/${name}`, { integrity }]),
);

/** Runs the command; `npm` is JavaScript, in which `folder` is where packages belong. */
function run(npm: string, { entry = "", lock = locked, platform = "linux-x64" } = {}) {
  const cli = join(outer, `npm${count}`, "npm-cli.cjs");
  mkdirSync(join(outer, `npm${count}`), { recursive: true });
  writeFileSync(
    cli,
    `const fs = require("node:fs"), path = require("node:path");
const folder = process.argv[process.argv.indexOf("--prefix") + 1];
fs.writeFileSync(${JSON.stringify(`${cli}.args`)}, JSON.stringify(process.argv.slice(2)));
const dist = path.join(folder, "node_modules/node-llama-cpp/dist");
fs.mkdirSync(dist, { recursive: true });
fs.writeFileSync(path.join(dist, "../package.json"), '{"type":"module"}');
fs.writeFileSync(path.join(dist, "index.js"), ${JSON.stringify(entry)});
fs.writeFileSync(path.join(folder, "package-lock.json"), ${JSON.stringify(JSON.stringify({ packages: lock }))});
${npm}`,
  );
  const [os, arch] = platform.split("-");
  const before = join(outer, `platform${count}.cjs`);
  writeFileSync(
    before,
    `Object.defineProperty(process, "platform", { value: "${os}" });
Object.defineProperty(process, "arch", { value: "${arch}" });`,
  );
  const tool = join(root, "tools/llamacpp/llamacpp.mjs");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["-r", before, tool], {
    encoding: "utf8",
    env: { ...process.env, npm_execpath: cli },
  });
  return { status, output: (stdout + stderr).replace(/\s+/g, " "), args: `${cli}.args` };
}
const starts = "export const getLlama = async () => ({ dispose: async () => {} });";
const nothingLeft = () =>
  expect(readdirSync(root).filter((name) => name.startsWith("llamacpp"))).toEqual([]);

describe("npm run llamacpp", () => {
  test("installs the pinned packages in a folder of their own, once", () => {
    const first = run("", { entry: starts });
    expect(first.output).toMatch(/llama.cpp is in llamacpp/);
    expect(first.status).toBe(0);
    const args = JSON.parse(readFileSync(first.args, "utf8"));
    expect(args).toContain("--omit=optional");
    expect(args).toContain("--ignore-scripts");
    for (const [name, { version }] of Object.entries(packages))
      expect(args).toContain(`${name}@${version}`);
    expect(existsSync(join(root, "llamacpp/node_modules/node-llama-cpp"))).toBe(true);
    expect(existsSync(join(root, "node_modules"))).toBe(false);
    expect(run("process.exit(1)", { entry: "" }).status).toBe(0); // npm is not asked again
  });

  test.each([
    [
      "there is no network",
      "console.error('npm error ENOTFOUND'); process.exit(1)",
      {},
      "npm reached no registry",
    ],
    ["npm fails", "console.error('npm error odd'); process.exit(1)", {}, "npm error odd"],
    [
      "a checksum is another",
      "",
      { entry: starts, lock: { ...locked, "node_modules/node-llama-cpp": { integrity: "x" } } },
      "node-llama-cpp has another checksum than the pinned one",
    ],
    [
      "it does not start",
      "",
      { entry: "throw new Error('GLIBC is too old')" },
      "does not start on this machine",
    ],
    ["the module is missing", "fs.rmSync(dist, { recursive: true })", {}, "its module is missing"],
    [
      "the platform is another",
      "",
      { entry: starts, platform: "darwin-arm64" },
      "for linux-x64 only, and this machine is darwin-arm64",
    ],
  ])("says so where %s, and leaves nothing", (_, npm, options, message) => {
    const { status, output } = run(npm, options);
    expect(output).toContain(message);
    expect(output).toContain("No lesson needs llama.cpp");
    expect(status).toBe(1);
    nothingLeft();
  });
});
