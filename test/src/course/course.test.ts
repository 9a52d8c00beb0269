// The course kit itself, on a small course in a temporary folder whose name has a space and Chinese
// characters: learners' files that do everything a learner's file may do, hints, progress and its
// merging, learner().

import { execFileSync, spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { check, checkQuietly } from "../../../src/course/check";
import { nextHint, solutionText } from "../../../src/course/hints";
import { answersFile, findLesson, pathInCourse } from "../../../src/course/paths";
import { progressFile, readProgress } from "../../../src/course/progress";
import { parts } from "../../../src/course/register";
import { toHtml, toText } from "../../../src/course/report";
import { readFunctions, readHints } from "../../../src/course/source";
import { lessonProgress } from "../../../src/course/standing";
import { progressText } from "../../../src/course/terminal";

const project = resolve(__dirname, "../../..");
const ID = "97-sums";
const NAME = "97 (sums)";
const NAMES = ["twice", "thrice", "half"] as const;
let root = "";

/** One of the functions is asynchronous. */
const typeOf = (name: string) => (name === "waits" ? "Promise<number>" : "number");
const stub = (name: string, body = `return notDoneYet("${name}", n);`) => `
/**
 * What ${name} of a number is, for example ${name}(6).
 *
 * @points 2 @minutes 5 @difficulty 1
 */
export function ${name}(n: number): ${typeOf(name)} {
  ${body}
}
`;
const head = 'import { notDoneYet } from "llm/course/exercise";\n';
const file = (bodies: Record<string, string> = {}, names: readonly string[] = NAMES) =>
  head + names.map((name) => stub(name, bodies[name])).join("");
const write = (text: string, id = ID) => writeFileSync(join(root, "exercises", `${id}.ts`), text);

function writeLesson(id: string, answers: Record<string, string>): void {
  const names = Object.keys(answers);
  const functions = Object.entries(answers);
  const solutions = functions.map(
    ([n, body]) =>
      `/** Because. */\nexport function ${n}(n: number): ${typeOf(n)} {\n  return ${body};\n}\n`,
  );
  writeFileSync(join(root, "solutions", `${id}.ts`), solutions.join(""));
  const compiled = functions.map(
    ([n, body]) => `exports.${n} = function ${n}(n) { return ${body}; };`,
  );
  writeFileSync(join(root, "dist", "solutions", `${id}.js`), compiled.join("\n"));
  const sweep = '{ cases: { "a number": (d) => [d.integer(1, 99)] } }';
  const tests = functions.map(
    ([n, body]) =>
      `  exercise("${n}", async (f) => { const n = 6; expectClose(await f(n), ${body}, { message: "is it ${n}?" }); }, ${sweep});`,
  );
  writeFileSync(
    join(root, "test", "exercises", `${id}.test.ts`),
    `import { expectClose, lesson } from "llm/course/kit";\nlesson<Record<string, (n: number) => number>>("${id}", {} as never, (exercise) => {\n${tests.join("\n")}\n}, { tensors: false });\n`,
  );
  const tiers = "### Idea\nThink <b>.\n### Pseudocode\n    return it\n### Answer\nLike so.\n";
  writeFileSync(
    join(root, "exercises", `${id}.hints.md`),
    names.map((n) => `## ${n}\n${tiers}`).join("\n"),
  );
  write(file({}, names), id);
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "my course 课程 "));
  for (const folder of ["exercises", "solutions", "notebooks", "test/exercises", "dist/solutions"])
    mkdirSync(join(root, folder), { recursive: true });
  for (const link of ["node_modules", "src"])
    symlinkSync(join(project, link), join(root, link), "junction");
  process.env.LLM_ROOT = root;
  writeLesson(ID, { twice: "2 * n", thrice: "3 * n", half: "n / 2" });
});
beforeEach(() => {
  for (const name of readdirSync(join(root, "exercises")))
    if (name.startsWith("progress.json")) rmSync(join(root, "exercises", name));
  write(file());
});
afterAll(() => {
  delete process.env.LLM_ROOT;
  rmSync(root, { recursive: true, force: true });
});

const states = (result: { exercises: { name: string; state: string }[] }) =>
  Object.fromEntries(result.exercises.map((e) => [e.name, e.state]));
const messageOf = (result: { exercises: { name: string; message?: string }[] }, name: string) =>
  result.exercises.find((e) => e.name === name)?.message ?? "";

/** A command of the built module. */
const cliWith = (env: Record<string, string>, name: string, ...args: string[]) =>
  execFileSync(process.execPath, [join(project, "dist", "cli", `${name}.js`), ...args], {
    encoding: "utf8",
    stdio: "pipe",
    env: { ...process.env, LLM_ROOT: root, ...env },
  });
const cli = (name: string, ...args: string[]) => cliWith({}, name, ...args);

describe("reading source", () => {
  test("signature, result type, tags, fields", () => {
    const [f] = readFunctions(
      "/**\n * Does it.\n * @points 3 @minutes 10 @difficulty 2\n */\nexport async function f(\n  x: { a: number },\n): Promise<{ output: tf.Tensor; weights?: number }> {\n  return g(x);\n}\nfunction g() {}\n",
    );
    expect(f).toMatchObject({
      name: "f",
      points: 3,
      minutes: 10,
      difficulty: 2,
      line: 5,
      doc: "Does it.",
    });
    expect(f.signature).toBe(
      "export async function f( x: { a: number }, ): Promise<{ output: tf.Tensor; weights?: number }>",
    );
    expect(f.fields).toEqual({ output: "tf.Tensor" });
  });
  test("hints: headings inside a code block are text", () => {
    const hints = readHints(
      "# All\n## f\n### Idea\na\n### Pseudocode\n```\n## not a heading\n```\n### Answer\nb\n",
    );
    expect(hints.f.map((h) => h.title)).toEqual(["Idea", "Pseudocode", "Answer"]);
    expect(hints.f[1].text).toContain("## not a heading");
    // The indent of a first line makes it code.
    expect(readHints("## f\n### Idea\n\n    a ← 1\n    b\n\n").f[0].text).toBe("    a ← 1\n    b");
  });
});

describe("check", () => {
  test("an untouched lesson needs no child process and says 'not done yet'", async () => {
    const result = await checkQuietly("97");
    expect(states(result)).toEqual({ twice: "todo", thrice: "todo", half: "todo" });
    expect(result.exercises.every((e) => e.ms === undefined)).toBe(true); // measured only in a child
    expect(existsSync(progressFile())).toBe(true);
    expect(readProgress().lessons).toEqual({});
  });

  test("right, wrong and untouched; messages are escaped and keep their lines; points add up", async () => {
    write(file({ twice: "return n + n;", thrice: 'console.log("<b>seen</b>"); return n;' }));
    const result = await checkQuietly(ID);
    expect(states(result)).toEqual({ twice: "passed", thrice: "failed", half: "todo" });
    expect(messageOf(result, "thrice")).toMatch(
      /The result is `n` itself\.[\s\S]*is it thrice\?\nthe result is 6, expected 18\.$/,
    );
    expect([result.points, result.total, result.passed]).toEqual([2, 6, false]);
    const html = toHtml(result, () => `await hint("a", "b")`);
    expect(html).toContain("&lt;b&gt;seen");
    expect(html).not.toContain("<b>seen");
    expect(toText(result, (name) => `npm run hint 97 ${name}`)).toMatch(
      /thrice +2 points {2}✗\n[\s\S]* is it thrice\?\n[\s\S]*npm run hint 97 thrice/,
    );
  });

  test("only some exercises; an unknown one and an unknown lesson are told", async () => {
    write(file({ twice: "return 2 * n;", thrice: "return 0;" }));
    expect(states(await checkQuietly("sums", { only: ["twice"] }))).toEqual({ twice: "passed" });
    await expect(checkQuietly(ID, { only: ["twise"] })).rejects.toThrow(
      /no exercise "twise". It has: twice, thrice, half/,
    );
    // The names that hint takes: any case, a lesson by the path of one of its files.
    const path = "exercises/97-Sums.ts";
    expect(states(await checkQuietly(path, { only: ["TWICE"] }))).toEqual({ twice: "passed" });
    for (const query of ["97", "SUMS", "notebooks\\97-sums.ipynb", "./exercises/97-sums.hints.md"])
      expect(findLesson(query)).toBe(ID);
    expect(() => findLesson("42")).toThrow(/no lesson "42".*97-sums/);
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    await check("42");
    expect(log).toHaveBeenCalledWith(expect.stringMatching(/there is no lesson "42"/));
    log.mockRestore();
  });

  test("a syntax error costs one exercise, and names line and code", async () => {
    write(
      file({ twice: "return 2 * n;", thrice: "if (n > 0) { return 3 * n;", half: "return n / 2;" }),
    );
    const result = await checkQuietly(ID);
    expect(states(result)).toEqual({ twice: "passed", thrice: "failed", half: "passed" });
    expect(messageOf(result, "thrice")).toMatch(
      /exercises\/97-sums\.ts, line \d+: '}' expected\.[\s\S]*A bracket was opened/,
    );
    write(file({ half: "return n / / 2;" }));
    const line = file({ half: "X" }).split("\n").indexOf("  X") + 1;
    expect(messageOf(await checkQuietly(ID), "half")).toMatch(
      new RegExp(`line ${line}: .*\n {2}return n / / 2;`),
    );
  });

  test("a mistake that parses and keeps the file from being loaded costs one exercise", async () => {
    const wrong: [body: string, said: RegExp][] = [
      ["await n; return 3 * n;", /`await` works only inside a function marked `async`/],
      ["break; return 3 * n;", /`break` stands outside a loop/],
      ["[n].forEach(() => { continue; }); return n;", /`continue` stands outside a loop/],
      ["const x = n; let x = 3; return x * n;", /`x` is declared twice/],
      ["let n = 3; return n;", /`n` is declared twice/],
      ["return 3 * n; } const x = 3; const x = 4; {", /`x` is declared twice/],
      ["for await (const x of [n]) return x; return n;", /`for await` works only/],
      ["return /(/.test(String(n)) ? 1 : 2;", /Invalid regular expression/],
      ["export const x = 3; return x * n;", /Inside a function nothing is exported/],
      ["try { throw n; } catch (e) { let e = 3; return e; }", /`e` is declared twice/],
      ["3 = n; return 3 * n;", /Only a variable .* on the left of `=`/],
    ];
    const names = wrong.map((_, k) => `wrong${k}`);
    const bodies = Object.fromEntries(wrong.map(([body], k) => [`wrong${k}`, body]));
    writeLesson("95-early", Object.fromEntries([...names, "right"].map((name) => [name, "2 * n"])));
    write(file({ ...bodies, right: "return 2 * n;" }, [...names, "right"]), "95-early");
    const early = await checkQuietly("95-early");
    rmSync(join(root, "solutions", "95-early.ts"));
    expect(states(early).right).toBe("passed");
    wrong.forEach(([, said], k) => {
      expect(states(early)[`wrong${k}`]).toBe("failed");
      const message = messageOf(early, `wrong${k}`);
      expect(message).toMatch(said);
      expect(message).toMatch(/^wrong\d+ cannot be loaded: exercises\/95-early\.ts, line \d+: /);
      expect(message).not.toMatch(/vite|rolldown|PARSE_ERROR/i);
    });
    // A function that was copied: the name is meant twice, and the others do not care.
    write(file({ twice: "return 2 * n;", half: "return n / 2;" }) + stub("half", "return n;"));
    const result = await checkQuietly(ID);
    expect(states(result)).toEqual({ twice: "passed", thrice: "todo", half: "failed" });
    expect(messageOf(result, "half")).toMatch(/line \d+: `half` is declared twice/);
  });

  test("what only a notebook asks is asked too, and told by its cell", async () => {
    writeFileSync(
      join(root, "notebooks", `${ID}.ipynb`),
      JSON.stringify({
        cells: [
          { id: "why", cell_type: "markdown", source: ["## Sums\n", "```\n# no heading\n```\n"] },
          { id: "other", cell_type: "code", source: "mine.twice(1);" },
          {
            id: "large-sums",
            cell_type: "code",
            source: ["const n = 1;\n", "mine.twice(123456);"],
          },
        ],
      }),
    );
    const calls = [
      { cell: "other", exercise: "twice", args: [1] },
      { cell: "other", exercise: "half", args: [1000] },
      { cell: "large-sums", exercise: "twice", args: [123_456] },
    ];
    const recorded = join(root, "test", "calls", `${ID}.json`);
    mkdirSync(join(root, "test", "calls"));
    writeFileSync(recorded, JSON.stringify({ notebooks: { [ID]: { code: "", calls } } }));
    try {
      const wrong = "if (n > 100_000) return 0; return 2 * n;";
      const stops = "if (n > 999) throw new RangeError('too large'); return n / 2;";
      write(file({ twice: wrong, half: stops, thrice: "return 3 * n;" }));
      const result = await checkQuietly(ID);
      expect(states(result)).toEqual({ twice: "failed", thrice: "passed", half: "failed" });
      expect(messageOf(result, "twice")).toBe(
        "Everything else is right, but not what a notebook asks it. " +
          `In notebooks/${ID}.ipynb, under "Sums", cell large-sums:\n  mine.twice(123456);\n` +
          "The call: n 123456.\nThe result is 0, expected 246912.",
      );
      expect(messageOf(result, "half")).toMatch(
        /notebook asks it\. In .* cell other\nThe call: n 1000\.\nhalf stopped with RangeError: too large/,
      );
      write(file({ twice: "return 2 * n;" }));
      expect(states(await checkQuietly(ID)).twice).toBe("passed");
      // Other calls make a result stale.
      writeFileSync(recorded, JSON.stringify({ notebooks: { [ID]: { code: "", calls: [] } } }));
      parts[0].lessons.push({ ...parts[0].lessons[0], id: ID, number: "97", name: "sums" });
      expect(progressText()).toMatch(/edited since its last check/);
    } finally {
      parts[0].lessons.pop();
      rmSync(join(root, "test", "calls"), { recursive: true });
      rmSync(join(root, "notebooks", `${ID}.ipynb`));
    }
  });

  test("a missing or unreadable file is told, and stops only itself", async () => {
    rmSync(join(root, "exercises", `${ID}.ts`));
    await expect(checkQuietly(ID)).rejects.toThrow(/^exercises\/97-sums.ts is missing. Bring it/);
    expect(progressText()).toMatch(/of \d+ points/);
    mkdirSync(join(root, "exercises", `${ID}.ts`));
    await expect(checkQuietly(ID)).rejects.toThrow(/cannot be read: it is a folder/);
    rmSync(join(root, "exercises", `${ID}.ts`), { recursive: true });
    writeLesson("96-more", { whole: "n" });
    try {
      write(file({ whole: "return n;" }, ["whole"]), "96-more");
      expect(() => cli("check", "96", "97")).toThrow(
        expect.objectContaining({
          stdout: expect.stringMatching(/whole .*✓/),
          stderr: expect.stringMatching(/97-sums: exercises\/97-sums.ts is missing/),
        }),
      );
    } finally {
      rmSync(join(root, "solutions", "96-more.ts"));
    }
  });

  test("a temporary folder that is not there, or vanishes, is told in a sentence", async () => {
    write(file({ twice: "return 2 * n;" }));
    vi.stubEnv("TMPDIR", join(root, "nowhere"));
    vi.stubEnv("TEMP", join(root, "nowhere"));
    await expect(checkQuietly(ID)).rejects.toThrow(/temporary folder .*nowhere, and cannot write/);
    vi.unstubAllEnvs();
    const modules = 'import { rmSync } from "node:fs";\nimport { dirname } from "node:path";\n';
    const remove = "rmSync(dirname(process.env.LLM_CHECK!), { recursive: true }); for (;;);";
    write(modules + file({ twice: remove }));
    await expect(checkQuietly(ID)).rejects.toThrow(/temporary folder .* vanished while it ran/);
  });

  test("the answer's process gets no secrets", async () => {
    vi.stubEnv("JUPYTER_TOKEN", "0123abcd");
    vi.stubEnv("SOME_API_TOKEN", "0123abcd");
    const print =
      "console.log(Object.values(process.env).includes('0123abcd') ? 'seen' : 'unseen');";
    write(file({ twice: `${print} return n;` }));
    const { exercises } = await checkQuietly(ID, { only: ["twice"] });
    vi.unstubAllEnvs();
    expect(exercises[0].printed).toMatch(/^unseen/);
  });

  test("a type error is a note with its line, not a verdict", async () => {
    write(file({ twice: "const wrong: string = n; return 2 * Number(wrong);" }));
    const result = await checkQuietly(ID);
    expect(states(result).twice).toBe("passed");
    expect(result.exercises[0].types?.[0]).toMatch(
      /line 9: Type 'number' is not assignable to type 'string'/,
    );
  });

  test("code outside the functions that throws, and a renamed function", async () => {
    write(`${file({ twice: "return 2 * n;" })}\nthrow new Error("at the top");\n`);
    expect(messageOf(await checkQuietly(ID), "twice")).toMatch(/at the top/);
    write(file({ twice: "return 2 * n;" }).replace("function twice", "function twize"));
    expect(messageOf(await checkQuietly(ID), "twice")).toMatch(/does not export a function twice/);
  });
});

test("whatever one answer does, the others are judged", { timeout: 120_000 }, async () => {
  const traps = {
    loops: "let i = 0; while (i < n) {} return i;",
    exits: "process.exit(3); return n;",
    dies: "process.kill(process.pid, 'SIGKILL'); return n;",
    eats: "const all = []; while (n > 0) all.push(new Float64Array(1e5).fill(n)); return n;",
    waits: "return new Promise(() => {});",
    calls: "return calls(n) + 1;",
    prints: "for (;;) console.log('again and again and again', n);",
    forgets: "n * 2;",
    crashes: "return (undefined as never as number[]).length;",
    promises: "return Promise.resolve(n) as never;",
    texts: 'return "12" as never;',
    needs: "return later(n) + 1;",
    later: 'return notDoneYet("later", n);',
    works: "return 2 * n;",
  };
  const names = Object.keys(traps);
  writeLesson("98-traps", Object.fromEntries(names.map((name) => [name, "2 * n"])));
  write(file(traps, names), "98-traps");
  const result = await checkQuietly("98-traps", { seconds: 2, megabytes: 300 });
  const told = (name: string) => messageOf(result, name);
  expect(told("loops")).toMatch(/^loops did not finish within 2 seconds.*loop that never ends/);
  expect(told("exits")).toMatch(/process\.exit/);
  expect(told("dies")).toMatch(/^dies ended the whole process/);
  expect(told("eats")).toMatch(/^eats took more than 0\.3 GB of memory/);
  expect(told("waits")).toMatch(/waits for a promise that never settles/);
  expect(told("calls")).toMatch(/calls itself without end/);
  expect(told("prints")).toMatch(/console\.log inside a loop/);
  expect(told("forgets")).toMatch(/returned nothing \(undefined\): is there a `return`/);
  expect(told("crashes")).toMatch(
    /stopped with TypeError[\s\S]*exercises\/98-traps\.ts, line \d+: {2}return \(undefined/,
  );
  expect(told("crashes")).not.toMatch(/it stops: /); // said once
  expect(told("promises")).toMatch(/returned a Promise, expected number/);
  expect(told("texts")).toMatch(/returned the text "12", expected a number/);
  expect(result.exercises.find((e) => e.name === "needs")).toMatchObject({
    state: "todo",
    message: "It calls later, which is not done yet.",
  });
  expect(states(result)).toMatchObject({ later: "todo", works: "passed" });
  rmSync(join(root, "solutions", "98-traps.ts"));
});

describe("hints and solutions", () => {
  test("one tier after another, remembered; then all, and the way to the answer", () => {
    expect(nextHint("97", "twice")).toMatch(
      /Hint 1 of 3 for `twice`: Idea[\s\S]*Run it again for the next/,
    );
    expect(nextHint("97", "TWICE")).toMatch(/Hint 2 of 3 for `twice`: Pseudocode/);
    expect(nextHint("97", "twice")).toMatch(/Hint 3 of 3 for `twice`: Answer[\s\S]*the last hint/);
    expect(nextHint("97", "twice")).toMatch(
      /Hint 1 of 3[\s\S]*Hint 3 of 3[\s\S]*npm run solution 97 twice/,
    );
    expect(nextHint("97", "half")).toMatch(/Hint 1 of 3 for `half`/);
    expect(() => nextHint("97", "halve")).toThrow(/It has: twice, thrice, half/);
  });
  test("a solution comes with its task and reason, and is noted", () => {
    expect(solutionText("97", "twice")).toMatch(
      /What twice of a number is[\s\S]*return 2 \* n;[\s\S]*Why: Because\./,
    );
    expect(readProgress().lessons[ID].twice.solution).toBe(true);
  });
});

describe("progress", () => {
  test("the map has all lessons; done, points and the next thing to do; an edit makes a result stale", async () => {
    expect(parts.flatMap((p) => p.lessons)).toHaveLength(31);
    parts[0].lessons.push({
      id: ID,
      number: "97",
      name: "sums",
      title: "Sums",
      subjects: [],
      needs: [],
    });
    write(file({ twice: "return 2 * n;" }));
    await checkQuietly(ID);
    expect(progressText()).toMatch(
      /Sums +1\/3 exercises {2}2\/6 points[\s\S]*Next: thrice in exercises\/97-sums\.ts \(not done yet, about 5 minutes\)/,
    );
    write(file({ twice: "return n + n;" }));
    expect(progressText()).toMatch(
      /0\/3 exercises[\s\S]*Next: twice in .* \(edited since its last check/,
    );
    write(file({ twice: "return 2 * n;", thrice: "return 1;" }));
    expect(progressText()).toMatch(/1\/3 exercises/); // an edit of another exercise leaves it valid
    parts[0].lessons.pop();
  });

  test("unknown lessons, exercises and fields are kept", async () => {
    const future = {
      about: "x",
      later: 1,
      lessons: { "55-x": { y: { state: "passed", stars: 5 } }, [ID]: { gone: { hints: 2 } } },
    };
    writeFileSync(progressFile(), JSON.stringify(future));
    write(file({ twice: "return 2 * n;" }));
    await checkQuietly(ID);
    const now = JSON.parse(readFileSync(progressFile(), "utf8"));
    expect(now).toMatchObject({
      later: 1,
      lessons: {
        "55-x": { y: { stars: 5 } },
        [ID]: { gone: { hints: 2 }, twice: { state: "passed", points: 2 } },
      },
    });
  });
});

// What runs from dist/: the commands, learner(), and several writers at once.
const built = existsSync(join(project, "dist", "course", "learner.js"));
describe.skipIf(!built)("the compiled module", () => {
  const node = (code: string, env: Record<string, string> = {}) =>
    execFileSync(process.execPath, ["-e", code], {
      cwd: join(root, "notebooks"),
      encoding: "utf8",
      env: { ...process.env, LLM_ROOT: root, ...env },
    });
  const course = JSON.stringify(join(project, "dist", "course"));

  test("learner(): the learner's where they pass, the reference else; edits count at once", () => {
    write(file({ twice: "return n + n;", thrice: "return 1;" }));
    const said = node(`
      const { learner } = require(${course});
      const { writeFileSync, readFileSync } = require("node:fs");
      (async () => {
        const mine = await learner("97");
        console.log(mine.twice(4), mine.thrice(4), mine.half(4));
        const file = "../exercises/${ID}.ts";
        writeFileSync(file, readFileSync(file, "utf8").replace("return 1;", "if (n < 0) throw new Error('negative'); return 3 * n;"));
        const again = await learner("97");
        console.log(again.twice(4), again.thrice(4), again.half(4));
        try { again.thrice(-1); } catch (error) { console.log(error.message); }
      })();`);
    expect(said.trim().split("\n")).toEqual([
      `Lesson ${NAME} uses your own twice and, until yours pass, the reference answers for thrice and half.`,
      "8 12 2",
      `Lesson ${NAME} uses your own twice and thrice and, until yours pass, the reference answers for half.`,
      "8 12 2",
      expect.stringMatching(
        /^negative \(in your thrice, exercises\/97-sums\.ts, line \d+: .*throw new Error\('negative'\).*\)$/,
      ),
    ]);
  });

  test("the learner's own copies count where they are", { timeout: 120_000 }, () => {
    const run = (name: string, ...args: string[]) => cliWith({ LLM_ORIGINALS: "" }, name, ...args);
    const folder = join(root, "my-course");
    const right = file({ twice: "return 2 * n;", thrice: "return 3 * n;" });
    mkdirSync(join(folder, "exercises"), { recursive: true });
    try {
      writeFileSync(join(folder, "exercises", `${ID}.ts`), right);
      expect(() => run("check", "97")).toThrow();
      expect(readFileSync(join(folder, "progress.json"), "utf8")).toContain("passed");
      expect(existsSync(join(root, "exercises", "progress.json"))).toBe(false);
      expect(lessonProgress(ID), "an author's").toMatchObject({ done: 0 });
      vi.stubEnv("LLM_ORIGINALS", "");
      expect(lessonProgress(ID)).toMatchObject({ done: 2, next: { name: "half" } });
      expect(pathInCourse(answersFile(ID))).toBe("my-course/exercises/97-sums.ts");
      const code = `require(${course}).learner("97").then((m) => console.log(m.half(4)));`;
      expect(node(code, { LLM_ORIGINALS: "" })).toMatch(
        /uses your own twice and thrice and, until yours pass, the reference answers for half/,
      );
      writeFileSync(join(folder, "exercises", `${ID}.ts`), file({ twice: "return null.x;" }));
      expect(() => run("check", "97")).toThrow(
        expect.objectContaining({
          stdout: expect.stringMatching(
            /my-course\/exercises\/97-sums\.ts, line \d+: {2}return null\.x/,
          ),
        }),
      );
      rmSync(join(folder, "exercises", `${ID}.ts`));
      expect(pathInCourse(answersFile(ID)), "no copy").toBe("exercises/97-sums.ts");
    } finally {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    }
  });

  test("learner() with a file that does not parse falls back", () => {
    write("export function (");
    expect(node(`require(${course}).learner("97").then((m) => console.log(m.half(4)));`)).toMatch(
      /Until yours pass, lesson \d+ \(sums\) uses the reference answers for twice, thrice, and half\.[\s\S]*2/,
    );
  });

  test("npm run check: exit code 0 only if all pass; hint and progress", () => {
    const run = cli;
    expect(() => run("check", "97")).toThrow();
    write(file({ twice: "return 2 * n;", thrice: "return 3 * n;", half: "return n / 2;" }));
    expect(run("check", "97")).toMatch(/3 of 3 done · 6 of 6 points · everything passes/);
    expect(run("check", "exercises/97-sums.ts", "HALF")).toMatch(/^ {2}half .*✓\n.*3 of 3/);
    expect(run("hint", "97", "half")).toMatch(/^Hint 1 of 3 for half: Idea\n/);
    expect(run("solution", "97", "half")).toMatch(/return n \/ 2/);
    expect(run("progress")).toMatch(/Part I · Predicting text\n {2}00 {2}Start here/);
  });

  test("npm run check 97 --watch, as npm passes it on, checks and waits", async () => {
    const child = spawn(process.execPath, [join(project, "dist", "cli", "check.js"), "97"], {
      env: {
        ...process.env,
        LLM_ROOT: root,
        npm_lifecycle_event: "check",
        npm_config_watch: "true",
      },
    });
    let seen = "";
    let asked = false;
    await new Promise<void>((done) => {
      child.on("close", () => done());
      child.stdout.on("data", (chunk) => {
        seen += chunk;
        const rounds = seen.split("waiting for the next save").length - 1;
        if (rounds === 1 && !asked) write(file({ twice: "return 2 * n;" }));
        asked ||= rounds === 1;
        if (rounds === 2) child.kill("SIGTERM");
      });
    });
    expect(seen).toMatch(
      /0 of 3 done[\s\S]*waiting[\s\S]*1 of 3 done · 2 of 6 points · next: thrice/,
    );
  });

  test("writers at the same time lose nothing", async () => {
    const progress = JSON.stringify(join(project, "dist", "course", "progress.js"));
    const writers = [0, 1, 2].map(
      (k) =>
        new Promise((done) => {
          const code = `const p = require(${progress}); for (let i = 0; i < 20; i++) p.updateProgress((s) => { p.recordOf(s, "97-sums", "e${k}-" + i).hints = 1; });`;
          spawn(process.execPath, ["-e", code], { env: { ...process.env, LLM_ROOT: root } }).on(
            "close",
            done,
          );
        }),
    );
    await Promise.all(writers);
    expect(Object.keys(readProgress().lessons[ID])).toHaveLength(60);
    expect(readdirSync(join(root, "exercises")).filter((n) => /lock|tmp/.test(n))).toEqual([]);
  });
});
