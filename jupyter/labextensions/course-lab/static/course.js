// What the course adds to JupyterLab, put together. Each part is in a file of its own.
import { addBars } from "./bar.js";
import { openExercisesBeside } from "./beside.js";
import { addHome } from "./home.js";
import { loadLessons } from "./lessons.js";

/**
 * Called when JupyterLab starts.
 * @param lab what the parts stand on: the application, its documents and notebooks, the command
 *   palette, and the class Widget
 * @param base where this extension's files are
 */
export async function activate(lab, base) {
  openExercisesBeside(lab);
  const lessons = await loadLessons(base, lab);
  if (!lessons) return;
  const style = document.createElement("link");
  Object.assign(style, { rel: "stylesheet", href: `${base}course.css` });
  document.head.append(style);
  addBars(lab, lessons);
  addHome(lab, lessons);
}
