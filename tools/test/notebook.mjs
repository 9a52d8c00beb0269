// Proves one notebook: runs it from top to bottom at smoke size, into a file that is thrown away,
// and compares its calls of exercises with the recorded ones. The kernel starts in a folder as deep
// as the learner's (my-course/notebooks) that holds nothing: a cell that finds a file only from the
// course's own folder fails here, as it would for every learner.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, venvPython } from "../kit.mjs";
import { lessonFiles } from "../register.mjs";
import { one, scratch } from "./runs.mjs";

export async function notebook({ id }) {
  const out = join(scratch(), `${id}.ipynb`);
  const like = mkdtempSync(join(root, ".learner-"));
  const cwd = join(like, "notebooks");
  mkdirSync(cwd);
  const run = ["run", id, "--out", out, "--cwd", cwd, "--timeout", "240", "--calls", "check"];
  try {
    await one(
      `notebook ${id} at smoke size, from a folder like the learner's, and its calls of exercises`,
      venvPython,
      ["tools/lesson/notebook.py", ...run],
      { env: { LLM_SIZE: "smoke" } },
    );
  } finally {
    rmSync(like, { recursive: true, force: true });
  }
}

/** Lessons by how long their notebooks ran when their outputs were made. */
export function shortestFirst(lessons) {
  const seconds = ({ id }) =>
    JSON.parse(readFileSync(lessonFiles(id).notebook, "utf8")).metadata.llm?.ran?.seconds ?? 0;
  return lessons.toSorted((a, b) => seconds(a) - seconds(b));
}
