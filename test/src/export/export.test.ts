// Models written for other programs: chat templates in Go, the files of each program, and the real
// llama.cpp and transformers beside the course's own engine where they are here.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fillTemplate, type Message } from "llm/chat";
import { tf, useEngine } from "llm/engine";
import { exportModel, goTemplate, modelfile } from "llm/export";
import { gptLogits } from "llm/gpt";
import { asChatModel, loadInstructModel } from "llm/instruct";
import { type EngineModel, openLanguageModel, write } from "llm/languageModel";
import { disposeParams } from "llm/params";
import { loadGguf, loadPretrained } from "llm/pretrained";
import { CharTokenizer } from "llm/tokenizer";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "export-"));
const QUESTIONS = ["What is 7 + 5?", "What is the reverse of: apple, pear?", "Naïve – 3 cats?"];
let own: ReturnType<typeof asChatModel>;
let engine: EngineModel;
let answers: string[];
let prompts: number[][];

beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
  own = asChatModel(loadInstructModel());
  await exportModel(join(folder, "hf"), own, { to: "huggingface" });
  await exportModel(join(folder, "ollama"), own, { to: "ollama", name: "ours" });
  engine = await openLanguageModel("own");
  const asked = QUESTIONS.map((content) => ({
    ...{ messages: [{ role: "user" as const, content }], temperature: 0, maxTokens: 24 },
  }));
  answers = [];
  for (const request of asked) answers.push((await write(engine, request)).text);
  prompts = asked.map((request) => engine.promptIds(request));
}, 60_000);
afterAll(() => {
  disposeParams(own.params);
  rmSync(folder, { recursive: true });
});

/** What Go's text/template makes of the few actions that goTemplate writes. */
function inGo(template: string, messages: readonly Message[]): string {
  const system = messages.filter(({ role }) => role === "system").length > 0;
  const [, opening = "", loop, answer] =
    /^(?:\{\{ if not \.System \}\}(.*?)\{\{ end \}\})?\{\{ range \.Messages \}\}(.*)\{\{ end \}\}\{\{ end \}\}(.*)$/s.exec(
      template,
    )!;
  const branches = loop.split(/\{\{ (?:else )?if eq \.Role "/).slice(1);
  const byRole = new Map(branches.map((branch) => branch.split(/" \}\}(.*)/s) as [string, string]));
  const written = messages.map(({ role, content }) =>
    (byRole.get(role) ?? "").split("{{ .Content }}").join(content),
  );
  return [system ? "" : opening, ...written, answer].join("");
}

const user = { role: "user" as const, content: "How many\nwhales?" };
const assistant = { role: "assistant" as const, content: "One $& two." };
const system = { role: "system" as const, content: "Be brief." };
const chatML =
  "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}" +
  "{{ '<|im_start|>system\\nYou are kind.<|im_end|>\\n' }}{% endif %}" +
  "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n'}}" +
  "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

describe("goTemplate", () => {
  test("the course's own template", () => {
    expect(goTemplate(own.chatTemplate!)).toBe(
      '{{ range .Messages }}{{ if eq .Role "user" }}<|user|>{{ .Content }}<|end|>' +
        '{{ else if eq .Role "assistant" }}<|assistant|>{{ .Content }}<|end|>' +
        "{{ end }}{{ end }}<|assistant|>",
    );
  });

  test("one with system messages and a default for them gives the same conversations", () => {
    const go = goTemplate(chatML);
    for (const dialogue of [
      [user],
      [user, assistant, user],
      [system, user],
      [system, user, assistant, user],
    ])
      expect(inGo(go, dialogue)).toBe(fillTemplate(chatML, dialogue));
  });

  test.each([
    [
      "turns that depend on their place",
      "{% for m in messages %}{{ loop.index ~ m.role ~ m.content }}{% endfor %}",
    ],
    ["words that are changed", "{% for m in messages %}{{ m.content | upper }}{% endfor %}"],
    ["words that come twice", "{% for m in messages %}{{ m.content ~ m.content }}{% endfor %}"],
    ["a last message apart", "{{ messages[-1].content }}"],
  ])("refuses %s", (_, jinja) => {
    expect(() => goTemplate(jinja)).toThrow("written by their role alone");
  });

  test("refuses what a Modelfile would read as something else", () => {
    const braces = "{% for m in messages %}{{ '{{' ~ m.role ~ m.content }}{% endfor %}";
    expect(() => goTemplate(braces)).toThrow('without {{ and """');
  });
});

describe("the files", () => {
  test("a Modelfile for the course's own model, and for one that only goes on", () => {
    expect(readFileSync(join(folder, "ollama", "Modelfile"), "utf8")).toBe(
      `FROM ./model.gguf\nTEMPLATE """${goTemplate(own.chatTemplate!)}"""\n` +
        'PARAMETER stop "<|end|>"\nPARAMETER num_ctx 256\n',
    );
    const plain = modelfile(
      { tokenizer: own.tokenizer, generation: {} },
      { file: "x.gguf", contextLength: 64 },
    );
    expect(plain).toBe('FROM ./x.gguf\nTEMPLATE """{{ .Prompt }}"""\nPARAMETER num_ctx 64\n');
  });

  test("the GGUF file holds the same model, bit for bit, with its tokenizer", async () => {
    const back = loadGguf(join(folder, "ollama", "model.gguf"));
    expect(back.modelType).toBe("qwen3");
    expect(back.config).toMatchObject(own.config);
    expect(back.generation).toEqual({ eos_token_id: 3 });
    for (const [name, p] of Object.entries(own.params))
      expect([
        name,
        Buffer.from(back.params[name].dataSync().buffer).equals(
          Buffer.from(p.dataSync().slice().buffer),
        ),
      ]).toEqual([name, true]);
    for (const text of [...QUESTIONS, "<|user|>a\n\n  b<|end|>"])
      expect(back.tokenizer.encode(text)).toEqual(own.tokenizer!.encode(text));
    disposeParams(back.params);
    const model = await openLanguageModel(join(folder, "ollama", "model.gguf"));
    const messages = [{ role: "user" as const, content: QUESTIONS[1] }];
    const { text } = await write(model, { messages, temperature: 0, maxTokens: 24 });
    expect(text).toBe(answers[1]);
  });

  test("Hugging Face's folder is read back", () => {
    const files = "chat_template.jinja config.json generation_config.json model.safetensors";
    expect(readdirSync(join(folder, "hf")).sort()).toEqual(
      `${files} tokenizer.json tokenizer_config.json`.split(" "),
    );
    const back = loadPretrained(join(folder, "hf"));
    expect(back.chatTemplate).toBe(own.chatTemplate);
    expect(back.config).toMatchObject(own.config);
    disposeParams(back.params);
  });

  test("what another program cannot have is refused, and nothing is written", async () => {
    const to = join(folder, "none");
    await expect(exportModel(to, own, { to: "huggingface", type: "Q4_0" })).rejects.toThrow(
      "expected F32 or F16 for Hugging Face's folders, got Q4_0",
    );
    await expect(exportModel(to, own, { to: "gguf", type: "Q8_0" })).rejects.toThrow(
      "expected rows of whole blocks of 32 numbers as Q8_0, got rows of 144",
    );
    const characters = { ...own, tokenizer: CharTokenizer.train("abc") };
    await expect(exportModel(to, characters, { to: "gguf" })).rejects.toThrow(
      "expected a byte-level BPE tokenizer",
    );
    await expect(exportModel(join(folder, "hf"), own, { to: "gguf" })).rejects.toThrow(
      "expected a new or empty folder",
    );
    expect(existsSync(join(to, "model.gguf"))).toBe(false);
  });
});

const { llamaCppEntry } = (await import(resolve(root, "tools/llamacpp/llamacpp.mjs"))) as {
  llamaCppEntry: () => string | undefined;
};
if (!llamaCppEntry()) console.log("llama.cpp is not here (npm run llamacpp): one test is skipped");
test.skipIf(!llamaCppEntry())(
  "llama.cpp cuts and goes on as the course's engine does",
  () => {
    const script = `
    const { openLlamaCpp } = await import(${JSON.stringify(join(root, "tools/llamacpp/judge.mjs"))});
    const { file, prompts, texts } = JSON.parse(process.env.JOB);
    const judge = await openLlamaCpp(file, { contextSize: 256 });
    const answers = [];
    for (const ids of prompts) answers.push(await judge.greedy(ids, 24));
    console.log("@" + JSON.stringify({ ids: texts.map(judge.tokenize), answers }));
    await judge.dispose();`;
    const texts = QUESTIONS.map((question) => `<|user|>${question}<|end|><|assistant|>`);
    const job = { file: join(folder, "ollama", "model.gguf"), prompts, texts };
    // a file, because llama.cpp's package starts a process with the same arguments as this one
    const file = join(folder, "judge.mjs");
    writeFileSync(file, script);
    const done = spawnSync(process.execPath, [file], {
      ...{ encoding: "utf8", cwd: root },
      env: { ...process.env, JOB: JSON.stringify(job) },
    });
    const line = done.stdout.split("\n").find((one) => one.startsWith("@"));
    expect(line, done.stderr).toBeDefined();
    const theirs = JSON.parse(line!.slice(1)) as { ids: number[][]; answers: number[][] };
    expect(theirs.ids).toEqual(prompts);
    const written = theirs.answers.map((ids) =>
      own.tokenizer!.decode(ids.filter((id) => id !== 3)),
    );
    expect(written).toEqual(answers);
  },
  120_000,
);

const python = process.env.LLM_ORACLE_PYTHON ?? "/tmp/oracle-venv/bin/python";
const READ = `
import sys, json, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
folder, prompts, questions = json.loads(sys.argv[1])
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(folder)
ids = [tokenizer.apply_chat_template([{"role": "user", "content": q}], add_generation_prompt=True,
    return_dict=False) for q in questions]
texts = []
for p in prompts:
    out = model.generate(torch.tensor([p]), max_new_tokens=24, do_sample=False)[0, len(p):]
    texts.append(tokenizer.decode(out, skip_special_tokens=True))
logits = model(torch.tensor([prompts[1]])).logits.flatten().tolist()
print(json.dumps({"kind": type(model).__name__, "ids": ids, "texts": texts, "logits": logits}))`;
const seen =
  existsSync(python) && spawnSync(python, ["-c", "import torch, transformers"]).status === 0;
if (!seen) console.log(`no Python with transformers at ${python}: one test is skipped`);
test.skipIf(!seen)(
  "transformers opens the folder, and writes the same answers",
  () => {
    const job = JSON.stringify([join(folder, "hf"), prompts, QUESTIONS]);
    const { stdout, stderr } = spawnSync(python, ["-c", READ, job], {
      encoding: "utf8",
      env: { ...process.env, HF_HUB_OFFLINE: "1" },
    });
    expect(stdout, stderr).not.toBe("");
    const { kind, ids, texts, logits } = JSON.parse(stdout);
    expect(kind).toBe("Qwen3ForCausalLM");
    expect(ids).toEqual(prompts);
    expect(texts).toEqual(answers);
    const ours = tf.tidy(() =>
      gptLogits(own.params, own.config, tf.tensor2d([prompts[1]], undefined, "int32")).dataSync(),
    );
    expect(logits).toHaveLength(ours.length);
    expect(Math.max(...ours.map((x, i) => Math.abs(x - logits[i])))).toBeLessThan(1e-3);
  },
  120_000,
);

test("npm run export", () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, "dist/cli/export.js"), ...args], {
      encoding: "utf8",
      cwd: folder,
      env: { ...process.env, LLM_ENGINE: "wasm" },
    });
  const base = join(root, "datasets/base-gpt");
  const done = run("--run", base, "--to", "gguf", "--type", "F16", "base");
  expect(done.stderr).toBe("");
  expect(done.stdout).toMatch(
    /base-gpt is in base: model\.gguf\ntry: llama-cli -m base\/model\.gguf/,
  );
  const again = run("--run", base, "--to", "gguf", "base");
  expect([again.status, again.stderr]).toEqual([
    1,
    "export: exportModel: base: expected a new or empty folder, got one with files\n",
  ]);
  expect(run("--run", base, "--model", "own", "x").status).toBe(2);
}, 60_000);
