// A notebook's way of using `llm`, compiled by the compiler inside tslab against dist/. Nothing
// here runs.
import { attentionByLoops, causalMask, scaledDotProductAttention } from "llm/attention";
import { collect, MinHasher, normalise, type OnDrop, TokenShards } from "llm/corpus";
import { bySize, check, learner } from "llm/course";
import { mobyDick, TextBatches } from "llm/data";
import { curves, heatmap, markdown, plot, progress, table } from "llm/display";
import { type Engine, tf, useEngine } from "llm/engine";
import { type GPTConfig, gptLogits, gptLoss, initGPT } from "llm/gpt";
import { generate } from "llm/inference";
import { NGram, ngramBaselines } from "llm/ngram";
import { causalSelfAttention, clear, layerNorm } from "llm/ops";
import { adamw, grouped, warmupCosine } from "llm/optim";
import type { Params } from "llm/params";
import { type GPTTask, presets, pretrain } from "llm/pretrain";
import { Random, randomNormal } from "llm/random";
import { lstmCell } from "llm/rnn";
import {
  BpeTokenizer,
  CharTokenizer,
  openAITokenizer,
  splitPieces,
  type Tokenizer,
} from "llm/tokenizer";
import { type Task, Trainer } from "llm/train";
import { transformerBlock } from "llm/transformer";

/** A corpus as a notebook reads it. */
export async function corpus(): Promise<number> {
  const onDrop: OnDrop = (document, rule, why) => console.log(document.source, rule, why);
  onDrop({ source: "a", record: 0, first: 0, text: "a" }, "rule", "why");
  for await (const { text } of collect(["a.txt"])) console.log(normalise(text));
  const signature: Uint32Array = new MinHasher(8).signature([1, 2]);
  const ids: Int32Array = new TokenShards("corpus").read(0, signature.length);
  return ids.length;
}

export async function everything(): Promise<number> {
  const engine: Engine = await useEngine({ quiet: true });
  const rng = new Random(1);
  const tokenizer: CharTokenizer = CharTokenizer.train(mobyDick());
  const merges: BpeTokenizer = BpeTokenizer.train(mobyDick(), { vocabSize: 300 });
  const lengths: number[] = [merges, openAITokenizer("gpt2")].map((t) => t.encode("a").length);
  const pieces: string[] = splitPieces("a b", "o200k").slice(lengths[0]);
  markdown(pieces.join(" "));
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
  handle.update(
    heatmap({ caption: "weights", z: [[1]], x: { title: "key" }, y: { title: "query" } }),
  );
  markdown("**text**");
  table([{ a: 1 }]);
  progress(3, { label: "steps" }).done();
  await check("06-attention");
  const trainer: Trainer<GPTTask> = pretrain({
    text: "abc",
    tokenizer: tokenizer as Tokenizer,
    optimizer: grouped([{ name: "all", has: () => true, optimizer: adamw() }]),
    settings: { ...presets.smoke, steps: bySize({ smoke: 1, laptop: 2, gpu: 3 }) },
  });
  await trainer.run({ onStep: (record) => record.loss.toFixed(2) });
  plot(trainer.curve());
  const weight = tf.variable(tf.scalar(1));
  const own: Task<{ x: tf.Tensor }> = {
    params: { weight },
    primary: { name: "error", better: "lower" },
    batch: (index) => ({ x: tf.scalar(index) }),
    loss: (p, { x }) => p.weight.sub(x).square() as tf.Scalar,
    evaluate: async () => ({ error: weight.dataSync()[0] }),
    describe: () => ({ kind: "line", model: {} }),
    dispose: () => weight.dispose(),
  };
  await new Trainer({ task: own, settings: { steps: 3, maxLr: 0.1 } }).run();
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
  const text = await generate(params, config, [1], { maxNewTokens: 1, rng });
  return ops.length + text.length + chained.size + weights.size;
}
