// `npm run finetune`: teaches a pretrained model labels from a table, and writes a classifier that one
// line of TypeScript uses. The work is done in llm/finetune and llm/train.

import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { loadBaseModel } from "../baseModel";
import { newRunFolder, shownPath } from "../checkpoint";
import { printable } from "../display";
import { useEngine } from "../engine";
import {
  type BaseModel,
  classificationTask,
  type LabelTask,
  type LabelTaskOptions,
  readLabelled,
  readTagged,
  saveClassifier,
  type Trained,
  taggingTask,
} from "../finetune";
import { disposeParams } from "../params";
import { loadGPT } from "../pretrain";
import { Random } from "../random";
import { Trainer, watch } from "../train";
import { allowClosedPipe, fail, shellWord, stopPolitely } from "./command";
import { finetune as command } from "./commands";
import { commandLine, type Values } from "./options.cjs";

type Options = Values<typeof command>;

function read(file: string): string {
  if (!existsSync(file)) throw new Error(`${file}: no such file`);
  return readFileSync(file, "utf8");
}

/** A fifth of the examples are held out, unless a file has them. */
function split<E>(examples: E[], heldOut: E[] | undefined, seed: number) {
  if (heldOut !== undefined) return { examples, heldOut };
  const all = new Random(seed).fork("split").shuffle([...examples]);
  const count = Math.max(1, Math.round(all.length / 5));
  return { examples: all.slice(count), heldOut: all.slice(0, count) };
}

function makeTask(base: BaseModel, options: Options): LabelTask {
  const { task, data, test, seed, batch, length, pool } = options;
  const trained = /^\d+$/.test(options.train) ? Number(options.train) : options.train;
  const shared: Omit<LabelTaskOptions<never>, "examples" | "heldOut" | "change"> = {
    ...{ base, seed, batchSize: batch, length, pool, trained: trained as Trained },
  };
  const readBoth = <E>(parse: (table: string, file: string) => E[]) =>
    split(parse(read(data), data), test === undefined ? undefined : parse(read(test), test), seed);
  return task === "classify"
    ? classificationTask({ ...shared, ...readBoth(readLabelled) })
    : taggingTask({ ...shared, ...readBoth(readTagged) });
}

async function main(): Promise<void> {
  const { values } = commandLine(command);
  allowClosedPipe();
  stopPolitely();
  if (values.train !== "all" && values.train !== "none" && !/^\d+$/.test(values.train))
    fail(`finetune: --train: expected all, none or a number of blocks, got ${values.train}`, 2);
  await useEngine({ quiet: true });
  const base = values.base === undefined ? loadBaseModel() : loadGPT(values.base);
  const dir = values.out === undefined ? newRunFolder("finetune") : resolve(values.out);
  const task = makeTask(base, values);
  const { config } = task.model;
  const { steps, lr, seed } = values;
  const trainer = new Trainer({
    ...{ task, dir },
    settings: {
      ...{ steps, seed, maxLr: lr, minLr: lr / 10, warmupSteps: Math.ceil(steps / 20) },
      weightDecay: 0.01,
    },
  });
  console.log(
    `labels: ${printable(config.labels.join(", "))}; ${trainer.parameters.toLocaleString("en")} ` +
      `of ${Object.values(task.model.params)
        .reduce((sum, { size }) => sum + size, 0)
        .toLocaleString("en")} parameters are trained`,
  );
  const show = watch(trainer);
  const result = await trainer.run(show).finally(show.done);
  const model = join(dir, "model");
  await saveClassifier(model, task.model, {
    step: result.step,
    settings: { ...trainer.settings, ...result.metrics },
  });
  const { loss: _, ...metrics } = result.metrics;
  const scores = Object.entries(metrics).map(([name, value]) => `${name} ${value.toFixed(3)}`);
  console.log(`${result.stopped}: held out ${scores.join(", ")}; ${shownPath(model)}`);
  const use =
    config.task === "classify" ? 'classify(model, "…").label' : 'tagWords(model, [["…", "…"]])';
  console.log(
    `in TypeScript: const model = loadClassifier(${shellWord(shownPath(model))}); ${use}`,
  );
  trainer.dispose();
  disposeParams(base.params);
}

main().catch((error: Error) => fail(`finetune: ${error.message}`));
