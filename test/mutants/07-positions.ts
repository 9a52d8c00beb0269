// Plausible wrong answers of lesson 07 (positions), each with the sentence it must be told.
import type { Mutants } from "llm/course/kit";
import { tf } from "llm/engine";
import * as right from "../../solutions/07-positions";

type Buckets = { numBuckets: number; maxDistance: number };

/** A table of waves with one thing done differently. */
const waves =
  (
    angleOf: (p: number, i: number, C: number) => number,
    place: (i: number, C: number) => [number, number] = (i) => [2 * i, 2 * i + 1],
    waveOf: [(x: number) => number, (x: number) => number] = [Math.sin, Math.cos],
  ) =>
  (T: number, C: number) => {
    const rows = Array.from({ length: T }, (_, p) => {
      const row: number[] = Array(C).fill(0);
      for (let i = 0; i < C / 2; i++)
        place(i, C).forEach((c, n) => {
          row[c] = waveOf[n](angleOf(p, i, C));
        });
      return row;
    });
    return tf.tensor2d(rows, [T, C]);
  };
const usual = (p: number, i: number, C: number) => p / 10000 ** ((2 * i) / C);

/** A bias with one thing done differently. */
const biased =
  (
    slopeOf: (h: number, H: number) => number,
    termOf: (i: number, j: number) => number = (i, j) => -Math.max(i - j, 0),
  ) =>
  (H: number, T: number) => {
    const at = Array.from({ length: T }, (_, p) => p);
    const heads = Array.from({ length: H }, (_, h) =>
      at.map((i) => at.map((j) => slopeOf(h, H) * termOf(i, j))),
    );
    return tf.tensor3d(heads, [H, T, T]);
  };
const slope = (h: number, H: number) => 2 ** ((-8 * (h + 1)) / H);

/** A rotation with one thing done differently. */
function turning({
  rateOf = (i: number, D: number) => 10000 ** ((-2 * i) / D),
  positions = (T: number, scale: number) => tf.mul(tf.range(0, T), scale),
  layout = "interleaved",
  join = (a: tf.Tensor, b: tf.Tensor, shape: number[]) => tf.reshape(tf.stack([a, b], -1), shape),
  combine = (a: tf.Tensor, b: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor) => [
    tf.sub(tf.mul(a, cos), tf.mul(b, sin)),
    tf.add(tf.mul(a, sin), tf.mul(b, cos)),
  ],
  axis = -2,
}: {
  rateOf?: (i: number, D: number) => number;
  positions?: (T: number, scale: number) => tf.Tensor;
  layout?: "interleaved" | "half";
  join?: (a: tf.Tensor, b: tf.Tensor, shape: number[]) => tf.Tensor;
  combine?: (a: tf.Tensor, b: tf.Tensor, cos: tf.Tensor, sin: tf.Tensor) => tf.Tensor[];
  axis?: number;
}) {
  return (x: tf.Tensor, { scale = 1 }: { scale?: number } = {}) =>
    tf.tidy(() => {
      const D = x.shape[x.rank - 1];
      const T = x.shape.at(Math.max(axis, -x.rank))!;
      const rates = Array.from({ length: D / 2 }, (_, i) => rateOf(i, D));
      let angles = tf.mul(positions(T, scale).expandDims(1), tf.tensor1d(rates));
      for (let n = axis; n < -2 && x.rank > 2; n++) angles = angles.expandDims(1);
      const [a, b] =
        layout === "half"
          ? tf.split(x, 2, -1)
          : tf.unstack(tf.reshape(x, [...x.shape.slice(0, -1), D / 2, 2]), -1);
      const [first, second] = combine(a, b, tf.cos(angles), tf.sin(angles));
      return join(first, second, x.shape);
    });
}

export const mutants: Mutants<typeof right> = {
  sinusoidalPositions: [
    {
      name: "the exponent grows with the channel, not with the pair",
      told: /same angle/,
      answer: (T, C) => {
        const row = (p: number) =>
          Array.from({ length: C }, (_, c) => {
            const angle = p / 10000 ** (c / C);
            return c % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
          });
        return tf.tensor2d(
          Array.from({ length: T }, (_, p) => row(p)),
          [T, C],
        );
      },
    },
    {
      name: "i in place of 2i in the exponent",
      told: /2i \/ C/,
      answer: waves((p, i, C) => p / 10000 ** (i / C)),
    },
    {
      name: "all sines first, then all cosines",
      told: /side by side/,
      answer: waves(usual, (i, C) => [i, C / 2 + i]),
    },
    {
      name: "sine and cosine exchanged",
      told: /cosine before the sine/,
      answer: waves(usual, (i) => [2 * i, 2 * i + 1], [Math.cos, Math.sin]),
    },
    {
      name: "positions begin at 1",
      told: /begin at 0/,
      answer: waves((p, i, C) => usual(p + 1, i, C)),
    },
    {
      name: "2i read as twice the channel",
      told: /number of the even channel/,
      answer: (T, C) => {
        const row = (p: number) =>
          Array.from({ length: C }, (_, c) => {
            const angle = p / 10000 ** ((2 * c) / C);
            return c % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
          });
        return tf.tensor2d(
          Array.from({ length: T }, (_, p) => row(p)),
          [T, C],
        );
      },
    },
    {
      name: "multiplied by the power instead of divided",
      told: /divided by/,
      answer: waves((p, i, C) => p * 10000 ** ((2 * i) / C)),
    },
  ],
  distanceBucket: [
    {
      name: "the far buckets do not begin at near",
      told: /begin at `near`/,
      answer: (distance, { numBuckets, maxDistance }: Buckets) => {
        const near = numBuckets / 2;
        if (distance < near) return distance;
        const share = Math.log(distance / near) / Math.log(maxDistance / near);
        return Math.min(Math.floor(share * (numBuckets - near)), numBuckets - 1);
      },
    },
    {
      name: "no largest bucket",
      told: /share the last/,
      answer: (distance, { numBuckets, maxDistance }: Buckets) => {
        const near = numBuckets / 2;
        if (distance < near) return distance;
        const share = Math.log(distance / near) / Math.log(maxDistance / near);
        return near + Math.floor(share * (numBuckets - near));
      },
    },
    {
      name: "linear beyond near",
      told: /logarithm/,
      answer: (distance, { numBuckets, maxDistance }: Buckets) => {
        const near = numBuckets / 2;
        if (distance < near) return distance;
        const share = (distance - near) / (maxDistance - near);
        return Math.min(near + Math.floor(share * (numBuckets - near)), numBuckets - 1);
      },
    },
    {
      name: "rounded to the nearest",
      told: /rounded down/,
      answer: (distance, { numBuckets, maxDistance }: Buckets) => {
        const near = numBuckets / 2;
        if (distance < near) return distance;
        const share = Math.log(distance / near) / Math.log(maxDistance / near);
        return Math.min(near + Math.round(share * (numBuckets - near)), numBuckets - 1);
      },
    },
    {
      name: "maxDistance not divided by near",
      told: /maxDistance \/ near/,
      answer: (distance, { numBuckets, maxDistance }: Buckets) => {
        const near = numBuckets / 2;
        if (distance < near) return distance;
        const share = Math.log(distance / near) / Math.log(maxDistance);
        return Math.min(near + Math.floor(share * (numBuckets - near)), numBuckets - 1);
      },
    },
    {
      name: "clipped at the number of buckets, with no logarithm",
      told: /logarithm/,
      answer: (distance, { numBuckets }: Buckets) => Math.min(distance, numBuckets - 1),
    },
  ],
  alibiBias: [
    {
      name: "a reward for distance",
      told: /wrong sign/,
      answer: biased(slope, (i, j) => Math.max(i - j, 0)),
    },
    {
      name: "the first slope is 1",
      told: /h \+ 1/,
      answer: biased((h, H) => 2 ** ((-8 * h) / H)),
    },
    {
      name: "one slope for all heads",
      told: /its own slope/,
      answer: biased((_, H) => slope(0, H)),
    },
    {
      name: "keys after the query are rewarded",
      told: /after the query/,
      answer: biased(slope, (i, j) => j - i),
    },
    {
      name: "keys after the query are lowered",
      told: /lowered here/,
      answer: biased(slope, (i, j) => -Math.abs(i - j)),
    },
    {
      name: "slope times the position of the key",
      told: /slope · j/,
      answer: biased(slope, (i, j) => (j <= i ? j : 0)),
    },
    {
      name: "row and column exchanged",
      told: /query.*row|row.*query/,
      answer: biased(slope, (i, j) => -Math.max(j - i, 0)),
    },
    {
      name: "slopes fall in equal steps",
      told: /powers of 2|power of 2/,
      answer: biased((h, H) => (h + 1) / H / 2),
    },
    {
      name: "the same slopes for any number of heads",
      told: /number of heads/,
      answer: biased((h) => 2 ** -(h + 1)),
    },
  ],
  rotatePairs: [
    {
      name: "pairs are halves apart",
      told: /2i and 2i \+ 1/,
      answer: turning({ layout: "half", join: (a, b) => tf.concat([a, b], -1) }),
    },
    {
      name: "put back as halves",
      told: /put back/,
      answer: turning({ join: (a, b) => tf.concat([a, b], -1) }),
    },
    {
      name: "turned the other way",
      told: /other way/,
      answer: turning({
        combine: (a, b, cos, sin) => [
          tf.add(tf.mul(a, cos), tf.mul(b, sin)),
          tf.sub(tf.mul(b, cos), tf.mul(a, sin)),
        ],
      }),
    },
    {
      name: "no rotation: the minus is a plus",
      told: /length/,
      answer: turning({
        combine: (a, b, cos, sin) => [
          tf.add(tf.mul(a, cos), tf.mul(b, sin)),
          tf.add(tf.mul(a, sin), tf.mul(b, cos)),
        ],
      }),
    },
    {
      name: "all pairs at the speed of the first",
      told: /more slowly/,
      answer: turning({ rateOf: () => 1 }),
    },
    {
      name: "later pairs turn faster",
      told: /more slowly/,
      answer: turning({ rateOf: (i, D) => 10000 ** ((2 * i) / D) }),
    },
    {
      name: "pairs counted from 1",
      told: /counted from 0/,
      answer: turning({ rateOf: (i, D) => 10000 ** ((-2 * (i + 1)) / D) }),
    },
    {
      name: "sine and cosine exchanged",
      told: /Sine and cosine/,
      answer: turning({
        combine: (a, b, cos, sin) => [
          tf.sub(tf.mul(a, sin), tf.mul(b, cos)),
          tf.add(tf.mul(a, cos), tf.mul(b, sin)),
        ],
      }),
    },
    {
      name: "i in place of 2i",
      told: /2i \/ D/,
      answer: turning({ rateOf: (i, D) => 10000 ** (-i / D) }),
    },
    {
      name: "positions begin at 1",
      told: /begin at 0/,
      answer: turning({ positions: (T, scale) => tf.mul(tf.range(1, T + 1), scale) }),
    },
    {
      name: "scale forgotten",
      told: /scale/,
      answer: turning({ positions: (T) => tf.range(0, T) }),
    },
    {
      name: "scale divides",
      told: /divided by `scale`/,
      answer: turning({ positions: (T, scale) => tf.div(tf.range(0, T), scale) }),
    },
    {
      name: "the heads taken for positions",
      told: /second axis from the end/,
      answer: turning({ axis: -3 }),
    },
  ],
  interleavedToHalves: [
    {
      name: "heads mixed: all even columns first",
      told: /its own head|within its head/,
      answer: (W) => right.interleavedToHalves(W, 1),
    },
    {
      name: "only the first head",
      told: /Only the first head/,
      answer: (W, nHead) =>
        tf.tidy(() => {
          const D = W.shape[1] / nHead;
          const [first, others] = tf.split(W, [D, W.shape[1] - D], 1);
          const moved = right.interleavedToHalves(first as tf.Tensor2D, 1);
          return tf.concat([moved, others], 1) as tf.Tensor2D;
        }),
    },
    {
      name: "the way back",
      told: /way back/,
      answer: (W, nHead) =>
        tf.tidy(() => {
          const [C, wide] = W.shape;
          const halves = tf.reshape(W, [C, nHead, 2, wide / nHead / 2]);
          return tf.reshape(tf.transpose(halves, [0, 1, 3, 2]), [C, wide]);
        }),
    },
    {
      name: "odd columns first",
      told: /even columns/,
      answer: (W, nHead) =>
        tf.tidy(() => {
          const [C, wide] = W.shape;
          const pairs = tf.reverse(tf.reshape(W, [C, nHead, wide / nHead / 2, 2]), -1);
          return tf.reshape(tf.transpose(pairs, [0, 1, 3, 2]), [C, wide]);
        }),
    },
    {
      name: "rows rearranged in place of columns",
      told: /rows/,
      answer: (W, nHead) =>
        tf.tidy(() => {
          const [C, wide] = W.shape;
          if ((C / nHead) % 2 !== 0) return tf.clone(W);
          const rows = tf.reshape(W, [nHead, C / nHead / 2, 2, wide]);
          return tf.reshape(tf.transpose(rows, [0, 2, 1, 3]), [C, wide]);
        }),
    },
  ],
};
