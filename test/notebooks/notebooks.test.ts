// What CONTRIBUTING.md asks of a notebook that can be read off the file: ids that say what a cell
// does, short cells with a sentence before each, metadata, links, pictures that show without the
// extension, and outputs without errors.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { lessonPaths } from "llm/course/paths";
import { describe, expect, test } from "vitest";

interface Output {
  output_type: string;
  data?: Record<string, string | string[]>;
}
interface Cell {
  id: string;
  cell_type: "markdown" | "code";
  source: string | string[];
  outputs?: Output[];
  execution_count?: number | null;
}

const folder = join(process.cwd(), "notebooks");
const files = readdirSync(folder).filter((file) => file.endsWith(".ipynb"));
const textOf = (source: string | string[]) => [source].flat().join("");

test("there are notebooks to test", () => expect(files.length).toBeGreaterThanOrEqual(4));

describe.each(files)("%s", (file) => {
  const notebook = JSON.parse(readFileSync(join(folder, file), "utf8"));
  const cells: Cell[] = notebook.cells;
  const code = cells.filter((cell) => cell.cell_type === "code");

  test("is nbformat 4.5 for the kernel tslab, with the course's metadata", () => {
    expect([notebook.nbformat, notebook.nbformat_minor]).toEqual([4, 5]);
    expect(notebook.metadata.kernelspec.name).toBe("tslab");
    expect(notebook.metadata.llm).toMatchObject({
      title: expect.any(String),
      lesson: file.replace(".ipynb", ""),
    });
  });

  test("cell ids are unique words that say what the cell does", () => {
    const ids = cells.map((cell) => cell.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(id, "looks like a random id").not.toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4})*$/);
    }
  });

  test("was run from top to bottom, without an error, and stays under 1 MB", () => {
    expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, i) => i + 1));
    for (const cell of code)
      for (const output of cell.outputs ?? [])
        expect(output.output_type, `output of ${cell.id}`).not.toBe("error");
    expect(statSync(join(folder, file)).size).toBeLessThan(1e6);
  });

  test("every figure also shows without the extension", () => {
    const figures = code
      .flatMap((cell) => cell.outputs ?? [])
      .filter((output) => output.data?.["application/vnd.plotly.v1+json"]);
    expect(figures.length).toBeGreaterThan(0);
    for (const figure of figures)
      expect(textOf(figure.data?.["image/svg+xml"] ?? "")).toMatch(/^\s*<svg/);
  });

  test("links to other notebooks lead somewhere", () => {
    const links = cells.flatMap((cell) =>
      [...textOf(cell.source).matchAll(/\]\(([^)#]+\.(?:ipynb|md|ts))\)/g)].map(
        (match) => match[1],
      ),
    );
    for (const link of links) expect(existsSync(join(folder, link)), `link to ${link}`).toBe(true);
  });

  test("the lesson has all its files", () => {
    const { exercises, hints, solutions, test, mutants } = lessonPaths(file.replace(".ipynb", ""));
    for (const path of [exercises, hints, solutions, test, mutants])
      expect(existsSync(path), path).toBe(true);
  });
});
