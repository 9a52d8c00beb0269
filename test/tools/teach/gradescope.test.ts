// The autograder for Gradescope in a folder that is laid out as /autograder there: what it says of a
// submission is what `npm run teach -- grade` says, and no submission gets at its results. Instead
// of setup.sh, which fetches packages, those of this checkout are linked. LLM_TEACH_ALL=1 asks for
// the whole class of thirty, in both sandboxes.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { readZip } from "llm/zip";
import { beforeAll, describe, expect, test } from "vitest";
import { load, printed, root, said, scratch, submissionOf, teachIn, tool } from "./tools";

const { gradescope } = await tool("gradescope/gradescope");
const { closure, pruned } = await tool("gradescope/files");
const { megabytesFor } = await tool("gradescope/run");
const { report } = await tool("gradescope/report");
const { privateInputs } = await tool("private");
const { gradeAll, keyOf } = await tool("grade/one");
const { Reader } = await tool("grade/reader");
const { sandboxTrouble } = await tool("grade/box");
const { asUser, endAll, runningAs, someUser, userTrouble } = await tool("grade/asUser");
const { parseCsv } = await tool("csv");
const { answers, notebook } = await load("test/class/answers.mjs");

interface OneTest {
  name: string;
  score: number;
  max_score: number;
  status: string;
  output: string;
  visibility: string;
}
interface Results {
  score: number;
  output?: string;
  stdout_visibility: string;
  tests: OneTest[];
  extra_data: { sandbox: string; results: { key: string; earned: number }[] };
}

const SECRET = "a test's secret";
const folder = scratch();
chmodSync(folder, 0o711); // another user has to get through to its box
const zip = join(folder, "autograder.zip");
const boxes = [
  { box: "bubblewrap", trouble: sandboxTrouble() },
  { box: "another user", trouble: userTrouble({ uid: someUser(), closed: [] }) },
].map((one) => ({ ...one, trouble: one.trouble as { why: string } | undefined }));
for (const { box, trouble } of boxes)
  if (trouble) console.log(`Gradescope's autograder with ${box} is skipped: ${trouble.why}`);
const usable = boxes.filter(({ trouble }) => !trouble).map(({ box }) => box);

/** /autograder/source as setup.sh leaves it, with settings for the tests. */
function unpack(name: string, settings: object, archive = zip): string {
  const source = join(folder, name);
  for (const entry of readZip(readFileSync(archive))) {
    const file = join(source, entry.path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, entry.bytes());
  }
  const course = join(source, "course");
  const lock = JSON.parse(readFileSync(join(course, "package-lock.json"), "utf8"));
  const names = Object.keys(lock.packages).filter(
    (entry) =>
      /^node_modules\/(@[^/]+\/)?[^/]+$/.test(entry) &&
      entry !== "node_modules/llm" &&
      existsSync(join(root, entry)),
  );
  const copy = (how: string) =>
    execFileSync("cp", [how, "--parents", ...names, course], { cwd: root, stdio: "ignore" });
  try {
    copy("-al");
  } catch {
    copy("-a"); // the temporary folder is on another disk
  }
  symlinkSync("../dist", join(course, "node_modules", "llm"));
  mkdirSync(join(source, "bin"));
  symlinkSync(process.execPath, join(source, "bin", "node"));
  const file = join(course, "autograder.json");
  const given = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...given, ...settings }));
  // The part of setup.sh that closes files to other users.
  const closing = /^chmod[\s\S]*?(?=^echo)/m.exec(readFileSync(join(source, "setup.sh"), "utf8"));
  execFileSync("bash", ["-ec", closing![0]], { cwd: source });
  return source;
}

let runs = 0;
/** Runs the autograder on a submission: { path: contents }, or what it makes of its folder. */
async function run(source: string, submission: (base: string) => Record<string, string | Buffer>) {
  const base = join(folder, `autograder-${++runs}`);
  for (const name of ["submission", "results"]) mkdirSync(join(base, name), { recursive: true });
  symlinkSync(source, join(base, "source"));
  const script = join(base, "run_autograder");
  cpSync(join(source, "run_autograder"), script);
  chmodSync(script, 0o755);
  for (const [path, contents] of Object.entries(submission(base))) {
    const file = join(base, "submission", path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, contents);
  }
  const user = { email: "ada@example.org", id: 1, name: "Ada" };
  const metadata = { created_at: "2026-12-01T10:00:00.5-07:00", users: [user] };
  writeFileSync(join(base, "submission_metadata.json"), JSON.stringify(metadata));
  const env = { ...process.env, LLM_AUTOGRADER: base, GRADESCOPE_TOKEN: "not for answers" };
  const child = spawn(script, { cwd: base, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (piece: Buffer) => (output += piece));
  const code = await new Promise<number | null>((done) => child.on("close", done));
  const file = join(base, "results", "results.json");
  const results = existsSync(file)
    ? (JSON.parse(readFileSync(file, "utf8")) as Results)
    : undefined;
  return { base, code, output, results };
}

const byName = (results: Results | undefined) =>
  Object.fromEntries(results!.tests.map((one) => [one.name, one]));

/** What expected.csv says of the exercises: student → [{ exercise, status, points }]. */
const expected = new Map<string, { exercise: string; status: string; points: number }[]>();
for (const { cells } of parseCsv(
  readFileSync(join(root, "test/class/06/expected.csv"), "utf8"),
).rows.slice(1)) {
  const [student, exercise, status, points] = cells.map((cell: { text: string }) => cell.text);
  if (!expected.has(student)) expected.set(student, []);
  expected.get(student)!.push({ exercise, status, points: Number(points) });
}

/**
 * Writes results in every way that it can think of, in its name and in others', prints some, never
 * ends, ends early, and multiplies. No exercise of it is right.
 */
const hostile = (base: string) => `import { tf } from "llm/engine";
import fs from "node:fs";
import { spawn } from "node:child_process";
const forged = JSON.stringify({ score: 16, tests: [{ score: 16, max_score: 16, name: "forged" }] });
const all = ["${base}", "/autograder", "/course/..", "../..", "/proc/1/root${base}"];
const files = all.flatMap((at) => [at + "/results/results.json", at + "/source/forged.json"]);
const write = () => { for (const file of files) try { fs.writeFileSync(file, forged); } catch {} };
const shell = "while :; do echo '" + forged + "' > ${base}/results/results.json; done";
const fork = () => { try { spawn("/bin/sh", ["-c", shell], { detached: true }).unref(); } catch {} };
console.log(forged); console.error(forged);
try { process.stdout.write(forged); fs.writeSync(2, forged); } catch {}
write(); fork();
setInterval(write, 1);
const bomb = () => { for (let i = 0; i < 1000; i++) fork(); };
export function attentionByLoops(): any { fs.writeSync(1, forged); }
export function causalMask(T: number): tf.Tensor2D { write(); for (;;) fork(); }
export function splitHeads(x: tf.Tensor3D, heads: number): any { write(); process.exit(0); }
export function maskedSoftmax(scores: any): any { bomb(); process.kill(process.ppid, 9); return scores; }
export function scaledScores(q: any, k: any): any {
  throw new Error(fs.readFileSync("${base}/source/course/solutions/06-attention.ts", "utf8"));
}
`;

/** One exercise, so that there is something to run. */
const MASK = `import { tf } from "llm/engine";
export function causalMask(T: number): tf.Tensor2D { return tf.ones([T, T]); }
`;

/** Right for every length that the lesson's own test asks about; the teacher's inputs are longer. */
const SHORT = `import { tf } from "llm/engine";
export function causalMask(T: number): tf.Tensor2D {
  const rows = Array.from({ length: T }, (_, i) =>
    Array.from({ length: T }, (_, j) => j <= i && T < 300));
  return tf.tensor2d(rows, [T, T], "bool");
}
`;
const LONG = `export const inputs = {
  causalMask: { cases: { "a long text": (draw) => [draw.integer(300, 320)] } },
};
`;

beforeAll(async () => {
  const files = { "course.json": JSON.stringify({ secret: SECRET }), "private/06.ts": LONG };
  mkdirSync(join(folder, "private"));
  teachIn(folder, files);
  await printed(() => gradescope({ words: ["06"], values: { out: zip } }));
});

describe("what it is made of", () => {
  test("the lesson's own files, the grader whole, and nothing else that is secret", () => {
    const paths = readZip(readFileSync(zip)).map(({ path }) => path);
    expect(paths.slice(0, 2)).toEqual(["setup.sh", "run_autograder"]);
    const inCourse = paths.filter((path) => path.startsWith("course/"));
    const of = (pattern: RegExp) => inCourse.filter((path) => pattern.test(path));
    expect(of(/^course\/solutions\/.*\.ts$/)).toEqual(["course/solutions/06-attention.ts"]);
    expect(of(/^course\/test\/mutants\//)).toEqual(["course/test/mutants/06-attention.ts"]);
    expect(of(/^course\/solutions\/.*\.json$/).length).toBeGreaterThan(25);
    expect(of(/dist\/(solutions|attention)/)).toEqual([]);
    expect(of(/\.(map|d\.ts|ipynb|md)$/)).toEqual([]);
    const grader = readdirSync(join(root, "tools/teach/grade"), { recursive: true }).map(String);
    for (const name of grader.filter((one) => /\.[mc]js$/.test(one)))
      expect(inCourse).toContain(`course/tools/teach/grade/${name}`);
  });

  test("imports are followed, packages are not", () => {
    const found: Set<string> = closure(["test/mutants/06-attention.ts"]);
    expect([...found]).toContain("dist/engine/index.js");
    expect([...found].filter((path) => path.includes("node_modules"))).toEqual([]);
  });

  test("the lock file has what the packages need, at the course's versions", () => {
    const packages = {
      "node_modules/a": { version: "1.0.0", dependencies: { b: "^2.0.0" }, dev: true },
      "node_modules/a/node_modules/b": { version: "2.0.0" },
      "node_modules/b": { version: "1.0.0", dependencies: { c: "1" } },
      "node_modules/c": { version: "1.0.0" },
      "node_modules/d": {
        version: "1.0.0",
        peerDependencies: { c: "1", e: "1" },
        peerDependenciesMeta: { e: { optional: true } },
      },
      "node_modules/e": { version: "1.0.0" },
      dist: { version: "0" },
      "node_modules/llm": { resolved: "dist", link: true },
    };
    const of = (...names: string[]) => {
      const { manifest, lock } = pruned(names, {}, { lockfileVersion: 3, packages });
      expect(lock.packages[""].dependencies).toEqual(manifest.dependencies);
      return Object.keys(lock.packages).filter((entry) => /node_modules\/(?!llm)/.test(entry));
    };
    expect(of("a")).toEqual(["node_modules/a", "node_modules/a/node_modules/b"]);
    expect(of("b")).toEqual(["node_modules/b", "node_modules/c"]);
    expect(of("d")).toEqual(["node_modules/c", "node_modules/d"]);
  });

  test("the answers' memory is what the container leaves, and what `grade` allows at most", () => {
    const of = (megabytes: number) => megabytesFor(megabytes * 2 ** 20);
    expect([of(1500), of(Number.POSITIVE_INFINITY), of(768)]).toEqual([900, 2048, 250]);
  });

  test("a wrong lesson and a folder that is there are refused in a sentence", async () => {
    const make = (word: string, out?: string) =>
      said(() => gradescope({ words: [word], values: { out } }));
    expect(await make("77")).toMatch(/^gradescope: expected the number or name of a lesson/);
    expect(await make("06", folder)).toMatch(/^gradescope: expected a new folder, got /);
  });
});

describe.skipIf(boxes[1].trouble)("the other user, without Node's permissions", () => {
  const uid: number = someUser();
  const run = (script: string) =>
    spawnSync("/usr/bin/setpriv", [...asUser(uid), "/bin/sh", "-c", script], { encoding: "utf8" });

  test("writes no file, and reads none that is closed", () => {
    const [open, closed] = ["open", "closed"].map((name) => join(folder, name));
    for (const path of [open, closed]) mkdirSync(path);
    chmodSync(open, 0o777);
    chmodSync(closed, 0o700);
    writeFileSync(join(closed, "secret"), "secret");
    run(`echo forged > ${open}/file`);
    expect(readFileSync(join(open, "file"), "utf8")).toBe("");
    const { stdout, stderr } = run(`cat ${closed}/secret; echo x > ${closed}/file; id -u`);
    expect(stdout).toBe(`${uid}\n`);
    expect(stderr.match(/Permission denied/g)).toHaveLength(2);
    expect(readdirSync(closed)).toEqual(["secret"]);
    expect(userTrouble({ uid, closed: [closed] })).toBeUndefined();
    expect(userTrouble({ uid, closed: [closed, open] }).why).toBe(
      `every user may read or write ${open}`,
    );
  });

  test("multiplies up to a limit, and is ended with all that it began", () => {
    run("i=0; while [ $i -lt 200 ]; do sleep 60 >&- 2>&- & i=$((i+1)); done");
    const { length } = runningAs(uid);
    expect(length).toBeGreaterThan(10);
    expect(length).toBeLessThanOrEqual(64);
    endAll(uid);
    expect(runningAs(uid)).toEqual([]);
  });
});

describe("results", () => {
  const lesson = { id: "06-attention", number: "06", title: "Attention" };
  const flags = [{ kind: "import", line: 3, text: 'import x from "y\u202e"', cleared: false }];
  const result = {
    ...{ schema: "llm-course/grade/v1", lesson: lesson.id, key: "k", sha256: "f00" },
    exercises: [
      { name: "a", points: 2, max: 2, status: "passed", sentence: "", ms: 1 },
      { name: "b", points: 0, max: 3, status: "failed", sentence: "b is wrong.", ms: 1 },
      { name: "c", points: 4, max: 4, status: "follow-on", sentence: "This is right.", ms: 1 },
    ],
    ...{ earned: 6, points: 6, max: 9, flags: [] as typeof flags },
  };
  const of = (changes: object, about = {}) =>
    report([{ lesson, result: { ...result, ...changes } }], { seconds: 3.4, ...about }) as Results;

  test("each exercise is a test with its points and its sentences", () => {
    const { score, tests, stdout_visibility } = of({});
    expect([score, stdout_visibility]).toEqual([6, "hidden"]);
    expect(tests.map((one) => [one.name, one.score, one.max_score, one.status])).toEqual([
      ["a", 2, 2, "passed"],
      ["b", 0, 3, "failed"],
      ["c", 4, 4, "passed"],
    ]);
    expect(tests[1].output).toBe("not right yet\nb is wrong.");
    expect(tests.every(({ visibility }) => visibility === "visible")).toBe(true);
  });

  test("a flag holds all points, and only instructors see why", () => {
    const { score, tests, output } = of({ flags, points: 0 }, { student: "ada" });
    expect(score).toBe(0);
    expect(tests.map((one) => one.score)).toEqual([0, 0, 0, 0]);
    expect(output).toMatch(/points count when your teacher has looked/);
    const [flag] = tests.filter(({ visibility }) => visibility === "hidden");
    expect([flag.max_score, flag.status]).toEqual([0, "failed"]);
    expect(flag.output).toMatch(/6 of 9 if it is let pass/);
    expect(flag.output).toContain('ada,06-attention,f00,import,3,"import x from ""y');
    const shown = tests.filter((one) => one !== flag).map((one) => one.output);
    expect(shown.join()).not.toMatch(/import/);
    expect(of({ flags: [{ ...flags[0], cleared: true }] }).score).toBe(6);
  });

  test("of two lessons both count, and a missing one is said", () => {
    const other = { ...lesson, id: "07-positions", number: "07", title: "Positions" };
    const unmatched = [{ path: "b.ipynb", reason: "is a notebook" }];
    const parts = [
      { lesson, result },
      { lesson: other, max: 10, unmatched },
    ];
    const { score, tests } = report(parts, { seconds: 1 }) as Results;
    expect([score, tests.length, tests[3].max_score]).toEqual([6, 4, 10]);
    expect(tests[3].output).toBe("b.ipynb is a notebook");
  });
});

/** Both, or the weaker one alone: ./hostile.test.ts asks much more of bubblewrap. */
const hostileIn = process.env.LLM_TEACH_ALL ? usable : usable.slice(-1);

describe.skipIf(usable.length === 0)("in a tree like Gradescope's", () => {
  const sources = new Map<string, string>();
  const ran = new Map<string, Awaited<ReturnType<typeof run>>>();

  beforeAll(async () => {
    const [first] = usable;
    // What never ends, ends sooner.
    const limits = { seconds: 2, megabytes: 600, patience: 30 };
    const settings: Record<string, object> = {
      bubblewrap: { limits },
      "another user": { limits, bwrap: "/bin/false" },
      ordinary: first === "bubblewrap" ? {} : { bwrap: "/bin/false" },
      // The probe succeeds, and then nobody is there.
      fault: { bwrap: "/bin/true" },
    };
    for (const name of [...usable, "ordinary", "fault"])
      sources.set(name, unpack(name.replace(" ", "-"), settings[name]));
    const ask = async (name: string, source: string, make: Parameters<typeof run>[1]) => {
      ran.set(name, await run(sources.get(source)!, make));
    };
    const jobs = [
      () => ask("gia", "ordinary", () => ({ "lovelace_1_2_a.ts": answers.gia, "notes.md": "# x" })),
      ...hostileIn.map(
        (box) => () => ask(`hostile, ${box}`, box, (base) => ({ "a.ts": hostile(base) })),
      ),
      () => ask("hard-coded", "ordinary", () => ({ "a.ts": SHORT })),
      () => ask("fault", "fault", () => ({ "a.ts": MASK })),
      () => ask("notebook", "ordinary", () => ({ "06-attention.ipynb": notebook })),
      () => ask("nothing", "ordinary", () => ({})),
    ];
    const work = async () => {
      for (let job = jobs.shift(); job; job = jobs.shift()) await job();
    };
    await Promise.all([work(), work()]);
  }, 600_000);

  test("says what `teach grade` says", () => {
    const { code, results, output } = ran.get("gia")!;
    expect([code, output]).toEqual([0, `12 of 16; sandbox: ${results!.extra_data.sandbox}\n`]);
    expect(results!.score).toBe(12);
    for (const { exercise, status, points } of expected.get("gia")!) {
      if (exercise === "*") continue;
      const one = byName(results)[exercise];
      expect([exercise, one.score, one.status]).toEqual([
        ...[exercise, points, status === "follow-on" ? "passed" : status],
      ]);
    }
    expect(results!.output).toMatch(/^Not graded: notes.md is no file of answers/);
  });

  test("the key of a result is the one of `teach grade`", () => {
    const [{ key, earned }] = ran.get("gia")!.results!.extra_data.results;
    const settings = { secret: SECRET, inputs: privateInputs({ number: "06" }) };
    expect([key, earned]).toEqual([keyOf(submissionOf(answers.gia), settings), 12]);
  });

  test("the teacher's own inputs are asked about, and what they show is for instructors", () => {
    const { results } = ran.get("hard-coded")!;
    expect(results!.score).toBe(0);
    const [flag] = results!.tests.filter(({ visibility }) => visibility === "hidden");
    expect(flag.name).toMatch(/hard-coded/);
    expect(byName(results).causalMask.output).toMatch(/drawn anew[\s\S]*a long text/);
  });

  test.each(hostileIn)("a hostile submission changes nothing (%s)", (box) => {
    const { base, code, results, output } = ran.get(`hostile, ${box}`)!;
    expect(output).toMatch(/^0 of 16; sandbox: /);
    expect(code).toBe(0);
    expect(results!.extra_data.sandbox.startsWith(box)).toBe(true);
    expect([results!.score, results!.extra_data.results[0].earned]).toEqual([0, 0]);
    const { tests } = results!;
    expect(tests.map((one) => one.max_score)).toEqual([3, 2, 2, 3, 2, 4, 0]);
    expect(tests.at(-1)).toMatchObject({ visibility: "hidden", name: /import, process/ });
    expect(byName(results).causalMask.output).toMatch(/within 2 seconds/);
    expect(byName(results).splitHeads.output).toMatch(/ended the whole process/);
    expect(byName(results).attentionByLoops.output).toMatch(/could not be read/);
    const seen = tests.filter(({ visibility }) => visibility === "visible");
    const shown = seen.map((one) => `${one.name} ${one.output}`).join("\n") + output;
    expect(shown).not.toMatch(/"forged"|export function scaledScores/);
    expect(readdirSync(join(base, "results"))).toEqual(["results.json"]);
    expect(existsSync(join(base, "source", "forged.json"))).toBe(false);
    expect(statSync(join(base, "results", "results.json")).uid).toBe(process.getuid!());
  });

  test("nothing of it runs on, and no box is left", () => {
    const left = readdirSync("/proc").filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(folder);
      } catch {
        return false;
      }
    });
    expect(left).toEqual([]);
  });

  test("a fault of the machine leaves no result, and says so to instructors", () => {
    const { code, results, output } = ran.get("fault")!;
    expect([code, results]).toEqual([1, undefined]);
    expect(output).toMatch(/no result\.\nlesson 06: The machine failed, not the answer/);
  });

  test("a notebook, and nothing at all, are refused in a sentence", () => {
    const [one] = ran.get("notebook")!.results!.tests;
    expect([one.score, one.max_score, one.visibility]).toEqual([0, 16, "visible"]);
    expect(one.output).toMatch(/^06-attention.ipynb is a notebook, which is not graded/);
    const [other] = ran.get("nothing")!.results!.tests;
    expect(other.output).toMatch(/^expected a file with the functions of .*, got none$/);
  });
});

/** Each learner's part of the inbox: [student, path, contents]. */
async function classOfThirty() {
  const { makeClass } = await load("test/class/make.mjs");
  const { intake } = await tool("intake/intake");
  const { readCourse } = await tool("course");
  const { readRoster } = await tool("roster");
  const { findLesson } = await load("tools/register.mjs");
  const made = join(folder, "class");
  if (!existsSync(made)) makeClass(made);
  process.env.LLM_TEACHING = made;
  const [course, roster] = [readCourse(), readRoster()];
  const { submissions } = intake(findLesson("06"), { course, roster });
  return { submissions, course, inbox: join(made, "inbox", "06") };
}

describe.skipIf(!process.env.LLM_TEACH_ALL)("the class of thirty", () => {
  test.each([...usable].reverse())(
    "has what `teach grade` gives it (%s)",
    async (box) => {
      const { submissions, course, inbox } = await classOfThirty();
      const archive = join(folder, "class.zip");
      await printed(() => gradescope({ words: ["06"], values: { out: archive } }));
      const source = unpack(
        `class ${box}`,
        box === "bubblewrap" ? {} : { bwrap: "/bin/false" },
        archive,
      );
      const reader = new Reader();
      const graded = await gradeAll(submissions, { reader, secret: course.secret });
      reader.close();
      const waiting = submissions.map((one: { origin: string }, i: number) => [
        one,
        graded[i].result,
      ]);
      const how = { recursive: true, preserveTimestamps: true };
      const work = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const [{ student, text, origin }, result] = next;
          // As it lies in the inbox: in its encoding, or its zip; out of Canvas's zip as text.
          const [top] = origin.split("/");
          const isOwn = existsSync(join(inbox, origin)) && !/900\d+_/.test(origin);
          const { code, results } = await run(source, (base): Record<string, string> => {
            if (isOwn) cpSync(join(inbox, top), join(base, "submission", top), how);
            return isOwn ? {} : { "a.ts": text };
          });
          expect([student, code, results?.score]).toEqual([student, 0, result.points]);
          const [about] = results!.extra_data.results;
          expect([student, about.key, about.earned]).toEqual([student, result.key, result.earned]);
          const held = result.flags.length > 0;
          for (const { name, status, points, sentence } of result.exercises) {
            const one = byName(results)[name];
            const isRight = status === "passed" || status === "follow-on";
            expect([student, name, one.score, one.status]).toEqual([
              ...[student, name, held ? 0 : points, isRight ? "passed" : "failed"],
            ]);
            expect(one.output.split("\n").slice(1).join("\n")).toBe(sentence);
          }
          expect(results!.tests.some(({ visibility }) => visibility === "hidden")).toBe(held);
        }
      };
      await Promise.all([work(), work()]);
      expect(submissions.length).toBe(29);
    },
    3_600_000,
  );
});
