// Grammars in generate and sampleBatch: an untrained model with the base model's tokenizer writes what
// its grammar asks for, alone and in a batch.
import { loadBaseModel } from "llm/baseModel";
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, initGPT } from "llm/gpt";
import { Constraint, jsonGrammar, regexGrammar, vocabularyBytes } from "llm/grammar";
import { generate, sampleBatch } from "llm/inference";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { CharTokenizer, specialTokenId, type Tokenizer, WordTokenizer } from "llm/tokenizer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

describe("an untrained model", () => {
  let tokenizer: Tokenizer;
  let config: GPTConfig;
  let params: Params;
  let end: number;
  beforeAll(async () => {
    await useEngine({ prefer: "wasm", quiet: true });
    const base = loadBaseModel();
    tokenizer = base.tokenizer;
    disposeParams(base.params);
    end = specialTokenId(tokenizer, "<|endoftext|>") ?? -1;
    config = {
      ...{ vocabSize: tokenizer.vocabSize, blockSize: 96, nLayer: 1, nHead: 2, nEmbd: 16 },
      ...{ dropout: 0, bias: false, family: "llama" },
    };
    params = initGPT(config, { seed: 1 });
  });
  afterAll(() => disposeParams(params));
  const schema = {
    type: "object",
    properties: {
      mood: { enum: ["happy", "sad", "开心"] },
      age: { type: "integer", minimum: 0, maximum: 120 },
      note: { type: "string", maxLength: 20 },
    },
    required: ["mood", "age"],
  };

  it("writes valid JSON within the limit, with every seed", async () => {
    const grammar = jsonGrammar(schema, tokenizer);
    for (let seed = 0; seed < 12; seed++) {
      const maxNewTokens = grammar.shortest + seed;
      const constraint = new Constraint(grammar, { maxNewTokens, endId: end });
      const prompt = tokenizer.encode("A person:");
      const ids = await generate(params, config, prompt, {
        ...{ maxNewTokens: maxNewTokens + 1, constraint, rng: new Random(seed) },
      });
      const written = ids.slice(prompt.length).filter((id) => id !== end);
      expect(written.length).toBeLessThanOrEqual(maxNewTokens);
      const value = JSON.parse(tokenizer.decode(written));
      expect(["happy", "sad", "开心"]).toContain(value.mood);
      expect(value.age >= 0 && value.age <= 120).toBe(true);
      expect([...(value.note ?? "")].length).toBeLessThanOrEqual(20);
    }
  });

  it("writes in a batch what it writes alone", async () => {
    const grammar = regexGrammar("(yes|no), because [a-z ]{3,12}\\.", tokenizer);
    const prompts = ["Is it?", "And is the other one so, too?"].map((q) => tokenizer.encode(q));
    const options = { maxNewTokens: 24, endId: end };
    const constraints = prompts.map(() => new Constraint(grammar, options));
    const rngs = prompts.map((_, i) => new Random(i));
    const before = tf.memory().numTensors;
    const texts = await sampleBatch(params, config, prompts, {
      ...{ maxNewTokens: 25, constraints, rngs, stopIds: [end] },
    });
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, prompt] of prompts.entries()) {
      const alone = await generate(params, config, prompt, {
        ...{ maxNewTokens: 25, rng: new Random(i), constraint: new Constraint(grammar, options) },
      });
      expect(texts[i].ids).toEqual(alone);
      expect(texts[i].stopped).toBe(true);
      const written = tokenizer.decode(alone.slice(prompt.length).filter((id) => id !== end));
      expect(written).toMatch(/^(yes|no), because [a-z ]{3,12}\.$/);
    }
    await expect(
      sampleBatch(params, config, prompts, {
        maxNewTokens: 2,
        rngs,
        constraints: constraints.slice(1),
      }),
    ).rejects.toThrow("expected as many constraints as prompts, got 1 for 2");
  });
});

describe("vocabularies", () => {
  it("of characters are spelled, and what they cannot write is no part of a text", () => {
    const tokenizer = CharTokenizer.train("abc");
    expect(vocabularyBytes(tokenizer).map((bytes) => [...(bytes ?? [])])).toEqual([
      [97],
      [98],
      [99],
    ]);
    const grammar = regexGrammar("(a|x)(b|猫)?", tokenizer);
    expect(grammar.shortest).toBe(1);
    expect([...grammar.next(grammar.start).keys()]).toEqual([0]);
    expect(() => regexGrammar("x+", tokenizer)).toThrow("a text that these tokens can write");
    expect(() => regexGrammar("[^\\s\\S]", tokenizer)).toThrow("a pattern with at least one text");
  });

  it("of words are refused", () => {
    const words = WordTokenizer.train("one two two", {});
    expect(() => vocabularyBytes(words)).toThrow("expected a tokenizer of bytes or of characters");
  });

  it("what is not allowed is refused, and so is going on behind the end", () => {
    const grammar = regexGrammar("ab?", CharTokenizer.train("abc"));
    const constraint = new Constraint(grammar, { maxNewTokens: 2 });
    expect([...constraint.mask([1, 2, 3])]).toEqual([1, -Infinity, -Infinity]);
    expect(() => constraint.accept(1)).toThrow("expected a token that the grammar allows, got 1");
    expect(() => constraint.mask([1])).toThrow("expected 3 logits, got 1");
    constraint.accept(0);
    expect([constraint.mayEnd, constraint.done]).toEqual([true, false]);
    constraint.accept(1);
    expect(constraint.done).toBe(true);
    expect(() => constraint.mask([1, 2, 3])).toThrow("a text that goes on");
  });
});
