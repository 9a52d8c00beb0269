// Lesson 15 (fine-tuning), reference answers. Letters: B texts, T places of a row, C channels.

import { tf } from "llm/engine";

export function lastHidden(hidden: tf.Tensor3D, lengths: number[]): tf.Tensor2D {
  const [B, T, C] = hidden.shape;
  return tf.tidy(() => {
    // A row of zeros with a single 1, times the states, chooses one of them.
    const last = lengths.map((n) => n - 1);
    const pick = tf.cast(tf.oneHot(tf.tensor1d(last, "int32"), T), "float32"); // (B, T)
    return tf.reshape(tf.matMul(tf.reshape(pick, [B, 1, T]), hidden), [B, C]);
  });
}

export function rowMask(lengths: number[], T: number, causal: boolean): tf.Tensor4D {
  const places = Array.from({ length: T }, (_, i) => i);
  // Only j is asked whether it is filling: a row without a single 1 would be 0 / 0 in the softmax.
  return tf.tensor4d(
    lengths.map((n) => [
      places.map((i) => places.map((j) => (j < n && (!causal || j <= i) ? 1 : 0))),
    ]),
  );
}

export function trainedNames(names: string[], count: number): string[] {
  // As a number: as text, "10" would come before "9".
  const layerOf = (name: string) => Number(/\.layers\.(\d+)\./.exec(name)?.[1] ?? -1);
  const first = Math.max(...names.map(layerOf)) + 1 - count;
  if (count === 0) return [];
  // What is in no block, such as the embedding, has layer −1: below any block.
  return names.filter(
    (name) => name === "model.norm.weight" || layerOf(name) >= Math.max(0, first),
  );
}

export function tokenTargets(
  pieces: number[],
  tags: number[],
): { targets: number[]; weights: number[] } {
  const before = (n: number) => Array<number>(n - 1).fill(0);
  return {
    targets: pieces.flatMap((n, i) => [...before(n), tags[i]]),
    // The target 0 is the number of a tag too: only the weight says that nothing is read here.
    weights: pieces.flatMap((n) => [...before(n), 1]),
  };
}

export function nameF1(actual: string[], predicted: string[]): number {
  const names = (tags: string[]) => {
    const spans: { kind: string; from: number; to: number }[] = [];
    tags.forEach((tag, i) => {
      const [place, kind] = [tag[0], tag.slice(2)];
      const last = spans.length > 0 ? spans[spans.length - 1] : undefined;
      if (place === "I" && last?.kind === kind && last.to === i) last.to = i + 1;
      else if (place !== "O") spans.push({ kind, from: i, to: i + 1 });
    });
    return spans.map(({ kind, from, to }) => `${kind} ${from} ${to}`);
  };
  const [there, found] = [names(actual), names(predicted)];
  const right = found.filter((name) => there.includes(name)).length;
  // 2 P R / (P + R), with P = right / found and R = right / there, without a division by 0.
  return right === 0 ? 0 : (2 * right) / (there.length + found.length);
}
