// `npm run generate`: continues a prompt with a model that `npm run train` made, character by
// character as they come.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { latestRun } from "../checkpoint";
import { printable } from "../display";
import { useEngine } from "../engine";
import { generate } from "../inference";
import { lineBreak, loadGPT } from "../pretrain";
import { Random } from "../random";
import { allowClosedPipe, expectFilled, fail, stopPolitely } from "./command";

const help = `Continues a text with a trained model.

  npm run generate -- --run DIR --prompt "Call me"

  --run DIR          a run's folder; default: the newest
  --prompt TEXT      what the text begins with; default: a line break, where the model knows one
  --tokens N         how many tokens to write: characters, unless the run has another tokenizer (300)
  --temperature X    below 1 bolder, above 1 wilder, 0: always the likeliest (0.8)
  --top-k N          choose among the N likeliest characters only
  --seed N           the same seed writes the same text (1)
  --help`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      run: { type: "string" },
      prompt: { type: "string" },
      tokens: { type: "string", default: "300" },
      temperature: { type: "string", default: "0.8" },
      "top-k": { type: "string" },
      seed: { type: "string", default: "1" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(help);
  const number = (name: string, value: string): number => {
    if (value.trim() === "" || !Number.isFinite(Number(value)))
      throw new Error(`--${name}: expected a number, got ${value}`);
    return Number(value);
  };
  if (values.prompt === "") throw new Error("--prompt: expected at least one character");
  expectFilled(values, ["run"]);
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
    maxNewTokens: number("tokens", values.tokens),
    temperature: number("temperature", values.temperature),
    topK: values["top-k"] === undefined ? undefined : number("top-k", values["top-k"]),
    rng: new Random(number("seed", values.seed)),
    onToken: (id) => process.stdout.write(printable(tokenizer.decode([id]))),
  });
  process.stdout.write("\n");
}

main().catch((error: Error) => fail(`\ngenerate: ${error.message}`));
