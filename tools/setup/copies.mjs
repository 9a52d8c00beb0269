// The learner's own copies of lessons: notebooks, exercises and the pages they link to, in the
// folder my-course/, which git ignores. Running a lesson there leaves the checkout clean, and an
// update of the course never meets a learner's file. Each start compares three things: the course's
// file as it is now, as it was when the copy was made (its SHA-256 in .origins.json), and the copy.
// A copy that nobody changed follows the course; one that the learner changed is never touched, and
// what is new is laid beside it.
import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { root } from "../kit.mjs";
import { isWritten, learnersFolder, lessonPaths, lessons } from "../register.mjs";

const ORIGINS = ".origins.json";
const ABOUT =
  "Which version of the course each file was copied from. Written by `npm start`: do not edit.";

export const digest = (bytes) => createHash("sha256").update(bytes).digest("hex");

/**
 * What is to be done with one copy.
 * @param original digest of the course's file as it is now
 * @param remembered digest of the course's file that the copy was last compared with, if known
 * @param mine digest of the copy; undefined where there is none, "unreadable" where something is
 *   there that cannot be read
 * @param locked whether the learner has write-protected the copy
 * @returns "copy" (make it), "renew" (replace it with the course's), "beside" (keep it, and lay the
 *   course's beside it), "keep", or "unreadable"
 */
export function decide({ original, remembered, mine, locked = false }) {
  if (mine === undefined) return "copy";
  if (mine === "unreadable") return "unreadable";
  if (mine === original || remembered === original) return "keep";
  return mine === remembered && !locked ? "renew" : "beside";
}

/**
 * The files that learners work with, as paths from the root: lessons, then what these link to (a
 * link that leads out of the learner's folder opens nothing in JupyterLab), then the pages of docs
 * that those link to.
 */
export function copiedFiles() {
  const written = lessons()
    .filter(isWritten)
    .map(({ id }) => lessonPaths(id));
  const files = written.flatMap(({ notebook, exercises }) => [notebook, exercises]);
  const pages = new Set();
  const follow = (path, folder, links) => {
    for (const [, name] of readFileSync(join(root, path), "utf8").matchAll(links))
      if (existsSync(join(root, folder, name))) pages.add(folder + name);
  };
  const linked = /\]\(\.\.\/((?:docs|src|datasets)\/(?:[\w-]+\/)*[\w-]+\.(?:md|ts|mjs))[)#]/g;
  const recipes = /\]\(\.\.\/(recipes\/[\w-]+\.json)\)/g;
  for (const { notebook } of written)
    for (const links of [linked, recipes]) follow(notebook, "", links);
  // A set that grows while it is walked through is walked to its end.
  for (const page of pages)
    if (page.startsWith("docs/")) follow(page, "docs/", /\]\(([\w-]+\.md)[)#]/g);
  return [...files.filter((path) => existsSync(join(root, path))), ...pages];
}

/** The copy as it is: { mine, locked }, for `decide`. */
function stateOf(file) {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (!found) return { mine: undefined };
  try {
    return { mine: digest(readFileSync(file)), locked: (found.mode & 0o200) === 0 };
  } catch {
    return { mine: "unreadable" };
  }
}

/** Whole or not at all: a copy that was cut short must not look like a learner's edit. */
function writeWhole(file, bytes) {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    writeFileSync(temporary, bytes);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** What was remembered; a file that cannot be read is kept aside, and every copy stays as it is. */
function readOrigins(folder) {
  const file = join(folder, ORIGINS);
  if (!existsSync(file)) return {};
  try {
    const { files } = JSON.parse(readFileSync(file, "utf8"));
    return Object.fromEntries(
      Object.entries(files).filter(([, entry]) => typeof entry?.origin === "string"),
    );
  } catch {
    try {
      copyFileSync(file, `${file}.bad`);
    } catch {} // a folder of that name, or no permission: writing the new one will say it
    return {};
  }
}

/**
 * The course's files that are not as committed: answers and outputs that a learner has put into
 * them. None where there is no git to ask.
 */
function changedInCheckout() {
  const options = ["--name-only", "--relative", "-z", "HEAD", "--", "exercises", "notebooks"];
  const { status, stdout } = spawnSync("git", ["diff", ...options], {
    cwd: root,
    encoding: "utf8",
  });
  return new Set(status === 0 ? stdout.split("\0").filter(Boolean) : []);
}

function committed(path) {
  const { status, stdout } = spawnSync("git", ["show", `HEAD:./${path}`], {
    cwd: root,
    maxBuffer: 2 ** 28,
  });
  return status === 0 ? stdout : undefined;
}

/** The name of a new version beside a copy: one that is free, or holds what we laid there. */
function placeBeside(folder, path, laid, original) {
  const [, stem, end] = /^(.*?)(\.\w+)$/.exec(path);
  for (let n = 1; ; n++) {
    const name = `${stem} (new version${n > 1 ? ` ${n}` : ""})${end}`;
    const { mine, locked } = stateOf(join(folder, name));
    if (mine === undefined || mine === original || (mine === laid && !locked)) return name;
  }
}

/** Copies of a lesson that has got another number take that number, so that answers go along. */
function followNumbers(folder, files, origins, say) {
  const wanted = new Set(files);
  const nameOf = (path) => path.replace(/\d\d-(?=[\w-]+\.\w+$)/, "");
  for (const path of files) {
    if (origins[path] || lstatSync(join(folder, path), { throwIfNoEntry: false })) continue;
    const before = Object.keys(origins).find(
      (old) => !wanted.has(old) && nameOf(old) === nameOf(path) && existsSync(join(folder, old)),
    );
    if (!before) continue;
    renameSync(join(folder, before), join(folder, path));
    origins[path] = origins[before];
    delete origins[before];
    say(`The lesson has a new number: ${basename(before)} is now ${basename(path)}.`);
  }
}

/** The same for the commands: says what there is to say, and never fails. */
export function renewAndSay() {
  try {
    for (const sentence of renewCopies()) console.log(sentence);
    return true;
  } catch (error) {
    console.log(
      `The folder ${learnersFolder()} for your own copies of the lessons could not be made ` +
        `(${error.message}). Lessons open from the course's own folders instead.`,
    );
    return false;
  }
}

/**
 * Makes and renews the learner's copies.
 * @returns what the learner should know, a sentence each; nothing of theirs is ever lost
 * @throws where the folder cannot be made; what goes wrong with one file is a sentence
 */
export function renewCopies() {
  const folder = join(root, learnersFolder());
  const said = [];
  const say = (sentence) => said.push(sentence);
  mkdirSync(folder, { recursive: true });
  const before = JSON.stringify(readOrigins(folder));
  const origins = JSON.parse(before);
  const files = copiedFiles();
  const changed = changedInCheckout();
  followNumbers(folder, files, origins, say);
  for (const path of files) {
    try {
      renewOne(folder, path, origins, changed.has(path), say);
    } catch (error) {
      say(`${learnersFolder()}/${path} could not be brought up to date (${error.message}).`);
    }
  }
  takeProgress(folder, say);
  if (JSON.stringify(origins) !== before) {
    const text = JSON.stringify({ about: ABOUT, files: origins }, null, 2);
    writeWhole(join(folder, ORIGINS), `${text}\n`);
  }
  return said;
}

function renewOne(folder, path, origins, isChanged, say) {
  const file = join(folder, path);
  const own = `${learnersFolder()}/${path}`;
  const here = readFileSync(join(root, path));
  const bytes = (isChanged && committed(path)) || here;
  const original = digest(bytes);
  const { origin: remembered, ...entry } = origins[path] ?? {};
  const { mine, locked } = stateOf(file);
  const action = decide({ original, remembered, mine, locked });
  if (action === "unreadable") {
    say(`${own} cannot be read, and is left alone.`);
    return;
  }
  if (action === "copy") {
    writeWhole(file, here);
    if (isChanged) say(`${path} holds work of yours: it is copied to ${own}. Go on there.`);
  }
  if (action === "renew") writeWhole(file, bytes);
  if (action === "beside") {
    const beside = placeBeside(folder, path, entry.beside, original);
    if (stateOf(join(folder, beside)).mine !== original) writeWhole(join(folder, beside), bytes);
    entry.beside = original;
    say(`${own} has changes of yours and stays. The course's new version is beside it: ${beside}.`);
  }
  if (isChanged) {
    const work = digest(here);
    if (action !== "copy" && work !== entry.taken && work !== mine)
      say(`${path} was changed in the course's own folder. Checks read yours: ${own}.`);
    entry.taken = work;
  }
  origins[path] = { origin: original, ...entry };
}

/** The record of what is done moves with the answers, once. */
function takeProgress(folder, say) {
  const [from, to] = [join(root, "exercises", "progress.json"), join(folder, "progress.json")];
  if (!existsSync(from) || existsSync(to)) return;
  try {
    writeWhole(to, readFileSync(from));
    rmSync(from); // or it would come back to those who delete theirs to begin anew
    say(`Your progress is now kept in ${learnersFolder()}/progress.json.`);
  } catch (error) {
    say(`exercises/progress.json could not be copied to ${learnersFolder()} (${error.message}).`);
  }
}
