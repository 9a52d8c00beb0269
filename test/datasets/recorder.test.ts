// The file of lines that the commands in datasets/runs write their runs to.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, it, vi } from "vitest";
// @ts-expect-error: a script without types
import { aboutLine, recorder } from "../../datasets/runs/recorder.mjs";

const folder = mkdtempSync(join(tmpdir(), "llm-recorder-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("a command that is started again sees the runs that are there, and adds the rest", () => {
  vi.spyOn(console, "log").mockImplementation(() => {});
  const url = pathToFileURL(join(folder, "runs.jsonl"));
  const first = recorder(url);
  expect(first.has({ run: "chain" })).toBe(false);
  first.write({ run: "chain", seed: 1, one: 0.5 });
  expect(first.has({ run: "chain", seed: 1 })).toBe(true);

  const second = recorder(url);
  expect(second.has({ run: "chain", seed: 1 })).toBe(true);
  expect(second.has({ run: "chain", seed: 2 })).toBe(false);
  expect(second.has({ run: "direct", seed: 1 })).toBe(false);
  second.write({ run: "chain", seed: 2 });
  expect(readFileSync(url, "utf8")).toBe(
    '{"run":"chain","seed":1,"one":0.5}\n{"run":"chain","seed":2}\n',
  );
});

it("CPU seconds are counted from the last lap, and rounded", () => {
  const used = vi.spyOn(process, "cpuUsage");
  used.mockReturnValue({ user: 0, system: 0 });
  const { lap } = recorder(pathToFileURL(join(folder, "none.jsonl")));
  used.mockReturnValue({ user: 1_500_000, system: 260_000 });
  expect(lap()).toBe(2);
  expect(lap(2)).toBe(1.76);
  used.mockRestore();
});

it("the first line says when, where and with which numbers", () => {
  const line = aboutLine("engine: native", { steps: 7 });
  expect(line).toMatchObject({ run: "about", steps: 7 });
  expect(line.made).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(line.machine).toContain("engine: native, Node v");
});
