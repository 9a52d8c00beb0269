// What every trace forbids (./native/trace, ./webgpu/trace): whatever JavaScript would decide once
// and freeze. The rules and their errors are in docs/compile.md.
import * as tf from "@tensorflow/tfjs-core";
import { CompileError, Place } from "./native/errors";

type DataId = tf.Tensor["dataId"];

let active = false;

/** Whether a function is being traced now. */
export const isTracing = (): boolean => active;

/** Reads of the backend, which a trace refuses. */
interface Reads {
  readSync(dataId: DataId): unknown;
  read(dataId: DataId): Promise<unknown>;
}

/** Stands between a function and what it must not do, until `stopListening`. */
export abstract class Guards {
  /** The first thing that went wrong where an error would not reach the caller. */
  failure: CompileError | undefined;
  private readonly kept: { tensor: tf.Tensor; place: Place }[] = [];
  private undo: (() => void)[] = [];

  /** Why these values must not be read; undefined where they may. */
  protected abstract readProblem(dataId: DataId): CompileError | undefined;

  protected replace<T extends object, K extends keyof T>(object: T, key: K, value: T[K]): void {
    const own = Object.hasOwn(object, key);
    const old = object[key];
    object[key] = value;
    this.undo.push(() => {
      if (own) object[key] = old;
      else delete object[key];
    });
  }

  stopListening(): void {
    for (const undo of this.undo.reverse()) undo();
    this.undo = [];
    active = false;
  }

  /** From now on what would be frozen is an error. */
  protected forbid(backend: Reads, inputs: tf.Tensor[]): void {
    active = true;
    this.forbidReads(backend);
    this.forbidChoices();
    const { keep } = tf.engine();
    this.replace(tf.engine(), "keep", (tensor) => {
      this.kept.push({ tensor, place: new Place() });
      return keep.call(tf.engine(), tensor) as never;
    });
    for (const input of new Set(inputs))
      this.replace(input, "dispose", () => {
        throw new CompileError(
          "the function disposes one of its arguments",
          new Place(),
          "Dispose of it where it was made, after the call.",
        );
      });
  }

  private forbidReads(backend: Reads): void {
    const readSync = backend.readSync;
    this.replace(backend, "readSync", (dataId) => {
      const problem = this.readProblem(dataId);
      if (problem) throw problem;
      return readSync.call(backend, dataId);
    });
    this.replace(backend, "read", (dataId) => {
      this.failure ??= this.readProblem(dataId); // thrown in a promise, nobody would see it
      return this.failure ? new Promise(() => {}) : Promise.resolve(readSync.call(backend, dataId));
    });
    const prototype = tf.Tensor.prototype as unknown as Record<symbol, unknown>;
    prototype[Symbol.toPrimitive] = function (this: tf.Tensor, hint: string) {
      if (hint === "string") return this.toString(); // which reads the values
      throw new CompileError(
        "a tensor is used as a number",
        new Place(),
        "Use tensor operations: tf.mul(x, 2) for x * 2, tf.where(condition, a, b) for an if.",
      );
    };
    this.undo.push(() => delete prototype[Symbol.toPrimitive]);
  }

  private forbidChoices(): void {
    this.replace(tf.engine(), "makeVariable", () => {
      throw new CompileError(
        "the function makes a variable",
        new Place(),
        "Make it before, outside the function. " +
          "An optimizer of tf.train makes its own at its first step: " +
          "run one step uncompiled, or use adamwInit and adamwStep (llm/optim).",
      );
    });
    this.replace(Math, "random", () => {
      throw new CompileError(
        "Math.random would be drawn once and then stay the same in every call",
        new Place(),
        "Draw outside and pass the numbers as an argument, " +
          "or use dropout with a DropoutKey (llm/ops).",
      );
    });
    this.replace(tf.engine(), "setBackend", () => {
      throw new CompileError(
        "the function changes the engine",
        new Place(),
        "Call useEngine before, outside.",
      );
    });
  }

  /** @throws CompileError for what the function has left behind */
  protected expectNothingKept(inputs: tf.Tensor[], tensors: tf.Tensor[], before: number): void {
    if (this.failure) throw this.failure;
    const made = new Set(tensors.filter((t) => !inputs.includes(t))).size;
    const kept = tf.memory().numTensors - before - made;
    if (kept > 0)
      throw new CompileError(
        `the function keeps ${kept} tensor${kept > 1 ? "s" : ""} made inside it ` +
          "(tf.keep, or stored outside)",
        this.kept.find(({ tensor }) => !tensor.isDisposed && !tensors.includes(tensor))?.place,
        "Return what is needed afterwards, or assign it to a tf.Variable made outside.",
      );
  }
}

export const valuesAreRead = (): CompileError =>
  new CompileError(
    "the values of a tensor are read in JavaScript (dataSync, data, array, print)",
    new Place(),
    "Compiled code never comes back to JavaScript: use tensor operations (tf.where for an if), " +
      "or return the tensor and read it outside.",
  );

export const madeOutside = (place: Place | undefined): CompileError =>
  new CompileError(
    "the function uses a tensor that was made outside it",
    place,
    place?.isIn(/Optimizer\w*\.applyGradients/)
      ? "This optimizer of tf.train keeps its learning rate in a tensor of its own. " +
          "Use adamwStep (llm/optim), or tf.variableGrads and " +
          "w.assign(w.sub(gradient.mul(learningRate)))."
      : "It would stay as it is now even if you replaced it. " +
          "Pass it as an argument, or make it a tf.variable.",
  );

export const idsAreComputed = (caller: string, name: string): CompileError =>
  new CompileError(
    `${caller}: the ${name} are computed inside the function, ` +
      "so that their range cannot be checked before they are used",
    new Place(),
    "Pass them as an int32 argument, or multiply a one-hot matrix with the table.",
  );

/** When the forward pass throws, tfjs keeps what it saved for the backward pass: this frees it. */
export function disposeTape(): void {
  const state = tf.engine().state as unknown as { activeTape: { saved?: tf.Tensor[] }[] | null };
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved ?? []);
  state.activeTape = null;
}

export function notAsync(result: unknown): unknown {
  if (!(result instanceof Promise)) return result;
  result.catch(() => {}); // what it throws later no longer matters
  throw new CompileError(
    "the function is async",
    undefined,
    "Only a function that returns its tensors at once can be compiled: take `await` out of it.",
  );
}

const ALWAYS_THE_SAME =
  "At every call with arguments of the same shapes a compiled function must do the same operations.";

const structure = (_: string, value: unknown) =>
  value instanceof Object && "dataId" in value ? "tensor" : value;

/** @throws CompileError where two traces returned other structures of tensors */
export function expectSameResult(a: unknown, b: unknown): void {
  if (JSON.stringify(a, structure) !== JSON.stringify(b, structure))
    throw new CompileError(
      "what the function returns changes between calls",
      undefined,
      ALWAYS_THE_SAME,
    );
}

export const otherVariables = (): CompileError =>
  new CompileError("other variables are read or written than before", undefined, ALWAYS_THE_SAME);

export const replacedVariable = (place: Place | undefined): CompileError =>
  new CompileError(
    "the function uses another variable than before: a tf.Variable was replaced",
    place,
    "Change its value with variable.assign(…), or pass the variables as arguments.",
  );

/** A constant that is another one than before; both as texts. */
export const changedConstant = (
  before: string,
  now: string,
  place: Place | undefined,
): CompileError =>
  new CompileError(
    `a value made in JavaScript changes between calls: ${before} became ${now}`,
    place,
    "It would be frozen. Pass it as an argument: tf.scalar(value) for a number; " +
      "for dropout, a DropoutKey (llm/ops).",
  );
