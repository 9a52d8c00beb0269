// The box: programs calculate and print, and get at nothing; time, memory and output have limits.
import { runCode, sandboxTrouble } from "llm/sandbox";
import { describe, expect, test } from "vitest";

test("where there is no sandbox, nothing runs", async () => {
  expect(sandboxTrouble("no-such-bwrap")?.why).toBe("bubblewrap is not installed");
  expect(sandboxTrouble("bwrap", "darwin")?.why).toBe("there is no sandbox on macOS");
  expect(sandboxTrouble("bwrap", "win32")?.why).toBe("there is no sandbox on win32");
  await expect(runCode("1", { command: "no-such-bwrap" })).rejects.toThrow("expected a sandbox");
});

describe.skipIf(sandboxTrouble())("in the box", () => {
  test("a program prints", async () => {
    expect(await runCode("console.log(6 * 7)")).toEqual({ output: "42\n", ending: "ok" });
    expect((await runCode("throw new TypeError('no')")).output).toContain("TypeError: no");
    expect((await runCode("process.exitCode = 3")).ending).toBe("failed");
  });

  test.each([
    ["files", "import fs from 'node:fs'; console.log(fs.readFileSync('/etc/passwd', 'utf8'))"],
    ["programs", "import c from 'node:child_process'; console.log(c.execSync('id').toString())"],
    ["threads", "import w from 'node:worker_threads'; new w.Worker('1', { eval: true })"],
  ])("it gets at no %s", async (_, code) => {
    const { output, ending } = await runCode(code);
    expect([ending, output]).toEqual(["failed", expect.stringContaining("restricted")]);
  });

  test("it sees no network and none of our settings", async () => {
    process.env.LLM_TEST_SECRET = "secret";
    const code =
      "const e = await fetch('http://127.0.0.1:8080').catch((e) => e.cause.code);" +
      "const far = await fetch('http://192.0.2.1').catch((e) => e.cause.code);" +
      "console.log(e, far, process.env.LLM_TEST_SECRET, process.env.HOME)";
    const { output } = await runCode(code);
    delete process.env.LLM_TEST_SECRET;
    expect(output).toMatch(/^ECONNREFUSED ENETUNREACH undefined undefined\n$/);
  });

  test("it cannot take all the time, memory or screen", async () => {
    const [time, sleep, memory, heap, screen] = await Promise.all([
      runCode("for (;;);", { seconds: 1 }),
      runCode("setTimeout(() => {}, 1e6)", { seconds: 1 }),
      runCode("const all = []; for (;;) all.push(new Uint8Array(1e7).fill(1))"),
      runCode("const all = []; for (;;) all.push({})"),
      runCode("for (;;) console.log('x'.repeat(1000))", { longest: 500 }),
    ]);
    expect([time.ending, sleep.ending, screen.ending]).toEqual(["time", "time", "output"]);
    expect([memory.ending, heap.ending].every((e) => e === "failed" || e === "time")).toBe(true);
    expect(screen.output).toHaveLength(500);
  }, 60_000);
});
