// `npm run operations --engines compiled`: what an operation promised and `compile` refused must not
// end the process later, and a refusal is asked to leave nothing, whatever js leaves.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { tf, useEngine } from "llm/engine";
import { expect, test } from "vitest";

const tool = (path: string) =>
  import(pathToFileURL(resolve(__dirname, "../../../tools/operations", path)).href);
interface Report {
  value: { error: string; refused: boolean } | { results: unknown[] };
  left: number;
}
const { run } = (await tool("run.mjs")) as {
  run(tfjs: typeof tf, entry: object, one: object, options: object): Promise<Report>;
};
const { differences } = (await tool("compare.mjs")) as {
  differences(one: object, entry: object, js: Report, other: Report): { kind: string }[];
};
await useEngine({ prefer: "js", quiet: true });

test("a promise that is refused and fails later is caught", async () => {
  const uncaught: unknown[] = [];
  const note = (reason: unknown) => uncaught.push(reason);
  process.on("unhandledRejection", note);
  const later = async () => {
    await Promise.resolve();
    throw new Error("it reads a tensor that is gone");
  };
  const compile = (fn: (xs: unknown[]) => unknown) =>
    Object.assign(
      () => {
        fn([]);
        throw Object.assign(new Error("asynchronous"), { name: "CompileError" });
      },
      { dispose: () => {} },
    );
  const entry = { run: later, gradients: false };
  const report = await run(tf, entry, { name: "later", args: [], method: false }, { compile });
  await new Promise((done) => setTimeout(done, 5));
  process.off("unhandledRejection", note);
  expect(report.value).toEqual({ error: "asynchronous", refused: true });
  expect(uncaught).toEqual([]);
});

test.each([
  ["as much as js", 2, 2, false, []],
  ["other than js", 2, 0, false, ["memory"]],
  ["refused, and nothing is left", 2, 0, true, []],
  ["refused, and something is left", 0, 1, true, ["memory"]],
])("memory: %s", (_, left, other, refused, kinds) => {
  const js = { value: { results: [] }, left };
  const value = refused ? { error: "no", refused } : { results: [] };
  const found = differences({ args: [] }, {}, js, { value, left: other });
  expect(found.map(({ kind }) => kind)).toEqual(kinds);
});
