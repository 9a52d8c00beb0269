// The mutants of a lesson as answers in the sandbox: each is rejected, and told what it is told
// without one. It takes minutes of processor time, so it runs where it is asked for:
//
//   LLM_TEACH_MUTANTS=06-attention,03-recurrent-networks npx vitest run test/tools/teach/mutants.test.ts
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, scratch, tool } from "./tools";

const wanted = process.env.LLM_TEACH_MUTANTS?.split(",") ?? [];
const { sandboxTrouble } = await tool("grade/box");
const { factsOf } = await tool("grade/facts");
const { writeStandIn } = await tool("grade/standin");
const llm = createRequire(join(root, "package.json"));

interface Mutant {
  name: string;
  told?: RegExp;
}

/** Solutions and mutants as one module that exports every mutant under a name of its own. */
function codeOf(
  id: string,
  mutants: Record<string, Mutant[]>,
): { code: string; modules: string[] } {
  const ts = llm("llm/course/source").typescript();
  const compile = (path: string) =>
    ts.transpileModule(readFileSync(join(root, path), "utf8"), {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
    }).outputText as string;
  const [solutions, wrong] = [compile(`solutions/${id}.ts`), compile(`test/mutants/${id}.ts`)];
  const wrap = (code: string) =>
    `((exports) => { ((exports, require) => {${code}\n})(exports, given); return exports; })({})`;
  const exported = Object.entries(mutants).flatMap(([exercise, list]) =>
    list.map((_, i) => `exports.${exercise}$${i} = wrong.mutants.${exercise}[${i}].answer;`),
  );
  const modules = [...`${solutions}${wrong}`.matchAll(/require\("(llm\/[^"]*)"\)/g)].map(
    (m) => m[1],
  );
  return {
    modules: [...new Set(modules)],
    code:
      "let right; const given = (name) => (name.includes('solutions/') ? right : require(name));\n" +
      `right = ${wrap(solutions)};\nconst wrong = ${wrap(wrong)};\n${exported.join("\n")}\n`,
  };
}

describe.skipIf(wanted.length === 0 || sandboxTrouble())("mutants in the sandbox", () => {
  const folder = scratch();
  const said = new Map<string, { state: string; message?: string }>();
  const load = async (id: string) =>
    (await import(join(root, `test/mutants/${id}.ts`))).mutants as Record<string, Mutant[]>;
  beforeAll(async () => {
    for (const id of wanted) {
      const facts = factsOf(id);
      const mutants = await load(id);
      const place = join(folder, id);
      mkdirSync(place, { recursive: true });
      const answer = {
        id,
        text: "",
        ...codeOf(id, mutants),
        map: '{"version":3,"sources":[],"names":[],"mappings":""}',
      };
      const { file, fault } = writeStandIn({
        ...{ folder: place, answer, names: ["one"], modules: answer.modules },
        ...{ tensors: facts.tensors, megabytes: 2048, seconds: 60, reference: facts.reference },
      });
      const text = readFileSync(file, "utf8");
      const answers = { id, exercises: facts.exercises, own: new Map(), broken: new Map() };
      const entries = Object.entries(mutants).flatMap(([exercise, list]) =>
        list.map((_, i) => ({ exercise, i })),
      );
      const standIns = entries.map(({ exercise, i }) => {
        const own = join(place, `${exercise}-${i}.ts`);
        const line = `export const ${exercise} = bridge.answer(shared, "${exercise}$${i}");`;
        writeFileSync(own, text.replace(/^export const one = .*$/m, line));
        return { answers, file: own, only: [exercise] };
      });
      const results = await llm("llm/course/run").judgeAll(standIns, { seconds: 600 });
      for (const [n, { exercise, i }] of entries.entries())
        said.set(`${id} ${exercise} ${i}`, results[n][0]);
      if (existsSync(fault)) throw new Error(readFileSync(fault, "utf8"));
    }
  }, 7_200_000);
  afterAll(() => {
    const file = process.env.LLM_TEACH_TABLE;
    if (file) writeFileSync(file, JSON.stringify([...said], null, 1));
  });

  for (const id of wanted)
    test(`${id}: each is rejected by the message that explains it`, async () => {
      const odd = Object.entries(await load(id)).flatMap(([exercise, list]) =>
        list.flatMap(({ name, told }, i) => {
          const { state, message = "" } = said.get(`${id} ${exercise} ${i}`)!;
          const known = message.includes(`known mistake: ${name}`);
          return state === "failed" && (told?.test(message) ?? known)
            ? []
            : [`${exercise}, ${name}: ${state}\n${message}`];
        }),
      );
      expect(odd).toEqual([]);
    });
});
