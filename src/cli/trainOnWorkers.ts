// `npm run train -- --workers N`: the run of `npm run train`, its steps shared by N processes
// (llm/parallel). What is shown, saved and resumed is the same.

import { hasCheckpoint } from "../checkpoint";
import { trainParallel } from "../parallel";
import type { GPTTask, PretrainSettings } from "../pretrain";
import type { RunOptions, Trainer, TrainResult } from "../train";

/**
 * The settings for N processes: every batch cut into N, which together make the step that one process
 * would take.
 * @throws when the batches cannot be divided
 */
export function sharedSettings(settings: PretrainSettings, workers: number): PretrainSettings {
  const { batchSize, accumulate } = settings;
  if (batchSize % workers !== 0)
    throw new Error(
      `--workers ${workers}: batches of ${batchSize} cannot be divided among ${workers} processes`,
    );
  return { ...settings, batchSize: batchSize / workers, accumulate: accumulate * workers };
}

/**
 * Trains what `trainer` would train, on N processes, and frees it: from then on it only tells what
 * is trained.
 * @param text of a new run; a run that is resumed reads its own
 */
export async function trainOnWorkers(
  trainer: Trainer<GPTTask>,
  { workers, text, show }: { workers: number; text: string | undefined; show: RunOptions },
): Promise<TrainResult> {
  const { settings, task, dir = "" } = trainer;
  const { name, files } = task.data;
  const tokenizer = task.tokenizer.toJSON();
  const { onStep, onEval } = show;
  const common = { workers, settings, dir, onStep, onEval };
  trainer.dispose(); // the folder is rank 0's now
  if (text === undefined || hasCheckpoint(dir))
    return await trainParallel({
      ...{ ...common, args: { dir }, resume: true },
      task: ({ llm }, { dir }) => llm("pretrain").taskOfRun(llm("checkpoint").loadCheckpoint(dir)),
    });
  return await trainParallel({
    ...{ ...common, args: { text, settings, tokenizer, data: { name, files } } },
    task: ({ llm }, { tokenizer, ...args }) =>
      llm("pretrain").gptTask({
        ...args,
        tokenizer: llm("tokenizer").tokenizerFromJSON(tokenizer),
      }),
  });
}
