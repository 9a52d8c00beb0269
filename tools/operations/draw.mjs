// Arguments of operations, drawn from a seed: the same on every machine and engine. A tensor is
// drawn as an `Input`, which is plain data: a case is made once and then run on every engine. The
// generator is mulberry32.

/** @typedef {"float32" | "int32" | "bool" | "string" | "complex64"} DataType */
/** @typedef {Exclude<DataType, "string" | "complex64">} Numeric */
/** @typedef {"plain" | "ties" | "edges" | "mild"} Style */

/**
 * A tensor as data. Complex values are pairs: real part, imaginary part.
 */
export class Input {
  /** Whether the operation is given nested arrays (a number, for a scalar) and not a tensor. */
  asArray = false;

  /**
   * @param {number[]} shape
   * @param {DataType} dtype
   * @param {(number | string)[]} values
   * @param {Style} style
   */
  constructor(shape, dtype, values, style = "plain") {
    this.shape = shape;
    this.dtype = dtype;
    this.values = values;
    this.style = style;
  }

  get rank() {
    return this.shape.length;
  }

  get size() {
    return sizeOf(this.shape);
  }

  /** Nested arrays, as one would write them. */
  nested() {
    const values = this.dtype === "bool" ? this.values.map(Boolean) : this.values;
    /** @returns {unknown} */
    const rows = (/** @type {number} */ axis, /** @type {number} */ from) => {
      if (axis === this.rank) return values[from];
      const inner = sizeOf(this.shape.slice(axis + 1));
      return Array.from({ length: this.shape[axis] }, (_, i) => rows(axis + 1, from + i * inner));
    };
    return rows(0, 0);
  }
}

/** @param {readonly number[]} shape */
export const sizeOf = (shape) => shape.reduce((a, b) => a * b, 1);

const EDGES = {
  float32: [
    ...[0, -0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 88.5, -104, 1e-30, -1e-10, 1e10, 16777217, 3e38],
    ...[Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ],
  int32: [0, 1, -1, 2, -2, 7, 255, 256, 65536, 16777217, -16777217],
  bool: [0, 1],
};
/** The largest integers; arithmetic would leave the range, and what it gives is not defined. */
const LARGEST = [2147483647, -2147483648];
/** For sums: large numbers would overflow in one order of adding up and not in another. */
const MILD = [0, -0, 1, -1, 0.5, 3, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const TIES = [-2, -1, -0.5, 0, 0, 0.5, 1, 1, 2, 3];

export class Draw {
  /** @param {number} seed */
  constructor(seed) {
    this.state = Math.imul(seed + 1, 0x9e3779b1) >>> 0;
    for (let i = 0; i < 4; i++) this.next();
  }

  /** Uniform from 0 to 1. */
  next() {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let z = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 0x100000000;
  }

  /**
   * An integer from `from` to `to`, both included.
   * @param {number} from
   * @param {number} to
   */
  integer(from, to) {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  /**
   * @param {number} from
   * @param {number} to
   */
  number(from, to) {
    return from + this.next() * (to - from);
  }

  /** True with probability p. */
  chance(p = 0.5) {
    return this.next() < p;
  }

  /**
   * @template T
   * @param {readonly T[]} items
   * @returns {T}
   */
  pick(items) {
    return items[this.integer(0, items.length - 1)];
  }

  /**
   * One of some types, as a list, for several tensors of one type.
   * @param {readonly Numeric[]} types
   * @returns {Numeric[]}
   */
  type(types) {
    return [this.pick(types)];
  }

  /**
   * A value half of the time, and otherwise undefined: an optional argument.
   * @template T
   * @param {() => T} value
   * @returns {T | undefined}
   */
  maybe(value, p = 0.5) {
    return this.chance(p) ? value() : undefined;
  }

  /** About normally distributed. */
  normal() {
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += this.next();
    return sum;
  }

  /**
   * The items in another order.
   * @template T
   * @param {readonly T[]} items
   * @returns {T[]}
   */
  shuffled(items) {
    const left = items.slice();
    return items.map(() => left.splice(this.integer(0, left.length - 1), 1)[0]);
  }

  // Shapes and axes.

  /**
   * Sizes of so many axes; one in twelve shapes is empty.
   * @param {number | [number, number]} rank
   * @param {{ most?: number, empty?: boolean }} [options]
   */
  shape(rank, { most = 4, empty = true } = {}) {
    const axes = typeof rank === "number" ? rank : this.integer(...rank);
    const least = axes > 4 && this.chance(0.2) ? 2 : 1;
    const shape = Array.from({ length: axes }, () => this.integer(least, axes > 4 ? 2 : most));
    if (axes > 0 && axes <= 4 && this.chance(0.1))
      shape[this.integer(0, axes - 1)] = this.pick([9, 9, 17, 40]);
    if (empty && axes > 0 && this.chance(1 / 12)) shape[this.integer(0, axes - 1)] = 0;
    return shape;
  }

  /**
   * An axis, counted from either end.
   * @param {number} rank
   */
  axis(rank) {
    return this.integer(-rank, rank - 1);
  }

  /**
   * Some axes as an operation takes them: none, one, or several in any order.
   * @param {number} rank
   * @returns {number | number[] | undefined}
   */
  axes(rank) {
    if (this.chance(0.25)) return undefined;
    if (rank > 0 && this.chance(0.4)) return this.axis(rank);
    const all = Array.from({ length: rank }, (_, i) => i);
    return this.shuffled(all.filter(() => this.chance(0.6))).map((axis) =>
      this.chance(0.3) ? axis - rank : axis,
    );
  }

  /**
   * Two shapes that are broadcast to this one; where it is long, often each has size 1 where the
   * other has not, axis after axis.
   * @param {readonly number[]} shape
   */
  pair(shape) {
    if (shape.length < 5 || this.chance()) return [this.narrow(shape), this.narrow(shape)];
    return [0, 1].map((k) => shape.map((n, i) => (i % 2 === k ? n : 1)));
  }

  /**
   * A shape that is broadcast to this one: leading axes left out, some sizes 1.
   * @param {readonly number[]} shape
   */
  narrow(shape) {
    const from = this.chance(0.3) ? this.integer(0, shape.length) : 0;
    return shape.slice(from).map((n) => (this.chance(0.25) ? 1 : n));
  }

  // Tensors.

  /**
   * A tensor of any shape and, unless told otherwise, any numeric type.
   * @param {{ rank?: number | [number, number], shape?: number[], dtypes?: readonly Numeric[],
   *   style?: Style, from?: number, to?: number, most?: number, empty?: boolean,
   *   array?: boolean, largest?: boolean }} [options]
   *   `from` and `to` bound the values, which are then uniform; `array`: it may come as an array;
   *   `largest`: integers may be the largest there are
   */
  tensor({
    rank = [0, 6],
    shape = undefined,
    dtypes = ["float32", "float32", "int32", "bool"],
    style = undefined,
    from = undefined,
    to = undefined,
    most = 4,
    empty = true,
    array = true,
    largest = false,
  } = {}) {
    const axes = typeof rank === "number" ? rank : this.integer(...rank);
    const sizes = shape ?? this.shape(axes, { most, empty });
    const dtype = this.pick(dtypes);
    const kind = style ?? (from === undefined ? this.style() : "plain");
    const values = Array.from({ length: sizeOf(sizes) }, () => this.value(dtype, kind, from, to));
    if (largest && dtype === "int32" && kind === "edges" && values.length > 0)
      values[this.integer(0, values.length - 1)] = this.pick(LARGEST);
    const input = new Input(sizes, dtype, values, kind);
    // An array says its type by its values: whole numbers are float32, too.
    input.asArray = array && dtype !== "int32" && input.size > 0 && this.chance(0.06);
    return input;
  }

  /**
   * A float32 tensor.
   * @param {Parameters<Draw["tensor"]>[0]} options
   */
  floats(options = {}) {
    return this.tensor({ ...options, dtypes: ["float32"] });
  }

  /**
   * An int32 tensor with values from `from` to `to`.
   * @param {number[]} shape
   * @param {number} from
   * @param {number} to
   */
  integers(shape, from, to) {
    const values = Array.from({ length: sizeOf(shape) }, () => this.integer(from, to));
    return new Input(shape, "int32", values);
  }

  /**
   * A tensor of bools.
   * @param {number[]} shape
   */
  bools(shape) {
    const values = Array.from({ length: sizeOf(shape) }, () => this.integer(0, 1));
    return new Input(shape, "bool", values);
  }

  /**
   * A tensor of words.
   * @param {number[]} shape
   */
  strings(shape) {
    const words = ["", "a", "the cat", "猫 睡", "a,b,,c", "  x ", "ß😀"];
    const values = Array.from({ length: sizeOf(shape) }, () => this.pick(words));
    return new Input(shape, "string", values);
  }

  /**
   * A complex64 tensor.
   * @param {number[]} shape
   */
  complex(shape) {
    const values = Array.from({ length: 2 * sizeOf(shape) }, () => this.normal());
    return new Input(shape, "complex64", values);
  }

  /** @returns {Style} */
  style() {
    return this.pick(["plain", "plain", "plain", "plain", "ties", "edges"]);
  }

  /**
   * @param {Numeric} dtype
   * @param {Style} style
   * @param {number} [from]
   * @param {number} [to]
   */
  value(dtype, style, from, to) {
    if (dtype === "bool") return this.integer(0, 1);
    if (style === "edges") return this.pick(EDGES[dtype]);
    if (style === "mild" && dtype === "float32") return this.pick(MILD);
    if (from !== undefined && to !== undefined)
      return dtype === "int32"
        ? this.integer(Math.ceil(from), Math.floor(to))
        : this.number(from, to);
    if (dtype === "int32") return this.integer(-5, 5);
    return style === "ties" ? this.pick(TIES) : Math.fround(1.5 * this.normal());
  }
}
