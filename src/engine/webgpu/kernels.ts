// How kernels of our own run on the GPU: WGSL, the language of WebGPU's shaders, written for the
// types and number of axes of a call and kept. Sizes are not in the code, so that one shader serves
// all shapes.
import * as tf from "@tensorflow/tfjs-core";
import type { GpuPipeline } from "./api";
import type { Commands } from "./backend";

/** Threads of a workgroup where a kernel computes element by element. */
const THREADS = 64;
const MOST_GROUPS = 65535;

/** WGSL's type of the elements. The GPU has bools as 0 and 1. */
export const wordOf = (dtype: tf.DataType): "f32" | "i32" => (dtype === "float32" ? "f32" : "i32");

const NAMES = ["a", "b", "c", "d", "e", "f", "g"];

export interface Kernel {
  /** Calls with the same key have the same code. */
  key: string;
  /**
   * The body of the shader. Inputs are the arrays `a`, `b`, …, results `y`, `y1`, …; `P(i)` is
   * parameter i as an integer, `F(i)` as a float.
   */
  code: () => string;
  inputs: tf.TensorInfo[];
  outputs: { shape: number[]; dtype: tf.DataType }[];
  /** Tensors that are written as well, after the results: no other tensor may share them. */
  into?: tf.TensorInfo[];
  /** Whole numbers, and floats as `float(x)`. */
  parameters: number[];
  groups: [number, number, number];
}

const words = new DataView(new ArrayBuffer(4));
/** A float as the whole number with the same bits: for `parameters`. */
export function float(x: number): number {
  words.setFloat32(0, x, true);
  return words.getInt32(0, true);
}

/** Workgroups for n elements, `THREADS` in each. */
export function groupsFor(n: number): [number, number, number] {
  const groups = Math.ceil(n / THREADS);
  const x = Math.min(groups, MOST_GROUPS);
  return [x, Math.ceil(groups / x), 1];
}

/** The main function of a shader that computes element i of n = P(0). */
export const eachElement = (body: string): string => `
@compute @workgroup_size(${THREADS})
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = i32(id.x + id.y * groups.x * ${THREADS}u);
  if (i >= P(0)) { return; }
  ${body}
}`;

const pipelines = new WeakMap<Commands, Map<string, GpuPipeline>>();

/** Runs a kernel. @returns its results */
export function runOwn(commands: Commands, kernel: Kernel): tf.TensorInfo[] {
  const { inputs, outputs, into = [], parameters, groups } = kernel;
  const { backend } = commands;
  const made = outputs.map(({ shape, dtype }) => backend.makeTensorInfo(shape, dtype));
  const results = [...made, ...into];
  if (results[0].shape.includes(0)) return made.map((result) => withoutElements(commands, result));
  for (const { dataId } of [...inputs, ...results]) backend.uploadToGPU(dataId);
  for (const { dataId } of into) backend.tensorMap.get(dataId).known = undefined;
  const count = Math.ceil(parameters.length / 4);
  const types = [...results, ...inputs].map(({ dtype }) => wordOf(dtype)).join(" ");
  const key = `${kernel.key} ${types} ${results.length} ${count}`;
  const pipeline = pipelineOf(commands, key, () => whole(kernel, count));
  const padded = new Int32Array(4 * count);
  padded.set(parameters);
  commands.runOwn({
    pipeline,
    tensors: [...results, ...inputs],
    parameters: padded.buffer,
    groups,
    key,
    results: results.length,
  });
  return made;
}

function pipelineOf(commands: Commands, key: string, code: () => string): GpuPipeline {
  let known = pipelines.get(commands);
  if (!known) {
    known = new Map();
    pipelines.set(commands, known);
  }
  let pipeline = known.get(key);
  if (!pipeline) {
    const { device } = commands.backend;
    const module = device.createShaderModule({ code: code() });
    pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module, entryPoint: "main" },
    });
    commands.check();
    known.set(key, pipeline);
  }
  return pipeline;
}

/** The whole shader: what it is bound to, and the code. */
function whole({ code, inputs, outputs, into = [] }: Kernel, count: number): string {
  const bound = [
    ...[...outputs, ...into].map(({ dtype }, i) => [`y${i || ""}`, dtype, "read_write"]),
    ...inputs.map(({ dtype }, i) => [NAMES[i], dtype, "read"]),
  ] as [string, tf.DataType, string][];
  const arrays = bound.map(
    ([name, dtype, access], i) =>
      `@group(0) @binding(${i}) var<storage, ${access}> ${name}: array<${wordOf(dtype)}>;`,
  );
  return `${arrays.join("\n")}
@group(0) @binding(${bound.length}) var<uniform> parameters: array<vec4<i32>, ${count}>;
fn P(i: i32) -> i32 { return parameters[i / 4][i % 4]; }
fn F(i: i32) -> f32 { return bitcast<f32>(P(i)); }
${code()}`;
}

/** Nothing can be bound to a shader that has no bytes. */
function withoutElements({ backend }: Commands, result: tf.TensorInfo): tf.TensorInfo {
  const data = backend.tensorMap.get(result.dataId);
  data.values = tf.util.getTypedArrayFromDType(result.dtype as "float32", 0);
  return result;
}

/** Writes one value into all elements of a tensor that has its buffer. */
export function fill(commands: Commands, tensor: tf.TensorInfo, value: number): void {
  const isFloat = tensor.dtype === "float32";
  const n = tf.util.sizeFromShape(tensor.shape);
  runOwn(commands, {
    key: "fill",
    code: () => eachElement(`y[i] = ${isFloat ? "F(1)" : "P(1)"};`),
    inputs: [],
    outputs: [],
    into: [tensor],
    parameters: [n, isFloat ? float(value) : value],
    groups: groupsFor(n),
  });
}
