// A kernel whose server was killed: nobody can reach it any more, and it must not stay.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { root } from "./drive";

const folder = mkdtempSync(join(tmpdir(), "llm-orphan-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const freePort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" ? address!.port : 0));
    });
  });

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const until = async (true_: () => boolean, milliseconds: number) => {
  const end = performance.now() + milliseconds;
  while (!true_() && performance.now() < end) await new Promise((next) => setTimeout(next, 100));
  return true_();
};

it.skipIf(process.platform === "win32")("ends when its server is killed", async () => {
  const ports = await Promise.all(Array.from({ length: 5 }, freePort));
  const names = ["shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"];
  const connection = {
    ...Object.fromEntries(names.map((name, i) => [name, ports[i]])),
    ...{ ip: "127.0.0.1", transport: "tcp", key: "k", signature_scheme: "hmac-sha256" },
  };
  const file = join(folder, "connection.json");
  writeFileSync(file, JSON.stringify(connection));
  // A stand-in for the server: it starts the kernel, says its id and waits.
  const code = `const { spawn } = require("node:child_process");
    const [kernel, file] = process.argv.slice(1);
    const child = spawn(process.execPath, [kernel, "--config-path", file], { detached: true });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const kernel = join(root, "jupyter/kernels/tslab/kernel.cjs");
  const server = spawn(process.execPath, ["-e", code, kernel, file]);
  const pid = await new Promise<number>((done) =>
    server.stdout.once("data", (data: Buffer) => done(Number(data.toString()))),
  );
  // Long enough for it to have started; it stays as long as its server does.
  expect(await until(() => !isAlive(pid), 8_000)).toBe(false);
  server.kill("SIGKILL");
  expect(await until(() => !isAlive(pid), 20_000)).toBe(true);
});
