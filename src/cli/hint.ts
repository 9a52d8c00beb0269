// `npm run hint 06 causalMask`: the next of three hints; which ones were shown is remembered.

import { hintText, nextHint } from "../course/hints";
import { chosenExercise, command } from "../course/terminal";
import { hint } from "./commands";
import { commandLine } from "./options.cjs";

const { words } = commandLine(hint);
command(() => {
  const { id, name } = chosenExercise(words);
  console.log(hintText(nextHint(id, name)));
  return 0;
});
