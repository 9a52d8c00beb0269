// Rules about what a notebook's last run left in it: outputs of the code that is there, and a
// header that promises what was measured.
import { codeCellsOf, digestOf } from "../digest.mjs";
import { at } from "./page.mjs";

const AGAIN = "npm run notebook -- run";

export function fresh({ lesson, notebook, code, ran }) {
  const again = `${AGAIN} ${lesson.id}`;
  if (!ran) return [`nothing says which code the outputs are of: ${again}`];
  const found = code
    .filter(({ executed }) => !executed)
    .map((cell) => at(cell, `its output is missing: ${again}`));
  for (const cell of code)
    if (cell.outputs.some(({ output_type }) => output_type === "error"))
      found.push(at(cell, `its output is an error: mend the cell, then ${again}`));
  if (ran.digest !== digestOf(codeCellsOf(notebook)))
    found.push(`the code has changed since the outputs were made: ${again}`);
  if (ran.size !== "smoke")
    found.push(
      `the outputs are of the size ${ran.size}, readers run smoke: LLM_SIZE=smoke ${again}`,
    );
  return found;
}

/** @param page.running what sync.mjs would write; undefined before the first run */
export function runningTime({ cells, running, lesson }) {
  const [first] = cells;
  if (!running) return [at(first, `its running time is not measured: ${AGAIN} ${lesson.id}`)];
  return first.lines.includes(running)
    ? []
    : [at(first, `it should say "${running}": npm run lesson -- sync`)];
}
