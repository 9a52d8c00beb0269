// Masked tokens (Devlin et al., 2019) as a task of the trainer, as short as a new kind of task can
// be: new-task.test.ts shows that it has compiled steps, resuming, log, report, progress and
// samples.
import { tf } from "llm/engine";
import { embedding, linear, softmaxCrossEntropy } from "llm/ops";
import { disposeParams, layerParams, type Params } from "llm/params";
import { Random, randomNormal } from "llm/random";
import type { Task } from "llm/train";
import { multiHeadAttention } from "llm/transformer";

const [V, T, C, B] = [12, 8, 16, 16]; // vocabulary with the mask, length, channels, batch
const MASK = V - 1;
type Masked = { ids: tf.Tensor2D; targets: tf.Tensor2D };
const tensor = (rows: number[][]) => tf.tensor2d(rows, [rows.length, T], "int32");

/** A row is one token, eight times over; half of them are masked. */
function rows(rng: Random, count: number): Masked {
  const targets = Array.from({ length: count }, () => Array(T).fill(rng.integer(MASK)) as number[]);
  const mask = (id: number) => (rng.uniform() < 0.5 ? MASK : id);
  return { ids: tensor(targets.map((row) => row.map(mask))), targets: tensor(targets) };
}

function logitsOf(params: Params, ids: tf.Tensor2D): tf.Tensor2D {
  const [tokens] = layerParams<tf.Tensor2D>(params, "wte");
  const x = embedding(tokens, ids); // (B, T, C)
  const { output } = multiHeadAttention(x, params, { nHead: 2 }); // no mask: it sees both sides
  return linear(x.add(output), ...layerParams<tf.Tensor2D>(params, "head")).reshape([-1, V]);
}

export function maskedTask(seed: number): Task<Masked> {
  const rng = new Random(seed);
  const shapes = { wte: [V, C], c_attn: [C, 3 * C], c_proj: [C, C], head: [C, V] };
  const params: Params = {};
  for (const [name, shape] of Object.entries(shapes))
    params[`${name}.weight`] = tf.tidy(() =>
      tf.variable(randomNormal(shape, { rng: rng.fork(name), std: 0.3 })),
    );
  const fill = (ids: tf.Tensor2D) => tf.tidy(() => logitsOf(params, ids).argMax(-1).dataSync());
  function accuracy({ ids, targets }: Masked): number {
    const [asked, filled, right] = [ids.dataSync(), fill(ids), targets.dataSync()];
    const masked = [...asked.keys()].filter((i) => asked[i] === MASK);
    return masked.filter((i) => filled[i] === right[i]).length / masked.length;
  }
  return {
    params,
    primary: { name: "accuracy", better: "higher", baselines: { guessing: 1 / MASK } },
    batch: (index) => rows(rng.fork("batch", index), B),
    loss: (p, { ids, targets }) => softmaxCrossEntropy(logitsOf(p, ids), targets.flatten()),
    evaluate: async () => ({ accuracy: tf.tidy(() => accuracy(rows(rng.fork("test"), 64))) }),
    sample: async () => `5 _ 5 → ${tf.tidy(() => fill(tensor([[5, MASK, 5, 5, 5, 5, 5, 5]])))[1]}`,
    describe: () => ({ kind: "masked", model: { V, T, C }, data: { name: "repetitions" } }),
    dispose: () => disposeParams(params),
  };
}
