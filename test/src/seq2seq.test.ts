// The encoder–decoder: what it sees and what it does not, its loss by hand, its parameters. That its
// blocks equal PyTorch's is in transformer.test.ts.
import { tf, useEngine } from "llm/engine";
import { disposeParams, type Params } from "llm/params";
import {
  countSeq2SeqParams,
  decode,
  encode,
  initSeq2Seq,
  type Seq2SeqConfig,
  seq2seqLoss,
  seq2seqShapes,
  validateSeq2SeqConfig,
} from "llm/seq2seq";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { engines, lossAndGradients } from "./reference";

const config: Seq2SeqConfig = {
  vocabSize: 12,
  blockSize: 8,
  nEncoder: 2,
  nDecoder: 2,
  nHead: 2,
  nEmbd: 8,
  dropout: 0,
  bias: true,
  padId: 0,
  beginId: 1,
  endId: 2,
};

/** Weights large enough that every input matters. */
function strong(config: Seq2SeqConfig): Params {
  const params = initSeq2Seq(config, { seed: 4 });
  for (const value of Object.values(params)) if (value.rank > 1) value.assign(value.mul(25));
  return params;
}
const ids = (rows: number[][]) => tf.tensor2d(rows, [rows.length, rows[0].length], "int32");
const apart = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0];

describe.each(engines)("seq2seq on %s", (engine) => {
  beforeAll(() => useEngine({ prefer: engine, quiet: true }));
  beforeEach(() => tf.engine().startScope());
  afterEach(() => tf.engine().endScope());

  it("padding changes neither the context nor the loss", () => {
    const params = strong(config);
    const short = encode(params, config, ids([[5, 6, 7]]));
    const padded = encode(params, config, ids([[5, 6, 7, 0, 0]]));
    expect(apart(short.context, padded.context.slice([0, 0, 0], [1, 3, 8]))).toBeLessThan(1e-5);
    const loss = (source: number[], target: number[]) =>
      seq2seqLoss(params, config, ids([source]), ids([target]));
    expect(
      apart(loss([5, 6, 7], [1, 8, 9, 2]), loss([5, 6, 7, 0], [1, 8, 9, 2, 0, 0])),
    ).toBeLessThan(1e-5);
    disposeParams(params);
  });

  it("the encoder sees both ways, the decoder only what is before", () => {
    const params = strong(config);
    const context = (last: number) => encode(params, config, ids([[5, 6, last]]));
    const first = (x: tf.Tensor3D) => x.slice([0, 0, 0], [1, 1, -1]);
    expect(apart(first(context(7).context), first(context(9).context))).toBeGreaterThan(0.01);
    const logits = (last: number) => decode(params, config, ids([[1, 4, last]]), context(7));
    expect(apart(first(logits(3)), first(logits(9)))).toBe(0);
    const other = decode(params, config, ids([[1, 4, 3]]), context(9));
    expect(apart(first(logits(3)), first(other))).toBeGreaterThan(0.01); // the source matters
    disposeParams(params);
  });

  it("the loss is the mean surprise of targets and their ends, with teacher forcing", () => {
    const params = strong(config);
    const [sources, targets] = [
      ids([
        [5, 6],
        [7, 0],
      ]),
      ids([
        [1, 8, 9, 2],
        [1, 4, 2, 0],
      ]),
    ];
    const seen = encode(params, config, sources);
    const logits = decode(params, config, targets.slice([0, 0], [2, 3]), seen);
    const ln = tf.logSoftmax(logits).arraySync() as number[][][];
    const surprise = [ln[0][0][8], ln[0][1][9], ln[0][2][2], ln[1][0][4], ln[1][1][2]];
    const expected = -surprise.reduce((a, b) => a + b) / 5;
    const loss = seq2seqLoss(params, config, sources, targets).dataSync()[0];
    expect(loss).toBeCloseTo(expected, 4);
    disposeParams(params);
  });

  it("context mean gives one vector for each source: the mean over its tokens", () => {
    const params = strong(config);
    const source = ids([
      [5, 6, 7],
      [8, 9, 0],
    ]);
    const all = encode(params, config, source);
    const one = encode(params, { ...config, context: "mean" }, source);
    expect([one.context.shape, one.mask.shape]).toEqual([
      [2, 1, 8],
      [2, 1, 1, 1],
    ]);
    const means = [3, 2].map((S, b) => all.context.slice([b, 0, 0], [1, S, 8]).mean(1, true));
    expect(apart(one.context, tf.concat(means as tf.Tensor3D[], 0))).toBeLessThan(1e-5);
    expect(
      decode(
        params,
        config,
        ids([
          [1, 4],
          [1, 5],
        ]),
        one,
      ).shape,
    ).toEqual([2, 2, 12]);
    disposeParams(params);
  });

  it("a gradient reaches every parameter", () => {
    for (const position of ["sinusoidal", "learned", "none"] as const) {
      const design = { ...config, position, norm: "rmsNorm", activation: "swiglu" } as const;
      const params = strong(design);
      expect(Object.keys(params)).toEqual(Object.keys(seq2seqShapes(design)));
      const loss = () => seq2seqLoss(params, design, ids([[5, 6]]), ids([[1, 8, 9, 2]]));
      const { grads } = lossAndGradients(loss, params);
      for (const [name, grad] of Object.entries(grads))
        expect(tf.norm(grad).dataSync()[0], name).toBeGreaterThan(0);
      const { shared, encoder, decoder, total } = countSeq2SeqParams(params);
      expect(shared + encoder + decoder).toBe(total);
      disposeParams(params);
    }
  });

  it("shows its weights: rows sum to 1, padding gets none", () => {
    const params = strong(config);
    const seen: number[][] = [];
    const options = {
      onEncoderAttention: (_: number, weights: tf.Tensor4D) => seen.push(weights.shape),
      onCrossAttention: (layer: number, weights: tf.Tensor4D) => {
        seen.push([layer, ...weights.shape]);
        expect(apart(tf.sum(weights, -1), tf.onesLike(tf.sum(weights, -1)))).toBeLessThan(1e-5);
        expect(tf.max(weights.slice([0, 0, 0, 2], [1, 2, 2, 1])).dataSync()[0]).toBe(0);
      },
    };
    const context = encode(params, config, ids([[5, 6, 0]]), options);
    decode(params, config, ids([[1, 4]]), context, options);
    expect(seen).toEqual([
      [1, 2, 3, 3],
      [1, 2, 3, 3],
      [0, 1, 2, 2, 3],
      [1, 1, 2, 2, 3],
    ]);
    disposeParams(params);
  });

  it("refuses what does not fit", () => {
    const params = strong(config);
    expect(() => encode(params, config, tf.ones([1, 9], "int32"))).toThrow(
      "encode: expected int32 ids (B, T) with T from 1 to blockSize = 8, got int32 (1,9)",
    );
    const wrong = (changes: object) => () => validateSeq2SeqConfig({ ...config, ...changes });
    expect(wrong({ nHead: 3 })).toThrow("nEmbd divisible by nHead");
    expect(wrong({ endId: 1 })).toThrow("three different special ids");
    expect(wrong({ endId: 12 })).toThrow("special ids below vocabSize");
    expect(wrong({ context: "last" })).toThrow('context all or mean, got "last"');
    expect(wrong({ norm: "batchNorm", nEncoder: 0 })).toThrow(/nEncoder.*norm to be one of/);
    disposeParams(params);
  });
});
