// Whether this machine can have the native engine, looked at before anything is downloaded; and
// every way in which making it can fail as one sentence, so that the course goes on without it.
import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync, statfsSync } from "node:fs";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { root } from "../kit.mjs";
import { here, platformOf } from "./platforms.mjs";

export const pins = JSON.parse(readFileSync(new URL("./pins.json", import.meta.url), "utf8"));
export const native = join(root, "native");

/**
 * Why the native engine cannot be had here: one sentence, perhaps followed by lines of what a
 * program said.
 */
export class NativeUnavailable extends Error {}

const CODES = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the checkout cannot be written to (read-only file system)",
  EACCES: "the checkout cannot be written to (no permission)",
  EPERM: "the checkout cannot be written to, or its file system has no symbolic links",
  ENOTSUP: "the checkout's file system has no symbolic links",
};
const SAID = [
  [/ENOSPC|No space left on device/i, CODES.ENOSPC],
  [/EDQUOT|Disk quota exceeded/i, CODES.EDQUOT],
  [/EROFS|Read-only file system/i, CODES.EROFS],
];

/** The sentence for an error of node:fs; anything unforeseen stays as it is. */
export function asUnavailable(error) {
  const sentence = CODES[error?.code];
  return sentence ? new NativeUnavailable(`${sentence}: ${error.path ?? native}.`) : error;
}

/** The sentence for a program that failed. */
export function failed(what, output) {
  const known = SAID.find(([pattern]) => pattern.test(output));
  if (known) return new NativeUnavailable(`${known[1]}.`);
  return new NativeUnavailable(`${what}:\n${output.trim().split("\n").slice(-4).join("\n")}`);
}

const runs = (command, ...args) => spawnSync(command, args, { stdio: "ignore" }).status === 0;

/** $CXX, or the first C++ compiler that answers. */
export function findCompiler() {
  const found = [process.env.CXX, "g++", "c++", "clang++"].find(
    (name) => name && runs(name, "--version"),
  );
  if (!found)
    throw new NativeUnavailable(
      "no C++ compiler was found (on Debian and Ubuntu: sudo apt install g++; on a Mac: " +
        "xcode-select --install).",
    );
  return found;
}

/**
 * The version of glibc; undefined where the C library is another one. process.report would also
 * look up host names.
 */
function glibc() {
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime;
}

function needsAvx() {
  try {
    const flags = /^flags\s*:(.*)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
    return flags !== undefined && !/\bavx\b/.test(flags);
  } catch {
    return false; // not to be seen here: the library is tried before it is used
  }
}

/** The nearest folder that exists: native/ may be a link to another disk. */
function existing(path) {
  return existsSync(path) ? path : existing(dirname(path));
}

/** Why there is no wheel of TensorFlow for a platform, or a sentence for what is missing on it. */
function checkPlatform(variant, { platform, arch, release }) {
  if (!platformOf({ platform, arch }))
    throw new NativeUnavailable(
      "TensorFlow's wheel is used on x86-64 and arm64 Linux and on Apple silicon, and this is " +
        `${platform} ${arch}.`,
    );
  if (variant === "cuda" && `${platform}-${arch}` !== "linux-x64")
    throw new NativeUnavailable(`CUDA needs x86-64 Linux, and this is ${platform} ${arch}.`);
  if (platform === "darwin" && Number.parseInt(release, 10) < 21)
    throw new NativeUnavailable("TensorFlow's wheel needs macOS 12 or newer.");
}

/** The C library and the processor's instructions. */
function checkLinux(arch) {
  const version = glibc();
  if (!version)
    throw new NativeUnavailable(
      "this system's C library is not glibc (musl?), which TensorFlow's wheel needs.",
    );
  const [major, minor] = version.split(".").map(Number);
  if (major < 2 || (major === 2 && minor < 27))
    throw new NativeUnavailable(
      `TensorFlow's wheel needs glibc 2.27 or newer, and this is ${version}.`,
    );
  if (arch === "x64" && needsAvx())
    throw new NativeUnavailable(
      "TensorFlow's wheel needs a processor with AVX, and this one has none.",
    );
}

/** Seconds matter: `npm start` asks too. */
export function checkMachine(variant = "cpu", machine = { ...here, release: release() }) {
  checkPlatform(variant, machine);
  if (machine.platform === "linux") checkLinux(machine.arch);
  findCompiler();
  const folder = existing(native);
  try {
    accessSync(folder, constants.W_OK);
  } catch (error) {
    throw asUnavailable(error);
  }
  const { needsGB } = pins[variant];
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < needsGB * 1e9)
    throw new NativeUnavailable(
      `it needs ${needsGB} GB of free disk, and ${((bavail * bsize) / 1e9).toFixed(1)} GB ` +
        "are left.",
    );
}
