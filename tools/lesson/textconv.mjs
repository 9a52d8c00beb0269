// A notebook as text for `git diff`: the cells as `npm run notebook -- text` prints them, and of
// the outputs what a reader would see, with figures as a line each. Set-up tells git of it
// (tools/setup/git.mjs); .gitattributes names the files.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { isMain } from "../kit.mjs";

const join = (text) => [text ?? ""].flat().join("");
const indented = (text) => text.trimEnd().replace(/^/gm, "    ");
// What colours a terminal says nothing in a diff.
const plain = (text) =>
  text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, "g"), "");

/** Pictures and figures: their kind and size, and enough of a digest to see that they changed. */
function summary(kind, data) {
  const text = typeof data === "string" || Array.isArray(data) ? join(data) : JSON.stringify(data);
  const digest = createHash("sha256").update(text).digest("hex").slice(0, 8);
  return `[${kind}, ${(text.length / 1000).toFixed(1)} kB, ${digest}]`;
}

function outputText({ output_type, text, data = {}, ename, evalue }) {
  if (output_type === "stream") return plain(join(text));
  if (output_type === "error") return plain(`${ename}: ${evalue}`);
  const words = data["text/plain"] ?? data["text/markdown"];
  const others = Object.keys(data).filter(
    (kind) => !["text/plain", "text/markdown"].includes(kind),
  );
  const lines = others.sort().map((kind) => summary(kind, data[kind]));
  return [...(words ? [plain(join(words))] : []), ...lines].join("\n");
}

/** A cell's first line, as notebook.py writes it. */
function headOf({ id, cell_type, metadata: { jupyter = {} } = {} }) {
  if (cell_type === "markdown") return `%% md ${id}`;
  const folds = [jupyter.source_hidden && "folded", jupyter.outputs_hidden && "output-folded"];
  return ["%% ts", id, ...folds.filter(Boolean)].join(" ");
}

/** The notebook as lines that a person can compare. */
export function notebookText({ cells = [], metadata = {} }) {
  const blocks = [`%% meta ${JSON.stringify(metadata.llm ?? {})}`];
  for (const cell of cells) {
    const { source, outputs = [] } = cell;
    blocks.push(`\n${headOf(cell)}\n${join(source).trimEnd()}`);
    for (const output of outputs) blocks.push(`  → output\n${indented(outputText(output))}`);
  }
  return `${blocks.join("\n")}\n`;
}

if (isMain(import.meta.url)) {
  const text = readFileSync(process.argv[2], "utf8");
  try {
    process.stdout.write(notebookText(JSON.parse(text)));
  } catch {
    process.stdout.write(text); // half a merge, for example
  }
}
