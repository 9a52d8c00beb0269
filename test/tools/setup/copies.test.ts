// The learner's copies of lessons: made, renewed, and never lost, whatever the course and the
// learner do to their files between two starts.
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";

const outer = mkdtempSync(join(tmpdir(), "llm-copies-"));
afterAll(() => rmSync(outer, { recursive: true, force: true }));
const NOTEBOOK = "notebooks/00-start.ipynb";
const EXERCISES = "exercises/00-start.ts";
const PATHS = [NOTEBOOK, EXERCISES, "docs/page.md"];
/** The text of a notebook that links to the page, so that the page is copied, too. */
const LINK = "[page](../docs/page.md)";
let number = 0;

interface Checkout {
  root: string;
  course(path: string, text?: string): void;
  mine(path: string, text: string): void;
  /** A file of the learner's folder, or undefined where there is none. */
  own(path: string): string | undefined;
  renew(): string[];
}

const registerOf = (lesson: object) =>
  JSON.stringify({
    learnersFolder: "my-course",
    files: { notebook: "notebooks/{id}.ipynb", exercises: "exercises/{id}.ts" },
    parts: [{ title: "I", lessons: [lesson] }],
  });

/** A checkout of a course with one lesson, and its tool. */
async function makeCheckout(): Promise<Checkout> {
  const root = join(outer, `my course 课程 ${++number}`);
  for (const path of ["tools/kit.mjs", "tools/register.mjs", "tools/setup/copies.mjs"])
    cpSync(path, join(root, path));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("src/course/register.json", registerOf({ number: "00", name: "start", title: "Start" }));
  const { renewCopies } = await import(pathToFileURL(join(root, "tools/setup/copies.mjs")).href);
  return {
    root,
    renew: renewCopies,
    course: (path, text) => (text === undefined ? rmSync(join(root, path)) : put(path, text)),
    mine: (path, text) => put(join("my-course", path), text),
    own: (path) => {
      const file = join(root, "my-course", path);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
  };
}

async function makeCourse(): Promise<Checkout> {
  const checkout = await makeCheckout();
  checkout.course(NOTEBOOK, `course 1 ${LINK}`);
  for (const path of PATHS.slice(1)) checkout.course(path, "course 1");
  return checkout;
}

const filesOf = (folder: string, at = ""): string[] =>
  readdirSync(join(folder, at), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(folder, join(at, entry.name)) : [join(at, entry.name)],
  );

describe("an update of the course", () => {
  test("copies are made once; one that nobody changed follows the course", async () => {
    const { root, course, own, renew } = await makeCourse();
    expect(renew()).toEqual([]);
    for (const path of PATHS) expect(own(path)).toMatch(/^course 1/);
    course(NOTEBOOK, `course 2 ${LINK}`);
    expect(renew()).toEqual([]);
    expect(own(NOTEBOOK)).toMatch(/^course 2/);
    const before = statSync(join(root, "my-course", NOTEBOOK)).mtimeMs;
    expect(renew()).toEqual([]);
    expect(statSync(join(root, "my-course", NOTEBOOK)).mtimeMs).toBe(before);
  });

  test("a copy that the learner changed stays, and the new version lies beside it", async () => {
    const { course, mine, own, renew } = await makeCourse();
    renew();
    mine(NOTEBOOK, "mine");
    expect(renew()).toEqual([]);
    course(NOTEBOOK, `course 2 ${LINK}`);
    expect(renew()).toEqual([
      "my-course/notebooks/00-start.ipynb has changes of yours and stays. The course's new " +
        "version is beside it: notebooks/00-start (new version).ipynb.",
    ]);
    expect(own(NOTEBOOK)).toBe("mine");
    expect(own("notebooks/00-start (new version).ipynb")).toMatch(/^course 2/);
    expect(renew(), "it is said once").toEqual([]);
    // The next update takes the same place, unless the learner has worked there as well.
    course(NOTEBOOK, `course 3 ${LINK}`);
    renew();
    expect(own("notebooks/00-start (new version).ipynb")).toMatch(/^course 3/);
    mine("notebooks/00-start (new version).ipynb", "mine, too");
    course(NOTEBOOK, `course 4 ${LINK}`);
    renew();
    expect(own("notebooks/00-start (new version).ipynb")).toBe("mine, too");
    expect(own("notebooks/00-start (new version 2).ipynb")).toMatch(/^course 4/);
    expect(own(NOTEBOOK)).toBe("mine");
  });

  test("a write-protected copy and one that cannot be read are left alone", async () => {
    const { root, course, own, renew } = await makeCourse();
    renew();
    chmodSync(join(root, "my-course", EXERCISES), 0o444);
    rmSync(join(root, "my-course", NOTEBOOK));
    mkdirSync(join(root, "my-course", NOTEBOOK));
    course(EXERCISES, "course 2");
    expect(renew().sort()).toEqual([
      expect.stringContaining("exercises/00-start.ts has changes of yours and stays"),
      "my-course/notebooks/00-start.ipynb cannot be read, and is left alone.",
    ]);
    expect(own(EXERCISES)).toBe("course 1");
    expect(own("exercises/00-start (new version).ts")).toBe("course 2");
  });

  test("a lesson that gets another number takes the learner's answers along", async () => {
    const { root, course, mine, own, renew } = await makeCourse();
    renew();
    mine(EXERCISES, "mine");
    for (const path of [NOTEBOOK, EXERCISES]) {
      const text = readFileSync(join(root, path), "utf8");
      course(path);
      course(path.replace("00-", "01-"), text);
    }
    const register = registerOf({ number: "01", name: "start", title: "Start" });
    course("src/course/register.json", register);
    const script = "import('./tools/setup/copies.mjs').then((m) => console.log(m.renewCopies()))";
    const said = execFileSync(process.execPath, ["-e", script], { cwd: root, encoding: "utf8" });
    expect(said).toContain("00-start.ts is now 01-start.ts");
    expect(own(EXERCISES)).toBeUndefined();
    expect(own("exercises/01-start.ts")).toBe("mine");
  });

  test("where the folder cannot be made it says so, and lessons open as they are", async () => {
    const { root, course } = await makeCourse();
    course("my-course", "a file of that name");
    const script = "import('./tools/setup/copies.mjs').then((m) => console.log(m.renewAndSay()))";
    const said = execFileSync(process.execPath, ["-e", script], { cwd: root, encoding: "utf8" });
    expect(said).toMatch(/could not be made.*Lessons open from the course's own folders.*\nfalse/);
  });
});

test("answers and progress in the checkout itself are taken along, and survive its clean-up", async () => {
  const { root, course, mine, own, renew } = await makeCourse();
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: root });
  git("init", "-q");
  git("add", ".");
  git("commit", "-qm", "the course");
  course(EXERCISES, "mine");
  course("exercises/progress.json", "{}");
  expect(renew()).toEqual([
    "exercises/00-start.ts holds work of yours: it is copied to my-course/exercises/00-start.ts. " +
      "Go on there.",
    "Your progress is now kept in my-course/progress.json.",
  ]);
  expect(renew()).toEqual([]);
  // What is written into the old place later is noticed, once.
  course(EXERCISES, "mine, later");
  expect(renew()).toEqual([
    "exercises/00-start.ts was changed in the course's own folder. Checks read yours: " +
      "my-course/exercises/00-start.ts.",
  ]);
  expect(renew()).toEqual([]);
  git("checkout", "-q", "exercises");
  expect(renew()).toEqual([]);
  expect(own(EXERCISES)).toBe("mine");
  expect(own("progress.json")).toBe("{}");
  rmSync(join(root, "my-course/progress.json"));
  renew();
  expect(own("progress.json"), "begun anew").toBeUndefined();
  mine(EXERCISES, "mine, done");
  course(EXERCISES, "course 2");
  git("commit", "-qam", "an update");
  renew();
  expect(own(EXERCISES)).toBe("mine, done");
  expect(own("exercises/00-start (new version).ts")).toBe("course 2");
});

type Step = { does: string; path: string };
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    does: fc.constantFrom(
      ...["update", "update", "remove", "edit", "edit", "delete", "rename", "lock", "unlock"],
      ...["folder", "edit the new version", "break .origins.json", "delete .origins.json"],
    ),
    path: fc.constantFrom(...PATHS),
  }),
  { minLength: 2, maxLength: 14 },
);

test("nothing of a learner's is ever lost, and what nobody changed is the course's", {
  timeout: 120_000,
}, async () => {
  const property = fc.asyncProperty(steps, async (list) => {
    const { root, course, mine, own, renew } = await makeCourse();
    const folder = join(root, "my-course");
    renew();
    let forgotten = false;
    for (const [i, { does, path }] of list.entries()) {
      const text = path === NOTEBOOK ? `${i + 2} ${LINK}` : `${i + 2}`;
      const file = join(folder, path);
      const isFile = existsSync(file) && statSync(file).isFile();
      if (does === "update") course(path, `course ${text}`);
      if (does === "remove" && existsSync(join(root, path))) course(path);
      if (does === "edit" && isFile) {
        chmodSync(file, 0o644);
        mine(path, `mine ${text}`);
      }
      if (does === "delete" && isFile) rmSync(file);
      if (does === "rename" && isFile) {
        cpSync(file, join(folder, `renamed ${i}`));
        rmSync(file);
      }
      if (does === "lock" && isFile) chmodSync(file, 0o444);
      if (does === "unlock" && isFile) chmodSync(file, 0o644);
      if (does === "folder" && isFile) {
        rmSync(file);
        mkdirSync(file);
      }
      if (does === "edit the new version")
        for (const laid of filesOf(folder).filter((name) => name.includes("(new version")))
          mine(laid, `mine ${text} ${laid}`);
      if (does.endsWith(".origins.json")) forgotten = true;
      if (does === "break .origins.json") mine(".origins.json", "{ cut");
      if (does === "delete .origins.json") rmSync(join(folder, ".origins.json"), { force: true });

      const learners = filesOf(folder).filter((name) => /^mine/.test(own(name) ?? ""));
      const before = learners.map((name) => [name, own(name)]);
      const saying = renew();
      expect(learners.map((name) => [name, own(name)])).toEqual(before);
      expect(filesOf(folder).filter((name) => name.endsWith(".tmp"))).toEqual([]);
      if (existsSync(join(root, NOTEBOOK)))
        for (const copied of PATHS.filter((name) => existsSync(join(root, name)))) {
          const copy = join(folder, copied);
          if (!statSync(copy).isFile()) {
            expect(saying.join("\n")).toContain(`my-course/${copied} cannot be read`);
            continue;
          }
          const now = readFileSync(join(root, copied), "utf8");
          const isLearners = /^mine/.test(own(copied) ?? "");
          const isLocked = (statSync(copy).mode & 0o200) === 0;
          if (!isLearners && !isLocked && !forgotten) expect(own(copied)).toBe(now);
        }
      const again = renew().filter((sentence) => !sentence.includes("cannot be read"));
      expect(again, "a second start has nothing to say").toEqual([]);
    }
  });
  await fc.assert(property, { numRuns: 25, seed: 20261126 });
});

test("whatever a lesson links to is copied with it", async () => {
  const { copiedFiles } = await import(pathToFileURL("tools/setup/copies.mjs").href);
  const copied = new Set<string>(copiedFiles());
  for (const file of readdirSync("notebooks").filter((name) => name.endsWith(".ipynb"))) {
    const { cells } = JSON.parse(readFileSync(join("notebooks", file), "utf8"));
    const texts = cells.filter((cell: { cell_type: string }) => cell.cell_type === "markdown");
    const links = texts.flatMap(({ source }: { source: string | string[] }) =>
      [
        ...[source]
          .flat()
          .join("")
          .matchAll(/\]\((?!https?:|#)([^)#\s]+)/g),
      ].map(([, to]) => to),
    );
    expect(links.length).toBeGreaterThan(0);
    for (const link of links)
      expect(copied, `${file}: ${link}`).toContain(join("notebooks", link).replaceAll("\\", "/"));
  }
});
