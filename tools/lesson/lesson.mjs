// `npm run lesson`: the lessons of the course as their register (src/course/register.json) has
// them.
import { isMain, reportAndExit, SetupError } from "../kit.mjs";
import { isWritten, lessons } from "../register.mjs";
import { calls } from "./calls.mjs";
import { newLesson } from "./new.mjs";
import { printRules } from "./rules/rules.mjs";
import { outOfDate, sync } from "./sync.mjs";
import { trial } from "./trial.mjs";

const help = `The lessons of the course. Their numbers, names and titles are in
src/course/register.json.

  npm run lesson -- list           all lessons, and which are written
  npm run lesson -- new 07         the skeleton of a lesson, whose one example exercise passes its
                                   tests
  npm run lesson -- sync           after a change: the map in README.md, the links between notebooks
                                   and to their exercises, and the numbers in all mentions of
                                   lessons, as the register has them
  npm run lesson -- sync --check   only says what is out of date; exit code 1 if something is
  npm run lesson -- rules 07       which rules for a lesson's page it breaks, and what to do about
                                   each; without a number, of all lessons
  npm run lesson -- calls 07       runs the notebook at smoke size and keeps with which arguments it
                                   calls the exercises' functions, for their checks
  npm run lesson -- trial FOLDER   tries many answers at once and says which wrong ones pass and
                                   which right ones fail [--json FILE] [--quiet]`;

const synced = "Everything is as the register has it.";

const commands = {
  list: () => {
    for (const lesson of lessons())
      console.log(`${isWritten(lesson) ? "✓" : " "} ${lesson.number} ${lesson.title}`);
  },
  new: newLesson,
  sync: (args) => {
    const written = args.includes("--check") ? [] : sync();
    if (written.length) console.log(`Written: ${written.join(", ")}`);
    const left = outOfDate();
    console.log(left.length ? `Out of date:\n${left.join("\n")}` : synced);
    process.exitCode = left.length ? 1 : 0;
  },
  rules: printRules,
  calls,
  trial,
  "--help": () => console.log(help),
};

async function main([verb = "--help", ...args]) {
  if (!Object.hasOwn(commands, verb))
    throw new SetupError(
      `npm run lesson: expected list, new, sync, rules, calls or trial, got ${verb}`,
      help,
    );
  await commands[verb](args);
}

if (isMain(import.meta.url)) main(process.argv.slice(2)).catch(reportAndExit);
