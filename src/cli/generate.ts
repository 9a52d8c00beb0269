// `npm run generate`: continues a prompt with a model that `npm run train` made, character by
// character as they come.

import { resolve } from "node:path";
import { latestRun } from "../checkpoint";
import { printable } from "../display";
import { useEngine } from "../engine";
import { generate } from "../inference";
import { lineBreak, loadGPT } from "../pretrain";
import { Random } from "../random";
import { allowClosedPipe, fail, stopPolitely } from "./command";
import { generate as command } from "./commands";
import { commandLine } from "./options.cjs";

async function main(): Promise<void> {
  const { values } = commandLine(command);
  allowClosedPipe();
  stopPolitely();

  await useEngine({ quiet: true });
  const { params, config, tokenizer } = loadGPT(
    values.run === undefined ? latestRun() : resolve(values.run),
  );
  const ids =
    values.prompt === undefined ? (lineBreak(tokenizer) ?? [0]) : tokenizer.encode(values.prompt);
  process.stdout.write(printable(tokenizer.decode(ids)).trimStart());
  await generate(params, config, ids, {
    maxNewTokens: values.tokens,
    temperature: values.temperature,
    topK: values["top-k"],
    rng: new Random(values.seed),
    onToken: (id) => process.stdout.write(printable(tokenizer.decode([id]))),
  });
  process.stdout.write("\n");
}

main().catch((error: Error) => fail(`\ngenerate: ${error.message}`));
