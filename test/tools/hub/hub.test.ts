// JupyterHub itself, started as `npm run hub` does, with two learners who log in, get a server each
// and find the course in their own home; one of them runs cells of lesson 00 (start here). Where
// bubblewrap runs, the whole course is read-only meanwhile, as in the image for a hub.
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = resolve(__dirname, "../../..");
const MINUTE = 60_000;
const { hubReady, hubFolder } = (await import(
  pathToFileURL(join(root, "tools/hub/hub.mjs")).href
)) as { hubReady(): boolean; hubFolder(): string };
if (!hubReady())
  console.log("skipped: JupyterHub, because it is not installed (npm run hub -- --install)");

const outer = mkdtempSync(join(tmpdir(), "llm-hub-"));
const state = join(outer, "学期 one");
const PASSWORD = "a password for all";

/** A port that is free, most probably with the two after it. */
const aPort = () =>
  new Promise<number>((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => done(typeof address === "object" ? Math.min(address!.port, 65_000) : 0));
    });
  });

/** The processes that were told of the folder, which are all that the hub started. */
const processes = () =>
  readdirSync("/proc").filter((id) => {
    try {
      return /^\d+$/.test(id) && readFileSync(`/proc/${id}/environ`, "utf8").includes(outer);
    } catch {
      return false;
    }
  });

interface Found {
  seconds: number;
  kernels: string[];
  top: string[];
  other: number;
  cells: { status: string; text: string }[];
}

describe.skipIf(!hubReady())("JupyterHub (skipped where it is not installed)", () => {
  let hub: ChildProcess;
  let address = "";
  let said = "";
  /** Ends it as a teacher's Ctrl-C or a service manager does; bubblewrap passes no signal on. */
  function end() {
    const ended = new Promise((done) => hub.once("exit", done));
    for (const id of processes())
      if (/^[^\0]*node\0[^\0]*hub\.mjs\0/.test(readFileSync(`/proc/${id}/cmdline`, "utf8")))
        process.kill(Number(id), "SIGTERM");
    return ended;
  }

  beforeAll(async () => {
    mkdirSync(state);
    const box = ["--dev-bind", "/", "/", "--ro-bind", root, root];
    const boxed = spawnSync("bwrap", [...box, "true"], { stdio: "ignore" }).status === 0;
    const port = String(await aPort());
    const command = [process.execPath, join(root, "tools/hub/hub.mjs"), "--port", port];
    const [program, ...args] = boxed ? ["bwrap", ...box, ...command] : command;
    hub = spawn(program, args, {
      cwd: root,
      env: { ...process.env, LLM_HUB_STATE: state, LLM_HUB_PASSWORD: PASSWORD },
    });
    for (const stream of [hub.stdout!, hub.stderr!])
      stream.on("data", (data: Buffer) => {
        said = (said + data.toString()).slice(-20_000);
      });
    while (!address && hub.exitCode === null) {
      address = /JupyterHub is ready: (\S+)/.exec(said)?.[1] ?? "";
      await new Promise((next) => setTimeout(next, 100));
    }
    if (!address) throw new Error(said);
  }, 3 * MINUTE);

  afterAll(async () => {
    if (hub?.exitCode === null && hub.signalCode === null) await end();
    rmSync(outer, { recursive: true, force: true, maxRetries: 5 });
  }, MINUTE);

  /** A learner logs in, gets a server and runs these cells. */
  async function learner(name: string, other: string, cells: string[]): Promise<Found> {
    const python = join(hubFolder(), "venv/bin/python");
    const script = join(root, "test/tools/hub/learner.py");
    const notebook = "notebooks/00-start-here.ipynb";
    const args = [script, address, name, PASSWORD, other, notebook, ...cells];
    const { stdout } = await promisify(execFile)(python, args).catch((error) => {
      throw new Error(`${error.message}\n${said}`);
    });
    return JSON.parse(stdout);
  }

  test(
    "two learners have a server, a home and the kernel each; cells of lesson 00 (start here) run",
    async () => {
      const text = readFileSync(join(root, "notebooks/00-start-here.ipynb"), "utf8");
      const { cells } = JSON.parse(text) as { cells: { id: string; source: string[] }[] };
      const imports = cells.find(({ id }) => id === "imports")!.source.join("");
      expect(imports).toContain('from "llm/engine"');
      const [ada, bo] = await Promise.all([
        learner("ada", "bo", [
          imports,
          "console.log(tf.sum(tf.tensor([1, 2, 3])).arraySync(), typeof learner);",
          "console.log(process.cwd(), process.env.JUPYTERHUB_API_TOKEN);",
        ]),
        learner("bo", "ada", []),
      ]);
      expect(ada.cells.map(({ status, text }) => (status === "ok" ? status : text))).toEqual(
        ada.cells.map(() => "ok"),
      );
      expect(ada.cells[1].text).toContain("6 function");
      const own = (name: string) => join(state, "homes", name, "course/my-course");
      expect(ada.cells[2].text.trim()).toBe(`${join(own("ada"), "notebooks")} undefined`);
      for (const [name, found] of Object.entries({ ada, bo })) {
        expect(found.kernels).toContain("tslab");
        expect(found.top).toEqual(expect.arrayContaining(["exercises", "notebooks"]));
        expect([403, 404]).toContain(found.other); // 404 while that server is not up
        expect(existsSync(join(own(name), "exercises/00-start-here.ts"))).toBe(true);
      }
    },
    6 * MINUTE,
  );

  test(
    "it ends whole, with the learners' servers and kernels",
    async () => {
      expect(processes().length).toBeGreaterThan(4);
      await end();
      for (let tries = 0; processes().length > 0 && tries < 100; tries++)
        await new Promise((next) => setTimeout(next, 100));
      expect(processes()).toEqual([]);
    },
    MINUTE,
  );
});
