// exercises/progress.json may hold anything, and so may its place: a sentence, nothing lost, never a
// crash.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import {
  progressFile,
  readProgress,
  recordOf,
  recordsOf,
  updateProgress,
} from "../../../src/course/progress";

const root = mkdtempSync(join(tmpdir(), "llm-progress-"));
const folder = join(root, "exercises");
process.env.LLM_ROOT = root;
afterAll(() => {
  delete process.env.LLM_ROOT;
  rmSync(root, { recursive: true, force: true });
});

const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
const said = () => warn.mock.calls.map(([text]) => String(text)).join("\n");
const empty = () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  warn.mockClear();
};
beforeEach(empty);

const ID = "06-attention";
const put = (content: string | Buffer) => writeFileSync(progressFile(), content);
const kept = () => readdirSync(folder).filter((name) => name.includes(".broken-"));
const passTwice = () =>
  updateProgress((progress) => {
    recordOf(progress, ID, "twice").state = "passed";
  });
const good = {
  about: "x",
  lessons: {
    [ID]: {
      twice: { state: "passed", content: "ab", points: 2, checked: "2026", hints: 1, stars: 5 },
      half: { state: "failed", solution: true },
    },
    "55-later": { y: { state: "passed" } },
  },
  later: { by: 1 },
};

describe("what is in the file", () => {
  test("what this version does not know is kept; nothing is said", () => {
    put(JSON.stringify(good));
    passTwice();
    expect(JSON.parse(readFileSync(progressFile(), "utf8"))).toMatchObject({
      lessons: good.lessons,
      later: { by: 1 },
    });
    expect([said(), kept()]).toEqual(["", []]);
  });

  test.each<[string, string]>([
    ["half a file", "{ half"],
    ["nothing", ""],
    ["a list", "[]"],
    ["null", "null"],
    ["no lessons", "{}"],
    ["lessons that are a list", '{"lessons": [1]}'],
    ["what is nested without end", `{"lessons": ${'{"a":'.repeat(20_000)}1${"}".repeat(20_001)}`],
    ["bytes", "\u0000\u0001\ufffd"],
  ])("%s: kept aside whole, told, and a new one begins", (_, text) => {
    put(text);
    passTwice();
    expect(kept()).toHaveLength(1);
    expect(readFileSync(join(folder, kept()[0]), "utf8")).toBe(text);
    expect(said()).toMatch(
      /^Your progress file is odd \(.*\)\. It is kept as progress\.json\.broken-/,
    );
    expect(readProgress().lessons[ID].twice.state).toBe("passed");
  });

  test.each<[string, unknown]>([
    ["hints", -5],
    ["hints", 0.5],
    ["hints", "x"],
    ["hints", 1e308],
    ["hints", null],
    ["state", "won"],
    ["points", "9"],
    ["content", { a: 1 }],
    ["solution", "yes"],
  ])("an odd %s (%j) counts for nothing; the rest stays, and the file is kept", (field, value) => {
    const odd = structuredClone(good) as { lessons: Record<string, Record<string, object>> };
    Object.assign(odd.lessons[ID].twice, { [field]: value });
    put(JSON.stringify(odd));
    expect(readProgress().lessons[ID].twice).not.toHaveProperty(field);
    expect(readProgress().lessons[ID].twice).toHaveProperty("stars", 5);
    expect(kept()).toEqual([]); // reading alone changes nothing
    passTwice();
    expect(said()).toContain(`the ${field} of twice is`);
    expect(JSON.parse(readFileSync(join(folder, kept()[0]), "utf8"))).toEqual(odd);
    expect(readProgress().lessons[ID].half.solution).toBe(true);
    warn.mockClear();
    passTwice(); // now it is well
    expect([said(), kept().length]).toEqual(["", 1]);
  });

  test("names of Object's prototype are names like any other", () => {
    put('{"lessons": {"__proto__": {"toString": {"state": "passed"}}, "06-attention": {}}}');
    expect(recordsOf(readProgress(), ID).toString).toBeUndefined();
    expect(recordsOf(readProgress(), "constructor").name).toBeUndefined();
    updateProgress((progress) => {
      recordOf(progress, ID, "constructor").hints = 1;
    });
    expect(recordsOf(readProgress(), ID).constructor).toEqual({ hints: 1 });
    expect(readFileSync(progressFile(), "utf8")).toContain('"__proto__"');
    expect(({} as { state?: string }).state).toBeUndefined();
  });

  test("a byte order mark does no harm", () => {
    put(`\ufeff${JSON.stringify(good)}`);
    expect(readProgress().lessons[ID].twice.points).toBe(2);
  });
});

describe("what is in its place", () => {
  test("a folder is kept, with what it holds", () => {
    mkdirSync(progressFile());
    writeFileSync(join(progressFile(), "a"), "b");
    passTwice();
    expect(readFileSync(join(folder, kept()[0], "a"), "utf8")).toBe("b");
    expect(said()).toMatch(/it is a folder/);
    expect(readProgress().lessons[ID].twice.state).toBe("passed");
  });

  test("a link to a device is no file", () => {
    symlinkSync("/dev/zero", progressFile());
    passTwice();
    expect(said()).toMatch(/it is no file/);
    expect(readProgress().lessons[ID].twice.state).toBe("passed");
  });

  test("a lock of a process that died, and one from the future, do not stop anybody", () => {
    const lock = `${progressFile()}.lock`;
    for (const seconds of [-3600, 3600, 1e9]) {
      writeFileSync(lock, "");
      const time = Date.now() / 1000 + seconds;
      utimesSync(lock, time, time);
      const start = performance.now();
      passTwice();
      expect(performance.now() - start).toBeLessThan(2000);
      expect(existsSync(lock)).toBe(false);
    }
    expect(said()).toBe("");
    expect(readProgress().lessons[ID].twice.state).toBe("passed");
  });

  test("where nothing can be saved, that is said, and the work goes on", () => {
    mkdirSync(`${progressFile()}.lock`);
    expect(passTwice().lessons[ID].twice.state).toBe("passed");
    expect(said()).toMatch(/^Your progress could not be saved \(.*\.lock is in the way\)\.$/);
    rmSync(folder, { recursive: true });
    warn.mockClear();
    expect(passTwice().lessons[ID].twice.state).toBe("passed"); // no folder
    writeFileSync(folder, "");
    expect(passTwice().lessons[ID].twice.state).toBe("passed"); // a file in the folder's place
    expect(readProgress().lessons).toEqual({});
    expect(said().match(/could not be (saved|read)/g)).toHaveLength(3);
    rmSync(folder);
  });
});

/** A valid file, with some characters changed, cut, doubled, or whole values replaced. */
const mutated = fc.oneof(
  fc
    .tuple(fc.nat(400), fc.nat(40), fc.string({ maxLength: 8, unit: "binary" }))
    .map(([at, length, text]) => {
      const whole = JSON.stringify(good);
      return whole.slice(0, at) + text + whole.slice(at + length);
    }),
  fc.tuple(fc.nat(60), fc.json()).map(([which, value]) => {
    let seen = 0;
    const text = JSON.stringify(good, (_, x) => (seen++ === which ? JSON.parse(value) : x));
    return text ?? "";
  }),
  fc.json(),
);

test("whatever the file holds: no crash, the new record is saved, an odd file is kept", () => {
  let odd = 0;
  fc.assert(
    fc.property(mutated, (text) => {
      empty();
      put(text);
      const before = readFileSync(progressFile());
      readProgress();
      passTwice();
      expect(readProgress().lessons[ID].twice.state).toBe("passed");
      const asides = kept();
      expect(asides.length).toBeLessThanOrEqual(1);
      expect(said() !== "").toBe(asides.length === 1);
      odd += asides.length;
      if (asides.length === 1) {
        expect(readFileSync(join(folder, asides[0])).equals(before)).toBe(true);
        return;
      }
      // Nothing was odd: then all of it is still there.
      const now = JSON.parse(readFileSync(progressFile(), "utf8"));
      const was = JSON.parse(text);
      for (const [key, value] of Object.entries(was))
        if (key !== "about" && key !== "lessons") expect(now[key]).toEqual(value);
      for (const id of Object.keys(was.lessons)) expect(Object.keys(now.lessons)).toContain(id);
    }),
    { numRuns: 400, seed: 5 },
  );
  expect(odd).toBeGreaterThan(100);
  expect(odd).toBeLessThan(400);
});
