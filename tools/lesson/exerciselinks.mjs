// The links from a notebook to the functions of its exercise file, with the line at which each
// stands: "[Open the exercise `causalMask`](../exercises/06-attention.ts#L57)". JupyterLab with the
// course's extension opens the file beside the notebook, at the function that the link names;
// GitHub goes to the line. The check's cell names the functions, and sync.mjs does the rest: it
// puts the lines right, and where the text before a check has no link to a function, it adds one.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  functionNamed,
  functionsOf,
} from "../../jupyter/labextensions/course-lab/static/functions.js";
import { root } from "../kit.mjs";
import { lessonPaths } from "../register.mjs";
import { editedExercises } from "./edited.mjs";

/**
 * The functions of a lesson's stubs, as { name, line, top, minutes }; of the committed ones where a
 * learner has written answers into the file, and undefined where there are no stubs to be had.
 */
export function stubsOf(lesson) {
  const text = stubText(lesson);
  if (text === undefined) return undefined;
  const lines = text.split("\n");
  return functionsOf(text).map((stub) => {
    const comment = lines.slice(stub.top, stub.line).join("\n");
    return { ...stub, minutes: Number(/@minutes\s+([\d.]+)/.exec(comment)?.[1] ?? 0) };
  });
}

function stubText({ id }) {
  const { exercises } = lessonPaths(id);
  if (editedExercises(root).includes(exercises)) {
    const git = spawnSync("git", ["show", `HEAD:./${exercises}`], { cwd: root, encoding: "utf8" });
    return git.status === 0 ? git.stdout : undefined;
  }
  const file = join(root, exercises);
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** The names in a code cell's `check("06-attention", { only: ["causalMask"] })`, or none. */
export function checkedBy(code) {
  const only = /\bcheck\(\s*["'][^"']+["']\s*,\s*\{[^}]*\bonly:\s*\[([^\]]*)\]/.exec(code)?.[1];
  return [...(only ?? "").matchAll(/["']([\w$]+)["']/g)].map(([, name]) => name);
}

/**
 * A text cell with its links to exercises as they should be.
 * @param options.checked the names of the functions that the next cell checks
 */
export function withExerciseLinks(source, lesson, stubs, { checked = [] } = {}) {
  const path = `../${lessonPaths(lesson.id).exercises}`;
  const to = ({ top }) => `${path}#L${top + 1}`;
  const linked = new Set();
  const own = new RegExp(
    String.raw`\[([^\]\n]*)\]\(\.\./exercises/\d\d-${lesson.name}\.ts(?:#\w+)?\)`,
    "g",
  );
  const mended = source.replace(own, (_, text) => {
    const stub = functionNamed(text, stubs);
    if (stub) linked.add(stub.name);
    return `[${text}](${stub ? to(stub) : path})`;
  });
  const missing = stubs.filter(({ name }) => checked.includes(name) && !linked.has(name));
  if (missing.length === 0) return mended;
  const links = missing.map((stub) => `[Open the exercise \`${stub.name}\`](${to(stub)})`);
  return `${mended.trimEnd()}\n\n${links.join(" · ")}`;
}
