// tf.losses, and the optimizers of tf.train: three steps each.
/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

/**
 * @param {(d: Draw) => object} labels bounds of the labels
 * @param {(d: Draw) => object} predictions
 * @param {(d: Draw) => unknown[]} [options] between the weights and the reduction
 * @param {{ rank?: [number, number], weighted?: (shape: number[]) => number[] }} [rest] `weighted`:
 *   the shape of the weights
 * @returns {Entry}
 */
const loss = (
  labels,
  predictions,
  options = () => [],
  { rank = [0, 3], weighted = (shape) => shape } = {},
) => ({
  draw: (d) => {
    const shape = d.shape(rank, { empty: false });
    const reduction = d.maybe(() => d.integer(0, 3));
    const weights = weighted
      ? d.maybe(() => d.floats({ shape: d.pick([weighted(shape), []]), from: 0, to: 2 }))
      : undefined;
    return [
      d.floats({ shape, ...labels(d) }),
      d.floats({ shape, ...predictions(d) }),
      weights,
      ...options(d),
      reduction,
    ];
  },
  sums: true,
});
const plain = () => ({ style: "plain" });
const unit = () => ({ from: 0.05, to: 0.95 });

/**
 * Three steps with a loss that has curvature, from one start.
 * @param {(tf: any) => any} make
 * @returns {Entry}
 */
const optimizer = (make) => ({
  draw: (d) => {
    const shape = d.shape([0, 3], { empty: false });
    return [
      d.floats({ shape, style: "plain", array: false }),
      d.floats({ shape, style: "plain", array: false }),
    ];
  },
  run: (tf, [start, slope]) => {
    const variable = tf.variable(start);
    const optimizer = make(tf);
    for (let i = 0; i < 3; i++)
      optimizer.minimize(() => tf.sum(tf.mul(slope, tf.square(variable))));
    const value = variable.clone();
    variable.dispose();
    optimizer.dispose();
    return value;
  },
  gradients: false,
  sums: true,
});

/** @type {Record<string, Entry>} */
export const losses = {
  "losses.absoluteDifference": loss(plain, plain),
  "losses.computeWeightedLoss": {
    draw: (d) => {
      const shape = d.shape([0, 3], { empty: false });
      return [
        d.floats({ shape, style: "plain" }),
        d.maybe(() => d.floats({ shape: d.pick([shape, []]), from: 0, to: 2 })),
        d.maybe(() => d.integer(0, 3)),
      ];
    },
    sums: true,
  },
  "losses.cosineDistance": {
    draw: (d) => {
      const shape = d.shape([1, 3], { empty: false });
      const of = () => d.floats({ shape, style: "plain" });
      return [of(), of(), d.axis(shape.length), undefined, d.maybe(() => d.integer(0, 3))];
    },
    sums: true,
  },
  "losses.hingeLoss": loss(() => ({ style: "ties" }), plain),
  "losses.huberLoss": loss(plain, plain, (d) => [d.maybe(() => d.pick([0.5, 2]))]),
  "losses.logLoss": loss(unit, unit, (d) => [d.maybe(() => d.pick([1e-7, 0.01]))]),
  "losses.meanSquaredError": loss(plain, plain),
  "losses.sigmoidCrossEntropy": loss(unit, plain, (d) => [d.maybe(() => d.pick([0, 0.1]))]),
  "losses.softmaxCrossEntropy": loss(unit, plain, (d) => [d.maybe(() => d.pick([0, 0.1]))], {
    rank: [1, 3],
    weighted: (shape) => shape.slice(0, -1),
  }),
  "train.sgd": optimizer((tf) => tf.train.sgd(0.1)),
  "train.momentum": optimizer((tf) => tf.train.momentum(0.1, 0.9, true)),
  "train.adagrad": optimizer((tf) => tf.train.adagrad(0.1)),
  "train.adadelta": optimizer((tf) => tf.train.adadelta(0.1)),
  "train.adam": optimizer((tf) => tf.train.adam(0.1)),
  "train.adamax": optimizer((tf) => tf.train.adamax(0.1)),
  "train.rmsprop": optimizer((tf) => tf.train.rmsprop(0.1, 0.9, 0.5, 1e-8, true)),
};
