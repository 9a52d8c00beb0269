// Training of the one-layer model, by the trainer of the whole course: 32 new sentences in each
// step, half of each kind on average, the next word at every place, cross-entropy, Adam.

import { inTurn } from "../data";
import { tf } from "../engine";
import { softmaxCrossEntropy } from "../ops";
import { Random } from "../random";
import { type Task, Trainer } from "../train";
import { type LookBack, type LookBackParts, lookBack } from "./model";
import { encodeWords, longest, writeSentence } from "./sentences";

const BATCH = 32;
type Batch = { ids: tf.Tensor2D; targets: tf.Tensor1D };

/** New sentences, and the word that follows each of their words. */
function drawSentences(rng: Random): Batch {
  const rows = Array.from({ length: BATCH }, () =>
    encodeWords(writeSentence(rng, rng.uniform() < 0.5 ? "told" : "asked").words),
  );
  const read = rows.map((row) => row.slice(0, longest));
  const follow = rows.flatMap((row) => row.slice(1));
  return {
    ids: tf.tensor2d(read, [BATCH, longest], "int32"),
    targets: tf.tensor1d(follow, "int32"),
  };
}

export interface TrainLookBackOptions extends LookBackParts {
  /** Which sentences the model reads, and in which order. */
  seed: number;
  steps: number;
  /** After each step, with the loss of its sentences in nats per word. */
  onStep?: (step: number, loss: number) => void;
}

/** Trains the model in place. */
export async function trainLookBack(
  model: LookBack,
  { seed, steps, onStep, ...parts }: TrainLookBackOptions,
): Promise<void> {
  const lossOf = ({ ids, targets }: Batch) => {
    const { logits } = lookBack(model, ids, parts);
    return softmaxCrossEntropy(tf.reshape(logits, [targets.size, -1]), targets);
  };
  const task: Task<Batch> = {
    params: model,
    primary: { name: "val", better: "lower", unit: "nats per word", isLoss: true },
    batch: inTurn(() => new Random(seed).fork("sentences"), drawSentences),
    loss: (_, batch) => lossOf(batch),
    evaluate: async () => ({
      val: tf.tidy(() => lossOf(drawSentences(new Random(7))).dataSync()[0]),
    }),
    describe: () => ({ kind: "sentences", model: { channels: model.words.shape[1] } }),
    dispose: () => {}, // the caller goes on with the model
  };
  const trainer = new Trainer({ task, settings: { steps, seed, maxLr: 0.01, clip: 0 } });
  await trainer.run({ onStep: ({ step, loss }) => onStep?.(step, loss) });
  trainer.dispose();
}
