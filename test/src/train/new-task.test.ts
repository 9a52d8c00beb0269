// A new kind of task costs little: masked.ts is at most 60 lines, knows nothing of compilation,
// files or signals, and has all that the trainer gives. A recurrent model, whose state is part of
// the run, resumes in the middle of its text.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { canCompile, clearInterrupt, requestInterrupt, tf, useEngine } from "llm/engine";
import { Random } from "llm/random";
import { CharRnn, charTask } from "llm/rnn";
import { metricCurve, type SettingsInput, Trainer, watch } from "llm/train";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { typescript } from "../../../src/course/source";
import { maskedTask } from "./masked";

const root = resolve(__dirname, "../../..");
const native =
  (await useEngine({ prefer: "native", quiet: true })).name === "native" && canCompile();
await useEngine({ prefer: "wasm", quiet: true });
const folder = mkdtempSync(join(tmpdir(), "llm-new-task-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => clearInterrupt());

const settings: SettingsInput = {
  steps: 80,
  maxLr: 0.02,
  seed: 5,
  evalEvery: 20,
  checkpointEvery: 10,
};
const losses = ({ history }: Trainer) => history.steps.map(({ loss }) => loss);

/** Trains the masked task whole, in this process. */
async function whole(more: Partial<SettingsInput> = {}) {
  const trainer = new Trainer({ task: maskedTask(5), settings: { ...settings, ...more } });
  const notices: string[] = [];
  const result = await trainer.run({ onNotice: (line) => notices.push(line) });
  trainer.dispose();
  return { ...result, notices, losses: losses(trainer) };
}

describe("a task of masked tokens", () => {
  it("is at most 60 lines long", () => {
    expect(
      readFileSync(join(__dirname, "masked.ts"), "utf8").trimEnd().split("\n").length,
    ).toBeLessThanOrEqual(60);
  });

  it("learns, is logged and reported, and frees what it made", async () => {
    const before = tf.memory().numTensors;
    const dir = join(folder, "report");
    const trainer = new Trainer({ task: maskedTask(5), settings, dir });
    const { metrics, stopped, history } = await trainer.run();
    expect(stopped).toBe("done");
    expect(metrics.accuracy).toBeGreaterThan(0.9);
    expect(history.evals.map(({ step }) => step)).toEqual([0, 20, 40, 60, 80]);
    expect(history.evals.at(-1)!.sample).toBe("5 _ 5 → 5");
    const html = readFileSync(join(dir, "report.html"), "utf8");
    for (const part of ["repetitions: accuracy", "guessing 0.091", "5 _ 5 → 5", "higher is better"])
      expect(html).toContain(part);
    expect(JSON.parse(readFileSync(join(dir, "config.json"), "utf8"))).toMatchObject({
      kind: "masked",
      model: { V: 12 },
      baselines: { guessing: 1 / 11 },
    });
    expect(metricCurve(history, trainer.task.primary)).toBeDefined();
    trainer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it("shows its progress and samples, and stops where it is told to", async () => {
    const said = vi.spyOn(console, "log").mockImplementation(() => {});
    const trainer = new Trainer({ task: maskedTask(5), settings });
    const show = watch(trainer);
    const { stopped, step } = await trainer
      .run({ ...show, stopWhen: ({ metrics }) => metrics.accuracy > 0.5 })
      .finally(show.done);
    const lines = said.mock.calls.flat().join("\n");
    said.mockRestore();
    trainer.dispose();
    expect(stopped).toBe("reached");
    expect(step).toBeLessThan(80);
    expect(lines).toMatch(
      /step 0: accuracy 0\.\d+ on all held-out examples \(guessing 0\.09\)|step 0: accuracy/,
    );
    expect(lines).toContain("│ 5 _ 5 →");
  });

  it("killed with SIGKILL at three moments and resumed, it gives the losses of the whole run", async () => {
    const uninterrupted = await whole();
    const dir = join(folder, "killed");
    for (const moment of [3, 27, 55]) {
      expect(await child(dir, (lines) => lines >= moment)).toBe("SIGKILL");
    }
    expect(await child(dir, () => false)).toBe(0);
    const steps = readFileSync(join(dir, "log.jsonl"), "utf8")
      .split("\n")
      .filter((line) => line.includes('"loss"'))
      .map((line) => JSON.parse(line).loss);
    expect(steps).toEqual(uninterrupted.losses);
  }, 120_000);

  it("is stopped by the stop button, and goes on", async () => {
    const dir = join(folder, "stopped");
    const first = new Trainer({ task: maskedTask(5), settings, dir });
    const { stopped, step } = await first.run({
      onStep: ({ step }) => step === 33 && requestInterrupt(),
    });
    first.dispose();
    clearInterrupt();
    expect([stopped, step]).toEqual(["interrupted", 33]);
    const second = Trainer.resume(dir, { task: () => maskedTask(5) });
    await second.run();
    second.dispose();
    expect(losses(second)).toEqual((await whole()).losses);
  });

  it("is not resumed as another kind", async () => {
    const dir = join(folder, "kind");
    const first = new Trainer({ task: maskedTask(5), settings, dir });
    await first.run({ steps: 1 });
    first.dispose();
    const other = () => ({ ...maskedTask(5), describe: () => ({ kind: "other", model: {} }) });
    const before = tf.memory().numTensors;
    expect(() => Trainer.resume(dir, { task: other })).toThrow(
      /expected a run of kind "other" in .*kind, got "masked"/,
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  if (!native)
    console.log("compiled steps of a new task skipped: no native engine here (npm run native)");
  it.skipIf(!native)(
    "is compiled on the native engine, with close losses",
    async () => {
      await useEngine({ prefer: "native", quiet: true });
      const [compiled, eager] = [await whole(), await whole({ compile: false })];
      await useEngine({ prefer: "wasm", quiet: true });
      expect(compiled.notices).toEqual([expect.stringMatching(/^compiling the training step/)]);
      expect(eager.notices).toEqual([]);
      compiled.losses.slice(0, 30).forEach((loss, i) => {
        expect(loss).toBeCloseTo(eager.losses[i], 3);
      });
    },
    120_000,
  );
});

/** Runs or resumes the task in a process of its own; kills it when the log has enough lines. */
function child(dir: string, enough: (lines: number) => boolean): Promise<number | string | null> {
  const ts = typescript();
  const { outputText } = ts.transpileModule(readFileSync(join(__dirname, "masked.ts"), "utf8"), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  writeFileSync(join(folder, "masked.cjs"), outputText);
  writeFileSync(
    join(folder, "run.cjs"),
    `const { createRequire } = require("node:module");
     const llm = createRequire(${JSON.stringify(join(root, "package.json"))});
     const load = require("node:module")._load;
     require("node:module")._load = (name, ...rest) =>
       name.startsWith("llm/") ? load(llm.resolve(name), ...rest) : load(name, ...rest);
     const { maskedTask } = require("./masked.cjs");
     const { useEngine } = llm("llm/engine");
     const { Trainer } = llm("llm/train");
     const { existsSync } = require("node:fs");
     const [dir, settings] = [process.argv[2], JSON.parse(process.argv[3])];
     useEngine({ prefer: "wasm", quiet: true }).then(() => {
       const trainer = existsSync(dir + "/checkpoint.safetensors")
         ? Trainer.resume(dir, { task: () => maskedTask(5) })
         : new Trainer({ task: maskedTask(5), settings, dir });
       return trainer.run();
     });`,
  );
  const log = join(dir, "log.jsonl");
  return new Promise((done) => {
    const run: ChildProcess = spawn(
      process.execPath,
      [join(folder, "run.cjs"), dir, JSON.stringify(settings)],
      {
        stdio: ["ignore", "ignore", "inherit"],
      },
    );
    const timer = setInterval(() => {
      if (existsSync(log) && enough(readFileSync(log, "utf8").split("\n").length))
        run.kill("SIGKILL");
    }, 2);
    run.on("close", (code, signal) => {
      clearInterval(timer);
      done(signal ?? code);
    });
  });
}

describe("a recurrent model on a text", () => {
  const ids = Int32Array.from({ length: 900 }, (_, k) => [0, 1, 2, 1, 3][(k * k) % 5]);
  const make = () => {
    const model = new CharRnn({ kind: "lstm", vocabSize: 4, hiddenSize: 6, rng: new Random(2) });
    const task = charTask({
      model,
      trainIds: ids,
      valIds: ids.slice(0, 100),
      batchSize: 4,
      chunk: 10,
    });
    return { model, task };
  };
  const run = { steps: 60, maxLr: 0.02, evalEvery: 30, evalLimit: 50 }; // 22 steps are one epoch

  it("resumes in the middle of an epoch with the state it had, also in the second epoch", async () => {
    const before = tf.memory().numTensors;
    const { model, task } = make();
    const trainer = new Trainer({ task, settings: run });
    await trainer.run();
    const expected = losses(trainer);
    trainer.dispose();
    model.dispose();
    for (const stop of [9, 31]) {
      const dir = join(folder, `char-${stop}`);
      const one = make();
      const first = new Trainer({ task: one.task, settings: run, dir });
      await first.run({ steps: stop });
      first.dispose();
      one.model.dispose();
      const two = make();
      const second = Trainer.resume(dir, { task: () => two.task });
      expect(
        Object.values(second.task.state!()).every((part) => part.dataSync().some((x) => x !== 0)),
      ).toBe(true);
      await second.run();
      expect(losses(second)).toEqual(expected);
      second.dispose();
      two.model.dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
