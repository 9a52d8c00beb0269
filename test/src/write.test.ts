// The model that comes with the course writes in front of the reader.
import { useEngine } from "llm/engine";
import { CharTokenizer } from "llm/tokenizer";
import { courseGPT, readable, write } from "llm/write";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { growingToHtml } from "../../src/display/growing";

const interrupt = Symbol.for("llm.interrupt");
const setInterrupt = (on: boolean) => {
  (globalThis as Record<symbol, unknown>)[interrupt] = on;
};

/** What `write` prints in a terminal. */
async function written(prompt: string, options?: Parameters<typeof write>[1]): Promise<string> {
  let text = "";
  const out = vi.spyOn(process.stdout, "write").mockImplementation((piece) => {
    text += piece;
    return true;
  });
  try {
    await write(prompt, options);
  } finally {
    out.mockRestore();
  }
  return text;
}

beforeAll(async () => {
  await useEngine({ quiet: true });
});
afterEach(() => setInterrupt(false));

describe("write", () => {
  test("continues the prompt by as many characters as asked, the same for one seed", async () => {
    const options = { length: 12, temperature: 0.8 };
    const first = await written("Call me", { ...options, seed: 3 });
    expect(first).toMatch(/^Call me[\s\S]{12}\n$/);
    expect(await written("Call me", { ...options, seed: 3 })).toBe(first);
    expect(await written("Call me", { ...options, seed: 4 })).not.toBe(first);
  });

  test("says what it could not read, and refuses a prompt of which nothing is left", async () => {
    expect(await written("Wal 鯨", { length: 1 })).toMatch(/^Wal [\s\S]\n.*鯨/);
    await expect(written("鯨")).rejects.toThrow(/^write: expected a prompt .* got "鯨"$/);
  });

  test("the stop button ends it", async () => {
    setInterrupt(true);
    expect(await written("Call me", { length: 12 })).toContain("Stopped after 0 of 12");
  });

  test("the model is loaded once", () => expect(courseGPT()).toBe(courseGPT()));
});

test("readable leaves out what the tokenizer lacks, each character named once", () => {
  const tokenizer = CharTokenizer.train("Gre");
  expect(readable("Größße", tokenizer)).toEqual({ text: "Gre", missing: ["ö", "ß"] });
});

test("a growing text is text, never markup", () => {
  const shown = growingToHtml("<i>", "a & b", "done <b>");
  expect(shown).toContain("<b>&lt;i&gt;</b>a &amp; b");
  expect(shown).toContain("done &lt;b&gt;");
});
