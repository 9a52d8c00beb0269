// A real kernel for a test: cells go to it through jupyter_client (drive.py), as JupyterLab sends
// them.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "vitest";

export const root = resolve(__dirname, "../..");
const python = join(
  root,
  ".venv",
  process.platform === "win32" ? "Scripts/python.exe" : "bin/python",
);
export const hasJupyter = existsSync(python);

export interface Cell {
  stdout: string;
  stderr: string;
  displays: Record<string, string>[];
  updates: number;
  error: { ename: string; evalue: string; traceback: string[] } | null;
  reply: string | null;
  messages: number;
  seconds: number;
}

/**
 * All cells of a step are sent at once, as "Run All" does; the next step begins when all are
 * answered.
 */
export interface Step {
  cells?: { code: string; stop_on_error?: boolean }[];
  interrupt?: number[];
  touch?: Record<string, string>;
  complete?: string;
  inspect?: string;
  timeout?: number;
}

/**
 * A folder with a space and Chinese in its name, from which `llm/…` is found as from notebooks/.
 */
export function makeFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "课程 kernel "));
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"), "dir");
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Starts a kernel in `folder`, runs the steps and ends it. */
export function drive(folder: string, steps: Step[], environment: Record<string, string> = {}) {
  const job = JSON.stringify({ cwd: folder, steps });
  const run = spawnSync(python, [join(__dirname, "drive.py")], {
    input: job,
    encoding: "utf8",
    timeout: 150_000,
    env: { ...process.env, ...environment },
    maxBuffer: 64e6,
  });
  const lines = run.stdout
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  expect(lines.length, run.stderr.slice(-2_000)).toBe(steps.length + 1);
  const kernel: { alive: boolean; shutdown: number } = lines[lines.length - 1];
  return { results: lines.slice(0, -1) as Cell[][], kernel, stderr: run.stderr };
}

export const run = (...codes: string[]): Step => ({
  cells: codes.map((code) => ({ code })),
  timeout: 30,
});

/** The cells one after another, each whatever became of the one before. */
export function driveCells(
  folder: string,
  codes: string[],
  environment: Record<string, string> = {},
) {
  const { results, kernel } = drive(
    folder,
    codes.map((code) => run(code)),
    environment,
  );
  return { cells: results.map(([cell]) => cell), kernel };
}

export const text = (cell: Cell) => cell.error?.traceback.join("\n") ?? "";
