// Pictures, patches, encoders and captions: patches against a convolution, the contrastive loss
// against loops, captions against their pictures, gradients, and that a bag of words is one.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { tf, useEngine } from "llm/engine";
import { countParams, disposeParams, lossAndGrads, type Params } from "llm/params";
import { Random } from "llm/random";
import {
  captionCounts,
  captionHidden,
  captionIds,
  captionLosses,
  captionOf,
  captionText,
  colours,
  contrastiveLoss,
  distinctScenes,
  drawScene,
  embedCaptions,
  embedImages,
  encodeCaptioner,
  heldOut,
  imagesOf,
  initCaptioner,
  initVision,
  isHeldOut,
  loadCaptioner,
  pairsOf,
  patchAttention,
  patchify,
  preferByContrast,
  preferByWriting,
  renderScene,
  sceneOf,
  shapes,
  smallVision,
  swapAccuracy,
  type Thing,
  things,
  thingsOf,
  trainCaptioner,
  trainContrastive,
  unpatchify,
  words,
  writeCaptions,
  zeroShotCounts,
} from "llm/vision";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(() => useEngine({ prefer: "wasm", quiet: true }));
const tiny = { ...smallVision, nEmbd: 16, nHead: 2, nLayer: 1, common: 8 };

describe("shapes", () => {
  it("that are held out have each colour and each shape once", () => {
    expect(new Set(heldOut.map(([c]) => c)).size).toBe(4);
    expect(new Set(heldOut.map(([, s]) => s)).size).toBe(4);
    expect(things("train")).toHaveLength(20);
    expect(things("held out")).toHaveLength(4);
    const rng = new Random(1);
    for (let i = 0; i < 200; i++)
      expect(drawScene({ from: things("train"), rng }).objects.some(isHeldOut)).toBe(false);
  });

  it("are drawn in their colour, at their place, in their size", () => {
    const scene = (thing: Thing, radius: number) => ({
      objects: [{ ...thing, x: 0.5, y: 0.5, radius }],
      background: 0.2,
    });
    const area = (shape: Thing["shape"], radius: number) => {
      const pixels = renderScene(scene({ colour: "red", shape }, radius), { side: 120 });
      let sum = 0;
      for (let i = 0; i < pixels.length; i += 3) sum += (pixels[i] - 0.2) / 0.7;
      return sum / 14400;
    };
    // in radii squared: π, 1.76², a triangle 1.75 high and 1.75 wide, a cross of two bars 2 × 0.68
    const areas = { circle: Math.PI, square: 1.76 ** 2, triangle: 1.75 ** 2 / 2 };
    for (const [shape, expected] of Object.entries({ ...areas, cross: 2 * 2 * 0.68 - 0.68 ** 2 }))
      expect(Math.abs(area(shape as Thing["shape"], 0.3) / 0.09 / expected - 1)).toBeLessThan(0.03);
    const [r, g, b] = renderScene(scene({ colour: "blue", shape: "circle" }, 0.2))
      .subarray((12 * 24 + 12) * 3)
      .subarray(0, 3);
    expect([r, g, b].map((v) => Number(v.toFixed(2)))).toEqual([0.25, 0.4, 0.95]);
  });

  it("are drawn again from the same seed, with noise only where asked", () => {
    const rng = () => new Random(4);
    const one = drawScene({ from: things(), count: 2, rng: rng() });
    expect(drawScene({ from: things(), count: 2, rng: rng() })).toEqual(one);
    expect(one.objects[0].x).toBeLessThan(0.3);
    expect(one.objects[1].x).toBeGreaterThan(0.7);
    const [clean, noisy] = [0, 0.1].map((noise) => renderScene(one, { noise, rng: rng() }));
    const std = Math.sqrt(clean.reduce((s, x, i) => s + (x - noisy[i]) ** 2, 0) / clean.length);
    expect(std).toBeCloseTo(0.1, 2);
    expect(() => renderScene(one, { noise: 0.1 })).toThrow("expected an rng");
  });

  it("have captions that say what they are, and can be read again", () => {
    const rng = new Random(7);
    for (let i = 0; i < 50; i++) {
      const { objects } = drawScene({ from: things(), rng });
      const caption = captionOf(objects);
      expect(captionText(captionIds(caption))).toBe(caption);
      const told = objects.map(({ colour, shape }) => ({ colour, shape }));
      expect(thingsOf(caption)).toEqual(told);
    }
    expect(thingsOf("a red and a blue circle")[0]).toBeUndefined();
    expect(() => captionIds("a whale")).toThrow("got whale");
    expect(() => captionIds("a a a a a a a a")).toThrow("at most 7 words, got 8");
  });

  it("of one batch have different captions", () => {
    const captions = distinctScenes(60, things("train"), new Random(1)).map(({ objects }) =>
      captionOf(objects),
    );
    expect(new Set(captions).size).toBe(60);
  });
});

describe("patches", () => {
  it("times a matrix are a convolution whose stride is its width", () => {
    const [B, S, P, K, C] = [2, 12, 4, 3, 5];
    const gap = tf.tidy(() => {
      const images = tf.randomNormal<tf.Rank.R4>([B, S, S, K], 0, 1, "float32", 1);
      const kernel = tf.randomNormal<tf.Rank.R4>([P, P, K, C], 0, 1, "float32", 2);
      const convolved = tf.reshape(tf.conv2d(images, kernel, P, "valid"), [B, 9, C]);
      const rows = tf.reshape(patchify(images, P), [B * 9, P * P * K]);
      const product = tf.reshape(tf.matMul(rows, tf.reshape(kernel, [P * P * K, C])), [B, 9, C]);
      return tf.max(tf.abs(tf.sub(convolved, product))).dataSync()[0];
    });
    expect(gap).toBeLessThan(1e-4);
  });

  it("go back to the picture, and are refused where they do not fit", () => {
    tf.tidy(() => {
      const images = tf.randomNormal<tf.Rank.R4>([2, 6, 6, 3], 0, 1, "float32", 1);
      expect(unpatchify(patchify(images, 2), 2).dataSync()).toEqual(images.dataSync());
      expect(() => patchify(images, 4)).toThrow("a side that divides 6 and 6, got patches of 4");
      expect(() => unpatchify(tf.zeros([1, 5, 12]), 2)).toThrow("square pictures");
    });
  });
});

describe("contrastive learning", () => {
  it("has the loss that loops give, ln B where nothing is known, and gradients", () => {
    const rng = new Random(3);
    const rows = () => {
      const row = Array.from({ length: 4 }, () => rng.normal());
      const length = Math.sqrt(row.reduce((s, x) => s + x * x, 0));
      return row.map((x) => x / length);
    };
    const [I, T] = [0, 1].map(() => Array.from({ length: 3 }, rows));
    const scale = 2.5;
    const s = I.map((a) => T.map((b) => scale * a.reduce((sum, x, c) => sum + x * b[c], 0)));
    const nll = (row: number[], i: number) =>
      Math.log(row.reduce((sum, x) => sum + Math.exp(x), 0)) - row[i];
    const rowsLoss = s.reduce((sum, row, i) => sum + nll(row, i), 0) / 3;
    const columns = s[0].map((_, j) => s.map((row) => row[j]));
    const columnsLoss = columns.reduce((sum, row, i) => sum + nll(row, i), 0) / 3;
    tf.tidy(() => {
      const tau = tf.scalar(Math.log(scale));
      const loss = contrastiveLoss(tf.tensor2d(I), tf.tensor2d(T), tau).dataSync()[0];
      expect(loss).toBeCloseTo((rowsLoss + columnsLoss) / 2, 5);
      const same = tf.tensor2d([I[0], I[0], I[0]]);
      expect(contrastiveLoss(same, same, tau).dataSync()[0]).toBeCloseTo(Math.log(3), 5);
    });
  });

  it("reaches every parameter, and lowers the loss", async () => {
    const params = initVision(tiny, 1);
    const scenes = distinctScenes(12, things("train"), new Random(2));
    const pairs = pairsOf(scenes, tiny);
    const { loss, grads } = lossAndGrads(params, () =>
      contrastiveLoss(
        embedImages(params, tiny, pairs.images),
        embedCaptions(params, tiny, pairs.captions),
        params["logit_scale.weight"],
      ),
    );
    for (const [name, grad] of Object.entries(grads))
      expect(
        tf.tidy(() => tf.max(tf.abs(grad)).dataSync()[0]),
        name,
      ).toBeGreaterThan(0);
    tf.dispose([loss, ...Object.values(grads), ...Object.values(pairs)]);
    const losses: number[] = [];
    const onStep = (_: number, value: number) => void losses.push(value);
    await trainContrastive(params, tiny, { seed: 1, steps: 12, batchSize: 12, onStep });
    expect(losses.at(-1)).toBeLessThan(losses[0] - 0.1);
    disposeParams(params);
  });

  it("by a bag of words cannot tell swapped colours apart, by order it can", () => {
    const vectors = (textLayers: number) => {
      const config = { ...tiny, textLayers };
      const params = initVision(config, 5);
      const rows = tf.tidy(() => {
        const captions = ["a red circle and a blue cross", "a blue circle and a red cross"];
        const ids = tf.tensor2d(captions.map(captionIds), undefined, "int32");
        return embedCaptions(params, config, ids).arraySync() as number[][];
      });
      disposeParams(params);
      return Math.max(...rows[0].map((x, i) => Math.abs(x - rows[1][i])));
    };
    expect(vectors(0)).toBeLessThan(1e-6);
    expect(vectors(1)).toBeGreaterThan(1e-3);
  });

  it("gives vectors of length 1 that do not look at what fills a caption up", () => {
    const params = initVision(tiny, 5);
    tf.tidy(() => {
      const ids = captionIds("a red circle");
      const whole = embedCaptions(params, tiny, tf.tensor2d([ids], [1, 8], "int32"));
      expect(tf.norm(whole).dataSync()[0]).toBeCloseTo(1, 5);
      const config = { ...tiny, textLayers: 0 };
      const short = tf.tensor2d([ids.slice(0, 4)], [1, 4], "int32");
      const long = tf.tensor2d([ids], [1, 8], "int32");
      const [a, b] = [short, long].map((x) => embedCaptions(params, config, x).dataSync());
      expect(Math.max(...a.map((x, i) => Math.abs(x - b[i])))).toBeLessThan(1e-6);
    });
    disposeParams(params);
  });
});

describe("a captioner", () => {
  let vision: { params: Params; config: typeof tiny };
  beforeAll(() => {
    vision = { params: initVision(tiny, 1), config: tiny };
  });

  it("reads patches as words: another picture, other states; the words' own rows are the GPT's", () => {
    const captioner = initCaptioner(vision, 2);
    tf.tidy(() => {
      const scenes = distinctScenes(2, things(), new Random(3));
      const { images } = pairsOf(scenes, tiny);
      const ids = tf.tensor2d(
        [
          [1, 2, 4],
          [1, 2, 4],
        ],
        [2, 3],
        "int32",
      );
      const hidden = captionHidden(captioner, images, ids);
      expect(hidden.shape).toEqual([2, 39, 64]);
      const alone = captionHidden(
        captioner,
        tf.slice(images, [1, 0, 0, 0], [1, -1, -1, -1]),
        tf.slice(ids, [1, 0], [1, 3]),
      );
      const second = tf.slice(hidden, [1, 0, 0], [1, -1, -1]);
      expect(tf.max(tf.abs(tf.sub(second, alone))).dataSync()[0]).toBeLessThan(1e-4);
      const first = tf.slice(hidden, [0, 0, 0], [1, -1, -1]);
      expect(tf.max(tf.abs(tf.sub(second, first))).dataSync()[0]).toBeGreaterThan(1e-3);
    });
    disposeParams(captioner.params);
  });

  it("has −ln p of a caption: the sum over its words, and −ln 1/V each where nothing is known", () => {
    const captioner = initCaptioner(vision, 2);
    captioner.params["lm_head.weight"].assign(tf.zerosLike(captioner.params["lm_head.weight"]));
    const losses = tf.tidy(() => {
      const scene = (objects: Thing[]) => ({
        objects: objects.map((o) => ({ ...o, x: 0.3, y: 0.5, radius: 0.1 })),
        background: 0.2,
      });
      const [a, b] = things();
      return captionLosses(captioner, pairsOf([scene([a]), scene([a, b])], tiny)).dataSync();
    });
    // three words and ".", seven words and "."
    expect(losses[0]).toBeCloseTo(4 * Math.log(words.length), 4);
    expect(losses[1]).toBeCloseTo(8 * Math.log(words.length), 4);
    disposeParams(captioner.params);
  });

  it("is trained without touching the encoder, and counts its captions", async () => {
    const captioner = initCaptioner(vision, 2);
    const before = vision.params["image.patches.weight"].dataSync().slice();
    const losses: number[] = [];
    const onStep = (_: number, value: number) => void losses.push(value);
    await trainCaptioner(captioner, { seed: 1, steps: 25, batchSize: 8, maxLr: 5e-3, onStep });
    expect(losses.at(-1)).toBeLessThan(losses[0] - 0.8);
    expect(vision.params["image.patches.weight"].dataSync()).toEqual(before);
    const counts = captionCounts(captioner, { part: "train", count: 8, seed: 1 });
    expect(counts).toMatchObject({ pictures: 8, n: 12 });
    for (const key of ["right", "colour", "shape"] as const)
      expect(counts[key]).toBeLessThanOrEqual(12);
    expect(counts.exact).toBeLessThanOrEqual(8);
    const blank = captionCounts(captioner, { part: "train", count: 8, seed: 1, pictures: "blank" });
    const shuffled = { part: "train", count: 8, seed: 1, pictures: "shuffled" } as const;
    expect(blank.exact).toBeLessThan(4);
    expect(captionCounts(captioner, shuffled)).toMatchObject({ pictures: 8, n: 12 });
    expect(countParams(captioner.params)).toBeLessThan(120_000);
    disposeParams(captioner.params);
  });

  it("is the same after it was a file", () => {
    const own = { params: initVision(smallVision, 4), config: smallVision };
    const captioner = initCaptioner(own, 3);
    const file = join(mkdtempSync(join(tmpdir(), "captioner-")), "captioner.safetensors");
    writeFileSync(file, encodeCaptioner(captioner));
    const again = loadCaptioner(file);
    const [a, b] = [captioner, again].map((one) =>
      tf.tidy(() => {
        const { images, captions } = pairsOf(
          distinctScenes(2, things(), new Random(3)),
          smallVision,
        );
        return Array.from(captionLosses(one, { images, captions }).dataSync());
      }),
    );
    expect(a).toEqual(b);
    rmSync(dirname(file), { recursive: true });
    for (const { params, vision } of [captioner, again])
      for (const some of [params, vision.params]) disposeParams(some);
  });

  it("shows where it looks: squares whose weights are at most 1 in all", () => {
    const captioner = initCaptioner(vision, 2);
    const image = imagesOf([sceneOf([things()[0]])], tiny);
    const squares = patchAttention(captioner, image, captionIds("a red circle").slice(0, 4), 1);
    expect(squares.map((square) => square.map((row) => row.length))).toEqual(
      Array(4).fill(Array(6).fill(6)),
    );
    // a fresh model looks evenly: 36 of the 37 + t places are patches
    squares.forEach((square, t) => {
      expect(square.flat().reduce((a, b) => a + b)).toBeCloseTo(36 / (37 + t), 1);
    });
    image.dispose();
    disposeParams(captioner.params);
    expect(() => sceneOf([])).toThrow("one thing or two, got 0");
  });

  it("writes eight ids for each picture", () => {
    const captioner = initCaptioner(vision, 2);
    const { images, captions } = pairsOf(distinctScenes(3, things(), new Random(3)), tiny);
    const written = writeCaptions(captioner, images);
    expect(written.map((ids) => ids.length)).toEqual([8, 8, 8]);
    tf.dispose([images, captions]);
    disposeParams(captioner.params);
  });

  it("and a fresh encoder name nothing better than chance, with ties as halves", () => {
    const counts = zeroShotCounts(vision.params, tiny, { part: "held out", count: 64, seed: 2 });
    expect(counts.n).toBe(64);
    expect(counts.right).toBeLessThan(20);
    const same = zeroShotCounts(vision.params, tiny, {
      ...{ part: "held out", count: 64, seed: 2 },
      change: (names) => tf.zerosLike(names), // all tie: the first, a red circle, is said each time
    });
    expect(same.right).toBe(0); // a red circle is not held out
    expect(same.colour + same.shape).toBeGreaterThan(10); // red triangles and blue circles
    const options = { part: "train", count: 30, seed: 1 } as const;
    const config = { ...tiny, textLayers: 0 };
    const bag = initVision(config, 3);
    expect(swapAccuracy(preferByContrast(bag, config), options)).toBe(0.5);
    const captioner = initCaptioner(vision, 2);
    const share = swapAccuracy(preferByWriting(captioner), options);
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
    for (const params of [bag, captioner.params, vision.params]) disposeParams(params);
  });
});

it("the vocabulary has every word of a caption once", () => {
  expect(new Set(words).size).toBe(words.length);
  for (const word of [...colours, ...shapes]) expect(words).toContain(word);
});
