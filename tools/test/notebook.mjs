// Proves one notebook: runs it from top to bottom at smoke size, into a file that is thrown away,
// and compares its calls of exercises with the recorded ones.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { venvPython } from "../kit.mjs";
import { lessonFiles } from "../register.mjs";
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

/** Lessons by how long their notebooks ran when their outputs were made. */
export function shortestFirst(lessons) {
  const seconds = ({ id }) =>
    JSON.parse(readFileSync(lessonFiles(id).notebook, "utf8")).metadata.llm?.ran?.seconds ?? 0;
  return lessons.toSorted((a, b) => seconds(a) - seconds(b));
}
