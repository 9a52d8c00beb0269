// One text on a paged model, beside the KV cache on tensors; and a conversation on it.
import { Chat } from "llm/chat";
import { useEngine } from "llm/engine";
import { type GPTConfig, initGPT } from "llm/gpt";
import { BlockPool, CachedGPT, generate, PagedReader, type TextReader } from "llm/inference";
import { disposeParams, type Params } from "llm/params";
import { openGguf } from "llm/pretrained";
import { Random } from "llm/random";
import { PagedGPT } from "llm/runtime";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const config: GPTConfig = {
  ...{ family: "llama", vocabSize: 19, blockSize: 24, nLayer: 2, nHead: 2, nEmbd: 16 },
  ...{ dropout: 0, bias: false },
};
let params: Params;
let cached: CachedGPT;
beforeAll(async () => {
  await useEngine({ prefer: "wasm", quiet: true });
  params = initGPT(config, { seed: 3 });
  cached = new CachedGPT(params, config);
});
afterAll(() => {
  cached.dispose();
  disposeParams(params);
});
const modelOf = (more: Partial<GPTConfig> = {}) =>
  PagedGPT.fromParams(params, { ...config, ...more }, { blockTokens: 4, cacheTokens: 24 });

/** A whole number from `least` to before `end`. */
const whole = (rng: Random, least: number, end: number): number => least + rng.integer(end - least);

const near = (a: Float32Array, b: Float32Array) =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]))) < 1e-5;

describe("PagedReader", () => {
  it("says what the KV cache says, from text to text", async () => {
    const reader = new PagedReader(await modelOf());
    const both: TextReader[] = [reader, cached];
    const rng = new Random(1);
    const draw = (n: number) => Array.from({ length: n }, () => whole(rng, 0, 19));
    let text = draw(6);
    for (let round = 0; round < 12; round++) {
      const kept = whole(rng, 0, text.length);
      text = [...text.slice(0, kept), ...draw(whole(rng, 1, 8))].slice(0, 20);
      const ids = text;
      const begin = round % 3 === 0;
      const [a, b] = await Promise.all(
        both.map((it) => (begin ? it.begin(ids) : it.continueTo(ids))),
      );
      expect(near(a.slice(), b)).toBe(true);
      for (const id of draw(3)) {
        const [c, d] = await Promise.all(both.map((it) => it.next(id)));
        expect(near(c.slice(), d)).toBe(true);
        text = [...text, id];
      }
    }
  });

  it("writes what generate writes with parameters", async () => {
    const reader = new PagedReader(await modelOf());
    const options = () => ({ maxNewTokens: 15, temperature: 1, rng: new Random(7) });
    const [a, b] = [
      await generate(params, config, [1, 2, 3], { ...options(), model: reader }),
      await generate(params, config, [1, 2, 3], options()),
    ];
    expect(a).toEqual(b);
  });

  it("reads no more than is new, and gives its blocks back", async () => {
    const model = await modelOf();
    const read: number[] = [];
    const pool = new BlockPool(model);
    const counting = Object.assign(Object.create(model) as PagedGPT, {
      step: (pieces: Parameters<PagedGPT["step"]>[0]) => {
        read.push(pieces.reduce((sum, { ids }) => sum + ids.length, 0));
        return model.step(pieces);
      },
    });
    const reader = new PagedReader(counting, pool);
    await reader.begin([1, 2, 3, 4, 5, 6]);
    await reader.continueTo([1, 2, 3, 4, 9, 9, 9]);
    await reader.continueTo([1, 2, 3, 4, 9, 9, 9]);
    await reader.next(5);
    expect(read.filter((n) => n > 0)).toEqual([6, 3, 1, 1].flatMap((n) => split(n)));
    expect(pool.stats().used).toBe(2);
    reader.dispose();
    expect(pool.stats().used).toBe(0);
  });

  it("says when a text is too long, and then reads another", async () => {
    const reader = new PagedReader(await modelOf());
    await expect(reader.begin([])).rejects.toThrow("expected 1 to 24 tokens, got 0");
    await expect(reader.next(1)).rejects.toThrow("expected begin(ids) before next(id)");
    await reader.begin(Array(24).fill(1));
    await expect(reader.next(1)).rejects.toThrow("expected 1 to 24 tokens, got 25");
    expect(near((await reader.begin([4, 5])).slice(), await cached.begin([4, 5]))).toBe(true);
  });
});

/** `readText` reads all but the last token without logits, then the last one. */
const split = (n: number) => (n > 1 ? [n - 1, 1] : [1]);

describe("Chat on packed weights", () => {
  it("says the same as on tensors", async () => {
    const file = new URL("../../fixtures/gguf/model.gguf", import.meta.url).pathname;
    const chatTemplate = "{% for m in messages %}{{ m.content }}{% endfor %}";
    const { tokenizer, generation } = openGguf(file);
    const long: GPTConfig = { ...config, vocabSize: tokenizer.vocabSize, blockSize: 80 };
    const drawn = initGPT(long, { seed: 8 });
    const model = {
      modelType: "llama" as const,
      config: long,
      tokenizer,
      generation,
      chatTemplate,
    };
    const options = { window: 80, maxNewTokens: 6, temperature: 1 };
    const talk = async (chat: Chat) => {
      const texts: string[] = [];
      for (const message of ["ab", "cd ab"]) texts.push((await chat.say(message)).text);
      chat.dispose();
      return texts;
    };
    const expected = await talk(
      new Chat({ ...model, params: drawn }, { ...options, rng: new Random(2) }),
    );
    expect(expected.join("")).not.toBe("");
    const reader = new PagedReader(await PagedGPT.fromParams(drawn, long));
    const chat = new Chat(model, { ...options, rng: new Random(2), reader });
    expect(await talk(chat)).toEqual(expected);
    expect(() => new Chat(model, options)).toThrow("a model with parameters, or a reader");
    disposeParams(drawn);
  });
});
