// CSV: what is read is what was written, and exchanging a cell leaves every other byte alone.
import fc from "fast-check";
import { expect, test } from "vitest";
import { tool } from "./tools";

const { parseCsv, quotedCell, exchangeCells, harmless, writeCsv } = await tool("csv");
type Cell = { text: string; from: number; to: number };
const texts = (text: string) =>
  parseCsv(text).rows.map((row: { cells: Cell[] }) => row.cells.map((cell) => cell.text));

test("quotes, separators, line ends and marks of spreadsheets", () => {
  expect(texts('a,"b, c","d ""e"""\r\n1,,"two\nlines"\n')).toEqual([
    ["a", "b, c", 'd "e"'],
    ["1", "", "two\nlines"],
  ]);
  expect(texts("\uFEFFa;b\n1;2,5")).toEqual([
    ["a", "b"],
    ["1", "2,5"],
  ]);
  expect(texts("a\tb\n\n1\t2\n")).toEqual([
    ["a", "b"],
    ["1", "2"],
  ]);
  expect(texts('"open, to the end')).toEqual([["open, to the end"]]);
});

test("the lines are those of the file, also after a cell of two lines", () => {
  const { rows } = parseCsv('a,b\n"x\ny",1\nz,2\n');
  expect(rows.map(({ line }: { line: number }) => line)).toEqual([1, 2, 4]);
});

// A text without a letter in a row would be left out: each row begins with one.
const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r", ";", " ", "é", "=") });
const grid = fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), {
  minLength: 1,
  maxLength: 6,
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(grid, (rows) => {
      const all = [["first", "second"], ...rows.map(([a, b]) => [`x${a}`, b])];
      const text = all.map((row) => row.map((c) => quotedCell(c)).join(",")).join("\n");
      expect(texts(text)).toEqual(all);
    }),
  );
});

test("semicolons in a cell of the first line are not taken for the separator", () => {
  const text = "first,second\r\nx,\r\n";
  const [head] = parseCsv(text).rows;
  const changed = exchangeCells(text, [{ cell: head.cells[0], text: "y;;;" }], ",");
  expect(texts(changed)).toEqual([
    ["y;;;", "second"],
    ["x", ""],
  ]);
});

test("an exchanged cell changes nothing but itself", () => {
  fc.assert(
    fc.property(grid, fc.nat(), cell, (rows, pick, value) => {
      const all = [["first", "second"], ...rows.map(([a, b]) => [`x${a}`, b])];
      const text = `${all.map((row) => row.map((c) => quotedCell(c)).join(",")).join("\r\n")}\r\n`;
      const { rows: parsed } = parseCsv(text);
      const [r, c] = [pick % parsed.length, pick % 2];
      const target = parsed[r].cells[c];
      const changed = exchangeCells(text, [{ cell: target, text: `y${value}` }], ",");
      const [before, after] = [text.slice(0, target.from), text.slice(target.to)];
      expect(changed.startsWith(before)).toBe(true);
      expect(changed.endsWith(after)).toBe(true);
      const expected = all.map((row) => [...row]);
      expected[r][c] = `y${value}`;
      expect(texts(changed)).toEqual(expected);
    }),
  );
});

test("what a spreadsheet would run is made a text; numbers stay numbers", () => {
  for (const text of ["=1+1", "+A1", "-cmd", "@x", "\t=1", " =1", '=HYPERLINK("x")', "|x", "-1+1"])
    expect(harmless(text)).toBe(`'${text}`);
  for (const text of ["-3", "2.5", "-2,5", "Ada", "a=b", ""]) expect(harmless(text)).toBe(text);
  expect(writeCsv([["=1", 'a"b', 3, undefined]])).toBe(`'=1,"a""b",3,\n`);
});
