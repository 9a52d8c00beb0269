// Lesson 17 (light fine-tuning): judges the learner, the solutions and the mutants.

import {
  type Draw,
  expectClose,
  expectFinite,
  expectShape,
  expectTrue,
  lesson,
} from "llm/course/kit";
import { tf } from "llm/engine";
import { Random, randomNormal } from "llm/random";
import type * as answers from "../../solutions/17-light-fine-tuning";
import { mutants } from "../mutants/17-light-fine-tuning";

type Matrix = tf.Tensor2D;
const normal = (shape: number[], seed: number) =>
  randomNormal(shape, { rng: new Random(seed) }) as Matrix;

type Sizes = { N?: number; width?: number; out?: number; r?: number };
/** W (out, in), A (r, in), B (out, r). */
function matrices(d: Draw, { width = 0, out = 0, r = 0 }: Sizes): [Matrix, Matrix, Matrix] {
  const [a, b] = d.sizes(2, 11);
  const [inner, outer, rank] = [width || a, out || b, r || d.pick([3, 5])];
  return [d.normal([outer, inner]), d.normal([rank, inner]), d.normal([outer, rank])];
}
function layer(
  d: Draw,
  sizes: Sizes = {},
  alpha = d.pick([0.5, 7, 16]),
): [Matrix, Matrix, Matrix, Matrix, number] {
  const [W, A, B] = matrices(d, sizes);
  return [d.normal([sizes.N ?? d.pick([3, 6]), A.shape[1]]), W, A, B, alpha];
}
const merging = (
  d: Draw,
  sizes: Sizes = {},
  sign: 1 | -1 = 1,
): [Matrix, Matrix, Matrix, number, 1 | -1] => [...matrices(d, sizes), d.pick([0.5, 7, 16]), sign];

/** Shapes of a few layers, under names as they are in models. */
function shapesOf(d: Draw, names: string[]): Record<string, [number, number]> {
  return Object.fromEntries(
    names.map((name) => [name, [d.integer(3, 9), d.integer(3, 9)] as [number, number]]),
  );
}
const blocks = (layers: number, names: string[]) =>
  Array.from({ length: layers }, (_, i) => names.map((name) => `model.layers.${i}.${name}`)).flat();

function prefixed(
  d: Draw,
  { T = d.pick([5, 6]), P = d.pick([2, 3]), D = d.pick([3, 7]), scale = 1 } = {},
): [Matrix, Matrix, Matrix, Matrix, Matrix] {
  const rows = (n: number) => d.normal([n, D]) as Matrix;
  return [d.normal([T, D], scale), rows(T), rows(T), rows(P), rows(P)];
}

lesson<typeof answers>("17-light-fine-tuning", mutants, (exercise) => {
  exercise(
    "loraLinear",
    async (loraLinear, { reference }) => {
      const [x, W, A, B] = [
        normal([3, 5], 1),
        normal([4, 5], 2),
        normal([3, 5], 3),
        normal([4, 3], 4),
      ];
      const alpha = 6; // α / r = 2, and no size is another's square
      const right = reference.loraLinear(x, W, A, B, alpha);
      const y = loraLinear(x, W, A, B, alpha);
      expectShape(y, [3, 4], "y");
      expectFinite(y, undefined, "y");
      const with_ = (a: number) => reference.loraLinear(x, W, A, B, a);
      const alone = tf.sub(right, tf.matMul(x, W, false, true));
      expectClose(y, right, {
        what: "y",
        mistakes: [
          [
            with_(alpha * 3),
            "The LoRA is multiplied by α / r, and r is the number of rows of A: " +
              "here it was multiplied by α alone.",
          ],
          [with_(3), "α / r is missing: here it is 6 / 3 = 2."],
          [
            with_(alpha / 3),
            "The LoRA was divided by r twice, or by r²: it is multiplied by α / r.",
          ],
          [with_(alpha * 9), "The LoRA was multiplied by r: it is divided by r, α / r."],
          [with_(1.5), "This is r / α, upside down: the LoRA is multiplied by α / r."],
          [
            with_((alpha * 3) / 5),
            "α was divided by the width of the input. The rank r is the number of rows of A.",
          ],
          [
            with_((alpha * 3) / 4),
            "α was divided by the width of the output. The rank r is the number of rows of A.",
          ],
          [with_(12), "The LoRA was multiplied by α / r twice."],
          [with_(alpha * Math.sqrt(3)), "This is α / √r, the scale of rsLoRA. Here it is α / r."],
          [tf.mul(with_(3), 2), "The frozen path is not scaled: α / r belongs to the LoRA alone."],
          [alone, "x Wᵀ is missing: the frozen matrix stays, and the LoRA is added to it."],
          [tf.matMul(x, W, false, true), "The LoRA is missing: this is x Wᵀ alone."],
        ],
        message: "y = x Wᵀ + (α / r) · (x Aᵀ) Bᵀ, where r is the number of rows of A.",
      });
      const { kernels } = await tf.profile(() => loraLinear(x, W, A, B, alpha));
      const isProduct = ({ name, outputShapes }: (typeof kernels)[number]) =>
        /MatMul|Einsum/.test(name) &&
        outputShapes.some((shape) => shape?.reduce((a, b) => a * b, 1) === 4 * 5);
      expectTrue(
        !kernels.some(isProduct),
        "The numbers are right, but a matrix product as large as W was made on the way: B A, which a " +
          "LoRA is there to avoid. Work from left to right, (x Aᵀ) Bᵀ: x Aᵀ is only r wide.",
      );
    },
    {
      cases: {
        "a rank of one": (d) => layer(d, { r: 1 }),
        "a rank of eight": (d) => layer(d, { r: 8 }),
        "one row": (d) => layer(d, { N: 1 }),
        "a layer that gets wider": (d) => layer(d, { width: 3, out: 11 }),
        "a layer that gets narrower": (d) => layer(d, { width: 11, out: 3 }),
        "an α below 1": (d) => layer(d, {}, 0.25),
        "a rank above both widths": (d) => layer(d, { width: 3, out: 5, r: 7 }),
        "a fresh LoRA, whose B is 0": (d) => {
          const [x, W, A, B, alpha] = layer(d);
          return [x, W, A, tf.zerosLike(B), alpha];
        },
      },
    },
  );

  exercise(
    "trainedNumbers",
    (trainedNumbers) => {
      const shapes: Record<string, [number, number]> = {
        "model.layers.0.self_attn.q_proj": [7, 4],
        "model.layers.0.self_attn.k_proj": [2, 4],
        "model.layers.0.mlp.up_proj": [10, 3],
        "model.layers.0.mlp.q_proj_norm.scale": [3, 3],
      };
      expectClose([trainedNumbers(shapes, ["up_proj", "q_proj"], 5)], [120], {
        what: "trainedNumbers of q_proj and up_proj with r = 5",
        mistakes: [
          [
            [290],
            "This counts r · out · in. A and B are narrow: r · in and out · r numbers, a sum.",
          ],
          [
            [58],
            "This is out · in of the adapted matrices: full fine-tuning. A LoRA trains A and B.",
          ],
          [[178], "The frozen matrices were counted, too: a LoRA trains A and B alone."],
          [[24], "r is missing: A has r · in numbers, and B has out · r."],
          [[35], "B is missing: A has r · in numbers, and B has out · r."],
          [[85], "A is missing: A has r · in numbers, and B has out · r."],
          [[70], "This is 2 · r · in: B has out · r numbers, and out is another width."],
          [[170], "This is 2 · r · out: A has r · in numbers, and in is another width."],
          [[55], "Only one target was counted: up_proj and q_proj are both adapted."],
          [[65], "Only one target was counted: up_proj and q_proj are both adapted."],
          [[60], "The others were counted: the matrices whose last part is a target are adapted."],
          [[180], "All matrices were counted: only those whose last part is a target are adapted."],
          [
            [120 + 30],
            "A target is the last part of a name, between dots: q_proj_norm.scale has " +
              "another last part.",
          ],
        ],
        message: "Each adapted matrix (out, in) adds r · in for A and out · r for B.",
      });
      expectClose([trainedNumbers(shapes, ["proj"], 3)], [0], {
        what: 'trainedNumbers with the target "proj"',
        message: 'A target is the whole last part of a name: "proj" means none of these matrices.',
      });
    },
    {
      cases: {
        "one matrix": (d) => [shapesOf(d, ["h.0.c_attn"]), ["c_attn"], 4],
        "two layers and two targets": (d) => [
          shapesOf(d, blocks(2, ["self_attn.q_proj", "self_attn.v_proj", "mlp.up_proj"])),
          ["v_proj", "q_proj"],
          d.pick([1, 3, 8]),
        ],
        "a target inside another name": (d) => [
          shapesOf(d, blocks(2, ["q_proj.inner", "xq_proj", "q_proj_norm", "Q_proj", "q_proj"])),
          ["q_proj"],
          2,
        ],
        "names without a dot": (d) => [shapesOf(d, ["q_proj", "head"]), ["q_proj"], 5],
        "a target that no matrix has": (d) => [shapesOf(d, ["a.q"]), ["v"], 3],
        "no target": (d) => [shapesOf(d, ["a.q"]), [], 3],
        "a target that is named twice": (d) => [shapesOf(d, ["a.q", "a.v"]), ["q", "q"], 3],
      },
    },
  );

  exercise(
    "mergedWeight",
    (mergedWeight, { reference }) => {
      const [W, A, B] = [normal([4, 5], 2), normal([3, 5], 3), normal([4, 3], 4)];
      const alpha = 6; // α / r = 2
      const right = reference.mergedWeight(W, A, B, alpha, 1);
      const merged = mergedWeight(W, A, B, alpha, 1);
      expectShape(merged, [4, 5], "the merged matrix");
      const at = (a: number) => reference.mergedWeight(W, A, B, a, 1);
      expectClose(merged, right, {
        what: "the merged matrix",
        mistakes: [
          [at(3), "α / r is missing: what is merged is (α / r) · B A, here with 6 / 3 = 2."],
          [
            at(alpha * 3),
            "B A was multiplied by α alone: it is multiplied by α / r, and r is the number of rows of A.",
          ],
          [at(alpha * 9), "B A was multiplied by r: it is divided by r, α / r."],
          [at(1.5), "This is r / α, upside down: B A is multiplied by α / r."],
          [
            at((alpha * 3) / 5),
            "α was divided by the width of the input. The rank r is the number of rows of A.",
          ],
          [
            at((alpha * 3) / 4),
            "α was divided by the width of the output. The rank r is the number of rows of A.",
          ],
          [
            at(12),
            "B A was multiplied by α / r twice: scale A, B or their product, and only one of them.",
          ],
          [at(alpha * Math.sqrt(3)), "This is α / √r, the scale of rsLoRA. Here it is α / r."],
          [tf.mul(at(3), 2), "W is not scaled: α / r belongs to B A alone."],
          [tf.sub(right, W), "W itself is missing: this is only what is added to it."],
          [reference.mergedWeight(W, A, B, alpha, -1), "With sign 1 the LoRA is added."],
          [W, "Nothing was added to W."],
        ],
        message: "The merged matrix is W + (α / r) · B A.",
      });
      expectClose(mergedWeight(right, A, B, alpha, -1), W, {
        what: "the LoRA taken out of the merged matrix again",
        mistakes: [
          [
            reference.mergedWeight(right, A, B, alpha, 1),
            "With sign −1 the LoRA is taken " +
              "out: (α / r) · B A is subtracted. Here it was added a second time.",
          ],
          [right, "With sign −1 nothing was taken out: (α / r) · B A is subtracted."],
          [
            reference.mergedWeight(right, A, B, 3, -1),
            "With sign −1, α / r is missing: what is subtracted is (α / r) · B A, as it was added.",
          ],
          [
            reference.mergedWeight(right, A, B, 2 * alpha, -1),
            "With sign −1 the LoRA was subtracted twice: W − (α / r) · B A takes it out once.",
          ],
          [tf.neg(W), "With sign −1 this is (α / r) · B A − W, the wrong way round."],
          [
            tf.neg(reference.mergedWeight(right, A, B, alpha, 1)),
            "The sign belongs to the LoRA alone: with −1, W stays as it is and (α / r) · B A is subtracted.",
          ],
        ],
        message: "With sign −1 the result is W − (α / r) · B A: merging, then taking out, gives W.",
      });
    },
    {
      cases: {
        "a rank of one": (d) => merging(d, { r: 1 }),
        "a tall matrix": (d) => merging(d, { width: 3, out: 11 }),
        "a wide matrix": (d) => merging(d, { width: 11, out: 3 }),
        "a LoRA that is taken out": (d) => merging(d, {}, -1),
        "a rank above both widths": (d) => merging(d, { width: 3, out: 5, r: 7 }),
      },
      gradients: false, // nothing is trained through a merge
    },
  );

  exercise(
    "prefixAttention",
    (prefixAttention, { reference }) => {
      const [q, k, v, pk, pv] = [1, 2, 3, 4, 5].map((seed) => normal([seed < 4 ? 4 : 2, 3], seed));
      const right = reference.prefixAttention(q, k, v, pk, pv);
      const output = prefixAttention(q, k, v, pk, pv);
      expectShape(output, [4, 3], "output");
      expectFinite(output, undefined, "output");
      const none = tf.zeros([0, 3]) as Matrix;
      const keys = tf.concat([pk, k], 0);
      const values = tf.concat([pv, v], 0);
      const scores = tf.div(tf.matMul(q, keys, false, true), Math.sqrt(3));
      const shown = (seen: tf.Tensor, scale = 1) =>
        tf.matMul(
          tf.softmax(tf.add(tf.mul(scores, scale), tf.mul(tf.sub(1, seen), -1e9))) as Matrix,
          values,
        );
      const band = (...shape: [number, number]) =>
        tf.linalg.bandPart(tf.ones(shape), -1, 0) as Matrix;
      const seen = tf.concat([tf.ones([4, 2]) as Matrix, band(4, 4)], 1);
      const before = tf.matMul(
        tf.softmax(tf.div(tf.matMul(q, pk, false, true), Math.sqrt(3))) as Matrix,
        pv,
      );
      const own = reference.prefixAttention(q, k, v, none, none);
      const weighted = (weights: tf.Tensor, over: tf.Tensor = values) =>
        tf.matMul(weights as Matrix, over as Matrix);
      const masked = (raw: tf.Tensor, hidden = -1e9) =>
        tf.softmax(tf.add(raw, tf.mul(tf.sub(1, seen), hidden)));
      const withTriangle = (triangle: tf.Tensor) => tf.concat([tf.ones([4, 2]), triangle], 1);
      const hiddenScore =
        "A hidden score needs a large negative number (−1e9, or −Infinity) before the softmax";
      const keysLast = tf.div(tf.matMul(q, tf.concat([k, pk], 0), false, true), Math.sqrt(3));
      const unscaled = tf.concat(
        [tf.matMul(q, pk, false, true), tf.div(tf.matMul(q, k, false, true), Math.sqrt(3))],
        1,
      );
      expectClose(output, right, {
        what: "output",
        mistakes: [
          [
            shown(withTriangle(tf.linalg.bandPart(tf.ones([4, 4]), 0, -1))),
            "The triangle is upside down: of the tokens, position t sees 0 … t, not t and what follows.",
          ],
          [
            shown(withTriangle(tf.sub(band(4, 4), tf.eye(4)))),
            "Positions do not see themselves: of the tokens, position t sees 0 … t.",
          ],
          [
            shown(withTriangle(tf.linalg.bandPart(tf.ones([4, 4]), -1, 1))),
            "Each position also sees the next token: of the tokens, position t sees 0 … t.",
          ],
          [shown(tf.sub(1, seen)), "The mask is the wrong way round: what is seen was hidden."],
          [
            shown(tf.concat([band(4, 4), tf.ones([4, 2]) as Matrix], 1)),
            "The mask has the columns of the prefix last, and the keys have the prefix first.",
          ],
          [
            weighted(masked(keysLast), tf.concat([v, pv], 0)),
            "The mask has the columns of the prefix first, and the keys have the prefix last.",
          ],
          [
            weighted(masked(scores, -1)),
            `A mask of zeros and ones was added to the scores. ${hiddenScore}.`,
          ],
          [weighted(masked(scores, -10)), `Hidden scores are only 10 lower. ${hiddenScore}.`],
          [
            weighted(tf.softmax(tf.mul(scores, seen))),
            `The scores were multiplied by the mask: a score of 0 is not hidden. ${hiddenScore}.`,
          ],
          [
            weighted(tf.mul(tf.softmax(scores), seen)),
            "The mask was applied after the softmax, so what a position may not see has taken weight " +
              `from what it sees, and the rest does not sum to 1. ${hiddenScore}.`,
          ],
          [weighted(tf.mul(scores, seen)), "The softmax is missing: these are bare scores."],
          [
            weighted(
              tf.transpose(tf.softmax(tf.transpose(tf.sub(scores, tf.mul(tf.sub(1, seen), 1e9))))),
            ),
            "The softmax goes down the columns, over the queries: each row of (T, P + T) sums to 1.",
          ],
          [
            weighted(masked(unscaled)),
            "The scores of the prefix are not divided by √D: its keys are keys like the others.",
          ],
          [
            tf.add(own, tf.sum(pv, 0)),
            "The values of the prefix were only added: they are weighted by the same softmax, by how " +
              "well their keys fit the query.",
          ],
          [shown(seen, 1 / Math.sqrt(3)), "The scores are divided by D: it should be √D."],
          [
            shown(seen, Math.sqrt(3) / 2),
            "The scores are divided by √T: D is the width of a head, the second size of q.",
          ],
          [
            shown(seen, Math.sqrt(3 / 6)),
            "The scores are divided by √(P + T): D is the width of a head, the second size of q.",
          ],
          [
            shown(band(4, 6)),
            "One triangle was laid over prefix and tokens together, so that position " +
              "0 sees only prefix keys, and not all of them. The triangle is for the tokens; the " +
              "columns of the prefix are all seen.",
          ],
          [own, "This is attention without the prefix: nobody sees the prefix."],
          [
            shown(tf.ones([4, 6])),
            "Positions see later tokens: of the tokens, position t sees 0 … t.",
          ],
          [
            tf.add(own, before),
            "There were two softmaxes, one over the prefix and one over the " +
              "tokens. They have to share the weight of 1: one softmax over both.",
          ],
          [
            tf.div(tf.add(own, before), 2),
            "There were two softmaxes, one over the prefix and one over " +
              "the tokens. They have to share the weight of 1: one softmax over both.",
          ],
          [shown(seen, Math.sqrt(3)), "The scores are not divided by √D."],
          [before, "Only the prefix is seen: the tokens are missing."],
        ],
        message:
          "Each position sees all P keys of the prefix and the tokens up to itself, in one softmax.",
      });
    },
    {
      cases: {
        "one token": (d) => prefixed(d, { T: 1 }),
        "a prefix of one key": (d) => prefixed(d, { P: 1 }),
        "a prefix longer than the text": (d) => prefixed(d, { T: 3, P: 7 }),
        "a head of one number": (d) => prefixed(d, { D: 1 }),
        "large scores": (d) => prefixed(d, { scale: 30 }),
        "queries of zeros": (d) => prefixed(d, { scale: 0 }),
      },
    },
  );

  exercise(
    "taskArithmetic",
    (taskArithmetic) => {
      const base = tf.tensor1d([1, 2, -1]);
      const tuned = [tf.tensor1d([2, 2, 0]), tf.tensor1d([1, 5, 1])];
      const sum = taskArithmetic(base, tuned, [2, 0.5]);
      expectShape(sum, [3], "the sum");
      const mistakes: [numbers: number[], sentence: string][] = [
        [
          [5.5, 8.5, -0.5],
          "Whole models were added: the base is not subtracted from " +
            "them. What a fine-tuning has changed is tuned − base.",
        ],
        [
          [4.5, 6.5, 0.5],
          "This is a weighted mean or sum of the models. Add what each " +
            "has changed, tuned − base, to the base.",
        ],
        [
          [1.8, 2.6, 0.2],
          "The weights were divided by their sum, which gives a weighted mean of the models. They " +
            "are used as they are.",
        ],
        [
          [2, 2.75, 0.5],
          "The changes were divided by how many there are: they are added, not averaged.",
        ],
        [
          [2, 3.5, 1],
          "The second change was measured from the sum so far. Both " +
            "fine-tunings have begun at the base: subtract the base from each.",
        ],
        [
          [2.5, 3.5, 1.5],
          "The second change was measured from the first fine-tuning. Both " +
            "have begun at the base: subtract the base from each.",
        ],
        [[2, 1.5, 3], "The base is missing: this is the sum of the changes alone."],
        [[4, 5.5, 1], "The base was added once for each fine-tuning: it is there only once."],
        [[2, 5, 2], "The weights are missing: each change is multiplied by its own."],
        [
          [3, 8, 5],
          "Every change was multiplied by the first weight: the weight of tuned[i] is weights[i].",
        ],
        [
          [3.5, 9.5, 6.5],
          "Every change was multiplied by the sum of the weights: the weight of tuned[i] is weights[i].",
        ],
        [[-1, 0.5, -4], "The changes have the wrong sign: what was changed is tuned − base."],
        [
          [1.5, 4, 2.5],
          "The weight was applied to the base alone: it multiplies the whole change, tuned − base.",
        ],
        [
          [3.5, 4.5, 1.5],
          "The weight was applied to the tuned parameter alone: it multiplies the whole change, " +
            "tuned − base.",
        ],
      ];
      expectClose(sum, tf.tensor1d([3, 3.5, 2]), {
        what: "base [1, 2, −1] with the tunings [2, 2, 0] and [1, 5, 1], weights 2 and 0.5",
        mistakes: mistakes.map(([numbers, sentence]) => [tf.tensor1d(numbers), sentence]),
        message: "The result is base + Σ weight · (tuned − base).",
      });
    },
    {
      cases: {
        "one fine-tuning": (d) => [d.normal([5]), [d.normal([5])], [0.7]],
        "three fine-tunings of a matrix": (d) => {
          const shape = d.sizes(2);
          const tuned = [0, 1, 2].map(() => d.normal(shape) as tf.Tensor);
          return [d.normal(shape), tuned, [0.5, 1, 2]];
        },
        "a weight below zero": (d) => [d.normal([3, 5]), [d.normal([3, 5])], [-1]],
        "weights that sum to one": (d) => [
          d.normal([6]),
          [d.normal([6]) as tf.Tensor, d.normal([6])],
          [0.25, 0.75],
        ],
        "no fine-tuning": (d) => [d.normal([3]), [], []],
      },
      gradients: false, // nothing is trained through the sum
    },
  );
});
