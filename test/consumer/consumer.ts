// A notebook's way of using `llm`, compiled by the compiler inside tslab against dist/. Nothing here runs.
import { attentionByLoops, causalMask, scaledDotProductAttention } from "llm/attention";
import { check, learner } from "llm/course";
import { mobyDick, TextBatches } from "llm/data";
import { curves, heatmap, markdown, plot, progress, table } from "llm/display";
import { bySize, type Engine, tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, gptLoss, initGPT, type Params } from "llm/gpt";
import { NGram, ngramBaselines } from "llm/ngram";
import { causalSelfAttention, clear, layerNorm } from "llm/ops";
import { Random, randomNormal } from "llm/random";
import { lstmCell } from "llm/rnn";
import { sample } from "llm/sample";
import { CharTokenizer } from "llm/tokenizer/char";
import { presets, Trainer, warmupCosine } from "llm/train";
import { transformerBlock } from "llm/transformer";

export async function everything(): Promise<number> {
  const engine: Engine = await useEngine({ quiet: true });
  const rng = new Random(1);
  const tokenizer: CharTokenizer = CharTokenizer.train(mobyDick());
  const config: GPTConfig = {
    vocabSize: tokenizer.vocabSize,
    blockSize: 8,
    nLayer: 1,
    nHead: 1,
    nEmbd: 8,
    dropout: 0,
    bias: true,
  };
  const params: Params = initGPT(config, { seed: 1 });
  const ids: tf.Tensor2D = tf.tensor2d([[1, 2]], [1, 2], "int32");
  const logits: tf.Tensor3D = gptLogits(params, config, ids);
  const loss: tf.Scalar = gptLoss(params, config, ids, ids);
  const mine = await learner("06-attention");
  const mask: tf.Tensor = mine.causalMask(4);
  const { weights } = scaledDotProductAttention(logits, logits, logits);
  const handle = plot(
    curves({
      caption: engine.name,
      x: { title: "x" },
      y: { title: "y" },
      series: [{ name: "a", x: [0], y: [1] }],
    }),
  );
  handle.update(heatmap({ caption: "weights", z: [[1]], x: { title: "key" }, y: { title: "query" } }));
  markdown("**text**");
  table([{ a: 1 }]);
  progress(3, { label: "steps" }).done();
  await check("06-attention");
  const trainer = new Trainer({
    text: "abc",
    settings: { ...presets.smoke, steps: bySize({ smoke: 1, laptop: 2, gpu: 3 }) },
  });
  await trainer.run({ onStep: (record) => record.loss.toFixed(2) });
  const chained: tf.Tensor = loss.add(mask.sum()).mul(randomNormal([1], { rng }));
  const ops = [
    causalSelfAttention,
    clear,
    layerNorm,
    lstmCell,
    transformerBlock,
    attentionByLoops,
    causalMask,
    NGram,
    ngramBaselines,
    TextBatches,
    warmupCosine,
  ];
  const text = await sample(params, config, [1], { maxNewTokens: 1, rng });
  return ops.length + text.length + chained.size + weights.size;
}
