// What is made from the register for a reader: the map in README.md, and in each notebook the title
// and the links to the lessons around it. They are texts here; sync.mjs puts them in their places.
import { isWritten, lessonPaths, lessons, parts } from "../register.mjs";

const START =
  "<!-- Made from src/course/register.json by `npm run lesson -- sync`: do not edit. -->";
const END = "<!-- End of the map. -->";

/** README.md with today's map in place of the one between its two marks. */
export function withMap(readme) {
  const [from, to] = [readme.indexOf(START), readme.indexOf(END)];
  if (from < 0 || to < from)
    throw new Error(`sync: expected the marks of the map in README.md: ${START} … ${END}`);
  return `${readme.slice(0, from)}${START}\n${map()}\n${readme.slice(to)}`;
}

function map() {
  const entry = (lesson) => {
    const text = `${lesson.number} ${lesson.title}`;
    return isWritten(lesson) ? `**[${text}](${lessonPaths(lesson.id).notebook})**` : text;
  };
  const rows = parts().map(
    ({ title, lessons }) => `| ${title} | ${lessons.map(entry).join(" · ")} |`,
  );
  return ["| part | lessons (in **bold**: written) |", "|---|---|", ...rows].join("\n");
}

/** The first line of a notebook. */
export const headingOf = ({ number, title }) => `# ${number} · ${title}`;

/** The ids of the two cells that belong to `npm run lesson -- sync`. */
export const AROUND = "lessons-around";
export const ONWARD = "next-lesson";

/** What stands under the header of a notebook. */
export function aroundText(lesson) {
  const all = lessons();
  const at = all.findIndex(({ id }) => id === lesson.id);
  const before = neighbour(all.slice(0, at).reverse(), "go back to");
  const after = neighbour(all.slice(at + 1), "go on with");
  return [before && `Previous lesson: ${before}.`, after && `Next lesson: ${after}.`]
    .filter(Boolean)
    .join(" ");
}

/** What stands at the end of a notebook. */
export function onwardText(lesson) {
  const all = lessons();
  const after = neighbour(all.slice(all.findIndex(({ id }) => id === lesson.id) + 1), "go on with");
  return after ? `**Next lesson:** ${after}.` : "**This was the last lesson.**";
}

/**
 * The nearest lesson of a direction as a link; if it is not written yet, with the nearest one that
 * is.
 */
function neighbour([nearest, ...others], advice) {
  if (!nearest) return undefined;
  const link = ({ id, number, title }) => `[${number} · ${title}](${id}.ipynb)`;
  if (isWritten(nearest)) return link(nearest);
  const written = others.find(isWritten);
  const instead = written ? `; ${advice} ${link(written)}` : "";
  return `${nearest.number} · ${nearest.title} (not written yet${instead})`;
}
