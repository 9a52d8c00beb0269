// Integers and bools, exactly: tfjs's kernels pass them through float32. Sums and products wrap, as
// elsewhere; what is divided by 0 is 0.
import type * as tf from "@tensorflow/tfjs-core";

/** Of two int32, in WGSL. */
export const BINARY: Record<string, [expression: string, dtype?: tf.DataType]> = {
  Add: ["return a + b;"],
  Sub: ["return a - b;"],
  Multiply: ["return a * b;"],
  Maximum: ["return max(a, b);"],
  Minimum: ["return min(a, b);"],
  SquaredDifference: ["return (a - b) * (a - b);"],
  BitwiseAnd: ["return a & b;"],
  FloorDiv: [
    `if (b == 0) { return 0; }
    let q = a / b;
    return select(q, q - 1, a % b != 0 && (a < 0) != (b < 0));`,
  ],
  Mod: [
    `if (b == 0) { return 0; }
    let rest = a % b;
    return select(rest, rest + b, rest != 0 && (rest < 0) != (b < 0));`,
  ],
  Equal: ["return i32(a == b);", "bool"],
  NotEqual: ["return i32(a != b);", "bool"],
  Greater: ["return i32(a > b);", "bool"],
  GreaterEqual: ["return i32(a >= b);", "bool"],
  Less: ["return i32(a < b);", "bool"],
  LessEqual: ["return i32(a <= b);", "bool"],
  LogicalAnd: ["return i32(a != 0 && b != 0);", "bool"],
  LogicalOr: ["return i32(a != 0 || b != 0);", "bool"],
};

/** Of one int32. */
export const UNARY: Record<string, string> = {
  Abs: "return abs(a);",
  Neg: "return -a;",
  Sign: "return sign(a);",
  Square: "return a * a;",
  Relu: "return max(a, 0);",
  Relu6: "return clamp(a, 0, 6);",
  Round: "return a;",
  Floor: "return a;",
  Ceil: "return a;",
  LogicalNot: "return i32(a == 0);",
};
