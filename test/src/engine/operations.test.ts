// The operations of tfjs on js, wasm, native and webgpu give the same: values, types, shapes, gradients,
// what is left in memory; or the engine says by name that it does not do it. The arguments are drawn
// from seeds (tools/operations/catalogue); `npm run operations` draws many more.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { currentEngine, type EngineName, tf, useEngine } from "llm/engine";
import { afterAll, describe, expect, test } from "vitest";
import { softwareGpu } from "./softwareGpu";

interface Entry {
  draw(d: unknown): unknown[];
}
interface Case {
  name: string;
}
interface Report {
  value: { error: string; refused: boolean } | { results: unknown[] };
  left: number;
}
interface Difference {
  kind: string;
  text: string;
}

const tool = <T>(path: string): Promise<T> =>
  import(pathToFileURL(join(__dirname, "../../../tools/operations", path)).href);
const { catalogue } = await tool<{ catalogue: Record<string, Entry> }>("catalogue/index.mjs");
const { excluded, excludedRecords } = await tool<{
  excluded: Record<string, string>;
  excludedRecords: Record<string, string>;
}>("catalogue/excluded.mjs");
const { draw, textOf } = await tool<{
  draw(name: string, entry: Entry, seed: number, isMethod: boolean): Case;
  textOf(one: Case): string;
}>("cases.mjs");
const { run } = await tool<{
  run(tfjs: typeof tf, entry: Entry, one: Case, options: { slopes: boolean }): Promise<Report>;
}>("run.mjs");
const { differences, slopeDifferences } = await tool<{
  differences(one: Case, entry: Entry, js: Report, other: Report): Difference[];
  slopeDifferences(one: Case, report: Report): Difference[];
}>("compare.mjs");
const { Guards } = await tool<{ Guards: new (tfjs: typeof tf) => { check(): boolean } }>(
  "guards.mjs",
);

const CASES = 8; // of each operation
const LIMIT = 300_000; // milliseconds, for what hangs: a busy machine has needed 110 seconds
/** On the software GPU, where every operation is compiled first. */
const FEW = 2;
const cases = (count: number) =>
  Object.entries(catalogue).flatMap(([name, entry]) =>
    Array.from({ length: count }, (_, seed) => ({
      entry,
      one: draw(name, entry, seed, name in tf.Tensor.prototype),
    })),
  );

/** The reports of all cases on one engine, and what is wrong whatever other engines do. */
async function reportsOn(
  prefer: EngineName,
  count = CASES,
): Promise<{ reports: Report[]; wrong: string[] }> {
  await useEngine({ prefer, quiet: true });
  const guards = prefer === "wasm" ? new Guards(tf) : undefined;
  const reports: Report[] = [];
  const wrong: string[] = [];
  for (const { entry, one } of cases(count)) {
    const report = await run(tf, entry, one, { slopes: prefer === "js" });
    reports.push(report);
    if (guards?.check()) wrong.push(`${textOf(one)} writes beyond its result`);
    for (const { kind, text } of slopeDifferences(one, report))
      wrong.push(`${textOf(one)}: ${kind}: ${text}`);
  }
  return { reports, wrong };
}

await useEngine({ prefer: "native", quiet: true });
const native = currentEngine().name === "native";
if (!native)
  console.log("operations on native skipped: TensorFlow is not installed (npm run native)");
const engines: EngineName[] = native ? ["wasm", "native"] : ["wasm"];
if (await softwareGpu("operations")) engines.push("webgpu");
const js = await reportsOn("js");
afterAll(() => useEngine({ prefer: "wasm", quiet: true }));

describe("every name is known", () => {
  const functionsOf = (record: object) =>
    Object.entries(record).flatMap(([name, value]) => (typeof value === "function" ? [name] : []));
  const records = (Object.entries(tf) as [string, unknown][]).flatMap(([name, value]) =>
    value !== null && typeof value === "object" && /^[a-z]/.test(name)
      ? [[name, value] as const]
      : [],
  );
  const known = (name: string) => name in catalogue || name in excluded;

  test("functions", () => {
    expect(functionsOf(tf).filter((name) => !known(name))).toEqual([]);
    expect(functionsOf(tf).length).toBeGreaterThan(250);
  });
  test("functions in records", () => {
    const names = records.flatMap(([record, value]) =>
      record in excludedRecords ? [] : functionsOf(value).map((name) => `${record}.${name}`),
    );
    expect(names.filter((name) => !known(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(40);
  });
  test("methods of tensors", () => {
    const methods = Object.getOwnPropertyNames(tf.Tensor.prototype).filter(
      (name) => name !== "constructor",
    );
    expect(methods.filter((name) => !known(name) && !known(`Tensor.${name}`))).toEqual([]);
    expect(methods.length).toBeGreaterThan(140);
  });
  test("nothing is known that tfjs does not have, and nothing twice", () => {
    const exists = (name: string) => {
      const [first, ...rest] = name.split(".");
      if (first === "Tensor" && rest.length > 0) return rest[0] in tf.Tensor.prototype;
      let at: unknown = tf;
      for (const part of [first, ...rest]) at = (at as Record<string, unknown> | undefined)?.[part];
      return at !== undefined;
    };
    const names = [...Object.keys(catalogue), ...Object.keys(excluded)];
    expect(names.filter((name) => !exists(name))).toEqual([]);
    expect(names.filter((name) => name in catalogue && name in excluded)).toEqual([]);
  });
});

test("the gradients of js agree with differences of its values", () => {
  expect(js.wrong).toEqual([]);
});

test.each(engines)(
  "%s does as js",
  async (engine) => {
    const count = engine === "webgpu" ? FEW : CASES;
    const { reports, wrong } = await reportsOn(engine, count);
    cases(count).forEach(({ entry, one }, i) => {
      const right = js.reports[Math.floor(i / count) * CASES + (i % count)];
      for (const { kind, text } of differences(one, entry, right, reports[i]))
        wrong.push(`${textOf(one)}: ${kind}: ${text}`);
    });
    expect(wrong).toEqual([]);
    const refused = reports.filter(({ value }) => "error" in value && value.refused).length;
    expect(refused / reports.length).toBeLessThan(engine === "native" ? 0.001 : 0.06);
  },
  LIMIT,
);
