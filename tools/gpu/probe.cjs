// The engine's part of the probe (probe.py): `node probe.cjs engine` computes a few things eagerly,
// `node probe.cjs compiled` one compiled function, and both compare with numbers worked out in
// JavaScript. Prints one line of JSON.
const { compile, tf, useEngine } = require("../dist/engine");

const N = 96;
const value = (i, j) => Math.sin(i * 1.3 + j * 0.7);
const matrix = (f) =>
  Array.from({ length: N }, (_, i) => Array.from({ length: N }, (_, j) => f(i, j)));

/** tanh(a · b) summed over its rows, in 64 bits. */
function expected(a, b) {
  return a.map((row) =>
    b[0].reduce(
      (sum, _, j) => sum + Math.tanh(row.reduce((dot, x, k) => dot + x * b[k][j], 0) / N),
      0,
    ),
  );
}

const work = (x, y) => tf.tidy(() => tf.sum(tf.tanh(tf.div(tf.matMul(x, y), N)), 1));
const differs = (values, wanted) =>
  Math.max(
    ...wanted.map((w, i) => Math.abs(w - values[i]) || 0),
    ...values.map((v) => (Number.isFinite(v) ? 0 : Infinity)),
  );

async function main() {
  const engine = await useEngine({ quiet: true });
  const [a, b] = [matrix(value), matrix((i, j) => value(j, 2 * i))];
  const [x, y] = [tf.tensor2d(a), tf.tensor2d(b)];
  const found = { engine: engine.name, reasons: engine.reasons };
  if (process.argv[2] === "compiled") {
    const step = compile(work, { name: "probe" });
    const started = performance.now();
    found.difference = differs(step(x, y).dataSync(), expected(a, b));
    found.seconds = (performance.now() - started) / 1e3;
  } else {
    const ids = tf.tensor1d([3, 0, 95], "int32");
    const rows = tf.gather(x, ids).dataSync();
    found.difference = Math.max(
      differs(work(x, y).dataSync(), expected(a, b)),
      differs(
        rows,
        [3, 0, 95].flatMap((i) => a[i]),
      ),
    );
  }
  console.log(JSON.stringify(found));
}

main().catch((error) => {
  console.log(JSON.stringify({ error: error.message.split("\n").slice(0, 3).join(" ") }));
  process.exitCode = 1;
});
