// The same request is answered from memory, another one is not, and a file survives being cut off.
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CachedModel,
  costOf,
  type LanguageModel,
  requestKey,
  sumUsage,
  type TextRequest,
  type Written,
  write,
} from "llm/languageModel";
import { expect, test } from "vitest";

/** Says how often it was asked. */
function counting(): LanguageModel & { asked: number } {
  return {
    ...{ name: "counting", contextLength: 100, asked: 0 },
    countTokens: (text) => text.length,
    write(request, samples = 1) {
      this.asked++;
      const reason = "prompt" in request && request.prompt === "stop me" ? "cancelled" : "stop";
      return Array.from({ length: samples }, (_, i) => {
        const text = `${this.asked}.${i}`;
        const usage = { promptTokens: 4, completionTokens: 2, cachedTokens: 1 };
        const written: Written = { text, reason, tokens: [], promptTokens: [], usage };
        const failing = "prompt" in request && request.prompt === "fail";
        const done = failing ? Promise.reject(new Error("no")) : Promise.resolve(written);
        return {
          done,
          cancel: () => {},
          async *[Symbol.asyncIterator]() {
            yield { text, tokens: [] };
          },
        };
      });
    },
  };
}

const file = () => join(mkdtempSync(join(tmpdir(), "cache-")), "answers.jsonl");

test("the same request, whatever the order of its parts, is asked once", async () => {
  const model = counting();
  const cached = new CachedModel(model);
  const first = await write(cached, { prompt: "a", seed: 1, temperature: 0 });
  const second = await write(cached, { temperature: 0, prompt: "a", seed: 1, topK: undefined });
  expect(second.text).toBe(first.text);
  expect(second.usage).toEqual({ promptTokens: 4, completionTokens: 2, cachedTokens: 4 });
  const [stream] = cached.write({ prompt: "a", seed: 1, temperature: 0 });
  const pieces: string[] = [];
  for await (const { text } of stream) pieces.push(text);
  expect(pieces).toEqual(["1.0"]);
  expect(model.asked).toBe(1);
  expect(cached.counts).toEqual({ hits: 2, misses: 1 });
});

test("what differs is asked again", async () => {
  const model = counting();
  const cached = new CachedModel(model);
  const requests: TextRequest[] = [
    { prompt: "a" },
    { prompt: "b" },
    { prompt: "a", seed: 1 },
    { prompt: "a", form: { regex: "a" } },
    { prompt: [1, 2] },
    { messages: [{ role: "user", content: "a" }] },
    { messages: [{ role: "user", content: "b" }] },
  ];
  for (const request of requests) await write(cached, request);
  await Promise.all(cached.write({ prompt: "a" }, 2).map(({ done }) => done));
  expect(model.asked).toBe(requests.length + 1);
  expect(requestKey("one", { prompt: "a" })).not.toBe(requestKey("two", { prompt: "a" }));
  expect(requestKey("one", { prompt: "a" })).toMatch(/^[0-9a-f]{64}$/);
});

test("cancelled and failed texts are not kept", async () => {
  const model = counting();
  const cached = new CachedModel(model);
  for (const prompt of ["stop me", "stop me"]) await write(cached, { prompt });
  for (let i = 0; i < 2; i++) await expect(write(cached, { prompt: "fail" })).rejects.toThrow("no");
  expect(model.asked).toBe(4);
});

test("the least recently used goes first", async () => {
  const model = counting();
  const cached = new CachedModel(model, { most: 2 });
  for (const prompt of ["a", "b", "a", "c", "a"]) await write(cached, { prompt });
  expect(model.asked).toBe(3);
  await write(cached, { prompt: "b" });
  expect(model.asked).toBe(4);
  expect(() => new CachedModel(model, { most: 0 })).toThrow("expected to keep 1 answer or more");
});

test("a file keeps answers; a last line that was cut off is left out", async () => {
  const [model, path] = [counting(), file()];
  const before = new CachedModel(model, { file: path });
  for (const prompt of ["a", "b"]) await write(before, { prompt });
  await new Promise((resolve) => setImmediate(resolve));
  appendFileSync(path, '{"key":"abc","al');
  const after = new CachedModel(model, { file: path });
  expect((await write(after, { prompt: "b" })).text).toBe("2.0");
  await write(after, { prompt: "c" });
  await new Promise((resolve) => setImmediate(resolve));
  expect(readFileSync(path, "utf8").trim().split("\n").length).toBe(4);
  writeFileSync(path, "no answers\n");
  expect(() => new CachedModel(model, { file: path })).toThrow("expected an answer in line 1");
});

test("what texts cost", () => {
  const usage = { promptTokens: 1000, completionTokens: 200, cachedTokens: 400 };
  const prices = { prompt: 2, completion: 8, cached: 0.5 };
  expect(costOf(usage, prices)).toBeCloseTo((600 * 2 + 400 * 0.5 + 200 * 8) / 1e6, 12);
  expect(costOf(usage, { prompt: 2, completion: 8 })).toBeCloseTo(3600 / 1e6, 12);
  expect(sumUsage([usage, usage]).completionTokens).toBe(400);
});
