// The house is as docs/architecture.md says: no import goes in a circle, every room stands on what
// the page lists and on nothing else, arrows go down, and the drawing is the one of the page.
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { typescript } from "llm/course/source";
import { describe, expect, test } from "vitest";

const root = resolve(__dirname, "..");
const tool = (path: string) => import(pathToFileURL(join(root, "tools", path)).href);

interface Room {
  floor: number;
  room: string;
  holds: string;
  on: string[];
}
const { readTables, withoutDetours, drawing, DRAWING } = (await tool("architecture.mjs")) as {
  readTables(markdown: string): Room[][];
  withoutDetours(rooms: Pick<Room, "room" | "on">[]): Map<string, string[]>;
  drawing(): string;
  DRAWING: string;
};
const { filesUnder } = (await tool("kit.mjs")) as { filesUnder(folder: string): string[] };
const [srcRooms, toolRooms] = readTables(readFileSync(join(root, "docs/architecture.md"), "utf8"));

/**
 * What a file imports of its own house, as paths from the root: types, `export … from` and
 * `import()` too.
 */
function importsOf(file: string, files: Set<string>): string[] {
  const { importedFiles } = typescript().preProcessFile(readFileSync(join(root, file), "utf8"));
  return importedFiles.flatMap(({ fileName }) => {
    const own = /^llm\/(.*)$/.exec(fileName);
    if (!own && !fileName.startsWith(".")) return [];
    const path = own ? `src/${own[1]}` : relative(root, resolve(root, dirname(file), fileName));
    const candidates = [path, `${path}.ts`, `${path}/index.ts`, path.replace(/\.js$/, ".ts")];
    const found = candidates.find((candidate) => files.has(candidate));
    return found ? [found] : [];
  });
}

function graphOf(folder: string, wanted: RegExp): Map<string, string[]> {
  const files = filesUnder(join(root, folder))
    .map((file) => relative(root, file).replaceAll("\\", "/"))
    .filter((file) => wanted.test(file) && !file.startsWith("src/engine/wasm/kernels/"));
  const known = new Set(files);
  return new Map(files.map((file) => [file, importsOf(file, known)]));
}

/** One circle as a list of files, or undefined. */
function circleIn(graph: Map<string, string[]>): string[] | undefined {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | undefined => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const circle = visit(next);
      if (circle) return circle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of graph.keys()) {
    const circle = visit(file);
    if (circle) return circle;
  }
  return undefined;
}

const roomOf = (file: string) => file.split("/")[1].replace(/\.(ts|mjs)$/, "");

/** The arrows between rooms, each with a file that draws it. */
function arrowsOf(graph: Map<string, string[]>): Map<string, string> {
  const arrows = new Map<string, string>();
  for (const [file, imports] of graph)
    for (const imported of imports)
      if (roomOf(file) !== roomOf(imported))
        arrows.set(`${roomOf(file)} → ${roomOf(imported)}`, `${file} imports ${imported}`);
  return arrows;
}

/** What is not as the page says, a sentence each. */
function disagreements(rooms: Room[], graph: Map<string, string[]>): string[] {
  const arrows = arrowsOf(graph);
  const floorOf = new Map(rooms.map(({ room, floor }) => [room, floor]));
  const listed = new Set(rooms.flatMap(({ room, on }) => on.map((name) => `${room} → ${name}`)));
  const found: string[] = [];
  for (const room of new Set([...graph.keys()].map(roomOf)))
    if (!floorOf.has(room)) found.push(`the page has no row for the room ${room}`);
  for (const { room } of rooms)
    if (![...graph.keys()].some((file) => roomOf(file) === room))
      found.push(`the page has a row for ${room}, and there is no such room`);
  for (const [arrow, example] of arrows) {
    const [from, to] = arrow.split(" → ");
    if (!listed.has(arrow)) found.push(`${arrow} is not in the page: ${example}`);
    if (!((floorOf.get(from) ?? 0) > (floorOf.get(to) ?? 0)))
      found.push(`${arrow} goes up: ${example}`);
  }
  for (const arrow of listed)
    if (!arrows.has(arrow)) found.push(`${arrow} is in the page, and no file imports so`);
  return found;
}

const src = graphOf("src", /\.ts$/);
const tools = graphOf("tools", /\.mjs$/);

describe("the house", () => {
  test("no file of src or tools imports itself by a circle", () => {
    expect(src.size).toBeGreaterThan(100);
    expect(circleIn(src)?.join(" → ")).toBeUndefined();
    expect(circleIn(tools)?.join(" → ")).toBeUndefined();
  });

  test("no room is in a table twice", () => {
    for (const rooms of [srcRooms, toolRooms]) {
      const names = rooms.map(({ room }) => room);
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
    }
  });

  test("the rooms of src stand on what docs/architecture.md says", () => {
    expect(disagreements(srcRooms, src)).toEqual([]);
  });

  test("the rooms of tools stand on what docs/architecture.md says", () => {
    expect(disagreements(toolRooms, tools)).toEqual([]);
  });

  // The page's four rules: they hold even if somebody writes such an arrow into its table.
  const models = ["attention", "transformer", "gpt", "rnn", "inference", "pretrain"];
  const never: [string, (from: string, to: string) => boolean][] = [
    ["train knows no model", (from, to) => from === "train" && models.includes(to)],
    [
      "a model's parts know nothing of training",
      (from, to) =>
        ["attention", "transformer", "gpt"].includes(from) &&
        ["train", "optim", "data"].includes(to),
    ],
    ["nobody stands on cli", (_, to) => to === "cli"],
    ["only cli stands on course", (from, to) => to === "course" && from !== "cli"],
    ["the engine stands on nothing", (from) => from === "engine"],
  ];
  test.each(never)("%s", (_, forbidden) => {
    const found = [...arrowsOf(src)].filter(([arrow]) => {
      const [from, to] = arrow.split(" → ");
      return forbidden(from, to);
    });
    expect(found).toEqual([]);
  });

  test("only the engine opens a tfjs backend, and src reaches for nothing outside", () => {
    for (const file of src.keys()) {
      const { importedFiles } = typescript().preProcessFile(readFileSync(join(root, file), "utf8"));
      for (const { fileName } of importedFiles) {
        if (!file.startsWith("src/engine/"))
          expect(fileName, file).not.toMatch(/^@tensorflow\/tfjs-(backend|node)/);
        if (fileName.startsWith("."))
          expect(relative(root, resolve(root, dirname(file), fileName)), file).toMatch(/^src\//);
      }
    }
  });

  test("lines of tools have at most 100 characters", () => {
    const files = filesUnder(join(root, "tools")).filter((file) => /\.(mjs|cjs|py)$/.test(file));
    const long = files.flatMap((file) =>
      readFileSync(file, "utf8")
        .split("\n")
        .flatMap((line, i) => ([...line].length > 100 ? [`${relative(root, file)}:${i + 1}`] : [])),
    );
    expect(long).toEqual([]);
  });

  test("the drawing is the one of the page", () => {
    expect(readFileSync(DRAWING, "utf8") === drawing(), "run: node tools/architecture.mjs").toBe(
      true,
    );
  });
});

describe("what judges the house", () => {
  test("a circle is found, also one through types, and a straight line is none", () => {
    expect(
      circleIn(
        new Map([
          ["a", ["b"]],
          ["b", ["c"]],
          ["c", ["b"]],
        ]),
      ),
    ).toEqual(["b", "c", "b"]);
    expect(
      circleIn(
        new Map([
          ["a", ["b", "c"]],
          ["b", ["c"]],
          ["c", []],
        ]),
      ),
    ).toBeUndefined();
    const files = new Set(["src/ops/rope.ts", "src/params.ts"]);
    expect(importsOf("src/optim/adamw.ts", files)).toContain("src/params.ts");
  });

  test("an arrow that is not listed, one that goes up, one that nobody draws, a room without a row", () => {
    const rooms = [
      { floor: 2, room: "b", holds: "", on: ["a", "c"] },
      { floor: 1, room: "a", holds: "", on: [] },
      { floor: 1, room: "c", holds: "", on: [] },
    ];
    const graph = new Map([
      ["src/a.ts", ["src/b/index.ts"]],
      ["src/b/index.ts", ["src/a.ts"]],
      ["src/c.ts", []],
      ["src/d.ts", []],
    ]);
    expect(disagreements(rooms, graph)).toEqual([
      "the page has no row for the room d",
      "a → b is not in the page: src/a.ts imports src/b/index.ts",
      "a → b goes up: src/a.ts imports src/b/index.ts",
      "b → c is in the page, and no file imports so",
    ]);
  });

  test("the drawing leaves out what a longer way implies", () => {
    const rooms = [
      { room: "a", on: ["b", "c"] },
      { room: "b", on: ["c"] },
      { room: "c", on: [] },
    ];
    expect(withoutDetours(rooms).get("a")).toEqual(["b"]);
  });
});
