// npm packages that the course offers and does not need, each kind in a folder of its own at the
// root (git-ignored): WebGPU, llama.cpp. Versions and npm's checksums are pinned. The folder is
// made beside its place and moved there when whole, so that a run that is cut short leaves none.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { NETWORK, npmCommand } from "./environment.mjs";
import { runQuietly, SetupError, step } from "./kit.mjs";

/** The packages of a pins.json: { name: { version, integrity } }. */
export function pinsIn(url) {
  const { about: _, ...packages } = JSON.parse(readFileSync(url, "utf8"));
  return packages;
}

const lastLines = (output) => output.trim().split("\n").slice(-5).join("\n");

/** @throws SetupError where a package is another one than the pinned */
export function checkPins(folder, packages, later) {
  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  for (const [name, { integrity }] of Object.entries(packages))
    if (lock.packages[`node_modules/${name}`]?.integrity !== integrity)
      throw new SetupError(
        `The downloaded package ${name} has another checksum than the pinned one.`,
        `It was thrown away. ${later}`,
      );
}

async function install(folder, { name, packages, flag, later }) {
  const { command, args } = npmCommand();
  const wanted = Object.entries(packages).map(([name, { version }]) => `${name}@${version}`);
  const how = [flag, "--ignore-scripts", "--no-audit", "--no-fund"];
  const place = ["--prefix", folder, "--workspaces=false"];
  const done = await runQuietly(command, [...args, "install", ...place, ...how, ...wanted], {
    cwd: folder,
  });
  if (done.status !== 0)
    throw new SetupError(
      NETWORK.test(done.output)
        ? `${name} could not be downloaded: npm reached no registry.`
        : `${name} could not be installed: ${lastLines(done.output)}`,
      `Run the command again later. ${later}`,
    );
  checkPins(folder, packages, later);
}

/**
 * Makes the folder.
 * @param place where; what lies there goes
 * @param what { name, packages, flag, later, finish }: `flag` is one more of npm's, `later` a
 *   sentence for errors, `finish(folder)` does what is left and throws if it is not usable
 */
export async function installOptIn(place, { finish, ...what }) {
  const part = `${place}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part);
  try {
    writeFileSync(join(part, "package.json"), '{ "private": true }\n');
    await step(`installing ${what.name} (${Object.keys(what.packages).join(", ")})`, async () => {
      await install(part, what);
      await finish(part);
    });
    rmSync(place, { recursive: true, force: true });
    renameSync(part, place);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}
