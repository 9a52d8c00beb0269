// What `npm start` says on a machine that lacks something. Each case is a bare copy of the set-up
// scripts, run for real.
import { spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

const folders: string[] = [];
let root = "";

beforeEach(() => {
  const outer = mkdtempSync(join(tmpdir(), "llm-setup-"));
  folders.push(outer);
  root = join(outer, "a folder 文件夹");
  for (const path of [
    "tools",
    "src/cli/options.cjs",
    "src/display/wrap.cjs",
    "jupyter/requirements.txt",
    "package.json",
    "package-lock.json",
    ".npmrc",
  ]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(path, join(root, path), { recursive: true });
  }
});
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A stand-in for Python: a shell script, so these cases run where there is a shell. */
function fakePython(script: string): string {
  const bin = join(root, "bin");
  mkdirSync(bin, { recursive: true });
  for (const name of [
    "python3",
    "python",
    "python3.13",
    "python3.12",
    "python3.11",
    "python3.10",
  ]) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

function start(
  env: Record<string, string>,
  ...args: string[]
): Promise<{ status: number | null; output: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, ["tools/setup/start.mjs", "--no-browser", ...args], {
      cwd: root,
      env: { ...process.env, ...env },
    });
    let output = "";
    child.stdout.on("data", (data) => {
      output += data;
    });
    child.stderr.on("data", (data) => {
      output += data;
    });
    child.on("close", (status) => done({ status, output }));
  });
}

describe.skipIf(process.platform === "win32")(
  "npm start on a machine that lacks something (needs a POSIX shell)",
  () => {
    test("Python too old", async () => {
      const { status, output } = await start({ PATH: fakePython('echo "3 8 10"'), LLM_PYTHON: "" });
      expect(status).toBe(1);
      expect(output).toMatch(
        /✗ Python is too old \(python3 is 3\.8\.10\): JupyterLab needs Python 3\.10 or newer\./,
      );
      expect(output).not.toMatch(/\n\s+at /);
    });

    test("no Python", async () => {
      const { status, output } = await start({ PATH: fakePython("exit 127"), LLM_PYTHON: "" });
      expect(status).toBe(1);
      expect(output).toMatch(/✗ No Python was found/);
    });

    test("Python without its venv module", async () => {
      const script =
        'case "$*" in *venv*) echo "ensurepip is not available" >&2; exit 1;; *) echo "3 11 2";; esac';
      const path = fakePython(script) + delimiter + process.env.PATH;
      const { status, output } = await start({
        PATH: path,
        LLM_PYTHON: "",
        npm_config_registry: "http://127.0.0.1:9/",
        npm_config_fetch_retries: "0",
      });
      expect(status).toBe(1);
      expect(output).toMatch(/has no working `venv` module|registry could not be reached/);
    });

    test("no network on the first start", { timeout: 60_000 }, async () => {
      // pip says the same in its own words; here npm's are read, and Python stands aside.
      const path =
        fakePython('case "$*" in *venv*) exit 1;; *) echo "3 11 2";; esac') +
        delimiter +
        process.env.PATH;
      const { status, output } = await start({
        PATH: path,
        LLM_PYTHON: "",
        npm_config_registry: "http://127.0.0.1:9/",
        npm_config_fetch_retries: "0",
        npm_config_cache: join(root, "cache"),
      });
      expect(status).toBe(1);
      expect(output).toMatch(
        /registry could not be reached\. The first set-up needs the network once/,
      );
      expect(output).toMatch(/run `npm start` again/);
      expect(existsSync(join(root, "node_modules", ".llm-stamp"))).toBe(false); // so that the next start tries again
    });

    /** An npm that notes what it is asked, and does it: one package of those wanted. */
    function fakeNpm(): string {
      const cli = join(root, "bin", "npm-cli.js");
      mkdirSync(join(root, "bin"), { recursive: true });
      writeFileSync(
        cli,
        `const fs = require("node:fs");
         fs.writeFileSync(${JSON.stringify(join(root, "asked"))}, process.argv.slice(2).join(" "));
         fs.mkdirSync("node_modules/tslab", { recursive: true });
         fs.writeFileSync("node_modules/tslab/package.json", "{}");`,
      );
      return cli;
    }

    test("packages that npm leaves out, as with NODE_ENV=production, are asked for, and missed", async () => {
      const path = fakePython('case "$*" in *venv*) exit 1;; *) echo "3 11 2";; esac');
      const env = { PATH: path + delimiter + process.env.PATH, LLM_PYTHON: "" };
      const production = { ...env, npm_execpath: fakeNpm(), NODE_ENV: "production" };
      const { status, output } = await start(production);
      expect(status).toBe(1);
      expect(readFileSync(join(root, "asked"), "utf8")).toContain("--include=dev");
      expect(output).toMatch(
        /npm said that it installed the packages, but they are not all there \(missing: .*vitest/,
      );
      expect(output).not.toMatch(/\n\s+at /);
      // The stamp that npm's word left behind is not believed the next time.
      rmSync(join(root, "asked"));
      await start(production);
      expect(existsSync(join(root, "asked"))).toBe(true);
    });

    test("node_modules of another machine are said to be so, and made anew", async () => {
      const path = fakePython('case "$*" in *venv*) exit 1;; *) echo "3 11 2";; esac');
      mkdirSync(join(root, "node_modules"));
      writeFileSync(join(root, "node_modules", ".llm-stamp"), "abc sunos-sparc");
      const { output } = await start({
        PATH: path + delimiter + process.env.PATH,
        LLM_PYTHON: "",
        npm_execpath: fakeNpm(),
      });
      expect(output).toMatch(
        /node_modules is of another machine \(sunos-sparc, this is .*\): installing/,
      );
      expect(existsSync(join(root, "asked"))).toBe(true);
    });

    test("a port that is no port", async () => {
      const { status, output } = await start({}, "--port", "banana");
      expect(status).toBe(2);
      expect(output).toMatch(/--port: expected a whole number from 1 to 65535, got "banana"/);
    });
  },
);

test("an option that the user gives replaces ours: JupyterLab takes none twice", async () => {
  const { labArguments } = (await import("../../../tools/setup/start.mjs" as string)) as {
    labArguments(port: number, args: string[]): string[];
  };
  const ips = (...args: string[]) =>
    labArguments(8888, args).filter((arg) => /^--(ServerApp\.)?ip\b/.test(arg));
  expect(ips()).toEqual(["--ServerApp.ip=127.0.0.1"]);
  expect(ips("--ServerApp.ip=0.0.0.0")).toEqual(["--ServerApp.ip=0.0.0.0"]);
  expect(ips("--ip", "0.0.0.0")).toEqual(["--ip"]);
  expect(labArguments(8888, ["--no-browser"]).at(-1)).toBe("--no-browser");
});

test("a taken port is passed over, with a sentence", async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  const { freePort } = (await import("../../../tools/setup/start.mjs" as string)) as {
    freePort(wanted: number): Promise<number>;
  };
  expect(await freePort(port)).toBeGreaterThan(port);
  await new Promise((closed) => server.close(closed));
});
