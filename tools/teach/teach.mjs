// `npm run teach -- VERB`: a course with a class, from the release to the gradebook. Each verb is a
// module of its own, loaded when it is asked for; what they may be given stands in ../commands.mjs.
// The whole is explained in docs/teaching.md.
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { isMain, reportAndExit, SetupError } from "../kit.mjs";

/** What does each verb: a function of { values, words } that says itself what it did. */
const verbs = {
  init: async () => (await import("./init.mjs")).init,
  roster: async () => (await import("./init.mjs")).printRoster,
  release: async () => (await import("./release/release.mjs")).release,
  intake: async () => (await import("./intake/intake.mjs")).printIntake,
  grade: async () => (await import("./grade/grade.mjs")).gradeVerb,
  flags: async () => (await import("./grade/grade.mjs")).flagsVerb,
  private: async () => (await import("./private.mjs")).privateVerb,
  late: async () => (await import("./late.mjs")).printLate,
  feedback: async () => (await import("./feedback.mjs")).feedback,
  export: async () => (await import("./export.mjs")).exportMarks,
  class: async () => (await import("./class.mjs")).classPage,
  quiz: async () => (await import("./quiz.mjs")).quiz,
  syllabus: async () => (await import("./syllabus.mjs")).syllabus,
  similar: async () => (await import("./similar/similar.mjs")).similar,
  gradescope: async () => (await import("./gradescope/gradescope.mjs")).gradescope,
  slides: async () => (await import("./slides/slides.mjs")).slides,
};

async function main() {
  const read = commandLine(commands.teach);
  await (await verbs[read.verb]())(read);
}

/** A file that could not be written is the user's to mend, not a crash. */
const inWords = (error) =>
  error?.name === "WriteError"
    ? new SetupError(error.message, "Nothing is half written. Mend it and run the command again.")
    : error;

if (isMain(import.meta.url)) main().catch((error) => reportAndExit(inWords(error)));
