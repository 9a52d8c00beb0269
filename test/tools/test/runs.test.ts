// How `npm test` shares its parts between two lanes, and which lesson it can prove alone.
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";

const checkout = resolve(__dirname, "../../..");
const { sideBySide } = (await import(pathToFileURL(`${checkout}/tools/test/runs.mjs`).href)) as {
  sideBySide(jobs: (() => Promise<void>)[]): Promise<void>;
};

test("two jobs at a time, from the front and from the back, until they meet", async () => {
  const said: string[] = [];
  const ends = new Map<string, () => void>();
  const job = (name: string) => async () => {
    said.push(`${name} begins`);
    await new Promise<void>((end) => ends.set(name, end));
    said.push(`${name} ends`);
  };
  const turn = () => new Promise((done) => setTimeout(done, 5));
  const all = sideBySide(["a", "b", "c", "d"].map(job));
  for (const name of ["d", "c", "a", "b"]) {
    await turn();
    ends.get(name)?.();
  }
  await all;
  expect(said).toEqual([
    ...["a begins", "d begins", "d ends", "c begins", "c ends", "b begins", "a ends", "b ends"],
  ]);
});

test.each(["42", "31", "attentoin"])("npm test -- lesson %s is refused before any work", (name) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["tools/test/test.mjs", "lesson", name],
    { cwd: checkout, encoding: "utf8" },
  );
  expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  expect(stderr).toMatch(/expected the number, name or id of a lesson that is written, got/);
});
