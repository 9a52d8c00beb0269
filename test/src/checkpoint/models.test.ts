import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { modelFolder } from "llm/checkpoint";
import { afterEach, expect, it, vi } from "vitest";

afterEach(() => vi.unstubAllEnvs());

it("modelFolder looks where LLM_MODELS says, and says nothing of models that are not there", () => {
  const folder = mkdtempSync(join(tmpdir(), "models-"));
  vi.stubEnv("LLM_MODELS", folder);
  expect(modelFolder("some-model")).toBeUndefined();
  mkdirSync(join(folder, "some-model"));
  expect(modelFolder("some-model")).toBe(join(folder, "some-model"));
  rmSync(folder, { recursive: true });
});
