// `npm run board`: trains the recipes in recipes/ with several seeds and ranks them. The work is done
// in llm/board; here are the options, the files and the table on the screen.

import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { boardHtml, boardRows, goalOf, readRecipes, runBoard } from "../board";
import { loadText, mobyDick } from "../data";
import { table } from "../display";
import { useEngine } from "../engine";
import { writeAtomically } from "../files";
import { presets } from "../pretrain";
import { allowClosedPipe, fail } from "./command";
import { board } from "./commands";
import { commandLine } from "./options.cjs";

/** The recipes that come with the course. */
const folder = resolve(__dirname, "../../recipes");

/** Files of the recipes that were named, the baseline's first; all of the course's if none was. */
function recipeFiles(words: readonly string[], baseline: string): string[] {
  const own = (word: string) => (word.endsWith(".json") ? word : join(folder, `${word}.json`));
  const all = () =>
    readdirSync(folder)
      .filter((file) => file.endsWith(".json"))
      .map((file) => join(folder, file));
  const files = words.length === 0 ? all() : words.map(own);
  const missing = files.find((file) => !existsSync(file));
  if (missing !== undefined) throw new Error(`${missing}: no such recipe`);
  const rest = files.filter((file) => basename(file, ".json") !== baseline);
  const [first = own(baseline)] = files.filter((file) => !rest.includes(file));
  return [first, ...rest];
}

/** A board that is done in a minute: a small model, few steps, a short text. */
const tiny = { steps: 60, warmupSteps: 10, evalEvery: 20, batchSize: 8 };

async function main(): Promise<void> {
  const { values: chosen, words } = commandLine(board);
  allowClosedPipe();
  const { baseline, seeds, out, smoke, data } = chosen;
  await useEngine();
  const preset = smoke ? { ...presets.smoke, ...tiny } : presets.laptop;
  const text = data === undefined ? mobyDick() : loadText(data);
  const recipes = readRecipes(recipeFiles(words, baseline));
  const result = await runBoard({
    ...{
      recipes,
      seeds,
      file: resolve(out),
      command: ["npm run board --", ...process.argv.slice(2)].join(" "),
    },
    text: smoke ? text.slice(0, 50_000) : text,
    name: data === undefined ? "Moby-Dick" : data.map((file) => basename(file)).join(", "),
    mostParameters: smoke ? undefined : 820_000,
    base: { ...preset, steps: chosen.steps ?? preset.steps },
    onRun: ({ recipe, seed, val }, isKept) =>
      console.log(`${recipe}, seed ${seed}: ${val.toFixed(4)}${isKept ? " (kept)" : ""}`),
  });
  table(boardRows(result, baseline), {
    caption:
      "Recipes share a place where the 95 % intervals of their losses touch. Time: the process's own, " +
      `to a loss of ${goalOf(result, baseline).toFixed(3)}, in multiples of all that ${baseline} took.`,
  });
  const page = resolve(out.replace(/(\.json)?$/, ".html"));
  writeAtomically(page, [boardHtml(result, baseline)]);
  console.log(`figures: ${page}`);
}

main().catch((error: Error) => fail(`board: ${error.message}`));
