// `npm run export:torch`: the folder holds the run as it is, and what cannot be exported is refused.
// Where LLM_TRANSFORMERS_PYTHON names a Python with torch and transformers, two processes go on with
// it, and the model comes back.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { decodeSafetensors, loadCheckpoint } from "llm/checkpoint";
import { splitText, TextBatches } from "llm/data";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLoss } from "llm/gpt";
import { disposeParams, type Params } from "llm/params";
import { loadGPT, type PretrainSettings, presets, pretrain } from "llm/pretrain";
import { loadPretrained } from "llm/pretrained";
import { Random } from "llm/random";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

const root = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "llm-scale-out-"));
afterAll(() => rmSync(folder, { recursive: true }));

const rng = new Random(3);
const words = ["the quick", "brown fox\n", "jumps over", "the lazy 猫.", "Call me"];
const text = Array.from({ length: 600 }, () => words[rng.integer(words.length)]).join(" ");
const file = join(folder, "text.txt");
const settings: PretrainSettings = {
  ...presets.smoke,
  model: { blockSize: 8, nLayer: 1, nHead: 2, nEmbd: 8, dropout: 0, bias: false },
  ...{ steps: 40, batchSize: 4, warmupSteps: 2, evalEvery: 20, evalLimit: 8, sampleLength: 0 },
};
/** A run of some steps, in a folder of this name. */
async function runOf(name: string, steps: number, model: Partial<GPTConfig> = {}) {
  const dir = join(folder, name);
  const trainer = pretrain({
    ...{ text, dir, data: { name: "text", files: [file] } },
    settings: { ...settings, model: { ...settings.model, ...model } },
  });
  await trainer.run({ steps });
  trainer.dispose();
  return dir;
}

let half: string;
beforeAll(async () => {
  writeFileSync(file, text);
  const build = spawnSync(process.execPath, [join(root, "tools/build.mjs")], { encoding: "utf8" });
  if (build.status !== 0) throw new Error(build.stderr);
  await useEngine({ prefer: "wasm", quiet: true });
  half = await runOf("half", 16);
}, 300_000);

let out: string;
let count = 0;
beforeEach(() => {
  out = join(folder, `out${++count}`);
});
const exported = (dir: string, to = out) =>
  spawnSync(
    process.execPath,
    [join(root, "tools/scaleOut/exportTorch.mjs"), "--run", dir, "--out", to],
    { encoding: "utf8", env: { ...process.env, LLM_ENGINE: "wasm" } },
  );
const read = (name: string) => JSON.parse(readFileSync(join(out, name), "utf8"));
const idsOf = (part: string) => {
  const bytes = readFileSync(join(out, `data/${part}.bin`));
  return Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16LE(2 * i));
};

/** The loss of a model on all validation windows. */
async function validation(params: Params, config: GPTConfig, val: Int32Array): Promise<number> {
  let [sum, n] = [0, 0];
  const { blockSize } = config;
  for (const batch of new TextBatches(val, { blockSize, batchSize: 64, seed: 1 }).windows()) {
    const loss = gptLoss(params, config, batch.ids, batch.targets);
    sum += (await loss.data())[0] * batch.ids.shape[0];
    n += batch.ids.shape[0];
    tf.dispose([loss, batch.ids, batch.targets]);
  }
  return sum / n;
}

describe("the folder", () => {
  it("holds the run's model, tokens, moments, settings and loss", async () => {
    const done = exported(half);
    expect([done.status, done.stderr]).toEqual([0, ""]);
    const { params, config, tokenizer } = loadGPT(half);
    const { train, val } = splitText(tokenizer.encodeText(text));
    expect(idsOf("train")).toEqual(Array.from(train));
    expect(idsOf("val")).toEqual(Array.from(val));
    const theirs = loadPretrained(join(out, "model"));
    expect(theirs.tokenizer?.toJSON()).toEqual(tokenizer.toJSON());
    for (const name in params)
      expect(theirs.params[name].dataSync()).toEqual(params[name].dataSync());
    const { optimizer } = loadCheckpoint(half);
    const { tensors } = decodeSafetensors(readFileSync(join(out, "optimizer.safetensors")));
    const names = Object.keys(params).flatMap((name) => [`m.${name}`, `v.${name}`]);
    expect(Object.keys(tensors).sort()).toEqual(names.sort());
    for (const name of names) expect(tensors[name]).toEqual(optimizer[name]);
    const run = read("run.json");
    expect(run).toMatchObject({
      ...{ step: 16, blockSize: 8, batchSize: 4, dtype: "<u2", biases: false },
      schedule: { maxLr: 4e-3, minLr: 4e-4, warmupSteps: 2, totalSteps: 40 },
      arguments: { max_steps: 24, learning_rate: 4e-3, weight_decay: 0.1, adam_beta2: 0.99 },
    });
    expect(run.valLoss).toBeCloseTo(await validation(params, config, val), 5);
    for (const p of [params, theirs.params]) disposeParams(p);
  });

  it("holds the recipe, whose configurations are JSON with what Trainer fills in", () => {
    exported(half);
    for (const name of ["train.py", "README.md", "requirements.txt"])
      expect(existsSync(join(out, name))).toBe(true);
    const { zero_optimization, train_batch_size } = read("ds_config.json");
    expect([zero_optimization.stage, train_batch_size]).toEqual([2, "auto"]);
    expect(read("ray.json").num_workers).toBe(2);
  });

  it("of a run that is done goes on for an epoch", async () => {
    const dir = await runOf("done", 40, { bias: true });
    expect(exported(dir).status).toBe(0);
    const { arguments: given, biases } = read("run.json");
    expect([given.num_train_epochs, given.max_steps, biases]).toEqual([1, undefined, true]);
  });
});

describe("what is refused", () => {
  const refusal = (dir: string, to?: string) => {
    const { status, stderr } = exported(dir, to);
    expect(status).toBe(1);
    expect(existsSync(out)).toBe(false);
    return stderr;
  };

  it("is a folder with files, a run that is none, and a text that has changed", () => {
    expect(refusal(half, half)).toContain("expected a new or empty folder, got one with files");
    expect(refusal("/nowhere")).toContain("no checkpoint in /nowhere");
    writeFileSync(file, `${text}!`);
    expect(refusal(half)).toMatch(/is not the text that .* was trained on: it has changed/);
    writeFileSync(file, text);
  });

  it("is a model that transformers has not", async () => {
    const dir = await runOf("rope", 2, { position: "rope" });
    expect(refusal(dir)).toContain("got a GPT-2 with position rope");
  });
});

const python = process.env.LLM_TRANSFORMERS_PYTHON;
if (!python)
  console.log(
    "the run in PyTorch is skipped: LLM_TRANSFORMERS_PYTHON names no Python with torch, " +
      "transformers and accelerate",
  );
describe.skipIf(!python)("torchrun", () => {
  /** Goes on with so many processes; the losses on validation windows, and the results' folder. */
  const train = (processes: number) => {
    const results = join(folder, `results${processes}`);
    const launch = ["-m", "torch.distributed.run", "--standalone", `--nproc_per_node=${processes}`];
    const options = ["--use_cpu", "--disable_tqdm", "true", "--eval_steps", "8"];
    const { status, stdout, stderr } = spawnSync(
      python as string,
      [...launch, join(out, "train.py"), ...options, "--output_dir", results],
      { encoding: "utf8", env: { ...process.env, OMP_NUM_THREADS: "1" } },
    );
    expect(status, stderr).toBe(0);
    const lines = stdout.split("\n").filter((line) => line.startsWith('{"step"'));
    const vals: number[] = lines.map((line) => JSON.parse(line).eval_loss).filter((loss) => loss);
    return { results, vals };
  };

  it("goes on from our loss with two processes, trains, and its model comes back", async () => {
    exported(half);
    const { results, vals } = train(2);
    const last = vals.at(-1)!;
    expect(Math.abs(vals[0] - read("run.json").valLoss)).toBeLessThan(1e-3);
    expect(last).toBeLessThan(vals[0] - 0.05);
    const { tokenizer: ours, params: before } = loadGPT(half);
    const { val } = splitText(ours.encodeText(text));
    // one process sees the same batches whole: the gradients were averaged
    const { params: whole } = loadPretrained(join(train(1).results, "final"));
    for (const name of ["final", "checkpoint-24"]) {
      const { params, config, tokenizer } = loadPretrained(join(results, name));
      expect(tokenizer?.toJSON()).toEqual(ours.toJSON());
      expect(Math.abs((await validation(params, config, val)) - last)).toBeLessThan(1e-3);
      for (const name of Object.keys(params)) {
        const [trained, alone] = [params[name].dataSync(), whole[name].dataSync()];
        const apart = trained.map((x, i) => Math.abs(x - alone[i]));
        expect(Math.max(...apart), name).toBeLessThan(1e-4);
        if (!(name in before)) expect(Math.max(...trained.map(Math.abs)), name).toBe(0); // a bias
      }
      disposeParams(params);
    }
    for (const params of [before, whole]) disposeParams(params);
  }, 600_000);

  it("opens our tokenizer of characters", () => {
    exported(half);
    const script = `
import json, sys
from transformers import AutoTokenizer
t = AutoTokenizer.from_pretrained(sys.argv[1])
ids = t(sys.argv[2]).input_ids
print(json.dumps([ids, t.decode(ids)]))`;
    const sample = text.slice(0, 200);
    const done = spawnSync(python as string, ["-c", script, join(out, "model"), sample], {
      encoding: "utf8",
    });
    const { params, tokenizer } = loadGPT(half);
    disposeParams(params);
    expect(JSON.parse(done.stdout)).toEqual([tokenizer.encode(sample), sample]);
  });
});
