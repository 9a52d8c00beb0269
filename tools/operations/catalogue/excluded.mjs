// The functions and methods of tfjs that the generator draws nothing for, each with the reason.

const because = (/** @type {string} */ reason, /** @type {string} */ names) =>
  names
    .trim()
    .split(/\s+/)
    .map((name) => /** @type {[string, string]} */ ([name, reason]));

/** @type {Record<string, string>} */
export const excluded = Object.fromEntries([
  ...because(
    "a class, not an operation; the optimizers are drawn as tf.train.…",
    `AdadeltaOptimizer AdagradOptimizer AdamOptimizer AdamaxOptimizer DataStorage Environment
     KernelBackend MomentumOptimizer Optimizer OptimizerConstructors RMSPropOptimizer SGDOptimizer
     Tensor TensorBuffer Variable`,
  ),
  ...because(
    "chooses, describes or extends an engine, and computes nothing",
    `backend copyRegisteredKernels disableDeprecationWarnings deprecationWarn enableDebugMode
     enableProdMode engine env findBackend findBackendFactory getBackend getGradient getKernel
     getKernelsForBackend memory nextFrame profile ready registerBackend registerGradient
     registerKernel removeBackend setBackend setPlatform time unregisterGradient unregisterKernel`,
  ),
  ...because(
    "says what becomes of tensors, and computes nothing",
    "dispose disposeVariables keep tidy print Tensor.dispose Tensor.isDisposed Tensor.print",
  ),
  ...because("an error where a tensor was disposed of", "Tensor.throwIfDisposed"),
  ...because(
    "takes a function; the gradient of every other case is taken by tf.grads",
    "customGrad grad grads valueAndGrad valueAndGrads variableGrads",
  ),
  ...because("a helper that defines functions", "op"),
  ...because(
    "of numbers and names of types: no tensor",
    "enclosingPowerOfTwo sumOutType upcastType",
  ),
  ...because("a record: its functions are drawn as train.sgd, …", "train"),
  ...because("needs a GPU", "Tensor.dataToGPU"),
  ...because("the same kernel as the function `cast`", "Tensor.cast"),
  ...because("the same as the function `clone`", "Tensor.clone"),
  ...because("read for every result of every case", "Tensor.dataSync"),
  ...because("a number: how many axes", "Tensor.rank"),
]);

/** Records of functions that are no operations on tensors. */
export const excludedRecords = {
  backend_util: "shapes and texts for kernels",
  broadcast_util: "shapes",
  browser: "needs a browser: pixels of a canvas",
  device_util: "says which device this is",
  gather_util: "shapes",
  io: "reads and writes models",
  kernel_impls: "kernels of the js engine for others to call",
  scatter_util: "shapes",
  serialization: "reads and writes models",
  slice_util: "shapes",
  tensor_util: "types",
  test_util: "comparisons for tests",
  util: "arrays and shapes",
};
