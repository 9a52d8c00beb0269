// `npm run finetune` as a process: a table becomes a classifier that can be loaded; wrong tables are
// answered in a sentence, and nothing is written.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { saveCheckpoint } from "llm/checkpoint";
import { useEngine } from "llm/engine";
import { classify, loadClassifier, writeCsv } from "llm/finetune";
import { initGPT } from "llm/gpt";
import { disposeParams } from "llm/params";
import { CharTokenizer } from "llm/tokenizer";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = resolve(__dirname, "../../..");
let folder: string;
beforeAll(async () => {
  const build = spawnSync(process.execPath, [join(root, "tools/build.mjs")], { encoding: "utf8" });
  if (build.status !== 0) throw new Error(build.stderr);
  await useEngine({ prefer: "wasm", quiet: true });
  folder = mkdtempSync(join(tmpdir(), "llm-finetune-cli-"));
  const tokenizer = CharTokenizer.train("abcdefg ");
  const model = {
    ...{ family: "llama" as const, vocabSize: tokenizer.vocabSize, blockSize: 8, nLayer: 1 },
    ...{ nHead: 1, nEmbd: 8, dropout: 0, bias: false },
  };
  const params = initGPT(model, { seed: 1 });
  mkdirSync(join(folder, "base"));
  const info = { step: 0, kind: "gpt", model, tokenizer: tokenizer.toJSON() };
  await saveCheckpoint(join(folder, "base"), { params }, info);
  disposeParams(params);
  const rows = Array.from({ length: 40 }, (_, i) => ({
    text: `${"cdefg"[i % 5]}${"ab"[i % 2]}`,
    label: ["one", "two"][i % 2],
  }));
  writeFileSync(join(folder, "good.csv"), writeCsv(rows, ["text", "label"]));
  writeFileSync(join(folder, "empty.csv"), "text,label\nab,one\n,two\n");
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const line = [join(root, "dist/cli/finetune.js"), "--base", join(folder, "base"), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, line, {
    ...{ cwd: folder, encoding: "utf8" as const },
    env: { ...process.env, LLM_ENGINE: "wasm" },
  });
  return { status, output: stdout + stderr };
}
const sizes = ["--length", "8", "--steps", "50", "--lr", "0.01", "--batch", "8"];

test("a table becomes a classifier", () => {
  const out = join(folder, "run");
  const data = ["--data", join(folder, "good.csv")];
  const { status, output } = run(...data, "--task", "classify", "--out", out, ...sizes);
  expect(output).toContain("labels: one, two");
  expect(output).toContain("loadClassifier(");
  expect(status).toBe(0);
  const model = loadClassifier(join(out, "model"));
  expect(classify(model, "ga").label).toBe("one");
  expect(classify(model, "cb").label).toBe("two");
  disposeParams(model.params);
  // The folder holds a run already.
  const again = run(...data, "--out", out, ...sizes);
  expect(again.status).toBe(1);
  expect(again.output).toContain("already holds a run");
}, 60_000);

test("what cannot be learnt is refused in a sentence", () => {
  const out = join(folder, "none");
  const empty = run("--data", join(folder, "empty.csv"), "--out", out, ...sizes);
  expect(empty.output).toMatch(
    /^finetune: readLabelled: expected a text in example 2 of .*empty.csv/,
  );
  const missing = run("--data", join(folder, "nowhere.csv"), "--out", out);
  expect(missing.output).toContain("nowhere.csv: no such file");
  const tag = run("--task", "tag", "--data", join(folder, "good.csv"), "--out", out);
  expect(tag.output).toContain('expected a column "sentence"');
  const part = run("--train", "half", "--data", join(folder, "good.csv"), "--out", out);
  expect(part.output).toContain("expected all, none or a number of blocks, got half");
  expect([empty.status, missing.status, tag.status, part.status]).toEqual([1, 1, 1, 2]);
  expect(existsSync(out)).toBe(false);
}, 60_000);
