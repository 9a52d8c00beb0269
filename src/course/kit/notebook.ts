// Asks an answer what the notebooks' own cells will ask it: their calls, recorded in
// test/calls/<lesson>.json (../calls), must give what the reference gives. It comes last, after the
// sweep, so whatever fails here is known to the notebooks only, and the sentence names the cell.

import { readFileSync } from "node:fs";
import type { tf as TF } from "llm/engine";
import { type Call, standsIn, unpackArguments } from "../calls";
import { lessonFiles, lessonPaths } from "../paths";
import { engineIfAny, Told } from "./assert";
import { argumentsText, type Swept } from "./sweep";
import { type Copy, copyOf, differenceOf, tensorsIn } from "./values";

interface Cell {
  id: string;
  cell_type: string;
  source: string | string[];
}

/**
 * "notebooks/06-attention.ipynb, under "Several heads", cell heads-one-by-one:" and the first line
 * of it that names the function. Headings are what a reader sees of a notebook; ids they do not.
 */
export function placeOf({ notebook, cell: id, exercise }: Omit<Call, "args">): string {
  const path = lessonPaths(notebook).notebook;
  let heading = "";
  try {
    const { cells } = JSON.parse(readFileSync(lessonFiles(notebook).notebook, "utf8"));
    for (const { id: other, cell_type, source } of cells as Cell[]) {
      const text = [source].flat().join("");
      if (cell_type === "markdown") {
        const headings = text.replace(/^```[\s\S]*?^```/gm, "").match(/^#{1,4} .*$/gm);
        heading =
          headings
            ?.at(-1)
            ?.replace(/^#+ |\*|`/g, "")
            .trim() ?? heading;
      }
      if (other !== id) continue;
      const line = text.split("\n").find((code) => new RegExp(`\\b${exercise}\\b`).test(code));
      const under = heading ? `, under "${heading}"` : "";
      return `${path}${under}, cell ${id}${line ? `:\n  ${line.trim()}` : ""}`;
    }
  } catch {
    // The reader's own notebook may be anything; the cell's id says enough.
  }
  return `${path}, cell ${id}`;
}

/** Makes the recorded calls of one exercise. @throws Told, with the cell that makes the call */
export async function askNotebooks(swept: Swept, calls: readonly Call[]): Promise<void> {
  const tf = engineIfAny();
  for (const call of calls) {
    const variables: TF.Variable[] = [];
    tf?.engine().startScope();
    try {
      await ask(swept, call, () => unpackArguments(call.args, tf, variables));
    } finally {
      tf?.engine().endScope();
      for (const variable of variables) variable.dispose();
    }
  }
}

async function ask(
  { answer, reference, source, sweep }: Swept,
  call: Call,
  make: () => unknown[],
): Promise<void> {
  if ([...tensorsIn(make())].some(overflows)) return;
  // Each gets its own, for a function that stands in for another counts its calls.
  const expected = copyOf(await reference(...make()));
  // Numbers that stand in for others need not meet the exercise's conditions (a diagonal above 0).
  if (standsIn(call.args) && holdsNaN(expected)) return;
  const args = make();
  const when = () => {
    const drawn = standsIn(call.args) ? " Its large arguments are stood in for here." : "";
    return (
      `Everything else is right, but not what a notebook asks it. In ${placeOf(call)}\n` +
      `The call: ${argumentsText(args, source)}.${drawn}`
    );
  };
  let actual: ReturnType<typeof copyOf>;
  try {
    actual = copyOf(await answer(...args));
  } catch (error) {
    if (error instanceof Told) throw new Told(`${when()}\n${error.message}`);
    if (error instanceof Error && error.name !== "NotDoneYet")
      Object.assign(error, { when: when() });
    throw error;
  }
  const difference = differenceOf(actual, expected, sweep.tolerance);
  if (difference) throw new Told(`${when()}\n${capital(difference.sentence)}${difference.picture}`);
}

/** Whether squares do not fit float32: what comes out then depends on the order of the steps. */
const overflows = (tensor: TF.Tensor): boolean =>
  tensor.dtype === "float32" && Array.from(tensor.dataSync()).some((x) => Math.abs(x) > 1e15);

/** Whether a result has a NaN anywhere. (−Infinity is a proper result, for instance of a mask.) */
function holdsNaN(result: Copy): boolean {
  if (result.kind === "numbers") return Array.from(result.flat.data).some(Number.isNaN);
  return result.kind === "parts" && [...result.parts.values()].some(holdsNaN);
}

const capital = (sentence: string) => sentence.replace(/^the /, "The ");
