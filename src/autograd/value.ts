// A number that remembers how it was computed, and the gradient of a result with respect to every
// number that went into it: reverse-mode automatic differentiation on scalars. The shape of it
// (a value with its inputs, walked backwards in topological order) follows Karpathy's micrograd
// (2020); the method is older (Linnainmaa, 1970; Rumelhart, Hinton and Williams, 1986). Left out:
// tensors (tf.grad does the same with whole matrices), second derivatives, and adding gradients up
// over several calls.
import { type Operation, type OperationName, operations } from "./operations";

/** A number in a graph, its gradient, and where it came from. */
export class Value {
  /** ∂root/∂this, as the last `root.backward()` left it; 0 before. */
  gradient = 0;

  /**
   * @param data the number
   * @param op the operation that gave it; undefined for a number that was put in
   * @param inputs what the operation was applied to
   */
  constructor(
    public data: number,
    readonly op?: OperationName,
    readonly inputs: readonly Value[] = [],
    public label = "",
  ) {}

  /** Gives it a name, for drawings; returns itself. */
  named(label: string): this {
    this.label = label;
    return this;
  }

  add(other: Value | number): Value {
    return apply("add", this, asValue(other));
  }
  sub(other: Value | number): Value {
    return apply("sub", this, asValue(other));
  }
  mul(other: Value | number): Value {
    return apply("mul", this, asValue(other));
  }
  div(other: Value | number): Value {
    return apply("div", this, asValue(other));
  }
  exp(): Value {
    return apply("exp", this);
  }
  /** The natural logarithm. */
  log(): Value {
    return apply("log", this);
  }
  tanh(): Value {
    return apply("tanh", this);
  }
  /** 1 / (1 + e⁻ˣ). */
  sigmoid(): Value {
    return apply("sigmoid", this);
  }
  /** The larger of x and 0; the slope at 0 itself is taken as 0. */
  relu(): Value {
    return apply("relu", this);
  }
  /** ln(1 + eˣ). */
  softplus(): Value {
    return apply("softplus", this);
  }

  /**
   * Works out ∂this/∂v for every value v that this was computed from, and writes it into
   * `v.gradient`. By the chain rule, each node hands `its gradient × its slope in that input` to
   * each of its inputs, and an input that is used several times adds up what it is handed. Nodes
   * are visited from the result back to the inputs, so that a node's gradient is complete before
   * it is passed on.
   *
   * All gradients of this graph start from zero at each call. PyTorch adds to what is there.
   */
  backward(): void {
    const order = topologicalOrder(this);
    for (const node of order) node.gradient = 0;
    this.gradient = 1; // ∂this/∂this
    for (let i = order.length - 1; i >= 0; i--) {
      const { op, inputs, data, gradient } = order[i];
      if (op === undefined) continue;
      const slopes = operations[op].slopes(dataOf(inputs), data);
      inputs.forEach((input, k) => {
        input.gradient += gradient * slopes[k];
      });
    }
  }
}

/** A number becomes a value without history. */
export const asValue = (x: Value | number): Value => (typeof x === "number" ? new Value(x) : x);

const dataOf = (values: readonly Value[]): [number, number] =>
  values.map((v) => v.data) as [number, number];

function apply(op: OperationName, ...inputs: Value[]): Value {
  const { value }: Operation = operations[op];
  return new Value(value(dataOf(inputs)), op, inputs);
}

/**
 * Every value that `root` was computed from, and itself: each once, and after all its inputs, so
 * that `root` comes last. Depth first, with a list instead of recursion: a chain of 100,000 values
 * would be too deep for the call stack.
 */
export function topologicalOrder(root: Value): Value[] {
  const order: Value[] = [];
  const seen = new Set<Value>([root]);
  const open: { node: Value; next: number }[] = [{ node: root, next: 0 }];
  while (open.length > 0) {
    const top = open[open.length - 1];
    if (top.next < top.node.inputs.length) {
      const input = top.node.inputs[top.next++];
      if (!seen.has(input)) {
        seen.add(input);
        open.push({ node: input, next: 0 });
      }
    } else {
      order.push(top.node); // all its inputs are in the list
      open.pop();
    }
  }
  return order;
}

/** A graph as plain data: what each node is, and from which earlier nodes it comes. */
export interface GraphNode {
  /** undefined for a number that was put in. */
  op?: OperationName;
  /** Places of its inputs in the list, all before its own. */
  inputs: number[];
  value: number;
}

/** The graph of `root` as a list in topological order, with `root` last. */
export function toGraph(root: Value): GraphNode[] {
  const order = topologicalOrder(root);
  const place = new Map(order.map((node, i) => [node, i]));
  return order.map(({ op, inputs, data }) => ({
    ...(op === undefined ? {} : { op }),
    inputs: inputs.map((input) => place.get(input) as number),
    value: data,
  }));
}
