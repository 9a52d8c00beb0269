// Operations on images.
import { Input } from "../draw.mjs";

/** @typedef {import("../draw.mjs").Draw} Draw */
/** @typedef {import("../cases.mjs").Entry} Entry */

const plain = /** @type {const} */ ({ style: "plain" });
const image = (/** @type {Draw} */ d, C = d.integer(1, 4)) =>
  d.floats({
    shape: [d.integer(1, 2), d.integer(1, 5), d.integer(1, 5), C],
    ...plain,
    array: false,
  });

/** @returns {Entry} */
const resize = () => ({
  draw: (d) => {
    const dtypes = d.type(["float32", "float32", "float32", "int32"]);
    const lead = d.maybe(() => [d.integer(1, 2)]) ?? [];
    const shape = [...lead, d.integer(1, 5), d.integer(1, 5), d.integer(1, 3)];
    const [align, half] = d.pick([
      [false, false],
      [true, false],
      [false, true],
      [undefined, undefined],
    ]);
    return [d.tensor({ shape, dtypes, ...plain }), [d.integer(1, 7), d.integer(1, 7)], align, half];
  },
  sums: true,
});

/** Boxes and scores without ties, so that there is one right choice. */
function boxes(/** @type {Draw} */ d) {
  const n = d.integer(1, 6);
  const corners = Array.from({ length: n }, () => {
    const [y, x] = [d.number(0, 2), d.number(0, 2)];
    return [y, x, y + d.number(0.3, 1), x + d.number(0.3, 1)];
  });
  return [
    new Input([n, 4], "float32", corners.flat()),
    d.floats({ shape: [n], from: 0, to: 1, array: false }),
    d.integer(1, 6),
    d.maybe(() => d.number(0.1, 0.9)),
    d.maybe(() => d.number(0, 0.5)),
  ];
}

/** @returns {Entry} */
const suppression = (/** @type {(d: Draw) => unknown[]} */ rest = () => []) => ({
  draw: (d) => [...boxes(d), ...rest(d)],
  gradients: false,
});

/** @type {Record<string, Entry>} */
export const images = {
  "image.flipLeftRight": { draw: (d) => [image(d)] },
  "image.grayscaleToRGB": {
    draw: (d) => [
      d.tensor({ shape: [...d.shape([1, 4], { empty: false }), 1], dtypes: ["float32", "int32"] }),
    ],
    sums: true,
  },
  "image.rgbToGrayscale": {
    draw: (d) => [
      d.tensor({
        shape: [...d.shape([1, 4], { empty: false }), 3],
        dtypes: ["float32", "int32"],
        ...plain,
      }),
    ],
    sums: true,
  },
  "image.resizeBilinear": resize(),
  "image.resizeNearestNeighbor": resize(),
  "image.rotateWithOffset": {
    draw: (d) => [
      image(d),
      d.number(-3, 3),
      d.maybe(() => d.pick([0, 1, [1, 2, 3]])),
      d.maybe(() => d.pick([0.5, 0.3, [0.2, 0.7]])),
    ],
    gradients: false,
  },
  "image.cropAndResize": {
    sums: true,
    draw: (d) => {
      const x = image(d);
      const n = d.integer(1, 3);
      const corners = d.floats({ shape: [n, 4], from: -0.2, to: 1.2 });
      return [
        x,
        corners,
        d.integers([n], 0, x.shape[0] - 1),
        [d.integer(1, 4), d.integer(1, 4)],
        d.pick(["bilinear", "nearest", undefined]),
        d.maybe(() => d.pick([0, -1])),
      ];
    },
    gradients: false,
  },
  "image.nonMaxSuppression": suppression(),
  "image.nonMaxSuppressionAsync": suppression(),
  "image.nonMaxSuppressionWithScore": suppression((d) => [d.maybe(() => d.number(0, 0.9))]),
  "image.nonMaxSuppressionWithScoreAsync": suppression((d) => [d.maybe(() => d.number(0, 0.9))]),
  "image.nonMaxSuppressionPadded": suppression((d) => [d.maybe(() => d.chance())]),
  "image.nonMaxSuppressionPaddedAsync": suppression((d) => [d.maybe(() => d.chance())]),
  "image.threshold": {
    draw: (d) => {
      const shape = [d.integer(1, 4), d.integer(1, 4), d.pick([1, 3])];
      return [
        d.integers(shape, 0, 255),
        d.pick(["binary", "otsu", undefined]),
        d.maybe(() => d.chance()),
        d.maybe(() => d.number(0, 1)),
      ];
    },
    gradients: false,
  },
  "image.transform": {
    draw: (d) => {
      const x = image(d);
      const n = d.chance() ? 1 : x.shape[0];
      const rows = Array.from({ length: n }, () => [
        d.number(0.5, 1.5),
        d.number(-0.5, 0.5),
        d.number(-1, 1),
        d.number(-0.5, 0.5),
        d.number(0.5, 1.5),
        d.number(-1, 1),
        d.number(-0.05, 0.05),
        d.number(-0.05, 0.05),
      ]);
      return [
        x,
        new Input([n, 8], "float32", rows.flat()),
        d.pick(["nearest", "bilinear", undefined]),
        d.pick(["constant", "reflect", "wrap", "nearest", undefined]),
        d.maybe(() => d.pick([0, 1.5])),
        d.maybe(() => [d.integer(1, 4), d.integer(1, 4)]),
      ];
    },
    gradients: false,
    tolerance: 1e-3,
    sums: true,
  },
};
