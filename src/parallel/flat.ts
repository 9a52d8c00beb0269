// A model's tensors as one long array, which is what collectives work on: one sum over all gradients
// is much faster than one for each (PyTorch's DDP and ZeRO do the same, in "buckets"). The order is
// that of the record, so it is the same on all ranks.

import { tf } from "../engine";
import type { Params } from "../params";

/** Where each tensor of a record stands in the array. */
export interface Layout {
  /** n: how many numbers there are together. */
  length: number;
  places: { name: string; shape: number[]; from: number; to: number }[];
}

/** The layout of a record of tensors. */
export function layoutOf(tensors: Params<tf.Tensor>): Layout {
  const places: Layout["places"] = [];
  let length = 0;
  for (const [name, { shape, size }] of Object.entries(tensors)) {
    places.push({ name, shape, from: length, to: length + size });
    length += size;
  }
  return { length, places };
}

/** All numbers of a record one after another: a new array. */
export function flatten(tensors: Params<tf.Tensor>): Float32Array {
  const { length, places } = layoutOf(tensors);
  const numbers = new Float32Array(length);
  for (const { name, from } of places) numbers.set(tensors[name].dataSync(), from);
  return numbers;
}

/** The record again: new tensors, which the caller disposes. */
export function unflatten(numbers: Float32Array, { places }: Layout): Params<tf.Tensor> {
  return Object.fromEntries(
    places.map(({ name, shape, from, to }) => [name, tf.tensor(numbers.slice(from, to), shape)]),
  );
}

/** Copies the array into the variables of a record. */
export function assignFlat(variables: Params, numbers: Float32Array): void {
  for (const { name, shape, from, to } of layoutOf(variables).places)
    tf.tidy(() => variables[name].assign(tf.tensor(numbers.slice(from, to), shape)));
}
