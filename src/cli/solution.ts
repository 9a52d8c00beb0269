// `npm run solution 06 causalMask`: the reference answer, its task and its reasons. Asks first in a
// terminal.

import { createInterface } from "node:readline/promises";
import { solutionText } from "../course/hints";
import { chosenExercise, command } from "../course/terminal";
import { solution } from "./commands";
import { commandLine } from "./options.cjs";

const { values, words } = commandLine(solution);
command(async () => {
  const { id, name } = chosenExercise(words);
  if (process.stdin.isTTY && !values.yes) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const answer = await terminal.question(
      `Show the answer to ${name}? A hint may be enough: npm run hint ${id.slice(0, 2)} ${name}\n` +
        "Show it [y/N]? ",
    );
    terminal.close();
    if (!/^y/i.test(answer.trim())) return 0;
  }
  console.log(solutionText(id, name));
  return 0;
});
