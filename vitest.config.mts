import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Tests read the shared module from its source, so that a failing test never means "forgot to
// build". Notebooks read it from dist/, which test/notebooks proves separately.
export default defineConfig({
  resolve: {
    alias: [
      { find: /^llm\/(.*)$/, replacement: fileURLToPath(new URL("./src/$1", import.meta.url)) },
    ],
  },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // The course is what is tested, not the answers of whoever works in this checkout.
    env: { LLM_ORIGINALS: "1" },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
