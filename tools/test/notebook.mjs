// Proves one notebook: runs it from top to bottom at smoke size, into a file that is thrown away,
// and compares its calls of exercises with the recorded ones.
import { join } from "node:path";
import { venvPython } from "../kit.mjs";
import { one, scratch } from "./runs.mjs";

export function notebook({ id }) {
  const out = join(scratch(), `${id}.ipynb`);
  const run = ["run", id, "--out", out, "--timeout", "240", "--calls", "check"];
  return one(
    `notebook ${id} at smoke size, and its calls of exercises as they are recorded`,
    venvPython,
    ["tools/lesson/notebook.py", ...run],
    { env: { LLM_SIZE: "smoke" } },
  );
}
