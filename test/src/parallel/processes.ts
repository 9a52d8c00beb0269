// Worker processes in tests: they run what is compiled in dist/, so it is built first (in no time
// where nothing has changed), and every group that a test starts is stopped at the end.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { startWorkers, type Workers, type WorkersOptions } from "llm/parallel";
import { afterAll, beforeAll } from "vitest";

const root = resolve(__dirname, "../../..");

/** Gives a function that starts workers for the tests of a file. */
export function workersOfTests() {
  const started: Workers[] = [];
  beforeAll(() => {
    const build = spawnSync(process.execPath, [join(root, "tools/build.mjs")], {
      encoding: "utf8",
    });
    if (build.status !== 0) throw new Error(build.stderr);
    process.env.NODE_OPTIONS = `--require ${JSON.stringify(join(__dirname, "built.cjs"))}`;
  }, 120_000);
  afterAll(async () => {
    await Promise.all(started.map((workers) => workers.stop()));
    delete process.env.NODE_OPTIONS;
  });
  return async (size: number, options: WorkersOptions = {}): Promise<Workers> => {
    const workers = await startWorkers(size, options);
    started.push(workers);
    return workers;
  };
}

/** The folders of messages that this machine has now. */
export const mailFolders = (where = "/dev/shm") => {
  try {
    return readdirSync(where).filter((name) => name.startsWith("llm-parallel-"));
  } catch {
    return [];
  }
};

/** Whether a process lives. */
export function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
