// The engine on a real GPT, whose blocks keep no keys and values but the tokens themselves: slow, and
// with the same numbers as a model that reads a whole text.
import { tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, initGPT } from "llm/gpt";
import type { PagedModel, Piece } from "llm/inference";
import { type GenerationRequest, generate, InferenceEngine } from "llm/inference";
import { disposeParams, type Params } from "llm/params";
import { Random } from "llm/random";
import { afterAll, beforeAll, expect, test } from "vitest";

const config: GPTConfig = {
  ...{ vocabSize: 29, blockSize: 24, nLayer: 2, nHead: 2, nEmbd: 12, dropout: 0, bias: true },
};
let params: Params;
beforeAll(async () => {
  await useEngine({ prefer: "js", quiet: true });
  params = initGPT(config, { seed: 1 });
  for (const variable of Object.values(params))
    tf.tidy(() => variable.rank === 2 && variable.assign(variable.mul(8)));
});
afterAll(() => disposeParams(params));

class TokensInBlocks implements PagedModel {
  readonly vocabSize = config.vocabSize;
  readonly maxLength = config.blockSize;
  readonly blockTokens = 4;
  readonly blocks = 12;
  private readonly tokens = new Int32Array(12 * 4);

  step(pieces: readonly Piece[]): Float32Array {
    const rows = pieces.flatMap(({ ids, start, table, logits }) => {
      const row = (p: number) => table[Math.floor(p / 4)] * 4 + (p % 4);
      for (const [i, id] of ids.entries()) this.tokens[row(start + i)] = id;
      const text = Array.from({ length: start + ids.length }, (_, p) => this.tokens[row(p)]);
      return logits === "none" ? [] : [this.lastLogits(text)];
    });
    return Float32Array.from(rows.flatMap((row) => [...row]));
  }

  copyBlock(from: number, to: number): void {
    this.tokens.copyWithin(to * 4, from * 4, from * 4 + 4);
  }

  private lastLogits(text: number[]): Float32Array {
    return tf.tidy(() => {
      const logits = gptLogits(params, config, tf.tensor2d([text], undefined, "int32"));
      return logits.dataSync().slice(-config.vocabSize) as Float32Array;
    });
  }
}

test("many texts at once are those that `generate` writes one by one", async () => {
  const rng = new Random(3);
  const requests = Array.from({ length: 8 }, (_, seed): GenerationRequest => {
    const ids = [1, 2, 3, 4, ...Array.from({ length: seed % 5 }, () => rng.integer(29))];
    const decoding = [{ temperature: 0 }, { topK: 5 }, { topP: 0.8, repetitionPenalty: 1.3 }];
    return { ids, maxNewTokens: 12, seed, ...decoding[seed % 3] };
  });
  const engine = new InferenceEngine(new TokensInBlocks(), { tokenBudget: 7 });
  const texts = requests.map((request) => engine.submit(request));
  await engine.run();
  for (const [i, { ids, seed = 0, ...options }] of requests.entries()) {
    const alone = await generate(params, config, ids, { ...options, rng: new Random(seed) });
    expect(texts[i].finished!.ids, `text ${i}`).toEqual(alone);
  }
  expect(engine.stats().preemptions).toBeGreaterThan(0);
  expect(engine.stats().cachedTokens).toBeGreaterThan(0);
});
