// What `npm run gpu:pack` and the script on the other side do without a GPU: pieces, checksums,
// what may be missing, which code of a CUDA library is kept, and that an interrupted unpacking goes
// on.
import { spawn, spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quoted, whyNoGpu } from "../../../src/engine/native/cuda";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const tools = join(root, "tools/gpu");
interface Piece {
  file: string;
  bytes: number;
  sha256: string;
}
interface Entry {
  kind: number;
  arch: number;
}
const { split, joinPieces, sha256 } = (await import(join(tools, "pieces.mjs"))) as {
  split: (file: string, folder: string, name: string, size: number) => Piece[];
  joinPieces: (pieces: Piece[], folder: string, target: string) => void;
  sha256: (bytes: Uint8Array) => string;
};
const { slim, codeFor, isNeeded } = (await import(join(tools, "fatbin.mjs"))) as {
  slim: (file: Buffer, gpus: number[]) => number;
  codeFor: (file: Buffer, gpu: number) => Record<"machine" | "ptx" | "none", number>;
  isNeeded: (entry: Entry, container: Entry[], gpu: number) => boolean;
};
const { libraries, seldom, stubs } = (await import(join(tools, "libraries.mjs"))) as {
  libraries: Record<string, string[]>;
  seldom: string[];
  stubs: string[];
};

const folder = mkdtempSync(join(tmpdir(), "llm-gpu-"));
afterAll(() => rmSync(folder, { recursive: true }));
const bytesOf = (n: number) => Buffer.from(Array.from({ length: n }, (_, i) => (i * 31) % 251));

describe("pieces", () => {
  test.each([0, 1, 9, 10, 11, 30])("%i bytes in pieces of 10 come back", (n) => {
    const file = join(folder, `f${n}`);
    writeFileSync(file, bytesOf(n));
    const pieces = split(file, folder, `f${n}`, 10);
    expect(pieces.length).toBe(Math.max(1, Math.ceil(n / 10)));
    expect(pieces.every(({ bytes }) => bytes <= 10)).toBe(true);
    joinPieces(pieces, folder, `${file}.back`);
    expect(readFileSync(`${file}.back`).equals(bytesOf(n))).toBe(true);
  });

  test("a damaged piece is named, and nothing half joined is left", () => {
    const file = join(folder, "damaged");
    writeFileSync(file, bytesOf(25));
    const pieces = split(file, folder, "damaged", 10);
    writeFileSync(join(folder, pieces[1].file), bytesOf(9));
    expect(() => joinPieces(pieces, folder, `${file}.back`)).toThrow("damaged-01.piece is damaged");
    expect(existsSync(`${file}.back`)).toBe(false);
  });
});

describe("CUDA libraries", () => {
  test("the code of other GPUs becomes zeros; sizes and headers stay", () => {
    const { file, at } = fakeLibrary([
      [2, 80],
      [2, 90],
      [1, 90],
    ]);
    const before = Buffer.from(file);
    expect(slim(file, [90])).toBe(32);
    expect(at.map((start) => file.subarray(start, start + 16).some((x) => x !== 0))).toEqual([
      false,
      true,
      false,
    ]);
    for (const start of at)
      expect(file.subarray(start - 64, start).equals(before.subarray(start - 64, start))).toBe(
        true,
      );
    expect(slim(fakeLibrary([[1, 80]]).file, [90])).toBe(0); // only PTX: it must be compiled there
    expect(
      slim(
        Buffer.from("#!/bin/sh, not a library at all, and longer than a header of ELF files is"),
        [90],
      ),
    ).toBe(0);
  });

  test("what a library holds for a GPU is told, and the same before and after", () => {
    const holds = (entries: [number, number][], gpu: number) => {
      const { file } = fakeLibrary(entries);
      const before = codeFor(file, gpu);
      slim(file, [gpu]);
      expect(codeFor(file, gpu)).toEqual(before);
      return Object.entries(before).find(([, count]) => count === 1)?.[0];
    };
    expect(
      holds(
        [
          [2, 80],
          [2, 90],
          [1, 90],
        ],
        90,
      ),
    ).toBe("machine");
    expect(
      holds(
        [
          [2, 80],
          [1, 80],
        ],
        90,
      ),
    ).toBe("ptx");
    expect(
      holds(
        [
          [2, 70],
          [1, 100],
        ],
        90,
      ),
    ).toBe("none");
    const { file, at } = fakeLibrary([[2, 90]]);
    file.fill(0, at[0], at[0] + 16);
    expect(codeFor(file, 90)).toEqual({ machine: 0, ptx: 0, none: 1 });
  });

  test("what a GPU runs", () => {
    const needed = (gpu: number, entry: [number, number], ...others: [number, number][]) => {
      const container = [entry, ...others].map(([kind, arch]) => ({ kind, arch }));
      return isNeeded(container[0], container, gpu);
    };
    expect(needed(86, [2, 80])).toBe(true); // the same generation, older
    expect(needed(80, [2, 86])).toBe(false);
    expect(needed(90, [2, 80])).toBe(false);
    expect(needed(90, [1, 90], [2, 90])).toBe(false);
    expect(needed(90, [1, 80], [2, 80])).toBe(true);
    expect(needed(80, [1, 90], [2, 90])).toBe(false);
  });

  test("every library in the lists is one that `npm run native -- --cuda` fetches, and has one place", () => {
    const pins = JSON.parse(readFileSync(join(root, "tools/native/pins.json"), "utf8")) as {
      cuda: { wheels: { sha256: string; take?: string[] }[] };
    };
    const fetched = new Set(pins.cuda.wheels.flatMap(({ take = [] }) => take));
    const listed = [...Object.values(libraries).flat(), ...seldom];
    for (const file of listed) expect(fetched, file).toContain(`nvidia/${file}`);
    expect(new Set(listed).size).toBe(listed.length);
    expect(listed.length).toBe(fetched.size);
    for (const file of stubs) expect(seldom).toContain(file);
    for (const { sha256 } of pins.cuda.wheels) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });
});

test("why there is no GPU: one sentence each", () => {
  const cuda = join(folder, "cuda");
  mkdirSync(join(cuda, "nvidia"), { recursive: true });
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  try {
    delete process.env.CUDA_VISIBLE_DEVICES;
    expect(whyNoGpu(cuda, "470.42.01")).toMatch(/driver 470\.42\.01 is too old for CUDA 12/);
    const opens =
      (...names: string[]) =>
      (name: string) =>
        names.includes(name);
    const both = opens("libcuda.so.1", "libnvidia-ml.so.1");
    expect(whyNoGpu(cuda, "580.159.03", both)).toMatch(/although NVIDIA's driver 580/);
    expect(whyNoGpu(cuda, "580.159.03", opens("libcuda.so.1"))).toMatch(
      /library libnvidia-ml\.so\.1 is not found/,
    );
    expect(whyNoGpu(cuda, "580.159.03", opens())).toMatch(/library libcuda\.so\.1 is not found/);
    expect(whyNoGpu(folder, "580.159.03")).toMatch(/npm run native -- --cuda/);
    process.env.CUDA_VISIBLE_DEVICES = "-1";
    expect(whyNoGpu(cuda, "580.159.03")).toBe(
      "TensorFlow finds no CUDA GPU: CUDA_VISIBLE_DEVICES=-1 hides them",
    );
  } finally {
    if (visible === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = visible;
  }
  expect([quoted("/a/b"), quoted("/a b")]).toEqual(["/a/b", '"/a b"']);
});

const python = ["python3", "python"].find(
  (name) => spawnSync(name, ["-c", "import lzma"]).status === 0,
);

describe.skipIf(!python)("gpu.py", () => {
  const bundle = join(folder, "bundle");
  const home = join(folder, "home");
  let pieces: string[] = [];
  const python3 = (args: string[]) => {
    const done = spawnSync(python!, args, { encoding: "utf8" });
    return { status: done.status, text: done.stdout + done.stderr };
  };
  const call = (...args: string[]) =>
    python3([join(bundle, "gpu.py"), ...args, "--cpu", "--home", home]);
  /** gpu.py on a host that Python statements have made another one. */
  const elsewhere = (statements: string, ...args: string[]) =>
    python3([
      "-c",
      `import sys; sys.path.insert(0, ${JSON.stringify(bundle)}); sys.argv[1:] = ${JSON.stringify([...args, "--home", join(folder, "elsewhere")])}
import gpu, os, platform, shutil
${statements}
try:
    sys.exit(gpu.main())
except gpu.Unfit as error:
    print(error); sys.exit(3)`,
    ]);

  beforeAll(() => {
    mkdirSync(bundle);
    cpSync(join(tools, "gpu.py"), join(bundle, "gpu.py"));
    const groups = ["project", "tensorflow"].map((name) => {
      const stage = join(folder, name);
      mkdirSync(join(stage, "bin"), { recursive: true });
      writeFileSync(join(stage, "bin", `${name}.txt`), bytesOf(5000));
      if (name === "project")
        for (const file of ["run.py", "probe.py", "probe.cjs"])
          cpSync(join(tools, file), join(stage, "gpu", file));
      const archive = join(folder, `${name}.tar.xz`);
      const script = `import sys, tarfile\nwith tarfile.open(sys.argv[2], "w:xz") as t: t.add(sys.argv[1], ".")`;
      spawnSync(python!, ["-c", script, stage, archive]);
      const bytes = readFileSync(archive);
      return {
        name,
        unpacked: 5000,
        bytes: bytes.length,
        sha256: sha256(bytes),
        pieces: split(archive, bundle, name, 200),
      };
    });
    pieces = groups.flatMap((group) => group.pieces.map(({ file }) => file));
    writeFileSync(
      join(bundle, "manifest.json"),
      JSON.stringify({ format: 1, commit: "test", node: "", arch: [90], groups }),
    );
  });

  test("says what is missing, takes pieces as they arrive, refuses damaged ones, unpacks once", () => {
    expect(pieces.length).toBeGreaterThan(3);
    const arrived = join(folder, "arrived");
    mkdirSync(join(arrived, "deep"), { recursive: true });
    expect(call("unpack", "--collect", arrived)).toMatchObject({
      status: 2,
      text: expect.stringContaining("manifest.json has not arrived"),
    });

    cpSync(join(bundle, "manifest.json"), join(arrived, "manifest.json"));
    for (const file of pieces.filter((name) => name.startsWith("project")))
      cpSync(join(bundle, file), join(arrived, "deep", file));
    const last = pieces.at(-1)!;
    writeFileSync(join(arrived, last), "half of i");
    const first = call("unpack", "--collect", arrived);
    expect(first.status).toBe(2);
    expect(first.text).toMatch(/project: 0 MB unpacked/);
    expect(first.text).toContain(`${last} arrived damaged`);
    expect(first.text).toMatch(/missing: \d+ pieces: tensorflow-00/);
    expect(readFileSync(join(home, "app/bin/project.txt")).equals(bytesOf(5000))).toBe(true);

    rmSync(arrived, { recursive: true }); // what has been taken need not be sent again
    const second = call("unpack", "--collect", bundle);
    expect(second).toMatchObject({ status: 0, text: expect.not.stringContaining("project:") });
    expect(existsSync(join(home, "app/bin/tensorflow.txt"))).toBe(true);
    expect(call("unpack", "--collect", bundle).text).not.toMatch(/unpacked in/);
    expect(readdirSync(join(home, "pieces")).some((name) => name.endsWith(".part"))).toBe(false);
  });

  test("run: a part that fails is one sentence in the report, and does not cost the others", () => {
    const out = join(folder, "out");
    const { status, text } = call(
      "run",
      "--parts",
      "probe,device,train",
      "--minutes",
      "1",
      "--out",
      out,
    );
    expect(status).toBe(1);
    expect(text).toMatch(/probe: FAILED .*bin\/node: No such file or directory/);
    expect(text).toMatch(/device: FAILED/);
    expect(text).toMatch(/train: FAILED/);
    expect(JSON.parse(readFileSync(join(out, "report.json"), "utf8"))).toMatchObject({
      commit: "test",
      parts: { device: { ok: false }, probe: { ok: false } },
    });
    expect(readFileSync(join(out, "report.txt"), "utf8")).toContain("GPU: none");
    expect(readFileSync(join(out, "logs.txt"), "utf8")).toContain("##### device-engine.log");
  });

  test("a run on a folder that another one works in is refused", async () => {
    const hold = `import fcntl, sys, time; f = open(${JSON.stringify(join(home, "lock"))}, "w"); fcntl.flock(f, fcntl.LOCK_EX); print("held", flush=True); time.sleep(30)`;
    const holder = spawn(python!, ["-c", hold]);
    await new Promise((held) => holder.stdout.once("data", held));
    expect(call("unpack", "--collect", bundle)).toMatchObject({
      status: 3,
      text: expect.stringContaining("another gpu.py is at work"),
    });
    holder.kill("SIGKILL");
  });

  test.each<[what: string, sentence: RegExp, statements: string]>([
    [
      "arm64",
      /needs x86-64 Linux, and this is Linux aarch64/,
      'platform.machine = lambda: "aarch64"',
    ],
    [
      "macOS",
      /this is Darwin arm64/,
      'platform.system = lambda: "Darwin"; platform.machine = lambda: "arm64"',
    ],
    [
      "an old glibc",
      /needs glibc 2\.28 or newer .* and this is 2\.17/,
      'os.confstr = lambda name: "glibc 2.17"',
    ],
    ["musl", /another one \(musl\?\)/, "os.confstr = lambda name: None"],
    [
      "a full disk",
      /the disk is too full/,
      "from types import SimpleNamespace; shutil.disk_usage = lambda path: SimpleNamespace(free=10)",
    ],
    [
      "a noexec disk",
      /programs may not run in/,
      "from types import SimpleNamespace; os.statvfs = lambda path: SimpleNamespace(f_flag=8)",
    ],
    [
      "no driver",
      /no NVIDIA driver is here/,
      'gpu.driver_answer = lambda env: {"error": "no NVIDIA driver is here"}',
    ],
    [
      "a driver that hangs",
      /does not answer within a minute/,
      "import subprocess\ndef hang(*a, **k): raise subprocess.TimeoutExpired('x', 60)\nsubprocess.run = hang",
    ],
  ])("%s is told before anything is unpacked", (_, sentence, statements) => {
    const { status, text } = elsewhere(statements, "unpack", "--collect", bundle);
    expect(text).toMatch(sentence);
    expect(text.trim().split("\n").length).toBe(1);
    expect(status).toBe(3);
    expect(existsSync(join(folder, "elsewhere/app"))).toBe(false);
  });

  test("what the driver answers, in a sentence", () => {
    const good = {
      error: null,
      cuda: 13000,
      count: 1,
      nvml: 0,
      name: "H200",
      arch: 90,
      mode: 0,
      freeGB: 100,
      totalGB: 141,
    };
    const cases: [change: object, sentence: RegExp | null][] = [
      [{}, null],
      [{ cuda: 11080 }, /too old: it can CUDA 11\.8/],
      [{ count: 0 }, /sees no GPU/],
      [{ nvml: "no such file" }, /libnvidia-ml\.so\.1 does not work/],
      [
        { arch: 80 },
        /for compute capability 9\.0, and this H200 has 8\.0: npm run gpu:pack -- --arch 80/,
      ],
      [{ freeGB: 1.5 }, /only 1\.5 of 141 GB/],
      [{ mode: 3 }, /exclusive process/],
      [{ error: "the NVIDIA driver answers X", cuda: undefined }, /^the NVIDIA driver answers X$/],
    ];
    const answers = cases.map(([change]) => ({ ...good, ...change }));
    const script = `import sys, json; sys.path.insert(0, ${JSON.stringify(bundle)}); import gpu
print(json.dumps([gpu.unfit_gpu(answer, [90]) for answer in json.loads(sys.argv[1])]))`;
    const told = JSON.parse(python3(["-c", script, JSON.stringify(answers)]).text) as (
      | string
      | null
    )[];
    cases.forEach(([, sentence], i) => {
      if (sentence) expect(told[i]).toMatch(sentence);
      else expect(told[i]).toBeNull();
    });
  });
});

/** An ELF file with one fat binary container; where the code of each entry is. */
function fakeLibrary(entries: [kind: number, arch: number][]): { file: Buffer; at: number[] } {
  const file = Buffer.alloc(64 + 3 * 64 + 32 + 16 + entries.length * 80);
  file.write("\x7fELF", "latin1");
  file.writeBigUInt64LE(64n, 0x28);
  for (const [value, offset] of [
    [64, 0x3a],
    [3, 0x3c],
    [1, 0x3e],
  ])
    file.writeUInt16LE(value, offset);
  const text = 64 + 3 * 64;
  file.write("\0.nv_fatbin\0", text, "latin1");
  file.writeBigUInt64LE(BigInt(text), 64 + 64 + 0x18);
  file.writeUInt32LE(1, 64 + 128);
  const start = text + 32;
  file.writeBigUInt64LE(BigInt(start), 64 + 128 + 0x18);
  file.writeBigUInt64LE(BigInt(file.length - start), 64 + 128 + 0x20);
  file.writeUInt32LE(0xba55ed50, start);
  file.writeUInt16LE(16, start + 6);
  file.writeBigUInt64LE(BigInt(entries.length * 80), start + 8);
  const at = entries.map(([kind, arch], i) => {
    const entry = start + 16 + i * 80;
    file.writeUInt16LE(kind, entry);
    file.writeUInt32LE(64, entry + 4);
    file.writeBigUInt64LE(16n, entry + 8);
    file.writeUInt32LE(arch, entry + 28);
    file.fill(7, entry + 64, entry + 80);
    return entry + 64;
  });
  return { file, at };
}
