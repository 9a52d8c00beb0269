// The step `adapt` of the worked example: the shop sells new things, which the small GPT has never
// heard of and cannot copy (lesson 26, agents). It goes on learning for a while, on questions about
// old and new things alike: with the new ones alone it would forget (lesson 17, light fine-tuning).
// Left out: light fine-tuning of the same; other kinds, whose data are the learner's (`npm run
// finetune`).
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { knownItems, loadToolModel, newItems, type PriceTable, teachTools } from "../agents";
import { saveCheckpoint } from "../checkpoint";
import { makeFolder } from "../files";
import type { InstructModel } from "../instruct";
import { disposeParams } from "../params";
import { MODEL, type Project } from "./project";
import { shopPrices } from "./shop";

export interface AdaptOptions {
  steps?: number;
  seed?: number;
  prices?: PriceTable;
  /** New things come so many times as often as old ones. 3 */
  weight?: number;
  /** Whether old things are left out, as a control; false. */
  isAlone?: boolean;
  onEval?(step: number, loss: number): void;
}

/** Teaches the shop's model the new things. The caller disposes its parameters. */
export async function teachNewThings(options: AdaptOptions = {}): Promise<InstructModel> {
  const {
    steps = 120,
    seed = 1,
    prices = shopPrices(),
    weight = 3,
    isAlone = false,
    onEval,
  } = options;
  const again = Array.from({ length: weight }, () => newItems).flat();
  const items = isAlone ? again : [...knownItems, ...again];
  const model = loadToolModel();
  try {
    const teaching = { prices, withTools: true, items, seed, steps, onEval };
    return await teachTools(model, {
      ...teaching,
      length: 232,
      maxLr: 1e-3,
      count: 12 * steps + 100,
    });
  } finally {
    disposeParams(model.params);
  }
}

/** Keeps a model where the other steps look for it. */
export async function keepModel(file: string, model: InstructModel, step: number): Promise<void> {
  const about = { kind: "gpt", model: model.config, tokenizer: model.tokenizer.toJSON() };
  makeFolder(dirname(file));
  const tensors = { params: model.params, optimizer: {}, task: {} };
  await saveCheckpoint(dirname(file), tensors, { ...about, step });
}

/** Teaches the new things and keeps the model in the project. @throws for other kinds */
export async function adaptStep(
  project: Project,
  { steps = 120, onProgress }: { steps?: number; onProgress?(line: string): void } = {},
): Promise<string[]> {
  const { folder, choices } = project;
  if (choices.kind !== "customer-service")
    return [
      `for "${choices.kind}" there is nothing to adapt yet: put in documents and questions of your own;`,
      "npm run finetune (lesson 15, fine-tuning) and lesson 17 (light fine-tuning) adapt models",
    ];
  const file = join(folder, MODEL);
  const before = existsSync(file) ? "the one that was there is replaced" : "none was there";
  const onEval = (step: number, loss: number) =>
    onProgress?.(`step ${step} of ${steps}: ${loss.toFixed(3)} nats per token`);
  const model = await teachNewThings({ steps, onEval });
  await keepModel(file, model, steps);
  disposeParams(model.params);
  return [
    `the shop's model knows the new things: ${file} (${before})`,
    "choose and evaluate again",
  ];
}
