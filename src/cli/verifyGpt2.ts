// `npm run verify:gpt2`: ten training steps with GPT-2's own weights, and llm.c's ten losses beside
// ours. The weights are the user's; a tiny model with recorded losses takes the same path in the
// tests.

import { useEngine } from "../engine";
import { loadPretrained } from "../pretrained";
import { debugBatch, firstBatch, knownLossesOf, overfit, textOf } from "../tenSteps";
import { loadTokenizer } from "../tokenizer";
import { fail } from "./command";
import { verifyGpt2 as command } from "./commands";
import { commandLine } from "./options.cjs";

async function main(): Promise<void> {
  const { values, words } = commandLine(command);
  const [folder] = words;
  await useEngine({ quiet: true });
  const { params, config, tokenizer: own } = loadPretrained(folder);
  const known = knownLossesOf(folder, config, values.expect);
  const tokenizer = () => own ?? loadTokenizer(config.vocabSize === 50257 ? "gpt2" : folder);
  const batch =
    values.debug === undefined
      ? firstBatch(tokenizer(), textOf(values.data, known), known)
      : debugBatch(values.debug);
  const { losses: expected, learningRate, tolerance, source } = known;
  console.log(`step      loss  expected  difference   (expected: ${source})`);
  let worst = 0;
  await overfit(params, config, batch, {
    ...{ learningRate, steps: expected.length },
    onStep: (step, loss) => {
      const off = Math.abs(loss - expected[step]);
      worst = Math.max(off, worst); // NaN stays
      const row = [loss.toFixed(4), expected[step].toFixed(4), off.toExponential(1)];
      const cells = row.map((cell, i) => cell.padStart([10, 10, 12][i])).join("");
      console.log(`${String(step).padStart(4)}${cells}`);
    },
  });
  const isClose = worst <= tolerance;
  console.log(
    isClose
      ? `✓ all within ${tolerance}: the largest difference is ${worst.toExponential(1)}`
      : `✗ off by up to ${worst.toExponential(1)}, more than ${tolerance}`,
  );
  if (!isClose) process.exitCode = 1;
}

main().catch((error: Error) => fail(`verify:gpt2: ${error.message}`));
