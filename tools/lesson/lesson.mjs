// `npm run lesson`: the lessons of the course as their register (src/course/register.json) has
// them.
import { commandLine } from "../../src/cli/options.cjs";
import * as commands from "../commands.mjs";
import { isMain, reportAndExit } from "../kit.mjs";
import { isWritten, lessons } from "../register.mjs";
import { calls } from "./calls.mjs";
import { newLesson } from "./new.mjs";
import { printNotes } from "./notes/notes.mjs";
import { printRules } from "./rules/rules.mjs";
import { outOfDate, sync } from "./sync.mjs";
import { trial } from "./trial.mjs";

const synced = "Everything is as the register has it.";

/** What each verb of ../commands.mjs does. */
const verbs = {
  list: () => {
    for (const lesson of lessons())
      console.log(`${isWritten(lesson) ? "✓" : " "} ${lesson.number} ${lesson.title}`);
  },
  new: ({ words }) => newLesson(words),
  sync: ({ values }) => {
    const written = values.check ? [] : sync();
    if (written.length) console.log(`Written: ${written.join(", ")}`);
    const left = outOfDate();
    console.log(left.length ? `Out of date:\n${left.join("\n")}` : synced);
    process.exitCode = left.length ? 1 : 0;
  },
  rules: ({ words }) => printRules(words),
  notes: ({ words }) => printNotes(words),
  calls: ({ words }) => calls(words),
  trial,
};

async function main() {
  const read = commandLine(commands.lesson);
  await verbs[read.verb](read);
}

if (isMain(import.meta.url)) main().catch(reportAndExit);
