// A learner's answers do not make `npm test` fail: what is edited in exercises/ is not linted and
// not type-checked there.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const checkout = resolve(__dirname, "../../..");
const { editedExercises, lintTargets, typeProject } = (await import(
  pathToFileURL(join(checkout, "tools/lesson/edited.mjs")).href
)) as {
  editedExercises: (root: string) => string[];
  lintTargets: (root: string, edited: string[]) => string[];
  typeProject: (root: string, edited: string[]) => string;
};
const root = mkdtempSync(join(tmpdir(), "llm-edited-"));
const sh = (command: string, ...args: string[]) =>
  spawnSync(command, args, { cwd: root, encoding: "utf8" });
const program = (...path: string[]) => join(checkout, "node_modules", ...path);
const tsc = (project: string) =>
  sh(process.execPath, program("typescript/bin/tsc"), "-p", project, "--pretty", "false");
const lint = (targets: string[]) =>
  sh(
    process.execPath,
    program("@biomejs/biome/bin/biome"),
    "ci",
    "--error-on-warnings",
    ...targets,
  );
const ugly = "export function   first( x : number )  { var y = x; return y.length }\n";

beforeAll(() => {
  for (const file of ["tsconfig.json", "biome.json"])
    cpSync(join(checkout, file), join(root, file));
  for (const folder of ["exercises", "src", "node_modules"]) mkdirSync(join(root, folder));
  symlinkSync(program("@types"), join(root, "node_modules/@types"));
  for (const name of ["00-one", "01-two"])
    writeFileSync(join(root, `exercises/${name}.ts`), "export const n = 1;\n");
  for (const args of [
    ["init", "-q"],
    ["add", "."],
    ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "x"],
  ])
    expect(sh("git", ...args).status).toBe(0);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("an untouched checkout is judged whole", () => {
  expect(editedExercises(root)).toEqual([]);
  expect(lintTargets(root, [])).toEqual(["."]);
  expect(typeProject(root, [])).toBe(root);
});

test("an edited file is left out, the others are not; a new one is the course's", () => {
  writeFileSync(join(root, "exercises/00-one.ts"), ugly);
  const edited = editedExercises(root);
  expect(edited).toEqual(["exercises/00-one.ts"]);
  expect(tsc(root).status).not.toBe(0);
  expect(lint(["."]).status).not.toBe(0);
  expect(tsc(typeProject(root, edited)).stdout).toBe("");
  expect(lint(lintTargets(root, edited)).status).toBe(0);

  writeFileSync(join(root, "exercises/02-new.ts"), ugly);
  expect(editedExercises(root)).toEqual(edited);
  expect(tsc(typeProject(root, edited)).stdout).toMatch(/02-new/);
  expect(lint(lintTargets(root, edited)).status).not.toBe(0);
  sh("git", "add", "exercises/02-new.ts");
  expect(editedExercises(root)).toEqual(edited);
  sh("git", "rm", "-q", "--cached", "exercises/02-new.ts");
  rmSync(join(root, "exercises/02-new.ts"));
});

test("without git every exercise is the learner's; a file that was deleted is nobody's", () => {
  rmSync(join(root, "exercises/01-two.ts"));
  expect(editedExercises(root)).toEqual(["exercises/00-one.ts"]);
  rmSync(join(root, ".git"), { recursive: true });
  expect(editedExercises(root)).toEqual(["exercises/00-one.ts"]);
  expect(readFileSync(join(root, "exercises/00-one.ts"), "utf8")).toBe(ugly);
});
