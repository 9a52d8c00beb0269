// What the course adds to JupyterLab, put together. Each part is in a file of its own.
import { openExercisesBeside } from "./beside.js";

/** Called by JupyterLab, with what the plugin requires. */
export function activate(app, documents, notebooks) {
  openExercisesBeside({ app, documents, notebooks });
}
