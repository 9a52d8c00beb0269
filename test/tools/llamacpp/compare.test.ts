// SmolLM2 in the course's GPT beside the real llama.cpp, where both are here.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { modelFolder } from "llm/checkpoint";
import { describe, expect, it } from "vitest";

const root = resolve(__dirname, "../../..");
const { llamaCppEntry } = (await import(resolve(root, "tools/llamacpp/llamacpp.mjs"))) as {
  llamaCppEntry: () => string | undefined;
};
const lacking = [
  ...(modelFolder("smollm2") ? [] : ["SmolLM2 (npm run model smollm2)"]),
  ...(llamaCppEntry() ? [] : ["llama.cpp (npm run llamacpp)"]),
];
if (lacking.length > 0)
  console.log(`the comparison with llama.cpp is skipped: not here: ${lacking.join(", ")}`);

describe.skipIf(lacking.length > 0)("npm run llamacpp:compare", () => {
  it("finds the same texts on the same weights, and near scores on the quantized file", () => {
    const tool = ["tools/run.mjs", "tools/llamacpp/compare.mjs", "--json"];
    const { stdout, stderr } = spawnSync(process.execPath, tool, {
      cwd: root,
      env: { ...process.env, INIT_CWD: root },
      encoding: "utf8",
    });
    expect(stdout, stderr).toMatch(/^\{/);
    const { tokenizer, exact, quantized } = JSON.parse(stdout);
    expect(tokenizer).toBe(true);
    expect(exact).toHaveLength(5);
    for (const { ours, theirs, same } of exact) {
      expect(ours).toBe(theirs);
      expect(same).toBe(true);
    }
    expect(quantized.best / quantized.positions).toBeGreaterThanOrEqual(0.93);
    expect(quantized.farthest).toBeLessThanOrEqual(0.5);
  }, 900_000);
});
