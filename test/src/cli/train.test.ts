// `npm run train` and `npm run generate` as processes: a run that is killed with SIGKILL at any
// moment and resumed has the losses of one that was not; Ctrl-C saves; wrong options are answered
// in a sentence.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { loadCheckpoint } from "llm/checkpoint";
import { canCompile, type EngineName, useEngine } from "llm/engine";
import { presets } from "llm/pretrain";
import { Random } from "llm/random";
import { BpeTokenizer, CharTokenizer, writeHuggingFace } from "llm/tokenizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as commands from "../../../src/cli/commands";

await useEngine({ prefer: "native", quiet: true });
const native = canCompile();
const root = resolve(__dirname, "../../..");
let folder: string;
beforeAll(() => {
  const build = spawnSync(process.execPath, [join(root, "tools/build.mjs")], { encoding: "utf8" });
  if (build.status !== 0) throw new Error(build.stderr);
  folder = mkdtempSync(join(tmpdir(), "llm-cli-"));
  const rng = new Random(2);
  const words = ["call", "me", "ishmael", "some", "years", "ago"];
  writeFileSync(
    join(folder, "text.txt"),
    Array.from({ length: 1500 }, () => words[rng.integer(6)]).join(" "),
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  code: number | null;
  output: string;
}
function start(
  script: string,
  args: string[],
  whileRunning: (child: ChildProcess, output: string) => void = () => {},
  engine: EngineName = "wasm",
) {
  return new Promise<Ended>((done) => {
    const child = spawn(process.execPath, [join(root, `dist/cli/${script}.js`), ...args], {
      env: { ...process.env, LLM_ENGINE: engine },
    });
    let output = "";
    const timer = setInterval(() => whileRunning(child, output), 5);
    child.stdout.on("data", (data) => (output += data));
    child.stderr.on("data", (data) => (output += data));
    child.on("close", (code) => {
      clearInterval(timer);
      done({ code, output });
    });
  });
}
const train = (
  args: string[],
  whileRunning?: (child: ChildProcess, output: string) => void,
  engine?: EngineName,
) => start("train", args, whileRunning, engine);
const fresh = (dir: string, steps = 24) => [
  "--data",
  join(folder, "text.txt"),
  "--steps",
  `${steps}`,
  "--checkpoint-every",
  "5",
  "--seed",
  "3",
  "--out",
  join(folder, dir),
];
const lines = (dir: string) => {
  const file = join(folder, dir, "log.jsonl");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
};
const results = (dir: string) =>
  lines(dir).map((line) => {
    const { ms: _, ...record } = JSON.parse(line);
    return record;
  });

describe("npm run train", () => {
  // The moments, in lines of the log: just after the first checkpoint, between two, just after one,
  // near the end.
  it.each<[string, EngineName, number, number[]]>([
    ["wasm", "wasm", 24, [1, 9, 13, 24]],
    ...(native
      ? [
          ["native, compiled", "native", 70, [1, 18, 43, 70]] satisfies [
            string,
            EngineName,
            number,
            number[],
          ],
        ]
      : []),
  ])(
    "killed four times at different moments and resumed, it gives the losses of the uninterrupted run (%s)",
    async (_, engine, steps, moments) => {
      const [one, two] = [`whole-${engine}`, `killed-${engine}`];
      const whole = await train([...fresh(one, steps), "--quiet"], undefined, engine);
      expect(whole).toMatchObject({ code: 0 });
      expect(whole.output).toMatch(/done in \d+ s: validation \d/);
      expect(whole.output.includes("compiling the training step")).toBe(engine === "native");
      for (const file of ["config.json", "log.jsonl", "checkpoint.safetensors", "report.html"])
        expect(existsSync(join(folder, one, file)), file).toBe(true);

      let args = fresh(two, steps);
      for (const moment of moments) {
        const kill = (child: ChildProcess) => {
          if (lines(two).length >= moment) child.kill("SIGKILL");
        };
        expect((await train(args, kill, engine)).code).toBeNull();
        args = existsSync(join(folder, two, "checkpoint.safetensors"))
          ? ["--resume", join(folder, two)]
          : args;
      }
      expect(await train(args, undefined, engine)).toMatchObject({ code: 0 });
      expect(results(two)).toEqual(results(one));
      expect(results(one).filter((record) => "loss" in record)).toHaveLength(steps);
    },
    300_000,
  );

  it("Ctrl-C stops after the step, saves, and says how to go on; then generate continues a prompt", async () => {
    let asked = false;
    const { code, output } = await train(fresh("stopped"), (child) => {
      if (asked || lines("stopped").length < 4) return;
      asked = true;
      child.kill("SIGINT");
    });
    expect(code).toBe(130);
    expect(output).toMatch(
      /stopped and saved at step (\d+)\. To go on: npm run train -- --resume .*stopped/,
    );
    const args = [
      "--run",
      join(folder, "stopped"),
      "--prompt",
      "call me",
      "--tokens",
      "20",
      "--seed",
      "5",
    ];
    const [one, two] = [await start("generate", args), await start("generate", args)];
    expect(one.code).toBe(0);
    expect(one.output).toMatch(/^call me.{20}\n$/);
    expect(two.output).toBe(one.output);
    const unknown = await start("generate", [
      "--run",
      join(folder, "stopped"),
      "--prompt",
      "Zürich",
    ]);
    expect(unknown.code).toBe(1);
    expect(unknown.output).toMatch(/generate: .*unknown character "Z"/);
  }, 120_000);

  it("takes a tokenizer's file, says bits per character, and keeps it for resume and generate", async () => {
    const file = join(folder, "tokenizer.json");
    const text = readFileSync(join(folder, "text.txt"), "utf8");
    const tokenizer = BpeTokenizer.train(text, { vocabSize: 270 });
    writeFileSync(file, JSON.stringify(writeHuggingFace(tokenizer)));
    const one = await train([...fresh("bpe", 6), "--tokenizer", file, "--quiet"]);
    expect(one.output).toMatch(/uniform 5\.60, .* nats per token \(\d\.\d\d characters\)/);
    const [, nats, perCharacter, bits] =
      /validation ([\d.]+) nats per token, ([\d.]+) nats and ([\d.]+) bits per character/
        .exec(one.output)!
        .map(Number);
    const { length } = tokenizer.encodeText(text);
    expect(perCharacter / nats).toBeCloseTo(length / text.length, 1);
    expect(bits).toBeCloseTo(perCharacter / Math.LN2, 2);
    rmSync(file); // the checkpoint has it
    const { output } = await train(["--resume", join(folder, "bpe"), "--steps", "8", "--quiet"]);
    expect(output).toMatch(/done in/);
    const args = ["--run", join(folder, "bpe"), "--prompt", "me 猫", "--tokens", "5"];
    expect((await start("generate", args)).output).toMatch(/^me 猫/);
  }, 120_000);

  // All that can be wrong about a line: options.test.ts.
  it.each<[string[], number, RegExp]>([
    [
      ["--preset", "huge"],
      2,
      /^train: --preset: expected one of smoke, laptop, gpu, got "huge"\n$/,
    ],
    [["--seed", "", "--out", join("nowhere", "run")], 2, /^train: --seed: expected something/],
    [["--resume", "--tokenizer", "x.json"], 2, /--tokenizer cannot be changed with --resume/],
    [["--steps", "1", "--out", "/proc/llm/run"], 1, /cannot write \/proc\/llm: /],
    [["--resume", "nowhere"], 1, /no checkpoint in nowhere/],
    [["--tokenizer", "nowhere.json"], 1, /--tokenizer: nowhere\.json: no such file/],
    [["--data", "nothing-of-that-name"], 1, /no such file, and no data set of that name/],
  ])("answers %j with code %i, in a sentence", async (args, expected, message) => {
    const { code, output } = await train(args);
    expect(code).toBe(expected);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/^ +at /m);
    expect(existsSync("nowhere")).toBe(false);
  });

  it("the presets of --help are those that there are", () => {
    expect(commands.train.options.preset.choices).toEqual(Object.keys(presets));
  });

  it.each(["SIGTERM", "SIGHUP"] as const)(
    "%s saves as Ctrl-C does, and reaches the trainer through npm's wrapper",
    async (signal) => {
      const dir = `by-${signal}`;
      const wrapper = spawn(
        process.execPath,
        [join(root, "tools/run.mjs"), "train", ...fresh(dir, 4000)],
        {
          env: { ...process.env, LLM_ENGINE: "wasm" },
          stdio: "ignore",
        },
      );
      const code = await new Promise((done) => {
        let sent = false;
        const timer = setInterval(() => {
          if (!sent && lines(dir).length > 6) sent = wrapper.kill(signal);
        }, 20);
        wrapper.on("close", (code) => {
          clearInterval(timer);
          done(code);
        });
      });
      expect(code).toBe(130);
      const logged = results(dir).filter((record) => "loss" in record).length;
      expect(loadCheckpoint(join(folder, dir)).step).toBe(logged);
      expect(existsSync(join(folder, dir, "run.lock"))).toBe(false);
    },
    60_000,
  );

  it("a pipe that is closed early ends the run politely, saved", async () => {
    const child = spawn(
      process.execPath,
      [join(root, "dist/cli/train.js"), ...fresh("piped", 4000)],
      {
        env: { ...process.env, LLM_ENGINE: "wasm" },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let said = "";
    child.stderr.on("data", (data) => (said += data));
    child.stdout.once("data", () => child.stdout.destroy());
    const code = await new Promise((done) => child.on("close", done));
    expect(said).toBe("");
    expect(code).toBe(130);
    const logged = results("piped").filter((record) => "loss" in record).length;
    expect(loadCheckpoint(join(folder, "piped")).step).toBe(logged);
  }, 60_000);

  it("prints commands that work when they are pasted", async () => {
    writeFileSync(join(folder, "zahlen.txt"), "eins 'zwei' drei. ".repeat(100));
    const dir = join(folder, "a run's folder");
    const args = ["--data", join(folder, "zahlen.txt"), "--steps", "2", "--out", dir];
    const { output } = await train(args);
    const command = /npm run generate -- (.*)/.exec(output)![1];
    const pasted = spawnSync(
      "sh",
      ["-c", `"${process.execPath}" dist/cli/generate.js ${command} --tokens 3`],
      {
        cwd: root,
        encoding: "utf8",
        env: { ...process.env, LLM_ENGINE: "wasm" },
      },
    );
    expect(pasted.stderr).toBe("");
    expect(pasted.stdout).toMatch(/^eins.{3}\n$/s);
    const without = await start("generate", ["--run", dir, "--tokens", "3"]); // this text has no line break
    expect(without.code).toBe(0);
  }, 60_000);

  it("a model's control characters do not reach the terminal", async () => {
    const file = join(folder, "a\u001b[2J name.txt");
    writeFileSync(file, "\u001b[2J\u0007ab".repeat(200));
    const dir = join(folder, "escapes");
    const { output } = await train(["--data", file, "--steps", "2", "--out", dir]);
    const written = await start("generate", ["--run", dir, "--tokens", "30", "--prompt", "ab"]);
    const unknown = await start("generate", ["--run", dir, "--prompt", "\u0008\u009b"]);
    expect(unknown.code).toBe(1);
    for (const text of [output, written.output, unknown.output])
      for (const control of ["\u001b", "\u0007", "\u0008", "\u009b"])
        expect(text).not.toContain(control);
    expect(written.output).toMatch(/␛|␇/);
  }, 60_000);

  it("trains with a tokenizer from a file, and generate reads it from the run", async () => {
    const file = join(folder, "tokenizer.json");
    const wider = CharTokenizer.train(`${readFileSync(join(folder, "text.txt"), "utf8")}äöü\n`);
    writeFileSync(file, JSON.stringify(wider));
    const { code, output } = await train([...fresh("tokenizer", 3), "--tokenizer", file]);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(output).toContain(`${wider.vocabSize} different characters`);
    const args = ["--run", join(folder, "tokenizer"), "--prompt", "ö sea", "--tokens", "5"];
    expect(await start("generate", args)).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^ö sea.{5}/s),
    });
    writeFileSync(file, '{"type":"pairs"}');
    const wrong = await train([...fresh("wrong", 3), "--tokenizer", file]);
    expect(wrong.code).toBe(1);
    expect(wrong.output).toMatch(
      /--tokenizer: .* holds no tokenizer: .*expected a type among .*char.*, got "pairs"/,
    );
    expect(existsSync(join(folder, "wrong"))).toBe(false);
  }, 120_000);
});

describe("npm run chat -- --run", () => {
  it("talks with a run whose tokenizer has the marks of a conversation, and refuses another", async () => {
    const question = ["--message", "Reverse: abc", "--tokens", "4"];
    const base = await start("chat", ["--run", join(root, "datasets/base-gpt"), ...question]);
    expect(base).toMatchObject({ code: 0 });
    expect(base.output.trim()).not.toBe("");
    const book = await start("chat", ["--run", join(root, "datasets/moby-dick-gpt"), ...question]);
    expect(book.code).toBe(1);
    expect(book.output).toMatch(/^chat: .*special token <\|user\|>/m);
  });
});
