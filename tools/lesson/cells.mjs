// Writes each notebook's code cells as one module, so that tsc and Biome read what the learner
// reads. Cells run one after the other in one scope, which is just what a module with top-level
// await is.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../kit.mjs";
import { isWritten, lessonFiles, lessons } from "../register.mjs";

export const cellsFolder = join(root, "test", "notebooks", "cells");

/** @param which the lessons; all that are written unless given */
export function writeCells(which = lessons().filter(isWritten)) {
  rmSync(cellsFolder, { recursive: true, force: true });
  mkdirSync(cellsFolder, { recursive: true });
  const written = [];
  for (const { id } of which) {
    const { cells } = JSON.parse(readFileSync(lessonFiles(id).notebook, "utf8"));
    const code = cells
      .filter((cell) => cell.cell_type === "code")
      .map((cell) => `// cell ${cell.id}\n${[cell.source].flat().join("")}`);
    const target = join(cellsFolder, `${id}.ts`);
    writeFileSync(target, `${code.join("\n\n")}\n\nexport {};\n`);
    written.push(target);
  }
  return written;
}
