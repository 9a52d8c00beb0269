// How the recorded runs of lesson 28 (interpretability) were made. To make them again, in about twenty
// minutes of CPU time on the native engine:
//
//     npm run model smollm2 && npm run build && node datasets/runs/28-interpretability/record.mjs
//
// thresholds.md, written and committed before, has the claims. One line of JSON for each run is written
// to runs.jsonl beside this file as soon as the run has ended; started again, the command goes on with
// what is missing. With words after it, only those runs are made: repeater, positions, lens, probes,
// transfer, steering, sae, base, smollm2, and added later: speaking, window, l1, toy,
// smollm2-apart; with "once" among them, only the first that is missing.

import { createRequire } from "node:module";
import { aboutLine, recorder } from "../recorder.mjs";

const require = createRequire(import.meta.url);
const { loadBaseModel } = require("llm/baseModel");
const { chineseVerse } = require("llm/data");
const { baseParts } = require("llm/decoding");
const { tf, useEngine } = require("llm/engine");
const { initGPT } = require("llm/gpt");
const I = require("llm/interpret");
const { disposeParams } = require("llm/params");
const { loadModel } = require("llm/pretrained");
const { Random } = require("llm/random");

const words = process.argv.slice(2).filter((word) => word !== "once");
const isWanted = (run) => words.length === 0 || words.includes(run);
const { has, lap, write } = recorder(new URL("runs.jsonl", import.meta.url));
const note = (line) => {
  write({ ...line, cpuSeconds: lap(1) });
  if (process.argv.includes("once") && !["about", "untrained"].includes(line.run)) process.exit(0);
};
const { description } = await useEngine({ quiet: true });
if (!has({ run: "about" })) note(aboutLine(description, { steps: 400, rows: 64 }));
const r = (x, digits = 3) =>
  Array.isArray(x) ? x.map((v) => r(v, digits)) : Number(x.toFixed(digits));
const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;

const STEPS = 400;
const P = I.TEST_PERIOD;
/** Rows of two equal halves of `period` tokens. */
const twice = (seed, period = P, rows = 64) =>
  I.repeatedRows(new Random(seed), { vocabSize: 64, rows, length: 2 * period, period });

/** Rows of `rows` with their first halves in another order. */
const shuffledFirst = (rows, rng) =>
  rows.map((row) => {
    const half = row.length / 2;
    return [...rng.shuffle(row.slice(0, half)), ...row.slice(half)];
  });

const topOf = (scores, among = I.headsIn({ config: { nLayer: scores.length, nHead: scores[0].length } })) =>
  among.reduce((a, b) => (scores[b.layer][b.head] > scores[a.layer][a.head] ? b : a));

/** Everything that is measured of a model of repeats. */
function measureRepeater(model) {
  const [choose, judge] = [twice(11), twice(12)];
  const prefix = I.headScores(model, choose, P - 1, P);
  const previous = I.headScores(model, choose, 1);
  const whole = I.secondHalfLoss(model, judge);
  const cuts = {};
  for (const instead of ["mean", "zero", "resample"])
    cuts[instead] = I.headsIn(model).map((h) => I.secondHalfLoss(model, judge, I.withoutHeads([h], instead)) - whole);
  const copying = I.headsIn(model).map((h) => I.copyingScore(model, h));
  return {
    ...{ loss: r(whole), short: r(I.secondHalfLoss(model, twice(13, 12))) },
    ...{ prefix: r(prefix), previous: r(previous), copying: r(copying) },
    cuts: { mean: r(cuts.mean), zero: r(cuts.zero), resample: r(cuts.resample) },
  };
}

/** What the induction head's keys and queries owe to each head of layer 0. */
function measurePaths(model, prefix) {
  const judge = twice(12);
  const other = shuffledFirst(judge, new Random(14));
  const receiver = topOf(prefix);
  const places = Array.from({ length: P - 1 }, (_, i) => P + i);
  const [ids, corrupted] = [I.tensorOf(judge), I.tensorOf(other)];
  const lossOf = (logits) => I.lossAt(logits, judge, places);
  const whole = I.secondHalfLoss(model, judge);
  const rise = { sender: [], whole: {} };
  for (const input of ["q", "k", "v"]) {
    const name = `blocks.${receiver.layer}.attn.hook_${input}`;
    const { cache, logits } = I.runWithCache(model, corrupted, [name]);
    rise.whole[input] = tf.tidy(() =>
      r(lossOf(I.runWithHooks(model, ids, { [name]: I.patchFrom(cache[name], { head: receiver.head }) })) - whole),
    );
    tf.dispose([cache, logits]);
  }
  for (let head = 0; head < 4; head++) {
    const line = {};
    for (const input of ["q", "k", "v"])
      line[input] = tf.tidy(() =>
        r(lossOf(I.pathPatch(model, ids, corrupted, { sender: { layer: 0, head }, receiver, input })) - whole),
      );
    rise.sender.push(line);
  }
  tf.dispose([ids, corrupted]);
  return { receiver, ...rise };
}

/** The rise of the loss when heads of layer 0 speak from the run `other` into q, k and v of one head. */
function riseOfPaths(model, receiver, rows, other, places, heads = [0, 1, 2, 3]) {
  return tf.tidy(() => {
    const [ids, corrupted] = [I.tensorOf(rows), I.tensorOf(other)];
    const whole = I.lossAt(I.runWithHooks(model, ids, {}), rows, places);
    return heads.map((head) => {
      const rise = (input) => {
        const paths = { sender: { layer: 0, head }, receiver, input };
        return r(I.lossAt(I.pathPatch(model, ids, corrupted, paths), rows, places) - whole);
      };
      return { q: rise("q"), k: rise("k"), v: rise("v") };
    });
  });
}

/** Claims 27 to 30: other runs in which the queries see other tokens, and copying. */
function measureSpeaking(model, untrained) {
  const judge = twice(12);
  const receiver = topOf(I.headScores(model, twice(11), P - 1, P));
  const [rng, second] = [new Random(14), new Random(16)];
  const shuffledFrom = (row, from, to) =>
    [...row.slice(0, from), ...second.shuffle(row.slice(from, to)), ...row.slice(to)];
  const places = Array.from({ length: P - 1 }, (_, i) => P + i);
  const paths = {
    first: riseOfPaths(model, receiver, judge, shuffledFirst(judge, rng), places),
    second: riseOfPaths(model, receiver, judge, judge.map((row) => shuffledFrom(row, P, 2 * P)), places),
    both: riseOfPaths(model, receiver, judge, twice(17), places),
  };
  const before = [28, 32, 36, 40, 44].map((t) => {
    const other = judge.map((row) => shuffledFrom(row, P, t));
    return riseOfPaths(model, receiver, judge, other, [t], [0])[0].q;
  });
  return {
    ...{ receiver, loss: r(I.secondHalfLoss(model, judge)), paths, before: r(mean(before)), beforeAt: before },
    activations: I.copyingOnActivations(model, judge, P).map((row) => r(row)),
    activationsUntrained: I.copyingOnActivations(untrained, judge, P).map((row) => r(row)),
    weights: I.headsIn(model).map((h) => r(I.copyingScore(model, h))),
    twoReversals: r(I.copyingScore(model, receiver, [{ layer: 0, head: 0 }])),
    throughOthers: [1, 2, 3].map((head) => r(I.copyingScore(model, receiver, [{ layer: 0, head }]))),
  };
}

/** Claims 33 and 34: the path into the queries when some of the tokens before one query are others. */
function measureWindow(model) {
  const judge = twice(12);
  const receiver = topOf(I.headScores(model, twice(11), P - 1, P));
  const rng = new Random(18);
  const others = judge.map((row) => rng.shuffle(Array.from({ length: 64 }, (_, id) => id)).filter((id) => !row.includes(id)));
  const replaced = (from, to) => judge.map((row, b) => row.map((id, t) => (t >= from && t < to ? others[b][t - P] : id)));
  const reversed = (from, to) => judge.map((row) => row.map((id, t) => (t >= from && t < to ? row[from + to - 1 - t] : id)));
  const runs = {
    last: (t) => replaced(t - 1, t),
    near: (t) => replaced(t - 4, t),
    far: (t) => replaced(P, t - 8),
    reversed: (t) => reversed(t - 4, t),
  };
  const at = [36, 40, 44];
  const rise = (other) => r(mean(at.map((t) => riseOfPaths(model, receiver, judge, other(t), [t], [0])[0].q)));
  return Object.fromEntries(Object.entries(runs).map(([name, other]) => [name, rise(other)]));
}

/** Importance of the tokens of rows that break off in the middle of the second copy. */
function measureImportance(model, seed) {
  const cut = P + P / 2; // the token at place cut − P + 1 … is what comes next
  const rows = twice(15).map((row) => row.slice(0, cut));
  const answers = rows.map((row) => row[cut - P]);
  const E = model.params["transformer.wte.weight"];
  return tf.tidy(() => {
    const x = tf.gather(E, I.tensorOf(rows));
    const baseline = tf.mean(E, 0);
    const f = I.lastLogit(model, rows, answers);
    const [full, none] = [f(x), f(tf.add(tf.zerosLike(x), baseline))].map((s) => Array.from(s.dataSync()));
    const methods = {
      integrated: I.integratedGradients(I.gradientsOnLine(f, x, baseline, 64), x, baseline),
      gradient: I.gradientTimesInput(f, x),
    };
    const out = {};
    const random = new Random(seed).fork("deletion");
    const places = rows[0].map((_, t) => t);
    out.random = { curve: r(I.deletionCurve(f, x, baseline, rows.map(() => random.shuffle([...places])), 8)) };
    for (const [name, numbers] of Object.entries(methods)) {
      const perToken = numbers.arraySync();
      const order = perToken.map(I.byImportance);
      const offs = perToken.map((row, b) => Math.abs(row.reduce((a, c) => a + c, 0) - (full[b] - none[b])));
      out[name] = {
        incomplete: r(mean(offs) / mean(full.map((v, b) => Math.abs(v - none[b])))),
        top3: r(mean(order.map((o) => Number(o.slice(0, 3).includes(cut - P))))),
        curve: r(I.deletionCurve(f, x, baseline, order, 8)),
      };
    }
    return { full: r(mean(full)), none: r(mean(none)), ...out };
  });
}

if (isWanted("repeater"))
  for (const seed of [1, 2, 3])
    for (const nLayer of [2, 1]) {
      if (has({ run: "repeater", seed, nLayer })) continue;
      const model = I.createRepeater({ seed, nLayer });
      if (nLayer === 2 && !has({ run: "untrained", seed }))
        note({ run: "untrained", seed, ...measureRepeater(model) });
      const snapshots = [];
      const look = () => {
        const scores = I.headScores(model, twice(11, P, 16), P - 1, P);
        return { prefix: r(Math.max(...scores.flat())), loss: r(I.secondHalfLoss(model, twice(12, P, 16))) };
      };
      await I.trainRepeater(model, {
        ...{ seed, steps: STEPS },
        onStep: (step) => step % 25 === 0 && snapshots.push({ step, ...look() }),
      });
      const found = measureRepeater(model);
      const more = nLayer === 2 ? { paths: measurePaths(model, found.prefix), importance: measureImportance(model, seed) } : {};
      note({ run: "repeater", seed, nLayer, ...found, ...more, snapshots });
      disposeParams(model.params);
    }

if (isWanted("speaking"))
  for (const seed of [1, 2, 3]) {
    if (has({ run: "speaking", seed })) continue;
    const [model, untrained] = [1, 2].map(() => I.createRepeater({ seed }));
    await I.trainRepeater(model, { seed, steps: STEPS });
    note({ run: "speaking", seed, ...measureSpeaking(model, untrained) });
    disposeParams(model.params);
    disposeParams(untrained.params);
  }

if (isWanted("window"))
  for (const seed of [1, 2, 3]) {
    if (has({ run: "window", seed })) continue;
    const model = I.createRepeater({ seed });
    await I.trainRepeater(model, { seed, steps: STEPS });
    note({ run: "window", seed, ...measureWindow(model) });
    disposeParams(model.params);
  }

if (isWanted("positions"))
  for (const seed of [1, 2, 3]) {
    if (has({ run: "positions", seed })) continue;
    const model = I.createRepeater({ seed, position: "learned" });
    await I.trainRepeater(model, { seed, steps: STEPS });
    note({ run: "positions", seed, position: "learned", ...measureRepeater(model) });
    disposeParams(model.params);
  }

const base = () => (base.model ??= loadBaseModel());
/** Held-out passages of the book as rows of ids. */
const passages = (tokenizer, rows, length) => {
  const texts = baseParts().book.heldOut.map((text) => Array.from(tokenizer.encode(text)));
  return texts.filter((ids) => ids.length >= length).slice(0, rows).map((ids) => ids.slice(0, length));
};
const everyPlace = (length) => Array.from({ length: length - 1 }, (_, t) => t);

if (isWanted("lens") && !has({ run: "lens" })) {
  const model = base();
  const all = passages(model.tokenizer, 60, 96);
  const [judged, others] = [all.slice(0, 40), all.slice(40)];
  const shifts = I.lensShifts(model, I.tensorOf(others));
  const ids = I.tensorOf(judged);
  const losses = (given) => {
    const layers = I.lensLayers(model, ids, given);
    const list = layers.map((x) => I.lossAt(x, judged, everyPlace(96)));
    tf.dispose(layers);
    return r(list);
  };
  const counts = new Float64Array(2048).fill(1);
  for (const text of baseParts().book.read) for (const id of model.tokenizer.encode(text)) counts[id]++;
  const total = counts.reduce((a, b) => a + b);
  const unigram = mean(judged.flatMap((row) => row.slice(1).map((id) => -Math.log(counts[id] / total))));
  note({ run: "lens", passages: judged.length, plain: losses(), shifted: losses(shifts), unigram: r(unigram) });
}

if (isWanted("probes")) {
  const trained = base();
  const tasks = {
    "noun or verb": () => I.nounOrVerb(),
    "subject's number": () => I.subjectNumber(new Random(28), 480),
  };
  for (const seed of [1, 2, 3]) {
    const untrained = { config: trained.config, params: initGPT(trained.config, { seed }) };
    for (const [task, make] of Object.entries(tasks))
      for (const [name, model] of Object.entries({ trained, untrained })) {
        if (has({ run: "probes", seed, task, model: name })) continue;
        const examples = make().map((e) => ({ ...e, ids: Array.from(trained.tokenizer.encode(e.text)) }));
        const layers = I.streamAtEnd(model, examples.map((e) => e.ids));
        const held = new Set(new Random(seed).shuffle(examples.map((_, i) => i)).slice(0, examples.length / 4));
        const isTest = (i) => held.has(i);
        const labels = examples.map((e) => e.label);
        const rng = new Random(seed).fork("control");
        const draws = examples.map(() => rng.uniform());
        const control = I.controlLabels(examples.map((e) => e.word), labels, draws);
        const accuracy = layers.map((rows) => I.probeOn(rows, labels, isTest));
        const controls = layers.map((rows) => I.probeOn(rows, control, isTest));
        note({ run: "probes", seed, task, model: name, accuracy: r(accuracy), control: r(controls) });
      }
    disposeParams(untrained.params);
  }
}

if (isWanted("transfer")) {
  const trained = base();
  const tasks = {
    "noun or verb": () => {
      const known = new Set(["the", "a", "his", "they", "we", "you"]);
      return I.nounOrVerb().map((e) => ({ ...e, isTest: !known.has(e.text.slice(0, -e.word.length - 1)) }));
    },
    "subject's number": () => {
      const made = I.subjectNumber(new Random(28), 960);
      const types = [...new Set(made.map((e) => e.word))].sort();
      const held = new Set(types.filter((_, i) => i % 3 === 0));
      return made.map((e) => ({ ...e, isTest: held.has(e.word) }));
    },
  };
  for (const [task, make] of Object.entries(tasks))
    for (const seed of [0, 1, 2, 3]) {
      if (has({ run: "transfer", seed, task })) continue;
      const model = seed === 0 ? trained : { config: trained.config, params: initGPT(trained.config, { seed }) };
      const examples = make().map((e) => ({ ...e, ids: Array.from(trained.tokenizer.encode(e.text)) }));
      const layers = I.streamAtEnd(model, examples.map((e) => e.ids));
      const labels = examples.map((e) => e.label);
      const accuracy = layers.map((rows) => I.probeOn(rows, labels, (i) => examples[i].isTest));
      note({ run: "transfer", seed, task, model: seed === 0 ? "trained" : "untrained", accuracy: r(accuracy) });
      if (seed !== 0) disposeParams(model.params);
    }
}

if (isWanted("steering") && [0, 1, 2, 3, 4, 5].some((layer) => !has({ run: "steering", layer }))) {
  const model = base();
  const parts = baseParts();
  const verse = chineseVerse().trim().split("\n").slice(0, 400).join("\n");
  const cutOf = (texts) => texts.map((t) => Array.from(model.tokenizer.encode(t))).filter((t) => t.length >= 64).slice(0, 24).map((t) => t.slice(0, 64));
  const english = cutOf(parts.book.heldOut.slice(0, 40));
  const from = cutOf(parts.book.read.slice(0, 40));
  const read = Array.from(model.tokenizer.encode(verse));
  const chinese = Array.from({ length: 24 }, (_, i) => read.slice(i * 64, (i + 1) * 64));
  const han = /\p{Script=Han}|\ufffd/u; // a character, or bytes of one
  const isChinese = Array.from({ length: 2048 }, (_, id) => Number(han.test(model.tokenizer.decode([id]))));
  const ids = I.tensorOf(english);
  const measured = (hooks) =>
    tf.tidy(() => {
      const logits = I.runWithHooks(model, ids, hooks);
      const share = tf.mean(tf.sum(tf.mul(tf.softmax(logits), tf.tensor1d(isChinese)), -1)).dataSync()[0];
      return { share: r(share), loss: r(I.lossAt(logits, english, everyPlace(64))) };
    });
  for (let layer = 0; layer < 6; layer++) {
    if (has({ run: "steering", layer })) continue;
    const name = `blocks.${layer}.hook_resid_post`;
    const vector = I.meanDifference(model, { to: I.tensorOf(chinese), from: I.tensorOf(from) }, name);
    const strengths = [0.5, 1, 2, 4].map((s) => ({ strength: s, ...measured(I.steer(name, vector, s)) }));
    const random = [1, 2, 3, 4, 5].map((seed) => ({
      seed,
      ...measured(I.steer(name, I.randomLike(vector, new Random(seed)), 2)),
    }));
    const length = r(tf.norm(vector).dataSync()[0]);
    note({ run: "steering", layer, plain: measured({}), length, strengths, random });
  }
}

/** Activations made of 32 known directions in 16 dimensions. */
function knownDirections(seed) {
  const rng = new Random(seed).fork("sae");
  const truth = I.randomDirections(rng, 32, 16);
  const h = tf.tidy(() => tf.matMul(I.sparseFeatures(rng, 4096, 32, 0.05), tf.tensor2d(truth)));
  return { rng, truth, h };
}

if (isWanted("sae"))
  for (const seed of [1, 2, 3, 4, 5]) {
    if (has({ run: "sae", seed })) continue;
    const toy = {};
    for (const p of [1, 0.3, 0.05]) toy[p] = I.represented(I.trainToy({ seed, p }));
    const { rng, truth, h } = knownDirections(seed);
    const found = {
      topk: I.sparseAutoencoder(h, { seed, latents: 64, k: 2 }),
      l1: I.sparseAutoencoder(h, { seed, latents: 64, l1: 0.03 }),
      pca: I.principalDirections(h.arraySync(), rng),
      random: I.randomDirections(rng, 64, 16),
    };
    const scores = {};
    for (const [name, rows] of Object.entries(found)) {
      const { mean: cosine, found: share } = I.recoveredDirections(truth, rows);
      scores[name] = { cosine: r(cosine), found: r(share) };
    }
    h.dispose();
    note({ run: "sae", seed, toy, ...scores });
  }

if (isWanted("l1"))
  for (const seed of [1, 2, 3, 4, 5])
    for (const l1 of [0.01, 0.03, 0.1, 0.3, 1]) {
      if (has({ run: "l1", seed, l1 })) continue;
      const { truth, h } = knownDirections(seed);
      const { mean: cosine, found } = I.recoveredDirections(truth, I.sparseAutoencoder(h, { seed, latents: 64, l1 }));
      h.dispose();
      note({ run: "l1", seed, l1, cosine: r(cosine), found: r(found) });
    }

if (isWanted("toy"))
  for (const seed of [1, 2, 3, 4, 5]) {
    if (has({ run: "toy", seed })) continue;
    const steps = [200, 400, 700, 1000, 1500];
    note({ run: "toy", seed, steps, represented: steps.map((n) => I.represented(I.trainToy({ seed, p: 1, steps: n }))) });
  }

/** Scores and losses of a model of text on rows of random tokens, drawn from all its vocabulary. */
function lookFor(model, { vocabSize, rows, period, seed = 21 }) {
  const ids = Array.from({ length: rows }, (_, i) => {
    const rng = new Random(seed).fork("row", i);
    const half = Array.from({ length: period }, () => rng.integer(vocabSize));
    return [...half, ...half];
  });
  const prefix = I.headScores(model, ids, period - 1, period);
  const [first, second] = tf.tidy(() => {
    const logits = I.runWithHooks(model, I.tensorOf(ids), {});
    const places = Array.from({ length: period - 1 }, (_, t) => t);
    return [places, places.map((t) => t + period)].map((at) => I.lossAt(logits, ids, at));
  });
  return { ids, prefix, first, second };
}

if (isWanted("base") && !has({ run: "base" })) {
  const model = base();
  const { prefix, first, second } = lookFor(model, { vocabSize: 2048, rows: 32, period: 25 });
  note({ run: "base", prefix: r(prefix), first: r(first), second: r(second) });
}

if (isWanted("smollm2") && !has({ run: "smollm2" })) {
  const model = loadModel("smollm2");
  const { ids, prefix, first, second } = lookFor(model, { vocabSize: 49152, rows: 2, period: 25 });
  const ranked = I.headsIn(model).sort((a, b) => prefix[b.layer][b.head] - prefix[a.layer][a.head]);
  const top = ranked.slice(0, 10);
  const cut = (heads) => r(I.secondHalfLoss(model, ids, I.withoutHeads(heads)));
  const random = [1, 2, 3].map((seed) => cut(new Random(seed).shuffle(ranked.slice(10)).slice(0, 10)));
  note({ run: "smollm2", prefix: r(prefix), first: r(first), second: r(second), top, cutTop: cut(top), cutRandom: random });
}

/** Other heads, as many from each layer as `heads` has there. */
function othersOfTheSameLayers(model, heads, rng) {
  const isOne = (h) => heads.some((one) => one.layer === h.layer && one.head === h.head);
  return [...new Set(heads.map((h) => h.layer))].flatMap((layer) => {
    const others = I.headsIn(model).filter((h) => h.layer === layer && !isOne(h));
    return rng.shuffle(others).slice(0, heads.filter((h) => h.layer === layer).length);
  });
}

if (isWanted("smollm2-apart") && !has({ run: "smollm2 apart" })) {
  const model = loadModel("smollm2");
  const drawn = { vocabSize: 49152, rows: 8, period: 25 };
  const { prefix } = lookFor(model, { ...drawn, seed: 22 });
  const ranked = I.headsIn(model).sort((a, b) => prefix[b.layer][b.head] - prefix[a.layer][a.head]);
  const top = ranked.slice(0, 10);
  const { ids, first, second } = lookFor(model, { ...drawn, seed: 23 });
  const cut = (heads) => r(I.secondHalfLoss(model, ids, I.withoutHeads(heads)));
  const sameLayers = [1, 2, 3, 4, 5].map((seed) => cut(othersOfTheSameLayers(model, top, new Random(seed))));
  const anywhere = [1, 2, 3].map((seed) => cut(new Random(seed).shuffle(ranked.slice(10)).slice(0, 10)));
  note({ run: "smollm2 apart", first: r(first), second: r(second), top, cutTop: cut(top), sameLayers, anywhere });
}
process.exit(0);
