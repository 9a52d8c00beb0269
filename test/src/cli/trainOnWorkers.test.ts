// `npm run train -- --workers 2` as a process: stopped with Ctrl-C and resumed by one process, it
// has the losses of a run that was not stopped; batches that cannot be divided are refused.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { presets } from "llm/pretrain";
import { afterAll, beforeAll, expect, it } from "vitest";
import { sharedSettings } from "../../../src/cli/trainOnWorkers";

const root = resolve(__dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "llm-workers-"));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(() => {
  const build = spawnSync(process.execPath, [join(root, "tools/build.mjs")], { encoding: "utf8" });
  if (build.status !== 0) throw new Error(build.stderr);
  const words = ["call", "me", "ishmael", "some", "years", "ago"];
  const text = Array.from({ length: 900 }, (_, i) => words[(i * i + (i >> 2)) % 6]).join(" ");
  writeFileSync(join(folder, "text.txt"), text);
}, 120_000);

const losses = (dir: string): number[] => {
  const file = join(folder, dir, "log.jsonl");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").filter(Boolean) : [];
  return lines.flatMap((line) => JSON.parse(line).loss ?? []);
};

/** Runs the command; sends it Ctrl-C once `dir` has so many steps. */
function train(args: string[], stop?: { dir: string; after: number }) {
  return new Promise<{ code: number | null; output: string }>((done) => {
    const command = [join(root, "dist/cli/train.js"), "--quiet", ...args];
    const child = spawn(process.execPath, command, { env: { ...process.env, LLM_ENGINE: "wasm" } });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data) => (output += data));
    const timer = setInterval(() => {
      if (stop === undefined || losses(stop.dir).length < stop.after) return;
      clearInterval(timer);
      child.kill("SIGINT");
    }, 5);
    child.on("close", (code) => {
      clearInterval(timer);
      done({ code, output });
    });
  });
}

it("a run of two workers that was stopped and resumed by one process is that of two workers", async () => {
  const fresh = (dir: string) => [
    ...["--workers", "2", "--steps", "12", "--checkpoint-every", "4"],
    ...["--data", join(folder, "text.txt"), "--out", join(folder, dir)],
  ];
  const whole = await train(fresh("whole"));
  expect(whole.output).toMatch(/512 tokens per step/); // as of one process
  expect(whole.output).toMatch(/done in \d+ s: validation \d/);
  expect(whole.code).toBe(0);
  expect(losses("whole")).toHaveLength(12);

  const stopped = await train(fresh("stopped"), { dir: "stopped", after: 2 });
  expect(stopped.output).toMatch(/stopped and saved at step \d+\. To go on: npm run train/);
  expect(stopped.code).toBe(130);
  const resumed = await train(["--resume", join(folder, "stopped")]);
  expect(resumed.code).toBe(0);
  const [expected, actual] = [losses("whole"), losses("stopped")];
  expect(actual).toHaveLength(12);
  actual.forEach((loss, i) => {
    expect(Math.abs(loss - expected[i])).toBeLessThanOrEqual(1e-6);
  });
}, 300_000);

it("every batch is cut into as many as there are workers", () => {
  const { batchSize, accumulate, ...rest } = sharedSettings(presets.laptop, 3);
  expect({ batchSize, accumulate }).toEqual({ batchSize: 4, accumulate: 3 });
  expect({ ...rest, batchSize: 12, accumulate: 1 }).toEqual(presets.laptop);
  expect(() => sharedSettings(presets.laptop, 5)).toThrow(
    "--workers 5: batches of 12 cannot be divided among 5 processes",
  );
});
