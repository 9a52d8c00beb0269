// Zip archives: what is written is read, by others too; what is damaged or lies is refused.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { readZip, writeZip } from "llm/zip";
import { afterAll, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "llm-zip-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const hasPython = spawnSync("python3", ["--version"]).status === 0;
const python = (code: string, ...args: string[]) =>
  execFileSync("python3", ["-c", code, ...args], { encoding: "utf8" });

const entry = fc.record({
  path: fc
    .string({ unit: fc.constantFrom("a", "b", "ä", "陈", " ", "-", ".", "/"), minLength: 1 })
    .map((path) => `x${path.replace(/\/+$/, "")}`),
  contents: fc.uint8Array({ maxLength: 400 }),
});

test("what is written is read again, with times to the second", () => {
  const modified = new Date("2026-12-04T21:13:09Z");
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
      const read = readZip(writeZip(entries.map((one) => ({ ...one, modified }))));
      expect(read.map(({ path }) => path)).toEqual(entries.map(({ path }) => path));
      read.forEach((one, i) => {
        expect(one.bytes()).toEqual(Buffer.from(entries[i].contents));
        expect(one.modified).toEqual(modified);
      });
    }),
  );
});

test("the same entries give the same bytes", () => {
  const entries = [{ path: "06.ts", contents: "x".repeat(1000) }];
  expect(writeZip(entries)).toEqual(writeZip(entries));
});

describe.skipIf(!hasPython)("Python's zipfile, as a second opinion", () => {
  test("reads ours", () => {
    const file = join(folder, "ours.zip");
    const modified = new Date("2026-12-04T21:13:08Z");
    writeFileSync(
      file,
      writeZip([{ path: "陈/ä.ts", contents: "export {};\n".repeat(50), modified }]),
    );
    const code =
      "import sys,zipfile;z=zipfile.ZipFile(sys.argv[1]);i=z.infolist()[0];" +
      "print(z.testzip(),i.filename,i.date_time,len(z.read(i)))";
    expect(python(code, file).trim()).toBe("None 陈/ä.ts (2026, 12, 4, 21, 13, 8) 550");
  });

  test("writes what we read: stored, deflated, a link, a folder", () => {
    const file = join(folder, "theirs.zip");
    python(
      `import sys,zipfile
z=zipfile.ZipFile(sys.argv[1],"w")
z.writestr("stored.ts","a"*90)
z.writestr(zipfile.ZipInfo("folder/"),"")
z.writestr("folder/deflated.ts","b"*90,zipfile.ZIP_DEFLATED)
l=zipfile.ZipInfo("link",(2026,12,4,21,13,8)); l.create_system=3; l.external_attr=0o120777<<16
z.writestr(l,"/etc/passwd")
z.comment=b"a comment"*9
z.close()`,
      file,
    );
    const read = readZip(readFileSync(file));
    expect(read.map(({ path, isFolder, isLink }) => ({ path, isFolder, isLink }))).toEqual([
      { path: "stored.ts", isFolder: false, isLink: false },
      { path: "folder/", isFolder: true, isLink: false },
      { path: "folder/deflated.ts", isFolder: false, isLink: false },
      { path: "link", isFolder: false, isLink: true },
    ]);
    expect(read[2].bytes().toString()).toBe("b".repeat(90));
    expect(read[3].wallTime).toBe("2026-12-04 21:13:08");
  });
});

describe("refused in words", () => {
  const good = writeZip([{ path: "a.ts", contents: "x".repeat(5000) }]);
  test("what is no archive, or cut short", () => {
    expect(() => readZip(Buffer.from("hello"))).toThrow(
      "expected a zip archive, got too few bytes",
    );
    expect(() => readZip(good.subarray(0, good.length - 5))).toThrow("no list of entries");
    expect(() => readZip(Buffer.alloc(100))).toThrow("no list of entries");
  });
  test("an entry longer than it claims", () => {
    const lying = Buffer.from(good);
    const list = lying.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    lying.writeUInt32LE(10, list + 24);
    expect(() => readZip(lying)[0].bytes()).toThrow("damaged, or longer than the archive says");
  });
  test("an entry that claims too much is not unpacked", () => {
    const large = writeZip([{ path: "bomb", contents: Buffer.alloc(3_000_000) }]);
    expect(large.length).toBeLessThan(5000);
    expect(() => readZip(large, { mostBytes: 1_000_000 })[0].bytes()).toThrow(
      "expected at most 1000000 bytes, got 3000000",
    );
  });
  test("too many entries, a changed byte", () => {
    expect(() => readZip(good, { most: 0 })).toThrow("one with 1 entries, more than 0");
    const changed = Buffer.from(good);
    changed[45] ^= 0xff;
    expect(() => readZip(changed)[0].bytes()).toThrow("damaged");
  });
  test("bytes at random end in words or in entries, never in a crash", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 8 }),
        (edits) => {
          const bytes = Buffer.from(good);
          for (const [at, value] of edits) bytes[at] = value;
          try {
            for (const one of readZip(bytes)) one.bytes();
          } catch (error) {
            expect((error as Error).message).toMatch(/^readZip: /);
          }
        },
      ),
    );
  });
});
