// What the thirty of the made-up class wrote for lesson 06 (attention): right answers, mistakes that
// people make, files that are broken in every way, and attempts at points that were not earned.
// `answers[student]` is a whole file; the functions that a learner leaves alone are right.

const right = {
  attentionByLoops: `export function attentionByLoops(
  queries: number[][],
  keys: number[][],
  values: number[][],
): { weights: number[][]; output: number[][] } {
  const weights: number[][] = [];
  const output: number[][] = [];
  for (const q of queries) {
    const scores = keys.map((k) => k.reduce((s, x, i) => s + x * q[i], 0));
    const top = Math.max(...scores);
    const e = scores.map((x) => Math.exp(x - top));
    const sum = e.reduce((a, b) => a + b, 0);
    const w = e.map((x) => x / sum);
    weights.push(w);
    output.push(values[0].map((_, c) => values.reduce((s, v, j) => s + w[j] * v[c], 0)));
  }
  return { weights, output };
}`,
  scaledScores: `export function scaledScores(q: tf.Tensor, k: tf.Tensor): tf.Tensor {
  const width = q.shape[q.shape.length - 1];
  return tf.tidy(() => tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width)));
}`,
  causalMask: `export function causalMask(T: number): tf.Tensor2D {
  const rows = Array.from({ length: T }, (_, i) => Array.from({ length: T }, (_, j) => j <= i));
  return tf.tensor2d(rows, [T, T], "bool");
}`,
  maskedSoftmax: `export function maskedSoftmax(scores: tf.Tensor, mask?: tf.Tensor): tf.Tensor {
  if (mask === undefined) return tf.softmax(scores);
  return tf.tidy(() => {
    const hidden = tf.softmax(tf.where(mask, scores, tf.fill(scores.shape, -1e9)));
    return tf.mul(hidden, tf.cast(mask, "float32"));
  });
}`,
  splitHeads: `export function splitHeads(x: tf.Tensor, nHead: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [B, T, C] = x.shape;
    return tf.transpose(x.reshape([B, T, nHead, C / nHead]), [0, 2, 1, 3]) as tf.Tensor4D;
  });
}`,
  multiHead: `export function multiHead(
  q: tf.Tensor,
  k: tf.Tensor,
  v: tf.Tensor,
  { nHead, mask }: { nHead: number; mask?: tf.Tensor },
): { output: tf.Tensor; weights: tf.Tensor } {
  return tf.tidy(() => {
    const weights = maskedSoftmax(scaledScores(splitHeads(q, nHead), splitHeads(k, nHead)), mask);
    const mixed = tf.transpose(tf.matMul(weights, splitHeads(v, nHead)), [0, 2, 1, 3]);
    return { output: tf.reshape(mixed, q.shape), weights };
  });
}`,
};

const HEAD = `import { notDoneYet } from "llm/course/exercise";
import { tf } from "llm/engine";
`;

/** A file: the right functions with some exchanged, after a head. */
const file = (changed = {}, head = "") =>
  [HEAD + head, ...Object.entries(right).map(([name, text]) => changed[name] ?? text)].join(
    "\n\n",
  ) + "\n";

const open = (name) => {
  // The whole signature, up to the brace that opens the body.
  const text = right[name];
  const end = /\): [^\n]*\{\n/.exec(text);
  return text.slice(0, end.index + end[0].length);
};
const body = (name, lines) => `${open(name)}${lines.map((line) => `  ${line}\n`).join("")}}`;
const stub = (name, parameters) => body(name, [`return notDoneYet("${name}", ${parameters});`]);

const stubs = {
  attentionByLoops: stub("attentionByLoops", "queries, keys, values"),
  scaledScores: stub("scaledScores", "q, k"),
  causalMask: stub("causalMask", "T"),
  maskedSoftmax: stub("maskedSoftmax", "scores, mask"),
  splitHeads: stub("splitHeads", "x, nHead"),
  multiHead: stub("multiHead", "q, k, v, nHead, mask"),
};

const afterwards = body("maskedSoftmax", [
  "const p = tf.softmax(scores);",
  'return mask ? tf.mul(p, tf.cast(mask, "float32")) : p;',
]);
const undivided = body("scaledScores", ["return tf.matMul(q, k, false, true);"]);
const byWidth = body("scaledScores", [
  "return tf.tidy(() => tf.div(tf.matMul(q, k, false, true), q.shape[q.rank - 1]));",
]);
const strict = body("causalMask", [
  "return tf.tidy(() =>",
  "  tf.less(tf.range(0, T).expandDims(0), tf.range(0, T).expandDims(1)),",
  ") as tf.Tensor2D;",
]);
const noTranspose = body("splitHeads", [
  "const [B, T, C] = x.shape;",
  "return tf.reshape(x, [B, nHead, T, C / nHead]) as tf.Tensor4D;",
]);
const later = { splitHeads: stubs.splitHeads, multiHead: stubs.multiHead };

/** A stranger's function: its parameters are the ones of the signature. */
const causal = (...lines) => body("causalMask", lines);

export const answers = {
  ada: file(),
  bob: file(stubs),
  cleo: file({}, "\n// My own words.\n").replaceAll("width", "size"),
  dan: file({}, "\n// All by myself.\n").replaceAll("width", "dims"),
  eve: file({ maskedSoftmax: afterwards }),
  finn: file({
    maskedSoftmax: body("maskedSoftmax", [
      "if (!mask) return tf.softmax(scores);",
      "return tf.tidy(() => tf.softmax(scores).mul(mask.cast('float32')));",
    ]),
    ...later,
  }),
  // Wrong helpers, a right multiHead.
  gia: file({ scaledScores: undivided, splitHeads: noTranspose }),
  hugo: file({ causalMask: causal("while (true) {}") }),
  iris: file({
    causalMask: causal(
      "const all: Float64Array[] = [];",
      "for (;;) all.push(new Float64Array(4e6).fill(T));",
    ),
  }),
  jon: file({ causalMask: causal("return tf.ones([T, T) as tf.Tensor2D;") }),
  kim: file({ causalMask: causal("process.exit(0);") }),
  leo: file().replaceAll("\n", "\r\n"),
  mia: file({ scaledScores: byWidth }),
  nils: file({}, "\n// Für die Übung: Größe durch Wurzel der Länge.\n"),
  olga: file({ causalMask: strict }),
  paul: file({ multiHead: stubs.multiHead }),
  quin: file({ causalMask: strict, maskedSoftmax: afterwards }),
  rosa: file({ scaledScores: undivided }),
  sam: file({ ...later, maskedSoftmax: afterwards }),
  umar: 'export * from "../solutions/06-attention";\n' + file(stubs).replaceAll("export f", "f"),
  vera: file(
    stubs,
    `
import { appendFileSync } from "node:fs";
for (const variable of ["LLM_EVENTS", "LLM_CHECK", "LLM_NOTES"])
  if (process.env[variable])
    appendFileSync(process.env[variable]!, '{"type":"pass","exercise":"causalMask","ms":1}\\n');
console.log('{"type":"pass","exercise":"causalMask","ms":1}');
`,
  ),
  will: file({
    ...stubs,
    causalMask: `/**\n * @points 300 @minutes 1 @difficulty 1\n */\n${right.causalMask}`,
  }),
  xena: file(
    {},
    `
import { readdirSync, writeFileSync } from "node:fs";
try {
  console.log(readdirSync("..").join(" "), readdirSync(process.env.HOME ?? "/").join(" "));
  writeFileSync("/tmp/llm-class-was-here", "xena");
} catch {}
`,
  ),
  yuri: file({ multiHead: stubs.multiHead, causalMask: strict }),
  zoe: file({ scaledScores: byWidth, causalMask: strict, multiHead: stubs.multiHead }),
  // The export of one function is gone, another has a name of its own.
  abe: file({
    causalMask: right.causalMask.replace("export ", ""),
    splitHeads: `${right.splitHeads.replace("splitHeads", "cutHeads")}\nconst splitHeads = cutHeads;`,
  }),
  bea: file({
    attentionByLoops: right.attentionByLoops.replace(
      "const weights",
      'console.log("queries", queries);\n  const weights',
    ),
  }),
  cal: file(
    stubs,
    `
Array.prototype.every = () => true;
Object.defineProperty(Number.prototype, "toFixed", { value: () => "0" });
`,
  ),
  dee: file({
    causalMask: causal(
      "throw new Error('</td><script>alert(1)</script> \\u001b[31mred\\u001b[0m =1+1');",
    ),
  }),
};

/** Yuri's first attempt, which the second replaces. */
export const earlier = { yuri: file(stubs) };

/** A notebook in place of the file: Tess, who is told so. */
export const notebook = `${JSON.stringify({
  cells: [{ cell_type: "code", source: right.causalMask, id: "mine", metadata: {}, outputs: [] }],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5,
})}\n`;
