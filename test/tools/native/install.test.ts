// `npm run native` on machines that lack something, and after runs that were cut short: one
// sentence each, nothing half made left, the next run makes it good. Each case is a bare copy of
// the tools with a tiny wheel, run for real; what is asked of PyPI, the compiler and the machine is
// answered by stand-ins. Nothing is downloaded, no TensorFlow is loaded.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { available, linkNative, POLYFILL } from "../../../src/engine/native/link";

const checkout = resolve(__dirname, "../../..");
const tools = (command: string) =>
  spawnSync("sh", ["-c", `command -v ${command}`], { encoding: "utf8" }).stdout?.trim();
const python = spawnSync("python3", ["-c", "import sys; print(sys.executable)"], {
  encoding: "utf8",
}).stdout?.trim();
const compiler = tools("g++");
const possible =
  process.platform === "linux" && process.arch === "x64" && Boolean(python && compiler);
if (!possible)
  console.log("install.test.ts is skipped: it needs x86-64 Linux with python3 and g++");

const outer = mkdtempSync(join(tmpdir(), "llm-native-"));
afterAll(() => rmSync(outer, { recursive: true, force: true }));
let root = "";
let bin = "";
let count = 0;

/** A wheel with all that is taken out of TensorFlow's, and a C++ file that is an addon. */
const wheel = join(outer, "wheel.whl");
const addon = join(outer, "addon.cc");
const MAKE_WHEEL = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1], "w") as z:
    z.writestr("tensorflow/include/tensorflow/c/c_api.h", "// a header")
    z.writestr("tensorflow/libtensorflow_cc.so.2", "a library")
    z.writestr("tensorflow/libtensorflow_framework.so.2", "another")
    z.writestr("tensorflow/python/left_out.py", "")
`;

beforeAll(() => {
  if (!possible) return;
  spawnSync(process.execPath, [join(checkout, "tools/build.mjs")]);
  expect(spawnSync(python, ["-c", MAKE_WHEEL, wheel]).status).toBe(0);
  writeFileSync(
    addon,
    'extern "C" void* napi_register_module_v1(void*, void* exports) { return exports; }\n',
  );
});

const script = (name: string, text: string) => {
  writeFileSync(join(bin, name), `#!/bin/sh\nPATH='${process.env.PATH}'\n${text}\n`);
  chmodSync(join(bin, name), 0o755);
};
/**
 * Python itself, but for `pip download`, which does what it is told; "$to" is the folder that the
 * wheel belongs in.
 */
const pipDoes = (download: string, version = "exit 0") =>
  script(
    "python3",
    `case "$*" in
  *"pip --version"*) ${version};;
  *"pip download"*) for a; do [ "$last" = --dest ] && to=$a; last=$a; done
    ${download};;
  *) exec '${python}' "$@";;
esac`,
  );
const pipGives = (file: string) =>
  pipDoes(`cp '${file}' "$to/tensorflow_cpu-2.21.0-cp311-none-linux_x86_64.whl"`);
const pipSays = (text: string) => pipDoes(`echo "${text}" >&2; exit 1`);
/** A compiler that wants neither headers nor libraries; "$to" is the file that it should make. */
const compilerDoes = (text: string) =>
  script(
    "g++",
    `for a; do [ "$last" = -o ] && to=$a; last=$a; done\n[ "$1" = --version ] && exit 0\n${text}`,
  );
const makes = (source: string) => `exec '${compiler}' -shared -fPIC -o "$to" '${source}'`;
const compilerMakes = (source: string) => compilerDoes(makes(source));

beforeEach(async () => {
  if (!possible) return;
  root = join(outer, `a checkout ${++count}`);
  bin = join(outer, `bin${count}`);
  mkdirSync(bin, { recursive: true });
  for (const path of [
    "tools",
    "src/cli/options.cjs",
    "src/display/wrap.cjs",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "dist/engine/native/link.js",
    "dist/engine/native/kernelAddon.js",
    "src/engine/native/kernels.cc",
  ])
    cpSync(join(checkout, path), join(root, path), { recursive: true });
  for (const path of ["src/tsconfig.json", "tsconfig.json"])
    cpSync(join(checkout, path), join(root, path));
  makePackages();
  await pinning((pins) => {
    pins.cpu.wheels[0].sha256 = digestOf(wheel);
  });
  pipGives(wheel);
  compilerMakes(addon);
});

interface Pins {
  cpu: { wheels: { sha256: string; platform: string }[] };
  headers: { package: string; version: string; sha256: string };
}
const digestOf = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");

/**
 * Changes the pinned checksums, and stamps the checkout as built: the stamp is the one of what is
 * there.
 */
async function pinning(change: (pins: Pins) => void): Promise<Pins> {
  const file = join(root, "tools/native/pins.json");
  const pins = JSON.parse(readFileSync(file, "utf8")) as Pins;
  change(pins);
  writeFileSync(file, JSON.stringify(pins));
  const { stamp } = await import(pathToFileURL(join(root, "tools/build.mjs")).href);
  writeFileSync(join(root, "dist/.stamp"), stamp());
  return pins;
}

/** node_modules as `npm ci` and setup leave it, as far as the native engine looks at it. */
function makePackages() {
  const package_ = join("node_modules", "@tensorflow", "tfjs-node-gpu");
  for (const part of ["binding", "package.json", "dist/index.js"])
    cpSync(join(checkout, package_, part), join(root, package_, part), { recursive: true });
  const main = join(root, package_, "dist/index.js");
  writeFileSync(main, readFileSync(main, "utf8").replace(POLYFILL, ""));
  const engine = join(root, "node_modules/llm/engine");
  mkdirSync(engine, { recursive: true });
  writeFileSync(
    join(engine, "index.js"),
    `exports.tf = { matMul: () => ({ dataSync: () => [6] }), backend: () => ({ binding: { TF_Version: "2.21.0" } }) };
exports.useEngine = async () => { require(${JSON.stringify(join(root, package_, "lib/napi-v8/tfjs_binding.node"))}); return { name: "native", reasons: ["cuda: no GPU"] }; };`,
  );
  writeFileSync(join(root, "node_modules/.llm-stamp"), npmStampOf());
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(checkout, "package.json"), "utf8"),
  );
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    const manifest = join(root, "node_modules", name, "package.json");
    mkdirSync(dirname(manifest), { recursive: true });
    if (!existsSync(manifest)) writeFileSync(manifest, "{}");
  }
}

/** What setup writes when the npm packages are as they should be. */
function npmStampOf(platform: string = process.platform, arch: string = process.arch): string {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const texts = [read("package-lock.json"), read(".npmrc")];
  const digest = createHash("sha256").update(texts.join("\0")).digest("hex");
  return `${digest} ${platform}-${arch}`;
}

/** Runs it; `machine` is JavaScript that is run first and makes this machine another one. */
function run({ machine = "", env = {}, args = [] as string[] } = {}) {
  const preload = join(bin, "machine.mjs");
  writeFileSync(
    preload,
    `import fs from "node:fs";\nimport { syncBuiltinESMExports } from "node:module";\n${machine}\nsyncBuiltinESMExports();\n`,
  );
  const done = spawnSync(
    process.execPath,
    ["--import", pathToFileURL(preload).href, "tools/native/native.mjs", ...args],
    {
      cwd: root,
      encoding: "utf8",
      env: {
        PATH: bin,
        HOME: outer,
        npm_config_registry: "http://127.0.0.1:9",
        npm_config_fetch_retries: "0",
        ...env,
      },
    },
  );
  return { status: done.status, text: done.stdout + done.stderr };
}
const READY = /Ready: libtensorflow 2\.21\.0/;
const expectGood = (text: string) => {
  expect(text).toMatch(READY);
  expect(readdirSync(join(root, "native")).sort()).toEqual(["cpu", "kernels"]);
  const kernels = readdirSync(join(root, "native/kernels")).sort();
  expect(kernels).toEqual(["kernels.node", "processor", "source"]);
  expect(readdirSync(join(root, "native/cpu")).sort()).toEqual(["OK", "addon", "include", "lib"]);
};

const without = (...names: string[]) => {
  for (const name of names) rmSync(join(bin, name));
};
const machine = (platform: string, arch: string) => ({
  machine: `for (const [k, value] of Object.entries({ platform: "${platform}", arch: "${arch}" })) Object.defineProperty(process, k, { value });`,
  before: () => writeFileSync(join(root, "node_modules/.llm-stamp"), npmStampOf(platform, arch)),
});
const mac = (release: string) => {
  const { machine: text, before } = machine("darwin", "arm64");
  const darwin = `(await import("node:os")).default.release = () => "${release}";`;
  return { machine: `${text}\n${darwin}`, before };
};
const report = (header: string) => `process.report.getReport = () => ({ header: ${header} });`;
const fails = (call: string, code: string) =>
  `fs.${call} = (path) => { throw Object.assign(new Error("${code}"), { code: "${code}", path }); };`;
const NO_HEADERS = `const { existsSync } = fs; fs.existsSync = (path) => !String(path).endsWith("node_api.h") && existsSync(path);`;
const NO_AVX = `const { readFileSync } = fs; fs.readFileSync = (path, ...rest) => path === "/proc/cpuinfo" ? "flags : fpu sse\\n" : readFileSync(path, ...rest);`;
const LITTLE_DISK = "fs.statfsSync = () => ({ bavail: 1e5, bsize: 1e3 });";

interface Lack {
  /** JavaScript that makes the machine another one. */
  machine?: string;
  before?: () => void;
}

/** The engine is refused with this sentence, and nothing half made is left. */
function expectSentence(sentence: RegExp, { machine, before }: Lack) {
  before?.();
  const { status, text } = run({ machine });
  expect(text).toMatch(sentence);
  expect(text).toMatch(/^(.+ (done in|failed after) \d+ s\n)*The native engine is not available: /);
  expect(text).toMatch(/The course goes on with the wasm engine; nothing else changes\.\n$/);
  expect(text).not.toMatch(/\n\s+at /);
  expect(status).toBe(0);
  expect(available(root)).toBeUndefined();
  expect(existsSync(join(root, "native/cpu.part"))).toBe(false);
  if (/disk/.test(sentence.source)) expect(existsSync(join(root, "native/wheel"))).toBe(false);
}

describe.skipIf(!possible)(
  "npm run native on a machine that lacks something: one sentence, nothing is downloaded",
  () => {
    test.each<[what: string, sentence: RegExp, lack: Lack]>([
      ["an Intel Mac", /on Apple silicon, and this is darwin x64\./, machine("darwin", "x64")],
      ["Windows", /on Apple silicon, and this is win32 x64\./, machine("win32", "x64")],
      ["32 bits", /on Apple silicon, and this is linux arm\./, machine("linux", "arm")],
      ["an old macOS", /needs macOS 12 or newer/, mac("20.6.0")],
      ["musl", /C library is not glibc \(musl\?\)/, { machine: report("{}") }],
      [
        "old glibc",
        /glibc 2\.27 or newer, and this is 2\.17\./,
        { machine: report('{ glibcVersionRuntime: "2.17" }') },
      ],
      ["no AVX", /needs a processor with AVX/, { machine: NO_AVX }],
      ["no C++ compiler", /no C\+\+ compiler was found/, { before: () => without("g++") }],
      ["no Python", /No Python was found/, { before: () => without("python3") }],
      ["no pip", /no Python with pip was found/, { before: () => pipDoes("", "exit 1") }],
      [
        "no headers, no npm",
        /headers \(node_api\.h\) were not found and could not be/,
        { machine: NO_HEADERS },
      ],
      [
        "little disk",
        /it needs 1\.6 GB of free disk, and 0\.1 GB are left/,
        { machine: LITTLE_DISK },
      ],
      ["read-only", /cannot be written to \(read-only/, { machine: fails("accessSync", "EROFS") }],
      [
        "no packages",
        /packages are not installed yet/,
        { before: () => rmSync(join(root, "node_modules/.llm-stamp")) },
      ],
    ])("%s", (_, sentence, lack) => {
      expectSentence(sentence, lack);
      expect(existsSync(join(root, "native/wheel"))).toBe(false);
    });

    test("--strict, for scripts: exit code 1", () => {
      without("g++");
      expect(run({ args: ["--strict"] }).status).toBe(1);
    });
  },
);

describe.skipIf(!possible)(
  "npm run native on other platforms, as far as stand-ins can tell",
  () => {
    test.each([
      {
        name: "linux-arm64",
        lack: machine("linux", "arm64"),
        tag: "--platform manylinux_2_27_aarch64",
        libraries: ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"],
        links: ["libtensorflow.so", "libtensorflow_framework.so"],
        strips: true,
        flag: "-Wl,-rpath,$ORIGIN/../lib",
        kernels: "-mcpu=native",
      },
      {
        name: "darwin-arm64",
        lack: mac("24.1.0"),
        tag: "--platform macosx_12_0_arm64",
        libraries: ["libtensorflow_cc.2.dylib", "libtensorflow_framework.2.dylib"],
        links: ["libtensorflow.dylib", "libtensorflow_framework.dylib"],
        strips: false,
        flag: "-Wl,-undefined,dynamic_lookup -Wl,-rpath,@loader_path/../lib",
        kernels: "-mcpu=native",
      },
    ])("$name: its wheel, its libraries, its compiler's options", async (one) => {
      const its = join(outer, `${one.name}.whl`);
      const making = MAKE_WHEEL.replace("libtensorflow_cc.so.2", one.libraries[0]).replace(
        "libtensorflow_framework.so.2",
        one.libraries[1],
      );
      expect(spawnSync(python, ["-c", making, its]).status).toBe(0);
      await pinning(({ cpu }) => {
        for (const wheel of cpu.wheels)
          if (wheel.platform === one.name) wheel.sha256 = digestOf(its);
      });
      const log = join(outer, `${one.name}.log`);
      pipDoes(
        `echo "$*" >> '${log}'; cp '${its}' "$to/tensorflow-2.21.0-cp311-cp311-${one.name}.whl"`,
      );
      compilerDoes(`echo "$*" >> '${log}'\n${makes(addon)}`);
      const stripped = join(outer, `${one.name}.stripped`);
      script("strip", `echo "$*" >> '${stripped}'`);
      one.lack.before();
      const { text } = run(one.lack);
      expectGood(text);
      expect(existsSync(stripped)).toBe(one.strips);
      const asked = readFileSync(log, "utf8").split("\n");
      expect(asked[0]).toContain(one.tag);
      expect(asked[0]).not.toContain("x86_64");
      expect(asked[1]).toContain(one.flag);
      expect(asked.find((line) => line.includes("kernels.cc"))).toContain(one.kernels);
      const lib = readdirSync(join(root, "native/cpu/lib"));
      expect(lib.sort()).toEqual([...one.libraries, ...one.links].sort());
    });

    test("kernels that were compiled for another ARM processor are compiled again", () => {
      const processorWith = (features: string) => {
        const text = JSON.stringify(`processor : 0\nFeatures : ${features}\n`);
        const cpuinfo = `const { readFileSync } = fs; fs.readFileSync = (path, ...rest) => path === "/proc/cpuinfo" ? ${text} : readFileSync(path, ...rest);`;
        const { machine: arm, before } = machine("linux", "arm64");
        before();
        // without TensorFlow, which is not what this is about
        const old = report('{ glibcVersionRuntime: "2.17" }');
        run({ machine: `${arm}\n${old}\n${cpuinfo}` });
        return readFileSync(join(root, "native/kernels/processor"), "utf8");
      };
      const plain = processorWith("fp asimd");
      expect(processorWith("fp asimd")).toBe(plain);
      expect(processorWith("fp asimd sve")).not.toBe(plain);
    });
  },
);

describe.skipIf(!possible)(
  "npm run native fails on the way: one sentence, and the next run makes it good",
  () => {
    test.each<[what: string, sentence: RegExp, lack: Lack]>([
      [
        "no network",
        /could not be reached/,
        { before: () => pipSays("Failed to establish a new connection") },
      ],
      [
        "disk full for pip",
        /: the disk is full\./,
        { before: () => pipSays("[Errno 28] No space left on device") },
      ],
      ["disk full for us", /the disk is full: /, { machine: fails("mkdirSync", "ENOSPC") }],
      ["no symbolic links", /has no symbolic links/, { machine: fails("symlinkSync", "EPERM") }],
      [
        "another wheel",
        /another SHA-256 than the pinned one; it was deleted\./,
        { before: () => pipGives(addon) },
      ],
      [
        "does not compile",
        /the addon does not compile here/,
        { before: () => compilerMakes("/nowhere.cc") },
      ],
      [
        "does not load",
        /was built but does not run/,
        { before: () => compilerDoes('echo no library > "$to"') },
      ],
    ])("%s", (_, sentence, lack) => {
      expectSentence(sentence, lack);
      pipGives(wheel);
      compilerMakes(addon);
      expectGood(run().text);
    });

    test("Node's headers from npm, where the system has none", async () => {
      const packed = join(outer, "headers.tgz");
      const folder = mkdtempSync(join(outer, "headers-"));
      mkdirSync(join(folder, "package/include"), { recursive: true });
      writeFileSync(join(folder, "package/include/node_api.h"), "");
      spawnSync("tar", ["-czf", packed, "-C", folder, "package"]);
      const { headers } = await pinning((pins) => {
        pins.headers.sha256 = digestOf(packed);
      });
      const npm = join(bin, "npm-cli.cjs");
      const name = `${headers.package}-${headers.version}.tgz`;
      writeFileSync(
        npm,
        `require("fs").copyFileSync(${JSON.stringify(packed)}, process.argv.at(-1) + "/${name}");`,
      );
      compilerDoes(
        `case "$*" in *-I*native/headers/package/include*) ;; *) exit 1;; esac\n${makes(addon)}`,
      );
      expect(run({ machine: NO_HEADERS, env: { npm_execpath: npm } }).text).toMatch(READY);
    });

    test("the engine that is there already stays when the CUDA one cannot be had", () => {
      expectGood(run().text);
      expect(run({ args: ["--cuda"], machine: LITTLE_DISK }).text).toMatch(
        /The CUDA engine is not available: it needs 6 GB .*\nThe course goes on with the native engine on the CPU/,
      );
      expect(available(root)).toBe("cpu");
    });
  },
);

describe.skipIf(!possible)("npm run native after a run that was cut short", () => {
  /** Starts it with a program that waits for ever, kills everything when that has begun. */
  async function killIn(program: string, when: string) {
    const begun = join(bin, "begun");
    const before = readFileSync(join(bin, program), "utf8");
    script(program, `case "$*" in ${when}) touch '${begun}'; exec sleep 60;; esac\n${before}`);
    const child = spawn(process.execPath, ["tools/native/native.mjs"], {
      cwd: root,
      detached: true,
      stdio: "ignore",
      env: { PATH: bin, HOME: outer },
    });
    while (!existsSync(begun)) await new Promise((next) => setTimeout(next, 20));
    const other = run().text;
    const gone = new Promise((done) => child.once("exit", done));
    process.kill(-child.pid!, "SIGKILL");
    await gone;
    writeFileSync(join(bin, program), before);
    expect(available(root)).toBeUndefined();
    return other;
  }

  test.each([
    ["the download", "python3", '*"pip download"*'],
    ["unpacking", "python3", "*zipfile*"],
    ["the compiler", "g++", "*-shared*"],
  ])("in %s", async (_, program, when) => {
    const other = await killIn(program, when);
    expect(other).toMatch(/it is being made by process \d+ already/);
    expectGood(run().text);
  });

  test("with half a wheel, half a folder and pip's own remains", () => {
    const downloads = join(root, "native/wheel");
    mkdirSync(join(downloads, "tmp"), { recursive: true });
    writeFileSync(
      join(downloads, "tensorflow_cpu-2.21.0-cp311-none-linux_x86_64.whl"),
      "half of a whe",
    );
    mkdirSync(join(root, "native/cpu.part/lib"), { recursive: true });
    mkdirSync(join(root, "native/cpu/lib"), { recursive: true });
    expectGood(run().text);
  });

  test("a library that has been damaged since is made again", () => {
    expectGood(run().text);
    expect(run().text).toMatch(/Already there: libtensorflow 2\.21\.0/);
    writeFileSync(join(root, "native/cpu/addon/tfjs_binding.node"), "half of an ad");
    const { text } = run();
    expect(text).toMatch(/does not run: making it again/);
    expectGood(text);
  });

  test("an older addon is compiled again beside the libraries, without a download", () => {
    expectGood(run().text);
    writeFileSync(join(root, "native/cpu/OK"), "2.21.0 addon 0\n");
    pipGives("/nowhere");
    const { text } = run();
    expect(text).toMatch(/compiling the addon again/);
    expect(text).not.toMatch(/downloading/);
    expectGood(text);
  });
});

describe.skipIf(!possible)("the engine's place", () => {
  test("both package names lead to it, also after `npm ci`, and what Node 23 removed is there", () => {
    expectGood(run().text);
    const both = () =>
      ["tfjs-node", "tfjs-node-gpu"].map((name) =>
        realpathSync(
          join(
            dirname(
              createRequire(join(root, "package.json")).resolve(`@tensorflow/${name}/package.json`),
            ),
            "lib/napi-v8/tfjs_binding.node",
          ),
        ),
      );
    const place = realpathSync(join(root, "native/cpu/addon/tfjs_binding.node"));
    expect(both()).toEqual([place, place]);
    const main = join(root, "node_modules/@tensorflow/tfjs-node-gpu/dist/index.js");
    expect(readFileSync(main, "utf8").split(POLYFILL).length).toBe(2);
    writeFileSync(
      main,
      readFileSync(main, "utf8").replace(POLYFILL, "something(); // llm: an older one\n"),
    );
    linkNative(undefined, root);
    expect(readFileSync(main, "utf8")).not.toContain("something()");
    expect(readFileSync(main, "utf8").split(POLYFILL).length).toBe(2);

    rmSync(join(root, "node_modules"), { recursive: true });
    makePackages();
    expect(linkNative(undefined, root)).toBe("cpu");
    expect(linkNative(undefined, root)).toBe("cpu");
    expect(both()).toEqual([place, place]);
    expect(readFileSync(main, "utf8").split(POLYFILL).length).toBe(2);
    expect(readFileSync(main, "utf8")).toMatch(/^"use strict";\n/);
    expect(lstatSync(main).nlink).toBe(1);
  });

  test("nothing is linked where nothing is there", () => {
    expect(linkNative(undefined, root)).toBeUndefined();
    expect(existsSync(join(root, "node_modules/@tensorflow/tfjs-node"))).toBe(false);
  });

  test("the polyfill gives back what Node 23 removed", () => {
    const util: Record<string, (x: unknown) => boolean> = {
      isArray: () => {
        throw new Error("Node 22's, which warns");
      },
    };
    new Function("require", POLYFILL)(() => util);
    expect([null, undefined, 0, ""].map(util.isNullOrUndefined)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([[], {}].map(util.isArray)).toEqual([true, false]);
  });
});
