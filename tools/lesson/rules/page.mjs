// A notebook as the rules look at it: its cells with what is folded and what they put out, and what
// surrounds the file (its lesson, its exercises, what its links lead to).
import { createRequire } from "node:module";

const joined = (text) => [text ?? ""].flat().join("");

/**
 * @param notebook the parsed .ipynb
 * @param around { lesson, exercises, bytes, heading, running, exists }: the lesson of the register;
 *   the names of its exercises; the size of the file; what the header's first line and its line
 *   with the running time should be; whether a path, relative to the notebook, leads somewhere
 */
export function pageOf(notebook, around) {
  const cells = notebook.cells.map((cell, index) => ({
    id: cell.id,
    index,
    isCode: cell.cell_type === "code",
    source: joined(cell.source),
    lines: joined(cell.source).trimEnd().split("\n"),
    folded: cell.metadata?.jupyter?.source_hidden === true,
    outputFolded: cell.metadata?.jupyter?.outputs_hidden === true,
    outputs: cell.outputs ?? [],
    executed: Number.isInteger(cell.execution_count),
  }));
  return {
    ...around,
    notebook,
    cells,
    code: cells.filter(({ isCode, source }) => isCode && source.trim()),
    texts: cells.filter(({ isCode }) => !isCode),
    ran: notebook.metadata.llm?.ran,
  };
}

/** A prediction: a call-out of this form and no other. */
export const CALL_OUT = /^> \*\*Predict\.\*\* \S/m;

/** What is wrong with one cell, with what to do about it. */
export const at = (cell, sentence) => `cell ${cell.id}: ${sentence}`;

/** A Markdown text without what no rule about words means: code, formulas, addresses of links. */
export const proseOf = (text) =>
  text
    .replace(/```[\s\S]*?```/g, " ")
    .replace(/`[^`\n]*`/g, "code")
    .replace(/\$\$[\s\S]*?\$\$|\$[^$\n]+\$/g, "formula")
    .replace(/\]\([^)\n]*\)/g, "]");

/** One kind of an output's data as a text; "" where it has none. */
export const dataOf = (output, kind) => joined(output.data?.[kind]);

let loaded;
/** The compiler inside the course's kernel: a cell is read as the kernel reads it. */
export function typescript() {
  loaded ??= createRequire(import.meta.url)("@tslab/typescript-for-tslab");
  return loaded;
}

const trees = new Map();
/** A code cell as a syntax tree; several rules ask for the same. */
export function treeOf({ source }) {
  const { createSourceFile, ScriptTarget, ScriptKind } = typescript();
  if (!trees.has(source))
    trees.set(
      source,
      createSourceFile("cell.ts", source, ScriptTarget.Latest, true, ScriptKind.TS),
    );
  return trees.get(source);
}

/** All calls in a cell, as { name, node }: `plot(…)`, and `a.b.plot(…)` by its last name. */
export function callsIn(tree) {
  const ts = typescript();
  const calls = [];
  const visit = (node) => {
    if (ts.isCallExpression(node)) {
      const { expression } = node;
      if (ts.isIdentifier(expression)) calls.push({ name: expression.text, node });
      else if (ts.isPropertyAccessExpression(expression))
        calls.push({ name: expression.name.text, node, of: expression.expression.getText(tree) });
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return calls;
}
