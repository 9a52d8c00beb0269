// Conversations with a tiny model of random weights: the template, the cache, the window; and where
// `npm run model smollm2` has fetched it, the real SmolLM2.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Chat, fillTemplate, type Message, readTemplate } from "llm/chat";
import { modelFolder } from "llm/checkpoint";
import { clearInterrupt, requestInterrupt, tf, useEngine } from "llm/engine";
import { gptLogits, initGPT } from "llm/gpt";
import { generate } from "llm/inference";
import { disposeParams } from "llm/params";
import { loadGguf, loadModel, type Pretrained } from "llm/pretrained";
import { Random } from "llm/random";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import recorded from "../../fixtures/chat.json";

const tinyFile = new URL("../../fixtures/gguf/model.gguf", import.meta.url).pathname;
const template =
  "{% for m in messages %}{{ '<|im_start|>' + m.content + '<|im_end|>' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>' }}{% endif %}";

beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));

describe("fillTemplate", () => {
  const messages: Message[] = [
    { role: "system", content: "Be short." },
    { role: "user", content: "Hi {{ x }}" },
  ];
  it.each(recorded.cases)(
    "gives what transformers gives: $name",
    ({ template, messages, text }) => {
      const values = { bos_token: "<s>", eos_token: "</s>" };
      expect(fillTemplate(template, messages as Message[], { values })).toBe(text);
    },
  );

  it("reads templates from files, as Hugging Face's tokenizers have them", () => {
    const folder = mkdtempSync(join(tmpdir(), "template-"));
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const json = (value: object) => write("tokenizer_config.json", JSON.stringify(value));
    expect(readTemplate(write("chat_template.jinja", template))).toBe(template);
    expect(readTemplate(json({ chat_template: template }))).toBe(template);
    expect(() => readTemplate(json({ bos_token: "<s>" }))).toThrow(/chat_template in .*undefined/);
    rmSync(folder, { recursive: true });
  });

  it("leaves out the beginning of an answer, and passes other values", () => {
    const options = { addGenerationPrompt: false };
    expect(fillTemplate(template, messages, options)).toBe(
      "<|im_start|>Be short.<|im_end|><|im_start|>Hi {{ x }}<|im_end|>",
    );
    expect(fillTemplate("{{ today }}", messages, { values: { today: "Friday" } })).toBe("Friday");
  });

  it("hands on what a template refuses", () => {
    const refusing = "{{ raise_exception('no system message') }}";
    expect(() => fillTemplate(refusing, messages)).toThrow("fillTemplate: no system message");
    expect(() => fillTemplate("{% if %}", messages)).toThrow("fillTemplate: ");
  });
});

describe("Chat", () => {
  let model: Pretrained;
  beforeAll(() => {
    const { params, ...tiny } = loadGguf(tinyFile);
    disposeParams(params);
    const config = { ...tiny.config, blockSize: 200 };
    model = { ...tiny, config, params: initGPT(config, { seed: 3 }), chatTemplate: template };
    for (const p of Object.values(model.params)) tf.tidy(() => p.rank === 2 && p.assign(p.mul(20))); // so that answers differ
  });
  afterAll(() => disposeParams(model.params));
  const options = () => ({ temperature: 1, rng: new Random(7), maxNewTokens: 12, window: 100 });

  test("answers are those of the whole text read anew", async () => {
    const before = tf.memory().numTensors;
    const chat = new Chat(model, { ...options(), system: "ab" });
    const rng = new Random(7);
    for (const message of ["cd", "a", "bad"]) {
      const pieces: string[] = [];
      const said = [...chat.messages, { role: "user", content: message } as Message];
      const answer = await chat.say(message, (piece) => pieces.push(piece));
      const ids = [...model.tokenizer!.encode(fillTemplate(template, said))];
      const text = await generate(model.params, model.config, ids, {
        ...{ temperature: 1, rng, maxNewTokens: 12 },
        stop: (all) => all.at(-1) === 1,
      });
      const own = text.slice(ids.length);
      expect(answer.tokens).toBe(own.length);
      expect(answer.stopped).toBe(own.at(-1) === 1 ? "end" : "length");
      expect(answer.text).toBe(model.tokenizer!.decode(own.filter((id) => id !== 1)));
      expect(pieces.join("")).toBe(answer.text);
      expect(chat.messages.at(-1)).toEqual({ role: "assistant", content: answer.text });
    }
    expect(chat.messages.length).toBe(7);
    chat.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("the oldest messages are left out when the window is full, the system's is kept", async () => {
    const chat = new Chat(model, { ...options(), system: "ab" });
    const leftOut: number[] = [];
    for (let i = 0; i < 5; i++) leftOut.push((await chat.say("abcdefgh")).leftOut);
    expect(leftOut[0]).toBe(0);
    expect(leftOut.at(-1)).toBeGreaterThan(1);
    expect(chat.messages.length).toBe(11);
    const long = "a b c d e f g h ".repeat(3);
    await expect(chat.say(long)).rejects.toThrow(/a message of at most 36 tokens .*, got \d+/);
    expect(chat.messages.length).toBe(11);
    chat.dispose();
  });

  test("an interrupted answer is kept as far as it came", async () => {
    const chat = new Chat({ ...model, generation: {} }, options()); // nothing else ends its turn
    const answer = await chat.say("cd", () => requestInterrupt());
    clearInterrupt();
    expect(answer.stopped).toBe("interrupted");
    expect(answer.tokens).toBeLessThan(4);
    expect(chat.messages.at(-1)?.content).toBe(answer.text);
    chat.dispose();
  });

  test("refuses models that cannot chat, and windows that do not fit", () => {
    expect(() => new Chat({ ...model, chatTemplate: undefined })).toThrow(
      "without a chat template",
    );
    expect(() => new Chat({ ...model, tokenizer: undefined })).toThrow("without a tokenizer");
    expect(() => new Chat(model, { window: 201 })).toThrow(
      "a window from 65 to 200 tokens, got 201",
    );
    expect(() => new Chat(model, { window: 64 })).toThrow("got 64");
  });
});

const folder = modelFolder("smollm2");
if (!folder)
  console.log("the real SmolLM2 skipped: it is not in models/ (npm run model smollm2, 93 MB)");

describe.skipIf(!folder)("SmolLM2", () => {
  let model: Pretrained;
  beforeAll(async () => {
    model = loadModel("smollm2");
  });
  afterAll(() => disposeParams(model.params));

  it("has the logits of transformers on the same weights", () => {
    const { ids, logits, best } = recorded.smollm2;
    tf.tidy(() => {
      const x = tf.tensor2d([ids], undefined, "int32");
      const last = gptLogits(model.params, model.config, x).slice(
        [0, ids.length - 1, 0],
        [1, 1, -1],
      );
      const values = last.dataSync();
      for (const [i, expected] of logits.entries())
        expect(Math.abs(values[i] - expected)).toBeLessThan(1e-3);
      expect(tf.argMax(last.flatten()).dataSync()[0]).toBe(best);
    });
  }, 60_000);

  it("knows the capital of France, and what was said before", async () => {
    const chat = new Chat(model, { temperature: 0, maxNewTokens: 20, window: 256 });
    expect((await chat.say("What is the capital of France?")).text).toMatch(/Paris/);
    const { text, stopped } = await chat.say("And in which country is that city?");
    expect(text).toMatch(/France/);
    expect(["end", "length"]).toContain(stopped);
    chat.dispose();
  }, 240_000);
});
