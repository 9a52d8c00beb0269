// Processes that run one function: what they return, what fails, what dies, and that nothing is left.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { clearInterrupt, requestInterrupt } from "llm/engine";
import { onWorkers, startWorkers, WorkerLost } from "llm/parallel";
import { expect, it, vi } from "vitest";
import { lives, mailFolders, workersOfTests } from "./processes";

const start = workersOfTests();

it("every worker has its rank; values, typed arrays and events come back", async () => {
  const workers = await start(3);
  const events: unknown[] = [];
  const values = await workers.run(
    ({ group, tell }, { base }) => {
      tell({ from: group.rank });
      group.barrier();
      return { rank: group.rank, size: group.size, numbers: Float32Array.of(base, group.rank) };
    },
    { base: 7 },
    { onEvent: (event, rank) => events.push([event, rank]) },
  );
  expect(values).toEqual(
    [0, 1, 2].map((rank) => ({ rank, size: 3, numbers: Float32Array.of(7, rank) })),
  );
  expect(events).toHaveLength(3);
  expect(events).toContainEqual([{ from: 2 }, 2]);
  // Messages keep their order, and a message is a copy.
  const got = await workers.run(({ group }) => {
    const numbers = new Float32Array(1);
    for (let i = 0; i < 20; i++) {
      numbers[0] = i;
      group.send(group.next, numbers);
    }
    numbers[0] = 99;
    return Array.from({ length: 20 }, () => group.receive(group.previous)[0]);
  }, {});
  expect(got[1]).toEqual(Array.from({ length: 20 }, (_, i) => i));
});

it("an error of one ends the run for all, names the rank, and the workers go on", async () => {
  const workers = await start(3);
  const run = workers.run(({ group }) => {
    if (group.rank === 1) throw new Error("bang");
    group.receive(group.previous);
  }, {});
  await expect(run).rejects.toThrow("worker 1: bang");
  expect(await workers.run(({ group }) => group.rank, {})).toEqual([0, 1, 2]);
});

it("a function that uses more than its parameters is told so by its worker", async () => {
  const outside = 5;
  const run = onWorkers(1, () => outside, {});
  await expect(run).rejects.toThrow(/worker 0: outside is not defined/);
});

it("a worker that is killed ends the run within seconds, by name and step", async () => {
  const workers = await start(3);
  const run = workers.run(
    ({ group, tell }) => {
      group.note("step 12");
      tell("here");
      if (group.rank !== 2) return group.receive(2); // would wait for ever
      for (;;);
    },
    {},
    { onEvent: (_, rank) => rank === 2 && process.kill(workers.pids[2], "SIGKILL") },
  );
  const error = await run.catch((error) => error);
  expect(error).toBeInstanceOf(WorkerLost);
  expect(error).toMatchObject({ rank: 2, signal: "SIGKILL", at: "step 12" });
  expect(error.message).toMatch(
    /worker 2 of 3 \(process \d+\) was killed by SIGKILL at step 12; the other workers have been stopped/,
  );
  expect(workers.pids.map(lives)).toEqual([true, true, false]);
  await expect(workers.run(() => 1, {})).rejects.toThrow(WorkerLost);
});

it("a worker that ends by itself is told apart from one that was killed", async () => {
  const run = onWorkers(2, ({ group }) => group.rank === 1 && process.exit(3), {});
  await expect(run).rejects.toThrow(/worker 1 of 2 \(process \d+\) ended with code 3/);
});

it("the stop button ends a run", async () => {
  const workers = await start(2);
  const run = workers.run(({ group }) => group.receive(group.next), {});
  requestInterrupt();
  await expect(run).rejects.toThrow("Workers.run: stopped by the user");
  clearInterrupt();
});

it("what workers print is shown with their rank", async () => {
  const said = vi.spyOn(console, "log").mockImplementation(() => {});
  await onWorkers(2, ({ group }) => console.log(`one ${group.rank}\ntwo`), {});
  const lines = said.mock.calls.flat();
  said.mockRestore();
  for (const line of ["[worker 0] one 0", "[worker 1] one 1", "[worker 1] two"])
    expect(lines).toContain(line);
});

it("stopped workers leave no process and no file", async () => {
  const before = mailFolders();
  const workers = await startWorkers(2);
  const { pids } = workers;
  expect(pids.map(lives)).toEqual([true, true]);
  await workers.stop();
  expect(pids.map(lives)).toEqual([false, false]);
  expect(mailFolders().filter((name) => !before.includes(name))).toEqual([]);
});

it("workers end when their parent is killed, also those that wait", async () => {
  const script = `
    const { startWorkers } = require(${JSON.stringify(join(__dirname, "../../../dist/parallel"))});
    startWorkers(2).then((workers) => {
      workers.run(({ group, tell }) => { tell(process.pid); if (group.rank) group.receive(0); else
        return new Promise(() => {}); }, {}, { onEvent: (pid) => console.log(pid) });
    });`;
  const parent = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  await new Promise<void>((done) =>
    parent.stdout.on("data", (data) => {
      output += data;
      if (output.trim().split("\n").length === 2) done();
    }),
  );
  const pids = output.trim().split("\n").map(Number);
  expect(pids.map(lives)).toEqual([true, true]);
  parent.kill("SIGKILL");
  await vi.waitFor(() => expect(pids.map(lives)).toEqual([false, false]), { timeout: 30_000 });
});

it("numbers of workers that make no sense are refused", async () => {
  for (const size of [0, 1.5, Number.NaN])
    await expect(startWorkers(size)).rejects.toThrow(/startWorkers: expected a whole number/);
});
