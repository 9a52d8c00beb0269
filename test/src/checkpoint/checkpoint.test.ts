// Safetensors, atomic files and checkpoints: round trips, damage of every kind, full disks (a real
// one, /dev/full, where there is one).
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  assignTensors,
  checkpointFile,
  decodeSafetensors,
  encodeSafetensors,
  loadCheckpoint,
  previousFile,
  saveCheckpoint,
} from "llm/checkpoint";
import { tf, useEngine } from "llm/engine";
import { writeAtomically } from "llm/files";
import { adamwInit } from "llm/optim";
import { disposeParams, type Params } from "llm/params";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

// A disk that is full from the moment `room` bytes are written.
const disk = vi.hoisted(() => ({ room: Number.POSITIVE_INFINITY }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const writeSync = (file: number, bytes: Uint8Array, at: number, length: number) => {
    if (disk.room <= 0)
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    const part = Math.min(length, disk.room); // a disk that is nearly full takes a part and says how much
    disk.room -= part;
    return fs.writeSync(file, bytes, at, part);
  };
  return { ...fs, default: fs, writeSync };
});

let dir: string;
beforeAll(async () => {
  await useEngine({ quiet: true });
});
beforeEach(() => {
  disk.room = Number.POSITIVE_INFINITY;
  dir = mkdtempSync(join(tmpdir(), "llm-checkpoint-"));
  made.push(dir);
});
const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true });
});

const config = {
  vocabSize: 5,
  blockSize: 4,
  nLayer: 1,
  nHead: 1,
  nEmbd: 4,
  dropout: 0,
  bias: false,
};
const info = (step: number) => ({
  step,
  kind: "gpt",
  model: config,
  tokenizer: { type: "none" },
  data: { name: "猫" },
  settings: { steps: 9 },
});
const model = (value: number): Params =>
  tf.tidy(() => ({
    "a.weight": tf.variable(tf.fill([2, 3], value)),
    "b.weight": tf.variable(tf.tensor1d([value, -0, 1e-42])),
  }));
async function save(step: number) {
  const params = model(step);
  const optimizer = adamwInit(params);
  try {
    await saveCheckpoint(dir, { params, optimizer }, info(step));
  } finally {
    disposeParams(params);
    disposeParams(optimizer);
  }
}

describe("safetensors", () => {
  it("gives back what was put in, bit for bit", () => {
    const name = fc
      .string({ minLength: 1 })
      .filter((s) => s !== "__metadata__" && s !== "__proto__");
    const entry = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return fc
        .array(fc.float(), { minLength: size, maxLength: size })
        .map((values) => ({ shape, data: Float32Array.from(values) }));
    });
    fc.assert(
      fc.property(
        fc.dictionary(name, entry, { noNullPrototype: true }),
        fc.string(),
        (tensors, note) => {
          const bytes = Buffer.concat(encodeSafetensors(tensors, { note }));
          const back = decodeSafetensors(bytes);
          expect(back.tensors).toEqual(tensors);
          expect(back.metadata).toEqual({ note });
        },
      ),
      { numRuns: 100 },
    );
  });
  it("lays the file out as Hugging Face's reader expects", () => {
    const bytes = Buffer.concat(
      encodeSafetensors({ x: { shape: [2], data: Float32Array.of(1, 2) } }, { a: "b" }),
    );
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(JSON.parse(bytes.toString("utf8", 8, 8 + length))).toEqual({
      __metadata__: { a: "b" },
      x: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
    });
    expect([bytes.readFloatLE(8 + length), bytes.readFloatLE(12 + length)]).toEqual([1, 2]);
  });
  it("refuses every file that was cut off", () => {
    const whole = Buffer.concat(
      encodeSafetensors({ x: { shape: [3], data: Float32Array.of(1, 2, 3) } }),
    );
    for (let n = 0; n < whole.length; n++)
      expect(() => decodeSafetensors(whole.subarray(0, n))).toThrow("not a whole safetensors file");
  });
});

describe("checkpoints", () => {
  it("come back with every tensor and the information", async () => {
    await save(7);
    const checkpoint = loadCheckpoint(dir);
    expect(checkpoint).toMatchObject(info(7));
    expect(checkpoint.params["b.weight"].data).toEqual(Float32Array.of(7, -0, 1e-42));
    expect(Object.keys(checkpoint.optimizer).sort()).toEqual(
      ["m.a.weight", "m.b.weight", "step", "v.a.weight", "v.b.weight"].sort(),
    );
    const params = model(0);
    assignTensors(params, checkpoint.params, checkpoint.file);
    expect(params["a.weight"].dataSync()[5]).toBe(7);
    disposeParams(params);
    expect(readdirSync(dir)).toEqual([checkpointFile]);
  });

  it("of another shape, with a tensor missing or one too many, are refused and nothing is changed", async () => {
    await save(7);
    const { params: saved, file } = loadCheckpoint(dir);
    const wider: Params = { ...model(0), "b.weight": tf.variable(tf.zeros([4])) };
    expect(() => assignTensors(wider, saved, file)).toThrow(
      "b.weight: expected shape [4], got [3]",
    );
    expect(wider["a.weight"].dataSync()[0]).toBe(0);
    const more: Params = { ...model(0), "c.weight": tf.variable(tf.zeros([4])) };
    expect(() => assignTensors(more, saved, file)).toThrow("has no c.weight");
    const { "a.weight": only } = model(0);
    expect(() => assignTensors({ "a.weight": only }, saved, file)).toThrow(
      "has b.weight, which this model does not have",
    );
  });

  it.each([
    ["truncated", (file: string) => truncateSync(file, 900), /damaged: .*cut off/],
    ["emptied", (file: string) => truncateSync(file, 0), /damaged: .*0 bytes/],
    [
      "altered in one bit",
      (file: string) => {
        const bytes = readFileSync(file);
        bytes[bytes.length - 7] ^= 1;
        writeFileSync(file, bytes);
      },
      /damaged: what it says does not match its SHA-256/,
    ],
    ["something else", (file: string) => writeFileSync(file, "once upon a time"), /damaged/],
  ])(
    "that are %s: the one before serves, and without one the error says what is wrong",
    async (_, damage, message) => {
      await save(1);
      damage(join(dir, checkpointFile));
      expect(() => loadCheckpoint(dir)).toThrow(message);
      rmSync(join(dir, checkpointFile));
      await save(1);
      await save(2);
      damage(join(dir, checkpointFile));
      const told: string[] = [];
      expect(loadCheckpoint(dir, (text) => told.push(text)).step).toBe(1);
      expect(told[0]).toMatch(message);
      expect(told[0]).toContain("of step 1");
    },
  );

  it("with any single bit of the header changed are noticed", async () => {
    await save(3);
    const file = join(dir, checkpointFile);
    const whole = readFileSync(file);
    const header = 8 + Number(whole.readBigUInt64LE());
    const unnoticed: number[] = [];
    for (let bit = 0; bit < 8 * header; bit++) {
      const bytes = Buffer.from(whole);
      bytes[bit >> 3] ^= 1 << (bit & 7);
      writeFileSync(file, bytes);
      try {
        loadCheckpoint(dir);
        unnoticed.push(bit);
      } catch (error) {
        expect((error as Error).message).toMatch(
          /^loadCheckpoint: .*(is damaged|was not written by)/,
        );
      }
    }
    expect(header).toBeGreaterThan(800);
    expect(unnoticed).toEqual([]);
  }, 120_000);

  it("stay whole when another program writes the same tensors and metadata in another order", async () => {
    await save(3);
    const file = join(dir, checkpointFile);
    const { tensors, metadata } = decodeSafetensors(readFileSync(file));
    const turned = <T>(record: Record<string, T>) =>
      Object.fromEntries(Object.entries(record).reverse());
    writeFileSync(file, Buffer.concat(encodeSafetensors(turned(tensors), turned(metadata))));
    expect(loadCheckpoint(dir).step).toBe(3);
  });

  it.each([
    [
      "a step that is none",
      { step: -1 },
      /damaged: its information cannot be read: expected a step/,
    ],
    [
      "no model",
      { model: null },
      /damaged: its information cannot be read: expected a kind and a model/,
    ],
  ])("with %s are told in a sentence with the file's name", async (_, wrong, message) => {
    const params = model(1);
    await saveCheckpoint(dir, { params }, { ...info(1), ...wrong } as never);
    disposeParams(params);
    expect(() => loadCheckpoint(dir)).toThrow(message);
    expect(() => loadCheckpoint(dir)).toThrow(checkpointFile);
  });

  it("that are not there are said so", () =>
    expect(() => loadCheckpoint(dir)).toThrow("no checkpoint in"));

  it("can be of half the size, with rounded numbers, and are checked all the same", async () => {
    const params = { w: tf.variable(tf.tensor1d([0.1, 1 / 3, 1000.4])) } as Params;
    await saveCheckpoint(dir, { params }, info(7), { type: "F16" });
    disposeParams(params);
    const { data } = loadCheckpoint(dir).params.w;
    expect([...data]).toEqual([0.0999755859375, 0.333251953125, 1000.5]);
    const bytes = readFileSync(join(dir, checkpointFile));
    bytes[bytes.length - 1] ^= 1;
    writeFileSync(join(dir, checkpointFile), bytes);
    expect(() => loadCheckpoint(dir)).toThrow("does not match its SHA-256");
  });

  it("whose numbers are too large for 16 bits are not written", async () => {
    const params = { w: tf.variable(tf.scalar(70_000)) } as Params;
    const saving = saveCheckpoint(dir, { params }, info(7), { type: "F16" });
    await expect(saving).rejects.toThrow("w contains NaN or infinity as F16");
    disposeParams(params);
  });

  it("with a number that is none are not written", async () => {
    await save(1);
    await expect(save(Number.NaN)).rejects.toThrow("a.weight contains NaN");
    expect(loadCheckpoint(dir).step).toBe(1);
  });
});

describe("a full disk", () => {
  it.each([0, 1, 100, 700, 900])(
    "after %s bytes: a clear error, the last good checkpoint kept, no litter",
    async (room) => {
      await save(1);
      await save(2);
      disk.room = room;
      await expect(save(3)).rejects.toThrow(/disk is full.*last good checkpoint is kept/);
      disk.room = Number.POSITIVE_INFINITY;
      expect(readdirSync(dir).sort()).toEqual([checkpointFile, previousFile].sort());
      expect(loadCheckpoint(dir).step).toBe(2);
      await save(3);
      expect(loadCheckpoint(dir).step).toBe(3);
    },
  );

  it.skipIf(!existsSync("/dev/full"))("in earnest: /dev/full", () => {
    writeAtomically(join(dir, "file"), ["first"]);
    symlinkSync("/dev/full", join(dir, "file.tmp"));
    expect(() => writeAtomically(join(dir, "file"), ["second"])).toThrow(
      /cannot write .*file: the disk is full/,
    );
    expect(readFileSync(join(dir, "file"), "utf8")).toBe("first");
  });

  it("a folder that is not there", () =>
    expect(() => writeAtomically(join(dir, "no", "file"), ["x"])).toThrow("cannot write"));
});
