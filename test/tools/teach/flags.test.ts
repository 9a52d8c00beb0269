// What is flagged in a learner's file, and what is not: by the syntax tree and the names' scopes.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { typescript } from "llm/course/source";
import { describe, expect, test } from "vitest";
import { load, root } from "./tools";

const { flagsOf } = (await load("tools/teach/grade/flags.mjs")) as {
  flagsOf(
    ts: unknown,
    text: string,
    allowed: { modules: string[]; names: Map<string, string[]> },
    required: Set<string>,
  ): { kind: string; line: number; text: string }[];
};
const { allowedImports, mistakeIn, namedMistakes } = await load("tools/teach/grade/facts.mjs");
const { closureOf } = await load("tools/teach/grade/box.mjs");

const allowed = {
  modules: ["llm/engine", "llm/ops"],
  names: new Map([["llm/ops", ["linear"]]]),
};
const used = new Set(["llm/engine", "llm/ops", "llm/attention", "node:fs", "../solutions/x"]);
const kinds = (text: string) =>
  flagsOf(typescript(), text, allowed, used).map(({ kind, line }) => `${kind} ${line}`);

describe("flagged", () => {
  test.each([
    ['import fs from "node:fs";', "import"],
    ['import { multiHead } from "llm/attention";', "import"],
    ['import { layerNorm } from "llm/ops";', "import"],
    ['import { layerNorm as linear } from "llm/ops";', "import"],
    ['import * as ops from "llm/ops";', "import"],
    ['export * from "../solutions/x";', "import"],
    ['import x = require("node:fs");', "import"],
    ['const x = await import("llm/ops");', "import"],
    ["process.exit();", "process"],
    ['const f = require("fs");', "process"],
    ["console.log(import.meta.url);", "process"],
    ["const given = arguments;", "process"],
    ["const own = (() => arguments)();", "process"],
    ["const all = { globalThis };", "global"],
    ['eval("1");', "code"],
    ['const f = new Function("1");', "code"],
    ["const C = ({}).constructor;", "code"],
    ['const C = ({} as any)["con" + "structor"];', "code"],
    [`const C = ({} as any)[\`con\${"structor"}\`];`, "code"],
    ["const { constructor: C } = {} as any;", "code"],
    ["Array.prototype.every = () => true;", "prototype"],
    ["Object.setPrototypeOf({}, null);", "prototype"],
    ['const o = { ["__proto__"]: 1 };', "prototype"],
    ["Math.abs = () => 0;", "prototype"],
    ["(Object as any).is = () => true;", "prototype"],
    ["delete Math.abs;", "prototype"],
    ["Object.assign(Math, {});", "prototype"],
    ['import { tf } from "llm/engine"; tf.add = 1;', "prototype"],
  ])("%s", (text, kind) => {
    expect([...new Set(kinds(text))]).toEqual([`${kind} 1`]);
  });

  test("each line once for each kind, with its number", () => {
    const text = "let a = 1;\nprocess.exit(); process.abort(); eval('1');\nprocess.exit();\n";
    expect(kinds(text)).toEqual(["code 2", "process 2", "process 3"]);
  });
});

describe("not flagged", () => {
  test.each([
    'import { tf } from "llm/engine";',
    'import { linear } from "llm/ops";',
    'import type { Layer } from "llm/rnn";',
    'import { Layer } from "llm/rnn"; type L = Layer;', // gone when it is compiled
    "// process.exit(), eval, globalThis",
    'const said = "process constructor __proto__";',
    "function f(process: number, module: string) { return process + module; }",
    `const w: any = {}; w.process = 1; w[\`weight_\${w.i}\`] = 2;`,
    "function f() { return arguments.length; }",
    "class Cell { constructor() {} }",
    "const f: Function = () => 1;",
    "const exports2 = { module: 1, require: 2 };",
    "label: for (;;) break label;",
    "const box = { value: 1 }; box.value = 2; delete (box as any).value;",
  ])("%s", (text) => {
    expect(kinds(text)).toEqual([]);
  });

  test.each(["06-attention", "08-transformer", "03-recurrent-networks", "12-training"])(
    "the reference answers of %s",
    (id) => {
      const read = (folder: string) => readFileSync(resolve(root, folder, `${id}.ts`), "utf8");
      const text = read("solutions");
      const imports = [...text.matchAll(/^import \{.*\} from "(.*)";/gm)].map(([, name]) => name);
      const offered = allowedImports(read("exercises"), []);
      expect(flagsOf(typescript(), text, offered, new Set(imports))).toEqual([]);
    },
  );
});

test("of a module what the task names may be imported, and no exercise", () => {
  const stubs =
    'import { multiHead } from "llm/attention";\n/** Use `linear(x, w)` of llm/ops; layerNorm. */';
  const { modules, names } = allowedImports(stubs, ["layerNorm"]);
  expect(modules).toEqual(["llm/engine", "llm/course/exercise", "llm/attention", "llm/ops"]);
  expect(Object.fromEntries(names)).toEqual({
    "llm/attention": ["multiHead"],
    "llm/ops": ["linear"],
  });
});

test("the sandbox of lesson 06 (attention) holds no attention, and none any solution", () => {
  const files = closureOf(["llm/engine", "llm/course/exercise"]) as string[];
  expect(files).toContain("dist/course/exercise.js");
  expect(files.filter((file) => /attention|solutions/.test(file))).toEqual([]);
  expect(closureOf(["llm/ops"]).filter((file: string) => /solutions/.test(file))).toEqual([]);
});

test("a sentence is known by its mutant's name or pattern", () => {
  const code =
    'export const mutants = { f: [{ name: "too late", told: /after the softmax/i, answer: x },\n' +
    '  { name: "no root", answer: y }] };';
  const { f } = namedMistakes(code);
  expect(mistakeIn("The mask comes AFTER the softmax.", f)).toBe("too late");
  expect(mistakeIn("This looks like a known mistake: no root.", f)).toBe("no root");
  expect(mistakeIn("Something else.", f)).toBeUndefined();
});
