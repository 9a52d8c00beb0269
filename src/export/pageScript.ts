// The script of the page that ./page writes. It runs in a browser, alone: no modules, no requests. The
// model's step is a list of calls of the course's kernels (`PagedGPT.recordStep`), and its memory is the
// one that they had in Node, so nothing of a Transformer is written again here. Left out: reading a text
// of the reader's own (the tokenizer stays in Node), more than one text.

/** Reads `#model` and writes into the page; `load` and `choose` are also what a test calls. */
export const pageScript = `"use strict";
const bytesOf = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const unzip = async (text) => {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};

/** A model: next(id) reads a token and gives the logits of the one after it. */
async function load(model) {
  const image = await unzip(model.memory);
  const pages = Math.ceil(image.length / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536 });
  new Uint8Array(memory.buffer).set(image);
  const module = new WebAssembly.Module(bytesOf(model.kernels));
  const { exports } = new WebAssembly.Instance(module, { env: { memory, log: Math.log } });
  const { calls, x, rows, tables, logits } = model.step;
  const { width, vocabSize, length, blocks } = model;
  const floats = (bytes) => new Float32Array(bytes.buffer, 0, bytes.length / 4);
  const tokens = floats(await unzip(model.tokens));
  const places = model.places ? floats(await unzip(model.places)) : null;
  new Int32Array(memory.buffer, tables, blocks).set(Array.from({ length: blocks }, (_, n) => n));
  let position = 0;
  return {
    begin() { position = 0; },
    isFull: () => position >= length,
    next(id) {
      const row = new Float32Array(memory.buffer, x, width);
      for (let c = 0; c < width; c++)
        row[c] = tokens[id * width + c] + (places ? places[position * width + c] : 0);
      new Int32Array(memory.buffer, rows, 2).set([position, tables]);
      for (const [kernel, ...numbers] of calls) exports[kernel](...numbers);
      position++;
      return new Float32Array(memory.buffer, logits, vocabSize);
    },
  };
}

/** A token: the most probable one at temperature 0, else drawn. */
function choose(logits, temperature, random) {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  if (temperature === 0) return best;
  const powers = Float64Array.from(logits, (v) => Math.exp((v - logits[best]) / temperature));
  let left = random() * powers.reduce((a, b) => a + b, 0);
  for (let i = 0; i < powers.length; i++) if ((left -= powers[i]) < 0) return i;
  return best;
}

async function main() {
  const model = JSON.parse(document.getElementById("model").textContent);
  const at = (id) => document.getElementById(id);
  for (const [i, { text }] of model.beginnings.entries()) at("beginning").add(new Option(text, i));
  at("temperature").oninput = () => (at("shown").textContent = at("temperature").value);
  const gpt = await load(model);
  at("write").disabled = false;
  let run = 0;
  at("write").onclick = async () => {
    const mine = ++run;
    const { ids, text } = model.beginnings[Number(at("beginning").value)];
    const decoder = new TextDecoder();
    at("text").textContent = text;
    gpt.begin();
    let [computing, written, logits] = [0, 0, null];
    const read = (id) => {
      const start = performance.now();
      logits = gpt.next(id);
      computing += performance.now() - start;
    };
    for (const id of ids) read(id);
    computing = 0;
    while (mine === run && !gpt.isFull() && written < Number(at("count").value)) {
      const id = choose(logits, Number(at("temperature").value), Math.random);
      if (id === model.end) break;
      at("text").textContent += decoder.decode(bytesOf(model.pieces[id]), { stream: true });
      written++;
      if (gpt.isFull()) break;
      read(id);
      if (written % 4 === 0) await new Promise((done) => setTimeout(done));
    }
    at("speed").textContent =
      written + " tokens, " + (computing / Math.max(1, written)).toFixed(2) + " ms each";
    document.body.dataset.done = String(mine);
  };
}
if (typeof document !== "undefined") main();
`;
