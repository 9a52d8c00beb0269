// Variables of earlier cells, at every place where TypeScript lets their names stand. tslab
// compiles cell by cell and turns `seed` into `exports.seed`; where it missed a name, a cell that
// type-checks failed with "seed is not defined".
import { afterAll, describe, expect, it } from "vitest";
import { driveCells, hasJupyter, makeFolder, text } from "./drive";

const { folder, remove } = makeFolder();

const DECLARED = `import { deepEqual } from "node:assert";
const seed = 3, text = "abc";
let changed = 1;
const config = { seed: 5, inner: { text: "in" }, list: [{ seed: 6 }] };
function double(n: number) { return 2 * n; }
class Box { constructor(public seed: number) {} }
enum Color { Red, Green }
const later = async <T>(value: T) => value;
async function* stream() { yield 1; yield 2; }`;

/** What a cell prints that runs two cells after DECLARED. */
const cases: Record<string, [code: string, printed: string]> = {
  "at top level": ["console.log({ seed });", "{ seed: 3 }"],
  "as the last expression": ["({ seed, text })", "{ seed: 3, text: 'abc' }"],
  "an import, a function, a class, an enum": [
    `const all = { deepEqual, double, Box, Color };
console.log(typeof all.deepEqual, all.double(2), new all.Box(1).seed, all.Color.Green);`,
    "function 4 1 1",
  ],
  "in a function and an arrow": [
    `function f() { return { seed, n: (() => ({ text }))() }; }
const g = () => ({ seed });
console.log(f(), g());`,
    "{ seed: 3, n: { text: 'abc' } } { seed: 3 }",
  ],
  "in a class: method, field, static field, getter, constructor": [
    `class K {
  static s = { seed };
  f = { text };
  constructor(readonly given = { seed }) {}
  m() { return { seed }; }
  get g() { return { text }; }
}
const k = new K();
console.log(JSON.stringify([K.s, k.f, k.given, k.m(), k.g]));`,
    '[{"seed":3},{"text":"abc"},{"seed":3},{"seed":3},{"text":"abc"}]',
  ],
  "in nested objects, arrays, spreads and calls": [
    "console.log(JSON.stringify([{ a: { b: [{ seed }] } }, { ...{ seed }, text }, Object.keys({ seed })]));",
    '[{"a":{"b":[{"seed":3}]}},{"seed":3,"text":"abc"},["seed"]]',
  ],
  "in defaults of parameters and of patterns": [
    `function h({ a = { seed }, b: { c } = { c: { text } } } = {} as { a?: object; b?: { c: object } }) { return [a, c]; }
const [x = { seed }] = [] as { seed: number }[];
console.log(JSON.stringify([h(), x]));`,
    '[[{"seed":3},{"text":"abc"}],{"seed":3}]',
  ],
  "in template strings and tagged templates": [
    `const tag = (_: TemplateStringsArray, o: object) => JSON.stringify(o);
console.log(\`\${JSON.stringify({ seed })} \${tag\`x\${{ text }}\`}\`);`,
    '{"seed":3} {"text":"abc"}',
  ],
  "in a condition, a loop, a switch, a try": [
    "for (const i of [1]) if (i) { switch (i) { case 1: try { throw { seed }; } catch (e) { console.log(e, { i, seed }); } } }",
    "{ seed: 3 } { i: 1, seed: 3 }",
  ],
  "in generators and asynchronous functions": [
    `function* make() { yield { seed }; }
const get = async () => ({ text });
console.log([...make()], await get());`,
    "[ { seed: 3 } ] { text: 'abc' }",
  ],
  "in a cell that awaits": ["console.log(await later({ seed }));", "{ seed: 3 }"],
  "in TypeScript's own forms": [
    "console.log({ seed } as const, { seed } satisfies object, <object>{ text });",
    "{ seed: 3 } { seed: 3 } { text: 'abc' }",
  ],
  "where a cell's own variable shadows it": [
    `{ const seed = 8; console.log({ seed }); }
const own = (seed: number) => ({ seed });
console.log(own(9), { seed });`,
    "{ seed: 8 }\n{ seed: 9 } { seed: 3 }",
  ],
  "assigned by a pattern": ["({ changed } = { changed: 9 });\nconsole.log(changed);", "9"],
  "assigned by a pattern with a default": [
    "({ changed = 4 } = {} as { changed?: number });\nconsole.log(changed);",
    "4",
  ],
  "assigned in a loop over patterns": [
    "for ({ changed } of [{ changed: 11 }]) console.log(changed);",
    "11",
  ],
  "as a property's name in a declaration": [
    "const { seed: mine, inner: { text: inside } } = config;\nconsole.log(mine, inside);",
    "5 in",
  ],
  "as a property's name in a block, a loop and a parameter": [
    `{ const { seed: a, inner: { text: b } } = config; console.log(a, b); }
for (const { seed: c } of config.list) console.log(c);
const sum = ({ seed: d, inner: { text: e } }: typeof config) => d + e;
console.log(sum(config));`,
    "5 in\n6\n5in",
  ],
  "as a property's name in a pattern that assigns": [
    `let target = 0;
({ seed: target, inner: { text: config.inner.text } } = config);
console.log(target);`,
    "5",
  ],
  "as a name of something else": [
    `seed: for (;;) break seed;
enum E { seed = 2 }
class C { seed = 1; text() { return this.seed; } }
console.log(config.seed, E.seed, new C().text(), { seed: 1 }.seed, config?.inner?.text);`,
    "5 2 1 1 in",
  ],
  "`for await` alone": [
    "for await (const n of stream()) console.log({ n, seed });",
    "{ n: 1, seed: 3 }\n{ n: 2, seed: 3 }",
  ],
  "`for await` in a block": [
    "if (seed) {\n  for await (const n of stream()) console.log(n);\n}",
    "1\n2",
  ],
  "`await` before a bracket": [
    "await (later(1));\nconsole.log(await [later(2)][0], await\nlater(3));",
    "2 3",
  ],
  "`await` in brackets only": [
    "console.log((await later(config)).seed, [await later(1)], -(await later(2)));",
    "5 [ 1 ] -2",
  ],
  "`await` in brackets only, declared": [
    "const answer = (await later({ seed })).seed;\nanswer",
    "3",
  ],
};

describe.skipIf(!hasJupyter)("variables of earlier cells", () => {
  afterAll(remove);

  it("are known at every place where their name can stand", { timeout: 150_000 }, () => {
    const names = Object.keys(cases);
    const declaredLater = [
      "const maker = () => ({ seed, text });",
      "const seed = 30;",
      "console.log(maker(), { seed });",
      "const text = 'own';\nconsole.log({ text, seed });",
      "console.log(maker(), { text });",
    ];
    const { cells } = driveCells(folder, [
      DECLARED,
      "const between = 1;",
      ...names.map((name) => cases[name][0]),
      ...declaredLater,
    ]);
    expect(cells[0].reply, text(cells[0])).toBe("ok");
    for (const [i, name] of names.entries()) {
      const cell = cells[2 + i];
      expect(`${cell.stdout.trim()}${text(cell)}`, name).toBe(cases[name][1]);
    }
    // Redeclared: the closure of an earlier cell sees what is there when it is called, as with any
    // other name.
    const [, , both, own, last] = cells.slice(2 + names.length).map((cell) => cell.stdout.trim());
    expect(both).toBe("{ seed: 30, text: 'abc' } { seed: 30 }");
    expect(own).toBe("{ text: 'own', seed: 30 }");
    expect(last).toBe("{ seed: 30, text: 'own' } { text: 'own' }");
  });
});
