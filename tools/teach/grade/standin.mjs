// What stands in the place of a learner's file when the tests run on it: a module that exports the
// lesson's functions, each of which asks the answer in the sandbox. The answer itself is never
// loaded outside.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { boxed } from "./box.mjs";

const bridge = join(dirname(fileURLToPath(import.meta.url)), "inside", "bridge.cjs");

/**
 * Writes a stand-in and everything that it needs.
 * @param folder an empty one, nobody else's
 * @param answer { id, text, code, map }: the learner's text, and JavaScript made from it
 * @param names the lesson's exercises
 * @param modules which of `llm/…` the answer may import
 * @param given exercise → the functions that it gets from the reference instead of the learner's
 * @param bwrap another name for bubblewrap, for tests
 * @param box another sandbox: what `boxed` of ./box.mjs does, as ./asUser.mjs has it
 * @returns { file, fault }: the stand-in, and the file that holds what the machine failed at
 */
export function writeStandIn({
  folder,
  answer,
  names,
  modules,
  tensors,
  megabytes,
  seconds,
  given = {},
  reference,
  bwrap,
  box = boxed,
}) {
  const { id, text, code, map } = answer;
  const inBox = join(folder, "in");
  const file = join(folder, "exercises", `${id}.ts`);
  const settingsFile = join(folder, "bridge.json");
  const fault = join(folder, "fault.txt");
  for (const path of [inBox, dirname(file)]) mkdirSync(path, { recursive: true });
  writeFileSync(join(inBox, "answers.cjs"), code);
  writeFileSync(join(inBox, "settings.json"), JSON.stringify({ tensors, prefer: "wasm" }));
  const settings = {
    ...box({ answers: inBox, modules, megabytes, command: bwrap }),
    ...{ folder, megabytes, seconds, fault, map },
    lines: text.split(/\r?\n/),
    name: `${id}.ts`,
  };
  writeFileSync(settingsFile, JSON.stringify(settings));
  writeFileSync(file, moduleText({ settingsFile, names, given, reference }));
  return { file, fault };
}

/** An exercise with helpers of the reference has a module of its own; all others share one. */
function moduleText({ settingsFile, names, given, reference }) {
  const helped = Object.keys(given);
  const lines = [
    'import { createRequire } from "node:module";',
    'import { engineIfAny, Told } from "llm/course/kit/assert";',
    'import { noteRefusal } from "llm/course/kit/engines";',
    ...(helped.length > 0 ? [`import * as reference from ${JSON.stringify(reference)};`] : []),
    `const { open } = createRequire(import.meta.url)(${JSON.stringify(bridge)});`,
    "const kit = { tf: engineIfAny(), noteRefusal, Told };",
    `const bridge = open(${JSON.stringify(settingsFile)}, kit);`,
    ...(names.some((name) => !helped.includes(name)) ? ["const shared = bridge.module();"] : []),
    ...names.map((name) => {
      const list = (given[name] ?? []).map((helper) => `${helper}: reference.${helper}`).join(", ");
      const module = list ? `bridge.module({ ${list} })` : "shared";
      return `export const ${name} = bridge.answer(${module}, "${name}");`;
    }),
  ];
  return `${lines.join("\n")}\n`;
}
