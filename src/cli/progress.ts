// npm run progress: the map of the course with what is done, the points, and what to do next.

import { command, progressText } from "../course/terminal";
import { progress } from "./commands";
import { commandLine } from "./options.cjs";

commandLine(progress);
command(() => {
  console.log(progressText());
  return 0;
});
