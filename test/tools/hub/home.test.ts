// A learner's folder on a hub: made beside a course that nobody can write to, renewed at each start,
// and never a loss to the learner, however often and however badly servers start. Without JupyterHub;
// ./hub.test.ts has it.
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";

const outer = mkdtempSync(join(tmpdir(), "llm-hub-home-"));
afterAll(() => rmSync(outer, { recursive: true, force: true }));
const NOTEBOOK = "notebooks/00-start.ipynb";
const EXERCISES = "exercises/00-start.ts";
const boxed =
  spawnSync("bwrap", ["--dev-bind", "/", "/", "true"], { stdio: "ignore" }).status === 0;
if (!boxed)
  console.log("skipped: a course that is really read-only, because bubblewrap does not run here");
let number = 0;

const lesson = (n: string) => ({ number: n, name: "start", title: "Start" });
const registerOf = (...lessons: object[]) =>
  JSON.stringify({
    learnersFolder: "my-course",
    files: { notebook: "notebooks/{id}.ipynb", exercises: "exercises/{id}.ts" },
    parts: [{ title: "I", lessons }],
  });

/** A course with one lesson, and a home; both names hold a space and Chinese characters. */
function makeCourse() {
  const folder = join(outer, `学期 ${++number}`);
  const [course, home] = [join(folder, "the course"), join(folder, "homes", "ada 爱达")];
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(course, path)), { recursive: true });
    writeFileSync(join(course, path), text);
  };
  for (const path of ["kit", "register", "setup/copies", "hub/home"])
    cpSync(`tools/${path}.mjs`, join(course, `tools/${path}.mjs`));
  cpSync("tools/hub/singleuser.sh", join(course, "tools/hub/singleuser.sh"));
  put("src/course/register.json", registerOf(lesson("00")));
  put("node_modules/llm/index.js", "module.exports = 1;");
  put("teaching/roster.csv", "ada,secret");
  put(".git/HEAD", "");
  put(NOTEBOOK, "course 1");
  put(EXERCISES, "course 1");
  mkdirSync(home, { recursive: true });
  const own = join(home, "course");
  const script = join(course, "tools/hub/home.mjs");
  const env = { ...process.env, LLM_ROOT: own };
  return {
    course,
    home,
    own,
    put,
    start: () => spawnSync(process.execPath, [script], { encoding: "utf8", env }),
    startReadOnly: () =>
      spawnSync(
        "bwrap",
        ["--dev-bind", "/", "/", "--ro-bind", course, course, process.execPath, script],
        { encoding: "utf8", env },
      ),
    startLater: () => promisify(execFile)(process.execPath, [script], { env }),
    begin: (): ChildProcess => spawn(process.execPath, [script], { stdio: "ignore", env }),
    mine: (path: string) => {
      const file = join(own, "my-course", path);
      return existsSync(file) ? readFileSync(file, "utf8") : undefined;
    },
    write: (path: string, text: string) => writeFileSync(join(own, "my-course", path), text),
  };
}

const filesOf = (folder: string, at = ""): string[] =>
  readdirSync(join(folder, at), { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesOf(folder, join(at, entry.name)) : [join(at, entry.name)],
  );

describe("the first start", () => {
  test("makes copies of the lessons, and links to all else that the course holds", () => {
    const { course, own, start, mine } = makeCourse();
    const { status, stdout } = start();
    expect([status, stdout]).toEqual([0, `Made ${join(own, "my-course")}.\n`]);
    expect(mine(NOTEBOOK)).toBe("course 1");
    expect(mine(EXERCISES)).toBe("course 1");
    const names = ["exercises", "node_modules", "notebooks", "src", "tools"];
    expect(readdirSync(own).sort()).toEqual([...names, "my-course"].sort());
    for (const name of names) expect(readlinkSync(join(own, name))).toBe(join(course, name));
    expect(lstatSync(join(own, "my-course")).isSymbolicLink()).toBe(false);
  });

  test("gives nobody the teacher's folder", () => {
    const { own, start } = makeCourse();
    start();
    expect(existsSync(join(own, "teaching"))).toBe(false);
    expect(existsSync(join(own, ".git"))).toBe(false);
  });

  test.skipIf(!boxed)("needs nothing that could be written to but the home", () => {
    const { course, own, startReadOnly, mine } = makeCourse();
    const before = filesOf(course);
    expect(startReadOnly().status).toBe(0);
    expect(startReadOnly().status).toBe(0);
    expect(mine(NOTEBOOK)).toBe("course 1");
    expect(filesOf(course)).toEqual(before);
    expect(existsSync(join(own, "my-course/news.txt"))).toBe(false);
  });

  test("refuses the course's own folder", () => {
    const { course } = makeCourse();
    const env = { ...process.env, LLM_ROOT: "" };
    const script = join(course, "tools/hub/home.mjs");
    const { status, stderr } = spawnSync(process.execPath, [script], { encoding: "utf8", env });
    expect(status).toBe(1);
    expect(stderr).toContain("hub: expected a learner's folder in LLM_ROOT");
    expect(existsSync(join(course, "my-course"))).toBe(false);
  });
});

describe("a later start", () => {
  test("keeps what the learner wrote, lays what is new beside it, and says so", () => {
    const { own, put, start, mine, write } = makeCourse();
    start();
    write(EXERCISES, "my answer");
    mkdirSync(join(own, "runs"));
    put(NOTEBOOK, "course 2");
    put(EXERCISES, "course 2");
    put("notebooks/01-start.ipynb", "a new lesson");
    put("src/course/register.json", registerOf(lesson("00"), lesson("01")));
    const { status, stdout } = start();
    expect(status).toBe(0);
    expect(mine(EXERCISES)).toBe("my answer");
    expect(mine("exercises/00-start (new version).ts")).toBe("course 2");
    expect(mine(NOTEBOOK)).toBe("course 2");
    expect(mine("notebooks/01-start.ipynb")).toBe("a new lesson");
    expect(stdout).toContain("my-course/exercises/00-start.ts has changes of yours and stays");
    expect(mine("news.txt")).toMatch(/^\d{4}-\d\d-\d\d my-course\/exercises\/00-start\.ts has /);
    const news = mine("news.txt");
    expect(start().stdout).toBe("");
    expect(mine("news.txt")).toBe(news);
    expect(existsSync(join(own, "runs"))).toBe(true);
  });

  test("follows a course that has moved, and leaves a learner's own files and links", () => {
    const { course, own, put, start } = makeCourse();
    put("old.md", "old");
    start();
    rmSync(join(own, "tools"));
    writeFileSync(join(own, "tools"), "mine");
    writeFileSync(join(own, "notes.txt"), "mine");
    rmSync(join(course, "old.md"));
    const moved = `${course} 2`;
    renameSync(course, moved);
    const env = { ...process.env, LLM_ROOT: own };
    const script = join(moved, "tools/hub/home.mjs");
    const { stdout } = spawnSync(process.execPath, [script], { encoding: "utf8", env });
    expect(stdout).toContain("tools is a file of yours, and hides the course's.");
    expect(readFileSync(join(own, "tools"), "utf8")).toBe("mine");
    expect(readFileSync(join(own, "notes.txt"), "utf8")).toBe("mine");
    expect(readlinkSync(join(own, "notebooks"))).toBe(join(moved, "notebooks"));
  });

  test("removes a link to what the course has no longer", () => {
    const { course, own, put, start } = makeCourse();
    put("old.md", "old");
    start();
    expect(readdirSync(own)).toContain("old.md");
    rmSync(join(course, "old.md"));
    start();
    expect(readdirSync(own)).not.toContain("old.md");
  });
});

describe("starts that go wrong", () => {
  test("a copy that is killed is made whole by the next start", async () => {
    const { own, put, start, begin, mine } = makeCourse();
    // So large that a kill at the sight of a file comes while it is being written.
    const texts = ["0", "1", "2"].map((letter) => letter.repeat(16_000_000));
    const name = (i: number) => `0${i}`;
    put("src/course/register.json", registerOf(...texts.map((_, i) => lesson(name(i)))));
    texts.forEach((text, i) => {
      put(`notebooks/${name(i)}-start.ipynb`, text);
    });
    let killed = 0;
    for (const files of [1, 3]) {
      rmSync(own, { recursive: true, force: true });
      const child = begin();
      const ended = new Promise((done) => child.once("exit", done));
      const copies = () =>
        existsSync(join(own, "my-course/notebooks"))
          ? readdirSync(join(own, "my-course/notebooks")).length
          : 0;
      while (child.exitCode === null && copies() < files)
        await new Promise((next) => setImmediate(next));
      child.kill("SIGKILL");
      await ended;
      if (child.signalCode === "SIGKILL") killed++;
      expect(start().status).toBe(0);
      for (let i = 0; i < texts.length; i++)
        expect(mine(`notebooks/${name(i)}-start.ipynb`) === texts[i], `lesson ${i}`).toBe(true);
      expect(readdirSync(join(own, "my-course")).join()).not.toContain("new version");
    }
    expect(killed).toBeGreaterThan(0);
  });

  test("four starts at once end in one whole folder", async () => {
    const { own, startLater, mine, put, write, start } = makeCourse();
    await Promise.all([startLater(), startLater(), startLater(), startLater()]);
    expect(mine(NOTEBOOK)).toBe("course 1");
    write(EXERCISES, "my answer");
    put(EXERCISES, "course 2");
    await Promise.all([startLater(), startLater(), startLater(), startLater()]);
    expect(mine(EXERCISES)).toBe("my answer");
    expect(mine("exercises/00-start (new version).ts")).toBe("course 2");
    expect(start().stdout).toBe("");
    const files = filesOf(join(own, "my-course")).sort();
    expect(files.filter((name) => /\.tmp$|version 2/.test(name))).toEqual([]);
  });
});

describe("singleuser.sh", () => {
  /** What it would start, as a shell script in Python's place that tells how it was started. */
  function python(folder: string) {
    const file = join(folder, "python");
    writeFileSync(file, '#!/bin/sh\nprintf "%s\\n" "$PWD" "$LLM_ROOT" "$JUPYTER_PATH" "$@"\n');
    chmodSync(file, 0o755);
    return file;
  }

  test("makes the folder, then becomes JupyterHub's server on it", () => {
    const { course, home, own } = makeCourse();
    const env = { ...process.env, HOME: home, LLM_ROOT: "", JUPYTER_PATH: "/elsewhere" };
    const script = join(course, "tools/hub/singleuser.sh");
    const { status, stdout } = spawnSync("sh", [script, "--debug"], {
      encoding: "utf8",
      env: { ...env, LLM_HUB_PYTHON: python(home) },
    });
    expect(status).toBe(0);
    const [made, cwd, root, path, ...args] = stdout.trim().split("\n");
    expect(made).toBe(`Made ${join(own, "my-course")}.`);
    expect([cwd, root]).toEqual([own, own]);
    expect(path).toBe(`${join(course, "jupyter")}:/elsewhere`);
    expect(args.filter((arg) => arg !== "--allow-root")).toEqual([
      ...["-m", "jupyterhub.singleuser"],
      ...[`--ServerApp.root_dir=${join(own, "my-course")}`, "--debug"],
    ]);
  });

  test("a folder that cannot be renewed is opened as it is; none at all is a failure", () => {
    const { course, home, own } = makeCourse();
    const env = { ...process.env, HOME: home, LLM_ROOT: "", LLM_HUB_PYTHON: python(home) };
    const script = join(course, "tools/hub/singleuser.sh");
    rmSync(join(course, "src"), { recursive: true });
    expect(spawnSync("sh", [script], { encoding: "utf8", env }).status).not.toBe(0);
    mkdirSync(join(own, "my-course"), { recursive: true });
    const { status, stdout } = spawnSync("sh", [script], { encoding: "utf8", env });
    expect(status).toBe(0);
    expect(stdout).toContain("jupyterhub.singleuser");
  });
});
