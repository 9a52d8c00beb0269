// Texts (Moby-Dick, files and their errors), the split, and batches that depend on (seed, step)
// only.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  chineseVerse,
  datasetPath,
  loadText,
  mobyDick,
  recordedRun,
  splitText,
  TextBatches,
} from "llm/data";
import { tf, useEngine } from "llm/engine";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

let folder: string;
beforeAll(async () => {
  await useEngine({ quiet: true });
  folder = mkdtempSync(join(tmpdir(), "llm-data-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

describe("mobyDick", () => {
  const text = mobyDick();
  it("is the whole book without its table of contents", () => {
    expect(text.length).toBeGreaterThan(1_200_000);
    expect(text.indexOf("Call me Ishmael.")).toBeGreaterThan(0);
    expect(text.slice(-40).trimEnd()).toMatch(/another orphan\.$/);
    expect(text.indexOf("CONTENTS")).toBe(-1);
  });
  it("has no character that is too rare to learn", () => {
    const count = new Map<string, number>();
    for (const char of text) count.set(char, (count.get(char) ?? 0) + 1);
    expect(Math.min(...count.values())).toBeGreaterThanOrEqual(10);
    expect(count.size).toBe(77);
  });
});

describe("chineseVerse", () => {
  const poems = chineseVerse().trimEnd().split("\n");
  it("is one regular poem on each line, none of them twice", () => {
    expect(poems.length).toBe(23_090);
    expect(new Set(poems).size).toBe(poems.length);
    const line = /^(?:[\p{Script=Han}]{5}[，。？！；])+$|^(?:[\p{Script=Han}]{7}[，。？！；])+$/u;
    expect(poems.filter((poem) => !line.test(poem))).toEqual([]);
  });
  it("is in simplified characters", () => {
    expect(poems.filter((poem) => /[馬鳥魚東門風雲龍]/.test(poem))).toEqual([]);
    expect(poems.filter((poem) => poem.includes("马")).length).toBeGreaterThan(1500);
  });
});

describe("loadText", () => {
  it("joins files, mends line ends, drops the byte order mark", () => {
    expect(loadText([file("a.txt", "\uFEFFone\r\ntwo\r"), file("b.txt", "三")])).toBe(
      "one\ntwo\n\n三",
    );
  });
  it.each([
    ["empty", " \n", /empty\.txt is empty/],
    ["zero", new Uint8Array([65, 0, 66]), /zero\.txt is not a text file/],
    ["utf16", new Uint8Array([0xff, 0xfe, 0x41, 0x00]), /utf16\.txt is UTF-16 text/],
    ["latin", new Uint8Array([0xe9, 0x20, 0x41]), /latin\.txt is not UTF-8/],
  ])("refuses a file that is %s", (name, content, message) => {
    expect(() => loadText([file(`${name}.txt`, content)])).toThrow(message);
  });
  it("refuses what is not there, a folder, and nothing", () => {
    mkdirSync(join(folder, "sub"));
    expect(() => loadText([join(folder, "nothing.txt")])).toThrow("no such file");
    expect(() => loadText([join(folder, "sub")])).toThrow("is a folder");
    expect(() => loadText([])).toThrow("at least one file");
  });
  it("finds data sets by name in the folder of LLM_DATASETS", () => {
    file("novel.txt", "once");
    vi.stubEnv("LLM_DATASETS", folder);
    expect(datasetPath("novel")).toBe(join(folder, "novel.txt"));
    expect(loadText(["novel"])).toBe("once");
    expect(datasetPath("no-such-novel")).toBeNull();
    vi.unstubAllEnvs();
  });
});

describe("splitText", () => {
  it("holds out the end", () => {
    const { train, val } = splitText([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.2);
    expect([Array.from(train), Array.from(val)]).toEqual([
      [1, 2, 3, 4, 5, 6, 7, 8],
      [9, 10],
    ]);
  });
  it("refuses a fraction that is none", () =>
    expect(() => splitText([1], 1)).toThrow("between 0 and 1"));
});

describe("TextBatches", () => {
  const ids = Int32Array.from({ length: 50 }, (_, i) => i);
  const rows = (t: tf.Tensor2D) => t.arraySync();

  it("shuffled: no token is read twice before the round is over, in any order of steps", () => {
    const options = { blockSize: 7, batchSize: 3, seed: 1, order: "shuffled" as const };
    const starts = (batches: TextBatches, step: number) => {
      const { ids, targets } = batches.batch(step);
      const first = rows(ids).map(([start]) => start);
      tf.dispose([ids, targets]);
      return first;
    };
    const batches = new TextBatches(ids, options); // 6 windows in a round, 2 steps
    const rounds = [0, 1, 2, 3].map((n) => [2 * n, 2 * n + 1].flatMap((s) => starts(batches, s)));
    for (const round of rounds) {
      const sorted = [...round].sort((a, b) => a - b);
      expect(sorted).toEqual(Array.from({ length: 6 }, (_, i) => sorted[0] + 7 * i));
      expect(sorted[0]).toBeLessThan(7);
    }
    expect(new Set(rounds.map(String)).size).toBe(4);
    const again = new TextBatches(ids, options);
    expect([7, 2].map((step) => starts(again, step))).toEqual([
      rounds[3].slice(3),
      rounds[1].slice(0, 3),
    ]);
    const short = new TextBatches(ids.slice(0, 8), { ...options, batchSize: 2 }); // a single window
    expect(starts(short, 5)).toEqual([0, 0]);
  });

  it("targets are the tokens one place later, and every start is possible", () => {
    const seen = new Set<number>();
    const batches = new TextBatches(ids, { blockSize: 7, batchSize: 4, seed: 1 });
    for (let step = 0; step < 200; step++) {
      const batch = batches.batch(step);
      expect(batch.ids.dtype + batch.targets.dtype).toBe("int32int32");
      const [x, y] = [rows(batch.ids), rows(batch.targets)];
      x.forEach((row, b) => {
        expect(row).toEqual(Array.from({ length: 7 }, (_, t) => row[0] + t));
        expect(y[b]).toEqual(row.map((id) => id + 1));
        seen.add(row[0]);
      });
      tf.dispose([batch.ids, batch.targets]);
    }
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 43 }, (_, i) => i));
  });

  it("a batch depends on seed and step, not on what was drawn before", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (seed, step) => {
        const at = (batches: TextBatches, n: number) => {
          const batch = batches.batch(n);
          const values = JSON.stringify(rows(batch.ids));
          tf.dispose([batch.ids, batch.targets]);
          return values;
        };
        const options = { blockSize: 7, batchSize: 8, seed };
        const used = new TextBatches(ids, options);
        at(used, step + 1);
        expect(at(used, step)).toBe(at(new TextBatches(ids, options), step));
        expect(at(used, step)).not.toBe(
          at(new TextBatches(ids, { ...options, seed: seed + 1 }), step),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("windows cover the text once, side by side; fewer are spread evenly", () => {
    const batches = new TextBatches(ids, { blockSize: 7, batchSize: 3, seed: 1 });
    const starts = (limit?: number) =>
      [...batches.windows(limit)].flatMap((batch) => {
        const first = rows(batch.ids).map((row) => row[0]);
        tf.dispose([batch.ids, batch.targets]);
        return first;
      });
    expect(batches.windowCount).toBe(7);
    expect(starts()).toEqual([0, 7, 14, 21, 28, 35, 42]);
    expect(starts(3)).toEqual([0, 14, 28]);
    expect(starts(99)).toEqual(starts());
  });

  it("says that a text is shorter than one block", () => {
    expect(() => new TextBatches(ids.slice(0, 7), { blockSize: 7, batchSize: 1, seed: 1 })).toThrow(
      "expected at least blockSize + 1 = 8 tokens, got 7: the text is shorter than one block",
    );
  });
});

describe("recordedRun and courseFile", () => {
  it("read what comes with the course, from any folder", () => {
    const { orders } = recordedRun<{ orders: number[] }>("01-predicting-text/smoothing.json");
    expect(orders).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
  it("say how a lost file comes back", () => {
    expect(() => recordedRun("none/such.json")).toThrow(
      "expected runs/none/such.json in datasets/, got no such file; it comes with the course",
    );
  });
});
