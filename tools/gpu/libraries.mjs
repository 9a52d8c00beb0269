// Which CUDA libraries travel to a GPU host. TensorFlow 2.21 opens cudart, cublas, cublasLt, cudnn,
// cufft, cusolver and cusparse by name when it sees a GPU, and uses none if one of them is missing;
// of the last three a Transformer calls nothing. So an empty library of the right name stands in
// for each ("stub"), unless everything is asked for.
// MB: the file · compressed, for compute capability 9.0 only.

/**
 * group → files under native/cuda/nvidia; the order is the order in which the pieces should arrive.
 */
export const libraries = {
  tensorflow: [
    "cuda_runtime/lib/libcudart.so.12",
    "cuda_nvcc/bin/ptxas", // XLA makes machine code with it
    "cuda_nvcc/nvvm/libdevice/libdevice.10.bc", // exp, tanh, … for XLA
  ],
  cublas: ["cublas/lib/libcublas.so.12", "cublas/lib/libcublasLt.so.12"],
  // libcudnn.so.9 opens its parts when they are first used; XLA asks for its version and creates a
  // handle.
  cudnn: [
    "cudnn/lib/libcudnn.so.9",
    "cudnn/lib/libcudnn_graph.so.9",
    "cudnn/lib/libcudnn_ops.so.9",
    "cudnn/lib/libcudnn_cnn.so.9",
    "cudnn/lib/libcudnn_heuristic.so.9",
    "cudnn/lib/libcudnn_engines_precompiled.so.9",
    "cudnn/lib/libcudnn_engines_runtime_compiled.so.9",
    "cuda_nvrtc/lib/libnvrtc.so.12", // for cudnn's run-time compiled engines
    "cuda_nvrtc/lib/libnvrtc-builtins.so.12.5",
  ],
};

/** With --all only: never called by a Transformer on one GPU. */
export const seldom = [
  "cufft/lib/libcufft.so.11",
  "cusolver/lib/libcusolver.so.11",
  "cusparse/lib/libcusparse.so.12",
  "nvjitlink/lib/libnvJitLink.so.12",
  "cudnn/lib/libcudnn_adv.so.9", // cudnn's RNN and attention
  "nccl/lib/libnccl.so.2", // several GPUs
  "cuda_cupti/lib/libcupti.so.12", // the profiler
];

/** Must be there to be opened. */
export const stubs = [
  "cufft/lib/libcufft.so.11",
  "cusolver/lib/libcusolver.so.11",
  "cusparse/lib/libcusparse.so.12",
];
