import { bySize, size } from "llm/course";
import { afterEach, describe, expect, test } from "vitest";

describe("size", () => {
  const before = process.env.LLM_SIZE;
  afterEach(() => {
    if (before === undefined) delete process.env.LLM_SIZE;
    else process.env.LLM_SIZE = before;
  });
  test("is smoke unless LLM_SIZE says otherwise", () => {
    delete process.env.LLM_SIZE;
    expect(size()).toBe("smoke");
    expect(bySize({ smoke: 1, laptop: 2, gpu: 3 })).toBe(1);
    process.env.LLM_SIZE = "gpu";
    expect(bySize({ smoke: 1, laptop: 2, gpu: 3 })).toBe(3);
    process.env.LLM_SIZE = "huge";
    expect(() => size()).toThrow('expected LLM_SIZE to be smoke, laptop or gpu, got "huge"');
  });
});
