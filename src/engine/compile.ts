// `compile(fn)` is the same function, but on the native engine it is traced once and compiled by
// XLA into one program, which runs a training step two to five times as fast as its operations one
// by one. On the WebGPU engine it becomes a list of operations that the GPU runs again in one
// submission. On wasm and js it is `fn` itself. How a trace is made is in ./native/trace and
// ./webgpu/trace; what it cannot capture, and why, is in docs/compile.md.
import * as tf from "@tensorflow/tfjs-core";
import { nativeBackend } from "./native/backend";
import { compareTraces } from "./native/compare";
import { CompileError, Place } from "./native/errors";
import { Program } from "./native/program";
import { type Trace, trace } from "./native/trace";
import { isTracing } from "./tracing";
import { gpuCommands } from "./webgpu/backend";
import { compareGpuTraces } from "./webgpu/compare";
import { GpuProgram } from "./webgpu/program";
import { type GpuTrace, traceOnGpu } from "./webgpu/trace";

export { CompileError } from "./native/errors";
export { isTracing } from "./tracing";

/** What `compile` adds to the function. */
export interface Compiled {
  /** Frees the programs. The function can be called again; it is then compiled anew. */
  dispose(): void;
  /** One entry for each compiled program. */
  readonly programs: readonly ProgramInfo[];
}

export interface ProgramInfo {
  /** Of the arguments, without the variables. */
  shapes: string;
  /** How many operations the trace recorded. */
  recorded: number;
  /** How many of them went into the program. */
  operations: number;
  /** Milliseconds to the first result. */
  ms: number;
}

export interface CompileOptions {
  /** For messages. Default: the function's own name. */
  name?: string;
  /** Gets one line when the function is compiled again for other shapes. Default: console.log. */
  notice?: (line: string) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: only `any` accepts every list of parameters
type AnyFunction = (...args: any[]) => unknown;

/** These calls, and then every 1,000th, are traced again, so that a frozen value is found soon. */
const CHECKED = [2, 10, 30, 100, 300];
const isChecked = (call: number): boolean => CHECKED.includes(call) || call % 1000 === 0;

/**
 * Compiles a function of tensors: forward pass, gradients, optimizer, all in one program.
 *
 * Arguments are tensors, variables, and arrays and plain records of them. The function returns the
 * same kinds of things, or nothing. It may read and assign variables that were made outside.
 * Everything else must be the same at every call: a number that changes comes as `tf.scalar(x)`.
 * At its first call, and again at calls 2, 10, 30, 100, 300, 1,000, 2,000, … the function really
 * runs and is compared with what was compiled. What cannot be compiled is an Error that names the
 * line. For new shapes it is compiled again.
 *
 * @example const step = compile((x: tf.Tensor2D, lr: tf.Scalar) => { …; weight.assign(…); return
 *   loss; }); const loss = step(x, lr); // disposed by the caller, as always step.dispose();
 *
 * @param fn an ordinary tfjs function; side effects other than on variables happen only when it is
 *   traced
 * @throws {CompileError} from the returned function
 */
export function compile<F extends AnyFunction>(
  fn: F,
  { name = fn.name || "function", notice = console.log }: CompileOptions = {},
): F & Compiled {
  const programs = new Map<string, Entry>();
  const infos: ProgramInfo[] = [];
  const compiledAt = new Place();
  const run = (args: unknown[], uncompiled: () => unknown, compiler: Compiler): unknown => {
    const { inputs, signature } = readArguments(args);
    const traced = () => compiler.trace(inputs, uncompiled, tensorsIn);
    let entry = programs.get(signature);
    if (entry && isChecked(++entry.calls)) {
      check(entry, traced(), compiler);
      entry = programs.get(signature); // the function itself may have called dispose()
    }
    if (entry) return rebuild(entry.program.trace.result, entry.program.run(inputs));
    if (programs.size > 0)
      notice(
        `compile: "${name}" is compiled again, now for ${shapesOf(inputs)} ` +
          `(program ${programs.size + 1})`,
      );
    const started = performance.now();
    const program = compiler.program(traced(), inputs);
    try {
      const outputs = program.run(inputs);
      const { recorded, operations } = program;
      const ms = Math.round(performance.now() - started);
      programs.set(signature, { program, calls: 1 });
      infos.push({ shapes: shapesOf(inputs), recorded, operations, ms });
      return rebuild(program.trace.result, outputs);
    } catch (error) {
      program.dispose();
      throw error;
    }
  };
  const call = function (this: unknown, ...args: unknown[]): unknown {
    const uncompiled = () => fn.apply(this, args);
    const compiler = compilerHere();
    if (!compiler) return uncompiled();
    // Inside another trace, and where its gradient is taken, the operations themselves are needed.
    if (isTracing() || tf.engine().state.gradientDepth > 0) return uncompiled();
    try {
      return run(args, uncompiled, compiler);
    } catch (error) {
      throw error instanceof CompileError ? error.of(name, compiledAt) : error;
    }
  };
  const dispose = () => {
    for (const { program } of programs.values()) program.dispose();
    programs.clear();
    infos.length = 0;
  };
  return Object.assign(call as F, { dispose, programs: infos as readonly ProgramInfo[] });
}

type Traced = { result: unknown };

/** A program of whichever engine. */
interface AnyProgram {
  readonly trace: Traced;
  readonly recorded: number;
  readonly operations: number;
  run(inputs: tf.Tensor[]): tf.Tensor[];
  dispose(): void;
}

/** How the engine in use compiles. */
interface Compiler {
  trace(inputs: tf.Tensor[], fn: () => unknown, tensorsOf: typeof tensorsIn): Traced;
  program(traced: Traced, inputs: tf.Tensor[]): AnyProgram;
  /** @throws {CompileError} where they differ */
  compare(before: Traced, now: Traced): void;
}

function compilerHere(): Compiler | undefined {
  const backend = nativeBackend();
  if (backend?.binding.addFunction)
    return {
      trace,
      program: (traced, inputs) => new Program(backend, traced as Trace, inputs),
      compare: (before, now) => compareTraces(before as Trace, now as Trace),
    };
  const gpu = gpuCommands();
  if (!gpu) return undefined;
  return {
    trace: (...call) => traceOnGpu(gpu, ...call),
    program: (traced) => new GpuProgram(gpu, traced as GpuTrace),
    compare: (before, now) => {
      try {
        compareGpuTraces(before as GpuTrace, now as GpuTrace);
      } finally {
        (now as GpuTrace).pool.dispose();
      }
    },
  };
}

interface Entry {
  program: AnyProgram;
  calls: number;
}

/** @throws {CompileError} saying which calls may have been computed with a frozen value */
function check({ program, calls }: Entry, now: Traced, compiler: Compiler): void {
  try {
    compiler.compare(program.trace, now);
  } catch (error) {
    if (error instanceof CompileError && calls > 2)
      error.message += `\n  This was found at call ${calls}; calls before it may have used the old value.`;
    throw error;
  }
}

/**
 * The tensors among the arguments; and the signature, which must be equal for a program to fit:
 * types, shapes, which variables, and which arguments are the same tensor.
 */
function readArguments(args: unknown[]): { inputs: tf.Tensor[]; signature: string } {
  const inputs: tf.Tensor[] = [];
  const seen = new Map<object, number>();
  const read = (value: unknown, path: string): string => {
    if (value instanceof tf.Variable) {
      if (value.isDisposed) throw disposed(path);
      return `variable ${value.id}`;
    }
    if (value instanceof tf.Tensor) {
      if (value.isDisposed) throw disposed(path);
      if (!["float32", "int32", "bool"].includes(value.dtype))
        throw new CompileError(
          `${path} is of type ${value.dtype}`,
          undefined,
          "Pass float32, int32 or bool.",
        );
      const twin = seen.get(value.dataId);
      seen.set(value.dataId, twin ?? inputs.length);
      inputs.push(value);
      return `${value.dtype}[${value.shape}]${twin === undefined ? "" : `=${twin}`}`;
    }
    if (Array.isArray(value))
      return `(${value.map((item, i) => read(item, `${path}[${i}]`)).join(" ")})`;
    if (isRecord(value))
      return `{${Object.entries(value).map(([key, item]) => `${key}:${read(item, `${path}.${key}`)}`)}}`;
    if (value === undefined || value === null) return "–";
    throw new CompileError(
      `${path} is ${describe(value)}`,
      undefined,
      "Arguments are tensors, and arrays and plain records of tensors: anything else would be " +
        "frozen at its first value. Pass tf.scalar(number) or tf.tensor1d(numbers), or leave " +
        "what never changes to a closure.",
    );
  };
  const signature = args.map((arg, i) => read(arg, `argument ${i + 1}`)).join(", ");
  return { inputs, signature };
}

const shapesOf = (inputs: tf.Tensor[]): string =>
  inputs.map(({ dtype, shape }) => `${dtype}[${shape}]`).join(", ") || "no arguments";

const disposed = (path: string) =>
  new CompileError(`${path} was disposed`, undefined, "Pass a tensor that is still there.");

const describe = (value: unknown): string => {
  if (typeof value === "function") return "a function";
  return typeof value === "object"
    ? `an object of class ${value?.constructor?.name ?? "unknown"}`
    : `the ${typeof value} ${String(value)}`;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** The tensors in what the function returned, in a fixed order. */
function tensorsIn(result: unknown): tf.Tensor[] {
  if (result instanceof tf.Variable)
    throw new CompileError(
      `the function returns the variable ${result.name}`,
      undefined,
      "Return its value: variable.clone().",
    );
  if (result instanceof tf.Tensor) return [result];
  if (Array.isArray(result)) return result.flatMap(tensorsIn);
  if (isRecord(result)) return Object.values(result).flatMap(tensorsIn);
  if (result === undefined || result === null) return [];
  const kind =
    typeof result === "object"
      ? "an object that is no plain record"
      : `the ${typeof result} ${result}`;
  throw new CompileError(
    `the function returns ${kind}`,
    undefined,
    "It would be frozen. Return tensors, or arrays and plain records of tensors.",
  );
}

/** The same structure with other tensors. */
function rebuild(result: unknown, outputs: tf.Tensor[]): unknown {
  let next = 0;
  const copy = (value: unknown): unknown => {
    if (value instanceof tf.Tensor) return outputs[next++];
    if (Array.isArray(value)) return value.map(copy);
    if (isRecord(value))
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item)]));
    return value;
  };
  return copy(result);
}

/** Whether `compile` compiles here. */
export const canCompile = (): boolean => compilerHere() !== undefined;
