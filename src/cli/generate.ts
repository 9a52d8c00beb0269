// `npm run generate`: continues a prompt with a model that `npm run train` made, token by token as
// they come.

import { resolve } from "node:path";
import { latestRun } from "../checkpoint";
import { printable } from "../display";
import { useEngine } from "../engine";
import { generate } from "../inference";
import { lineBreak, loadGPT } from "../pretrain";
import { Random } from "../random";
import { streamingDecoder } from "../tokenizer";
import { allowClosedPipe, decodingOf, fail, stopPolitely } from "./command";
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
  const decoder = streamingDecoder(tokenizer); // a token may be half a character
  process.stdout.write(printable(ids.map((id) => decoder.push(id)).join("")).trimStart());
  await generate(params, config, ids, {
    maxNewTokens: values.tokens,
    ...decodingOf(values),
    rng: new Random(values.seed),
    onToken: (id) => process.stdout.write(printable(decoder.push(id))),
  });
  process.stdout.write(`${decoder.end()}\n`);
}

main().catch((error: Error) => fail(`\ngenerate: ${error.message}`));
