// npm run progress: the map of the course with what is done, the points, and what to do next.

import { command, progressText } from "../course/terminal";

command(() => {
  console.log(progressText());
  return 0;
});
