// The text of the base model: the same at every call, with nothing in it that instructions hold out,
// and a tokenizer that writes it and reads it back.
import { statSync } from "node:fs";
import {
  baseDocuments,
  baseText,
  baseTokens,
  END_OF_TEXT,
  loadBaseModel,
  scriptedText,
  trainBaseTokenizer,
} from "llm/baseModel";
import { datasetPath } from "llm/data";
import { tf, useEngine } from "llm/engine";
import { gptLoss, initGPT } from "llm/gpt";
import { drawInstructions } from "llm/instructions";
import { countParams, disposeParams } from "llm/params";
import { Random } from "llm/random";
import { describe, expect, test } from "vitest";

const scripted = Array.from({ length: 3000 }, (_, i) => scriptedText(new Random(7).fork(i)));

describe("sentences made by script", () => {
  test("hold no answered question that instructions hold out", () => {
    const lines = new Set(scripted.flatMap((text) => text.split("\n")));
    const kinds = ["add", "subtract", "next-number", "translate", "summarise", "json"];
    const rng = new Random(1);
    const heldOut = drawInstructions(600, { kinds, part: "held out", rng });
    for (const { input, output } of heldOut) {
      expect(lines).not.toContain(`${input} = ${output}`);
      expect(lines).not.toContain(`${input}, ${output}`);
      expect(lines).not.toContain(`${input}、${output}`);
      expect(lines).not.toContain(`${input} (${output})`);
    }
    // The control: of training questions there are many.
    const seen = drawInstructions(600, { kinds: ["add"], part: "train", rng });
    const found = seen.filter(({ input, output }) => lines.has(`${input} = ${output}`));
    expect(found.length).toBeGreaterThan(50);
  });

  test("are in both languages, and ask nothing", () => {
    const text = scripted.join("\n");
    expect(text).toMatch(/[\u4e00-\u9fff]/);
    expect(text).toMatch(/bought \d+/);
    expect(text).not.toMatch(/[?？]/);
  });

  test("are the same for the same seed", () => {
    expect(scriptedText(new Random(7).fork(5))).toBe(scripted[5]);
    expect(new Set(scripted).size).toBeGreaterThan(2900);
  });
});

describe("documents and tokenizer", () => {
  const documents = baseDocuments({ poems: 300, scripted: 300 });

  test("there are three kinds of documents, mixed, and none is empty", () => {
    expect(documents.every((text) => text.trim().length > 0)).toBe(true);
    const isVerse = (text: string) => /^[^a-z]{200,}$/.test(text);
    expect(documents.filter(isVerse).length).toBeGreaterThan(20);
    expect(documents.filter((text) => /whale/i.test(text)).length).toBeGreaterThan(100);
    expect(documents.slice(0, 100).some(isVerse)).toBe(true);
    expect(baseDocuments({ poems: 300, scripted: 300 })).toEqual(documents);
  });

  test("the tokenizer cuts digits one by one, and reads back what it wrote", () => {
    const tokenizer = trainBaseTokenizer(documents);
    expect(tokenizer.vocabSize).toBe(2048);
    const text = `The 1,234 whales. 红帽子 = red hat${END_OF_TEXT}Call me Ishmael.`;
    const ids = tokenizer.encode(text);
    expect(tokenizer.decode(ids)).toBe(text);
    const digits = ["1", "2", "3", "4"].flatMap((digit) => tokenizer.encode(digit));
    expect(digits).toHaveLength(4);
    for (const id of digits) expect(ids).toContain(id);
    for (const [id, token] of baseTokens.entries()) expect(tokenizer.encode(token)).toEqual([id]);
    const all = tokenizer.encodeText(baseText(documents.slice(0, 50)));
    expect(all.filter((id) => id === 0)).toHaveLength(50);
  });
});

describe("the model that comes with the course", () => {
  test("is small, and predicts new text of its three kinds far better than an untrained one", async () => {
    await useEngine();
    const { params, config, tokenizer } = loadBaseModel();
    expect(statSync(datasetPath("base-gpt/checkpoint.safetensors")!).size).toBeLessThan(4e6);
    expect(countParams(params)).toBeLessThan(2e6);
    const untrained = initGPT(config, { seed: 1 });
    const texts = {
      english: "The captain stood upon the deck and looked at the sea, and the whale was gone.",
      // Li Bai, "Quiet Night Thought".
      chinese: "床前明月光，疑是地上霜。举头望明月，低头思故乡。",
      scripted: scriptedText(new Random(8)),
    };
    for (const text of Object.values(texts)) {
      const ids = Array.from(tokenizer.encode(END_OF_TEXT + text));
      const lossOf = (weights: typeof params) =>
        tf.tidy(() => {
          const row = (from: number, to: number) =>
            tf.tensor2d([ids.slice(from, to)], undefined, "int32");
          const [inputs, targets] = [row(0, ids.length - 1), row(1, ids.length)];
          return gptLoss(weights, config, inputs, targets).dataSync()[0];
        });
      expect(lossOf(untrained)).toBeGreaterThan(7);
      expect(lossOf(params)).toBeLessThan(5.5);
    }
    disposeParams(params);
    disposeParams(untrained);
  });
});
