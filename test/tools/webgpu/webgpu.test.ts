// `npm run gpu`: one platform's library is kept, and what is not the pinned package is thrown away.
// Nothing is downloaded.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import pins from "../../../tools/webgpu/pins.json";

interface Tool {
  libraryOf(platform?: string, arch?: string): string;
  keepOne(folder: string, wanted?: string): void;
  checkPins(folder: string): void;
  hasWebGpu(base?: string): boolean;
}
const { libraryOf, keepOne, checkPins, hasWebGpu } = (await import(
  pathToFileURL(join(__dirname, "../../../tools/webgpu/webgpu.mjs")).href
)) as Tool;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "llm-webgpu-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const PLATFORMS = ["darwin-universal", "linux-arm64", "linux-x64", "win32-arm64", "win32-x64"];
const dist = (base: string) => join(base, "node_modules", "webgpu", "dist");
function unpack(base: string): void {
  for (const name of PLATFORMS) {
    mkdirSync(join(dist(base), name), { recursive: true });
    writeFileSync(join(dist(base), name, "dawn.node"), "");
  }
}

test("of five libraries the platform's own is kept", () => {
  const own = [
    ["darwin", "arm64", "darwin-universal"],
    ["win32", "x64", "win32-x64"],
    ["linux", "arm64", "linux-arm64"],
  ];
  for (const [platform, arch, name] of own) {
    unpack(folder);
    keepOne(folder, libraryOf(platform, arch));
    expect(readdirSync(dist(folder))).toEqual([name]);
  }
});

test("a platform without a library is named, and everything stays", () => {
  unpack(folder);
  expect(() => keepOne(folder, libraryOf("freebsd", "x64"))).toThrow(
    /compiled for darwin-universal, .* and this machine is freebsd-x64/,
  );
  expect(readdirSync(dist(folder))).toEqual(PLATFORMS);
});

test("only the pinned packages are taken", () => {
  const { about: _, ...packages } = pins;
  const lock = (change: (integrity: string, name: string) => string) =>
    writeFileSync(
      join(folder, "package-lock.json"),
      JSON.stringify({
        packages: Object.fromEntries(
          Object.entries(packages).map(([name, { integrity }]) => [
            `node_modules/${name}`,
            { integrity: change(integrity, name) },
          ]),
        ),
      }),
    );
  lock((integrity) => integrity);
  expect(() => checkPins(folder)).not.toThrow();
  lock((integrity, name) => (name === "webgpu" ? `${integrity}x` : integrity));
  expect(() => checkPins(folder)).toThrow("The downloaded package webgpu has another checksum");
});

test("it counts as installed when the library is there", () => {
  expect(hasWebGpu(folder)).toBe(false);
  unpack(join(folder, "webgpu"));
  expect(hasWebGpu(folder)).toBe(existsSync(join(dist(join(folder, "webgpu")), libraryOf())));
});
