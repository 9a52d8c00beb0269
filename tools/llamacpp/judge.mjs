// llama.cpp as a judge of our files: it opens a GGUF file and continues ids greedily. It runs on
// the CPU and in one thread: its threads wait for each other by spinning, which takes many times as
// long on a busy machine. Keys and values are kept as 32-bit numbers, as ours are.
import { llamaCppEntry } from "./llamacpp.mjs";

/**
 * @typedef {object} Judge
 * @property {(text: string) => number[]} tokenize special tokens included
 * @property {(ids: number[]) => string} detokenize
 * @property {(ids: number[], most: number) => Promise<number[]>} greedy
 *   the new ids only, the one that ends the answer included
 * @property {() => Promise<void>} dispose
 */

/**
 * Opens a GGUF file with the llama.cpp that `npm run llamacpp` has installed.
 * @param {string} file
 * @param {{ contextSize?: number }} [options] tokens of prompt and answer together
 * @returns {Promise<Judge>}
 * @throws where llama.cpp is not there, or does not open the file
 */
export async function openLlamaCpp(file, { contextSize = 512 } = {}) {
  const entry = llamaCppEntry();
  if (!entry) throw new Error("openLlamaCpp: llama.cpp is not here: npm run llamacpp");
  const { getLlama } = await import(entry);
  const quiet = { logLevel: "error", progressLogs: false };
  const llama = await getLlama({ gpu: false, build: "never", ...quiet });
  const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
  const context = await model.createContext({
    ...{ contextSize, threads: 1, flashAttention: false },
    ...{ experimentalKvCacheKeyType: "F32", experimentalKvCacheValueType: "F32" },
  });
  const sequence = context.getSequence();
  return {
    tokenize: (text) => [...model.tokenize(text, true)],
    detokenize: (ids) => model.detokenize(ids, true),
    async greedy(ids, most) {
      await sequence.clearHistory();
      const answer = [];
      for await (const id of sequence.evaluate(ids, { temperature: 0, yieldEogToken: true })) {
        answer.push(id);
        if (answer.length === most || model.isEogToken(id)) break;
      }
      return answer;
    },
    async dispose() {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}
