// Lesson 08 (the Transformer): judges the learner, the solutions and the mutants.

import { type Draw, expectClose, expectFinite, expectTrue, fail, lesson } from "llm/course/kit";
import { tf } from "llm/engine";
import { linear } from "llm/ops";
import { Random, randomNormal } from "llm/random";
import type * as answers from "../../solutions/08-transformer";
import { mutants } from "../mutants/08-transformer";

const normal = (shape: number[], seed: number) => randomNormal(shape, { rng: new Random(seed) });
const times = (x: tf.Tensor, w: tf.Tensor) => linear(x, w as tf.Tensor2D);

/** A tensor with its gain and bias. */
function normed(d: Draw, front: number[], C = d.pick([5, 7, 9]), scale = 1) {
  return [d.normal([...front, C], scale), d.normal([C]), d.normal([C])] as [
    tf.Tensor,
    tf.Tensor,
    tf.Tensor,
  ];
}

/** Input and three matrices of a feed-forward network. */
function network(
  d: Draw,
  { B = 2, T = d.pick([3, 5]), C = d.pick([5, 7]), F = d.pick([9, 11]), scale = 1 } = {},
) {
  const weights = { gate: d.normal([C, F]), up: d.normal([C, F]), down: d.normal([F, C]) };
  return [d.normal([B, T, C], scale), weights] as [tf.Tensor, typeof weights];
}

/** Everything cross-attention takes. */
function asking(
  d: Draw,
  {
    B = 2,
    T = d.pick([3, 5]),
    S = d.pick([4, 6]),
    H = 3,
    D = d.pick([2, 5]),
    scale = 1,
    mask = (_shape: { B: number; H: number; T: number; S: number }): tf.Tensor | undefined =>
      undefined,
  } = {},
) {
  const C = H * D;
  const matrix = () => d.normal([C, C], 0.5);
  const weights = { q: matrix(), k: matrix(), v: matrix(), o: matrix() };
  const seen = mask({ B, H, T, S });
  const options = seen ? { weights, nHead: H, mask: seen } : { weights, nHead: H };
  return [d.normal([B, T, C], scale), d.normal([B, S, C]), options] as [
    tf.Tensor,
    tf.Tensor,
    typeof options,
  ];
}

/** Lists of ids that are none of 0, 1 and 2. */
const lists = (d: Draw, lengths: number[]) =>
  lengths.map((n) => Array.from({ length: n }, () => 3 + d.id(40)));
const special = { begin: 1, end: 2, pad: 0 };

type Beams = { ids: number[]; logProbability: number }[];
/** Beams that have not ended, and a row of ln p for each. */
function searching(
  d: Draw,
  { count = 3, V = 7, width = 3, length = 2, end = 0, ended = 0 } = {},
): [Beams, number[][], { width: number; end: number }] {
  const token = () => (end + 1 + d.id(V - 1)) % V;
  const beams = Array.from({ length: count }, (_, b) => ({
    ids: [
      ...Array.from({ length: Math.max(0, length - 1) }, token),
      b < ended ? end : token(),
    ].slice(0, Math.max(length, b < ended ? 1 : 0)),
    logProbability: -Math.abs(d.number(0.1, 3)),
  }));
  const rows = beams.map(() => {
    const raw = d.list(V, 2);
    const total = Math.log(raw.reduce((sum, x) => sum + Math.exp(x), 0));
    return raw.map((x) => x - total);
  });
  return [beams, rows, { width, end }];
}
const written = (beams: Beams) =>
  beams.map(({ ids, logProbability }) => `[${ids}] ${logProbability?.toFixed(3)}`).join(" · ");

lesson<typeof answers>("08-transformer", mutants, (exercise) => {
  exercise(
    "layerNorm",
    (layerNorm, { reference }) => {
      const x = tf.tidy(() => normal([4, 4], 1).mul(2).add(1) as tf.Tensor);
      const [gain, bias] = [tf.tensor1d([1, 2, 3, 0.5]), tf.tensor1d([0, 1, -1, 2])];
      const withParts = (mean: tf.Tensor, root: tf.Tensor) =>
        tf.add(tf.mul(tf.div(tf.sub(x, mean), root), gain), bias);
      const mean = tf.mean(x, -1, true);
      const variance = tf.mean(tf.square(tf.sub(x, mean)), -1, true);
      const root = tf.sqrt(tf.add(variance, 1e-5));
      const down = tf.mean(x, 0, true);
      const answer = layerNorm(x, gain, bias);
      expectFinite(answer);
      expectClose(answer, withParts(mean, root), {
        what: "layerNorm of x (4, 4)",
        mistakes: [
          [
            withParts(down, tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(x, down)), 0, true), 1e-5))),
            "This normalises each column, over the batch: that is batch normalisation. A layer norm " +
              "goes over the last axis: each row by its own mean and variance.",
          ],
          [
            withParts(mean, tf.add(variance, 1e-5)),
            "Divided by the variance. It is its square root, the standard deviation, that gives " +
              "variance 1.",
          ],
          [
            withParts(mean, tf.sqrt(tf.add(tf.mul(variance, 4 / 3), 1e-5))),
            "The variance was divided by C − 1. Here it is the plain mean of the squared deviations, " +
              "divided by C.",
          ],
          [
            withParts(mean, tf.sqrt(tf.add(variance, 1e-3))),
            "ε is 1e-5 here; yours seems to be 1e-3.",
          ],
          [
            withParts(mean, tf.add(tf.mean(tf.abs(tf.sub(x, mean)), -1, true), 1e-5)),
            "Divided by the mean of the absolute deviations. It is the root of the mean of their squares.",
          ],
          [
            withParts(tf.scalar(0), tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))),
            "The mean was not subtracted: this is RMSNorm with a bias. Subtract the mean of each row.",
          ],
          [
            tf.div(tf.sub(x, mean), root),
            "Gain and bias are missing: multiply by the gain and add the bias, channel by channel.",
          ],
          [
            tf.mul(tf.add(tf.div(tf.sub(x, mean), root), bias), gain),
            "The bias was added before the gain was multiplied. First times gain, then plus bias.",
          ],
          [
            withParts(tf.mean(x), tf.sqrt(tf.add(tf.mean(tf.square(tf.sub(x, tf.mean(x)))), 1e-5))),
            "There is one mean and one variance for all rows together. Each row needs its own: " +
              "tf.mean(x, -1, true).",
          ],
        ],
        message: "Each row: minus its mean, divided by √(variance + ε), times gain, plus bias.",
      });
      const texts = normal([2, 3, 4], 2);
      const over = (axes: number[]) => {
        const centred = tf.sub(texts, tf.mean(texts, axes, true));
        const spread = tf.mean(tf.square(centred), axes, true);
        return tf.add(tf.mul(tf.div(centred, tf.sqrt(tf.add(spread, 1e-5))), gain), bias);
      };
      expectClose(layerNorm(texts, gain, bias), over([2]), {
        what: "layerNorm of x (2, 3, 4)",
        mistakes: [
          [
            over([1, 2]),
            "All positions of a text share one mean and one variance. Each vector along the last " +
              "axis needs its own: tf.mean(x, -1, true).",
          ],
          [
            over([1]),
            "The mean is taken over the positions, axis 1. It belongs to the last axis, −1.",
          ],
        ],
        message: "Each vector along the last axis by itself, whatever stands in front.",
      });
      const ones = tf.ones([1, 3]);
      const flat = layerNorm(ones, tf.ones([3]), tf.zeros([3]));
      expectFinite(
        flat,
        "A row of equal numbers has variance 0, and 0 / 0 is NaN: add ε under the root.",
        "layerNorm of [[1, 1, 1]]",
      );
      const small = tf.tensor2d([[1, 1.004]]);
      expectClose(
        layerNorm(small, tf.ones([2]), tf.zeros([2])),
        reference.layerNorm(small, tf.ones([2]), tf.zeros([2])),
        {
          what: "layerNorm of [[1, 1.004]]",
          message: "ε = 1e-5 is added to the variance, under the root: √(variance + ε).",
        },
      );
    },
    {
      cases: {
        "a matrix": (d) => normed(d, [4]),
        "a single vector": (d) => normed(d, []),
        "a batch of texts": (d) => normed(d, [2, 3]),
        "heads too": (d) => normed(d, [2, 3, 5]),
        "one channel": (d) => normed(d, [3], 1),
        "many channels": (d) => normed(d, [3], 70),
        "large numbers": (d) => normed(d, [3], 7, 100),
        "numbers as small as ε": (d) => normed(d, [4], 7, 3e-3),
        zeros: (d) => normed(d, [3], 5, 0),
        variables: (d) => {
          const [x, gain, bias] = normed(d, [2, 4]);
          return [d.variable(x), d.variable(gain), d.variable(bias)];
        },
      },
    },
  );

  exercise(
    "swigluNetwork",
    (swigluNetwork) => {
      const x = normal([1, 3, 4], 1);
      const [gate, up, down] = [normal([4, 4], 2), normal([4, 4], 3), normal([4, 4], 4)];
      const [g, u] = [times(x, gate), times(x, up)];
      const silu = (z: tf.Tensor) => tf.mul(z, tf.sigmoid(z));
      expectClose(swigluNetwork(x, { gate, up, down }), times(tf.mul(silu(g), u), down), {
        what: "swigluNetwork of x (1, 3, 4)",
        mistakes: [
          [
            times(tf.mul(tf.sigmoid(g), u), down),
            "The gate is the sigmoid alone: that is GLU, without Swi. silu(z) is z · sigmoid(z).",
          ],
          [
            times(tf.mul(silu(u), g), down),
            "gate and up are exchanged: the silu belongs to x · gate.",
          ],
          [
            times(silu(tf.mul(g, u)), down),
            "The silu was taken of the product. Take it of x · gate first, then multiply by x · up.",
          ],
          [
            times(tf.add(silu(g), u), down),
            "The two halves were added. The gate multiplies: silu(x · gate) ∘ (x · up).",
          ],
          [
            times(tf.mul(times(silu(x), gate), u), down),
            "The silu was taken of x. Multiply by gate first: it is silu(x · gate).",
          ],
          [times(silu(g), down), "x · up is missing: multiply silu(x · gate) by it."],
          [
            times(tf.mul(tf.relu(g), u), down),
            "This is ReGLU: relu where silu(z) = z · sigmoid(z) belongs.",
          ],
          [
            tf.mul(silu(g), u),
            "The last projection is missing: multiply by `down`, which leads back to C channels.",
          ],
        ],
        message: "(silu(x · gate) ∘ (x · up)) · down, with silu(z) = z · sigmoid(z).",
      });
    },
    {
      cases: {
        "a batch": (d) => network(d),
        "one token": (d) => network(d, { B: 1, T: 1 }),
        "a wide network": (d) => network(d, { C: 3, F: 40 }),
        "a narrow network": (d) => network(d, { C: 7, F: 2 }),
        "one channel": (d) => network(d, { C: 1, F: 1 }),
        zeros: (d) => network(d, { scale: 0 }),
        "large inputs": (d) => network(d, { scale: 8 }),
        variables: (d) => {
          const [x, { gate, up, down }] = network(d);
          const weights = { gate: d.variable(gate), up: d.variable(up), down: d.variable(down) };
          return [d.variable(x), weights];
        },
      },
    },
  );

  exercise(
    "paddingMask",
    (paddingMask) => {
      const ids = tf.tensor2d(
        [
          [7, 8, 9],
          [9, 0, 0],
        ],
        [2, 3],
        "int32",
      );
      const mask = paddingMask(ids, 0);
      const shown = mask.shape.length;
      if (shown !== 4 || `${mask.shape}` !== "2,1,1,3")
        fail(
          `The mask has the shape (${mask.shape}), expected (2, 1, 1, 3): B, one for all heads, one ` +
            "for all positions that look, S. tf.reshape adds the axes of length 1.",
        );
      expectClose(mask, [[[[1, 1, 1]]], [[[1, 0, 0]]]], {
        what: "paddingMask of [[7, 8, 9], [9, 0, 0]]",
        mistakes: [
          [
            [[[[0, 0, 0]]], [[[0, 1, 1]]]],
            "True and false are the other way round: true means that a token may be looked at.",
          ],
        ],
        message: "True where the id is not padId, false where it is.",
      });
      expectTrue(
        mask.dtype === "bool",
        `The mask has dtype ${mask.dtype}, expected bool: a comparison such as tf.notEqual gives one.`,
      );
      expectClose(paddingMask(ids, 9), [[[[1, 1, 0]]], [[[0, 1, 1]]]], {
        what: "the mask with padId 9",
        message: "Compare with padId, whatever its value; it need not be 0.",
      });
    },
    {
      cases: {
        "several sources": (d) => [d.ids([d.integer(2, 5), d.pick([5, 7])], 4), 0],
        "one source of one token": (d) => [d.ids([1, 1], 4), 0],
        "another padId": (d) => [d.ids([3, 5], 5), 3],
        "no padding": (d) => [d.ids([3, 5], 5), 77],
        "nothing but padding": () => [tf.zeros([2, 5], "int32"), 0],
        "as many sources as tokens": (d) => [d.ids([5, 5], 3), 0],
      },
    },
  );

  exercise(
    "crossAttention",
    (crossAttention, { reference }) => {
      const [x, context] = [normal([2, 4, 6], 1), normal([2, 4, 6], 2)];
      const [q, k, v, o] = [3, 4, 5, 6].map((seed) => normal([6, 6], seed));
      const weights = { q, k, v, o };
      const options = { weights, nHead: 3 };
      const right = reference.crossAttention(x, context, options);
      const answer = crossAttention(x, context, options);
      expectTrue(
        answer?.output !== undefined && answer?.weights !== undefined,
        "crossAttention should return an object with `output` and `weights`.",
      );
      const eye = tf.eye(6);
      expectClose(answer.weights, right.weights, {
        what: "weights",
        mistakes: [
          [
            reference.crossAttention(context, x, options).weights,
            "x and context are exchanged: queries come from x, the decoder; keys and values from the " +
              "context.",
          ],
          [
            reference.crossAttention(x, x, options).weights,
            "The keys come from x: that is self-attention. Keys and values come from the context.",
          ],
          [
            reference.crossAttention(context, context, options).weights,
            "The queries come from the context. It is the decoder that asks: queries are x · q.",
          ],
          [
            reference.crossAttention(x, context, { weights: { q: k, k: q, v, o }, nHead: 3 })
              .weights,
            "The matrices q and k are exchanged.",
          ],
          [
            reference.crossAttention(x, context, { weights, nHead: 1 }).weights,
            "There is one head only: pass nHead on to multiHead.",
          ],
          [
            reference.crossAttention(x, context, { weights: { q: eye, k: eye, v, o }, nHead: 3 })
              .weights,
            "The projections are missing: queries are x · q, keys context · k.",
          ],
        ],
        message: "weights = softmax of (x · q)(context · k)ᵀ / √D, head by head.",
      });
      expectClose(answer.output, right.output, {
        what: "output",
        mistakes: [
          [
            reference.crossAttention(x, context, { weights: { q, k, v, o: eye }, nHead: 3 }).output,
            "The last projection is missing: what the heads found is multiplied by o.",
          ],
          [
            reference.crossAttention(x, context, { weights: { q, k, v: k, o }, nHead: 3 }).output,
            "The values are context · k. Values have a matrix of their own, v.",
          ],
          [
            reference.crossAttention(x, context, { weights: { q, k, v: eye, o }, nHead: 3 }).output,
            "The values are the context itself: multiply it by v.",
          ],
        ],
        message: "output = (weights · values, head by head, side by side again) · o.",
      });
      const mask = tf.tensor([1, 1, 0, 0, 1, 1, 1, 1], [2, 1, 1, 4], "bool");
      const masked = crossAttention(x, context, { ...options, mask });
      expectClose(
        masked.weights,
        reference.crossAttention(x, context, { ...options, mask }).weights,
        {
          what: "weights with a padding mask",
          mistakes: [
            [right.weights, "The decoder still looks at padding: pass the mask on to multiHead."],
          ],
          message: "Where the mask is false the weight is 0, and the others share the whole 1.",
        },
      );
    },
    {
      cases: {
        "more questions than sources": (d) => asking(d, { T: 7, S: 3 }),
        "fewer questions than sources": (d) => asking(d, { T: 3, S: 8 }),
        "one question": (d) => asking(d, { T: 1 }),
        "a source of one token": (d) => asking(d, { S: 1 }),
        "one head": (d) => asking(d, { H: 1, D: 5 }),
        "heads of one channel": (d) => asking(d, { H: 5, D: 1 }),
        "one pair": (d) => asking(d, { B: 1 }),
        "zeros from the decoder": (d) => asking(d, { scale: 0 }),
        "large numbers from the decoder": (d) => asking(d, { scale: 30 }),
        "a padding mask": (d) =>
          asking(d, {
            S: 5,
            mask: ({ B, S }) => {
              const lengths = tf.tensor([2, 4].slice(0, B), [B, 1, 1, 1], "int32");
              return tf.less(tf.range(0, S, 1, "int32").reshape([1, 1, 1, S]), lengths);
            },
          }),
        "a mask for every question": (d) => asking(d, { mask: ({ T, S }) => d.mask([T, S], 0.7) }),
        "a source that is nothing but padding": (d) =>
          asking(d, { mask: ({ B, S }) => tf.zeros([B, 1, 1, S], "bool") }),
      },
    },
  );

  exercise(
    "teacherForcing",
    (teacherForcing) => {
      const targets = [[7, 8, 9], [5]];
      const answer = teacherForcing(targets, special);
      for (const name of ["given", "wanted", "counts"] as const)
        expectTrue(
          Array.isArray(answer?.[name]),
          `teacherForcing should return an object with given, wanted and counts; ${name} is missing.`,
        );
      const { given, wanted, counts } = answer;
      const row = (rows: number[][]) => rows.map((r) => `[${r}]`).join(" ");
      const whole = [
        [1, 7, 8, 9, 2],
        [1, 5, 2, 0, 0],
      ];
      const lengths = [...given, ...wanted, ...counts].map(({ length }) => length);
      if (`${given}` === `${wanted}`)
        fail(
          "given and wanted are the same rows: the decoder would see the answer. What is given is one " +
            `place behind: at place t it holds the token before wanted[t]. Got ${row(given)}.`,
        );
      if (`${given}` === `${whole}`)
        fail(
          "given still ends with the end token: nothing comes after the end, so no place is needed to " +
            `predict from it. Got ${row(given)}, expected rows of 4.`,
        );
      if (lengths.some((n) => n !== 4))
        fail(
          "All rows should have the length of the longest target and one more (here 4), filled up " +
            `with pad. Got lengths ${lengths.join(", ")}.`,
        );
      expectClose(
        given,
        [
          [1, 7, 8, 9],
          [1, 5, 0, 0],
        ],
        {
          what: "given",
          mistakes: [
            [
              [
                [7, 8, 9, 1],
                [5, 1, 0, 0],
              ],
              "The begin token comes after the target. It belongs in front: from it the first token is predicted.",
            ],
            [
              [
                [1, 7, 8, 9],
                [1, 5, 2, 0],
              ],
              "given holds an end token in the shorter row: behind the target comes padding only.",
            ],
            [
              [
                [1, 7, 8, 9],
                [0, 0, 1, 5],
              ],
              "The padding stands in front. Fill up behind the shorter rows.",
            ],
          ],
          message: "given = begin, the target, padding.",
        },
      );
      expectClose(
        wanted,
        [
          [7, 8, 9, 2],
          [5, 2, 0, 0],
        ],
        {
          what: "wanted",
          mistakes: [
            [
              [
                [7, 8, 9, 0],
                [5, 0, 0, 0],
              ],
              "The end token is missing in wanted: the model would never learn to stop.",
            ],
            [
              [
                [7, 8, 9, 2],
                [5, 2, 2, 2],
              ],
              "wanted is filled up with end tokens. Fill up with pad, behind the one end.",
            ],
            [
              [
                [7, 8, 9, 2],
                [5, 0, 0, 2],
              ],
              "The end stands behind the padding. It follows the last token at once.",
            ],
          ],
          message: "wanted = the target, end, padding.",
        },
      );
      expectClose(
        counts,
        [
          [1, 1, 1, 1],
          [1, 1, 0, 0],
        ],
        {
          what: "counts",
          mistakes: [
            [
              [
                [1, 1, 1, 1],
                [1, 1, 1, 1],
              ],
              "Padding counts too: then most of what a model learns from short targets is to write padding.",
            ],
            [
              [
                [1, 1, 1, 0],
                [1, 0, 0, 0],
              ],
              "The end does not count: the model would never learn to stop.",
            ],
            [
              [
                [0, 1, 1, 1],
                [0, 1, 0, 0],
              ],
              "The places were counted by what is given. Count by what is wanted: the first place counts, too.",
            ],
            [
              [
                [0, 0, 0, 0],
                [0, 0, 1, 1],
              ],
              "1 and 0 are the other way round: 1 where the place counts.",
            ],
          ],
          message: "1 where wanted holds a token or the end, 0 at padding.",
        },
      );
      const other = teacherForcing([[7]], { begin: 5, end: 6, pad: 9 });
      expectClose(other.given, [[5, 7]], {
        what: "given with begin 5",
        message: "Use the ids that you are given: begin, end and pad may have any value.",
      });
    },
    {
      cases: {
        "targets of several lengths": (d) => [lists(d, [3, 5, 1, 2]), special],
        "targets of one length": (d) => [lists(d, [4, 4]), special],
        "one target": (d) => [lists(d, [3]), special],
        "an empty target among others": (d) => [lists(d, [2, 0, 3]), special],
        "only empty targets": () => [[[], []], special],
        "other special ids": (d) => [lists(d, [2, 4]), { begin: 50, end: 51, pad: 52 }],
      },
    },
  );

  exercise(
    "beamStep",
    (beamStep, { reference }) => {
      const beams = [
        { ids: [4], logProbability: -1 },
        { ids: [3], logProbability: -1.2 },
      ];
      const rows = [
        [-3, -0.5, -1, -4, -5],
        [-4, -2.5, -0.6, -3, -2],
      ];
      const options = { width: 3, end: 0 };
      const right = reference.beamStep(beams, rows, options);
      const answer = beamStep(beams, rows, options);
      expectTrue(Array.isArray(answer), "beamStep should return a list of beams.");
      const same = (a: Beams, b: Beams) => written(a) === written(b);
      const all = beams.flatMap((beam, b) =>
        rows[b].map((ln, t) => ({
          ids: [...beam.ids, t],
          logProbability: beam.logProbability + ln,
        })),
      );
      const best = (list: Beams, n: number) =>
        [...list].sort((x, y) => y.logProbability - x.logProbability).slice(0, n);
      const got = `Got ${written(answer)}; expected ${written(right)}.`;
      const alone = rows.flatMap((row, b) =>
        row.map((ln, t) => ({ ids: [...beams[b].ids, t], logProbability: ln })),
      );
      if (same(answer, best(alone, 3)))
        fail(`Only the last token was compared. Add the beam's own log-probability to it. ${got}`);
      if (same(answer, best([...best(all.slice(0, 5), 1), ...best(all.slice(5), 1)], 3)))
        fail(
          "Each beam went on with its best token alone: that is greedy decoding, twice. All extensions " +
            `of all beams compete, and two of them may come from one beam. ${got}`,
        );
      if (answer.length !== 3)
        fail(`Expected ${options.width} beams, as width says, got ${answer.length}. ${got}`);
      if (same(answer, [...all].sort((x, y) => x.logProbability - y.logProbability).slice(0, 3)))
        fail(`These are the least probable: −1.5 is more than −5. ${got}`);
      if (same([...answer].reverse(), right)) fail(`The most probable beam comes first. ${got}`);
      if (!same(answer, right))
        fail(`The ${options.width} most probable of all extensions, the best first. ${got}`);
      const ended: Beams = [
        { ids: [4, 0], logProbability: -1 },
        { ids: [3, 2], logProbability: -1.2 },
      ];
      // A row for the finished beam as well: it is to be ignored, and would be missed if it were not.
      const endRows = [[-0.5, -3, -1, -4, -5], rows[1]];
      const kept = reference.beamStep(ended, endRows, options);
      const after = beamStep(ended, endRows, options);
      const gotAfter = `Got ${written(after)}; expected ${written(kept)}.`;
      if (after.some(({ ids }) => ids.length > 2 && ids[1] === 0))
        fail(`A finished beam (its last id is the end token) was extended. ${gotAfter}`);
      const changed = { ...ended[0], logProbability: ended[0].logProbability + endRows[0][0] };
      const added = reference.beamStep([changed, ended[1]], endRows, options);
      if (same(after, added))
        fail(
          `A finished beam went on losing probability. Nothing is added to it any more. ${gotAfter}`,
        );
      if (same(after, reference.beamStep(ended, [endRows[0], endRows[0]], options)))
        fail(
          "The second beam was given the row of the first. There is a row for every beam, also for a " +
            `finished one: beam b has logProbabilities[b]. ${gotAfter}`,
        );
      if (!after.some(({ ids }) => `${ids}` === "4,0"))
        fail(`The finished beam is gone. It stays a candidate, as it is. ${gotAfter}`);
      if (!same(after, kept)) fail(`A finished beam stays as it is, once. ${gotAfter}`);
    },
    {
      cases: {
        "several beams": (d) => searching(d),
        "one beam": (d) => searching(d, { count: 1 }),
        "the first step": (d) => searching(d, { count: 1, length: 0, width: 4 }),
        "a width of 1": (d) => searching(d, { width: 1 }),
        "fewer candidates than the width": (d) => searching(d, { count: 1, V: 3, width: 9 }),
        "one finished beam": (d) => searching(d, { ended: 1 }),
        "only finished beams": (d) => searching(d, { ended: 3 }),
        "another end token": (d) => searching(d, { end: 4, ended: 1 }),
        "equal candidates": () => [
          [
            { ids: [1], logProbability: -1 },
            { ids: [2], logProbability: -1 },
          ],
          [
            [-1, -1, -1],
            [-1, -1, -1],
          ],
          { width: 4, end: 0 },
        ],
        "an impossible token": (d) => {
          const [beams, rows, options] = searching(d);
          return [beams, rows.map((row) => row.map((x, t) => (t === 2 ? -Infinity : x))), options];
        },
      },
    },
  );
});
