// Finds operations that write beyond their result. Small tensors with known values lie in the
// engine's memory with gaps between them, into which results fall; if one of them changes, somebody
// wrote where it must not.

/** @typedef {typeof import("@tensorflow/tfjs-core")} Tf */
/** @typedef {import("@tensorflow/tfjs-core").Tensor} Tensor */

const PATTERN = 0.7310585975646973;

export class Guards {
  /** @type {Tensor[]} */
  #tensors = [];
  #tf;

  /** @param {Tf} tf */
  constructor(tf) {
    this.#tf = tf;
    this.#make();
  }

  #make() {
    const tf = this.#tf;
    const made = Array.from({ length: 300 }, (_, i) => tf.keep(tf.fill([1 + (i % 40)], PATTERN)));
    for (const x of made) x.dataSync(); // they lie in the engine's memory now
    this.#tensors = made.filter((_, i) => i % 2 === 0);
    for (const x of made.filter((_, i) => i % 2 === 1)) x.dispose();
  }

  /** Whether one of them was changed since the last call; then they are made anew. */
  check() {
    const wrong = this.#tensors.some((x) => x.dataSync().some((v) => v !== PATTERN));
    if (wrong) {
      for (const x of this.#tensors) x.dispose();
      this.#make();
    }
    return wrong;
  }
}
