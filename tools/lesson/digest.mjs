// Which code a notebook holds, as a short digest: what was recorded or measured of a run says by it
// whether it still belongs to the code that is there. notebook.py makes the same digest.
import { createHash } from "node:crypto";

/** The code cells of a parsed notebook that hold anything, as { id, source }, in their order. */
export const codeCellsOf = ({ cells }) =>
  cells
    .filter(({ cell_type }) => cell_type === "code")
    .map((cell) => ({ id: cell.id, source: [cell.source].flat().join("") }))
    .filter(({ source }) => source.trim());

/** The digest of some code cells: 16 hexadecimal digits. */
export const digestOf = (cells) =>
  createHash("sha256")
    .update(cells.map(({ source }) => source).join("\n"))
    .digest("hex")
    .slice(0, 16);
