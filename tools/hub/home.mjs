// A learner's folder on a hub, made at the first start of their server and renewed at each later
// one. The course itself is one read-only folder for all. In a learner's folder (`LLM_ROOT`,
// course/ in their home) lie links to what it holds, and, as real folders, what is theirs:
// my-course with their copies of the lessons, runs, capstone. So a home holds the copies only, and
// all commands work in it as in a checkout. What is copied, and that nothing of the learner's is
// ever written over, is the matter of ../setup/copies.mjs.
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { isMain, reportAndExit, root, SetupError } from "../kit.mjs";
import { learnersFolder } from "../register.mjs";
import { renewCopies } from "../setup/copies.mjs";

const course = realpathSync(join(fileURLToPath(import.meta.url), "../../.."));

/** What a learner has for themselves, and what is the teacher's. */
const NOT_LINKED = ["my-course", "runs", "capstone", "teaching", "hub", "site", "gpu-bundle"];
/** The hidden files that commands read; .git and the like are nothing to a learner. */
const HIDDEN = [".venv", ".npmrc"];

const isLinked = (name) =>
  name.startsWith(".") ? HIDDEN.includes(name) : !NOT_LINKED.includes(name);

const isThere = (place) => lstatSync(place, { throwIfNoEntry: false });

/** Where a link leads; undefined for anything else. */
const leadsTo = (place) => (isThere(place)?.isSymbolicLink() ? readlinkSync(place) : undefined);

/** A link, also where two starts make it at once. */
function link(target, place) {
  rmSync(place, { force: true });
  try {
    symlinkSync(target, place);
  } catch (error) {
    if (error.code !== "EEXIST" || leadsTo(place) !== target) throw error;
  }
}

/**
 * Links to all that the course holds; a link whose file the course has no longer is removed.
 * @returns the names at which something of the learner's stands in the way, which stays
 */
function linkCourse() {
  const names = readdirSync(course).filter(isLinked);
  for (const name of readdirSync(root)) {
    const target = leadsTo(join(root, name));
    if (target && dirname(target) === course && !names.includes(name))
      rmSync(join(root, name), { force: true });
  }
  const inTheWay = [];
  for (const name of names) {
    const [place, target] = [join(root, name), join(course, name)];
    const found = leadsTo(place);
    if (found === target) continue;
    if (found === undefined && isThere(place)) inTheWay.push(name);
    else link(target, place);
  }
  return inTheWay;
}

/**
 * Makes or renews the folder `LLM_ROOT`.
 * @returns what the learner should know, a sentence each; the same is added to news.txt in their
 *   folder, because nobody on a hub sees what a start prints
 */
export function renewHome() {
  if (root === course)
    throw new SetupError(
      "hub: expected a learner's folder in LLM_ROOT, got the course's own folder",
      "tools/hub/singleuser.sh sets it.",
    );
  mkdirSync(root, { recursive: true });
  const said = linkCourse().map(
    (name) => `${name} is a file of yours, and hides the course's. Give it another name.`,
  );
  const own = join(root, learnersFolder());
  const isFirst = !existsSync(own);
  said.push(...renewCopies());
  if (isFirst) console.log(`Made ${own}.`);
  const day = new Date().toISOString().slice(0, 10);
  if (said.length > 0)
    appendFileSync(join(own, "news.txt"), said.map((line) => `${day} ${line}\n`).join(""));
  return said;
}

if (isMain(import.meta.url)) {
  try {
    for (const sentence of renewHome()) console.log(sentence);
  } catch (error) {
    reportAndExit(error);
  }
}
