// A learner's own checkout: `npm test` judges the course, and answers in exercises/ are no part of
// it. Their types and results are the business of `npm run check`, their style is nobody's. So
// files of exercises/ that differ from the committed ones are left out of linting and
// type-checking, as the lessons' tests take the committed stubs instead.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Files of exercises/ that somebody has written answers into, as paths from the root. Where there
 * is no git to ask (a downloaded archive), all of them: they were judged before they were shipped.
 */
export function editedExercises(root) {
  // Modified ones only: a file that is not committed yet is a new lesson's, and nobody's answer.
  const asked = ["diff", "--name-only", "--diff-filter=M", "--relative", "HEAD", "--", "exercises"];
  const git = spawnSync("git", asked, { cwd: root, encoding: "utf8" });
  const all = readdirSync(join(root, "exercises")).map((file) => `exercises/${file}`);
  const edited = git.status === 0 ? git.stdout.split("\n") : all;
  return edited.filter((file) => file.endsWith(".ts") && existsSync(join(root, file)));
}

/** What the linter is pointed at: everything, or everything but the edited files. */
export function lintTargets(root, edited) {
  if (edited.length === 0) return ["."];
  const others = readdirSync(root).filter(
    (name) => !["exercises", "node_modules", ".git"].includes(name),
  );
  const exercises = readdirSync(join(root, "exercises")).map((file) => `exercises/${file}`);
  return [...others, ...exercises.filter((file) => file.endsWith(".ts") && !edited.includes(file))];
}

/** The project the type-checker reads: the course's own, or one without the edited files. */
export function typeProject(root, edited) {
  if (edited.length === 0) return root;
  const { include, exclude } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8"));
  const above = (path) => `../${path}`;
  return writeProject(root, ".llm-tsconfig.json", {
    include: include.map(above),
    exclude: [...exclude, ...edited].map(above),
  });
}

/** A project of some files and what they import. @param files paths from the root */
export const projectOf = (root, files) =>
  writeProject(root, ".llm-lesson.tsconfig.json", {
    files: files.map((path) => `../${path}`),
    include: [],
  });

/** Writes a project that stands on the course's own, where nothing else looks. @returns its file */
function writeProject(root, name, about) {
  const file = join(root, "node_modules", name);
  const config = {
    extends: "../tsconfig.json",
    compilerOptions: { paths: { "llm/*": ["../src/*"] } },
    ...about,
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}
