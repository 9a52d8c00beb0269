// The one reader of command lines, and every table that it reads: what is accepted and with which
// values, what is refused and by which sentence, and --help. All in one process, but for a few
// commands that are run as users run them.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as learners from "../../../src/cli/commands";
import {
  type Command,
  helpText,
  nearest,
  readOptions,
  UsageError,
} from "../../../src/cli/options.cjs";
import { columns, wrap } from "../../../src/display/wrap.cjs";

const root = resolve(__dirname, "../../..");
const tools: Record<string, Command> = await import(
  pathToFileURL(join(root, "tools/commands.mjs")).href
);
const commands: Command[] = [...Object.values(learners), ...Object.values(tools)];
const named = commands.map((command) => [command.name, command] as const);

/** What a line gives: values and words, "help", or the sentence that refuses it. */
function read(
  command: Command,
  args: string[],
  env = {},
): { values: Record<string, unknown>; words: string[] } | string {
  try {
    const { help, ...result } = readOptions(command, args, env) as unknown as {
      help?: string;
      values: Record<string, unknown>;
      words: string[];
    };
    return help === undefined ? result : "help";
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
}

describe("what is accepted", () => {
  test("values come with their types, defaults are filled in", () => {
    expect(read(learners.train, ["--steps", "5", "--data", "a", "b c", "--quiet"])).toMatchObject({
      values: { preset: "smoke", steps: 5, data: ["a", "b c"], quiet: true, "no-compile": false },
      words: [],
    });
    expect(read(learners.train, ["--data=a", "--data", "b"])).toMatchObject({
      values: { data: ["a", "b"] },
    });
    expect(read(learners.train, ["--resume", "--steps=70"])).toMatchObject({
      values: { resume: true, steps: 70 },
    });
    expect(read(learners.train, ["--resume", "runs/a b"])).toMatchObject({
      values: { resume: "runs/a b" },
    });
    expect(read(learners.generate, ["--prompt", " ", "--temperature", "1e-1"])).toMatchObject({
      values: { prompt: " ", temperature: 0.1, tokens: 300, seed: 1 },
    });
    expect(read(learners.selfcheck, ["--sizes", "64,128"])).toMatchObject({
      values: { sizes: [64, 128], matmul: false },
    });
    expect(read(learners.check, ["06", "--watch", "causalMask"])).toMatchObject({
      values: { watch: true },
      words: ["06", "causalMask"],
    });
    expect(read(tools.lesson, ["sync", "--check"])).toMatchObject({
      verb: "sync",
      values: { check: true },
    });
  });

  test("after two dashes everything is a word", () => {
    expect(read(learners.check, ["--", "--watch"])).toMatchObject({
      values: { watch: false },
      words: ["--watch"],
    });
  });

  test("npm start passes on what is JupyterLab's, in its order", () => {
    const args = ["--no-browser", "--ip", "0.0.0.0", "--port", "9", "--ServerApp.token=x y"];
    expect(read(tools.start, args)).toMatchObject({
      values: { port: 9 },
      passed: ["--no-browser", "--ip", "0.0.0.0", "--ServerApp.token=x y"],
    });
    expect(read(tools.start, ["--bogus"])).toMatch(/no option --bogus/);
    expect(read(tools.start, ["--originals"])).toMatchObject({ values: { originals: true } });
  });

  test("a flag that npm keeps is taken where it can be, and told where it cannot", () => {
    const kept = (command: Command, env: object) =>
      read(command, [], { npm_lifecycle_event: command.name, ...env });
    expect(kept(learners.check, { npm_config_watch: "true" })).toMatchObject({
      values: { watch: true },
    });
    expect(kept(learners.train, { npm_config_steps: "5" })).toBe(
      "train: npm keeps --steps to itself; two dashes hand it on: npm run train -- --steps",
    );
    expect(kept(learners.train, { npm_config_checkpoint_every: "5" })).toMatch(
      /--checkpoint-every/,
    );
    // npm hands the value on as a word and keeps the option: which of the words it was, nobody knows
    expect(kept(learners.capstone, { npm_config_kind: "true" })).toMatch(
      /npm keeps --kind to itself; two dashes hand it on: npm run capstone -- --kind/,
    );
    const choose = { npm_lifecycle_event: "capstone", npm_config_chat: "" };
    expect(read(learners.capstone, ["mine", "choose"], choose)).toMatchObject({
      values: { "no-chat": true },
    });
    expect(kept(tools.doctor, { npm_config_json: "true" })).toMatchObject({
      values: { json: false },
    });
    // Of another command that npm runs, as a test may be, it means nothing.
    expect(
      read(learners.train, [], { npm_lifecycle_event: "test", npm_config_steps: "5" }),
    ).toMatchObject({
      words: [],
    });
  });
});

describe("what is refused", () => {
  const lines: [Command, string[], string | RegExp][] = [
    [learners.train, ["--stpes", "5"], "train: there is no option --stpes; did you mean --steps?"],
    [learners.train, ["--check", "5"], /no option --check; did you mean --checkpoint-every\?/],
    [learners.train, ["--zzzzzz"], /no option --zzzzzz; `npm run train -- --help` lists them/],
    [learners.train, ["-s", "5"], /no option -s; `npm run train/],
    [
      learners.train,
      ["--preset", "toString"],
      /--preset: expected one of smoke, laptop, gpu, got "toString"/,
    ],
    [learners.train, ["--preset", "smoek"], /got "smoek"; did you mean smoke\?/],
    [learners.train, ["--toString"], /no option --toString/],
    [learners.train, ["--__proto__=1"], /no option --__proto__/],
    [learners.train, ["--constructor"], /no option --constructor/],
    [learners.train, ["--out", ""], "train: --out: expected something, got an empty text"],
    [learners.train, ["--out="], /--out: expected something, got an empty text/],
    [learners.train, ["--resume", " "], /--resume: expected something/],
    [learners.train, ["--data", "a", ""], /expected something, got an empty text/],
    [learners.train, ["--seed", ""], /--seed: expected something, got an empty text/],
    [
      learners.train,
      ["--steps", "many"],
      'train: --steps: expected a whole number ≥ 1, got "many"',
    ],
    [learners.train, ["--steps", "-5"], /--steps: expected a whole number ≥ 1, got "-5"/],
    [learners.train, ["--steps", "1e400"], /expected a whole number ≥ 1, got "1e400"/],
    [learners.train, ["--steps", "0x10"], /got "0x10"/],
    [learners.train, ["--steps", "2.5"], /got "2.5"/],
    [learners.train, ["--steps", "Infinity"], /got "Infinity"/],
    [learners.train, ["--steps"], "train: --steps: expected N after it, got nothing"],
    [learners.train, ["--steps", "--quiet"], /--steps: expected N after it, got nothing/],
    [learners.train, ["--steps", "1", "--steps", "2"], "train: --steps is given twice"],
    [learners.train, ["--quiet", "--quiet"], "train: --quiet is given twice"],
    [learners.train, ["--quiet=yes"], 'train: --quiet takes no value, got "yes"'],
    [learners.train, ["moby.txt"], 'train: expected options only, got "moby.txt"'],
    [learners.train, ["--resume", "--seed", "1"], /--seed cannot be changed with --resume/],
    [learners.train, ["--preset", "gpu", "--resume"], /--preset cannot be changed with --resume/],
    [learners.generate, ["--prompt", ""], /--prompt: expected something, got an empty text/],
    [
      learners.generate,
      ["--temperature", "NaN"],
      /--temperature: expected a number ≥ 0, got "NaN"/,
    ],
    [learners.generate, ["--temperature", "1e400"], /expected a number ≥ 0, got "1e400"/],
    [learners.selfcheck, ["--sizes", "64,,1"], /--sizes: expected whole numbers ≥ 1, got ""/],
    [learners.check, ["--bogus"], /check: there is no option --bogus; `npm run check/],
    [learners.check, ["--wacth"], /did you mean --watch\?/],
    [learners.check, [""], /check: expected words with something in them/],
    [learners.hint, [], "hint: expected a lesson and one of its exercises, got nothing"],
    [learners.hint, ["06", "a", "b"], /hint: expected a lesson and .* and nothing else, got "b"/],
    [learners.progress, ["06"], 'progress: expected options only, got "06"'],
    [tools.bench, ["--bogus"], /bench: there is no option --bogus/],
    [tools.bench, ["--what", "toString"], /--what: expected one of train, decode, kills/],
    [tools.bench, ["--only", "toString"], /--only: expected some of .*got "toString"/],
    [tools.bench, ["--only", ""], /--only: expected something/],
    [tools.bench, ["--rounds", "Infinity"], /--rounds: expected a whole number from 1 to 100000/],
    [tools.test, ["cod"], /test: expected parts .* got "cod"; did you mean code\?/],
    [tools.test, ["lessn", "06"], /test: expected parts .* got "lessn"; did you mean lesson\?/],
    [tools.test, ["lesson"], /test: expected the number, .* after lesson, got nothing/],
    [tools.test, ["lesson", "06", "07"], /test: expected the number, .* lesson, got "06 07"/],
    [tools.test, ["code", "lesson"], /test: expected parts .* got "lesson"$/],
    [tools.test, ["--watch"], /test: there is no option --watch/],
    [tools.lesson, ["snyc"], /lesson: expected one of list, .*, got "snyc"; did you mean sync\?/],
    [tools.lesson, ["toString"], /lesson: expected one of list/],
    [tools.lesson, ["sync", "--chekc"], /lesson sync: .*did you mean --check\?/],
    [tools.lesson, ["new"], "lesson new: expected the number of a lesson, got nothing"],
    [tools.notebook, ["run"], /notebook run: expected a lesson, got nothing/],
    [tools.notebook, ["run", "06", "--timeout", "0"], /--timeout: expected a whole number ≥ 1/],
    [tools.start, ["--port", "banana"], /--port: expected a whole number from 1 to 65535/],
    [tools.native, ["--cdua"], /did you mean --cuda\?/],
    [tools.operations, ["--engines", "wsam"], /got "wsam"; did you mean wasm\?/],
  ];
  test.each(
    lines.map(([command, args, sentence]) => [command.name, args, sentence, command] as const),
  )("%s %j", (_, args, sentence, command) => {
    const said = read(command, [...args]);
    if (typeof sentence === "string") expect(said).toBe(sentence);
    else expect(said).toMatch(sentence);
  });

  test("what was typed comes back short and without control characters", () => {
    const said = read(learners.progress, [`\u001b[2J\u009b${"x".repeat(500)}`]) as string;
    expect(said).toContain('"\\u001b[2J\\u009b');
    expect(said).not.toMatch(/\p{Cc}/u);
    expect(said.length).toBeLessThan(150);
  });

  test("the nearest name: swapped, missing, other letters, a beginning; none that is far", () => {
    const names = ["steps", "seed", "checkpoint-every"];
    expect(["setps", "step", "Seed", "check", "sede"].map((word) => nearest(word, names))).toEqual([
      "steps",
      "steps",
      "seed",
      "checkpoint-every",
      "seed",
    ]);
    expect(nearest("banana", names)).toBeUndefined();
    expect(nearest("s".repeat(10_000), names)).toBeUndefined();
  });
});

describe("--help", () => {
  test.each(named)("%s: 80 columns, every option, whole words", (_, command) => {
    expect(read(command, ["--help"])).toBe("help");
    if (!command.verbs) expect(read(command, ["--bogus", "--help"])).toBe("help");
    const text = helpText(command);
    for (const line of text.split("\n")) {
      expect(columns(line), line).toBeLessThanOrEqual(80);
      expect(line).toBe(line.trimEnd());
    }
    const tables = [command, ...Object.values(command.verbs ?? {})];
    for (const name of tables.flatMap(({ options }) => Object.keys(options ?? {})))
      expect(text).toContain(`--${name}`);
    // Nothing is lost or broken in two.
    const words = (all: string) => all.split(/\s+/).filter(Boolean);
    const written = [
      command.about,
      ...(command.usage ?? []).flat(),
      ...Object.values(command.options).map(({ help }) => help),
      ...(command.notes ?? []),
    ];
    const shown = new Set(words(text));
    for (const word of words(written.join(" "))) expect(shown, word).toContain(word);
  });

  test("it is as it should look", () => {
    expect(helpText(learners.check)).toMatchInlineSnapshot(`
      "Checks your answers in exercises/ and says what is right and what is not.

        npm run check                 every lesson
        npm run check 06              the exercises of lesson 06 (attention)
        npm run check 06 causalMask   one exercise of it, or several
        npm run check 06 -- --watch   again after every save, until Ctrl-C

        --watch   check again whenever an answer is saved
        --help    this text

      A lesson is named by its number, its name or its beginning, or the path of one
      of its files; an exercise by its name, in any case.

      The exit code is 0 if everything passes, 1 if not, 2 if it cannot be run."
    `);
  });

  test("every npm script but the formatter has a table", () => {
    const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const names = new Set(commands.map(({ name }) => name));
    for (const name of Object.keys(scripts)) if (name !== "format") expect(names).toContain(name);
  });

  test("lines break between words; what is wider than a line has one to itself", () => {
    expect(wrap("aa bb cccccccc d", { width: 5 })).toBe("aa bb\ncccccccc\nd");
    expect(wrap("猫 在 睡觉", { width: 5, first: "- ", rest: "  " })).toBe("- 猫\n  在\n  睡觉");
  });
});

/** Words as a hurried, a curious and a hostile user would type them. */
const word = fc.oneof(
  fc.constantFrom("", " ", "06", "causalMask", "toString", "__proto__", "constructor", "-", "--"),
  fc.constantFrom("1e400", "-1", "0", "NaN", "Infinity", "0x10", "9".repeat(400), "1.5", "smoke"),
  fc.constantFrom("sync", "run", "new", "trial", "list", "-h", "--help", "-1", "-x", "--=", "--=x"),
  fc.string({ maxLength: 12, unit: "binary" }),
);
const option = (command: Command) => {
  const tables = [command, ...Object.values(command.verbs ?? {})];
  const names = tables.flatMap(({ options }) => Object.keys(options ?? {}));
  const name = fc.oneof(
    fc.constantFrom("bogus", "toString", "__proto__", "hasOwnProperty", ...names),
    fc.constantFrom("x", ...names).map((known) => `${known.slice(0, -1)}q`),
  );
  return fc.oneof(
    name.map((n) => [`--${n}`]),
    fc.tuple(name, word).map(([n, w]) => [`--${n}=${w}`]),
    fc.tuple(name, word).map(([n, w]) => [`--${n}`, w]),
  );
};

test("whatever is typed is accepted, or refused by one sentence", () => {
  let lines = 0;
  let refused = 0;
  for (const command of commands) {
    const line = fc.array(
      fc.oneof(
        word.map((w) => [w]),
        option(command),
      ),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(line, (parts) => {
        const args = parts.flat();
        lines++;
        const result = read(command, args);
        if (result === "help") return;
        if (typeof result !== "string") {
          for (const value of Object.values(result.values)) {
            if (typeof value === "number") expect(Number.isFinite(value)).toBe(true);
            expect(value).not.toBe("");
          }
          return;
        }
        refused++;
        expect(result.startsWith(`${command.name}`)).toBe(true);
        expect(result).not.toMatch(/\p{Cc}|undefined|\[object|TypeError| at .*:\d+:\d+/u);
        expect(result.length).toBeLessThan(400);
      }),
      { numRuns: 60, seed: 11 },
    );
  }
  expect(lines).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(lines / 2);
  expect(refused).toBeLessThan(lines);
});

describe("as a process", () => {
  const run = (file: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(root, file), ...args], { encoding: "utf8" });
  const files = [
    "tools/setup/start.mjs",
    "tools/setup/setup.mjs",
    "tools/setup/doctor.mjs",
    "tools/native/native.mjs",
    "tools/build.mjs",
    "tools/test/test.mjs",
    "tools/python.mjs",
    "tools/gpu/pack.mjs",
  ];
  test.each(files)(
    "%s: help with code 0; refused with code 2, one line, before any work",
    (file) => {
      const help = run(file, "--help");
      expect({ status: help.status, stderr: help.stderr }).toEqual({ status: 0, stderr: "" });
      expect(help.stdout).toContain("--help");
      const bad = run(file, "--bogus");
      expect({ status: bad.status, stdout: bad.stdout }).toEqual({ status: 2, stdout: "" });
      expect(bad.stderr).toMatch(/^[^\n]*--bogus[^\n]*\n$/);
    },
  );
});
