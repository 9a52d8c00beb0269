// What is kept from stderr while a library is loaded leaves nothing behind.
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = resolve(__dirname, "../../../..");
const script = join(root, "node_modules", `.quiet-${process.pid}.cjs`);
afterAll(() => rmSync(script, { force: true }));

test("with a pipe as stderr, modules keep their one name", () => {
  // From a file in the course's folder, whose `llm` is a link that has to be followed.
  writeFileSync(
    script,
    `require("llm/engine");
const { withoutStderr } = require("../dist/engine/native/quiet.js");
withoutStderr(() => 0);
console.log(require.resolve("llm/gpt"));
console.error("heard");`,
  );
  const { stdout, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8" });
  expect(stdout.trim()).toBe(join(root, "dist", "gpt", "index.js"));
  expect(stderr).toContain("heard");
});
