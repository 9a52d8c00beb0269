// One compiled program: a traced function for arguments of certain shapes, registered with
// TensorFlow and run by name.
import type * as tf from "@tensorflow/tfjs-core";
import { checkIdValues } from "../ids";
import { type NativeBackend, type Result, valuesOf } from "./backend";
import { CompileError } from "./errors";
import { type FunctionDef, functionDef } from "./function";
import type { IdRange, Trace } from "./trace";

/** How many programs use a function of this name: equal functions have one. */
const users = new Map<string, number>();

export class Program {
  readonly def: FunctionDef;
  private readonly ranges: IdRange[];

  /** How many operations the trace recorded, and how many of them are in the program. */
  get recorded(): number {
    return this.def.recorded;
  }
  get operations(): number {
    return this.def.operations;
  }

  constructor(
    private readonly backend: NativeBackend,
    readonly trace: Trace,
    inputs: tf.Tensor[],
  ) {
    this.def = functionDef(
      trace,
      inputs.map((t) => backend.getDTypeInteger(t.dtype)),
      backend.binding,
    );
    this.ranges = narrowest(trace.ranges);
    const { name, bytes } = this.def;
    if (!users.has(name)) backend.binding.addFunction!(bytes);
    users.set(name, (users.get(name) ?? 0) + 1);
  }

  /**
   * Runs the program and gives the variables their new values.
   * @returns the outputs, in the trace's order
   */
  run(inputs: tf.Tensor[]): tf.Tensor[] {
    const { backend, def, trace } = this;
    for (const { variable, place } of trace.slots)
      if (variable.isDisposed)
        throw new CompileError(
          `the variable ${variable.name}, which the function uses, was disposed`,
          place,
          "Compile the function again for the new variables, " +
            "or change values with variable.assign(…).",
        );
    for (const { input, n, caller, name } of this.ranges)
      checkIdValues(valuesOf(backend, inputs[input].dataId), n, caller, name);
    const ids = backend.getInputTensorIds([
      ...inputs,
      ...trace.slots.map(({ variable }) => variable),
    ]);
    const attributes = [
      { name: "_XlaMustCompile", type: backend.binding.TF_ATTR_BOOL, value: true },
    ];
    const outputs = trace.outputs.length;
    const results = this.execute(attributes, ids, outputs + def.written.length);
    const tensors = results.map((result) => backend.createOutputTensor(result));
    def.written.forEach(({ variable }, i) => {
      variable.assign(tensors[outputs + i]);
      tensors[outputs + i].dispose();
    });
    return tensors.slice(0, outputs);
  }

  dispose(): void {
    const { name } = this.def;
    const left = users.get(name)! - 1;
    if (left > 0) users.set(name, left);
    else {
      users.delete(name);
      this.backend.binding.removeFunction!(name);
    }
  }

  private execute(
    attributes: Parameters<NativeBackend["binding"]["executeOp"]>[1],
    ids: number[],
    n: number,
  ): Result[] {
    try {
      return this.backend.binding.executeOp(this.def.name, attributes, ids, n);
    } catch (error) {
      throw new CompileError(
        `XLA refuses the function: ${error instanceof Error ? error.message : String(error)}`,
        undefined,
        "Leave the operation that it names outside the compiled function.",
      );
    }
  }
}

/** Of several ranges for one input, the narrowest. */
function narrowest(ranges: IdRange[]): IdRange[] {
  const best = new Map<number, IdRange>();
  for (const range of ranges)
    if (range.n < (best.get(range.input)?.n ?? Infinity)) best.set(range.input, range);
  return [...best.values()];
}
