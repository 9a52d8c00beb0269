// Arguments for the kit's sweep, drawn from a seed: the same for everybody, on every machine. A
// draw has two streams. One decides the form (sizes, choices), the other the contents, so that two
// draws can be made that differ in their numbers only: whatever a function remembers of the first
// shows.

import type { tf as TF } from "llm/engine";
import { tensors } from "./assert";
import { mulberry32 } from "./seeded";

/** Sizes that are no powers of two, so that a width taken for a number of heads shows. */
const SIZES = [3, 5, 6, 7, 9, 10, 11, 12, 13];

export class Draw {
  private readonly form: () => number;
  private readonly contents: () => number;
  /** Whether anything was drawn: if not, every draw gives the same arguments. */
  used = false;
  private readonly variables: TF.Variable[] = [];

  constructor(form: number, contents: number) {
    this.form = this.counted(mulberry32(Math.imul(form, 0x9e3779b1) + 1));
    this.contents = this.counted(mulberry32(Math.imul(contents, 0x85ebca6b) + 2));
  }

  private counted(next: () => number): () => number {
    return () => {
      this.used = true;
      return next();
    };
  }

  // Form: the same in draws that differ in their contents only.

  /** An integer from `from` to `to`, both included. */
  integer(from: number, to: number): number {
    return from + Math.floor(this.form() * (to - from + 1));
  }
  pick<T>(items: readonly T[]): T {
    return items[this.integer(0, items.length - 1)];
  }
  /** `count` sizes for axes, all different, none a power of two, at most `most`. */
  sizes(count: number, most = 7): number[] {
    const left = SIZES.filter((size) => size <= Math.max(most, SIZES[count - 1]));
    return Array.from({ length: count }, () => left.splice(this.integer(0, left.length - 1), 1)[0]);
  }

  // Contents.

  /** A number from the uniform distribution between `from` and `to`. */
  number(from: number, to: number): number {
    return from + (to - from) * this.contents();
  }
  /** A number whose logarithm is uniform: as often between 0.001 and 0.01 as between 0.1 and 1. */
  logarithmic(from: number, to: number): number {
    return Math.exp(this.number(Math.log(from), Math.log(to)));
  }
  /** An integer below `limit`, as contents: an id, a count. */
  id(limit: number): number {
    return Math.floor(this.contents() * limit);
  }
  /** `count` numbers of the normal distribution, as float32 holds them. */
  list(count: number, scale = 1): number[] {
    return Array.from({ length: count }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - this.contents()));
      return Math.fround(scale * radius * Math.cos(2 * Math.PI * this.contents()));
    });
  }
  table(rows: number, columns: number, scale = 1): number[][] {
    return Array.from({ length: rows }, () => this.list(columns, scale));
  }
  /** A float32 tensor of the normal distribution. */
  normal<R extends TF.Rank = TF.Rank>(shape: number[], scale = 1): TF.Tensor<R> {
    const size = shape.reduce((a, b) => a * b, 1);
    return tensors().tensor(this.list(size, scale), shape as TF.ShapeMap[R]);
  }
  /** An int32 tensor of ids below `limit`. */
  ids<R extends TF.Rank = TF.Rank>(shape: number[], limit: number): TF.Tensor<R> {
    const size = shape.reduce((a, b) => a * b, 1);
    const ids = Array.from({ length: size }, () => this.id(limit));
    return tensors().tensor(ids, shape as TF.ShapeMap[R], "int32");
  }
  /** A bool tensor that is true for about `share` of its places. */
  mask(shape: number[], share = 0.6): TF.Tensor {
    const size = shape.reduce((a, b) => a * b, 1);
    const places = Array.from({ length: size }, () => (this.contents() < share ? 1 : 0));
    return tensors().tensor(places, shape, "bool");
  }
  /** The same numbers as a variable, as a trainer holds its parameters. */
  variable<R extends TF.Rank>(x: TF.Tensor<R>): TF.Variable<R> {
    const made = tensors().variable(x);
    this.variables.push(made as TF.Variable);
    return made;
  }

  /** Frees the variables, which no scope frees. */
  dispose(): void {
    for (const variable of this.variables) variable.dispose();
  }
}
