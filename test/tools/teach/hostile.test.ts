// Every hostile submission of test/class/hostile.mjs through the sandbox: it gains nothing, leaves
// nothing behind, and does no harm to the honest one that is graded after it in the same process.
// All of them take some minutes of processor time, so `npm test` runs a part; LLM_TEACH_ALL=1 runs
// the others too, LLM_TEACH_USER=1, as root, takes the weaker sandbox of Gradescope, and
// LLM_TEACH_TABLE=FILE writes what the teacher sees.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { load, scratch, submissionOf } from "./tools";

interface Hostile {
  about: string;
  text: string;
  flags: string[];
  sentence: RegExp;
}
interface Result {
  points: number;
  earned: number;
  exercises: { name: string; points: number; status: string; sentence: string }[];
  flags: { kind: string; line: number; text: string }[];
}

const { hostile, planted } = (await load("test/class/hostile.mjs")) as {
  hostile: Hostile[];
  planted: string;
};
const { sandboxTrouble } = await load("tools/teach/grade/box.mjs");
const trouble = sandboxTrouble() as { why: string } | undefined;

/** Of each kind one, and what stops the process: these have most to break. */
const SOME = [
  ...["re-exports the solutions", "imports at run time", "forges the notes of the check"],
  ...["writes a reply into the pipe", "exchanges JSON", "returns 200 MB", "never ends", "sleeps"],
  ...["takes all memory outside the heap", "ends the process", "starts a program", "writes a file"],
  ...["is right with the inputs that everybody has", "hides the constructor well"],
  ...["writes to the teacher's terminal", "nests without end"],
];
const chosen = process.env.LLM_TEACH_ALL
  ? hostile
  : hostile.filter(({ about }) => SOME.includes(about));

const HONEST = `import { tf } from "llm/engine";
export function causalMask(T: number): tf.Tensor2D {
  const rows = Array.from({ length: T }, (_, i) => Array.from({ length: T }, (_, j) => j <= i));
  return tf.tensor2d(rows, [T, T], "bool");
}
`;
const of = (result: Result) => result.exercises.find(({ name }) => name === "causalMask")!;

describe.skipIf(trouble)("hostile submissions", () => {
  const found = new Map<string, Result>();
  const honest: Result[] = [];
  const folder = scratch();
  beforeAll(async () => {
    rmSync(planted, { recursive: true, force: true });
    process.env.TMPDIR = folder;
    const { gradeAll } = await load("tools/teach/grade/one.mjs");
    const { Reader } = await load("tools/teach/grade/reader.mjs");
    const reader = new Reader();
    const user = process.env.LLM_TEACH_USER ? await anotherUser() : undefined;
    const waiting = [...chosen];
    const work = async () => {
      while (waiting.length > 0) {
        const some = waiting.splice(0, 8);
        const submissions = [
          ...some.map(({ about, text }) => submissionOf(text, { student: about })),
          submissionOf(HONEST, { student: "honest" }),
        ];
        // Two seconds and 600 MB: what never ends, ends sooner.
        const limits = { seconds: 2, megabytes: 600, patience: 30 };
        const options = { reader, secret: "a test", ...limits, box: user?.box };
        const graded = (await gradeAll(submissions, options)) as { result: Result }[];
        for (const [i, { about }] of some.entries()) found.set(about, graded[i].result);
        honest.push(graded.at(-1)!.result);
      }
    };
    await Promise.all([work(), work()]);
    reader.close();
    user?.close();
    if (process.env.LLM_TEACH_TABLE) writeFileSync(process.env.LLM_TEACH_TABLE, table());
  }, 3_600_000);

  /** The sandbox without bubblewrap. */
  async function anotherUser() {
    const { boxedAs, endAll, someUser, userTrouble } = await load("tools/teach/grade/asUser.mjs");
    const boxes = join(folder, "boxes");
    mkdirSync(boxes);
    for (const path of [folder, boxes]) chmodSync(path, 0o711);
    const reason = userTrouble({ uid: someUser(), closed: [] });
    if (reason) throw new Error(reason.why);
    const users: number[] = [];
    const user = () => users[users.push(someUser()) - 1];
    return { box: boxedAs({ user, folder: boxes }), close: () => users.map(endAll) };
  }

  /** What the teacher sees, as Markdown. */
  const table = () =>
    [
      "| what it tries | points | status | flags | the sentence |\n|---|---|---|---|---|\n",
      ...chosen.map(({ about }) => {
        const result = found.get(about)!;
        const { status, sentence } = of(result);
        const kinds = [...new Set(result.flags.map(({ kind }) => kind))].join(", ");
        const said = sentence.split("\n")[0].replaceAll("|", "\\|").replaceAll("<", "&lt;");
        return `| ${about} | ${result.points} | ${status} | ${kinds} | ${said.slice(0, 140)} |\n`;
      }),
    ].join("");

  test.each(chosen)("$about: no point", ({ about, flags, sentence }) => {
    const result = found.get(about)!;
    expect(result.points).toBe(0);
    expect([...new Set(result.flags.map(({ kind }) => kind))].sort()).toEqual([...flags].sort());
    const one = of(result);
    // Reference code that was imported by name is right; the flag keeps it from counting.
    if (!flags.includes("import")) expect(one.status).not.toBe("passed");
    expect(one.status).not.toBe("error");
    expect(one.sentence).toMatch(sentence);
    const shown = [one.sentence, ...result.flags.map(({ text }) => text)].join("");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
    expect(shown).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
  });

  test("the honest ones between them get their points", () => {
    expect(honest.map((result) => [of(result).status, of(result).sentence])).toEqual(
      honest.map(() => ["passed", ""]),
    );
  });

  test("nothing is left behind", () => {
    expect(existsSync(planted)).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith("llm-"))).toEqual([]);
    const running = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(`${folder}/`);
        } catch {
          return false;
        }
      });
    expect(running).toEqual([]);
  });
});

if (trouble) test.skip(`hostile submissions need a sandbox: ${trouble.why}`, () => {});
